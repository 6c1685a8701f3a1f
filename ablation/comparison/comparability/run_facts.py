"""The facts that runs record beside their config, as flat mappings, and groups of runs with equal facts.

A fact's key is its path in the record (`steps.total`, `versions.keras`). Exceptions: `data`, `train_images`,
`validation_images`, `test_images`, `class_names`, and `epochs`, the number of rows of the history.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ablation.comparison.reading.facts import RunFacts
from ablation.comparison.reading.run import Run
from ablation.config.applicability import Settings
from ablation.config.backends import FLAGS
from ablation.redaction import printable
from ablation.rundir.record_fields import Json
from ablation.text import list_with_more

ABSENT = object()  # the value of what a record does not have
NOT_RECORDED, NOT_SET = "not recorded", "not set"
MAX_TEXT, MAX_VALUES, MAX_SEEDS = 60, 4, 8  # characters of a value, values of a variant, seeds of a value
DIGEST = re.compile(r"[0-9a-f]{64}")
PARTS = ("exactness", "versions", "hardware", "git", "steps")
# data.classes and data.validation are keys of the config too.
DATA_FACTS = {"train": "train_images", "classes": "class_names"}
FIELDS_OF_RUN = ("name", "digest", "validation", "test")  # of the record's data
NOT_COMPARED = ("excluded", "duplicates")  # of the record's data: files that no run uses, and what the digest implies


@dataclass(frozen=True)
class RunProfile:
    """Runs of one variant with equal config and facts.

    repeats: facts that the record or the config also has elsewhere; they count only if `facts` lacks them.
    missing_parts: the parts that the record lacks because an older version wrote it.
    """

    config: Settings
    facts: Settings
    repeats: Settings
    missing_parts: frozenset[str]
    seeds: Sequence[int]

    def setting(self, key: str) -> Any:
        """The value of a key of the config, or ABSENT."""
        return self.config.get(key, ABSENT)

    def fact(self, key: str) -> Any:
        """The value of a fact, or ABSENT."""
        return self.facts.get(key, self.repeats.get(key, ABSENT))

    def part(self, name: str) -> Any:
        """All facts of a part of the record, or ABSENT."""
        prefix = f"{name}."
        part = {}
        for key, value in self.facts.items():
            if key.startswith(prefix):
                part[key.removeprefix(prefix)] = value
        return part or ABSENT

    def lacks_part_of(self, key: str) -> bool:
        """Return whether the whole part of the fact is missing."""
        return self.fact(key) is ABSENT and key.partition(".")[0] in self.missing_parts


@dataclass
class _EqualRuns:
    """Runs with equal recorded values. first: one of the runs."""

    recorded: list[Any]
    first: Run
    seeds: list[int]


def run_profiles(runs: Sequence[Run]) -> list[RunProfile]:
    """Group runs with equal records; in most variants there is a single group."""
    groups: list[_EqualRuns] = []
    group_of_text: dict[str, _EqualRuns] = {}
    for run in runs:
        recorded = _recorded_values(run, run.facts)
        if groups and equal(recorded, groups[0].recorded):  # most often so, and faster than writing JSON
            groups[0].seeds.append(run.seed)
            continue
        text = _json_or_none(_recorded_values(run, run.facts.to_json())) or str(len(groups))
        if text not in group_of_text:
            group_of_text[text] = _EqualRuns(recorded, run, [])
            groups.append(group_of_text[text])
        group_of_text[text].seeds.append(run.seed)
    return [_profile(group.first, group.seeds) for group in groups]


def _recorded_values(run: Run, facts: RunFacts | Json) -> list[Any]:
    """All values of a run from which its profile is computed. facts: its facts, or their JSON."""
    return [
        run.config,
        facts,
        run.data,
        run.digest,
        run.validation_images,
        run.test_images,
        run.validated_on_test,
        run.parameters,
        run.macs,
        _epochs(run),
    ]


def _epochs(run: Run) -> int:
    return len(run.history.get("loss", ()))


# ---------------------------------------------------------------- values


def differing_keys(tables: Sequence[Settings]) -> set[str]:
    """The keys whose values differ between the tables."""
    first = tables[0]
    candidates: set[str] = set()
    for table in tables[1:]:
        if equal(table, first):
            continue
        for key in first.keys() | table.keys():
            if not equal(table.get(key, ABSENT), first.get(key, ABSENT)):
                candidates.add(key)
    differing = set()
    for key in candidates:
        texts = {canonical_json(table.get(key, ABSENT)) for table in tables}
        if len(texts) > 1:
            differing.add(key)
    return differing


def canonical_json(value: Any) -> str:
    """The value as strict JSON, which is the same text for equal values, such as 1 and 1.0."""
    if value is ABSENT:
        return NOT_RECORDED
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    return _json_or_none(value) or f"a {type(value).__name__} that cannot be shown"


def _json_or_none(value: Any) -> str | None:
    try:
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    except (RecursionError, TypeError, ValueError):  # nested too deep, or a number of thousands of digits
        return None


def equal(first: Any, second: Any) -> bool:
    """Return whether two recorded values are equal; values nested too deep to compare count as different."""
    try:
        return first == second
    except RecursionError:
        return False


# ---------------------------------------------------------------- values as text


def describe_values(
    profiles: Sequence[RunProfile], key: str, read: Callable[[RunProfile, str], Any], as_text: Callable[[Any], str]
) -> str:
    """The printable value of a key in a variant; if its runs differ, each value with its seeds.

    read: RunProfile.setting, .fact or .part.
    """
    seeds_of_text: dict[str, list[int]] = {}
    for profile in profiles:
        text = printable(as_text(read(profile, key)))
        seeds_of_text.setdefault(text, []).extend(profile.seeds)
    if len(seeds_of_text) == 1:
        return next(iter(seeds_of_text))
    values = [(sorted(set(seeds)), text) for text, seeds in seeds_of_text.items()]
    descriptions = []
    for seeds, text in sorted(values):
        noun = "seed" if len(seeds) == 1 else "seeds"
        descriptions.append(f"{text} ({noun} {list_with_more(seeds, MAX_SEEDS)})")
    return list_with_more(descriptions, MAX_VALUES)


def short_text(value: Any) -> str:
    """A value as a user types it; a long one is truncated and ends in a hash that keeps it distinct."""
    text = value if isinstance(value, str) else canonical_json(value)
    if DIGEST.fullmatch(text):
        return text[:12]
    if len(text) <= MAX_TEXT:
        return text
    text_hash = hashlib.sha256(text.encode(errors="replace")).hexdigest()[:8]
    return f"{text[: MAX_TEXT - 10]}… {text_hash}"


# ---------------------------------------------------------------- the facts of a run


def _profile(run: Run, seeds: Sequence[int]) -> RunProfile:
    parts = _parts(run.facts)
    facts = {**_result_facts(run), **_data_facts(run), **_text_facts(run.facts), **_part_facts(run.facts, parts)}
    repeats = _repeats(run)
    for key, value in repeats.items():
        if key in facts and equal(facts[key], value):
            del facts[key]
    missing_parts = frozenset(name for name in PARTS if not parts[name])
    return RunProfile(run.config, facts, repeats, missing_parts, seeds)


def _parts(facts: RunFacts) -> dict[str, Json]:
    """The PARTS as in the record."""
    return {
        "exactness": facts.exactness.to_json(),
        "versions": facts.versions,
        "hardware": facts.hardware.to_json(),
        "git": facts.git.to_json(),
        "steps": facts.steps.to_json(),
    }


def _result_facts(run: Run) -> dict[str, Any]:
    """Recorded results that do not depend on the seed."""
    facts: dict[str, Any] = {"trainable_parameters": run.parameters, "macs": run.macs}
    epochs = _epochs(run)
    if epochs:
        facts["epochs"] = epochs
    facts["validated_on_test"] = run.validated_on_test
    return facts


def _data_facts(run: Run) -> dict[str, Any]:
    facts: dict[str, Any] = {"data": run.data, "data.digest": run.digest}
    facts |= {"validation_images": run.validation_images, "test_images": run.test_images}
    for name, value in run.facts.data.to_json().items():
        if name not in FIELDS_OF_RUN + NOT_COMPARED:
            facts[DATA_FACTS.get(name, f"data.{name}")] = value
    return facts


def _text_facts(facts: RunFacts) -> dict[str, Any]:
    texts = {"selected_on": facts.selected_on, "code": facts.code, "plugins": facts.plugins}
    return {name: text for name, text in texts.items() if text is not None}


def _part_facts(recorded: RunFacts, parts: Mapping[str, Json]) -> dict[str, Any]:
    """All values of the parts, including each one in `exactness.versions` and `exactness.flags`."""
    facts = {}
    for name, part in parts.items():
        for key, value in part.items():
            if key not in ("versions", "flags"):
                facts[f"{name}.{key}"] = value
    exactness = recorded.exactness
    for package, version in (exactness.versions or {}).items():
        facts[f"exactness.versions.{package}"] = version
    if exactness.flags is not None:
        flags = dict.fromkeys(FLAGS, NOT_SET) | exactness.flags
        for name, value in flags.items():
            facts[f"exactness.flags.{name}"] = value
    return facts


def _repeats(run: Run) -> dict[str, Any]:
    """The facts of `exactness` that the config or another part of the record also has."""
    hardware = run.facts.hardware
    repeats: dict[str, Any] = {
        "exactness.backend": run.config.get("backend"),
        "exactness.deterministic": run.config.get("deterministic"),
        "exactness.data": run.digest,
        "exactness.processor": hardware.processor,
        "exactness.devices": None if hardware.devices is None else hardware.devices[:1],  # a run computes on one
    }
    for package, version in run.facts.versions.items():
        repeats[f"exactness.versions.{package}"] = version
    return {key: value for key, value in repeats.items() if value is not None}
