"""The plan of a study (plan.json): the runs and the statistical test, frozen before there is data.

A hash covers the frozen part. If a study has changed, the user is shown the changes, and the earlier plan is kept
beside the new one. The plan also caches the sizes of networks (`networks`), the results of the preflight check
(`checked`) and timings (`measured`). These depend only on configs and code, so a new plan takes them over.
"""

import dataclasses
import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ablation.config import plugins
from ablation.config.fingerprint import IGNORED
from ablation.config.network_structure import shares_initial_weights
from ablation.config.schema import Config, flat
from ablation.redaction import public
from ablation.rundir import files, layout, study_plan
from ablation.rundir.declared_study import AUTO, PAIRED
from ablation.rundir.plan_parts import Fraction, PlannedCell, PlannedTest
from ablation.rundir.study_plan import StudyPlan
from ablation.runtime import provenance
from ablation.statistics import protocol
from ablation.study import fractional
from ablation.study.cells import Cell, Cells
from ablation.study.fractional import LETTERS, letters
from ablation.study.spec import Component, Study
from ablation.text import typed_value

RULES = ("seeds", "stopping", "test", "margin")  # fields of a study that decide when and how it is judged
KEPT_ASIDE = "plan-not-as-written.json"
DECLARED = ("question", "baseline", "typed", "design", "resolution", "cells", *RULES)  # compared field by field
KEY_LENGTH = 16  # hexadecimal digits
Changes = dict[str, tuple[Any, Any]]  # from the baseline: {key: (value in the baseline, value in the cell)}


@dataclass
class Plan:
    """A study, its cells and its plan on disk.

    frozen: the plan without cached results. place: the path of plan.json. networks, checked, measured: cached results,
    keyed by a digest of what they describe. earlier: the plan that this one replaces, if it differs. foreign: True if
    the file at `place` is not a valid plan. supersedes: the hash of the previous plan.
    """

    study: Study
    cells: Cells
    frozen: StudyPlan
    place: Path
    networks: dict[str, dict[str, Any]] = field(default_factory=dict)
    checked: dict[str, dict[str, Any]] = field(default_factory=dict)
    measured: dict[str, dict[str, Any]] = field(default_factory=dict)
    earlier: StudyPlan | None = None
    foreign: bool = False
    supersedes: str | None = None

    @property
    def hash(self) -> str:
        """64 hexadecimal digits."""
        return self.frozen.hash

    def save(self) -> None:
        """Write plan.json, and keep a different or invalid one beside it. Raises AblateError if writing fails."""
        with files.writing(self.place.parent):
            self.place.parent.mkdir(parents=True, exist_ok=True)
            if self.earlier is not None and self.supersedes:
                self._keep(f"plan-{self.supersedes[:8]}.json")
            if self.foreign:
                self._keep(KEPT_ASIDE)
                self.foreign = False
            whole = dataclasses.replace(
                self.frozen,
                supersedes=self.supersedes,
                networks=self.networks,
                checked=self.checked,
                measured=self.measured,
            )
            text = public(json.dumps(whole.to_json(), indent=1, allow_nan=False))
            files.replace(self.place, text.encode())

    def _keep(self, name: str) -> None:
        """Rename the file at `place`, unless a file with the new name already exists."""
        beside = self.place.with_name(name)
        if self.place.exists() and not beside.exists():
            os.replace(self.place, beside)

    def changes(self) -> list[str]:
        """The differences from the earlier plan, one sentence each."""
        return _changes(self.earlier, self.frozen) if self.earlier is not None else []


def make(study: Study, cells: Cells) -> Plan:
    """Plan a study, with the cached results of the plan that is already on disk."""
    place = layout.plan_path(Path(cells.baseline.config.outputs), study.name)
    written = json.loads(public(json.dumps(_frozen(study, cells).to_json())))
    plan = Plan(study, cells, StudyPlan.from_json(written).with_hash(), place)  # equal to what is read back
    before = study_plan.read_plan(place)
    plan.foreign = before is None and place.exists()
    if before is not None:
        plan.networks, plan.checked, plan.measured = before.networks, before.checked, before.measured
        if before.hash == plan.hash:
            plan.supersedes = before.supersedes
        else:
            plan.earlier, plan.supersedes = before, before.hash
    return plan


def _frozen(study: Study, cells: Cells) -> StudyPlan:
    pairs = cells.pairs(study)
    comparisons = len(pairs) or sum(study.sizes)  # a factorial design compares effects, one per removal
    terms = {**protocol.TEST, "metric": protocol.METRIC}
    if study.sequential:
        terms["sequential"] = protocol.SEQUENTIAL
    plan = StudyPlan(
        study=study,
        test=PlannedTest(comparisons, terms),
        cells=tuple(_cell(study, cell) for cell in cells.design),
        comparisons=tuple(pairs),
        fraction=_fraction(study),
    )
    return dataclasses.replace(plan, test=dataclasses.replace(plan.test, paired=_paired(plan)))


def _paired(plan: StudyPlan) -> tuple[str, ...]:
    """The cells whose comparison is paired by seed, decided before there is data.

    With `auto`, these are the comparisons of sequential studies and of those with enough seeds, if both cells start
    from shared initial weights: otherwise runs of one seed are hardly correlated.
    """
    study, pairs = plan.study, plan.pairs()
    if study.test == PAIRED:
        return tuple(cell for cell, _ in pairs)
    has_enough_seeds = study.sequential or len(study.seeds) >= protocol.PAIRED_SEEDS
    if study.test != AUTO or not has_enough_seeds:
        return ()
    changes = {cell.name: cell.differs for cell in plan.cells}
    paired = []
    for cell, reference in pairs:
        if shares_initial_weights(_differing(changes[cell], changes[reference])):
            paired.append(cell)
    return tuple(paired)


def _differing(cell: Changes, reference: Changes) -> set[str]:
    """The keys in which two cells differ. cell, reference: their changes from the baseline."""
    return {key for key in cell.keys() | reference.keys() if cell.get(key) != reference.get(key)}


def _cell(study: Study, cell: Cell) -> PlannedCell:
    names = [component.name for component in study.components]
    return PlannedCell(
        name=cell.name,
        levels=dict(zip(names, cell.levels, strict=True)),
        removed=cell.removed,
        along=cell.along,
        budget=cell.budget,
        overrides=cell.overrides,
        differs=cell.differs,
        implied=cell.implied,
        same_as=cell.same_as,
        runs={str(seed): where.fingerprint for seed, where in zip(study.seeds, cell.runs, strict=True)},
    )


def _fraction(study: Study) -> Fraction | None:
    """The letters, generators, defining relation and aliases of a fractional design; None for other designs."""
    if study.design != "fractional":
        return None
    design = fractional.fraction(len(study.components), study.resolution or fractional.LOWEST_RESOLUTION)
    names = [component.name for component in study.components]
    generators = []
    for factor, word in enumerate(design.generators, design.base):
        generators.append(f"{LETTERS[factor]} = {letters(word)}")
    return Fraction(
        letters=dict(zip(LETTERS, names, strict=False)),
        resolution=design.resolution,
        generators=tuple(generators),
        relation=_in_letters(design.relation()),
        aliases=tuple(map(_in_letters, design.aliases())),
    )


def _in_letters(words: Iterable[int]) -> tuple[str, ...]:
    return tuple(map(letters, words))


def network_key(cfg: Config, shape: Sequence[int], classes: int) -> str:
    """A digest of everything that shapes the network's graph. shape: (height, width, channels) of its input."""
    settings = {name: value for name, value in flat(cfg).items() if name.startswith("model.")}
    settings["own"] = plugins.digests(cfg.plugins, settings)
    parts = {"model": settings, "shape": list(shape), "classes": classes, "code": provenance.code()}
    return files.digest(parts)[:KEY_LENGTH]


def config_key(cfg: Config, run: str) -> str:
    """A digest of everything that shapes a run, including its seed, code and library versions. run: its fingerprint."""
    settings = {name: value for name, value in flat(cfg).items() if name not in IGNORED}
    parts = {"config": settings, "run": run, "code": provenance.code(), "versions": provenance.versions()}
    return files.digest(parts)[:KEY_LENGTH]


def _changes(before: StudyPlan, now: StudyPlan) -> list[str]:
    """The differences between two plans, one sentence each."""
    sentences = _changed_fields(before.study, now.study)
    sentences += _changed_components(before.study.components, now.study.components)
    if before.test != now.test:
        sentences.append("the statistical test")
    return sentences or [_changed_runs(before, now)]


def _changed_fields(before: Study, now: Study) -> list[str]:
    sentences = []
    for name in DECLARED:
        old, new = getattr(before, name), getattr(now, name)
        if old != new:
            sentences.append(f"{name}: {_shown(old)} before, {_shown(new)} now")
    return sentences


def _changed_components(before: Iterable[Component], now: Iterable[Component]) -> list[str]:
    old = {component.name: component for component in before}
    new = {component.name: component for component in now}
    sentences = []
    for name in dict.fromkeys([*old, *new]):
        if old.get(name) != new.get(name):
            old_removals = _removals(old[name]) if name in old else "absent"
            new_removals = _removals(new[name]) if name in new else "absent"
            sentences.append(f"component {name}: {old_removals} before, {new_removals} now")
    old_order = [name for name in old if name in new]
    new_order = [name for name in new if name in old]
    if old_order != new_order:
        sentences.append(f"the order of components: {', '.join(old_order)} before, {', '.join(new_order)} now")
    return sentences


def _changed_runs(before: StudyPlan, now: StudyPlan) -> str:
    """A sentence that names the cells whose runs differ although their declarations are equal."""
    runs = {cell.name: cell.runs for cell in before.cells}
    changed = [cell.name for cell in now.cells if runs.get(cell.name) != cell.runs]
    where = ", ".join(changed) or "no cell"
    return f"the same overrides give different runs in {where}: a file or the data changed"


def _removals(component: Component) -> str:
    """The removals of a component: `model.norm=none with train.learning_rate=0.01 or model.norm=group, budget`."""
    texts = []
    for removal in component.removals:
        along = f" with {', '.join(removal.along)}" if removal.along else ""
        texts.append(f"{removal.remove}{along}")
    budget = ", budget" if component.budget else ""
    return " or ".join(texts) + budget


def _shown(value: Any) -> str:
    return "nothing" if value is None or value == () else typed_value(value)
