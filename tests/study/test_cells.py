"""Which comparisons the cells of a design are made for, and which of them are runs of their own."""

from pathlib import Path

import pytest

from ablation.config.schema import Config
from ablation.run.place import RunLocation
from ablation.study.cells import Cell, Cells
from ablation.study.spec import DESIGNS, Study


def cell(name: str, same_as: str | None = None) -> Cell:
    run = RunLocation(Path("outputs"), name, "0" * 64)
    return Cell(name, (), (), (), False, (), Config(), {}, (), (run,), same_as)


def cells(*names: str) -> Cells:
    return Cells(tuple(cell(name) for name in names), cell("baseline"), ())


def study(design: str) -> Study:
    return Study("mine", "", (), (), (), design, None, None, (0,))


@pytest.mark.parametrize(
    ("design", "names", "pairs"),
    [
        ("leave_one_out", ["baseline", "-a", "-b"], [("-a", "baseline"), ("-b", "baseline")]),
        ("list", ["-a", "baseline", "-a -b"], [("-a", "baseline"), ("-a -b", "baseline")]),
        ("list", ["-a"], [("-a", "baseline")]),  # also where the design has no such cell
        ("add_one_in", ["bare", "+a", "+b"], [("+a", "bare"), ("+b", "bare")]),
        ("cumulative", ["baseline", "-a", "-a -b"], [("-a", "baseline"), ("-a -b", "-a")]),
        ("factorial", ["baseline", "-a", "-b", "-a -b"], []),
        ("fractional", ["baseline", "-a -b"], []),
    ],
)
def test_a_design_compares_each_cell_to_what_it_was_made_of(design, names, pairs):
    assert cells(*names).pairs(study(design)) == pairs


@pytest.mark.parametrize("design", DESIGNS)
def test_no_cell_is_compared_to_itself(design):
    names = ["bare" if design == "add_one_in" else "baseline", "-a"]
    assert all(one != other for one, other in cells(*names).pairs(study(design)))


def test_a_cell_that_equals_an_earlier_one_has_no_runs_of_its_own():
    made = Cells((cell("baseline"), cell("-a"), cell("-b", same_as="-a")), cell("baseline"), ())
    assert [each.name for each in made.distinct] == ["baseline", "-a"]
