"""Parse the plain data of a study file: a baseline, its components and their removals, a design and seeds."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ablation.errors import AblateError, Collected, together, unknown
from ablation.statistics.protocol import MIN_SEEDS
from ablation.study.component_parsing import StudySource, parse_components, shown
from ablation.study.planned_test_parsing import parse_margin, parse_test
from ablation.study.program.declaration import KEYS as PROGRAM_KEYS
from ablation.study.program.declaration import is_declared, largest_margin, parse_program, source_of
from ablation.study.spec import (
    DEFAULT_MAX_SEEDS,
    DEFAULT_SEEDS,
    DESIGNS,
    EFFECTS,
    FIXED,
    SEQUENTIAL,
    Component,
    Study,
    key,
    value,
)

KEYS = ("question", "baseline", "components", "design", "resolution", "cells", "seeds", "stopping", "max_seeds")
KEYS += ("test", "margin", "max_hours")
RESOLUTIONS = (3, 4, 5)
MOST_SEEDS = 1000


@dataclass(frozen=True)
class Parsed:
    """A study file that was parsed as far as possible.

    study: its valid parts, with defaults for the others; None without a valid baseline and component. errors: what is
    wrong with the others.
    """

    study: Study | None
    errors: Sequence[AblateError]


def parse(name: str, declared: Any, typed: Sequence[str], is_simple: Callable[[str], bool]) -> Study:
    """Parse the keys below `study:`. Raises AblateError with all that is wrong if they are not a valid study.

    typed: the other overrides of the command. is_simple: as in `StudySource`.
    """
    parsed = parse_valid_parts(name, declared, typed, is_simple)
    if parsed.errors or parsed.study is None:
        raise together(parsed.errors)
    return parsed.study


def parse_valid_parts(name: str, declared: Any, typed: Sequence[str], is_simple: Callable[[str], bool]) -> Parsed:
    """Parse the keys below `study:` as far as they are valid. Arguments as for `parse`."""
    source, errors = StudySource(name, is_simple), Collected()
    with errors.collect():
        entries = _mapping(source, declared)
        source = source_of(name, is_simple, entries)
        study = _Parser(source, entries, errors).study(tuple(typed))
        return Parsed(study, errors.errors)
    return Parsed(None, errors.errors)


def _mapping(source: StudySource, declared: Any) -> dict[str, Any]:
    """The entries of the file. Raises AblateError if they are nested or interpolated, or not a mapping."""
    if not isinstance(declared, dict):
        raise source.error("study: is not a mapping", declared, "a mapping", "study: {baseline: [model=resnet34]}")
    errors = Collected()
    for name, item in declared.items():
        with errors.collect():
            source.refuse_interpolation(f"study.{name}", item)
    errors.refuse()
    if set(declared) == {"study"}:
        raise source.error(
            "study: is nested in study:, because the file does not start with its package line",
            "study.study",
            "the line # @package _global_ at the top of the file",
            "# @package _global_",
        )
    return declared


@dataclass(frozen=True)
class _Parser:
    """Parses the entries of a study file into a Study, with one method per key."""

    source: StudySource
    entries: dict[str, Any]
    errors: Collected

    def study(self, typed: tuple[str, ...]) -> Study | None:
        """The study, with defaults for what is invalid; None without a valid baseline and component."""
        program = parse_program(self.source, self.entries, typed, self.errors)
        self.errors.errors += self.source.unknown_keys("a study", self.entries, (*KEYS, *PROGRAM_KEYS), "study")
        baseline: tuple[str, ...] = ()
        with self.errors.collect():
            baseline = self._baseline()
        components = parse_components(self.source, self.entries.get("components"), self.errors)
        question = ""
        with self.errors.collect():
            question = self._question()
        kept = () if is_declared(self.entries) else self._valid_typed(typed, components)
        plain = Study(self.source.name, question, baseline, kept, components, DESIGNS[0], None, None, (0,))
        planned = self._with_plan(replace(plain, program=program))
        return planned if baseline and components else None

    def _with_plan(self, study: Study) -> Study:
        """The study with its design, seeds and test, as far as they are valid."""
        with self.errors.collect():
            design = self._design()
            with self.errors.collect():
                study = replace(study, design=design, resolution=self._resolution(design))
            with self.errors.collect():
                study = replace(study, design=design, cells=self._cells(design, study.components))
            with self.errors.collect():
                study = replace(study, stopping=self._stopping(design))
            with self.errors.collect():
                study = replace(study, test=parse_test(self.source, self.entries.get("test"), design))
            limit = largest_margin(self.entries)
            with self.errors.collect():
                study = replace(study, margin=parse_margin(self.source, self.entries.get("margin"), design, limit))
        with self.errors.collect():
            study = replace(study, max_hours=self._max_hours())
        with self.errors.collect():
            seeds = self._seeds()
            study = replace(study, seeds=self._sequential_seeds() if study.sequential else seeds)
        return study

    def _design(self) -> str:
        design = self.entries.get("design", DESIGNS[0])
        if design not in DESIGNS:
            raise unknown(f"design of the study {self.source.name}", shown(design), DESIGNS, "study.design")
        return design

    def _question(self) -> str:
        question = self.entries.get("question")
        if question is None:
            return ""
        if not isinstance(question, str):
            raise self.source.error("its question is not text", question, "text", "question: What helps?")
        return " ".join(question.split())

    def _baseline(self) -> tuple[str, ...]:
        overrides = self.source.overrides("baseline", self.entries.get("baseline"))
        if not overrides:
            raise self.source.no_baseline(self.entries.get("baseline"))
        return overrides

    def _resolution(self, design: str) -> int | None:
        resolution = self.entries.get("resolution")
        if design != "fractional":
            if resolution is not None:
                raise self.source.error(
                    f"resolution applies only to design: fractional, and design is {design}",
                    f"resolution: {resolution}",
                    "no resolution",
                    "design: fractional",
                )
            return None
        if resolution is None:
            return RESOLUTIONS[0]
        if type(resolution) is not int or resolution not in RESOLUTIONS:
            raise self.source.error("its resolution is not allowed", resolution, "3, 4 or 5", "resolution: 4")
        return resolution

    def _cells(self, design: str, components: Sequence[Component]) -> tuple[tuple[str, ...], ...] | None:
        declared = self.entries.get("cells")
        if declared is None:
            return None
        if design != "list":
            problem = f"cells apply only to design: list, and design is {design}"
            raise self.source.error(problem, declared, "no cells", "design: list")
        labels: list[str] = []
        for component in components:
            labels += component.labels()
        if len(components) < len(self.entries.get("components") or ()):
            return None  # the cells may remove a component that is invalid
        cells: list[tuple[str, ...]] = []
        for entry in declared if isinstance(declared, list) else [declared]:
            cell = self._cell(entry, labels)
            if cell in cells:
                raise self.source.error("a cell is listed twice", entry, "each cell once", f"[[], [{labels[0]}]]")
            cells.append(cell)
        if not any(cells):
            allowed = "cells that remove components"
            raise self.source.error("its cells remove nothing", declared, allowed, f"[[{labels[0]}]]")
        return tuple(cells)

    def _cell(self, entry: Any, labels: Sequence[str]) -> tuple[str, ...]:
        """The labels of a cell's removals, in the order of the components in the file."""
        removed = [entry] if isinstance(entry, str) else entry
        if not isinstance(removed, list):
            example = f"cells: [[], [{labels[0]}]]"
            raise self.source.error("a cell is not a list of components", entry, "names", example)
        components: set[str] = set()
        for label in removed:
            if label not in labels:
                noun = f"component in a cell of the study {self.source.name}"
                raise unknown(noun, shown(label), labels, "study.cells")
            component = label.partition(".")[0]
            if component in components:
                allowed = "each component once"
                raise self.source.error("a cell removes a component twice", entry, allowed, f"[{labels[0]}]")
            components.add(component)
        return tuple(sorted(removed, key=labels.index))

    def _seeds(self) -> tuple[int, ...]:
        """The listed seeds, or 0 to n - 1 if `seeds` is a number n."""
        declared = self.entries.get("seeds", DEFAULT_SEEDS)
        seeds = declared
        if type(declared) is int and 1 <= declared <= MOST_SEEDS:
            seeds = list(range(declared))
        if not isinstance(seeds, list) or not seeds or not all(_is_seed(seed) for seed in seeds):
            raise self.source.error(
                "its seeds are not allowed",
                declared,
                "a number of seeds, or a list of seeds",
                "seeds: 5, or seeds: [0, 1, 2]",
            )
        if len(set(seeds)) < len(seeds):
            raise self.source.error(
                "a seed is listed twice", declared, "each seed once", f"seeds: {sorted(set(seeds))}"
            )
        return tuple(seeds)

    def _stopping(self, design: str) -> str:
        stopping = self.entries.get("stopping")
        if stopping is None:
            stopping = FIXED
        sequential = f"stopping: {SEQUENTIAL}"
        if stopping not in (FIXED, SEQUENTIAL):
            raise self.source.error("its stopping is not allowed", stopping, f"{FIXED} or {SEQUENTIAL}", sequential)
        max_seeds = self.entries.get("max_seeds")
        if stopping == FIXED and max_seeds is not None:
            raise self.source.error(
                f"max_seeds applies only to {sequential}",
                f"max_seeds: {max_seeds}",
                f"seeds, or {sequential}",
                sequential,
            )
        if stopping == SEQUENTIAL and design in EFFECTS:
            raise self.source.error(
                f"{sequential} adds seeds until each comparison of two cells is decided, but design: {design} compares "
                "effects over all cells",
                f"{sequential}, design: {design}",
                "a design that compares cells",
                "design: leave_one_out",
            )
        return stopping

    def _sequential_seeds(self) -> tuple[int, ...]:
        """All seeds that may be needed: the listed ones in ascending order, up to max_seeds, or 0 to max_seeds - 1."""
        seeds, max_seeds = self.entries.get("seeds"), self.entries.get("max_seeds", DEFAULT_MAX_SEEDS)
        if type(max_seeds) is not int or not MIN_SEEDS < max_seeds <= MOST_SEEDS:
            raise self.source.error(
                "its max_seeds is not allowed",
                max_seeds,
                f"a whole number from {MIN_SEEDS + 1} to {MOST_SEEDS}",
                f"max_seeds: {DEFAULT_MAX_SEEDS}",
            )
        if not isinstance(seeds, list):
            return tuple(range(max_seeds))
        if "max_seeds" in self.entries and len(seeds) < max_seeds:
            allowed = f"a list of {max_seeds} seeds, or a number of seeds"
            raise self.source.error("it lists fewer seeds than max_seeds", seeds, allowed, f"seeds: {max_seeds}")
        return tuple(sorted(seeds)[:max_seeds])

    def _max_hours(self) -> float | None:
        declared = self.entries.get("max_hours")
        if declared is None:
            return None
        if type(declared) not in (int, float) or not 0 < declared < math.inf:
            raise self.source.error("its max_hours is not allowed", declared, "a number above 0", "max_hours: 12")
        return float(declared)

    def _valid_typed(self, typed: Sequence[str], components: Sequence[Component]) -> tuple[str, ...]:
        """The typed overrides that can apply to every cell. Collects an error for each of the others.

        These are seeds, several values for a key, and keys that a component sets.
        """
        kept: list[str] = []
        for override in typed:
            with self.errors.collect():
                self._refuse_typed_value(override)
                for component in components:
                    for removal in component.removals:
                        if removal.key == key(override):
                            raise self._hidden(override, component, removal.remove)
                kept.append(override)
        return tuple(kept)

    def _refuse_typed_value(self, override: str) -> None:
        name = key(override)
        if name == "seed":
            example = f"study.seeds=[{value(override)}]"
            raise self.source.error("a study sets its own seeds", override, "study.seeds=", example)
        if not self.source.is_simple(override):
            problem = "overrides typed with a study apply to every cell"
            raise self.source.error(problem, override, "one value for each key", f"{name.lstrip('+~')}=…")

    def _hidden(self, override: str, component: Component, remove: str) -> AblateError:
        return AblateError(
            f"The study {self.source.name}: {override} hides the component {component.name}, which sets "
            f"{key(override)} itself. Received {override}, and {remove} in the study. Allowed: other keys. Leave "
            f"{override} out, or copy the study and change its baseline"
        )


def _is_seed(seed: Any) -> bool:
    return type(seed) is int and 0 <= seed < 2**63
