"""The table in Markdown."""

from dataclasses import replace

import pytest
from support.comparisons import factorial, hostile, study
from support.payloads import PAYLOADS
from support.tables import cells, markdown, markdown_cells, unescaped

from ablation.redaction import printable


def test_rows_keep_their_cells():
    text = markdown(hostile())
    rows = markdown_cells(text)
    assert {len(row) for row in rows} == {len(rows[0])} and len(rows) == 3 + len(PAYLOADS)
    for found, payload in zip(rows[3:], PAYLOADS, strict=True):
        assert unescaped(found[0]).strip() == " ".join([printable(payload), f"({printable(payload)})"]).strip()
    lines = text.splitlines()
    assert (lines[0], lines[-1]) == ("<!-- ablate-compare: begin -->", "<!-- ablate-compare: end -->")
    assert sum("<" in line for line in lines) == 2


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_name_of_a_component_is_text_in_the_table_of_effects(payload):
    table = cells(factorial(payload, "b"))
    assert len({len(row) for row in table[-9:]}) == 1
    assert unescaped(table[-7][1]).strip() == printable(payload).strip()


def test_numbers_are_aligned_to_the_right():
    rule = cells(study())[1]
    texts = [i for i, cell in enumerate(rule) if not cell.endswith(":")]
    assert [cells(study())[0][i] for i in texts] == ["Variant", "Also changed", "Verdict"] and len(rule) == 14


def test_the_document_says_that_a_comparison_is_exploratory_and_what_changed():
    said = "The plan was changed at 2026-01-02 03:04 UTC, after 8 runs had ended: seeds: 3 -> 5."
    reason = "seeds changed after 8 runs had ended"
    text = unescaped(markdown(replace(study(), exploratory=(reason,), disclosures=(said,))))
    assert text.splitlines()[2].startswith(f"Exploratory: {reason}. Test accuracy of the last weights")
    assert f"- {said}" in text.splitlines()


def test_notes_are_a_list_below_the_table():
    lines = markdown(study()).splitlines()
    last_row = max(i for i, line in enumerate(lines) if line.startswith("|"))
    assert all(line.startswith("- ") for line in lines[last_row + 2 : -2])
