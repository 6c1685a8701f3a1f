"""Fields of run.json, taken out of JSON by type."""

import pytest

from ablation.rundir.files import Unreadable
from ablation.rundir.record_fields import LARGEST_COUNT, LARGEST_NUMBER, Fields, unusable


def test_a_field_is_taken_and_what_nobody_took_is_left():
    values = {"text": "a", "count": 3, "number": 0.5, "mapping": {}, "items": [1], "else": 1}
    fields = Fields(values)
    assert (fields.text("text"), fields.count("count"), fields.number("number")) == ("a", 3, 0.5)
    assert (fields.mapping("mapping"), fields.items("items")) == ({}, [1])
    assert fields.left == {"else": 1} and len(values) == 6


@pytest.mark.parametrize("method", ["text", "count", "number", "mapping", "items"])
def test_what_is_absent_or_null_is_none(method):
    assert getattr(Fields({}), method)("x") is None
    assert getattr(Fields({"x": None}), method)("x") is None


@pytest.mark.parametrize(
    ("method", "value"),
    [
        *(("text", value) for value in (1, True, [], {})),
        *(("count", value) for value in (-1, True, 0.5, "1", LARGEST_COUNT + 1)),
        *(("number", value) for value in (True, "1", [], 2 * LARGEST_NUMBER, float("nan"), LARGEST_COUNT + 1)),
        *(("mapping", value) for value in ([], "", 1)),
        *(("items", value) for value in ({}, "ab", 1)),
    ],
)
def test_another_type_or_size_is_refused_by_name(method, value):
    with pytest.raises(Unreadable, match="^run.json has no usable part.x$"):
        getattr(Fields({"x": value}, "part."), method)("x")


def test_a_field_that_every_run_has_must_be_there():
    for method in ("needed_text", "needed_count"):
        with pytest.raises(Unreadable, match="no usable x"):
            getattr(Fields({}), method)("x")


def test_a_name_that_is_long_does_not_make_a_long_message():
    assert len(str(unusable("x" * 10**6))) == 200
