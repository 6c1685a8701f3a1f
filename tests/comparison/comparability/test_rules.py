"""The rules of comparability name keys and facts that exist."""

from ablation.comparison.comparability.rules import (
    ALWAYS_NOTED,
    CAUSES,
    FACTOR_GROUPS,
    IMPLIED_BY,
    NEVER_FACTORS,
)
from ablation.config.schema import DEFAULTS, GROUPS


def test_what_causes_a_difference_is_a_key_of_the_config():
    for keys in CAUSES.values():
        assert keys and keys <= DEFAULTS.keys()


def test_what_is_always_noted_has_a_cause():
    assert ALWAYS_NOTED <= CAUSES.keys()


def test_no_fact_is_implied_by_itself_alone():
    for fact, leaders in IMPLIED_BY.items():
        assert leaders and fact not in leaders


def test_factors_are_sought_in_every_group_of_the_schema():
    assert set(FACTOR_GROUPS) == set(GROUPS)
    assert NEVER_FACTORS < DEFAULTS.keys()
