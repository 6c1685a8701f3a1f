"""Group runs into variants: equal configurations, over their seeds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ablation.comparison.analysis.variant_labels import labels
from ablation.comparison.reading.load import Loaded
from ablation.comparison.reading.run import Diverged, Run
from ablation.redaction import printable
from ablation.rundir.plan_parts import PlannedCell
from ablation.rundir.study_plan import StudyPlan
from ablation.text import natural_sort_key, typed_value


@dataclass(frozen=True)
class Variant:
    """Runs that differ only in their seed, in the order of seeds; in a study, with the fields of their planned cell.

    differs, removed, co_changes, budget, planned_seeds: as in ComparedVariant.
    """

    label: str
    runs: tuple[Run, ...]
    diverged: tuple[Diverged, ...] = ()
    differs: dict[str, tuple[str, str]] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    co_changes: tuple[str, ...] = ()
    budget: bool = False
    planned_seeds: int | None = None


def variants(runs: Iterable[Run], diverged: Iterable[Diverged] = ()) -> list[Variant]:
    """Group runs by variant, in the natural order (9 before 10) of the network's name, then of the label.

    Variants whose runs all diverged come last.
    """
    groups: dict[str, list[Run | Diverged]] = {}
    for run in sorted([*runs, *diverged], key=_by_variant_and_seed):
        groups.setdefault(run.variant, []).append(run)
    names = labels([group[0] for group in groups.values()])
    grouped = [_variant(name, group) for name, group in zip(names, groups.values(), strict=True)]
    return sorted(grouped, key=_by_network_and_label)


def _variant(label: str, group: Sequence[Run | Diverged]) -> Variant:
    completed: list[Run] = []
    diverged: list[Diverged] = []
    for run in group:
        if isinstance(run, Run):
            completed.append(run)
        else:
            diverged.append(run)
    return Variant(label, tuple(completed), tuple(diverged))


def _by_variant_and_seed(run: Run | Diverged) -> tuple[str, int]:
    return run.variant, run.seed


def _by_network_and_label(variant: Variant) -> tuple[bool, str, str]:
    first = min([*variant.runs, *variant.diverged], key=_by_variant_and_seed)
    return not variant.runs, natural_sort_key(first.network), natural_sort_key(variant.label)


def planned_variants(loaded: Loaded, plan: StudyPlan) -> list[Variant]:
    """Create a variant for each distinct cell of the plan."""
    planned = []
    for cell in plan.cells:
        if cell.same_as is not None:
            continue
        fingerprints = set(cell.runs.values())
        runs = [run for run in loaded.runs if run.fingerprint in fingerprints]
        diverged = [run for run in loaded.diverged if run.fingerprint in fingerprints]
        planned.append(
            Variant(
                label=cell.name,
                runs=tuple(sorted(runs, key=_seed)),
                diverged=tuple(diverged),
                differs=_differences(cell),
                removed=cell.removed,
                co_changes=cell.along,
                budget=cell.budget,
                planned_seeds=None if plan.study.sequential else len(fingerprints),
            )
        )
    return planned


def _seed(run: Run) -> int:
    return run.seed


def _differences(cell: PlannedCell) -> dict[str, tuple[str, str]]:
    """{changed key: (the baseline's value, the cell's value)}, as a user types them."""
    differences = {}
    for key, (before, after) in cell.differs.items():
        differences[key] = (printable(typed_value(before)), printable(typed_value(after)))
    return differences
