"""Text: values as typed, lists, durations, sizes, long names."""

import re
import shlex

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from ablation import text


@pytest.mark.parametrize(
    ("value", "typed"),
    [
        (None, "null"),
        (True, "true"),
        (0.1, "0.1"),
        (1e-05, "1e-05"),
        (3, "3"),
        ("cifar10", "cifar10"),
        ([3, 4, 6, 3], "[3,4,6,3]"),
        (("a", None, [True]), "[a,null,[true]]"),
        ([], "[]"),
        ({"b": 1, "a": False}, "{a:false,b:1}"),
    ],
)
def test_a_typed_value_on_a_command_line(value, typed):
    assert text.typed_value(value) == typed


@pytest.mark.parametrize(
    ("count", "limit", "listed"),
    [
        (0, None, ""),
        (1, None, "a"),
        (2, None, "a and b"),
        (3, None, "a, b and c"),
        (3, 3, "a, b and c"),
        (5, 2, "a, b and 3 more"),
        (5, 1, "a and 4 more"),
    ],
)
def test_a_list_says_how_many_more_there_are(count, limit, listed):
    assert text.list_with_more("abcde"[:count], limit) == listed


def test_a_list_of_clauses_has_its_own_separator():
    assert text.list_with_more(["a, b", "c, d", "e"], 2, "; ") == "a, b; c, d; and 1 more"
    assert text.list_with_more(range(1500), 1) == "0 and 1,499 more"


def test_a_duration_has_two_units_at_most():
    seconds = (0.04, 0.5, 9.94, 9.96, 42, 59.4, 59.6, 119, 200, 3599, 3600, 7500, 9e6)
    assert [text.duration(value) for value in seconds] == [
        *("0.0 s", "0.5 s", "9.9 s", "10 s", "42 s", "59 s", "1 min 0 s", "1 min 59 s", "3 min 20 s", "59 min 59 s"),
        *("1 h 0 min", "2 h 5 min", "2,500 h 0 min"),
    ]


def test_a_size_has_three_digits_and_a_unit():
    sizes = (0, 12, 999.7, 300_000, 999_900, 94e6, 19e9, 2e12)
    assert [text.size(value) for value in sizes] == (
        ["0 B", "12 B", "1 kB", "300 kB", "1 MB", "94 MB", "19 GB", "2 TB"]
    )


def test_a_count_takes_its_plural():
    assert [text.plural(count, "run") for count in (0, 1, 2, 1200)] == ["0 runs", "1 run", "2 runs", "1,200 runs"]


def test_a_capital_letter_leaves_the_rest_alone():
    assert text.capitalized("macs of resnet34") == "Macs of resnet34"
    assert text.capitalized("MACs") == "MACs" and text.capitalized("") == ""


def test_numbers_in_names_sort_by_their_value():
    assert sorted(["resnet101", "resnet50", "plain9"], key=text.natural_sort_key) == ["plain9", "resnet50", "resnet101"]
    rates = ["lr=0.25", "lr=0.3", "lr=2", "lr=10"]
    assert sorted(sorted(rates), key=text.natural_sort_key) == rates
    assert text.natural_sort_key("0.03") < text.natural_sort_key("0.1")


def test_long_texts_are_cut_in_their_middle_and_stay_unique():
    long = ["x" * 50 + "end", "y" * 50 + "end", "x" * 60 + "end", "short"]
    shortened = text.shorten(long, 20)
    assert shortened == ["xxxxxxxxx…xxxend (1)", "yyyyyyyyyyyyy…yyyend", "xxxxxxxxx…xxxend (2)", "short"]


def test_what_remains_of_a_long_text_fits_no_other():
    """The … moves to where the texts are alike, or stands in each word."""
    assert text.shorten(["abcdefghij", "abcdefxxij"], 6) == ["ab…hij", "ab…xij"]
    assert text.shorten(["abcdefghij", "abcdefghix", "xbcdefghij"], 6) == ["abc…ij", "abc…ix", "xbc…ij"]
    grid = [f"norm={norm} act={act} lr={lr}" for norm in ("batch", "none") for act in ("gelu", "tanh") for lr in (1, 2)]
    assert text.shorten(grid, 12)[::7] == ["n…h a…u lr=1", "n…e a…h lr=2"]


texts_alike = st.lists(st.text("ab c=", max_size=30), min_size=1, max_size=12, unique=True)


@given(texts=texts_alike, limit=st.integers(10, 30))
def test_shortened_texts_are_short_unique_and_fit_no_other(texts, limit):
    short = text.shorten(texts, limit)
    assert len(set(short)) == len(texts) and max(map(len, short)) <= limit
    for whole, part in zip(texts, short, strict=True):
        assert (part == whole) == (len(whole) <= limit)
        if part != whole and not part.endswith(")"):
            gap = "[^ ]*" if part.count(" ") == whole.count(" ") else ".*"
            pattern = gap.join(map(re.escape, part.split("…")))
            assert [each for each in texts if re.fullmatch(pattern, each)] == [whole]


@given(texts=texts_alike, limit=st.integers(3, 12))
def test_a_cut_has_the_limit_and_fits_one_text(texts, limit):
    for whole, part in text.cut_in_middle(texts, limit).items():
        start, end = part.split("…")
        assert len(part) == limit < len(whole)
        assert [each for each in texts if each.startswith(start) and each.endswith(end) and len(each) >= limit] == [
            whole
        ]


def test_the_end_of_a_cut_can_be_chosen():
    assert text.cut_in_middle(["1.2345e-5", "1.3345e-5"], 7, [3]) == {"1.2345e-5": "1.2…e-5", "1.3345e-5": "1.3…e-5"}
    assert text.cut_in_middle(["1.2345e-5", "1.2346e-5"], 7, [3]) == {}
    assert text.cut_in_middle(["abcdef"], 3, [9]) == {}


def test_duplicates_are_found_and_numbered():
    texts = ["a", "b", "a", "c", "b"]
    assert text.duplicates(texts) == [[0, 2], [1, 4]]
    assert text.number_duplicates(texts) == ["a (1)", "b (1)", "a (2)", "c", "b (2)"]
    assert texts == ["a", "b", "a", "c", "b"]


def test_a_number_makes_no_text_equal_to_another():
    assert text.number_duplicates(["a", "a", "a (1)"]) == ["a (2)", "a (3)", "a (1)"]
    assert text.number_duplicates(["abcdef", "abcdef", "ab (1)"], 6) == ["a… (1)", "a… (2)", "ab (1)"]


def test_shortened_labels_are_short_and_unique():
    long = [f"{'x' * 200}{i}{'y' * 200}" for i in range(3)]
    short = text.shorten(["resnet34", *long])
    assert short[0] == "resnet34" and len(set(short)) == 4 and max(map(len, short)) < 50


def test_an_error_in_one_line():
    assert text.first_line(ValueError("\n a\nb")) == "a"
    assert text.first_line(KeyError()) == "KeyError"
    assert text.first_line(ValueError("x" * 300)) == "x" * 200


@pytest.mark.parametrize(
    "word", ["a", "true", "NaN", "1", "", "a b", "it's", "\\", "\\'", "a\\b", 'a"b', "$x", "`x`!", "a,b", "[1]"]
)
def test_a_text_survives_the_shell_and_hydra(word):
    (typed,) = shlex.split(f"key={text.shell_text(word)}")
    for each in (typed, f"key={text.hydra_text(word)}"):
        assert OverridesParser.create().parse_override(each).value() == word
    assert (text.shell_text("a"), text.shell_text("1")) == ("a", "\"'1'\"")
