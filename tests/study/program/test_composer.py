"""Cells of a program: flags in place of overrides, through the same compilation of designs."""

import sys

import pytest

from ablation.config.schema import Config
from ablation.errors import AblateError
from ablation.run.locator import RunLocator
from ablation.study import parsing, plan
from ablation.study.compilation.compiler import compile_cells
from ablation.study.program.composer import ProgramComposer

DECLARED = {
    "command": [sys.executable, "{args}", "{seed}"],
    "metric": {"name": "m", "stdout": "(.)"},
    "baseline": {"lr": 0.1, "mixup": True, "train.epochs": 3, "name": "x", "model": "a"},
    "seeds": 2,
}


def cells(components, **keys):
    study = parsing.parse("mine", DECLARED | {"components": components} | keys, (), lambda _: True)
    return compile_cells(study, ProgramComposer(study.program, Config(outputs="out", n_jobs=3)), RunLocator())


def test_a_cell_has_the_flags_of_the_baseline_but_its_own():
    compiled = cells({"mixup": {"mixup": False}, "extra": {"remove": {"ema": 0.9}, "with": {"lr": 0.01}}})
    baseline, mixup, extra = compiled.design
    assert baseline.config.flags == DECLARED["baseline"] and baseline.config.outputs == "out"
    assert mixup.config.flags == DECLARED["baseline"] | {"mixup": False}
    assert extra.differs == {"lr": (0.1, 0.01), "ema": (None, 0.9)} and extra.along == ("lr=0.01",)
    assert [cell.config.n_jobs for cell in compiled.design] == [3, 3, 3]
    assert len({where for cell in compiled.design for where in cell.runs}) == 6


def test_keys_of_our_own_networks_mean_nothing_special():
    """A flag may be called `train.epochs`, `name` or `model`, which for our own runs set the budget or are ignored."""
    compiled = cells({"epochs": {"train.epochs": 5}, "name": {"name": "y"}, "model": {"model": "b"}})
    assert [list(cell.differs) for cell in compiled.design] == [[], ["train.epochs"], ["name"], ["model"]]
    assert not any(cell.budget for cell in compiled.design)
    assert cells({"epochs": {"remove": {"train.epochs": 5}, "budget": True}} | {}).design[1].budget


def test_true_is_not_one():
    assert cells({"mixup": {"mixup": 1}}).design[1].differs == {"mixup": (True, 1)}


@pytest.mark.parametrize("flags", [{"mixup": True}, {"lr": 0.1}, {"absent": None}])
def test_a_removal_whose_flags_are_those_of_the_baseline_is_refused(flags):
    with pytest.raises(AblateError, match="changes nothing"):
        cells({"part": flags})


def test_every_design_composes():
    components = {"mixup": {"mixup": False}, "lr": {"lr": 1}, "epochs": {"train.epochs": 1}}
    assert len(cells(components, design="factorial").design) == 8
    assert [cell.name for cell in cells(components, design="add_one_in").design] == ["bare", "+mixup", "+lr", "+epochs"]
    assert len(cells(components, design="cumulative").design) == 4


@pytest.mark.parametrize(("test", "paired"), [({}, ()), ({"test": "paired"}, ("-mixup",))])
def test_runs_of_a_program_are_paired_only_if_the_study_says_so(test, paired):
    """Nothing is known of what two runs of one seed share, however many seeds there are."""
    study = parsing.parse(
        "mine", DECLARED | {"components": {"mixup": {"mixup": False}}, "seeds": 50} | test, (), lambda _: True
    )
    compiled = compile_cells(study, ProgramComposer(study.program, Config(outputs="out")), RunLocator())
    assert plan.make(study, compiled).frozen.test.paired == paired
