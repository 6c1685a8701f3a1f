"""Caption of the forest plot: which intervals are drawn, and why a verdict may look at odds with one."""

from collections.abc import Sequence

from ablation.comparison.analysis.comparison import Comparison
from ablation.redaction import printable
from ablation.report.plots.axis import Scale
from ablation.report.plots.forest_data import EQUIVALENCE, ForestRow, is_drawn
from ablation.report.wording.metric_format import metric_format
from ablation.report.wording.number_format import excludes_zero
from ablation.report.wording.verdict_text import assumption_sentence, exploratory_sentence, test_name
from ablation.statistics.verdict import BETTER, INCOMPLETE, INCONCLUSIVE, TOO_FEW, WHERE_TRAINED, WORSE
from ablation.text import list_with_more, plural

MAX_NAMES = 4  # names in one sentence
ARROW = "Arrow: the interval continues beyond the axis, to the value beside it."


def disclosures(comparison: Comparison) -> list[str]:
    """What a reader must know before any verdict: why it is exploratory, and what changed after there was data."""
    sentences = dict.fromkeys([*exploratory_sentence(comparison), *comparison.disclosures])
    return list(map(printable, sentences))


def forest_notes(comparison: Comparison, rows: Sequence[ForestRow], x: Scale, total: int) -> list[str]:
    """Explain the intervals and verdicts of the forest plot, and say how many variants are not drawn.

    x: the scale of its axis. total: number of differences, drawn or not.
    """
    notes = [*_intervals(comparison, rows), *dot_notes(rows, x)]
    if any(_is_cut(row, x) for row in rows):
        notes.append(ARROW)
    notes += _test(comparison)
    notes += later_steps(rows)
    notes += _excluding_zero(comparison, rows)
    notes += without_verdict(rows)
    if comparison.margin:
        margin = metric_format(comparison).chosen(comparison.margin)
        notes.append(f"Green band: the equivalence margin, {margin} to either side.")
    assumption = assumption_sentence(comparison)
    if assumption:
        notes.append(assumption)
    if len(rows) < total:
        notes.append(f"Only the {len(rows)} largest of {total:,} differences are shown.")
    blocked = [variant for variant in comparison.variants if variant.comparability.blocking]
    if blocked:
        notes.append(f"Not shown, because not comparable: {plural(len(blocked), 'variant')}.")
    return notes


def dot_notes(rows: Sequence[ForestRow], x: Scale) -> list[str]:
    """Say what the dots are, and how many lie beyond the axis."""
    with_dots = [row for row in rows if row.dots]
    if not with_dots:
        return []
    paired = [row for row in with_dots if row.paired]
    runs, pairs = "each run minus the mean of its reference", "the difference of each pair of runs of equal seed"
    if len(paired) == len(with_dots):
        notes = [f"Dots: {pairs}."]
    elif paired:
        notes = [f"Dots: {runs}; for {_names(paired)}, {pairs}."]
    else:
        notes = [f"Dots: {runs}."]
    beyond = sum(1 for row in with_dots for dot in row.dots if not x.low <= dot <= x.high)
    if beyond:
        notes.append(f"Beyond the axis: {plural(beyond, 'dot')}.")
    return notes


def _is_cut(row: ForestRow, x: Scale) -> bool:
    return any(low < x.low or high > x.high for low, high in row.drawn)


def _names(rows: Sequence[ForestRow]) -> str:
    return list_with_more([row.name for row in rows], MAX_NAMES)


def _intervals(comparison: Comparison, rows: Sequence[ForestRow]) -> list[str]:
    """Say what the thick and the thin interval are."""
    kind = "repeated 95 % CI" if comparison.max_seeds else "95 % CI"
    thick = any(is_drawn(row.thick) for row in rows if row.kind != EQUIVALENCE)
    thin = any(is_drawn(row.thin) for row in rows)
    notes = []
    if thick:
        notes.append(_thick_note(comparison, kind))
    if thin:
        notes.append(f"Thin line: {kind} of this difference alone.")
    if comparison.max_seeds and (thick or thin):
        notes.append("Repeated: valid at all interim looks together.")
    equivalent = [row for row in rows if row.kind == EQUIVALENCE]
    if equivalent:
        bar = "the thick bar" if thick or thin else "the bar"
        notes.append(f"For {_names(equivalent)}, {bar} is the 90 % CI, which lies within the margin (TOST).")
    return notes


def _thick_note(comparison: Comparison, kind: str) -> str:
    if comparison.effects_only:
        return f"Bar: {kind} of this difference alone."
    if comparison.comparisons > 1:
        return f"Thick bar: {kind} for all {comparison.comparisons} comparisons together (Bonferroni)."
    return f"Bar: {kind}."


def _test(comparison: Comparison) -> list[str]:
    """The test behind verdicts and intervals, and what verdicts are corrected for."""
    if comparison.effects_only:
        return ["Individual differences are not tested; only effects are."]
    correction = []
    if comparison.comparisons > 1:
        correction.append(f"Holm's correction for {comparison.comparisons} comparisons")
    if comparison.max_seeds:
        correction.append("interim looks")
    suffix = f", with {' and '.join(correction)}" if correction else ""
    test = test_name(comparison).replace("Paired", "paired", 1)
    return [f"Verdicts: {test}{suffix}."]


def later_steps(rows: Sequence[ForestRow]) -> list[str]:
    """Explain verdicts beside a thick bar that contains 0."""
    later = [row for row in rows if row.by_later_step and row.outcome in (BETTER, WORSE)]
    if not later:
        return []
    return [
        f"For {_names(later)}, the thick bar contains 0: only a later step of Holm's procedure, which is less strict "
        "than Bonferroni's correction, decided."
    ]


def _excluding_zero(comparison: Comparison, rows: Sequence[ForestRow]) -> list[str]:
    """Explain inconclusive verdicts beside a thin line that excludes 0."""
    excluding = [row for row in rows if row.outcome == INCONCLUSIVE and excludes_zero(row.thin)]
    if not excluding:
        return []
    reason = f"the verdict accounts for all {comparison.comparisons} comparisons"
    return [f"For {_names(excluding)}, the thin line excludes 0, but it is of this difference alone: {reason}."]


def without_verdict(rows: Sequence[ForestRow]) -> list[str]:
    """Explain rows whose text replaces a verdict."""
    verdicts = {row.outcome for row in rows}
    notes = []
    if WHERE_TRAINED in verdicts:
        notes.append("Where it trained: diverged runs have no value, so the others alone allow no verdict.")
    if INCOMPLETE in verdicts:
        notes.append("Incomplete: runs are missing, so there is no verdict.")
    if TOO_FEW in verdicts and any(is_drawn(row.thick) for row in rows):
        notes.append("Too few seeds: only the thin line is drawn.")
    return notes
