"""Flags as texts: every value comes back as it was, with its type."""

import math

from hypothesis import given
from hypothesis import strategies as st

from ablation.config.program.flags import flag_text, flattened, parse_flag, parse_flags

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(),
    st.sampled_from(["1e-3", "null", "[1]"]),
)


@given(value=VALUES | st.lists(VALUES))
def test_a_value_comes_back_with_its_type(value):
    name, parsed = parse_flag(flag_text("optimizer.lr", value))
    assert name == "optimizer.lr" and type(parsed) is type(value) and repr(parsed) == repr(value)


def test_texts_are_as_a_user_would_write_them():
    texts = [flag_text("x", value) for value in (0.1, True, False, None, "batch", "true", "a b", [1, "a"])]
    assert texts == ["x=0.1", "x=true", "x=false", "x=null", "x=batch", 'x="true"', "x=a b", 'x=[1, "a"]']


def test_the_last_text_of_a_flag_counts():
    assert parse_flags(["lr=0.1", "norm=batch", "lr=1e-2"]) == {"lr": 0.01, "norm": "batch"}


def test_nested_flags_have_dotted_names():
    assert flattened({"a": {"b": {"c": 1}, "d": None}, "e.f": [2]}) == {"a.b.c": 1, "a.d": None, "e.f": [2]}


def test_a_number_of_any_size_is_exact():
    for value in (2**70, 1e-320, -0.0, 1e308):
        parsed = parse_flag(flag_text("x", value))[1]
        assert parsed == value and math.copysign(1, parsed) == math.copysign(1, value)
