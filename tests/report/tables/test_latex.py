"""The table in LaTeX."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from support.comparisons import TEST, compare, diverged, factorial, hostile, row, sequential, study
from support.finished_studies import CALM, lower
from support.payloads import PAYLOADS

from ablation.comparison.analysis.comparison import Comparison, NumberStyle
from ablation.report.tables import latex
from ablation.report.tables.build import build_table
from ablation.report.tables.style import TableStyle
from ablation.report.wording.escaping import for_latex


def written(comparison) -> str:
    return latex.latex(build_table(comparison))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_name_of_a_component_is_text_in_the_table_of_effects(payload):
    cell = written(factorial(payload, "b")).partition("main effect & ")[2].partition(" & ")[0]
    breakable = re.sub(r"(\\_|=|\.(?=[a-z]))(?=\w)", r"\1\\allowbreak{}", for_latex(payload))
    assert cell in (breakable, for_latex(payload))


def test_numbers_have_a_true_minus_and_labels_keep_their_hyphen():
    text = written(study())
    numbers = r"-shortcut & 5 & 0 of 5 & 0.555 $\pm$ 0.013 & \textbf{\boldmath $-$0.405 $\pm$ 0.013}"
    assert rf"{numbers} & $6\times10^{{-8}}$ & worse" in text
    assert r"& \multicolumn{1}{c}{\textendash{}} &  & baseline \\" in text
    assert r"\label{tab:ablation-parts}" in text and r"\caption{Test accuracy of the last weights" in text


def test_the_paper_says_that_a_comparison_is_exploratory_and_what_changed():
    said = "The plan was changed at 2026-01-02 03:04 UTC, after 8 runs had ended: seeds: 3 -> 5."
    text = written(replace(study(), exploratory=("seeds changed after 8 runs had ended",), disclosures=(said,)))
    assert r"\caption{Exploratory: seeds changed after 8 runs had ended. Test accuracy" in text
    assert said.replace(">", r"\textgreater{}") in text


def test_no_line_is_longer_than_tex_reads():
    base = study()
    for text in ("x", "^", "中", "“"):
        long = text * 10**6
        first = replace(base.variants[0], label=long, removed=(long,), co_changes=(long,))
        lines = written(replace(base, variants=(first, *base.variants[1:]), baseline=long)).splitlines()
        assert max(map(len, lines)) < 200_000, text


def looked() -> Comparison:
    """A sequential study with the longest verdict."""
    rows = [row("baseline", CALM), row("-learning_rate", lower(0.1)), row("-weight_decay", CALM[::-1])]
    return sequential(rows, max_seeds=30)


def lost() -> Comparison:
    """Diverged runs on both sides, and a difference within the margin."""
    rows = [row("baseline", CALM, diverged=(diverged("baseline", 5),)), row("-shortcut", lower(0.1))]
    rows += [row("-norm", [0.99, 0.991, 0.992], diverged=(diverged("-norm", 3),)), row("-x", [0.95, 0.951, 0.952])]
    return compare(rows, margin=0.2, exploratory=("no study planned this comparison",))


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no pdflatex")
@pytest.mark.parametrize(
    "comparison", [hostile, study, factorial, looked, lost, lambda: factorial("".join(PAYLOADS), "b")]
)
def test_latex_compiles(tmp_path, comparison):
    text = written(comparison())
    needs = re.search(r"^% (\\usepackage.*)$", text, re.MULTILINE)[1]
    document = f"\\documentclass{{article}}\n{needs}\n\\begin{{document}}\n\\listoftables\n{text}\\end{{document}}\n"
    (tmp_path / "table.tex").write_text(document, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "table.tex"]
    for _ in range(2):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
        assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "table.pdf").stat().st_size > 1000
    assert not re.search(r"Overfull \\hbox|Missing character", done.stdout) or comparison not in (
        study,
        factorial,
        looked,
        lost,
    )


def test_a_caption_and_a_label_of_the_user_leave_nothing_out():
    style = TableStyle(caption="What 50% of it is worth.", label="tab:mine")
    reasons = ("no study planned this comparison",)
    text = latex.latex(build_table(replace(factorial(), exploratory=reasons), style))
    assert r"\caption{What 50\% of it is worth.}" in text and r"\label{tab:mine}" in text
    notes = text.partition(r"\begin{minipage}")[2]
    assert (
        "Exploratory: no study planned this comparison. Test accuracy" in notes and "over seeds (Student's t)" in notes
    )
    assert r"\label{tab:mine-effects}" in text and r"as in Table~\ref{tab:mine}." in text


def test_half_widths_stand_below_each_other():
    comparison = compare([row("a", [0.9, 0.91, 0.92]), row("b", [0.1, 0.5, 0.9])], metric=replace(TEST, largest=1.0))
    text = written(replace(comparison, numbers=NumberStyle(percent=True)))
    assert r"91.0 $\pm$ \phantom{0}2.5" in text and r"50.0 $\pm$ 99.4" in text


def test_footnotes_have_lines_of_their_own_and_other_notes_run_on():
    lines = written(study()).partition(r"\begin{minipage}")[2].splitlines()
    footnotes = [line for line in lines if line.startswith(r"\textsuperscript")]
    assert footnotes and all(line.endswith(r"\par") for line in footnotes)
    last = [line for line in lines if line.startswith(("Runs: ", "Compute: "))]
    assert not last[0].endswith(r"\par") and last[1].endswith(r"\par")


def test_powers_of_ten_are_typeset():
    lower_by_much = compare([row("a", CALM), row("b", lower(0.4))])
    assert r"\times10^{-" in written(lower_by_much) and "e$-$" not in written(lower_by_much)
