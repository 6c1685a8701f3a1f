"""What labels show of long values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ablation.comparison.labels import value_cuts
from ablation.comparison.labels.value_cuts import cut_values


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("0.5", ".5"),
        ("-0.25", "-.25"),
        ("0.0001", "1e-4"),
        ("0.001", ".001"),
        ("0.123456789", ".12345…"),
        ("1.23456789e-12", "1…e-12"),
        ("1.5e-5", "1.5e-5"),
        ("0.000123456789", "1.2…e-4"),
        ("12345678", "123456…"),
        ("-0.00056789", "-5…e-4"),
        ("0.0", ".0"),
        ("64", "64"),
        ("nan", "nan"),
        ("inf", "inf"),
        ("1.23456789E-12", "1.2345…"),
    ],
)
def test_numbers_lose_their_last_digits(number, shown):
    assert cut_values([number], 7).get(number, number) == shown


def test_of_equal_remains_none_is_shown_whole():
    """`.12…` would also fit .124."""
    assert cut_values(["0.12345", "0.124", "0.13"], 4) == {"0.12345": ".12…", "0.124": ".12…", "0.13": ".13"}


def test_words_remain_different():
    assert cut_values(["crop", "crop_flip", "flip"], 4) == {"crop_flip": "c…ip"}
    assert cut_values(["he_normal", "he_uniform"], 3) == {"he_normal": "h…l", "he_uniform": "h…m"}
    assert cut_values(["mixed_bfloat16", "mixed_float16"], 3) == {
        "mixed_bfloat16": "mixed_b…", "mixed_float16": "mixed_f…",
    }  # fmt: skip
    assert cut_values(["null", "relu"], 4) == {}


def test_words_that_only_their_middle_distinguishes_stay_whole():
    words = [f"{'x' * 99}{i}{'y' * 99}" for i in range(2)]
    assert cut_values(words, 5) == {}


def test_of_very_many_words_only_the_start_is_considered(monkeypatch):
    monkeypatch.setattr(value_cuts, "MANY", 1)
    assert cut_values(["abcdef", "xbcdef"], 3) == {"abcdef": "ab…", "xbcdef": "xb…"}
    assert cut_values(["abcdef", "abcdeg"], 3) == {}


@given(words=st.lists(st.text("abc_", min_size=1, max_size=20), min_size=1, max_size=6, unique=True))
def test_each_word_can_be_recognised(words):
    cuts = cut_values(words, 5)
    for word, cut in cuts.items():
        start, end = cut.split("…")
        assert [each for each in words if each.startswith(start) and each.endswith(end) and len(each) >= len(cut)] == [
            word
        ]


@given(number=st.floats(0, 1), length=st.integers(3, 12))
def test_what_remains_of_a_number_is_its_start(number, length):
    shown = cut_values([str(number)], length)[str(number)]
    start, mark, exponent = shown.partition("…")
    if not mark:
        assert float(shown) == number
        return
    low = float(f"{start}{exponent}")
    assert low <= number and len(shown) <= max(length, len(f"0…{exponent}"))
