"""Several experiments at a glance: what stands about each on the terminal, on the index page and in index.json."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.experiments.experiment import Experiment, Experiments
from ablation.report.html.header import networks_and_data
from ablation.report.tables.table import Column, Grid, Table
from ablation.report.wording.verdict_text import exploratory_sentence
from ablation.text import list_with_more, plural

COMPACT = ("variant", "n", "metric", "difference", "verdict")  # columns of a compact table
COMPACT_EFFECTS = ("effect", "components", "difference", "verdict")
MAX_ROWS = 12  # of a compact table; the others are counted


@dataclass(frozen=True)
class Compared:
    """An experiment with its comparison. sentences: the findings. folder: below the output folder."""

    experiment: Experiment
    comparison: Comparison
    table: Table
    sentences: Sequence[str]
    folder: str = ""


@dataclass(frozen=True)
class NotCompared:
    """An experiment without a comparison. reason: a sentence."""

    experiment: Experiment
    reason: str


@dataclass(frozen=True)
class Overview:
    """What is known about all experiments, in their order."""

    items: tuple[Compared | NotCompared, ...]
    experiments: Experiments

    @property
    def compared(self) -> list[Compared]:
        return [item for item in self.items if isinstance(item, Compared)]

    def shared(self, experiment: Experiment) -> str:
        """Say how many runs of an experiment count in another one; empty if none does."""
        counts = self.experiments.shared_runs(experiment)
        if not counts:
            return ""
        shares = [f"{plural(count, 'run')} with {name}" for name, count in counts.items()]
        return f"Shares {list_with_more(shares)}, where they are counted."


def compact(table: Table) -> tuple[Grid, int]:
    """The grid with its most important columns, without its caption and notes, and the number of rows left out.

    In a factorial design it is that of the effects.
    """
    grid, keys = (table.variants, COMPACT) if table.effects is None else (table.effects, COMPACT_EFFECTS)
    shown = [_first_cells(column) for column in grid.main_columns if column.key in keys]
    rows = len(grid.columns[0].cells)
    best = tuple(row for row in grid.best_rows if row < MAX_ROWS)
    return Grid("", tuple(shown), best_rows=best), max(0, rows - MAX_ROWS)


def _first_cells(column: Column) -> Column:
    return replace(column, cells=tuple(replace(cell, marks="") for cell in column.cells[:MAX_ROWS]))


def facts(item: Compared | NotCompared) -> list[str]:
    """What an experiment is, what it has and when its newest run started, in short texts."""
    experiment = item.experiment
    texts = ["study"] if experiment.is_study else []
    if isinstance(item, Compared):
        texts += networks_and_data(item.comparison)
    texts.append(run_counts(experiment))
    if experiment.newest:
        texts.append(experiment.newest[:16].replace("T", " "))
    return texts


def lone_result(item: Compared) -> str:
    """`resnet34: test accuracy 0.958 ± 0.004, n = 3` for a single variant; empty for several."""
    if len(item.comparison.variants) != 1:
        return ""
    texts = {column.key: column.cells[0].full_text for column in item.table.variants.columns}
    return f"{texts['variant']}: {item.comparison.metric.name} {texts['metric']}, n = {texts['n']}"


def disclosures(item: Compared) -> list[str]:
    """What must stand beside any verdict: why it is exploratory, and what was changed, repeated or deleted."""
    comparison = item.comparison
    texts = list(exploratory_sentence(comparison)) if comparison.baseline else []
    return list(dict.fromkeys([*texts, *comparison.disclosures]))


def run_counts(experiment: Experiment) -> str:
    """`40 runs`, and those without a result: `40 runs, 2 diverged, 1 running`."""
    counts: dict[str, int] = {}
    for _, reason in experiment.runs.excluded:
        counts[reason] = counts.get(reason, 0) + 1
    texts = [plural(len(experiment.runs.runs), "run")]
    if experiment.runs.superseded:
        texts.append(f"{len(experiment.runs.superseded)} superseded")
    texts += [f"{count} {reason}" for reason, count in counts.items()]
    if experiment.former:
        texts.append(f"{len(experiment.former)} not in the present plan")
    return ", ".join(texts)
