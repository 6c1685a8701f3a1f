"""What tables, methods and notes say about comparisons within blocks."""

import json

import pytest
from support.results_tables import VALUES, judged, rows, write

from ablation.report.blocks import block_columns, block_sentences
from ablation.report.methods.methods_text import methods
from ablation.report.tables import export, latex, markdown
from ablation.report.tables.build import build_table
from ablation.report.wording import findings
from ablation.report.wording.warnings import warning_sentences

WORSE = {variant: tuple(0.6 + 3 * (value - 0.93) for value in values) for variant, values in VALUES.items()}
OPPOSITE = {"full": WORSE["full"], "-mix": WORSE["-mix"], "-norm": tuple(value + 0.3 for value in WORSE["-norm"])}


def comparison(path, *of_blocks, **options):
    table = []
    for number, values in enumerate(of_blocks):
        table += rows(values, dataset=f"set{number}")
    return judged(write(path / "results.csv", table), block="dataset", **options)


def test_a_column_for_each_block(tmp_path):
    made = comparison(tmp_path, VALUES, WORSE)
    columns = block_columns.block_columns(made)
    assert [(column.key, column.title) for column in columns] == [("block_1", "In set0"), ("block_2", "In set1")]
    assert [cell.full_text for cell in columns[0].cells] == ["", "-0.0003 ± 0.0063", "-0.0277 ± 0.0148"]
    assert not any(column.supplementary for column in columns)
    assert all(column.supplementary for column in block_columns.block_columns(comparison(tmp_path, *[VALUES] * 5)))
    assert block_columns.block_columns(comparison(tmp_path, VALUES, WORSE, baseline=None)) == []


def test_caption_methods_and_findings_name_the_blocks(tmp_path):
    made = comparison(tmp_path, VALUES, WORSE)
    table = build_table(made)
    words = "2 blocks (dataset: set0 and set1)"
    assert words in block_sentences.blocks_words(made)
    for text in (
        table.variants.caption,
        markdown.markdown(table),
        latex.latex(table),
        " ".join(methods(made, ()).paragraphs),
    ):
        assert words in text
    assert (
        "over 2 blocks (dataset: set0 and set1), with equal weights. Mean ± half the width of its 95 % CI"
        in table.variants.caption
    )
    sentences = " ".join(findings.sentences(made))
    assert "Welch's t-test over seeds" in sentences
    assert "3 seeds detect a difference of" in sentences


def test_files_have_the_difference_in_each_block(tmp_path):
    made = build_table(comparison(tmp_path, VALUES, WORSE))
    norm = json.loads(export.json(made))["variants"][2]
    assert [block["block"] for block in norm["blocks"]] == ["set0", "set1"]
    means = [(one + other) / 2 for one, other in zip(VALUES["-norm"], WORSE["-norm"], strict=True)]
    assert norm["values"] == {str(seed): pytest.approx(mean) for seed, mean in enumerate(means)}
    assert "blocks" not in json.loads(export.json(made))["variants"][0]
    row = export.frame(made).iloc[2]
    block = norm["blocks"][1]
    assert row["difference_in_set1"] == pytest.approx(block["difference"])
    assert row["difference_in_set1_ci_low"] == pytest.approx(block["difference_ci"][0])
    assert export.csv(made).splitlines()[1].endswith(",,,,,,")  # the baseline has no differences


def test_opposite_differences_are_noted(tmp_path):
    made = comparison(tmp_path, VALUES, OPPOSITE)
    (note,) = block_columns.opposite_blocks(made.variants)
    assert note.startswith("Note: -norm is above full in set1 and below it in set0")
    assert note in warning_sentences(made)
    assert block_columns.opposite_blocks(comparison(tmp_path, VALUES, WORSE).variants) == []


def test_without_blocks_nothing_is_said(tmp_path):
    made = judged(write(tmp_path / "a.csv", rows()))
    assert block_columns.block_columns(made) == [] and block_sentences.method_sentences(made) == []
