"""The comparison for readers: the columns, what stands in them, what is noted below. Plain text, for no target yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.comparison.reading.run import Run
from ablation.report.wording import threshold_text
from ablation.report.wording.footnotes import Notes, lost
from ablation.report.wording.number_format import NOISE, NOTHING, aligned, count
from ablation.report.wording.verdict_text import NORMAL, RESTS, difference_cell, measured, said_by_labels, verdict_cell
from ablation.statistics.protocol import LEVEL
from ablation.text import duration, list_with_more

LISTED = 12  # runs in one note
# What stands beside the metric where nothing is compared: key, title, what it is, a run's value.
BESIDE: tuple[tuple[str, str, str, Callable[[Run], float]], ...] = (
    ("last", "Val last", "validation accuracy of the last epoch", lambda run: run.val_accuracy),
    ("best", "Val best", "validation accuracy of the best epoch", lambda run: run.best_val_accuracy),
    ("loss", "Train loss", "training loss of the last epoch", lambda run: run.loss),
)


@dataclass(frozen=True)
class Column:
    """title: its head. cells: one a row. words: is it text, which may be folded? Else it is a number."""

    key: str
    title: str
    cells: tuple[str, ...]
    words: bool = False


@dataclass(frozen=True)
class Table:
    """heading: the caption, in sentences. columns: the time last. notes: each a line, the numbered ones first.

    best: the rows with the best mean, where nothing is compared.
    """

    heading: str
    columns: tuple[Column, ...]
    notes: tuple[str, ...]
    best: tuple[int, ...] = ()


def build_table(comparison: Comparison) -> Table:
    """Columns without anything in them are left out; where nothing is compared what else is measured stands there.

    So is what was removed, where the label of each row is made of it: -norm -shortcut.
    """
    rows = comparison.variants
    notes = Notes(rows)
    says = said_by_labels(rows)
    compared = comparison.baseline is not None or any(row.result or row.comparability.blocking for row in rows)
    beside = [] if compared else _beside(comparison)
    columns = [
        _column("variant", "Variant", rows, _variant, words=True),
        *_filled("removed", "Removed", rows, lambda row: "" if says else ", ".join(row.removed)),
        *_filled("along", "With it", rows, lambda row: ", ".join(row.co_changes)),
        _column("n", "n", rows, lambda row: notes.mark(_n(row), lost(row))),
        _column("metric", _capital(comparison.metric.name), rows, lambda row: measured(row, comparison.decimals)),
        *(_judged(comparison, notes) if compared else beside),
        *_threshold(comparison),
        _column("parameters", "Params", rows, lambda row: _first(row, lambda run: count(run.parameters))),
        _column("macs", "MACs", rows, lambda row: _first(row, lambda run: count(run.macs))),
        _column("time", "Time", rows, lambda row: _mean(row, lambda run: run.seconds, duration)),
    ]
    return Table(
        _heading(comparison, compared, beside),
        tuple(columns),
        (*notes.lines(), *_general(comparison, compared)),
        () if compared else best(comparison),
    )


def best(comparison: Comparison) -> tuple[int, ...]:
    """The rows that no other one exceeds in its mean; none where all are level."""
    means = {i: row.arm.mean for i, row in enumerate(comparison.variants) if row.arm.n}
    top = (max if comparison.metric.higher else min)(means.values(), default=0.0)
    found = tuple(i for i, mean in means.items() if abs(mean - top) < NOISE)
    return found if len(found) < len(means) else ()


def _column(
    key: str, title: str, rows: Sequence[ComparedVariant], cell: Callable[[ComparedVariant], str], words: bool = False
) -> Column:
    return Column(key, title, tuple(cell(row) for row in rows), words)


def _filled(
    key: str, title: str, rows: Sequence[ComparedVariant], cell: Callable[[ComparedVariant], str]
) -> list[Column]:
    made = _column(key, title, rows, cell, words=True)
    return [made] if any(made.cells) else []


def _judged(comparison: Comparison, notes: Notes) -> list[Column]:
    rows = comparison.variants
    elsewhere = any(row.reference not in (None, comparison.baseline) for row in rows)
    return [
        *([_column("against", "Against", rows, lambda row: row.reference or "", words=True)] if elsewhere else []),
        _column("difference", "Difference", rows, lambda row: difference_cell(row, comparison.decimals)),
        _column(
            "verdict", "Verdict", rows, lambda row: notes.mark(verdict_cell(comparison, row), notes.of(row)), words=True
        ),
    ]


def _beside(comparison: Comparison) -> list[Column]:
    """What says more than the metric does."""
    rows, made = comparison.variants, []
    told = [[list(row.arm.values.values()) for row in rows]]
    for key, title, _, value in BESIDE:
        values = [[value(run) for run in row.runs] for row in rows]
        if values not in told:
            places = comparison.decimals if comparison.metric.images and key != "loss" else 3
            cells = [aligned(fmean(some), places) if some else NOTHING for some in values]
            made.append(Column(key, title, tuple(cells)))
            told.append(values)
    return made


def _threshold(comparison: Comparison) -> list[Column]:
    found = comparison.threshold
    if found is None:
        return []
    return [
        _column(
            "threshold",
            threshold_text.title(found),
            comparison.variants,
            lambda row: threshold_text.cell(found, row.label),
        )
    ]


def _first(row: ComparedVariant, text: Callable[[Run], str]) -> str:
    return text(row.runs[0]) if row.runs else NOTHING


def _mean(row: ComparedVariant, value: Callable[[Run], float], text: Callable[[float], str]) -> str:
    return text(fmean(map(value, row.runs))) if row.runs else NOTHING


def _variant(row: ComparedVariant) -> str:
    """The label, what the user called its runs, and whether it may differ in its budget."""
    name = ", ".join(dict.fromkeys(run.name for run in row.runs if run.name))
    return " ".join([row.label, *([f"({name})"] if name else []), *(["(budget)"] if row.budget else [])])


def _n(row: ComparedVariant) -> str:
    """Runs that count; of how many, where the plan has more."""
    return (
        f"{row.arm.n} of {row.planned_seeds}"
        if row.planned_seeds is not None and row.arm.n < row.planned_seeds
        else f"{row.arm.n}"
    )


def _heading(comparison: Comparison, compared: bool, beside: Sequence[Column]) -> str:
    """What is measured and on how many images, n, the test and its correction."""
    lines = [comparison.metric.caption, _seeds(sorted({row.arm.n for row in comparison.variants if row.arm.n}))]
    if compared and any(row.reference for row in comparison.variants):
        looks = f" and over looks as seeds came in, to at most {comparison.max_seeds}" if comparison.max_seeds else ""
        text = f"Difference from {_other(comparison)} with half of its 95 % interval; "
        if comparison.effects:  # of a factorial, which are judged in place of its cells
            text += "no cell is judged by itself, but the effects over all are."
        elif comparison.effects_only:
            text += "no cell is judged by itself."
        else:
            text += f"verdict by Welch's t over seeds, two-sided at {100 * LEVEL:g} %, "
            text += f"Holm's correction over {_plural(comparison.comparisons)}{looks}."
        lines.append(text)
    if compared and comparison.margin and not comparison.effects_only:
        lines.append(f"Equivalent: within {comparison.margin:g} of it.")
    shown = {column.key for column in beside}
    told = [f"{title}: {what}" for key, title, what, _ in BESIDE if key in shown]
    lines += [f"{'; '.join(told)}."] if told else []
    return " ".join([*lines, *([threshold_text.told(comparison.threshold)] if comparison.threshold else [])])


def _other(comparison: Comparison) -> str:
    """What the differences are from: the baseline, or what the column beside them names."""
    others = {row.reference for row in comparison.variants if row.reference}
    return comparison.baseline if comparison.baseline and others <= {comparison.baseline} else "what each row names"


def _seeds(counts: Sequence[int]) -> str:
    if not counts or counts[-1] == 1:
        return "One seed each, n = 1." if counts else "No run."
    seeds = f"n = {counts[0]}" if len(counts) == 1 else f"n = {counts[0]} to {counts[-1]}"
    return f"Mean ± half of its 95 % interval over seeds (Student's t), {seeds}."


def _plural(comparisons: int) -> str:
    return "1 comparison" if comparisons == 1 else f"{comparisons} comparisons"


def _general(comparison: Comparison, compared: bool) -> list[str]:
    """Notes on the whole."""
    rows, lines = comparison.variants, []
    if any(row.result and row.result.relies_on_normality for row in rows):
        lines.append(f"{NORMAL} {RESTS}")
    if any(row.budget for row in rows):
        lines.append("(budget) sets how long is trained, and differs in it on purpose.")
    if not compared and len({run.digest for row in rows for run in row.runs}) > 1:  # else the gate tells it
        lines.append("The variants do not share their data.")
    shown = {run.path for row in rows for run in row.diverged}
    left = sorted(f"{path.name} ({reason})" for path, reason in comparison.excluded if path not in shown)
    lines += comparison.warnings
    return [*lines, f"Left out: {list_with_more(left, LISTED)}."] if left else lines


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
