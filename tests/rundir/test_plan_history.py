"""What a plan remembers: written to JSON, read with its types checked; and comparisons that are the same."""

import json

import pytest

from ablation.rundir import plan_history
from ablation.rundir.plan_history import LogEntry, PastPlan, SeenRuns, count_further

AT = "2026-01-02T03:04:05+00:00"
PAIRS = (frozenset({("a0", "b0"), ("a1", "b1")}), frozenset({("c0", "b0")}))
PAST = PastPlan("0" * 64, AT, AT, 15, 9, ("seeds: [0] before, [0,1] now",), True, (*PAIRS, frozenset({"effect"})))
LOG = LogEntry(AT, "rerun", "resnet34-digits-s0-0123456789.2")
SEEN = SeenRuns(2, ("-norm",), ("a0", "a1", "x"))


def through(value):
    return json.loads(json.dumps(value.to_json()))


def test_each_part_is_read_as_it_was_written():
    assert plan_history.read_past_plan(through(PAST)) == PAST
    assert plan_history.read_log_entry(through(LOG)) == LOG
    assert plan_history.read_seen(through(SEEN)) == SEEN and plan_history.read_seen(None) is None
    assert plan_history.read_past_plan({**through(PAST), "planned": None}).planned is None


ODD = (None, True, 7, -1, 0.5, "odd", [[1]], {"odd": 1})
ALLOWED = {"planned": (None,), "hash": ("odd",), "run": ("odd",), "rules": (True,), "ended": (7,), "shared": (7,)}
READERS = [
    (plan_history.read_past_plan, through(PAST)),
    (plan_history.read_log_entry, through(LOG)),
    (plan_history.read_seen, through(SEEN)),
]


@pytest.mark.parametrize("odd", ODD, ids=repr)
@pytest.mark.parametrize(("read", "values"), READERS, ids=["history", "log", "seen"])
def test_a_field_of_another_type_is_refused(read, values, odd):
    for name in values:
        if any(odd is allowed for allowed in ALLOWED.get(name, ())):
            assert read({**values, name: odd})
            continue
        with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
            read({**values, name: odd})


@pytest.mark.parametrize("odd", [True, 0.0, -0.1, float("inf"), float("nan"), "0.01", 1])
def test_a_difference_is_a_number_above_zero(odd):
    assert plan_history.read_difference(0.01) == 0.01 and plan_history.read_difference(None) is None
    with pytest.raises((TypeError, ValueError)):
        plan_history.read_difference(odd)


def test_ended_runs_are_texts_by_text():
    assert plan_history.read_ended({"a": "b"}) == {"a": "b"}
    for odd in (None, [], {"a": 1}, "a"):
        with pytest.raises(TypeError):
            plan_history.read_ended(odd)


def test_comparisons_are_the_same_if_they_share_a_pair_of_runs():
    a, b, other = frozenset({(1, 0), (2, 0)}), frozenset({(2, 0), (3, 0)}), frozenset({(9, 0)})
    assert count_further([a], []) == 0 and count_further([], [a, a]) == 1
    assert count_further([a], [b]) == 0  # seeds were added
    assert count_further([a], [other, other]) == 1
    assert count_further([frozenset({(1, 0)})], [frozenset({(3, 0)}), b, a]) == 0  # the same through others
    assert count_further([frozenset({"effect a"})], [frozenset({"effect a"}), frozenset({"effect b"})]) == 1
