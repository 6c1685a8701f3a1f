"""Values as users type them: what equals what, and what is smaller."""

from datetime import UTC, datetime, timedelta

import pytest

from ablation.comparison.reading import condition_values
from ablation.comparison.reading.condition_values import Number, Word


@pytest.mark.parametrize(
    ("fact", "text", "same"),
    [
        (0.1, "1e-1", True),
        (0.1, ".1", True),
        (0.1, "0.2", False),
        (64, "64.0", True),
        (2**53 + 1, str(2**53 + 1), True),  # as floats these two would be equal
        (2**53 + 1, str(2**53), False),
        (1, "true", False),
        (True, "true", True),
        (True, "True", True),
        (True, "1", False),
        (False, "false", True),
        (None, "null", True),
        (None, "0", False),
        (None, "", False),
        ("null", "null", True),
        (0, "null", False),
        ([3, 4, 6, 3], "[3,4,6,3]", True),
        ([3, 4, 6, 3], "[3, 4, 6, 3.0]", True),
        ([3, 4], "[4,3]", False),
        ([3, 4], "3", False),
        ([], "[]", True),
        ([[1, 2], [3]], "[[1,2],[3]]", True),
        (["a", None], "[a,null]", True),
        ("batch", "batch", True),
        ("batch", "Batch", False),
        ("1", "1", True),
        (float("nan"), "nan", False),
        (5, "five", False),
        ({"a": 1}, "{a:1}", True),
    ],
)
def test_a_value_equals_what_a_user_types_for_it(fact, text, same):
    assert condition_values.is_typed(fact, text) is same
    assert condition_values.word(text).holds("=", fact) is same


def test_quotation_marks_make_a_text(fact="a,b"):
    assert condition_values.word("'null'") == Word("null", quoted=True)
    assert condition_values.word('"a,b"').holds("=", fact) and not condition_values.word("'1'").holds("=", 1)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        ("a,", ["a", ""]),
        ("[1,2],[3]", ["[1,2]", "[3]"]),
        ("'a,b',c", ["'a,b'", "c"]),
        ('"[",a', ['"["', "a"]),
        ("{a:1,b:2},3", ["{a:1,b:2}", "3"]),
    ],
)
def test_commas_separate_values_but_not_inside_of_one(text, parts):
    assert condition_values.split_at_commas(text) == parts


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7d", 604800), ("12h", 43200), ("30min", 1800), ("30m", 1800), ("2w", 1209600), ("1.5 h", 5400), ("90s", 90)],
)
def test_durations(text, seconds):
    assert condition_values.duration(text) == Number(seconds)


@pytest.mark.parametrize(
    ("text", "size"),
    [("1GB", 10**9), ("500 MB", 5 * 10**8), ("1.5kB", 1500), ("2gib", 2**31), ("100", 100), ("3B", 3), (".5TB", 5e11)],
)
def test_sizes(text, size):
    assert condition_values.size(text) == Number(size)


@pytest.mark.parametrize("text", ["", "7", "d", "7 days", "-1d", "1e3s", "7d2h", "٣d", "7mo"])
def test_what_is_no_duration(text):
    assert condition_values.duration(text) is None


@pytest.mark.parametrize("text", ["", "GB", "1 XB", "-1GB", "1,5GB", "nan"])
def test_what_is_no_size(text):
    assert condition_values.size(text) is None


@pytest.mark.parametrize("text", ["", "nan", "inf", "-inf", "1e999", "x", "0x10"])
def test_what_is_no_number(text):
    assert condition_values.number(text) is None


@pytest.mark.parametrize(
    "text", ["2026", "2026-11", "2026-13-01", "2026-11-31", "20261120", "today", "2026-11-20T25:00"]
)
def test_what_is_no_date(text):
    assert condition_values.period(text) is None


@pytest.mark.parametrize("text", ["0001-01-01", "9999-12-31", "9999-12-31T23:59"])
def test_a_date_at_the_end_of_time_stops_nothing(text):
    condition_values.period(text)


def test_a_day_lasts_from_midnight_to_midnight_where_the_user_is():
    day = condition_values.period("2026-11-20")
    noon = datetime(2026, 11, 20, 12).astimezone()
    first, last = datetime(2026, 11, 20).astimezone(), datetime(2026, 11, 20, 23, 59, 59).astimezone()
    for time in (first, noon.astimezone(UTC), last):
        assert [day.holds(sign, time) for sign in ("=", "<", "<=", ">", ">=")] == [True, False, True, False, True]
    before, after = first - timedelta(seconds=1), last + timedelta(seconds=1)
    assert [day.holds(sign, before) for sign in ("=", "<", "<=", ">", ">=")] == [False, True, True, False, False]
    assert [day.holds(sign, after) for sign in ("=", "<", "<=", ">", ">=")] == [False, False, False, True, True]
    assert not day.holds("=", None) and not day.holds("<", "2026-11-19")


def test_a_time_is_a_minute_or_a_second_in_local_time_or_its_own_zone():
    minute, second = condition_values.period("2026-11-20 14:30"), condition_values.period("2026-11-20T14:30:05Z")
    assert minute.start == datetime(2026, 11, 20, 14, 30).astimezone() and minute.end - minute.start == timedelta(
        minutes=1
    )
    assert second.start == datetime(2026, 11, 20, 14, 30, 5, tzinfo=UTC)
    assert second.end - second.start == timedelta(seconds=1)


@pytest.mark.parametrize("fact", [None, "5", True, [5]])
def test_only_numbers_are_ordered(fact):
    assert not any(Number(5).holds(sign, fact) for sign in ("=", "<", "<=", ">", ">="))
