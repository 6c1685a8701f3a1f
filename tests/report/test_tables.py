"""The paper's table in every target: what it shows, what it leaves out, that text stays text, and when it is stale."""

import csv
import html
import io
import json
import math
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from scipy import stats
from support.comparisons import TEST, compare, diverged, factorial, row, run, study

from ablation.comparison.analysis import variants
from ablation.comparison.analysis.comparison import Comparability, Comparison, Difference, Metric
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.report.tables import export, latex, markdown, stale_check, summary, terminal
from ablation.report.tables import table as tables_table
from ablation.report.wording import number_format
from ablation.report.wording.escaping import for_csv, for_latex, for_markdown

WRITE = {".md": markdown.markdown, ".tex": latex.latex, ".csv": export.csv, ".json": export.json}
CONTRACT = (
    "variant,n,val_accuracy_final_mean,val_accuracy_final_std,val_accuracy_best_mean,test_accuracy_mean,"
    "test_accuracy_std,trainable_parameters,macs,seconds_mean"
)
FORMULAS = ["=1+1", "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", " =1"]
FORMULAS += ['=HYPERLINK("http://x.y","a")', "a;=1+1", "a; @x", "＝1+1", '";=1;"', "x\n=1", "-shortcut", "'=1", "="]
FORMULAS += ["@", "+", "a\tb", '"="']
MARKUP = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<!-- ablate-compare: end -->", "</table>"]
MARKUP += ["&lt;b&gt;", "[a](http://x.y)", "![a](http://x.y/b.png)", "[a]: http://x.y", "<http://x.y>", "http://x.y"]
MARKUP += ["HTTPS://X.Y", "www.x.y", "WWW.x.y", "ftp://x.y", "mailto:a@b.cd", "a@b.cd", "@someone", "#12", "GH-12"]
MARKUP += ["javascript:alert(1)", "a|b", "a\\|b", "|", "||", "\\", "\\\\", "`code`", "``", "**bold**", "__x__", "_x_"]
MARKUP += ["~~x~~", "# head", "- item", "1. item", "> quote", "```", "---", "===", "[^1]", "[x]", "$x^2$", "{{ x }}"]
MARKUP += ["{% x %}", "a\nb", "a\r\nb", "a\n\n# b", "xmpp:a@b.cd", "http:\\//x.y", ":smile:", "a  ", "    code"]
MARKUP += ["[red]a[/red]", "[/]", "[link=http://x.y]a[/link]"]
COMMANDS = ["\\input{/etc/passwd}", "\\write18{id}", "$\\alpha$", "a_b", "a^b", "a & b", "50%", "a#1", "{", "}", "{}"]
COMMANDS += ["~", "^^41", "\\\\[1cm]", "[1cm]", "*", "% ablate-compare: end", "\\end{table}", "\\def\\a{\\a}\\a"]
COMMANDS += ["--", "---", "''", ",,", '"a']
STEER = ["\x1b]8;;http://x.y\x1b\\a", "\x1b[2J", "\x1b]0;t\x07", "\x07", "\x00", "\x08", "\x9b31m", "\ud800"]
STEER += ["\u202eabc", "\u2028", "naïve", "Å", "ß", "日本語", "😀", "é", "ﬁ", "Ω µ ± ×", "ﷺ", "…", "a\u200bb", "İ", "¼"]
STEER += ["²", "－1", "＼input", "％"]
PAYLOADS = [*FORMULAS, *MARKUP, *COMMANDS, *STEER]


def hostile() -> Comparison:
    """Each payload as label, name, removed part, change beside it, difference, warning and reason."""
    rows = [row("baseline", [0.9, 0.91, 0.92])]
    for i, text in enumerate(PAYLOADS):
        gate = Comparability(*((Difference(text, text, text),) if on else () for on in (i % 3 == 0, i % 3 == 1)))
        made = row(
            text,
            [0.5, 0.6, 0.55],
            removed=(text,),
            co_changes=(text,),
            comparability=gate,
            differs={text: (text, text)},
        )
        rows.append(replace(made, runs=tuple(replace(r, name=text) for r in made.runs)))
    # A folder has no name with a / or NUL in it; any other text it may have.
    skipped = tuple((Path("outputs") / re.sub("[/\0]", "", text), text) for text in PAYLOADS)
    return compare(rows, study=PAYLOADS[0], question=" ".join(PAYLOADS), excluded=skipped, warnings=tuple(PAYLOADS))


def shown(comparison: Comparison, width: int = 140) -> str:
    out = Console(file=io.StringIO(), width=width, color_system=None)
    out.print(terminal.tables(comparison))
    return out.file.getvalue()


def cells(text: str) -> list[list[str]]:
    """Of a Markdown table, as they are read."""
    return [[c.strip() for c in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]


def read(cell: str) -> str:
    """Markdown's own unescaping: a backslash before punctuation, then character references."""
    text = html.unescape(re.sub(r"\\([!-/:-@\[-`{-~])", lambda m: f"&#{ord(m[1])};", cell))
    return text.replace("\u200b", "")


# ---------------------------------------------------------------- what it shows


def test_the_columns_of_the_contract_come_first_and_hold_what_the_summary_holds():
    comparison = study()
    table = export.frame(comparison)
    assert ",".join(table.columns).startswith(CONTRACT)
    assert tuple(table.columns[: len(summary.COLUMNS)]) == summary.COLUMNS
    ran = [variants.Variant(r.label, r.runs) for r in comparison.variants if r.runs]
    expected = summary.summarise(ran)
    for name in summary.COLUMNS:
        assert list(table[name][: len(ran)]) == list(expected[name]), name


def test_the_frame_has_what_the_judge_found():
    comparison = study()
    table = export.frame(comparison).set_index("variant")
    for r in comparison.variants:
        got = table.loc[r.label]
        if r.result is None:
            assert math.isnan(got["difference"]) and got[["verdict", "assumes_normality"]].isna().all()
            continue
        f = r.result
        numbers = [f.difference, *f.interval, f.p, f.p_holm, f.p_permutation, f.prob_improvement, f.hedges_g]
        named = "difference difference_ci_low difference_ci_high p p_adjusted p_permutation prob_improvement hedges_g"
        assert [got[name] for name in named.split()] == pytest.approx(numbers, abs=0, nan_ok=True)
        few = f.verdict == "too few seeds"
        assert (got["excluded"] == f.verdict and pd.isna(got["verdict"])) if few else got["verdict"] == f.verdict
        assert (got["assumes_normality"], got["permutation_exhaustive"]) == (f.assumes_normality, f.exhaustive)
        assert got["seeds"] == "; ".join(map(str, sorted(r.arm.values)))
        if f.paired:
            assert (got["paired_n"], got["paired_correlation"]) == (f.paired.n, f.paired.correlation)


def test_the_interval_of_the_mean_is_students():
    values = [0.5, 0.61, 0.58, 0.7]
    (first, *_) = export.frame(compare([row("a", values), row("b", values)])).itertuples()
    low, high = stats.t.interval(0.95, 3, sum(values) / 4, stats.sem(values))
    assert (first.ci_low, first.ci_high) == (pytest.approx(low, rel=1e-12), pytest.approx(high, rel=1e-12))
    assert first.sd == pytest.approx(np.std(values, ddof=1), rel=1e-12)


def test_one_run_and_equal_runs_have_no_interval():
    first, second = export.frame(compare([row("a", [0.5]), row("b", [0.5, 0.5, 0.5])])).itertuples()
    assert all(math.isnan(x) for x in (first.sd, first.ci_low, first.ci_high, second.ci_low, second.ci_high))
    assert "±" not in "".join(shown(compare([row("a", [0.5]), row("b", [0.5, 0.5, 0.5])])).splitlines()[3:])


@pytest.mark.parametrize("write", [markdown.markdown, latex.latex, shown], ids=["markdown", "latex", "terminal"])
def test_every_table_for_readers_says_it_all(write):
    text = re.sub(r"\\allowbreak\{\}|\\(?=[_%])|\s+", " ", write(study())).replace(" ", "")
    for said in (
        "on 360 images.",
        "n = 2 to 5.",
        "Welch's t over seeds, two-sided at 5 %, Holm's correction over 7 comparisons.",
        "not compared: data.digest is 0a1b2c3d in baseline, 99ee88ff here; and steps is 640 in baseline, 320 here",
        "differs too: hardware.cpu is EPYC 7B13 in baseline, Xeon 8481C here",
        "diverged and not averaged in: seed 3, 4",
        "under normal noise",
        "-epochs (budget)",
        "train.learning_rate=0.01",
        "too few seeds",
        "equivalent",
        "335k",
        "1.21M",
        "14 s",
        "Left out: torn (failed).",
    ):
        assert said.replace(" ", "") in text, said


def test_the_rows_of_a_table():
    table = {r[0]: r for r in cells(markdown.markdown(study()))}
    assert table["Variant"] == [
        "Variant",
        "With it",
        "n",
        "Test accuracy",
        "Difference",
        "Verdict",
        "Params",
        "MACs",
        "Time",
    ]
    assert table["baseline"][2:6] == ["5", "0.960 ± 0.004", "–", "baseline"]
    assert table["-shortcut"][4:6] == ["-0.405 ± 0.013", "worse ¹"]
    assert table["-norm"][1:6] == [
        r"train.learning\_rate=0.01",
        "3 of 5 ²",
        "0.940 ± 0.023",
        "-0.020 ± 0.020",
        "inconclusive†",
    ]
    assert table["-augment"][2:6] == ["2 of 5", "0.905 ± 0.064", "-0.055 ± 0.045", "too few seeds"]
    assert table["-data"][3:6] == ["0.810 ± 0.025", "–", "not compared ³"]
    assert table["-dropout"][2:] == ["0 of 5", "–", "–", "too few seeds", "–", "–", "–"]


def test_the_effects_of_a_factorial_are_a_second_table():
    made = factorial()
    table = cells(markdown.markdown(made))
    start = [r[0] for r in table].index("Effect")
    assert table[start] == ["Effect", "Of", "Size", "p", "p, Holm", "Verdict"]
    rows = {(r[0], r[1]): r[2:] for r in table[start + 2 :]}
    assert len(rows) == 7  # two main effects, one interaction, two gaps, two shares
    main = next(e for e in made.effects if e.components == ("shortcut",) and e.kind == "main effect")
    half = (main.interval[1] - main.interval[0]) / 2
    assert rows["main effect", "shortcut"][0] == f"-0.200 ± {half:.3f}"
    assert rows["main effect", "shortcut"][2:] == [f"{main.p_holm:.1g}", "worse"]
    assert rows["main effect", "norm"][3] == "inconclusive"
    assert rows["interaction", "shortcut × norm"][0].startswith("0.000 ±")
    assert rows["interaction", "shortcut × norm"][2:] == ["–", "–"]
    told = latex.latex(made)
    assert told.count(r"\toprule") == 2 and r"\label{tab:ablation-cells-effects}" in told
    assert r"main effect & shortcut & $-$0.200 $\pm$ " in told and "shortcut $\\times$ norm" in told
    assert "interaction" in shown(made) and "Effects on test accuracy" in shown(made)
    assert "Effect" not in markdown.markdown(study()) and latex.latex(study()).count(r"\toprule") == 1


@pytest.mark.parametrize("suffix", [".md", ".tex"])
def test_a_changed_effect_is_stale(tmp_path, suffix):
    made = factorial()
    text = WRITE[suffix](made)
    assert stale_check.check(made, committed(tmp_path, suffix, text)) == []
    at = text.index("main effect")
    for old, new in (("worse", "better"), ("-0.200" if suffix == ".md" else "0.200", "0.201"), ("shortcut", "norm")):
        changed = text[:at] + text[at:].replace(old, new, 1)
        assert changed != text and stale_check.check(made, committed(tmp_path, suffix, changed))
    assert stale_check.check(replace(made, effects=()), committed(tmp_path, suffix, text))


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_part_s_name_is_text_in_the_table_of_effects(text):
    made = factorial(text, "b")
    table = cells(markdown.markdown(made))
    assert len({len(r) for r in table[-9:]}) == 1 and read(table[-7][1]).strip() == printable(text).strip()
    rest = latex.latex(made).partition("main effect & ")[2].partition(" & ")[0]
    assert rest == re.sub(r"(\\_|=|\.(?=[a-z]))(?=\w)", r"\1\\allowbreak{}", for_latex(text)) or rest == for_latex(text)
    assert all(c == "\n" or c.isprintable() for c in shown(made))


def test_a_column_without_anything_in_it_is_left_out():
    plain = compare([row("plain34", [0.5, 0.51, 0.52]), row("resnet34", [0.95, 0.96, 0.97])])
    assert cells(markdown.markdown(plain))[0] == [
        "Variant",
        "n",
        "Test accuracy",
        "Difference",
        "Verdict",
        "Params",
        "MACs",
        "Time",
    ]
    alone = replace(
        plain, baseline=None, variants=tuple(replace(r, result=None, reference=None) for r in plain.variants)
    )
    columns = ["Variant", "n", "Test accuracy", "Train loss", "Params", "MACs", "Time"]
    assert cells(markdown.markdown(alone))[0] == columns  # its validation accuracy is its test accuracy
    assert "Welch" not in markdown.markdown(alone)


def test_without_a_baseline_what_says_more_than_the_metric_stands_beside_it():
    runs = tuple(run("a", seed, 0.9, val_accuracy=0.8 + seed / 100, best_val_accuracy=0.95) for seed in range(3))
    alone = Comparison(TEST, (replace(row("a", [0.9] * 3), runs=runs), row("b", [0.8, 0.8, 0.8])))
    table = cells(markdown.markdown(alone))
    assert table[0][2:6] == ["Test accuracy", "Val last", "Val best", "Train loss"]
    assert table[2][2:6] == ["0.900", "0.810", "0.950", "0.100"]
    assert "Val best: validation accuracy of the best epoch; Train loss:" in markdown.markdown(alone)
    assert tables_table.best(alone) == (0,) and tables_table.build_table(alone).best == (0,)
    lower = replace(alone, metric=replace(TEST, higher=False))
    assert tables_table.best(lower) == (1,) and tables_table.best(replace(alone, variants=alone.variants[:1])) == ()


def test_what_was_removed_has_a_column_where_the_label_does_not_say_it():
    named = compare([row("full", [0.9] * 3), row("small", [0.5, 0.6, 0.7], removed=("norm", "shortcut"))])
    assert cells(markdown.markdown(named))[2:][1][:2] == ["small", "norm, shortcut"]
    assert "Removed" not in markdown.markdown(compare([row("full", [0.9] * 3), row("-norm", [0.5], removed=("norm",))]))


def test_rows_compared_to_others_than_the_baseline_name_them():
    chain = compare([row("a", [0.9, 0.8, 0.7]), row("b", [0.5, 0.6, 0.7]), row("c", [0.1, 0.2, 0.3])])
    chain = replace(chain, variants=(*chain.variants[:2], replace(chain.variants[2], reference="b")))
    assert [r[3] for r in cells(markdown.markdown(chain))] == ["Against", ":----------", "", "a", "b"]
    assert "Difference from what each row names with half" in tables_table.build_table(chain).heading
    assert (
        "Difference from a with half" in tables_table.build_table(replace(chain, variants=chain.variants[:2])).heading
    )


def test_of_a_factorial_no_row_has_a_verdict_and_nothing_is_equivalent():
    """Nor where one of its cells is no comparison, so that its effects are not judged either."""
    few = replace(factorial().variants[1], arm=replace(factorial().variants[1].arm, values={0: 0.9}))
    made = factorial(margin=0.1)
    made = replace(made, variants=(made.variants[0], few, *made.variants[2:]))
    for one in (made, replace(made, effects=())):
        told = tables_table.build_table(one)
        assert "no cell is judged by itself" in told.heading
        assert "verdict by" not in told.heading and "Equivalent" not in told.heading
        assert next(c.cells for c in told.columns if c.key == "verdict") == ("baseline", "", "", "")
    assert "Equivalent: within 0.02 of it." in tables_table.build_table(study()).heading


def test_as_many_decimals_as_an_image_changes():
    large = Metric("test accuracy", "test_accuracy", "Test accuracy, on 5,000 images.", images=5000)
    table = replace(compare([row("a", [0.91234, 0.91236, 0.9124]), row("b", [0.5] * 3)]), metric=large)
    assert "0.9124 ± 0.0001" in markdown.markdown(table)
    loss = Metric("loss", "loss", "Training loss.", higher=False)
    assert "± 12" in markdown.markdown(
        replace(compare([row("a", [210.0, 215.0, 220.0]), row("b", [0.5] * 3)]), metric=loss)
    )


def test_numbers_have_their_decimals_and_few_digits_of_what_these_would_hide():
    signed = [number_format.number(x, 3, sign=True) for x in (-0.0004, 0.0, 1e-16, -1e-16, -0.0006, 0.02)]
    assert signed == ["-0.0004", "0.000", "0.000", "0.000", "-0.001", "+0.020"]
    assert [number_format.number(x, 3) for x in (-0.0004, 0.5, -0.5, 2.5e12, math.nan, math.inf)] == [
        "-0.0004", "0.500", "-0.500", "2.5e+12", "–", "–",
    ]  # fmt: skip
    assert [number_format.aligned(x, 3, sign=True) for x in (-0.0004, 0.0, -0.0006)] == ["0.000", "0.000", "-0.001"]
    assert number_format.aligned(math.nan, 3) == "–"
    assert (
        number_format.interval((-0.1, 0.00004), 3) == "[-0.100, +4e-05]"
        and number_format.interval((math.nan, 1), 3) == ""
    )
    assert [number_format.chance(p) for p in (0.5, 0.0004, math.nan)] == ["0.500", "0.0004", "–"]


# ---------------------------------------------------------------- the terminal


@pytest.mark.parametrize("width", range(30, 142, 3))
def test_no_line_is_wider_than_the_terminal_and_no_column_is_cut(width):
    text = shown(study(), width)
    assert max(map(len, text.splitlines())) <= width
    head = next(line for line in text.splitlines() if line.startswith("Variant"))
    assert set(head.replace("With it", "").replace("Test accuracy", "").split()) <= (
        {"Variant", "n", "Difference", "Verdict", "Params", "MACs", "Time"}
    )
    assert "Test accuracy" in head and "0.555 ± 0.013" in text


def test_what_matters_least_goes_first():
    heads = [next(x for x in shown(study(), w).splitlines() if x.startswith("Variant")) for w in range(140, 30, -1)]
    order = [name for name in ("Time", "MACs", "Params", "With it", "n  ", "Difference", "Verdict")]
    gone = [next((i for i, head in enumerate(heads) if name not in head), 999) for name in order]
    assert gone == sorted(gone) and gone[-1] < 999


def test_a_pipe_breaks_no_line():
    assert len([x for x in shown(study(), 100_000).splitlines() if x.startswith("Test accuracy of")]) == 1


# ---------------------------------------------------------------- text stays text


def test_there_are_a_hundred_payloads():
    assert len(set(PAYLOADS)) >= 100


def test_csv_has_no_formula_and_whole_numbers():
    rows = list(csv.DictReader(io.StringIO(export.csv(hostile()))))
    assert len(rows) == 1 + len(PAYLOADS)
    for made, text in zip(rows[1:], PAYLOADS, strict=True):
        assert made["variant"].removeprefix("'") == printable(text).removeprefix("'") or ";" in text
        for name, cell in made.items():
            guarded = not re.search(r"(^|;)\s*[=+\-@＝＋－＠\t\r\n]", cell)
            assert guarded or is_number(cell) or cell == "-shortcut", (name, cell)
    assert float(list(csv.DictReader(io.StringIO(export.csv(study()))))[1]["difference"]) == pytest.approx(-0.4052)


def is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_text_in_markdown_is_read_as_itself_and_is_nothing_else(text):
    made = for_markdown(text)
    assert read(made) == printable(text).replace("\u200b", "")
    bare = re.sub(r"\\[\\`*_\[\]#!{}]|&(amp|lt|gt|#124|#36|#126|#8203);", "", made)
    assert not set(bare) & set("\\`*_[]#!{}&<>|$~\n\r\t")
    seen = html.unescape(re.sub(r"\\(.)", r"\1", made))
    assert not re.search(r"://|www\.|@\w|#\d|GH-", seen, re.IGNORECASE)


def test_markdown_rows_keep_their_cells():
    made = markdown.markdown(hostile())
    rows = cells(made)
    assert {len(r) for r in rows} == {len(rows[0])} and len(rows) == 3 + len(PAYLOADS)
    for got, text in zip(rows[3:], PAYLOADS, strict=True):
        assert read(got[0]).strip() == " ".join([printable(text), f"({printable(text)})"]).strip()
    lines = made.splitlines()
    assert (lines[0], lines[-1]) == ("<!-- ablate-compare: begin -->", "<!-- ablate-compare: end -->")
    assert sum("<" in line for line in lines) == 2


ALLOWED = re.compile(
    r"\\text(backslash|asciicircum|asciitilde|asciigrave|less|greater|bar|endash|emdash)\{\}|\\textquote(dbl)?(left|right)\{\}"
    r"|\\char34\{\}|\\(dots|S|P|copyright|ss|ae|AE|oe|OE|o|O|l|L|i)\{\}|\\[{}$&#%_]|\{[\[\]*]\}|\$-\$|\$\^\\circ\$"
    r"|\$\\[A-Za-z]+\$|\\textsuperscript\{\d\}|\\[`'^~\"=.][{][A-Za-z][}]|\\[rcvuH]\{[A-Za-z]\}|(?<=[-',])\{\}"
)


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_text_in_latex_is_no_command(text):
    made = for_latex(text)
    rest = ALLOWED.sub("", made)
    assert made.isascii() and not set(rest) & set('\\{}$&#%_^~"[]*<>|`\n'), (made, rest)


def test_characters_that_pdflatex_has_no_glyph_for_keep_their_number():
    assert for_latex("日é²Ω−﹪") == r"{[}U+65E5{]}\'{e}\textsuperscript{2}$\Omega$$-$\%"
    assert for_latex("a--b---c ''") == "a-{}-b-{}-{}-c '{}'"  # no ligatures
    assert for_latex("＼input") == r"\textbackslash{}input"


def test_no_line_of_latex_is_longer_than_tex_reads():
    base = study()
    for text in ("x", "^", "中", "“"):
        rows = (
            replace(base.variants[0], label=text * 10**6, removed=(text * 10**6,), co_changes=(text * 10**6,)),
            *base.variants[1:],
        )
        lines = latex.latex(replace(base, variants=rows, baseline=text * 10**6)).splitlines()
        assert max(map(len, lines)) < 200_000, text


@pytest.mark.skipif(not shutil.which("pdflatex"), reason="no pdflatex")
@pytest.mark.parametrize("comparison", [hostile, study, factorial, lambda: factorial("".join(PAYLOADS), "b")])
def test_latex_compiles(tmp_path, comparison):
    made = latex.latex(comparison())
    needs = re.search(r"^% (\\usepackage.*)$", made, re.MULTILINE)[1]
    text = f"\\documentclass{{article}}\n{needs}\n\\begin{{document}}\n\\listoftables\n{made}\\end{{document}}\n"
    (tmp_path / "table.tex").write_text(text, encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "table.tex"]
    for _ in range(2):
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, errors="replace")
        assert done.returncode == 0, done.stdout[-2000:]
    assert (tmp_path / "table.pdf").stat().st_size > 1000
    assert not re.search(r"Overfull \\hbox|Missing character", done.stdout) or comparison not in (study, factorial)


def test_no_text_steers_the_terminal():
    for width in (80, 400):
        text = shown(hostile(), width)
        assert all(c == "\n" or c.isprintable() for c in text)
    wide = shown(hostile(), 10_000)
    assert "[red]a[/red]" in wide and ":smile:" in wide and "[link=http://x.y]a[/link]" in wide


def test_json_is_strict_and_has_the_texts_as_they_are():
    def refuse(token: str):
        raise AssertionError(token)

    told = json.loads(export.json(hostile()), parse_constant=refuse)
    assert [r["variant"] for r in told["variants"][1:]] == [printable(text) for text in PAYLOADS]
    assert [r["removed"] for r in told["variants"][1:]] == [[printable(text)] for text in PAYLOADS]
    assert json.loads(export.json(study()), parse_constant=refuse)["variants"][-1]["mean"] is None


# ---------------------------------------------------------------- stale or not

SHARES = st.integers(0, 360).map(lambda right: right / 360)
TEXTS = st.text(max_size=12) | st.sampled_from(PAYLOADS)


@st.composite
def comparisons(draw) -> Comparison:
    labels = draw(st.lists(TEXTS, min_size=2, max_size=4, unique=True))
    rows = [row(labels[0], draw(st.lists(SHARES, min_size=1, max_size=5)))]
    for label in labels[1:]:
        difference = st.builds(Difference, TEXTS, TEXTS, TEXTS)
        few = st.lists(difference, max_size=1).map(tuple)
        made = row(
            label,
            draw(st.lists(SHARES, max_size=5)),
            removed=draw(st.lists(TEXTS, max_size=2).map(tuple)),
            co_changes=draw(st.lists(TEXTS, max_size=1).map(tuple)),
            budget=draw(st.booleans()),
            planned_seeds=draw(st.none() | st.integers(0, 9)),
            diverged=draw(st.lists(st.builds(diverged, seed=st.integers(0, 9)), max_size=2).map(tuple)),
            comparability=Comparability(draw(few), draw(few)),
        )
        rows.append(made)
    warnings = draw(st.lists(TEXTS, max_size=2).map(tuple))
    return compare(rows, margin=draw(st.none() | st.just(0.05)), study=draw(st.none() | TEXTS), warnings=warnings)


def committed(folder: Path, suffix: str, text: str) -> Path:
    """The table where one keeps it: in a document, where its kind has documents."""
    if suffix in (".md", ".tex"):
        text = f"Before 12 | 3 & 4\n\n{text}\nAfter 56\n"
    file = folder / f"table{suffix}"
    file.write_bytes(text.encode())
    return file


@pytest.mark.parametrize("suffix", WRITE)
@settings(max_examples=40)
@given(comparison=comparisons())
def test_what_was_written_is_never_stale(tmp_path_factory, suffix, comparison):
    file = committed(tmp_path_factory.getbasetemp(), suffix, WRITE[suffix](comparison))
    assert stale_check.check(comparison, file) == []


@pytest.mark.parametrize("suffix", WRITE)
@settings(max_examples=60)
@given(comparison=comparisons(), data=st.data())
def test_a_changed_number_is_found(tmp_path_factory, suffix, comparison, data):
    text = WRITE[suffix](comparison)
    at = data.draw(st.sampled_from(digits(text, suffix)))
    changed = text[:at] + ("2" if text[at] == "1" else "1") + text[at + 1 :]
    file = committed(tmp_path_factory.getbasetemp(), suffix, changed)
    assert stale_check.check(comparison, file), (text[at - 20 : at + 20], suffix)


def digits(text: str, suffix: str) -> list[int]:
    """Where the digits of shown numbers are, but for those of times."""
    times = {
        ".md": r"(?<=\|)[^|\n]*\|$",
        ".tex": r"(?<= & )[^&\n]*\\\\$",
        ".json": r'"seconds_mean": .*$',
    }
    hidden = [range(*m.span()) for m in re.finditer(times[suffix], text, re.MULTILINE)] if suffix in times else []
    if suffix == ".csv":
        rows = list(csv.reader(io.StringIO(text)))
        time, start = rows[0].index("seconds_mean"), 0
        for line in text.splitlines(keepends=True):
            ends = [m.start() for m in re.finditer(r',(?=(?:[^"]*"[^"]*")*[^"]*$)', line)]
            hidden.append(range(start + ends[time - 1], start + ends[time]))
            start += len(line)
    return [i for i, c in enumerate(text) if c in "0123456789" and not any(i in part for part in hidden)]


@pytest.mark.parametrize("suffix", WRITE)
def test_another_time_is_not_stale_and_another_run_is(tmp_path, suffix):
    comparison = study()
    slower = [replace(r, runs=tuple(replace(x, seconds=x.seconds * 3000) for x in r.runs)) for r in comparison.variants]
    file = committed(tmp_path, suffix, WRITE[suffix](comparison))
    assert WRITE[suffix](replace(comparison, variants=tuple(slower))) != WRITE[suffix](comparison)
    assert stale_check.check(replace(comparison, variants=tuple(slower)), file) == []
    rows = [
        *comparison.variants[:1],
        row("-shortcut", [0.6, 0.61, 0.58], removed=("shortcut",)),
        *comparison.variants[2:],
    ]
    lines = stale_check.check(compare(rows, margin=0.02, study="parts", excluded=comparison.excluded), file)
    assert any(line.startswith("-") for line in lines) and any(line.startswith("+") for line in lines)
    assert any("0.555" in line or "0.5548" in line for line in lines)


def test_a_formatter_may_align_the_table_and_end_lines_otherwise(tmp_path):
    text = markdown.markdown(study())
    squeezed = re.sub(r" +\| *", " | ", re.sub("-{4,}", "---", text)).replace("\n", "\r\n")
    assert squeezed != text
    assert stale_check.check(study(), committed(tmp_path, ".md", squeezed)) == []


def test_of_several_tables_in_a_document_the_nearest_counts(tmp_path):
    other = compare([row("a", [0.5, 0.6, 0.7]), row("b", [0.1, 0.2, 0.3])])
    file = committed(tmp_path, ".md", markdown.markdown(other) + "\nText\n\n" + markdown.markdown(study()))
    assert stale_check.check(study(), file) == [] and stale_check.check(other, file) == []
    changed = file.read_text().replace("0.555", "0.556")
    file.write_text(changed)
    assert len(stale_check.check(study(), file)) == 2 and stale_check.check(other, file) == []


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("absent.md", None, "there is no such file"),
        ("table.md", "no table\n", "nothing stands between lines with `ablate-compare: begin`"),
        ("table.tex", "% ablate-compare: begin\nno end\n", "nothing stands between"),
        ("table.json", "{", "it cannot be read"),
        ("table.json", "[" * 100_000, "it cannot be read"),
        ("table.csv", 'a,"b', "it cannot be read"),
        ("table.md", "\udcff", "it cannot be read"),
        ("table.xlsx", "", "ends in .md, .tex, .csv, .json"),
    ],
)
def test_what_is_no_table_is_said(tmp_path, name, text, said):
    file = tmp_path / name
    if text is not None:
        file.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(AblateError, match=re.escape(said)) as raised:
        stale_check.check(study(), file)
    assert "\n" not in str(raised.value) and "Type" in str(raised.value)


@pytest.mark.parametrize("text", ["", "1", "[]", "null", '{"variants": 3}', '{"variants": [1, null]}', "NaN"])
def test_any_other_json_is_stale(tmp_path, text):
    file = tmp_path / "table.json"
    file.write_text(text or '""')
    assert stale_check.check(study(), file)


def test_an_empty_csv_is_stale(tmp_path):
    file = tmp_path / "table.csv"
    file.write_text("")
    assert stale_check.check(study(), file)


def test_a_run_of_its_own_name_shows_it():
    named = compare([row("a", [0.5]), replace(row("b", [0.6]), runs=(run("b", name="first try"),))])
    assert "b (first try)" in markdown.markdown(named) and "b (first try)" in shown(named)


def test_formulas_behind_a_semicolon_are_stopped_too():
    assert [for_csv(text) for text in ("a;=1", "-1x", " =1", "a-b", "3;4")] == ["a;'=1", "'-1x", "' =1", "a-b", "3;4"]
    assert [for_csv(text) for text in ("\t=1", "\r", "a\x1b")] == ["'\ufffd=1", "'\ufffd", "a\ufffd"]


HARMLESS = ["-shortcut", "-norm -shortcut", "-width.half", "-weight_decay", "-a-b", "-norm; -width.half", "-x"]
EVALUATED = ["-2+3", "-1", "-A1", "-bn1", "-A1+1", "-A1-B2", "-true", "-SUM(A1)", "-cmd|' /C calc'!A0", "-norm -A1"]
EVALUATED += ["-norm+1", "-norm =1", "-norm\n=1", "--norm", "- norm", "-", "-norm;=1", "+norm", "=norm", "@norm"]
EVALUATED += ["－norm"]


def test_a_variant_is_written_as_it_is_and_what_a_spreadsheet_evaluates_is_not():
    assert [for_csv(text) for text in HARMLESS] == HARMLESS
    for text in EVALUATED:
        assert for_csv(text) != printable(text) and "'" in for_csv(text), text
    rows = list(csv.DictReader(io.StringIO(export.csv(study()))))
    assert [r["variant"] for r in rows] == [r.label for r in study().variants]


def test_table_json_has_the_fields_of_the_contract():
    made = study()
    told = json.loads(export.json(made))
    assert {"metric", "data", "baseline", "test", "correction", "comparisons", "margin", "plan"} <= told.keys()
    assert told["exploratory"] and told["plan"] is None and told["baseline"] == "baseline" and told["margin"] == 0.02
    assert [r["run"] for r in told["excluded"]][-1] == "torn" and told["superseded"] == []
    for one, r in zip(told["variants"], made.variants, strict=True):
        assert one["seeds"] == sorted(r.arm.values) and one["n"] == len(one["seeds"]) == len(one["values"])
        assert one["verdict"] in ("better", "worse", "equivalent", "inconclusive", None)
        assert (one["sd"] is None) == (one["n"] < 2)
        for name in ("ci", "difference_ci"):
            assert one[name] is None or (len(one[name]) == 2 and one[name][0] < one[name][1])
        if r.result and r.result.paired:
            assert set(one["paired"]) == {"difference", "ci", "correlation", "n"}
        else:
            assert one["paired"] is None
    of = {one["variant"]: one for one in told["variants"]}
    assert of["-shortcut"]["p_adjusted"] < 0.05 and of["-shortcut"]["baseline"] == "baseline"
    assert (of["-norm"]["verdict"], of["-norm"]["excluded"]) == ("inconclusive", None)
    assert (of["-augment"]["verdict"], of["-augment"]["excluded"]) == (None, "too few seeds")
    assert (of["-data"]["verdict"], of["-data"]["excluded"]) == (None, "not comparable")
    assert "data.digest: 0a1b2c3d -> 99ee88ff" in of["-data"]["blocking"]
    assert (of["baseline"]["verdict"], of["baseline"]["excluded"], of["baseline"]["baseline"]) == (None, None, None)


def test_table_json_has_the_effects_of_a_factorial():
    told = json.loads(export.json(factorial()))
    assert all(one["verdict"] is None and one["excluded"] is None for one in told["variants"])
    main = {e["components"][0]: e for e in told["effects"] if e["kind"] == "main effect"}
    assert main["shortcut"]["verdict"] == "worse" and main["norm"]["verdict"] == "inconclusive"
    assert main["shortcut"]["difference_ci"][0] < -0.2 < main["shortcut"]["difference_ci"][1]
    assert {e["verdict"] for e in told["effects"] if e["kind"] != "main effect"} == {None}


# ---------------------------------------------------------------- very many rows


def test_of_many_rows_notes_of_one_kind_are_one():
    def many(count: int) -> list[str]:
        gates = [Comparability(informational=(Difference("git.commit", "0", f"{i}"),)) for i in range(count)]
        gates += [Comparability((Difference("steps", "1", f"{i}"),)) for i in range(count)]
        rows = [row(f"arm{i}", [0.8, 0.9, 0.7], comparability=gate) for i, gate in enumerate(gates)]
        made = compare([row("baseline", [0.9, 0.91, 0.92]), *rows])
        noticed = [
            replace(r, result=r.result and replace(r.result, diagnostics=(f"seed {i} of {r.label} lies far",)))
            for i, r in enumerate(made.variants)
        ]
        return list(tables_table.build_table(replace(made, variants=tuple(noticed))).notes)

    assert [note for note in many(6) if "git.commit" in note][-1].endswith("git.commit is 0 in baseline, 5 here")
    assert many(7)[:3] == [
        "¹ seed 1 of arm0 lies far; much the same holds for arm1, arm2, arm3, arm4, arm5 and arm6",
        "² differs too, in values that differ by row: git.commit",
        "³ not compared, in values that differ by row: steps",
    ]
    assert len(many(90)) == len(many(7))
