"""When a committed table is stale: after any change but one of measured time."""

import csv
import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.comparisons import compare, diverged, factorial, row, study
from support.payloads import PAYLOADS
from support.tables import check

from ablation.comparison.analysis.comparison import Comparability, Comparison, Difference
from ablation.errors import AblateError
from ablation.report.tables import export, latex, markdown, stale_check
from ablation.report.tables.build import build_table, in_style
from ablation.report.tables.style import TableStyle
from ablation.report.tables.table import Table

WRITE = {".md": markdown.markdown, ".tex": latex.latex, ".csv": export.csv, ".json": export.json}
SHARES = st.integers(0, 360).map(lambda right: right / 360)
TEXTS = st.text(max_size=12) | st.sampled_from(PAYLOADS)


@pytest.fixture(scope="module")
def table() -> Table:
    return build_table(study())


@pytest.fixture(scope="module")
def texts(table) -> dict[str, str]:
    """The table in each target, by the ending of its file."""
    return {suffix: write(table) for suffix, write in WRITE.items()}


@pytest.fixture(scope="module")
def effects() -> Table:
    return build_table(factorial())


def committed(folder: Path, suffix: str, text: str) -> Path:
    """The table where one keeps it: in a document, where its kind has documents."""
    if suffix in (".md", ".tex"):
        text = f"Before 12 | 3 & 4\n\n{text}\nAfter 56\n"
    file = folder / f"table{suffix}"
    file.write_bytes(text.encode())
    return file


@st.composite
def comparisons(draw) -> Comparison:
    labels = draw(st.lists(TEXTS, min_size=2, max_size=4, unique=True))
    rows = [row(labels[0], draw(st.lists(SHARES, min_size=1, max_size=5)))]
    differences = st.lists(st.builds(Difference, TEXTS, TEXTS, TEXTS), max_size=1).map(tuple)
    for label in labels[1:]:
        variant = row(
            label,
            draw(st.lists(SHARES, max_size=5)),
            removed=draw(st.lists(TEXTS, max_size=2).map(tuple)),
            co_changes=draw(st.lists(TEXTS, max_size=1).map(tuple)),
            budget=draw(st.booleans()),
            planned_seeds=draw(st.none() | st.integers(0, 9)),
            diverged=draw(st.lists(st.builds(diverged, seed=st.integers(0, 9)), max_size=2).map(tuple)),
            comparability=Comparability(draw(differences), draw(differences)),
        )
        rows.append(variant)
    warnings = draw(st.lists(TEXTS, max_size=2).map(tuple))
    return compare(rows, margin=draw(st.none() | st.just(0.05)), study=draw(st.none() | TEXTS), warnings=warnings)


@pytest.mark.integration
@settings(max_examples=60, deadline=None)
@given(comparison=comparisons(), data=st.data())
def test_what_was_written_is_not_stale_and_a_changed_digit_is(tmp_path_factory, comparison, data):
    table, folder = build_table(comparison), tmp_path_factory.getbasetemp()
    for suffix, write in WRITE.items():
        text = write(table)
        assert check(table, committed(folder, suffix, text)) == []
        at = data.draw(st.sampled_from(digits(text, suffix)))
        changed = text[:at] + ("2" if text[at] == "1" else "1") + text[at + 1 :]
        assert check(table, committed(folder, suffix, changed)), (text[at - 20 : at + 20], suffix)


def digits(text: str, suffix: str) -> list[int]:
    """Where the digits of shown numbers are, but for those of times."""
    hidden = _time_spans(text, suffix)
    return [i for i, c in enumerate(text) if c in "0123456789" and not any(i in span for span in hidden)]


def _time_spans(text: str, suffix: str) -> list[range]:
    times = {
        ".md": r"[\d.]+ s(?= \|)|^- Compute: .*$",
        ".tex": r"[\d.]+ s(?= (&|\\\\))|^Compute: .*$",
        ".json": r'"seconds_mean": .*$|"compute": \{(.|\n)*?\n    \}',
    }
    if suffix in times:
        return [range(*match.span()) for match in re.finditer(times[suffix], text, re.MULTILINE)]
    time = next(csv.reader(io.StringIO(text))).index("seconds_mean")
    spans, start = [], 0
    for line in text.splitlines(keepends=True):
        ends = [match.start() for match in re.finditer(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', line)]
        spans.append(range(start + ends[time - 1], start + ends[time]))
        start += len(line)
    return spans


@pytest.mark.parametrize("suffix", WRITE)
def test_another_time_is_not_stale_and_another_run_is(tmp_path, suffix, texts):
    comparison, text = study(), texts[suffix]
    slower = []
    for variant in comparison.variants:
        runs = tuple(replace(run, seconds=run.seconds * 3000) for run in variant.runs)
        slower.append(replace(variant, runs=runs))
    slower = build_table(replace(comparison, variants=tuple(slower)))
    file = committed(tmp_path, suffix, text)
    assert WRITE[suffix](slower) != text
    assert check(slower, file) == []
    rows = [*comparison.variants]
    rows[1] = row("-shortcut", [0.6, 0.61, 0.58], removed=("shortcut",))
    other = build_table(compare(rows, margin=0.02, study="parts", excluded=comparison.excluded))
    lines = check(other, file)
    assert any(line.startswith("-") for line in lines) and any(line.startswith("+") for line in lines)
    assert any("0.555" in line or "0.5548" in line for line in lines)


@pytest.mark.parametrize("suffix", [".md", ".tex"])
def test_a_changed_effect_is_stale(tmp_path, suffix, effects):
    text = WRITE[suffix](effects)
    assert check(effects, committed(tmp_path, suffix, text)) == []
    at = text.index("main effect")
    for old, new in (("worse", "better"), ("-0.200" if suffix == ".md" else "0.200", "0.201"), ("shortcut", "norm")):
        changed = text[:at] + text[at:].replace(old, new, 1)
        assert changed != text and check(effects, committed(tmp_path, suffix, changed))
    assert check(replace(effects, effects=None), committed(tmp_path, suffix, text))


def test_a_formatter_may_align_the_table_and_end_lines_otherwise(tmp_path, table, texts):
    squeezed = re.sub(r" +\| *", " | ", re.sub("-{4,}", "---", texts[".md"])).replace("\n", "\r\n")
    assert squeezed != texts[".md"]
    assert check(table, committed(tmp_path, ".md", squeezed)) == []


def test_of_several_tables_in_a_document_the_nearest_counts(tmp_path, table, texts):
    other = build_table(compare([row("a", [0.5, 0.6, 0.7]), row("b", [0.1, 0.2, 0.3])]))
    file = committed(tmp_path, ".md", markdown.markdown(other) + "\nText\n\n" + texts[".md"])
    assert check(table, file) == [] and check(other, file) == []
    file.write_text(file.read_text().replace("0.555", "0.556"))
    assert len(check(table, file)) == 2 and check(other, file) == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("absent.md", None, "there is no such file"),
        ("table.md", "no table\n", "the file has no table between lines with `ablate-compare: begin`"),
        ("table.tex", "% ablate-compare: begin\nno end\n", "the file has no table between"),
        ("table.json", "{", "it cannot be read"),
        ("table.json", "[" * 100_000, "it cannot be read"),
        ("table.csv", 'a,"b', "it cannot be read"),
        ("table.md", "\udcff", "it cannot be read"),
        ("table.xlsx", "", "ends in .md, .tex, .csv, .json"),
    ],
)
def test_a_file_without_a_table_is_an_error(tmp_path, table, name, text, said):
    file = tmp_path / name
    if text is not None:
        file.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(AblateError, match=re.escape(said)) as raised:
        check(table, file)
    assert "\n" not in str(raised.value) and "Type" in str(raised.value)


@pytest.mark.parametrize("text", ["", "1", "[]", "null", '{"variants": 3}', '{"variants": [1, null]}', "NaN"])
def test_any_other_json_is_stale(tmp_path, table, text):
    file = tmp_path / "table.json"
    file.write_text(text or '""')
    assert check(table, file)


def test_an_empty_csv_is_stale(tmp_path, table):
    file = tmp_path / "table.csv"
    file.write_text("")
    assert check(table, file)


STYLED = TableStyle(
    decimals=2, rename=("-shortcut=w/o shortcuts",), caption="Mine --> % 5.", columns=("metric", "verdict")
)


@pytest.mark.parametrize("suffix", [".md", ".tex", ".json"])
def test_a_table_is_checked_in_the_style_that_it_records(tmp_path, suffix):
    built = []

    def build(style: TableStyle) -> Table:
        built.append(style)
        return build_table(in_style(study(), style), style)

    text = WRITE[suffix](build(STYLED))
    file = committed(tmp_path, suffix, text)
    assert stale_check.check(build, file) == [] and built[-1] == STYLED
    typed = stale_check.check(build, file, TableStyle(decimals=5))
    assert built[-1] == TableStyle(decimals=5)
    if suffix != ".json":  # whose numbers have all digits in any style
        assert typed
        changed = text.replace('"decimals": 2', '"decimals": 3', 1)
        assert changed != text and stale_check.check(build, committed(tmp_path, suffix, changed))


def test_a_table_of_another_comparison_beside_it_does_not_hide_the_right_one(tmp_path, table, texts):
    other = markdown.markdown(replace(table, style=TableStyle(columns=("look",))))
    file = committed(tmp_path, ".md", f"{other}\n{texts['.md']}")

    def build(style: TableStyle) -> Table:
        return build_table(study(), style)

    assert stale_check.check(build, file) == []
    with pytest.raises(AblateError, match="nothing to show for look"):
        stale_check.check(build, committed(tmp_path, ".md", other))


@pytest.mark.parametrize("suffix", [".md", ".tex"])
def test_another_machine_and_another_version_are_not_stale_but_other_data_are(tmp_path, suffix, table):
    text = WRITE[suffix](table)
    changed = re.sub(r"Compute: .*\.", "Compute: 3 h of training in total on another machine.", text)
    assert changed != text and check(table, committed(tmp_path, suffix, changed)) == []
    assert check(table, committed(tmp_path, suffix, text.replace("Runs: 28", "Runs: 29")))
