"""The plan of a study (plan.json): the runs and the statistical test, frozen before there is data.

A hash covers the frozen part. If a study has changed, the user is shown the changes, and the earlier plan is kept
beside the new one. The plan also caches the sizes of networks (`networks`), the results of the preflight check
(`checked`) and timings (`measured`). These depend only on configs and code, so a new plan takes them over.
"""

import dataclasses
import json
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ablation.config.fingerprint import IGNORED
from ablation.config.network_structure import shares_initial_weights
from ablation.config.plugins import declarations
from ablation.config.schema import Config, flat
from ablation.redaction import public
from ablation.rundir import files, layout, study_plan
from ablation.rundir.declared_study import AUTO, PAIRED
from ablation.rundir.ended_runs import EndedRuns, find_ended
from ablation.rundir.plan_history import PastPlan
from ablation.rundir.plan_parts import Fraction, PlannedCell, PlannedTest
from ablation.rundir.study_plan import StudyPlan
from ablation.runtime import provenance
from ablation.statistics import protocol
from ablation.study import fractional
from ablation.study.cells import Cell, Cells
from ablation.study.fractional import LETTERS, letters
from ablation.study.plan_changes import changes, refreshed, succeed
from ablation.study.spec import Study

KEPT_ASIDE = "plan-not-as-written.json"
KEY_LENGTH = 16  # hexadecimal digits
Changes = dict[str, tuple[Any, Any]]  # from the baseline: {key: (value in the baseline, value in the cell)}


@dataclass
class Plan:
    """A study, its cells and its plan on disk.

    frozen: the plan with its history, without cached results. place: the path of plan.json. networks, checked,
    measured: cached results, keyed by a digest of what they describe. earlier: the plan that this one replaces, if it
    differs. foreign: True if the file at `place` is not a valid plan. supersedes: the hash of the previous plan.
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
        before = study_plan.read_plan(self.place)
        with files.writing(self.place.parent):
            self.place.parent.mkdir(parents=True, exist_ok=True)
            if before is None:
                self._keep(KEPT_ASIDE)
            elif before.hash != self.hash:
                self._keep(f"plan-{before.hash[:8]}.json")
            self.foreign = False
            self._remember(before)
            self._write()

    def _keep(self, name: str) -> None:
        """Copy the file at `place`, unless a file with the new name exists: plan.json itself is missing at no time."""
        beside = self.place.with_name(name)
        if not beside.exists() and self.place.is_file():
            shutil.copyfile(self.place, beside)

    def _write(self) -> None:
        whole = dataclasses.replace(
            self.frozen,
            supersedes=self.supersedes,
            networks=self.networks,
            checked=self.checked,
            measured=self.measured,
        )
        values = json.loads(public(json.dumps(whole.to_json(), allow_nan=False)))
        values["checksum"] = files.record_checksum(values)
        files.replace(self.place, json.dumps(values, indent=1).encode())

    def record_ended(self) -> None:
        """Add the runs that have ended, were repeated or were deleted to plan.json. Raises AblateError if that fails.

        Does nothing if another command has replaced the plan meanwhile.
        """
        on_disk = study_plan.read_plan(self.place)
        if on_disk is not None and on_disk.hash != self.hash:
            return
        kept = on_disk or self.frozen
        self.frozen = refreshed(kept, self._ended(kept), self._run_names())
        with files.writing(self.place.parent):
            self.place.parent.mkdir(parents=True, exist_ok=True)
            self._write()

    def changes(self) -> list[str]:
        """The differences from the earlier plan, one sentence each."""
        return changes(self.earlier, self.frozen) if self.earlier is not None else []

    @property
    def disclosed(self) -> PastPlan | None:
        """What the history says of the earlier plan; None if there is none, or none of its runs had ended."""
        if self.earlier is None or self.frozen.history == self.earlier.history:
            return None
        return self.frozen.history[-1]

    def _remember(self, before: StudyPlan | None) -> None:
        """Take over the history. before: the plan on disk."""
        if before is not None and before.hash == self.hash:
            self.supersedes = before.supersedes
        elif before is not None:
            self.earlier, self.supersedes = before, before.hash
        ended = self._ended(self.frozen, *([before] if before else []))
        self.frozen = succeed(self.frozen, before, ended, self._run_names())

    def _ended(self, *plans: StudyPlan) -> EndedRuns:
        """The runs of these plans, on disk, that have ended."""
        fingerprints: set[str] = set()
        for each in plans:
            fingerprints |= each.fingerprints() | each.ended.keys()
        return find_ended(Path(self.cells.baseline.config.outputs), fingerprints)

    def _run_names(self) -> dict[str, str]:
        """The names of run directories by fingerprint."""
        return {where.fingerprint: where.name for cell in self.cells.design for where in cell.runs}


def make(study: Study, cells: Cells, command: Sequence[str] = ()) -> Plan:
    """Plan a study, with the cached results and the history of the plan that is already on disk.

    command: the words after `ablate` that run it.
    """
    place = layout.plan_path(Path(cells.baseline.config.outputs), study.name)
    written = json.loads(public(json.dumps(_frozen(study, cells).to_json())))  # equal to what is read back
    words = json.loads(public(json.dumps(list(command))))
    frozen = dataclasses.replace(StudyPlan.from_json(written).with_hash(), command=tuple(words))
    plan = Plan(study, cells, frozen, place)
    before = study_plan.read_plan(place)
    plan.foreign = before is None and place.exists()
    if before is not None:
        plan.networks, plan.checked, plan.measured = before.networks, before.checked, before.measured
    plan._remember(before)
    return plan


def _frozen(study: Study, cells: Cells) -> StudyPlan:
    pairs = cells.pairs(study)
    comparisons = len(pairs) or sum(study.sizes)  # a factorial design compares effects, one per removal
    terms = {**protocol.TEST, "metric": protocol.METRIC}
    if study.program is not None:
        terms["metric"] = study.program.metric.name
    if study.sequential:
        terms["sequential"] = protocol.SEQUENTIAL
    plan = StudyPlan(
        study=dataclasses.replace(study, typed=tuple(filter(_shapes_runs, study.typed))),
        test=PlannedTest(comparisons, terms),
        cells=tuple(_cell(study, cell) for cell in cells.design),
        comparisons=tuple(pairs),
        fraction=_fraction(study),
    )
    return dataclasses.replace(plan, test=dataclasses.replace(plan.test, paired=_paired(plan)))


def _shapes_runs(override: str) -> bool:
    """Return whether a typed override is part of the plan; names, paths and scheduling are not."""
    name = override.partition("=")[0].lstrip("+~")
    return name not in IGNORED and not name.startswith(("hydra.", "hydra/"))


def _paired(plan: StudyPlan) -> tuple[str, ...]:
    """The cells whose comparison is paired by seed, decided before there is data.

    With `auto`, these are, unless the study runs a program, the comparisons of sequential studies and of those with
    enough seeds, if both cells start from shared initial weights: otherwise runs of one seed are hardly correlated.
    """
    study, pairs = plan.study, plan.pairs()
    if study.test == PAIRED:
        return tuple(cell for cell, _ in pairs)
    if study.program is not None:
        return ()  # nothing is known of what its runs of one seed share
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
    settings["own"] = declarations.digests(cfg.plugins, settings)
    parts = {"model": settings, "shape": list(shape), "classes": classes, "code": provenance.code()}
    return files.digest(parts)[:KEY_LENGTH]


def program_key(plan: Plan, cell: Cell) -> str:
    """The key of the brief run of a program's cell: a digest of the baseline, of the cell and of how runs are brief."""
    parts = [plan.cells.baseline.runs[0].fingerprint, cell.runs[0].fingerprint]
    program = plan.study.program
    return files.digest([*parts, list(program.smoke) if program else []])[:KEY_LENGTH]


def config_key(cfg: Config, run: str) -> str:
    """A digest of everything that shapes a run, including its seed, code and library versions. run: its fingerprint."""
    settings = {name: value for name, value in flat(cfg).items() if name not in IGNORED}
    parts = {"config": settings, "run": run, "code": provenance.code(), "versions": provenance.versions()}
    return files.digest(parts)[:KEY_LENGTH]
