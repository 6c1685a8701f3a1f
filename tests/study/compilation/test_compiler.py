"""A study compiled into its cells: names, configs, equal cells, what lies over what."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support import studies
from support.studies import PARTS, compiled, parse

from ablation.errors import AblateError
from ablation.run.locator import Located, RunLocator
from ablation.run.place import RunLocation
from ablation.study import spec
from ablation.study.compilation.compiler import cell_name, compile_cells

random_studies = st.fixed_dictionaries(
    {
        "design": st.sampled_from(spec.DESIGNS),
        "components": st.lists(st.sampled_from(list(PARTS)), min_size=1, max_size=4, unique=True).map(
            lambda names: {name: PARTS[name] for name in names}
        ),
        "seeds": st.one_of(st.integers(1, 3), st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True)),
    }
)


@given(declared=random_studies)
def test_the_cells_of_a_random_study_are_its_design_s(quick, declared):
    if declared["design"] == "fractional":
        two_levels = {name: part for name, part in declared["components"].items() if name != "norm"}
        declared["components"] = two_levels or {"s": PARTS["shortcut"]}
    study = parse(quick, declared)
    cells = compile_cells(study, quick, RunLocator())
    base = quick.config([*studies.BASE, f"seed={study.seeds[0]}"])
    assert cells.baseline.config == base and cells.baseline.differs == {}
    for cell in cells.design:
        chosen = [c.removals[level - 1] for c, level in zip(study.components, cell.levels, strict=True) if level]
        words = [word for removal in chosen for word in removal.overrides]
        assert cell.config == quick.config([*studies.BASE, *words, f"seed={study.seeds[0]}"])
        assert set(cell.differs) - set(cell.implied) == {spec.key(word) for word in words}
        assert cell.budget == any(c.budget for c, level in zip(study.components, cell.levels, strict=True) if level)
    names = [cell.name for cell in cells.design]
    assert len(names) == len(set(names)) and len({cell.levels for cell in cells.design}) == len(names)
    assert all(cell in names and reference in names for cell, reference in cells.pairs(study))
    runs = [where for cell in cells.distinct for where in cell.runs]
    assert len(runs) == len(set(runs)) == len(cells.distinct) * len(study.seeds)


def test_names_say_what_is_there_or_not(quick):
    parts = {name: PARTS[name] for name in ("shortcut", "activation", "norm")}

    def names(design, **more):
        return [cell.name for cell in compiled(quick, {"components": parts, "design": design, **more}).design]

    assert names("leave_one_out") == ["baseline", "-shortcut", "-activation", "-norm.group", "-norm.none"]
    assert names("add_one_in") == ["bare", "+shortcut", "+activation", "+norm"]
    assert names("cumulative") == [
        "baseline",
        "-shortcut",
        "-shortcut -activation",
        "-shortcut -activation -norm.group",
    ]
    assert len(names("factorial")) == 12 and names("factorial")[0] == "baseline"
    assert names("list") == names("leave_one_out")
    listed = names("list", cells=[["norm.none", "shortcut"], "activation", []])
    assert listed == ["baseline", "-shortcut -norm.none", "-activation"]


def test_what_is_typed_lies_between_baseline_and_component(quick):
    declared = {"components": {"norm": {"remove": ["model.norm=none"], "with": ["train.learning_rate=0.01"]}}}
    cells = compiled(quick, declared, "train.learning_rate=0.2", "model.width=8")
    assert [cell.config.train.learning_rate for cell in cells.design] == [0.2, 0.01]
    assert {cell.config.model.width for cell in cells.design} == {8}


def test_cells_that_are_equal_are_one_run(quick):
    parts = {"shortcut": PARTS["shortcut"], "option": ["model.shortcut=identity_pad"]}
    cells = compiled(quick, {"components": parts, "design": "factorial", "seeds": 2})
    assert [cell.same_as for cell in cells.design] == [None, None, None, "-shortcut"]  # no shortcut has no option


def test_of_parts_that_exclude_each_other_a_factorial_has_the_cell_once(quick):
    parts = {"optimizer": {"remove": ["train.optimizer=adamw"], "with": ["train.learning_rate=0.001"]}}
    cells = compiled(quick, {"components": parts | {"momentum": ["train.momentum=0.5"]}, "design": "factorial"})
    assert [cell.same_as for cell in cells.design] == [None, None, None, "-optimizer"]
    assert "train.momentum=0.5" not in cells.design[-1].overrides


def test_a_study_without_its_data_names_cell_and_reason(quick):
    def locate(config):
        return Located(RunLocation(Path("outputs"), "run", "0" * 64), "The folder is not there")

    with pytest.raises(AblateError, match=r"The study mine, cell baseline: The folder is not there \(nothing was"):
        compile_cells(parse(quick, {"components": {"shortcut": PARTS["shortcut"]}}), quick, locate)


def test_a_fractional_design_has_two_levels_and_few_components(quick):
    with pytest.raises(AblateError, match="a fractional design has two levels, and norm has alternatives"):
        compiled(quick, {"components": {"norm": PARTS["norm"]}, "design": "fractional"})


def test_only_another_folder_with_other_images_is_a_difference(quick, tmp_path):
    """The component moves the data; what lies there decides whether anything differs."""
    for folder, shade in (("here", 0), ("copy", 0), ("other", 200)):
        for label in ("a", "b"):
            (tmp_path / folder / label).mkdir(parents=True)
            for number in range(5):
                image = Image.new("L", (8, 8), shade + number + 10 * (label == "a"))
                image.save(tmp_path / folder / label / f"{number}.png")
    base = ["model=resnet_cifar", "model.depth=8", "data=folder", "data.image_size=8", "train.epochs=1"]

    def differs(folder):
        part = {"remove": [f"data.root={tmp_path / folder}"], "budget": True}
        declared = {"baseline": [*base, f"data.root={tmp_path / 'here'}"], "components": {"part": part}}
        return compiled(quick, declared).alone[0].differs

    assert set(differs("other")) == {"data.root"}
    with pytest.raises(AblateError, match="changes nothing"):
        differs("copy")


@pytest.mark.parametrize(("removed", "name"), [((), "baseline"), (("norm",), "-norm"), (("a", "b.half"), "-a -b.half")])
def test_a_cell_is_named_by_what_it_removes(removed, name):
    assert cell_name(removed) == name
