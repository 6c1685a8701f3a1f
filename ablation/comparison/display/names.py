"""Names that a user chose for variants and components, to be shown instead of their labels."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from shlex import quote

from ablation.comparison.analysis.baseline import Lineup
from ablation.comparison.analysis.variants import Variant
from ablation.errors import AblateError, unknown
from ablation.redaction import printable
from ablation.rundir.plan_parts import PlannedCell
from ablation.rundir.study_plan import StudyPlan
from ablation.statistics.factorial import Effect
from ablation.text import duplicates

OPTION = "--rename"


@dataclass(frozen=True)
class DisplayNames:
    """The chosen names, by label. Labels without one keep their own."""

    names: Mapping[str, str] = field(default_factory=dict)

    def of(self, label: str) -> str:
        return self.names.get(label, label)

    def of_all(self, labels: Collection[str]) -> tuple[str, ...]:
        return tuple(map(self.of, labels))

    def of_lineup(self, lineup: Lineup) -> Lineup:
        """Rename the variants, what they remove, and their references."""
        variants = [self._variant(variant) for variant in lineup.variants]
        references = {self.of(label): self.of(reference) for label, reference in lineup.reference_of.items()}
        baseline = None if lineup.baseline is None else self.of(lineup.baseline)
        return Lineup(variants, baseline, references)

    def _variant(self, variant: Variant) -> Variant:
        name = self.of(variant.label)
        own_label = variant.label if name != variant.label else ""
        return replace(variant, label=name, own_label=own_label, removed=self.of_all(variant.removed))

    def of_plan(self, plan: StudyPlan) -> StudyPlan:
        """Rename the cells wherever the plan refers to them. Its hash and its history stay as they are."""
        test = replace(plan.test, paired=self.of_all(plan.test.paired))
        pairs = [(self.of(cell), self.of(reference)) for cell, reference in plan.comparisons]
        cells = [self._cell(cell) for cell in plan.cells]
        seen = None if plan.seen is None else replace(plan.seen, cells=self.of_all(plan.seen.cells))
        return replace(plan, cells=tuple(cells), comparisons=tuple(pairs), test=test, seen=seen)

    def _cell(self, cell: PlannedCell) -> PlannedCell:
        same_as = None if cell.same_as is None else self.of(cell.same_as)
        return replace(cell, name=self.of(cell.name), same_as=same_as)

    def of_effects(self, effects: Sequence[Effect]) -> tuple[Effect, ...]:
        return tuple(replace(effect, components=self.of_all(effect.components)) for effect in effects)


def display_names(typed: Sequence[str], lineup: Lineup, plan: StudyPlan | None) -> DisplayNames:
    """Parse names that were typed as LABEL=NAME, where a label may contain `=` too.

    Raises AblateError for a label that no variant and no component has, for an empty name, and if two variants would
    have one name.
    """
    if not typed:
        return DisplayNames()
    names = {}
    for text in typed:
        label, name = _split(text, _labels(lineup, plan))
        names[label] = name
    chosen = DisplayNames(names)
    _require_unique(chosen.of_all([variant.label for variant in lineup.variants]))
    return chosen


def unknown_names(typed: Sequence[str], lineup: Lineup, plan: StudyPlan | None) -> list[str]:
    """Those of the typed names whose label no variant and no component has."""
    labels = _labels(lineup, plan)
    return [text for text in typed if not _matches(text, labels)]


def _labels(lineup: Lineup, plan: StudyPlan | None) -> list[str]:
    """The labels that can have a name."""
    return [*(variant.label for variant in lineup.variants), *_component_labels(plan)]


def _matches(text: str, labels: Sequence[str]) -> list[str]:
    return [label for label in labels if text.startswith(f"{label}=")]


def _component_labels(plan: StudyPlan | None) -> list[str]:
    labels: list[str] = []
    if plan is not None:
        for component in plan.study.components:
            labels += component.labels()
    return labels


def _split(text: str, labels: Sequence[str]) -> tuple[str, str]:
    """Split LABEL=NAME behind the longest label that it starts with."""
    matches = _matches(text, labels)
    if not matches:
        label = printable(text.partition("=")[0])
        raise unknown("variant or component", label, [quote(label) for label in dict.fromkeys(labels)], OPTION)
    label = max(matches, key=len)
    name = printable(text[len(label) + 1 :]).strip()
    if not name:
        raise AblateError(
            f"A name must not be empty. Received {OPTION} {printable(text)}. Allowed: LABEL=NAME. "
            f"Type for example {OPTION} {quote(f'{label}=my name')}"
        )
    return label, name


def _require_unique(names: Sequence[str]) -> None:
    repeated = duplicates(names)
    if repeated:
        name = names[repeated[0][0]]
        raise AblateError(
            f"Two variants must not have one name. Received {OPTION} for {len(repeated[0])} variants that would all be "
            f"called {name}. Allowed: a name that no other variant has. Type for example "
            f"{OPTION} {quote(f'LABEL={name} (2)')}"
        )
