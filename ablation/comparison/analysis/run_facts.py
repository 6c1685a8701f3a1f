"""The facts that runs record beside their config, flat; and which runs of a variant record the same.

A fact's key is where the record has it (`steps.total`, `versions.keras`), but `data`, `train_images`,
`validation_images`, `test_images`, `class_names`, and `epochs`, the rows of the history.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ablation.comparison.reading.run import Run
from ablation.config.applicability import Settings
from ablation.config.backends import FLAGS
from ablation.redaction import printable
from ablation.text import list_with_more

ABSENT = object()  # the value of what a record does not tell
NOT_RECORDED, NOT_SET = "not recorded", "not set"
LONGEST, MOST, SEEDS = 60, 4, 8  # characters of a value, values of a variant, seeds beside one: more are cut
DIGEST = re.compile(r"[0-9a-f]{64}")
PARTS = ("exactness", "versions", "hardware", "git", "steps")
NAMES = {"train": "train_images", "classes": "class_names"}  # data.classes and data.validation are keys of the config
ELSEWHERE = ("name", "digest", "validation", "test")  # of the record's data: Run has them


@dataclass(frozen=True)
class RunProfile:
    """Runs of one variant with equal config and facts. repeats: facts that others record as well, which count for them
    where they are missing. lacks: the parts that the record, of an older version, does not have."""

    config: Settings
    facts: Settings
    repeats: Settings
    lacks: frozenset[str]
    seeds: Sequence[int]

    def setting(self, key: str) -> Any:
        """The value of a key of the config, or ABSENT."""
        return self.config.get(key, ABSENT)

    def fact(self, key: str) -> Any:
        """The value of a fact, or ABSENT."""
        return self.facts.get(key, self.repeats.get(key, ABSENT))

    def part(self, name: str) -> Any:
        """A part of the record, or ABSENT."""
        start = f"{name}."
        return {k.removeprefix(start): v for k, v in self.facts.items() if k.startswith(start)} or ABSENT

    def silent(self, key: str) -> bool:
        """Is the fact unknown for want of the whole part?"""
        return self.fact(key) is ABSENT and key.partition(".")[0] in self.lacks


def kinds(runs: Sequence[Run]) -> list[RunProfile]:
    """Group equal runs: in most variants all are equal."""
    found: list[tuple[list[Any], Run, list[int]]] = []
    places: dict[str, int] = {}
    for run in runs:
        told = [
            *(run.config, run.facts, run.data, run.digest, run.validation_images, run.test_images),
            *(run.validated_on_test, run.parameters, run.macs, len(run.history.get("loss", ()))),
        ]
        if found and _same(told, found[0][0]):
            found[0][2].append(run.seed)
            continue
        place = places.setdefault(_code(told) or str(len(found)), len(found))
        if place == len(found):
            found.append((told, run, []))
        found[place][2].append(run.seed)
    return [_kind(run, seeds) for _, run, seeds in found]


def differing(tables: Sequence[Settings]) -> set[str]:
    """The keys that do not have the same value in all of them."""
    first, keys = tables[0], set()
    for table in tables[1:]:
        if not _same(table, first):
            pairs = ((key, table.get(key, ABSENT), first.get(key, ABSENT)) for key in first.keys() | table.keys())
            keys.update(key for key, one, other in pairs if not _same(one, other))
    return {key for key in keys if len({canonical_json(table.get(key, ABSENT)) for table in tables}) > 1}


def canonical_json(value: Any) -> str:
    """Equal for equal values: strict JSON, where 1.0 is 1."""
    if value is ABSENT:
        return NOT_RECORDED
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    return _code(value) or f"a {type(value).__name__} that cannot be shown"


def _code(value: Any) -> str | None:
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    except (RecursionError, TypeError, ValueError):  # too deep, or a number of thousands of digits
        return None


def _same(one: Any, other: Any) -> bool:
    try:
        return one == other
    except RecursionError:
        return False


def values(kinds: Sequence[RunProfile], look: Callable[[RunProfile], Any], shown: Callable[[Any], str]) -> str:
    """The value of a variant, printable; where its runs disagree, each value with its seeds."""
    seeds: dict[str, list[int]] = {}
    for kind in kinds:
        seeds.setdefault(printable(shown(look(kind))), []).extend(kind.seeds)
    if len(seeds) == 1:
        return next(iter(seeds))
    by_seed = sorted((sorted(set(of)), text) for text, of in seeds.items())
    return list_with_more([f"{text} ({_seeds(of)})" for of, text in by_seed], MOST)


def short(value: Any) -> str:
    """As one types it; of long texts the start and a mark that tells them apart."""
    text = value if isinstance(value, str) else canonical_json(value)
    if DIGEST.fullmatch(text):
        return text[:12]
    mark = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 10]}… {mark}"


def _seeds(seeds: Sequence[int]) -> str:
    return f"{'seed' if len(seeds) == 1 else 'seeds'} {list_with_more(seeds, SEEDS)}"


def _kind(run: Run, seeds: Sequence[int]) -> RunProfile:
    parts = {name: _mapping(run.facts.get(name)) for name in PARTS}
    facts = {**_results(run), **_data(run)}
    facts |= {name: run.facts[name] for name in ("selected_on", "code", "plugins") if run.facts.get(name) is not None}
    for name, part in parts.items():
        facts |= {f"{name}.{key}": value for key, value in part.items() if key not in ("versions", "flags")}
    exactness = parts["exactness"]
    facts |= {f"exactness.versions.{k}": v for k, v in _mapping(exactness.get("versions")).items()}
    if isinstance(exactness.get("flags"), dict):
        facts |= {f"exactness.flags.{k}": v for k, v in {**dict.fromkeys(FLAGS, NOT_SET), **exactness["flags"]}.items()}
    repeats = {key: value for key, value in _repeats(run, parts).items() if value is not None}
    facts = {key: value for key, value in facts.items() if key not in repeats or not _same(value, repeats[key])}
    return RunProfile(run.config, facts, repeats, frozenset(name for name, part in parts.items() if not part), seeds)


def _results(run: Run) -> dict[str, Any]:
    """What a run came to that no luck decides."""
    epochs = len(run.history.get("loss", ()))
    return {
        "trainable_parameters": run.parameters,
        "macs": run.macs,
        **({"epochs": epochs} if epochs else {}),
        **({"validated_on_test": run.validated_on_test} if "selected_on" in run.facts else {}),
    }


def _data(run: Run) -> dict[str, Any]:
    told = _mapping(run.facts.get("data"))
    known = run.test_images is not None or "test" in told
    return {
        "data": run.data,
        "data.digest": run.digest,
        "validation_images": run.validation_images,
        **({"test_images": run.test_images} if known else {}),
        **{NAMES.get(key, f"data.{key}"): value for key, value in told.items() if key not in ELSEWHERE},
    }


def _repeats(run: Run, parts: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """What parts of the exactness are in the config or elsewhere in the record too."""
    hardware, devices = parts["hardware"], parts["hardware"].get("devices")
    return {
        "exactness.backend": run.config.get("backend"),
        "exactness.deterministic": run.config.get("deterministic"),
        "exactness.data": run.digest,
        "exactness.processor": hardware.get("processor"),
        "exactness.devices": devices[:1] if isinstance(devices, list) else None,  # a run computes on one
        **{f"exactness.versions.{name}": version for name, version in parts["versions"].items()},
    }


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
