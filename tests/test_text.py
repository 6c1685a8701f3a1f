"""Text: values as typed, lists, durations, sizes, long names."""

import pytest

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
    rates = ["rate=0.1", "rate=0.03", "rate=0.01", "rate=10", "rate=9.5"]
    assert sorted(rates, key=text.natural_sort_key) == ["rate=0.01", "rate=0.03", "rate=0.1", "rate=9.5", "rate=10"]


def test_long_texts_are_cut_in_their_middle_and_stay_unique():
    long = ["x" * 50 + "end", "y" * 50 + "end", "x" * 60 + "end", "short"]
    shortened = text.shorten(long, 20)
    assert shortened == ["xxxxxxxxxxxxx…xxxend (1)", "yyyyyyyyyyyyy…yyyend", "xxxxxxxxxxxxx…xxxend (2)", "short"]


def test_duplicates_are_found_and_numbered():
    texts = ["a", "b", "a", "c", "b"]
    assert text.duplicates(texts) == [[0, 2], [1, 4]]
    assert text.number_duplicates(texts) == ["a (1)", "b (1)", "a (2)", "c", "b (2)"]
    assert texts == ["a", "b", "a", "c", "b"]


def test_shortened_labels_are_short_and_unique():
    long = [f"{'x' * 200}{i}{'y' * 200}" for i in range(3)]
    short = text.shorten(["resnet34", *long])
    assert short[0] == "resnet34" and len(set(short)) == 4 and max(map(len, short)) < 50


def test_an_error_in_one_line():
    assert text.first_line(ValueError("\n a\nb")) == "a"
    assert text.first_line(KeyError()) == "KeyError"
    assert text.first_line(ValueError("x" * 300)) == "x" * 200
