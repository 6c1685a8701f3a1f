"""plan.json: what a study will run and how it will be judged, frozen before there is data, and what was found out.

`frozen` is hashed: a study that changed says what changed, and its earlier plan stays beside. What is kept below
`networks`, `checked` and `measured` belongs to configs and code, not to a plan, and goes on to the next one.
"""

import dataclasses
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ablation.config import plugins
from ablation.config.fingerprint import IGNORED
from ablation.config.schema import Config, flat
from ablation.redaction import public
from ablation.rundir import files, layout, study_plan
from ablation.runtime import provenance
from ablation.statistics import protocol
from ablation.study import fractional
from ablation.study.cells import Cell, Cells
from ablation.study.fractional import LETTERS
from ablation.study.spec import Study
from ablation.text import typed_value

KEPT_ASIDE = "plan-not-as-written.json"
KEPT = ("networks", "checked", "measured")


@dataclass
class Plan:
    """A study, its cells, and what is known of them.

    earlier: the frozen part of the plan that this one replaces. foreign: what lies in its place is no such plan.
    """

    study: Study
    cells: Cells
    frozen: dict[str, Any]
    place: Path
    networks: dict[str, dict[str, Any]] = field(default_factory=dict)
    checked: dict[str, dict[str, Any]] = field(default_factory=dict)
    measured: dict[str, dict[str, Any]] = field(default_factory=dict)
    earlier: dict[str, Any] | None = None
    foreign: bool = False
    supersedes: str | None = None

    @property
    def hash(self) -> str:
        """64 hexadecimal digits."""
        return files.digest(self.frozen)

    def save(self) -> None:
        """Write plan.json; one that says something else is kept beside it. Raises AblateError."""
        with files.writing(self.place.parent):
            self.place.parent.mkdir(parents=True, exist_ok=True)
            if self.earlier is not None and self.supersedes:
                self._keep(f"plan-{self.supersedes[:8]}.json")
            if self.foreign:
                self._keep(KEPT_ASIDE)
                self.foreign = False
            told = {"format": layout.FORMAT, "hash": self.hash, "supersedes": self.supersedes, **self.frozen}
            told |= {name: getattr(self, name) for name in KEPT}
            files.replace(self.place, public(json.dumps(told, indent=1, allow_nan=False)).encode())

    def _keep(self, name: str) -> None:
        """Keep what lies in the plan's place under another name beside it."""
        beside = self.place.with_name(name)
        if self.place.exists() and not beside.exists():
            os.replace(self.place, beside)

    def changes(self) -> list[str]:
        """What differs from the plan that was there, a sentence each."""
        return _changes(self.earlier, self.frozen) if self.earlier is not None else []


def make(study: Study, cells: Cells) -> Plan:
    """The plan of a study, with what was kept of the one that lies in its place."""
    place = layout.plan_path(Path(cells.baseline.config.outputs), study.name)
    frozen = json.loads(public(json.dumps(_frozen(study, cells))))  # as it is read back
    plan = Plan(study, cells, frozen, place)
    before = study_plan.read_plan(place)
    plan.foreign = before is None and place.exists()
    if before is not None:
        for name in KEPT:
            kept = before.get(name)
            setattr(plan, name, kept if isinstance(kept, dict) else {})
        if before["hash"] == plan.hash:
            plan.supersedes = before.get("supersedes")
        else:
            plan.earlier = {k: before.get(k) for k in frozen}
            plan.supersedes = before["hash"]
    return plan


def _frozen(study: Study, cells: Cells) -> dict[str, Any]:
    pairs = cells.pairs(study)
    return {
        "study": dataclasses.asdict(study),
        "test": {
            **protocol.TEST,
            **({"sequential": protocol.SEQUENTIAL} if study.sequential else {}),
            "metric": protocol.METRIC,
            "comparisons": len(pairs) or sum(len(c.removals) for c in study.components),
        },
        "cells": [_cell(study, cell) for cell in cells.design],
        "comparisons": [list(pair) for pair in pairs],
        "fraction": _fraction(study),
    }


def _cell(study: Study, cell: Cell) -> dict[str, Any]:
    return {
        "name": cell.name,
        "levels": {c.name: level for c, level in zip(study.components, cell.levels, strict=True)},
        "removed": list(cell.removed),
        "with": list(cell.along),
        "budget": cell.budget,
        "overrides": list(cell.overrides),
        "differs": {k: list(pair) for k, pair in cell.differs.items()},
        "implied": list(cell.implied),
        "same_as": cell.same_as,
        "runs": {str(s): where.identity for s, where in zip(study.seeds, cell.runs, strict=True)},
    }


def _fraction(study: Study) -> dict[str, Any] | None:
    """Of a fractional design: what stands for which letter, the generators, the defining relation and aliases."""
    if study.design != "fractional":
        return None
    made = fractional.fraction(len(study.components), study.resolution)
    own = [f"{LETTERS[made.base + i]} = {letters(word)}" for i, word in enumerate(made.generators)]
    return {
        "letters": dict(zip(LETTERS, (c.name for c in study.components), strict=False)),
        "resolution": made.resolution,
        "generators": own,
        "relation": [letters(word) for word in made.relation()],
        "aliases": [[letters(word) for word in group] for group in made.aliases()],
    }


def letters(word: int) -> str:
    """`ABD` for the product of the first, second and fourth factor."""
    return "".join(LETTERS[i] for i in range(word.bit_length()) if word >> i & 1)


def network_key(cfg: Config, shape: Sequence[int], classes: int) -> str:
    """Of everything that shapes the network's graph."""
    told = {k: v for k, v in flat(cfg).items() if k.startswith("model.")}
    told["own"] = plugins.digests(cfg.plugins, told)
    return files.digest({"model": told, "shape": list(shape), "classes": classes, "code": provenance.code()})[:16]


def config_key(cfg: Config, data: str) -> str:
    """Of everything that shapes a run, its seed and its code too. data: the run's identity."""
    told = {k: v for k, v in flat(cfg).items() if k not in IGNORED}
    return files.digest({"config": told, "run": data, "code": provenance.code(), "versions": provenance.versions()})[
        :16
    ]


def _changes(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    told = []
    one, other = before.get("study") or {}, now["study"]
    for k in ("question", "baseline", "typed", "design", "resolution", "cells", "seeds", "stopping"):
        if one.get(k) != other.get(k):
            told.append(f"{k}: {_shown(one.get(k))} then, {_shown(other.get(k))} now")
    parts = [{c["name"]: c for c in study.get("components") or []} for study in (one, other)]
    for name in dict.fromkeys([*parts[0], *parts[1]]):
        if parts[0].get(name) != parts[1].get(name):
            was, is_ = ("gone" if name not in part else _removals(part[name]) for part in parts)
            told.append(f"component {name}: {'not there' if was == 'gone' else was} then, {is_} now")
    orders = [[name for name in part if name in parts[0] and name in parts[1]] for part in parts]
    if orders[0] != orders[1]:
        told.append(f"the order of components: {', '.join(orders[0])} then, {', '.join(orders[1])} now")
    if before.get("test") != now["test"]:
        told.append("how it is judged")
    if not told:  # the words are the same, and mean something else
        runs = [{c["name"]: c.get("runs") for c in part.get("cells") or []} for part in (before, now)]
        changed = [name for name in runs[1] if runs[0].get(name) != runs[1][name]]
        told.append(f"the same words are other runs in {', '.join(changed) or 'no cell'}: a file or the data changed")
    return told


def _removals(component: dict[str, Any]) -> str:
    words = [" with ".join(filter(None, [r["remove"], ", ".join(r["along"])])) for r in component["removals"]]
    return " or ".join(words) + (", budget" if component.get("budget") else "")


def _shown(told: Any) -> str:
    return "nothing" if told is None or told == [] else typed_value(told)
