"""The caption and the unnumbered notes of the table of variants."""

from collections.abc import Sequence
from math import isfinite

from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.analysis.setting import Setting
from ablation.report.blocks import block_sentences
from ablation.report.blocks.block_columns import opposite_blocks
from ablation.report.methods import setting_sentences
from ablation.report.methods.statistical_test import is_guarded
from ablation.report.tables.columns import OTHER_METRICS, is_judged
from ablation.report.tables.table import Column
from ablation.report.wording import threshold_text
from ablation.report.wording.metric_format import metric_format
from ablation.report.wording.number_format import excludes_zero, is_known
from ablation.report.wording.verdict_text import assumption_sentence, exploratory_sentence, has_verdicts, test_name
from ablation.statistics.protocol import LEVEL
from ablation.statistics.verdict import INCONCLUSIVE
from ablation.text import list_with_more, natural_sort_key, plural

LISTED = 12  # runs in one note


def caption(comparison: Comparison, columns: Sequence[Column], facts: Setting) -> str:
    """State the metric and its images, the setting, the meaning of ±, the number of seeds, and the test of verdicts."""
    sentences = [*exploratory_sentence(comparison), comparison.metric.caption]
    sentences += filter(None, [setting_sentences.caption_sentence(facts)])
    sentences.append(_mean_sentence(comparison))
    if is_judged(comparison) and any(variant.reference for variant in comparison.variants):
        sentences.append(_difference_sentence(comparison))
    if is_judged(comparison) and comparison.margin and has_verdicts(comparison):
        margin = metric_format(comparison).chosen(comparison.margin)
        sentences.append(f"Equivalent: within a margin of {margin} (two one-sided tests, TOST).")
    return " ".join([*sentences, *explanations(comparison, columns).values()])


def explanations(comparison: Comparison, columns: Sequence[Column]) -> dict[str, str]:
    """The sentences that explain single columns, by their keys."""
    keys = {column.key for column in columns}
    texts = {}
    for metric in OTHER_METRICS:
        if metric.key in keys:
            texts[metric.key] = f"{metric.title}: {metric.description}."
    if comparison.threshold:
        texts["threshold"] = threshold_text.caption_sentence(comparison.threshold, comparison.numbers.percent)
    if "diverged" in keys and any(isfinite(variant.divergence_p) for variant in comparison.variants):
        texts["diverged"] = "Diverged: p of Fisher's exact test, not corrected."
    if {"p", "p_adjusted"} <= keys and is_guarded(comparison):
        texts["p"] = "p: not corrected; p, Holm: with the more cautious degrees of freedom of the verdict."
    if "look" in keys:
        texts["look"] = "Look: its seeds and its nominal level."
    if "paired" in keys:
        texts["paired"] = "Paired by seed: the mean difference between runs of equal seed."
    if "correlation" in keys:
        texts["correlation"] = "r: correlation of the two over seeds."
    return texts


def _mean_sentence(comparison: Comparison) -> str:
    counts = sorted({variant.arm.n for variant in comparison.variants if variant.arm.n})
    direction = "higher is better" if comparison.metric.higher else "lower is better"
    if not counts:
        return "No completed run."
    if counts[-1] == 1:
        return f"One seed each, n = 1; {direction}."
    n = f"n = {counts[0]}" if len(counts) == 1 else f"n = {counts[0]} to {counts[-1]}"
    mean = f"{block_sentences.caption_sentence(comparison)} Mean" if comparison.blocks else "Mean"
    return f"{mean} ± half the width of its 95 % CI over seeds (Student's t), {n}; {direction}."


def _difference_sentence(comparison: Comparison) -> str:
    unit = " in percentage points (pp)" * bool(metric_format(comparison).difference_unit)
    text = f"Difference from {_reference(comparison)}{unit}{_difference_interval(comparison)}; "
    if comparison.effects:
        return f"{text}single variants are not judged, only the effects over all of them."
    if comparison.effects_only:
        return f"{text}single variants are not judged."
    if not has_verdicts(comparison):
        return f"{text.removesuffix('; ')}."
    test = test_name(comparison)
    test = test[0].lower() + test[1:] if test.startswith("P") else test
    text += f"verdict by {test}, two-sided at {100 * LEVEL:g} %"
    if comparison.max_seeds:
        text += f" over all interim looks, up to {comparison.max_seeds} seeds"
    if comparison.comparisons > 1:
        text += f", Holm's correction over {comparison.comparisons} comparisons"
    return f"{text}."


def _difference_interval(comparison: Comparison) -> str:
    results = [variant.result for variant in comparison.variants if variant.result]
    if not any(is_known(result.interval) for result in results):
        return ""
    if comparison.max_seeds:
        return " at the look that decided, or at the last one, ± half the width of its repeated 95 % CI"
    return " ± half the width of its 95 % CI"


def _reference(comparison: Comparison) -> str:
    """The baseline; where references differ, a pointer to the column that names them."""
    references = {variant.reference for variant in comparison.variants if variant.reference}
    if comparison.baseline and references <= {comparison.baseline}:
        return comparison.baseline
    return "the variant that each row names"


def general_notes(comparison: Comparison) -> list[str]:
    """Unnumbered notes on the table as a whole."""
    notes = [*comparison.disclosures, *_fewer_pairs(comparison), *_excluding_zero(comparison)]
    assumption = assumption_sentence(comparison)
    if assumption:
        notes.append(assumption)
    if any(variant.budget for variant in comparison.variants):
        notes.append("(budget): this variant deliberately has a different training budget.")
    if not is_judged(comparison) and len(_digests(comparison)) > 1:
        notes.append("The variants were not all trained on the same data.")
    notes += [*comparison.warnings, *opposite_blocks(comparison.variants)]
    excluded = _excluded(comparison)
    if excluded:
        notes.append(f"Excluded: {list_with_more(excluded, LISTED)}.")
    return notes


def _fewer_pairs(comparison: Comparison) -> list[str]:
    """Count the seeds behind paired differences that are fewer than the row's n, because a side lost a run."""
    labels_by_count: dict[tuple[str, int], list[str]] = {}
    for variant in comparison.variants:
        result = variant.result
        if result is None or result.look is not None:
            continue
        if result.pair.paired:
            subject, pairs = "Difference", result.pair.n
        elif result.paired is not None:
            subject, pairs = "Paired difference", result.paired.n
        else:
            continue
        if pairs < variant.arm.n:
            labels_by_count.setdefault((subject, pairs), []).append(variant.label)
    notes = []
    for (subject, pairs), labels in labels_by_count.items():
        seeds = plural(pairs, "seed")
        notes.append(f"{subject} of {list_with_more(labels, LISTED)}: over the {seeds} that both sides have.")
    return notes


def _excluding_zero(comparison: Comparison) -> list[str]:
    """Explain inconclusive verdicts beside intervals that exclude 0."""
    labels = []
    for variant in comparison.variants:
        result = variant.result
        if result and result.verdict == INCONCLUSIVE and excludes_zero(result.interval):
            labels.append(variant.label)
    if not labels:
        return []
    count = comparison.comparisons
    reason = f"The interval is for one comparison alone; the verdict is corrected for {count}."
    return [f"Inconclusive, although the interval excludes 0: {list_with_more(labels, LISTED)}. {reason}"]


def _digests(comparison: Comparison) -> set[str]:
    return {run.digest for variant in comparison.variants for run in variant.runs}


def _excluded(comparison: Comparison) -> list[str]:
    """Excluded runs with the reason, except diverged runs, which have a footnote."""
    in_footnotes = {run.path for variant in comparison.variants for run in variant.diverged}
    excluded = [f"{path.name} ({reason})" for path, reason in comparison.excluded if path not in in_footnotes]
    return sorted(excluded, key=natural_sort_key)
