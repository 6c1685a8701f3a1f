"""How a table is written: what a user may choose, and how the table records it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.payloads import PAYLOADS

from ablation.errors import AblateError
from ablation.report.tables.style import (
    BEGIN,
    COLUMN_KEYS,
    MAX_DECIMALS,
    TableStyle,
    begin,
    read_style,
    recorded_options,
)

TEXTS = st.text(max_size=12) | st.sampled_from(PAYLOADS)
STYLES = st.builds(
    TableStyle,
    percent=st.booleans(),
    decimals=st.none() | st.integers(0, MAX_DECIMALS),
    rename=st.lists(TEXTS, max_size=2).map(tuple),
    caption=st.none() | TEXTS,
    label=st.none() | st.sampled_from(["tab:x", "t.1_a-b+c/d"]),
    columns=st.lists(st.sampled_from(COLUMN_KEYS), max_size=3, unique=True).map(tuple),
    sort=st.sampled_from(["declared", "effect"]),
)


@given(style=STYLES)
def test_a_table_records_its_style_in_one_line_that_ends_no_comment(style):
    marker = begin(style)
    assert "\n" not in marker and "--" not in marker.removeprefix(BEGIN) and ">" not in marker
    assert marker.isprintable() and marker.isascii()
    options = recorded_options(marker)
    assert options is not None and read_style(options) == style


def test_the_usual_style_records_nothing():
    assert begin(TableStyle()) == BEGIN and recorded_options(BEGIN) == "" and TableStyle().to_json() == {}
    assert begin(TableStyle(percent=True, columns=("p",))) == f'{BEGIN} {{"percent": true, "columns": ["p"]}}'


@pytest.mark.parametrize("text", ["", "x", f"{BEGIN}s", f"{BEGIN} percent", f"{BEGIN}{{}}"])
def test_another_comment_is_no_marker(text):
    assert recorded_options(text) is None


@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        ("{", "cannot be read"),
        ("[1]", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        ('{"speed": 3}', "Received speed. Allowed: percent, decimals"),
        ('{"percent": "yes"}', "Received percent"),
        ('{"percent": 1}', "Received percent"),
        ('{"decimals": true}', "Received decimals"),
        ('{"decimals": 9}', "Received --decimals 9. Allowed: 0 to 6."),
        ('{"columns": "p"}', "Received columns"),
        ('{"columns": ["nope"]}', "Received --columns nope"),
        ('{"sort": "size"}', "Received --sort size"),
    ],
)
def test_options_that_no_table_records_are_an_error(recorded, said):
    with pytest.raises(AblateError) as refused:
        read_style(recorded)
    assert said in str(refused.value) and "Allowed: " in str(refused.value)


@pytest.mark.parametrize(
    ("style", "said"),
    [
        (TableStyle(decimals=-1), "Received --decimals -1. Allowed: 0 to 6. Type for example --decimals 1"),
        (TableStyle(label="tab x"), "Received --label tab x. Allowed: letters, digits and"),
        (TableStyle(label="}"), "Received --label }."),
        (TableStyle(sort="size"), "Unknown order. Received --sort size. Allowed: declared and effect."),
        (TableStyle(columns=("nope", "p")), "Unknown column. Received --columns nope,p. Allowed: each of variant,"),
        (TableStyle(columns=("p", "p")), "A column can be shown only once. Received --columns p,p."),
    ],
)
def test_a_choice_that_no_table_can_have_is_one_paragraph(style, said):
    with pytest.raises(AblateError) as refused:
        style.checked()
    assert said in str(refused.value) and "\n" not in str(refused.value)


def test_every_option_is_recorded_as_json_of_its_type():
    style = TableStyle(True, 1, ("a=b",), "C", "tab:x", ("p",), "effect")
    assert json.loads(style.recorded) == {
        "percent": True,
        "decimals": 1,
        "rename": ["a=b"],
        "caption": "C",
        "label": "tab:x",
        "columns": ["p"],
        "sort": "effect",
    }
