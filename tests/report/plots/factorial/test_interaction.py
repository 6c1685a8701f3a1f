"""The interaction plot's data: means of cells at the levels of two components."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from support import comparisons

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.plots.factorial import interaction as module
from ablation.report.plots.factorial.interaction import interaction as interaction_plot
from ablation.report.plots.factorial.interaction import level_names, line_names
from ablation.report.plots.plot_data import InteractionPlot
from ablation.report.wording.number_format import interval, number, typeset
from ablation.statistics import intervals
from ablation.statistics.arm import Arm
from ablation.statistics.factorial import Design, effects


def plot(made: Comparison) -> InteractionPlot:
    found = interaction_plot(made)
    assert found is not None
    return found


def design_of(removals: list[list[str]], value) -> Comparison:
    """A full factorial design of three seeds. value: of a cell, from its levels."""
    cells = {}
    for levels in product(*(range(len(labels) + 1) for labels in removals)):
        cells[levels] = Arm(str(levels), {seed: value(levels) + seed / 1000 for seed in range(3)})
    design = Design(removals, cells, len(removals) + 1)
    found = tuple(effects(design, len(removals), True))
    return replace(comparisons.factorial(), factorial=design, effects=found)


def test_of_two_components_each_point_is_a_cell():
    made = comparisons.factorial()
    (panel,) = plot(made).panels
    assert (panel.title, panel.x_label, panel.levels) == ("shortcut × norm", "shortcut", ("with", "without"))
    assert [line.name for line in panel.lines] == ["with norm", "without norm"]
    for norm, line in enumerate(panel.lines):
        arms = [made.factorial.cells[shortcut, norm] for shortcut in (0, 1)]
        np.testing.assert_allclose(line.mean, [arm.mean for arm in arms])
        np.testing.assert_allclose(line.low, [intervals.mean_interval(arm.array).low for arm in arms])
    assert "Point: mean of the cell's runs." in plot(made).notes


def test_the_other_components_are_averaged_over():
    made = design_of([["a"], ["b"], ["c"]], lambda levels: 0.9 - 0.1 * levels[0] - 0.04 * levels[2])
    first, *_ = plot(made).panels
    assert first.title == "a × b"
    np.testing.assert_allclose(first.lines[0].mean, [0.9 - 0.02 + 0.001, 0.8 - 0.02 + 0.001])
    assert "over all levels of the other components" in " ".join(plot(made).notes)


def test_the_interaction_stands_beside_the_title_if_it_is_one_number():
    made = comparisons.factorial()
    effect = next(effect for effect in made.effects if effect.kind == "interaction")
    (panel,) = plot(made).panels
    assert panel.estimate == typeset(f"{number(effect.difference, 3, sign=True)} {interval(effect.interval, 3)}")
    several = design_of([["w.half", "w.none"], ["b"]], lambda levels: 0.9 - 0.1 * levels[0])
    (panel,) = plot(several).panels
    assert panel.estimate == "" and panel.title == "w × b" and panel.levels == ("baseline", "half", "none")


def test_levels_are_named_by_what_is_there():
    assert level_names(["norm"]) == ("with", "without") and line_names(["norm"]) == ["with norm", "without norm"]
    assert line_names(["w.half", "w.none"]) == ["w: baseline", "w: half", "w: none"]
    assert level_names(["a\x1bb", "c"]) == ("baseline", "a\ufffdb", "c")


def test_of_many_pairs_those_with_the_smallest_p_are_drawn(monkeypatch):
    monkeypatch.setattr(module, "MAX_PANELS", 1)
    made = design_of([["a"], ["b"], ["c"]], lambda levels: 0.9 - 0.1 * levels[1] * levels[2])
    found = plot(made)
    assert [panel.title for panel in found.panels] == ["b × c"]
    assert "Only 1 of 3 pairs of components are shown, those with the smallest p." in found.notes


def test_bars_at_one_level_stand_beside_each_other():
    (panel,) = plot(comparisons.factorial()).panels
    first, second = panel.lines
    assert (second.x - first.x).min() > 0.01 and panel.x.low < first.x[0] and second.x[-1] < panel.x.high


def test_a_cell_without_a_run_has_no_panel():
    made = comparisons.factorial()
    cells = {**made.factorial.cells, (1, 1): Arm("gone", {})}
    assert interaction_plot(replace(made, factorial=replace(made.factorial, cells=cells))) is None


@pytest.mark.parametrize("resolution", [3, None])
def test_where_interactions_cannot_be_estimated_there_is_no_plot(resolution):
    made = comparisons.factorial()
    half = {levels: arm for levels, arm in made.factorial.cells.items() if sum(levels) % 2 == 0}
    design = None if resolution is None else replace(made.factorial, cells=half, resolution=resolution)
    assert interaction_plot(replace(made, factorial=design)) is None


def test_endless_intervals_are_cut_and_said_to_be():
    made = design_of([["a"], ["b"]], lambda levels: 0.9 - 0.1 * levels[0])
    assert "continues beyond" not in " ".join(plot(made).notes)
    cells = {**made.factorial.cells, (0, 0): Arm("x", {0: 0.5, 1: 0.95})}
    found = plot(replace(made, factorial=replace(made.factorial, cells=cells)))
    assert "A bar that ends at the edge continues beyond it." in found.notes and found.y.low > -1
