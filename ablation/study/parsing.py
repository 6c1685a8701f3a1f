"""What a study file says: a baseline, its components and how each is taken away, a design and seeds. Plain data."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from ablation.errors import AblateError, nearest, unknown
from ablation.statistics.protocol import FEWEST
from ablation.study.spec import DESIGNS, FIXED, GROUPS, MOST, SEEDS, SEQUENTIAL, Component, Removal, Study, key, value

KEYS = ("question", "baseline", "components", "design", "resolution", "cells", "seeds", "stopping", "max_seeds")
FORM = ("remove", "with", "alternatives", "budget")


RESOLUTIONS = (3, 4, 5)


NAME = re.compile(r"[A-Za-z][\w-]*")


def read(name: str, told: Any, typed: Sequence[str], plain: Callable[[str], bool]) -> Study:
    """Read what stands below `study:`. Raises AblateError for whatever is no study.

    typed: the other overrides of the command. plain: is a word an override of one value, neither a list of choices
    nor an addition?
    """
    return _Reader(name, plain).study(told, tuple(typed))


class _Reader:
    def __init__(self, name: str, plain: Callable[[str], bool]):
        self.name, self.plain = name, plain

    def study(self, told: Any, typed: tuple[str, ...]) -> Study:
        if not isinstance(told, dict):
            raise self._wrong("below study: stand its keys", told, "a mapping", "study: {baseline: [model=resnet34]}")
        self._no_interpolation(told, "study")
        if set(told) == {"study"}:
            raise self._wrong(
                "study: stands in study:, for the file does not open with its package line",
                "study.study",
                "the line # @package _global_ at the top of the file",
                "# @package _global_",
            )
        self._known("a key of a study", told, KEYS, "study")
        design = told.get("design", DESIGNS[0])
        if design not in DESIGNS:
            raise unknown(f"design of the study {self.name}", design, DESIGNS, "study.design")
        components = self._components(told.get("components"))
        study = Study(
            name=self.name,
            question=self._question(told.get("question")),
            baseline=self._baseline(told.get("baseline")),
            typed=typed,
            components=components,
            design=design,
            resolution=self._resolution(told, design),
            cells=self._cells(told, design, components),
            seeds=self._seeds(told.get("seeds", SEEDS)),
            stopping=self._stopping(told, design),
        )
        self._typed(study)
        return replace(study, seeds=self._most(told)) if study.sequential else study

    def _no_interpolation(self, told: Any, where: str) -> None:
        """A word says the same in every cell; only what the environment holds may stand for something else."""
        inside = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
        for name, part in inside:
            self._no_interpolation(part, where if isinstance(told, list) else f"{where}.{name}")
        if told == "???":
            raise self._wrong(f"{where} has no value", told, "a value", f"{where.partition('.')[2]}: …")
        if isinstance(told, str) and "${" in told.replace("${oc.env:", ""):
            raise self._wrong(f"{where} has an interpolation", told, "plain words, and ${oc.env:…}", "model.width=32")

    def _wrong(self, what: str, received: Any, allowed: str, example: str) -> AblateError:
        return AblateError(
            f"The study {self.name}: {what}. Received {_shown(received)}. Allowed: {allowed}. Type for example "
            f"{example}"
        )

    def _known(self, what: str, told: dict, allowed: Sequence[str], where: str) -> None:
        for word in told:
            if word not in allowed:
                raise AblateError(
                    f"The study {self.name}: no such thing as {what}. Received {where}.{_shown(word)}. "
                    f"Allowed: {', '.join(allowed)}. Type for example {nearest(str(word), allowed)}:"
                )

    def _question(self, told: Any) -> str:
        if not isinstance(told, str | None):
            raise self._wrong("its question is a sentence", told, "text", "question: What do the shortcuts do?")
        return " ".join((told or "").split())

    def _baseline(self, told: Any) -> tuple[str, ...]:
        words = self._words("baseline", told)
        if not words:
            raise self._wrong("nothing is said of its baseline", told, "overrides", "baseline: [model=resnet34]")
        return words

    def _components(self, told: Any) -> tuple[Component, ...]:
        if not isinstance(told, dict) or not told:
            form = "components: {shortcut: [model.residual=false]}"
            raise self._wrong("it has no components", told, "names, and how each is removed", form)
        components = tuple(self._component(name, form) for name, form in told.items())
        first: dict[str, tuple[str, Removal]] = {}
        for component in components:
            for removal in component.removals:
                other, before = first.setdefault(removal.remove, (component.name, removal))
                again = before is not removal and before.words == removal.words
                if other != component.name or again:
                    raise AblateError(
                        f"The study {self.name}: two removals are one. Received {removal.remove} as the removal of "
                        f"{other} and of {component.name}. Allowed: each removal once. Leave {component.name} out"
                    )
        return components

    def _component(self, name: Any, told: Any) -> Component:
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise self._wrong(
                "a component's name is a word", name, "letters, digits, - and _, a letter first", "shortcut:"
            )
        where = f"the component {name}"
        if not isinstance(told, dict):
            return Component(name, (self._removal(where, None, told, []),))
        self._known(f"a key of {where}", told, FORM, name)
        budget = told.get("budget", False)
        if not isinstance(budget, bool):
            raise self._wrong(f"budget of {where} is no yes or no", budget, "true or false", "budget: true")
        if "alternatives" not in told:
            return Component(name, (self._removal(where, None, told.get("remove"), told.get("with", [])),), budget)
        if "remove" in told or "with" in told:
            raise self._wrong(
                f"{where} has alternatives and a removal beside",
                told,
                "alternatives, or remove",
                "alternatives: {…}",
            )
        return Component(name, self._alternatives(name, told["alternatives"]), budget)

    def _alternatives(self, name: str, told: Any) -> tuple[Removal, ...]:
        if not isinstance(told, dict) or not told:
            form = "alternatives: {half: [model.width=32], quarter: [model.width=16]}"
            raise self._wrong(f"the alternatives of the component {name} have no names", told, "a mapping", form)
        removals = []
        for label, form in told.items():
            if not isinstance(label, str) or not NAME.fullmatch(label):
                raise self._wrong(f"an alternative's name in the component {name} is a word", label, "letters", "half:")
            where = f"the component {name}.{label}"
            form = form if isinstance(form, dict) else {"remove": form}
            self._known(f"a key of {where}", form, FORM[:2], f"{name}.{label}")
            removals.append(self._removal(where, label, form.get("remove"), form.get("with", [])))
        return tuple(removals)

    def _removal(self, where: str, name: str | None, remove: Any, along: Any) -> Removal:
        words = self._words(where, remove)
        if not words:
            raise self._wrong(f"{where} is removed by nothing", remove, "one override", "[model.residual=false]")
        if len(words) > 1:
            raise AblateError(
                f"The study {self.name}: {where} is removed by more than one override, which is more than one factor. "
                f"Received {', '.join(words)}. Allowed: one override that removes it, and what must change with it "
                f"declared. Type {{remove: [{words[0]}], with: [{', '.join(words[1:])}]}}"
            )
        declared = self._words(f"with: of {where}", along)
        for word in (*words, *declared):
            if key(word).partition(".")[0] not in GROUPS:
                raise AblateError(
                    f"The study {self.name}: {where} sets what is no part of the experiment. Received {word}. Allowed: "
                    f"keys and files of {', '.join(GROUPS)}; {key(word)} belongs to the command"
                )
        for again in declared:
            if key(again) == key(words[0]) or [key(w) for w in declared].count(key(again)) > 1:
                raise AblateError(
                    f"The study {self.name}: in {where} one override hides another. Received "
                    f"{', '.join((*words, *declared))}, with {key(again)} twice. Allowed: each key once"
                )
        return Removal(name, words[0], declared)

    def _words(self, where: str, told: Any) -> tuple[str, ...]:
        told = [told] if isinstance(told, str) else told
        if not isinstance(told, list | None) or not all(isinstance(word, str) for word in told or []):
            raise self._wrong(
                f"what stands at {where} is no list of overrides", told, "[key=value]", "[model.norm=none]"
            )
        for word in told or []:
            self._word(where, word)
        return tuple(told or [])

    def _word(self, where: str, word: str) -> None:
        name = key(word)
        if re.split(r"[./@]", name.lstrip("+~"))[0] in ("hydra", "study"):
            raise self._wrong(
                f"{where} sets what belongs to the command",
                word,
                f"overrides of {', '.join(GROUPS)}",
                "model.norm=none",
            )
        if "=" not in word or not self.plain(word):
            raise self._wrong(f"a word at {where} is no override of one value", word, "key=value", "model.norm=none")
        if name in ("plugins", "seed", "outputs"):
            place = {"seed": "seeds: in the file, or study.seeds="}.get(name, f"{name}= on the command line")
            raise self._wrong(
                f"{where} sets {name}", word, place, place.rpartition(" ")[2] if name == "seed" else place
            )

    def _resolution(self, told: dict, design: str) -> int | None:
        given = told.get("resolution")
        if design != "fractional":
            if given is not None and not told.get("design") == "fractional":
                raise self._wrong(
                    f"resolution is read by the design fractional alone, and design is {design}",
                    f"resolution: {given}",
                    "to leave it out",
                    "design: fractional",
                )
            return None
        given = RESOLUTIONS[0] if given is None else given
        if type(given) is not int or given not in RESOLUTIONS:
            raise self._wrong("its resolution", given, "3, 4 or 5", "resolution: 4")
        return given

    def _cells(self, told: dict, design: str, components: Sequence[Component]) -> tuple[tuple[str, ...], ...] | None:
        given = told.get("cells")
        if given is None:
            return None
        if design != "list":
            raise self._wrong(
                f"cells are read by the design list alone, and design is {design}",
                given,
                "to leave them out",
                "design: list",
            )
        labels = [c.label(i + 1) for c in components for i in range(len(c.removals))]
        cells = []
        for cell in given if isinstance(given, list) else [given]:
            cell = [cell] if isinstance(cell, str) else cell
            if not isinstance(cell, list):
                raise self._wrong("a cell is a list of components", cell, "names", f"cells: [[], [{labels[0]}]]")
            for label in cell:
                if label not in labels:
                    raise unknown(f"component in a cell of the study {self.name}", label, labels, "study.cells")
            parts = [label.partition(".")[0] for label in cell]
            if len(set(parts)) < len(parts):
                raise self._wrong("a cell removes a component twice", cell, "each component once", f"[{labels[0]}]")
            cells.append(tuple(sorted(cell, key=labels.index)))
            if cells.count(cells[-1]) > 1:
                raise self._wrong("a cell stands twice", cell, "each cell once", f"[[], [{labels[0]}]]")
        if not any(cells):
            raise self._wrong("its cells remove nothing", given, "cells that remove components", f"[[{labels[0]}]]")
        return tuple(cells)

    def _seeds(self, told: Any) -> tuple[int, ...]:
        seeds = list(range(told)) if type(told) is int and 1 <= told <= 1000 else told
        if not isinstance(seeds, list) or not seeds or not all(type(s) is int and 0 <= s < 2**63 for s in seeds):
            raise self._wrong("its seeds", told, "how many, or which", "seeds: 5, or seeds: [0, 1, 2]")
        if len(set(seeds)) < len(seeds):
            raise self._wrong("a seed stands twice", told, "each once", f"seeds: {sorted(set(seeds))}")
        return tuple(seeds)

    def _stopping(self, told: dict, design: str) -> str:
        given = FIXED if told.get("stopping") is None else told["stopping"]
        if given not in (FIXED, SEQUENTIAL):
            raise self._wrong("its stopping", given, f"{FIXED} or {SEQUENTIAL}", f"stopping: {SEQUENTIAL}")
        if given == FIXED:
            if told.get("max_seeds") is not None:
                raise self._wrong(
                    f"max_seeds is read beside stopping: {SEQUENTIAL} alone",
                    f"max_seeds: {told['max_seeds']}",
                    f"seeds, or stopping: {SEQUENTIAL}",
                    f"stopping: {SEQUENTIAL}",
                )
            return FIXED
        if design in ("factorial", "fractional"):
            raise self._wrong(
                f"seeds are added until each comparison is decided, and {design} compares effects over all cells",
                f"stopping: {SEQUENTIAL}, design: {design}",
                "a design that compares cells",
                "design: leave_one_out",
            )
        return given

    def _most(self, told: dict) -> tuple[int, ...]:
        """All seeds that may be needed: the listed ones, or as many as max_seeds says."""
        listed, most = told.get("seeds"), told.get("max_seeds", MOST)
        if type(most) is not int or not FEWEST < most <= 1000:
            raise self._wrong("its max_seeds", most, f"a whole number from {FEWEST + 1} to 1000", f"max_seeds: {MOST}")
        if isinstance(listed, list) and "max_seeds" in told and len(listed) < most:
            raise self._wrong(
                "it lists fewer seeds than max_seeds", listed, f"{most} seeds, or how many", f"seeds: {most}"
            )
        return tuple(sorted(listed)[:most] if isinstance(listed, list) else range(most))

    def _typed(self, study: Study) -> None:
        """What is typed applies to every cell, so it can neither be several values nor what a component sets."""
        for word in study.typed:
            if key(word) == "seed":
                raise self._wrong("its seeds are its own", word, "study.seeds=", f"study.seeds=[{value(word)}]")
            if not self.plain(word):
                raise self._wrong(
                    "what is typed behind a study applies to every cell", word, "one value a key", f"{key(word)}=…"
                )
        removed = {removal.key: (c, removal) for c in study.components for removal in c.removals}
        for word in study.typed:
            if key(word) in removed:
                component, removal = removed[key(word)]
                raise AblateError(
                    f"The study {self.name}: {word} hides the component {component.name}, which sets {key(word)} "
                    f"itself. Received {word}, and {removal.remove} in the study. Allowed: other keys. Leave {word} "
                    "out, or copy the study and change its baseline"
                )


def _shown(told: Any) -> str:
    return "nothing" if told is None or told == [] or told == {} else str(told)[:200]
