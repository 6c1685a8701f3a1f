"""Group runs into variants: equal configurations, over their seeds."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ablation.comparison.analysis.variant_labels import labels
from ablation.comparison.reading.run import Diverged, Run
from ablation.text import natural_sort_key


@dataclass(frozen=True)
class Variant:
    """Runs that differ in their seed alone, in the order of their seeds; of a study also what its plan says of them.

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
    """Group runs by variant; order by the network's name, then by the label, each naturally (9 before 10).

    Variants of which every run diverged stand last.
    """
    groups: dict[str, list[Run | Diverged]] = {}
    for run in sorted([*runs, *diverged], key=lambda r: (r.variant, r.seed)):
        groups.setdefault(run.variant, []).append(run)
    names = labels([group[0] for group in groups.values()])
    found = []
    for name, group in zip(names, groups.values(), strict=True):
        lost = tuple(run for run in group if isinstance(run, Diverged))
        variant = Variant(name, tuple(run for run in group if not isinstance(run, Diverged)), lost)
        found.append((not variant.runs, natural_sort_key(group[0].network), natural_sort_key(name), variant))
    return [place[-1] for place in sorted(found, key=lambda place: place[:-1])]
