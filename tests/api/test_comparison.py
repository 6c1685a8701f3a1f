"""A comparison in Python: the numbers of the command's files, shown in a notebook, and errors in Python's words."""

import json
from html.parser import HTMLParser

import matplotlib
import matplotlib.style
import pandas as pd
import pytest
from support import finished_studies, results_tables
from support.fake_runs import config, history, sweep, write

import ablation
from ablation.api import comparison as module
from ablation.cli import ablate_compare
from ablation.cli.compare.arguments import CompareArguments
from ablation.errors import AblateError
from ablation.report.figures import files as figures
from ablation.report.figures import style


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("compare") / "outputs"
    sweep(folder, {"plain34": 0.5, "resnet34": 0.9})
    return folder


@pytest.fixture(scope="module")
def comparison(outputs):
    return ablation.compare(outputs, baseline="resnet34")


def refusal(paths, **options) -> str:
    with pytest.raises(AblateError) as caught:
        ablation.compare(paths, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"baseline": "resnet34", "margin": 0.02}, ["--baseline", "resnet34", "--margin", "0.02"]),
        ({"metric": "val_loss", "select": "best_val"}, ["--metric", "val_loss", "--select", "best_val"]),
        ({"threshold": 0.4, "x_axis": "seconds"}, ["--threshold", "0.4", "--x-axis", "seconds"]),
        ({"where": "seed<2", "percent": True, "decimals": 1}, ["--where", "seed<2", "--percent", "--decimals", "1"]),
        (
            {"rename": {"plain34": "no shortcuts"}, "columns": ["n", "metric"], "caption": "Runs", "label": "t"},
            ["--rename", "plain34=no shortcuts", "--columns", "n,metric", "--caption", "Runs", "--label", "t"],
        ),
        ({"together": True, "sort": "effect"}, ["--together", "--sort", "effect"]),
    ],
)
def test_numbers_and_tables_are_those_of_the_command(outputs, tmp_path, monkeypatch, options, words):
    monkeypatch.setattr(figures, "files", lambda plots, **_: {})
    ablate_compare.main([str(outputs), *words, "--out", str(tmp_path)])
    compared = ablation.compare(outputs, **options)
    assert compared.markdown() == (tmp_path / "table.md").read_text()
    assert compared.latex() == (tmp_path / "table.tex").read_text()
    table, frame = json.loads((tmp_path / "table.json").read_text()), compared.frame()
    assert (compared.baseline, list(frame["variant"])) == (table["baseline"], [v["variant"] for v in table["variants"]])
    for (_, row), expected in zip(frame.iterrows(), table["variants"], strict=True):
        for name in ("n", "mean", "sd", "difference", "p", "p_adjusted", "verdict", "excluded"):
            if expected[name] is None:
                assert pd.isna(row[name])
            elif isinstance(expected[name], str):
                assert row[name] == expected[name]
            else:
                assert row[name] == pytest.approx(expected[name], rel=1e-9)
        if expected["ci"] is not None:
            assert [row["ci_low"], row["ci_high"]] == pytest.approx(expected["ci"])
        assert row["seeds"] == "; ".join(map(str, expected["seeds"]))


def test_every_option_is_one_of_the_command():
    not_for_tables = {"paths", "out", "check", "watch", "demo", "no_captions", "command", "json"}
    assert set(module.CompareOptions.__annotations__) == set(CompareArguments.__annotations__) - not_for_tables


def test_it_says_what_it_found(comparison):
    assert comparison.verdicts == {"plain34": "worse"}
    first, *_, last = str(comparison).splitlines()
    assert first == "Comparison of 2 variants, 6 runs: plain34 and resnet34 on digits"
    assert "plain34 is worse: -0.400 test accuracy" in repr(comparison) and "assumes normally distributed" in last
    assert len(comparison.sentences) == len(set(comparison.sentences))


class Reader(HTMLParser):
    """The tags of a page that must be closed, and its text."""

    def __init__(self):
        super().__init__()
        self.open, self.text = [], ""

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def test_a_notebook_shows_verdicts_and_table(comparison):
    page = Reader()
    page.feed(comparison._repr_html_())
    assert not page.open
    text = " ".join(page.text.replace("\xa0", " ").split())
    for sentence in comparison.sentences:
        assert sentence in text
    assert "▼ worse" in text and "Test accuracy" in text and "Welch's t-test over seeds" in text


def test_no_name_becomes_markup(tmp_path):
    for seed in range(2):
        named = config("plain34", seed=seed, name="<script>alert(1)</script>")
        write(tmp_path, named, history(accuracy=0.5 + seed / 9))
    html = ablation.compare(tmp_path, rename={"plain34": "<b>bold</b>"})._repr_html_()
    assert "<b>" not in html and "<script" not in html and "&lt;b&gt;bold" in html


def test_figures_are_matplotlib_s_in_the_style_of_the_files(comparison, outputs, tmp_path):
    from matplotlib.figure import Figure

    before = dict(matplotlib.rcParams)
    ablate_compare.main([str(outputs), "--baseline", "resnet34", "--out", str(tmp_path)])
    for kind in ("overlay", "difference", "forest", "means"):
        figure = comparison.figure(kind)
        assert isinstance(figure, Figure) and dict(matplotlib.rcParams) == before
        picture, size = figure._repr_png_()
        assert picture == (tmp_path / f"{kind}.png").read_bytes()
        assert size["width"] == round(figure.get_figwidth() * style.SCREEN_DPI)
    with matplotlib.style.context("dark_background"):
        assert comparison.figure("forest")._repr_png_()[0] == (tmp_path / "forest.png").read_bytes()
    assert comparison.figure("means", captioned=False).get_figheight() < comparison.figure("means").get_figheight()


def test_figures_that_it_does_not_have_are_refused(comparison, outputs):
    with pytest.raises(AblateError, match="Unknown figure. Received kind='forrest'. Allowed: 'overlay', 'difference'"):
        comparison.figure("forrest")
    with pytest.raises(AblateError, match="no figure effects, which needs the cells of a factorial study"):
        comparison.figure("effects")
    with pytest.raises(AblateError, match="no figure forest, which needs a baseline"):
        ablation.compare(outputs).figure("forest")
    assert set(module.NEEDS) == set(figures.KINDS)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"baselin": "x"}, "Unknown option of ablation.compare. Received baselin='x'."),
        ({"baseline": "resnet43"}, "Received baseline=resnet43. Allowed: plain34, resnet34"),
        ({"margin": 0}, "margin is out of range. Received margin=0."),
        ({"detect": float("nan")}, "detect is out of range."),
        ({"select": "best"}, "Received select='best'. Allowed: 'last', 'best_val'."),
        ({"x_axis": "hours"}, "Type for example x_axis=step"),
        ({"study": "mine"}, "is beside the runs, in studies. Leave study out, and name the baseline: baseline=NAME"),
        ({"where": ["test_accuracy>0.5"]}, "type for example ablate-runs --where 'test_accuracy>0.5'"),
        ({"columns": "nothing"}, "Unknown column. Received columns=nothing."),
    ],
)  # fmt: skip
def test_errors_name_arguments_of_python(outputs, options, expected):
    assert expected in refusal(outputs, **options)


def test_several_experiments_are_named(tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    sweep(tmp_path, {"vgg16": 0.5, "vgg19": 0.9}, **{"train.epochs": 3})
    text = refusal(tmp_path)
    assert "there are 2: " in text and "vgg16 and vgg19 on digits" in text and "together=True" in text
    name = text.rpartition("experiment=")[2].strip("'")
    assert ablation.compare(tmp_path, experiment=name).name == name
    assert ablation.compare([tmp_path], baseline="resnet34").verdicts == {"plain34": "worse"}
    assert len(ablation.compare(tmp_path, together=True).frame()) == 4


def test_nothing_to_compare_is_an_error(tmp_path):
    assert "No run found." in refusal(tmp_path) and "(does not exist)" in refusal(tmp_path / "missing")
    write(tmp_path, config(), status="failed")
    assert "Nothing to compare." in refusal(tmp_path)


@pytest.mark.integration
def test_a_factorial_study_shows_its_effects(tmp_path, quick):
    cells = ("baseline", "-shortcut", "-init", "-shortcut -init")
    scores = {cell: finished_studies.lower(0.05 * ("shortcut" in cell)) for cell in cells}
    finished_studies.finish(quick, tmp_path, scores, design="factorial")
    compared = ablation.compare(tmp_path, study="mine")
    assert compared._repr_html_().count("<table>") == 2 and "shortcut" in str(compared)
    assert compared.figure("effects").axes and compared.figure("interaction").axes
    assert len(compared.frame()) == 4


def test_a_table_of_another_program(tmp_path):
    table = results_tables.write(tmp_path / "results.csv", results_tables.rows())
    comparison = ablation.compare(table, variant="variant", baseline="full")
    assert comparison.verdicts == {"-mix": "inconclusive", "-norm": "worse"}
    assert "Exploratory: no plan was frozen before these runs." in comparison.sentences
    assert "overlay" not in str(comparison.frame().columns)
    with pytest.raises(AblateError, match="has no figure overlay"):
        comparison.figure("overlay")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"variant": "varient"}, "Received variant=varient"),
        ({"take": "first"}, "Unknown choice of a row. Received take='first'"),
        ({"better": "up"}, "Unknown direction. Received better='up'"),
        ({"source": "excel"}, "Unknown program. Received source='excel'"),
        ({"study": "x"}, "no study planned them. Received study=x"),
    ],
)
def test_options_of_tables_are_checked(tmp_path, options, words):
    table = results_tables.write(tmp_path / "results.csv", results_tables.rows())
    with pytest.raises(AblateError) as error:
        ablation.compare(table, **options)
    assert words in str(error.value)
