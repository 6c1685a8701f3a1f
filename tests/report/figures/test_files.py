"""The files of figures: what there is to draw, byte for byte the same, whatever a history or a name holds."""

import io
import math
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest
from PIL import Image
from support import comparisons
from support.curves import comparison, diverged, of_runs, run, several, variant
from support.fake_runs import history

from ablation.report.figures import files, style
from ablation.report.plots.build import plot_data
from ablation.report.plots.plot_data import PlotData
from ablation.report.wording.escaping import for_markdown


@pytest.mark.integration
@pytest.mark.parametrize("value", [math.nan, -math.inf, 1e300, 1e39, -1.0, 0.0])
@pytest.mark.parametrize("column", ["loss", "val_loss", "seconds", "learning_rate"])
def test_any_number_in_a_history_leaves_the_figures_whole(column, value, recwarn):
    rows = history(4)
    rows[1] = {**rows[1], column: value}
    broken = of_runs("b", run(seed=0), run(seed=1, rows=rows))
    lost = replace(broken, label="c", runs=(), diverged=(diverged("c", 3, rows),))
    shown = comparison(variant("a", 2), broken, lost)
    metric = "loss" if column == "seconds" else column
    made = files.files(plot_data(shown, metric, "seconds" if column == "seconds" else "epoch"), ("png", "svg"))
    ElementTree.fromstring(made["overlay.svg"].decode())
    assert not re.search(rb"[ML] ?-?(nan|inf)", made["overlay.svg"])
    assert not [str(warning.message) for warning in recwarn]


@pytest.mark.integration
def test_the_order_of_runs_changes_no_byte():
    shown = comparison(variant("a", 5), variant("b", 5, 0.7), variant("c", 5, 0.6))
    turned = replace(shown, variants=tuple(replace(row, runs=row.runs[::-1]) for row in shown.variants))
    once = files.files(plot_data(shown, x_axis="seconds"))
    names = {f"{name}.{kind}" for name in ("overlay", "difference", "forest", "means") for kind in files.FORMATS}
    assert set(once) == {"captions.md", *names}
    assert files.files(plot_data(turned, x_axis="seconds")) == once


def test_without_a_baseline_there_is_nothing_to_subtract():
    assert list(files.files(plot_data(several(2, baseline=False)), formats=("png",))) == [
        "overlay.png",
        "means.png",
        "captions.md",
    ]


def test_without_a_run_there_is_nothing_to_draw():
    assert files.files(plot_data(comparison(of_runs("a"), baseline=False))) == {}


def test_a_pdf_has_no_date_and_keeps_its_fonts():
    made = files.files(plot_data(several(2)), formats=("pdf",))["overlay.pdf"]
    assert made.startswith(b"%PDF") and b"CreationDate" not in made and b"/Type3" not in made


@pytest.mark.parametrize(("arms", "seeds", "epochs"), [(1, 1, 1), (2, 3, 1), (2, 3, 6), (7, 1, 3), (12, 2, 4)], ids=str)
def test_overlays_are_drawn_for_all_shapes(arms, seeds, epochs):
    shown = comparison(*(variant(f"width={i + 1}", seeds, 0.5 + i / 20, epochs) for i in range(arms)))
    made = files.files(plot_data(shown), formats=("png", "svg"))
    image = Image.open(io.BytesIO(made["overlay.png"]))
    assert image.size[0] == 1500 and image.size[1] >= 600
    assert len(set(image.convert("L").tobytes())) > 20
    text = made["overlay.svg"].decode()
    ElementTree.fromstring(text)
    assert all(word in text for word in ("Training loss", "Validation accuracy", "Epoch", "seed"))
    assert all(f">width={i + 1}<" in text for i in range(arms))


ODD = ["$x^$", "_hidden", "a\x1b[2Jb\nc", "<b>&amp;", "x" * 300, "\ud800", "--> ]]>", "學習 é ✨", "$\\frac{1}{0}$"]


@pytest.mark.integration
@pytest.mark.parametrize("count", [6, 9, 13, 40], ids=["labelled", "legend", "facets", "crowd"])
def test_odd_names_are_drawn_as_they_are(count, recwarn):
    names = [*ODD, *(f"$x_{i}$ <a href='x'>" for i in range(40))][:count]
    shown = comparison(*(variant(name, 2, 0.5 + i / 100) for i, name in enumerate(names)))
    made = files.files(plot_data(shown))
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]
    for name in ("overlay", "difference", "forest"):
        root = ElementTree.fromstring(made[f"{name}.svg"].decode())
        elements = {element.tag.rpartition("}")[2] for element in root.iter()}
        assert not elements & {"a", "b", "script", "image", "foreignObject"} - ({"image"} if count == 40 else set())
        texts = " ".join(element.text or "" for element in root.iter() if element.tag.endswith("text"))
        assert "_hidden" in texts
    assert "$x^$" in made["overlay.svg"].decode()


def everything() -> PlotData:
    """Data of which every figure can be drawn."""
    cells = comparisons.factorial()
    curved = tuple(replace(variant(one.label), result=one.result, arm=one.arm) for one in cells.variants)
    cheaper = replace(curved[0], runs=tuple(replace(one, parameters=100) for one in curved[0].runs))
    return plot_data(replace(cells, variants=(cheaper, *curved[1:])))


@pytest.mark.integration
def test_every_file_has_a_name_that_is_removed_when_it_is_left_over():
    assert set(files.files(everything())) == files.file_names()


def test_captions_stand_in_a_file_whether_or_not_they_stand_below_the_figures():
    plots = everything()
    below, beside = files.draw(plots), files.draw(plots, captioned=False)
    text = files.captions(plots)
    sections = dict(part.split("\n\n", 1) for part in text.split("## ")[1:])
    assert list(sections) == list(below) == list(beside)
    for name, figure in below.items():
        lines = " ".join(line.get_text() for line in reversed(figure.texts) if line.get_fontsize() == style.SMALL)
        assert for_markdown(lines) == sections[name].strip()
        assert beside[name].get_figheight() < figure.get_figheight()
    assert not beside["forest"].texts and text.startswith("# Captions\n")


def test_a_caption_cannot_be_markup():
    named = comparison(variant("a", 3), variant("![x](http://evil.example)", 2, 0.6), variant("c", 3))
    text = files.captions(plot_data(replace(named, exploratory=("![x](http://evil.example)",))))
    assert "![x](" not in text and "evil" in text
