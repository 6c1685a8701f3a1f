"""Group runs into variants: equal configurations, over their seeds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ablation.comparison.experiments.experiment import Experiment
from ablation.comparison.labels.variant_labels import LONGEST, Label, labels
from ablation.comparison.reading.load import Loaded
from ablation.comparison.reading.run import TABLE, Diverged, Run, Unfinished
from ablation.redaction import printable
from ablation.rundir.plan_parts import PlannedCell
from ablation.rundir.study_plan import StudyPlan
from ablation.text import natural_sort_key, shorten, typed_value


@dataclass(frozen=True)
class Variant:
    """Runs that differ only in their seed, in the order of seeds; in a study, with the fields of their planned cell.

    unfinished, differs, removed, co_changes, budget, planned_seeds, full_label, own_label: as in ComparedVariant.
    """

    label: str
    runs: tuple[Run, ...]
    diverged: tuple[Diverged, ...] = ()
    unfinished: tuple[Unfinished, ...] = ()
    differs: dict[str, tuple[str, str]] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    co_changes: tuple[str, ...] = ()
    budget: bool = False
    planned_seeds: int | None = None
    own_label: str = ""
    full_label: str = ""

    @property
    def cell(self) -> str:
        """The name of its cell in the study's plan."""
        return self.full_label or self.label

    @property
    def first(self) -> Run | Diverged:
        """A run that has ended, for what all runs of the variant share. Raises IndexError if there is none."""
        return (self.runs or self.diverged)[0]

    @property
    def missing(self) -> int:
        """The number of runs without a result: planned ones, or without a plan those that have not ended."""
        if self.planned_seeds is None:
            return len(self.unfinished)
        return max(0, self.planned_seeds - len(self.runs) - len(self.diverged))


def grouped(experiment: Experiment) -> list[Variant]:
    """The variants of an experiment: the cells of its plan, or runs with equal configurations."""
    loaded, plan = experiment.runs, experiment.plan
    if plan is None:
        return variants(loaded.runs, loaded.diverged, loaded.unfinished)
    planned = planned_variants(loaded, plan)
    if experiment.conditions and plan.comparisons:  # a variant without runs was left out on purpose
        return [variant for variant in planned if variant.runs or variant.diverged or variant.unfinished]
    return planned


def variants(
    runs: Iterable[Run], diverged: Iterable[Diverged] = (), unfinished: Iterable[Unfinished] = ()
) -> list[Variant]:
    """Group runs by variant, in the natural order (9 before 10) of the network's name, then of the label.

    Variants whose runs all diverged come last. One of which no run has ended is left out.
    """
    by_variant: dict[str, list[Unfinished]] = {}
    for run in unfinished:
        by_variant.setdefault(run.variant, []).append(run)
    groups: dict[str, list[Run | Diverged]] = {}
    for run in sorted([*runs, *diverged], key=_by_variant_and_seed):
        groups.setdefault(run.variant, []).append(run)
    if not groups:
        return []
    names = _labels([group[0] for group in groups.values()])
    grouped = []
    for name, (key, group) in zip(names, groups.items(), strict=True):
        grouped.append(_variant(name, group, by_variant.get(key, ())))
    return sorted(grouped, key=_by_network_and_label)


def _labels(runs: Sequence[Run | Diverged]) -> list[Label]:
    """The label of each variant; the rows of a table have the names of their variants."""
    if all(run.kind == TABLE for run in runs):
        texts = shorten([printable(run.variant) for run in runs], LONGEST)
        return [Label(text, run.variant) for text, run in zip(texts, runs, strict=True)]
    return labels(runs)


def _variant(label: Label, group: Sequence[Run | Diverged], unfinished: Sequence[Unfinished]) -> Variant:
    completed: list[Run] = []
    diverged: list[Diverged] = []
    for run in group:
        if isinstance(run, Run):
            completed.append(run)
        else:
            diverged.append(run)
    return Variant(
        label=label.text,
        runs=tuple(completed),
        diverged=tuple(diverged),
        unfinished=tuple(unfinished),
        full_label=label.full,
    )


def _by_variant_and_seed(run: Run | Diverged) -> tuple[str, int]:
    return run.variant, run.seed


def _by_network_and_label(variant: Variant) -> tuple[bool, str, str]:
    first = min([*variant.runs, *variant.diverged], key=_by_variant_and_seed)
    return not variant.runs, natural_sort_key(first.network), natural_sort_key(variant.label)


def planned_variants(loaded: Loaded, plan: StudyPlan) -> list[Variant]:
    """Create a variant for each distinct cell of the plan. Its label is the cell's name, shortened if it is long."""
    planned = []
    cells = [cell for cell in plan.cells if cell.same_as is None]
    for cell, label in zip(cells, shorten([cell.name for cell in cells], LONGEST), strict=True):
        fingerprints = set(cell.runs.values())
        runs = [run for run in loaded.runs if run.fingerprint in fingerprints]
        diverged = [run for run in loaded.diverged if run.fingerprint in fingerprints]
        unfinished = [run for run in loaded.unfinished if run.fingerprint in fingerprints]
        planned.append(
            Variant(
                label=label,
                runs=tuple(sorted(runs, key=_seed)),
                diverged=tuple(diverged),
                unfinished=tuple(unfinished),
                differs=_differences(cell),
                removed=cell.removed,
                co_changes=cell.along,
                budget=cell.budget,
                planned_seeds=_planned_seeds(plan, cell, [run.seed for run in (*runs, *diverged)]),
                full_label=cell.name,
            )
        )
    return planned


def _planned_seeds(plan: StudyPlan, cell: PlannedCell, ended: Sequence[int]) -> int | None:
    """The number of runs that a cell should have.

    In a sequential study these are the seeds up to the last that has ended, if one of them is missing; otherwise None,
    because seeds are added as needed.
    """
    if not plan.study.sequential:
        return len(set(cell.runs.values()))
    expected = [seed for seed in plan.study.seeds if seed <= max(ended, default=-1)]
    return len(expected) if len(set(ended)) < len(expected) else None


def _seed(run: Run) -> int:
    return run.seed


def _differences(cell: PlannedCell) -> dict[str, tuple[str, str]]:
    """{changed key: (the baseline's value, the cell's value)}, as a user types them."""
    differences = {}
    for key, (before, after) in cell.differs.items():
        differences[key] = (printable(typed_value(before)), printable(typed_value(after)))
    return differences
