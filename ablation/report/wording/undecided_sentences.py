"""Variants without a verdict, as sentences: which side lacks what."""

from collections.abc import Iterable, Sequence

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.comparison.reading.run import TABLE
from ablation.report.wording.number_format import p_value
from ablation.report.wording.verdict_sentences import judged_variants
from ablation.report.wording.verdict_text import diverged_share, is_all_diverged, is_short, missing_runs
from ablation.report.wording.warnings import names
from ablation.statistics.protocol import MIN_SEEDS
from ablation.statistics.sequential import WAITING
from ablation.statistics.verdict import INCOMPLETE, TOO_FEW, PairResult
from ablation.text import list_with_more, plural

SEPARATE = 6  # variants whose runs all diverged that each get a sentence


def undecided_sentences(comparison: Comparison) -> Iterable[str]:
    """Say which variants have no verdict yet, and what each one needs."""
    waiting = [each.variant.label for each in judged_variants(comparison, WAITING)]
    if waiting:
        advice = "" if comparison.conditions else " Run the study's command again to add seeds."
        yield f"Not yet decided: {names(waiting)}.{advice}"
    yield from _too_few_seeds(comparison)
    if not comparison.effects:  # the sentences on effects name cells without runs
        yield from _without_runs(comparison)


# ---------------------------------------------------------------- too few seeds


def _too_few_seeds(comparison: Comparison) -> Iterable[str]:
    """Name each side that is short of runs; where neither is, the seeds that both have."""
    texts: dict[str, None] = {}
    short: list[ComparedVariant] = []
    paired = False
    for each in judged_variants(comparison, TOO_FEW):
        sides = (each.variant, comparison.variant(str(each.variant.reference)))
        short_sides = [side for side in sides if is_short(side)]
        for side in short_sides:
            texts[seeds_of(side)] = None
        if not short_sides:
            texts[_seeds_in_common(*sides, each.result)] = None
        short += short_sides or sides
        paired = paired or each.result.pair.paired
    if texts:
        runs = f"{MIN_SEEDS} completed runs{' of the same seeds' if paired else ''}"
        yield (
            f"Too few seeds for a verdict: {names(list(texts))}. A variant and its reference each need {runs}"
            f"{_how_to_add_seeds(comparison, short)}."
        )


def seeds_of(variant: ComparedVariant) -> str:
    """`-norm has 2`; with diverged runs, `-norm has 2 (1 of 3 diverged)`."""
    lost = f" ({diverged_share(variant)} diverged)" if variant.diverged else ""
    return f"{variant.label} has {variant.arm.n}{lost}"


def _seeds_in_common(variant: ComparedVariant, reference: ComparedVariant, result: PairResult) -> str:
    lost = [f"{each.label}: {diverged_share(each)} diverged" for each in (variant, reference) if each.diverged]
    shares = f" ({'; '.join(lost)})" if lost else ""
    return f"{variant.label} and {reference.label} have {plural(result.pair.n, 'seed')} in common{shares}"


def _how_to_add_seeds(comparison: Comparison, short: Sequence[ComparedVariant]) -> str:
    """Advice that the command takes; empty where the study has all its seeds, so that only another plan helps."""
    if comparison.max_seeds:
        can_grow = all(len(each.runs) + len(each.diverged) < comparison.max_seeds for each in short)
        return "; the study's command adds them" if can_grow else ""
    if any((each.planned_seeds or 0) >= MIN_SEEDS for each in short):
        return ""
    return f", for example {seeds_example(comparison, short)}"


def seeds_example(comparison: Comparison, short: Sequence[ComparedVariant]) -> str:
    """Words that give each variant enough seeds, one more for each diverged run; a study refuses the key `seed`."""
    seeds = MIN_SEEDS + max((len(variant.diverged) for variant in short), default=0)
    if comparison.study is not None:
        return f"study.seeds={seeds}"
    return f"seed={','.join(map(str, range(seeds)))}"


# ---------------------------------------------------------------- no completed run


def _without_runs(comparison: Comparison) -> Iterable[str]:
    """Name the variants without a verdict because they, or their references, have no completed run."""
    compared = [variant for variant in comparison.variants if variant.reference]
    if not compared:
        yield f"There is nothing to compare {comparison.baseline} with."
    yield from _all_diverged_sentences(comparison, [variant for variant in compared if is_all_diverged(variant)])
    empty = [variant.label for variant in compared if not variant.runs and not is_all_diverged(variant)]
    if empty:
        yield f"No verdict on {names(empty)}: none of {'its' if len(empty) == 1 else 'their'} runs has completed."
    affected: dict[str, list[str]] = {}
    for variant in compared:
        if variant.runs and not comparison.variant(str(variant.reference)).runs:
            affected.setdefault(str(variant.reference), []).append(variant.label)
    for reference, labels in affected.items():
        yield f"No verdict on {names(labels)}: {reason_without_runs(comparison.variant(reference))}."


def reason_without_runs(variant: ComparedVariant) -> str:
    """Say why a variant has no completed run: `all 10 runs of -norm diverged`, `no run of -norm has completed`."""
    if not is_all_diverged(variant):
        return f"no run of {variant.label} has completed"
    count = len(variant.diverged)
    return f"{'the only run' if count == 1 else f'all {count:,} runs'} of {variant.label} diverged"


def _all_diverged_sentences(comparison: Comparison, variants: Sequence[ComparedVariant]) -> Iterable[str]:
    """Say of each variant how its runs and those of its reference ended; of many, name the rest."""
    for variant in variants[:SEPARATE]:
        count = len(variant.diverged)
        runs = "its only run" if count == 1 else f"all of its {count:,} runs"
        yield f"No verdict on {variant.label}: {runs} diverged{divergence_in_brackets(comparison, variant)}."
    rest = [variant.label for variant in variants[SEPARATE:]]
    if rest:
        yield f"No verdict on {plural(len(rest), 'more variant')}, of which all runs diverged: {names(rest)}."


def divergence_in_brackets(comparison: Comparison, variant: ComparedVariant) -> str:
    """` (baseline: 0 of 10; Fisher's exact test: p = 1e-05)`; empty for a variant without a reference."""
    if variant.reference is None:
        return ""
    reference = comparison.variant(variant.reference)
    p = p_value(variant.divergence_p)
    return f" ({reference.label}: {diverged_share(reference)}; Fisher's exact test: p = {p})"


def missing_runs_sentences(comparison: Comparison) -> Iterable[str]:
    """Say which variants are incomplete."""
    incomplete = []
    for variant in comparison.variants:
        if variant.missing:
            incomplete.append(f"{variant.label} {missing_runs(variant)}")
    if incomplete:
        without = any(variant.result and variant.result.verdict == INCOMPLETE for variant in comparison.variants)
        consequence = "; without these runs there is no verdict" if without else ""
        advice = "Run the same command again to finish them."
        if comparison.kind == TABLE:
            advice = "Finish these runs, and export the table again."
        if comparison.conditions:
            advice = f"Runs were left out by {list_with_more(comparison.conditions)}."
        yield f"Incomplete: {names(incomplete)}{consequence}. {advice}"


def cells_without_effects(comparison: Comparison) -> Iterable[str]:
    """Say which cells of a factorial design leave its main effects without a verdict."""
    for variant in comparison.variants:
        if is_all_diverged(variant):
            reason = reason_without_runs(variant)
            yield f"No verdict on main effects: {reason}{divergence_in_brackets(comparison, variant)}."
    empty = [each.label for each in comparison.variants if not each.runs and not each.diverged]
    if empty:
        yield f"No verdict on main effects: no run of {names(empty)} has completed."
    short = [each for each in comparison.variants if is_short(each) and each.runs]
    if short:
        texts = list_with_more([seeds_of(each) for each in short], SEPARATE)
        yield (
            f"Too few seeds for a verdict on main effects: {texts}. Each cell needs {MIN_SEEDS} completed runs"
            f"{_how_to_add_seeds(comparison, short)}."
        )
