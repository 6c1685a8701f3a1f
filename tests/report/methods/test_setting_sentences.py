"""The setting of a comparison in words."""

from dataclasses import replace

import pytest

from ablation.comparison.analysis.setting import Compute, DataSize, NetworkSize, Range, Setting
from ablation.report.methods import setting_sentences as sentences

DIGITS = DataSize("digits", 1078, 360, 359, 10)
RESNET, PLAIN = NetworkSize("resnet34", 8, (335_010, 335_010)), NetworkSize("plain34", 8, (332_074, 332_074))
VERSIONS = {"python": ("3.11.7",), "keras": ("3.15.1",), "tensorflow": ("2.20.0", "2.21.0"), "ablation": ("0.1.0",)}
SETTING = Setting(
    data=(DIGITS,),
    baseline=RESNET,
    networks=(RESNET, PLAIN),
    config={"train.learning_rate": 0.1, "train.batch_size": 128},
    varied=("model.residual",),
    epochs=Range(12, 12),
    steps=Range(204, 204),
    variants=2,
    seeds=(0, 1, 2),
    runs=6,
    comparisons=1,
    compute=Compute(54.0, ("AMD EPYC (2 threads)",), VERSIONS),
)


def test_a_caption_names_network_length_and_images():
    said = "Baseline network resnet34 (width 8, 335k parameters), 12 epochs on 1,078 training images."
    assert sentences.caption_sentence(SETTING) == said
    alone = replace(SETTING, networks=(RESNET,))
    assert sentences.caption_sentence(alone).startswith("Network resnet34 (width 8, 335k parameters), 12 epochs")
    several = replace(SETTING, baseline=None, epochs=Range(4, 12), data=(DIGITS, replace(DIGITS, train=10)))
    assert sentences.caption_sentence(several) == (
        "Networks resnet34 (width 8, 335k parameters) and plain34 (width 8, 332k parameters), 4 to 12 epochs."
    )


def test_the_notes_are_data_recipe_runs_and_compute():
    assert sentences.notes(SETTING) == (
        "Data: digits (1,078 training, 360 validation and 359 test images of 10 classes).",
        "Recipe: learning rate 0.1, batch size 128.",
        "Runs: 6 (2 variants, seeds 0 to 2); 1 comparison.",
        "Compute: 54 s of training in total on AMD EPYC (2 threads); ablation-study 0.1.0, Keras 3.15.1, TensorFlow "
        "2.20.0 and 2.21.0.",
    )
    assert sentences.short_notes(SETTING) == sentences.notes(SETTING)[2:]
    assert sentences.notes(Setting()) == () and sentences.caption_sentence(Setting()) == ""


def test_what_varies_stands_behind_the_recipe_of_the_baseline():
    varied = replace(SETTING, varied=("train.learning_rate",), note="shortened from 64000")
    said = "learning rate 0.1, batch size 128; varied: learning rate; training shortened from 64000 steps."
    assert sentences.recipe_line(varied) == f"Recipe of the baseline: {said}"
    without = replace(varied, baseline=None, note="")
    assert sentences.recipe_line(without) == "Recipe: batch size 128; varied: learning rate."


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"planned": 6}, "Runs: 6 ("),
        ({"planned": 9, "diverged": 2, "missing": 1}, "Runs: 6 of 9 planned, 2 diverged and 1 missing ("),
        ({"seeds": (4,)}, "(2 variants, seed 4);"),
        ({"seeds": (0, 4)}, "(2 variants, seeds 0 and 4);"),
        ({"seeds": (0, 1, 2, 3, 5, 8, 13)}, "(2 variants, 7 seeds);"),
        ({"comparisons": 0}, "seeds 0 to 2)."),
    ],
)
def test_runs_are_counted(changes, said):
    assert said in sentences.runs_line(replace(SETTING, **changes))


def test_splits_that_there_are_not_are_left_out():
    assert sentences.data_text(replace(DIGITS, test=None, classes=None)) == (
        "digits (1,078 training and 360 validation images)"
    )
    assert sentences.data_text(DataSize("digits", None, 0, None, None)) == "digits"
    two = replace(SETTING, data=(DIGITS, replace(DIGITS, name="cifar10")))
    assert sentences.data_line(two).count("images of 10 classes") == 2 and "; and cifar10 (" in sentences.data_line(two)


def test_a_network_without_width_and_with_several_sizes():
    assert sentences.network_text(NetworkSize("shake26_2x32d", None, (1_000, 2_000))) == (
        "shake26_2x32d (1.00k to 2.00k parameters)"
    )


def test_compute_that_is_not_recorded_is_not_claimed():
    assert sentences.compute_line(replace(SETTING, compute=Compute())) == ""
    assert sentences.compute_line(replace(SETTING, compute=Compute(3.0))) == "Compute: 3.0 s of training in total."
