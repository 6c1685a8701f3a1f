"""Comparability of two variants: every undeclared difference between them, with its key and both values."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from ablation.comparison.analysis.comparison import Comparability, Difference
from ablation.comparison.comparability.rules import (
    ALWAYS_NOTED,
    BLOCKING_FACTS,
    CAUSES,
    EXACT,
    FACTOR_GROUPS,
    IMPLIED_BY,
    NEVER_FACTORS,
)
from ablation.comparison.comparability.run_facts import (
    ABSENT,
    PARTS,
    RunProfile,
    canonical_json,
    describe_values,
    differing_keys,
    run_profiles,
    short_text,
)
from ablation.comparison.reading.run import Run
from ablation.config.applicability import reads
from ablation.config.backends import SHAPING
from ablation.config.budget import EVALUATION, sets_length
from ablation.redaction import printable

Read = Callable[[RunProfile, str], Any]  # RunProfile.setting, .fact or .part


def comparability(
    baseline_runs: Sequence[Run], variant_runs: Sequence[Run], declared: Collection[str], budget: bool = False
) -> Comparability:
    """Find every undeclared difference between two variants, or among the runs of one, ordered by key.

    declared: keys of the config that may differ, such as `model.residual`; `model` stands for all keys of the group.
    budget: True if declared keys may change the length of training or the number of images.
    A value that only some records have is noted. If one side has no runs, there are no differences. The order of runs
    does not matter.
    """
    if not baseline_runs or not variant_runs:
        return Comparability()
    gate = _Gate(run_profiles(baseline_runs), run_profiles(variant_runs), set(declared), budget)
    gate.check_settings()
    gate.check_exactness()
    gate.check_facts()
    gate.check_missing_parts()
    return Comparability(_ordered(gate.blocking), _ordered(gate.informational))


def factors(baseline_run: Run, variant_run: Run) -> set[str]:
    """The differing config keys that a comparison without a study treats as its factors.

    All belong to one group, the first of FACTOR_GROUPS with a difference: if the networks differ, the recipe must not.
    Keys that set the length, precision, batch size, split, selection or data set are never factors.
    """
    configs = (baseline_run.config, variant_run.config)
    possible = set()
    for key in differing_keys(configs) - NEVER_FACTORS:
        read_by_both = reads(baseline_run.config, key) and reads(variant_run.config, key)
        if read_by_both and not sets_length(key, configs):
            possible.add(key)
    for group in FACTOR_GROUPS:
        keys = {key for key in possible if key.startswith(f"{group}.")}
        if keys:
            return keys
    return set()


class _Gate:
    """Collects the differences between two variants.

    baseline, variant: their runs, grouped by equal config and facts. declared, budget: as in `comparability`.
    accepted: declared keys that differ. blocking, informational: the differences by key.
    """

    def __init__(self, baseline: list[RunProfile], variant: list[RunProfile], declared: set[str], budget: bool):
        self.baseline, self.variant = baseline, variant
        self.declared, self.budget = declared, budget
        self.profiles = [*baseline, *variant]
        self.configs = [profile.config for profile in self.profiles]
        self.differing_settings = differing_keys(self.configs)
        # Facts that differ only because a record lacks their whole part are left to check_missing_parts.
        self.differing_facts = {key for key in _differing_facts(self.profiles) if self._is_known(key)}
        self.accepted: set[str] = set()
        self.blocking: dict[str, Difference] = {}
        self.informational: dict[str, Difference] = {}

    def _is_known(self, key: str) -> bool:
        """Return whether a fact differs between the records that have its part."""
        return len(_fact_values(self.profiles, key)) > 1

    # ---------------------------------------------------------------- settings

    def check_settings(self) -> None:
        for key in self.differing_settings:
            self._check_setting(key)

    def _check_setting(self, key: str) -> None:
        """Compare only runs that use the key; the setting that makes the others ignore it is checked separately."""
        baseline_values = _read_settings(self.baseline, key)
        variant_values = _read_settings(self.variant, key)
        if not baseline_values and not variant_values:
            self._note(key, RunProfile.setting)
            return
        if len(baseline_values | variant_values) == 1:
            return
        differs_within_variant = len(baseline_values) > 1 or len(variant_values) > 1
        if self._may_differ(key) and not differs_within_variant:
            self.accepted.add(key)
        else:
            self._block(key, RunProfile.setting)

    def _may_differ(self, key: str) -> bool:
        group = key.partition(".")[0]
        if key not in self.declared and group not in self.declared:
            return False
        if key in EVALUATION:
            return False
        return self.budget or not sets_length(key, self.configs)

    # ---------------------------------------------------------------- facts

    def check_exactness(self) -> None:
        """Block a comparison of runs that lost bit-exactness by a resume with runs that did not."""
        inexact = sum(_lost_exactness(profile) for profile in self.profiles)
        if inexact == 0:
            return
        self.differing_facts.discard(EXACT)
        if inexact == len(self.profiles):
            self._note(EXACT, RunProfile.fact)
        else:
            self._block(EXACT, RunProfile.fact)

    def check_facts(self) -> None:
        for key in self.differing_facts:
            if not self._is_implied(key):
                self._check_fact(key)

    def _check_fact(self, key: str) -> None:
        unknown = {canonical_json(ABSENT)}
        baseline_values = _fact_values(self.baseline, key) - unknown
        variant_values = _fact_values(self.variant, key) - unknown
        differs_within_variant = len(baseline_values) > 1 or len(variant_values) > 1
        if len(baseline_values | variant_values) < 2:
            self._note(key, RunProfile.fact)
        elif self._is_caused_by_declared_keys(key) and not differs_within_variant:
            if key in ALWAYS_NOTED:
                self._note(key, RunProfile.fact)
        elif self._is_blocking(key):
            self._block(key, RunProfile.fact)
        else:
            self._note(key, RunProfile.fact)

    def _is_implied(self, key: str) -> bool:
        """Return whether other differences imply this one, between the variants and within each variant."""
        causes = IMPLIED_BY.get(key, ())
        if not _has_cause(causes, (self.differing_settings | self.differing_facts) - {key}):
            return False
        for side in (self.baseline, self.variant):
            if len(_fact_values(side, key)) > 1 and not _has_cause(causes, _differences_within(side) - {key}):
                return False
        return True

    def _is_caused_by_declared_keys(self, key: str) -> bool:
        if EVALUATION.intersection(self.blocking):  # may also be the cause
            return False
        causes = self.accepted & CAUSES.get(key, frozenset())
        return bool(causes) and (self.budget or key != "steps.total")

    def _is_blocking(self, key: str) -> bool:
        """Return whether the fact blocks. A version does if its package affects results, except for patch versions."""
        part, _, name = key.rpartition(".")
        if not part.endswith("versions"):
            return key in BLOCKING_FACTS
        versions = set()
        for profile in self.profiles:
            version = profile.fact(key)
            if version is not ABSENT:
                versions.add(_minor_version(version))
        return name in self._shaping_packages() and len(versions) > 1

    def _shaping_packages(self) -> set[str]:
        """The packages that affect results of any backend of the runs."""
        packages: set[str] = set()
        for config in self.configs:
            packages.update(SHAPING.get(str(config.get("backend")), ()))
        return packages

    def check_missing_parts(self) -> None:
        """Note each part that only some records have as one difference."""
        for part in PARTS:
            missing = sum(part in profile.missing_parts for profile in self.profiles)
            if 0 < missing < len(self.profiles):
                self._note(part, RunProfile.part)

    # ---------------------------------------------------------------- differences

    def _block(self, key: str, read: Read) -> None:
        self.blocking[key] = self._difference(key, read)

    def _note(self, key: str, read: Read) -> None:
        self.informational[key] = self._difference(key, read)

    def _difference(self, key: str, read: Read) -> Difference:
        """The difference with both values as text, shortened unless that makes them equal."""
        baseline = describe_values(self.baseline, key, read, short_text)
        variant = describe_values(self.variant, key, read, short_text)
        if baseline == variant:
            baseline = describe_values(self.baseline, key, read, canonical_json)
            variant = describe_values(self.variant, key, read, canonical_json)
        return Difference(printable(key), baseline, variant)


def _ordered(differences: dict[str, Difference]) -> tuple[Difference, ...]:
    return tuple(differences[key] for key in sorted(differences))


def _read_settings(profiles: Sequence[RunProfile], key: str) -> set[str]:
    """The values of a setting in the runs that use it."""
    return {canonical_json(profile.setting(key)) for profile in profiles if reads(profile.config, key)}


def _fact_values(profiles: Sequence[RunProfile], key: str) -> set[str]:
    """The values of a fact in the records that have its part; a missing fact counts as a value."""
    return {canonical_json(profile.fact(key)) for profile in profiles if not profile.lacks_part_of(key)}


def _differences_within(profiles: Sequence[RunProfile]) -> set[str]:
    """The settings and facts in which the runs of one variant differ."""
    settings = differing_keys([profile.config for profile in profiles])
    return settings | _differing_facts(profiles)


def _differing_facts(profiles: Sequence[RunProfile]) -> set[str]:
    return differing_keys([profile.facts for profile in profiles])


def _has_cause(causes: Sequence[str], keys: Iterable[str]) -> bool:
    """Return whether a key is among the causes. causes: keys, or `part.` for all keys of a part."""
    for key in keys:
        for cause in causes:
            if key == cause or (cause.endswith(".") and key.startswith(cause)):
                return True
    return False


def _lost_exactness(profile: RunProfile) -> bool:
    """Return whether a deterministic run was resumed elsewhere. Other runs were never bit-exact."""
    return profile.fact(EXACT) is False and profile.fact("exactness.deterministic") is not False


def _minor_version(version: Any) -> tuple[str, ...]:
    return tuple(short_text(version).split(".")[:2])
