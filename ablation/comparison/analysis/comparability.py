"""May two variants be compared? Find every undeclared difference between them, by key and both values."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from ablation.comparison.analysis.comparison import Comparability, Difference
from ablation.comparison.analysis.run_facts import (
    ABSENT,
    PARTS,
    RunProfile,
    canonical_json,
    differing,
    kinds,
    short,
    values,
)
from ablation.comparison.reading.run import Run
from ablation.config.applicability import reads
from ablation.config.backends import SHAPING
from ablation.config.budget import EVALUATION, LENGTH, SPLITS, sets_length
from ablation.config.plugins import KEYS as OWN_PARTS
from ablation.redaction import printable

PIXELS = frozenset({"data.image_size", "data.channels"})
NO_FACTOR = EVALUATION | LENGTH | PIXELS | {"train.precision"}  # unless somebody declares it


# Facts outside the config. Variants that differ in one are not comparable, unless declared keys cause the difference.
PRECISION = (
    *("TF_SET_ONEDNN_FPMATH_MODE", "ONEDNN_DEFAULT_FPMATH_MODE", "NVIDIA_TF32_OVERRIDE"),
    *("JAX_ENABLE_X64", "JAX_DEFAULT_MATMUL_PRECISION"),
)
REFUSED = frozenset(
    {
        *("data", "data.digest", "data.mean", "data.deviation", "train_images", "validation_images", "test_images"),
        *("class_names", "selected_on", "validated_on_test", "code", "plugins", "trainable_parameters", "macs"),
        *("epochs", "steps.total", "steps.per_epoch", "exactness.exact", "exactness.backend", "exactness.data"),
        *("exactness.deterministic", "exactness.floatx", *(f"exactness.flags.{name}" for name in PRECISION)),
    }
)
BROUGHT = {  # fact: the declared keys that bring its difference about
    "data.digest": SPLITS | PIXELS,
    "train_images": SPLITS | {"data.fraction"},
    "validation_images": SPLITS,
    "test_images": SPLITS,
    "steps.per_epoch": SPLITS | {"data.fraction", "train.batch_size"},
    "steps.total": LENGTH | {"data.fraction"},
    "steps.note": LENGTH | {"data.fraction"},
    "epochs": LENGTH | {"data.fraction"},
    "plugins": frozenset(OWN_PARTS.values()),
}
TELLING = frozenset({"data.digest", "validation_images", "test_images", "plugins"})  # said also where brought about
OF_NETWORK = ("model.", "data.image_size", "data.channels", "data.classes", "class_names", "plugins")
EXACT = "exactness.exact"
FOLLOWS = {  # fact: differences beside which it says nothing new; a dot at the end stands for all of a part
    "data": ("data.name",),
    "data.mean": ("data.digest",),
    "data.deviation": ("data.digest",),
    "exactness.data": ("data.digest",),
    "validated_on_test": ("selected_on",),
    "steps.note": ("steps.total",),
    EXACT: ("exactness.deterministic", "deterministic"),
    "exactness.class": ("exactness.", "versions.", "hardware.", "data.digest", "backend", "deterministic"),
    "trainable_parameters": OF_NETWORK,
    "macs": OF_NETWORK,
}


def comparability(
    baseline_runs: Sequence[Run], arm_runs: Sequence[Run], declared: Collection[str], budget: bool = False
) -> Comparability:
    """Name every undeclared difference between two variants, or among the runs of one, ordered by key.

    declared: keys of the config that may differ, such as `model.residual`; `model` stands for all of a group. budget:
    may declared keys set how long is trained, and on how many images? What only some records tell is marked. Without
    runs on both sides nothing differs. The order of runs is of no account.
    """
    sides = kinds(baseline_runs), kinds(arm_runs)
    return _Judge(sides, declared, budget).gate() if all(sides) else Comparability()


def factors(baseline_run: Run, arm_run: Run) -> set[str]:
    """The keys of the config that differ and may be the factor though nobody declares them.

    They are of one group, the first that has some: a network's recipe is no part of it. Of recipe and data they set no
    length, precision, batch, split, selection or data set.
    """
    configs = baseline_run.config, arm_run.config
    may = {
        key
        for key in differing(configs) - NO_FACTOR
        if not sets_length(key, configs) and all(reads(config, key) for config in configs)
    }
    groups = ({key for key in may if key.startswith(f"{group}.")} for group in ("model", "data", "train"))
    return next(filter(None, groups), set())


class _Judge:
    def __init__(self, sides: tuple[list[RunProfile], list[RunProfile]], declared: Collection[str], budget: bool):
        self.sides, self.declared, self.budget = sides, set(declared), budget
        self.kinds = [*sides[0], *sides[1]]
        self.configs = [kind.config for kind in self.kinds]
        self.accepted: set[str] = set()  # declared keys that do differ
        self.blocking: dict[str, Difference] = {}
        self.informational: dict[str, Difference] = {}

    def gate(self) -> Comparability:
        settings = differing(self.configs)
        facts = {key for key in differing([kind.facts for kind in self.kinds]) if len(self._all(key)) > 1}
        for key in settings:
            self._setting(key)
        if any(lost := self._lost()):
            self._say(self.informational if all(lost) else self.blocking, EXACT, lambda kind: kind.fact(EXACT))
            facts.discard(EXACT)
        for key in facts:
            if not self._follows(key, settings | facts):
                self._fact(key)
        for part in PARTS:
            if 0 < sum(part in kind.lacks for kind in self.kinds) < len(self.kinds):  # whole parts are one finding
                self._say(self.informational, part, lambda kind, part=part: kind.part(part))
        return Comparability(
            *(tuple(found[key] for key in sorted(found)) for found in (self.blocking, self.informational))
        )

    def _setting(self, key: str) -> None:
        """A run that does not read a key differs in what makes it unread, which is judged by itself."""
        reading = [{canonical_json(k.setting(key)) for k in side if reads(k.config, key)} for side in self.sides]
        if not any(reading):
            self._say(self.informational, key, lambda kind: kind.setting(key))
        elif len(reading[0] | reading[1]) > 1:
            if max(map(len, reading)) == 1 and self._allowed(key):
                self.accepted.add(key)
            else:
                self._say(self.blocking, key, lambda kind: kind.setting(key))

    def _allowed(self, key: str) -> bool:
        if not self.declared.intersection((key, key.partition(".")[0])):
            return False
        return key not in EVALUATION and (self.budget or not sets_length(key, self.configs))

    def _fact(self, key: str) -> None:
        known = [self._of(side, key) - {canonical_json(ABSENT)} for side in self.sides]
        if len(known[0] | known[1]) < 2:
            self._say(self.informational, key, lambda kind: kind.fact(key))
        elif max(map(len, known)) == 1 and self._brought(key):
            if key in TELLING:
                self._say(self.informational, key, lambda kind: kind.fact(key))
        else:
            self._say(self.blocking if self._bars(key) else self.informational, key, lambda kind: kind.fact(key))

    def _all(self, key: str) -> set[str]:
        return self._of(self.kinds, key)

    @staticmethod
    def _of(side: Iterable[RunProfile], key: str) -> set[str]:
        return {canonical_json(kind.fact(key)) for kind in side if not kind.silent(key)}

    def _follows(self, key: str, differ: set[str]) -> bool:
        """Is it redundant beside other differences, between the variants and among the runs of one?"""
        leaders = FOLLOWS.get(key, ())
        odd = [side for side in self.sides if len(self._of(side, key)) > 1]
        return all(_beside(leaders, some - {key}) for some in (differ, *map(_differing, odd)))

    def _brought(self, key: str) -> bool:
        bringing = self.accepted & BROUGHT.get(key, frozenset())
        if EVALUATION.intersection(self.blocking):  # then nobody knows what brings it
            return False
        return bool(bringing) and (self.budget or key != "steps.total")

    def _bars(self, key: str) -> bool:
        told = [kind.fact(key) for kind in self.kinds if kind.fact(key) is not ABSENT]
        part, _, name = key.rpartition(".")
        if part.endswith("versions"):
            backends = {str(config.get("backend")) for config in self.configs}
            shaping = {package for backend in backends for package in SHAPING.get(backend, ())}
            return name in shaping and len(set(map(_minor, told))) > 1
        return key in REFUSED

    def _lost(self) -> list[bool]:
        """Of each kind: was it resumed elsewhere? A run that is not deterministic has no exactness to lose."""
        return [k.fact(EXACT) is False and k.fact("exactness.deterministic") is not False for k in self.kinds]

    def _say(self, found: dict[str, Difference], key: str, look: Callable[[RunProfile], Any]) -> None:
        one, other = (values(side, look, short) for side in self.sides)
        if one == other:  # but for what was cut
            one, other = (values(side, look, canonical_json) for side in self.sides)
        found[key] = Difference(printable(key), one, other)


def _differing(kinds: Sequence[RunProfile]) -> set[str]:
    return differing([kind.config for kind in kinds]) | differing([kind.facts for kind in kinds])


def _beside(leaders: Sequence[str], keys: Iterable[str]) -> bool:
    return any(key == leader or leader.endswith(".") and key.startswith(leader) for leader in leaders for key in keys)


def _minor(version: Any) -> tuple[str, ...]:
    return tuple(short(version).split(".")[:2])
