"""The table of a comparison, and that every target says the same."""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pytest
from support.comparisons import TEST, compare, factorial, row, study
from support.page import report, shown
from support.tables import column, markdown_cells, terminal_text

from ablation.comparison.analysis.comparison import Comparability, Comparison, Difference
from ablation.report.tables import build, export, latex, markdown
from ablation.report.tables.build import build_table


def test_the_best_rows_are_marked_where_nothing_is_compared():
    alone = Comparison(TEST, (row("a", [0.9] * 3), row("b", [0.8] * 3)))
    assert build.best_rows(alone) == (0,) and build_table(alone).variants.best_rows == (0,)
    lower = replace(alone, metric=replace(TEST, higher=False))
    assert build.best_rows(lower) == (1,) and build.best_rows(replace(alone, variants=alone.variants[:1])) == ()
    assert build.best_rows(replace(alone, variants=(row("a", []),))) == ()
    assert build_table(study()).variants.best_rows == ()


def test_of_a_factorial_the_verdict_cells_are_empty():
    few = replace(factorial().variants[1], arm=replace(factorial().variants[1].arm, values={0: 0.9}))
    comparison = factorial(margin=0.1)
    comparison = replace(comparison, variants=(comparison.variants[0], few, *comparison.variants[2:]))
    for judged in (comparison, replace(comparison, effects=())):
        assert [cell.text for cell in column(judged, "verdict").cells] == ["baseline", "", "", ""]


def test_of_many_rows_notes_of_one_kind_are_one():
    def notes(count: int) -> list[str]:
        gates = [Comparability(informational=(Difference("git.commit", "0", f"{i}"),)) for i in range(count)]
        gates += [Comparability((Difference("steps", "1", f"{i}"),)) for i in range(count)]
        rows = [row(f"arm{i}", [0.8, 0.9, 0.7], comparability=gate) for i, gate in enumerate(gates)]
        comparison = compare([row("baseline", [0.9, 0.91, 0.92]), *rows])
        variants = []
        for i, variant in enumerate(comparison.variants):
            result = variant.result and replace(variant.result, diagnostics=(f"seed {i} of {variant.label} lies far",))
            variants.append(replace(variant, result=result))
        return list(build_table(replace(comparison, variants=tuple(variants))).variants.notes)

    assert [note for note in notes(6) if "git.commit" in note][-1].endswith("git.commit is 0 in baseline, 5 here")
    assert notes(7)[:3] == [
        "¹ seed 1 of arm0 lies far; similarly for arm1, arm2, arm3, arm4, arm5 and arm6",
        "² note, with values that differ by row: git.commit",
        "³ not comparable, with values that differ by row: steps",
    ]
    assert len(notes(90)) == len(notes(7))


# ---------------------------------------------------------------- one table, every target


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return study()


@pytest.fixture(scope="module")
def targets(comparison) -> dict[str, str]:
    table = build_table(comparison)
    text = {
        "markdown": markdown.markdown(table),
        "latex": latex.latex(table),
        "terminal": terminal_text(comparison, 240),
    }
    return {name: re.sub(r"\\allowbreak\{\}|\\(?=[_%])|\s+", "", written) for name, written in text.items()}


SAID = (  # in every table for readers
    "on 360 images.",
    "Baseline network baseline (335k parameters), 1 epoch.",
    "n = 2 to 5;",
    "Holm's correction over 7 comparisons.",
    "Diverged: p of Fisher's exact test, not corrected.",
    "2 of 5 (p = 0.444)",
    "incomplete (3 of 5 runs missing)",
    "With 5 seeds this assumes normally distributed noise",
    "not comparable: data.digest is 0a1b2c3d in baseline, 99ee88ff here; and steps is 640 in baseline, 320 here",
    "note: hardware.cpu is EPYC 7B13 in baseline, Xeon 8481C here",
    "diverged, excluded from the mean: seeds 3 and 4",
    "-epochs (budget)",
    "train.learning_rate=0.01",
    "equivalent",
    "335k",
    "1.21M",
    "Excluded: torn (failed).",
    "Runs: 28 of 40 planned, 2 diverged and 10 missing (8 variants, seeds 0 to 4); 7 comparisons.",
    "of training in total",
)
ON_SCREEN = ("p, Holm", "Paired by seed", "14 s", "± half the width of its 95 % CI")  # not needed in a paper


@pytest.mark.parametrize("target", ["markdown", "latex", "terminal"])
def test_every_table_for_readers_says_it_all(targets, target):
    for said in (*SAID, *(() if target == "latex" else ON_SCREEN)):
        assert said.replace(" ", "") in targets[target], said


@pytest.fixture(scope="module")
def page(comparison) -> bytes:
    variants = tuple(replace(each, runs=(), diverged=()) for each in comparison.variants)  # without curves to draw
    return report(replace(comparison, variants=variants))


def test_the_page_has_the_table_s_caption(comparison, page):
    variants = tuple(replace(each, runs=(), diverged=()) for each in comparison.variants)
    caption = build_table(replace(comparison, variants=variants)).variants.caption
    assert " ".join(caption.split()) in shown(page)


def test_every_target_has_the_same_numbers_and_words(comparison, page):
    """The mean, the difference, half the width of their intervals, and the verdict: in each file, screen and page."""
    table = build_table(comparison)
    rows = {
        "markdown": _markdown_rows(markdown.markdown(table)),
        "latex": _latex_rows(latex.latex(table)),
        "terminal": _terminal_rows(terminal_text(comparison, 240)),
        "csv": _machine_rows(csv.DictReader(io.StringIO(export.csv(table)))),
        "json": _machine_rows([_flat(each) for each in json.loads(export.json(table))["variants"]]),
        "page": _page_rows(page),
    }
    expected = rows.pop("csv")
    assert expected["-shortcut"] == ("0.555 ± 0.013", "-0.405 ± 0.013", "worse")
    assert expected["-data"] == ("0.810 ± 0.025", "–", "not comparable")
    for target, found in rows.items():
        assert found == expected, target


def _rows(lines: Iterable[Sequence[str]]) -> dict[str, tuple[str, str, str]]:
    """Mean, difference and verdict of each variant. lines: the titles, then the cells of each row."""
    titles, *rows = lines
    places = [titles.index(title) for title in ("Variant", "Test accuracy", "Difference", "Verdict")]
    found = {}
    for cells in rows:
        label, mean, difference, verdict = (cells[place] for place in places)
        verdict = re.sub(r"( \(.*\))?[ ¹²³]*$", "", verdict)  # without the missing runs and marks
        found[label.removesuffix(" (budget)")] = (mean, difference, verdict)
    return found


def _markdown_rows(text: str) -> dict[str, tuple[str, str, str]]:
    titles, _, *rows = markdown_cells(text)
    return _rows([titles, *rows])


def _latex_rows(text: str) -> dict[str, tuple[str, str, str]]:
    plain = text.replace("$-$", "-").replace(r"$\pm$", "±").replace(r"\textendash{}", "–")
    plain = re.sub(r" ?\\textsuperscript\{\d\}", "", plain)
    plain = re.sub(r"\\(?:textbf\{\\boldmath |multicolumn\{1\}\{c\}\{)([^{}]*)\}", r"\1", plain)
    body = plain.partition(r"\toprule")[2].partition(r"\bottomrule")[0]
    lines = [line.removesuffix(r" \\") for line in body.strip().splitlines() if line != r"\midrule"]
    return _rows([line.split(" & ") for line in lines])


def _terminal_rows(text: str) -> dict[str, tuple[str, str, str]]:
    """By the width of each column: texts are aligned to the left of it, and numbers to the right."""
    lines = text.splitlines()
    top = next(i for i, line in enumerate(lines) if line.startswith("Variant"))
    rows = [lines[top], *lines[top + 2 : lines.index("", top)]]
    width = max(map(len, rows))
    rows = [line.ljust(width) for line in rows]
    edges = [0]
    for i in range(1, width):
        if all(line[i - 1] == " " for line in rows) and any(line[i] != " " for line in rows):
            edges.append(i)
    cells = []
    for line in rows:
        cells.append([line[start:end].strip() for start, end in zip(edges, [*edges[1:], width], strict=True)])
    return _rows(cells)


def _flat(variant: dict) -> dict[str, object]:
    low, high = variant["ci"] or (None, None)
    difference_low, difference_high = variant["difference_ci"] or (None, None)
    ends = {"difference_ci_low": difference_low, "difference_ci_high": difference_high}
    return {**variant, "ci_low": low, "ci_high": high, **ends}


def _machine_rows(records) -> dict[str, tuple[str, str, str]]:
    rows = {}
    for record in records:
        mean = _with_half(record["mean"], record["ci_low"], record["ci_high"], "")
        difference = _with_half(record["difference"], record["difference_ci_low"], record["difference_ci_high"], "+")
        rows[record["variant"]] = (mean, difference, record["verdict"] or record["excluded"] or "baseline")
    return rows


def _with_half(value, low, high, sign: str) -> str:
    if value in (None, ""):
        return "–"
    return f"{float(value):{sign}.3f} ± {(float(high) - float(low)) / 2:.3f}"


def _page_rows(page: bytes) -> dict[str, tuple[str, str, str]]:
    (body,) = re.findall(r'class="sortable results".*?<tbody[^>]*>(.*?)</tbody>', page.decode(), re.DOTALL)
    body = re.sub(r'<ul class="reasons">.*?</ul>|<span aria-hidden="true">.*?</span>', "", body, flags=re.DOTALL)
    rows = {}
    for line in re.findall(r"<tr.*?</tr>", body, re.DOTALL):
        (label,) = re.findall(r"<th[^>]*>(.*?)</th>", line, re.DOTALL)
        cells = dict(re.findall(r'<td[^>]* class="(?:number )?([\w-]+)"[^>]*>(.*?)</td>', line, re.DOTALL))
        parts = (label, cells["metric"], cells["difference"], cells["verdict-cell"])
        label, *numbers = (shown(part.encode()).strip().replace("\N{MINUS SIGN}", "-") for part in parts)
        numbers[-1] = re.sub(r" \(.*\)$", "", numbers[-1])
        rows[label.removesuffix(" (budget)")] = tuple(numbers)
    return rows
