"""What the table shows in sentences, which claim no more than it does: the verdict, or without one a description."""

from collections.abc import Iterable, Sequence
from math import isnan
from shlex import quote
from statistics import fmean

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.wording.number_format import NOISE, number
from ablation.report.wording.verdict_text import measured
from ablation.report.wording.warnings import careful, marked, names, refused
from ablation.statistics import power
from ablation.statistics.factorial import INTERACTION, MAIN, Effect
from ablation.statistics.protocol import LEVEL, MIN_SEEDS
from ablation.statistics.sequential import WAITING
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCONCLUSIVE, TOO_FEW, WORSE
from ablation.text import list_with_more

SHOWN = 3  # interactions that are told
MOST, FIRST = 12, 6  # arms with their differences in one sentence; of more the first ones


def sentences(comparison: Comparison) -> list[str]:
    """What was found, most certain first; then by which test, and what to be careful of.

    Without a baseline nothing is judged: they describe, and say how to get a verdict.
    """
    if comparison.baseline is None:
        return _described(comparison)
    rows = [row for row in comparison.variants if row.result]
    by = {verdict: [row for row in rows if row.result.verdict == verdict] for verdict in (WORSE, BETTER, EQUIVALENT)}
    said = [
        *_of_effects(comparison),
        *_told(by[WORSE], "Worse", comparison),
        *_told(by[BETTER], "Better", comparison),
        *_equivalent(by[EQUIVALENT], comparison),
        *_open([row for row in rows if row.result.verdict == INCONCLUSIVE], comparison),
        *_waiting([row for row in rows if row.result.verdict == WAITING]),
        *_few([row for row in rows if row.result.verdict == TOO_FEW]),
        *_without(comparison),
        *refused(comparison.variants),
        *_missing(comparison),
    ]
    judged = any(row.result.verdict not in ("", TOO_FEW) for row in rows) or any(
        effect.verdict not in ("", TOO_FEW) for effect in comparison.effects
    )
    return [*said, *([_rule(comparison, rows)] if judged else []), *careful(comparison), *marked(comparison)]


def _of_effects(comparison: Comparison) -> Iterable[str]:
    """Of a factorial: what each removal changes on average over all else, and what goes together."""
    main = [effect for effect in comparison.effects if effect.kind == MAIN]
    for verdict, word in ((WORSE, "Worse"), (BETTER, "Better")):
        some = sorted((e for e in main if e.verdict == verdict), key=lambda e: -abs(e.difference))
        told = [f"{' and '.join(e.components)} ({_effect(e, comparison.decimals)})" for e in some]
        if told:
            yield f"{word} without, averaged over all else: {'; '.join(told)}."
    unsure = [e.components[0] for e in main if e.verdict == INCONCLUSIVE]
    if unsure:
        yield f"Inconclusive, averaged over all else: {names(unsure)}."
    if any(e.verdict == TOO_FEW for e in main):
        yield "Too few seeds for a verdict on effects."
    both = [e for e in comparison.effects if e.kind == INTERACTION and not isnan(e.p)]
    for e in sorted(both, key=lambda e: e.p)[:SHOWN]:
        yield (
            f"Interaction of {' and '.join(e.components)}: with both gone {_effect(e, comparison.decimals)} beyond the "
            f"sum (p = {e.p:.2g}, not corrected)."
        )


def _effect(effect: Effect, places: int) -> str:
    size, low, high = (number(value, places, sign=True) for value in (effect.difference, *effect.interval))
    return size + ("" if isnan(effect.p) else f", 95 % {low} to {high}")


def _told(rows: Sequence[ComparedVariant], word: str, comparison: Comparison) -> Iterable[str]:
    """Whatever is removed there, the largest difference first."""
    if not rows:
        return
    ordered = sorted(rows, key=lambda row: -abs(row.result.difference))
    way = "lower" if (word == "Worse") == comparison.metric.higher else "higher"
    texts = [f"{row.label} ({amount(row, comparison.decimals)}{_beside(row)})" for row in ordered]
    listed = list_with_more(texts, None if len(texts) <= MOST else FIRST, "; ")
    yield f"{word} than {_other(rows)} on {comparison.metric.name}, {way} by: {listed}."


def amount(row: ComparedVariant, places: int) -> str:
    """`0.381, 95 % 0.310 to 0.451`, without the sign, which the sentence tells."""
    found = row.result
    low, high = sorted(bound * (1 if found.difference >= 0 else -1) for bound in found.interval)
    text = number(abs(found.difference), places)
    return text if isnan(low) else f"{text}, 95 % {number(low, places)} to {number(high, places)}"


def _other(rows: Sequence[ComparedVariant]) -> str:
    """What all are compared to; in a cumulative study each to the one before it."""
    others = {row.reference for row in rows}
    return others.pop() if len(others) == 1 else "the cell before it"


def _beside(row: ComparedVariant) -> str:
    along = f", with {', '.join(row.co_changes)}" if row.co_changes else ""
    return along + (", a budget of its own" if row.budget else "")


def _equivalent(rows: Sequence[ComparedVariant], comparison: Comparison) -> Iterable[str]:
    if rows:
        told = names([row.label for row in rows])
        yield f"Equivalent to {_other(rows)} within {comparison.margin:g}: {told}."


def _open(rows: Sequence[ComparedVariant], comparison: Comparison) -> Iterable[str]:
    """Of several the one whose interval reaches farthest."""
    if not rows:
        return
    known = [row for row in rows if not isnan(row.result.interval[0])]
    told = f"Inconclusive: {names([row.label for row in rows])}."
    if known:
        widest = max(known, key=lambda row: max(map(abs, row.result.interval)))
        low, high = (number(end, comparison.decimals, sign=True) for end in widest.result.interval)
        which = f"The interval that reaches farthest, of {widest.label}," if len(rows) > 1 else "Its interval"
        told += f" {which} is {low} to {high}."
    yield told


def _waiting(rows: Sequence[ComparedVariant]) -> Iterable[str]:
    if rows:
        yield f"Not yet decided: {names([row.label for row in rows])}. Type the study's command again to add seeds."


def _few(rows: Sequence[ComparedVariant]) -> Iterable[str]:
    if rows:
        yield (
            f"Too few seeds for a verdict: {names([row.label for row in rows])}. It takes {MIN_SEEDS} on both sides, "
            f"for example seed=0,1,2."
        )


def _without(comparison: Comparison) -> Iterable[str]:
    """Arms of which, or of what they are compared to, no run completed; and a baseline that stands alone."""
    if not any(row.reference for row in comparison.variants):
        yield f"Nothing to compare {comparison.baseline} with."
    has = {row.label: bool(row.runs) for row in comparison.variants}
    gone = [row for row in comparison.variants if row.reference and not (has[row.label] and has[row.reference])]
    lacking = dict.fromkeys(label for row in gone for label in (row.reference, row.label) if not has[label])
    if gone:
        yield f"Not judged: {names([row.label for row in gone])}, for no run of {names(list(lacking))} completed."


def _missing(comparison: Comparison) -> Iterable[str]:
    gone = [row for row in comparison.variants if row.planned_seeds and len(row.runs) < row.planned_seeds]
    if gone:
        some = names([f"{row.label} has {len(row.runs)} of {row.planned_seeds}" for row in gone])
        yield f"Not all planned runs are there: {some}."


def _rule(comparison: Comparison, rows: Sequence[ComparedVariant]) -> str:
    many = comparison.comparisons
    if comparison.max_seeds:
        return (
            f"Judged as seeds came in, from {MIN_SEEDS} to at most {comparison.max_seeds}: Welch's t over seeds at "
            f"levels that hold {LEVEL:.0%} over all looks (Lan and DeMets) and {many} comparisons (Holm). Intervals "
            "take no account of the looks."
        )
    holm = f", Holm over {many} comparisons" if many > 1 else ""
    text = f"Judged by Welch's t over seeds, two-sided {LEVEL:.0%}{holm}"
    normal = any(row.result.relies_on_normality for row in rows)
    return f"{text}; under normal noise, for so few runs permutations alone reach no such p." if normal else f"{text}."


def seeds(comparison: Comparison, wanted: float) -> str:
    """How many seeds of each arm tell a difference, as a range, from how much seeds change the arms on average."""
    arms = [row.arm for row in comparison.variants if not row.comparability.blocking]
    if max((arm.n for arm in arms), default=0) < MIN_SEEDS:
        return f"To say how many seeds tell a difference of {wanted:g}, an arm with {MIN_SEEDS} seeds is needed."
    few, many = power.seeds_to_detect(wanted, arms, LEVEL / max(1, comparison.comparisons))
    told = dict.fromkeys(f"{count:,}" if count else f"more than {power.MAX_SEEDS:,}" for count in (few, many))
    what = "runs on each side of an effect" if comparison.effects else "seeds of each"
    return f"To tell a difference of {wanted:g} takes {'between ' if len(told) > 1 else ''}{' and '.join(told)} {what}."


def _described(comparison: Comparison) -> list[str]:
    way = -1 if comparison.metric.higher else 1
    ranked = sorted((row for row in comparison.variants if row.arm.n), key=lambda row: way * row.arm.mean)
    if len(ranked) < 2:
        alone = [f"Nothing to compare {row.label} with. Its {_has(row, comparison)}." for row in ranked]
        return [*alone, _caution(ranked)]
    return [
        _leads(ranked, comparison),
        *_close(ranked),
        *_training(ranked, comparison),
        _caution(ranked),
        f"For a verdict name what the others are judged against: --baseline {quote(ranked[0].label)}",
    ]


def _leads(ranked: Sequence[ComparedVariant], comparison: Comparison) -> str:
    first, second, *_, last = (*ranked, ranked[-1])
    high, low = ("highest", "lowest") if comparison.metric.higher else ("lowest", "highest")
    if _level(first, second):
        level = [row.label for row in ranked if _level(row, first)]
        return f"{names(level)} are level, {high} on {_has(first, comparison)}."
    text = f"{first.label} is {high} on {_has(first, comparison)}, {_apart(first, second, comparison)}"
    return f"{text}." if len(ranked) == 2 else f"{text}, the next, and {_apart(first, last, comparison)}, the {low}."


def _level(one: ComparedVariant, other: ComparedVariant) -> bool:
    return abs(one.arm.mean - other.arm.mean) < NOISE


def _has(row: ComparedVariant, comparison: Comparison) -> str:
    seeds = "1 seed" if row.arm.n == 1 else f"{row.arm.n} seeds"
    return f"{comparison.metric.name}: {measured(row, comparison.decimals)} ({seeds})"


def _apart(first: ComparedVariant, other: ComparedVariant, comparison: Comparison) -> str:
    gap = number(abs(first.arm.mean - other.arm.mean), comparison.decimals)
    way = "above" if comparison.metric.higher else "below"
    return f"{gap} {way} {other.label} ({measured(other, comparison.decimals)})"


def _close(ranked: Sequence[ComparedVariant]) -> Iterable[str]:
    """Say so where the lead is smaller than what a seed alone moves."""
    first, second = ranked[:2]
    lead = abs(first.arm.mean - second.arm.mean)
    if NOISE <= lead < max(first.arm.sd, second.arm.sd):
        yield f"Its lead over {second.label} is smaller than one standard deviation over seeds."


def _training(ranked: Sequence[ComparedVariant], comparison: Comparison) -> Iterable[str]:
    """Does the training loss rank them alike? Nothing where it is the metric."""
    if comparison.metric.key == "loss":
        return
    losses = {row.label: fmean(run.loss for run in row.runs) for row in ranked}
    lowest = [label for label, loss in losses.items() if loss == min(losses.values())]
    best = [row.label for row in ranked if _level(row, ranked[0])]
    told = f"in the last epoch it is lowest for {names(lowest)}, {number(min(losses.values()))}"
    if set(lowest).isdisjoint(best):
        yield f"Training loss disagrees: {told}; {best[0]} has {number(losses[best[0]])}."
    else:
        yield f"Training loss {'agrees' if lowest == best else 'does not tell them apart'}: {told}."


def _caution(rows: Sequence[ComparedVariant]) -> str:
    few = [f"{row.label} has {row.arm.n}" for row in rows if row.arm.n < MIN_SEEDS]
    if few:
        return f"Too few seeds to tell: {names(few)}. Run at least {MIN_SEEDS} of each, for example seed=0,1,2."
    return "This describes these runs; it is no test of significance."
