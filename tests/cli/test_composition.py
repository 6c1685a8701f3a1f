"""From overrides to a config and its record: every shipped file composes, and what trains alike is equal."""

import copy
import dataclasses
import re

import pytest

import ablation
from ablation.cli import composition
from ablation.config import normalisation, schema, validation
from ablation.config.fingerprint import fingerprint
from ablation.config.shipped.folder import conf_dir
from ablation.errors import AblateError

CONF = conf_dir()
OPTIONS = [f"{group}={path.stem}" for group in ("model", "data", "train") for path in sorted((CONF / group).glob("*"))]


@pytest.mark.parametrize("option", OPTIONS)
def test_every_shipped_file_composes(option):
    needed = {"data=folder": ["data.root=/images"], "data=npz": ["data.file=x.npz"], "data=tfds": ["data.name=mnist"]}
    job = composition.compose([option, *needed.get(option, []), "data.image_size=32"])
    assert job.config.model.family


@pytest.mark.parametrize("path", sorted(CONF.rglob("*.yaml")), ids=lambda p: p.stem)
def test_every_file_opens_with_the_command_that_uses_it(path):
    assert re.match(r"(# @package _global_\n)?# ablate ", path.read_text())


def test_a_variant_is_its_parent_and_one_difference():
    for plain, residual in (("plain18", "resnet18"), ("plain34", "resnet34"), ("plain50", "resnet50")):
        lines = [s for s in (CONF / "model" / f"{plain}.yaml").read_text().splitlines() if s and s[0] != "#"]
        assert lines == [f"defaults: [{residual}, _self_]", "residual: false"]


def test_an_unread_drop_of_a_replaced_schedule_is_dropped_from_the_record():
    job = composition.compose(["train=sgd_he2015", "train.schedule=cosine"])
    assert job.record["train"]["lr_milestones"] is None


@pytest.mark.parametrize("recipe", ["sgd", "sgd_cosine", "sgd_he2015", "quickstart"])
def test_what_the_recipe_s_file_says_of_a_replaced_optimizer_is_dropped(recipe):
    """As if nobody had said it, in the record and in the identity."""
    job = composition.compose([f"train={recipe}", "train.optimizer=adamw"])
    assert (job.record["train"]["momentum"], job.record["train"]["nesterov"]) == (0.9, False)
    default = schema.Train()
    unsaid = dataclasses.replace(job.config.train, momentum=default.momentum, nesterov=default.nesterov)
    assert unsaid.momentum_form == default.momentum_form
    assert fingerprint(job.config, {}) == fingerprint(dataclasses.replace(job.config, train=unsaid), {})


@pytest.mark.parametrize("word", ["weight_decay=0", "weight_decay=0.0"])
def test_what_is_exempt_where_nothing_decays_makes_no_other_run(word):
    one, other = (
        composition.compose([f"train.{word}", f"train.weight_decay_exclude={e}"]) for e in ("none", "norm_bias")
    )
    assert fingerprint(one.config, {}) == fingerprint(other.config, {})


@pytest.mark.parametrize(
    "words", [["train=sgd", "train.momentum=0.9"], ["train=sgd_cosine", "train.momentum=0"]], ids=str
)
def test_the_form_of_momentum_makes_no_other_run_where_both_are_one_law(words):
    one, other = (
        composition.compose([*words, "train.nesterov=false", f"train.momentum_form={form}"])
        for form in ("keras", "torch")
    )
    assert one.config == other.config and fingerprint(one.config, {}) == fingerprint(other.config, {})


@pytest.mark.parametrize(
    "word",
    [
        "train.optimizer=adamw",
        "train.label_smoothing=0.1",
        "train.ema_momentum=0.9",
        "data.fraction=0.5",
        "data.label_noise=0.1",
        "data.augment=crop",
        "data.augment=flip",
        "data.augment=crop data.pad=black",
        "train.schedule=cosine train.momentum=0.9 train.momentum_form=torch",
        "train.clipnorm=null train.global_clipnorm=1",
        "data.cutout_size=2",
        "data.mixup_alpha=0.2",
        "data.normalize=none",
    ],
)
def test_a_key_makes_another_run_and_its_default_the_run_of_before(word):
    *others, word = word.split()
    key, _, _ = word.rpartition("=")
    group, name = key.split(".")
    default = getattr({"train": schema.Train, "data": schema.Data}[group](), name)
    default = "null" if default is None else default
    added: tuple[list[str], ...] = ([], [f"{key}={default}"], [word])
    before, same, other = (composition.compose([*others, *words]) for words in added)
    assert fingerprint(before.config, {}) == fingerprint(same.config, {}) != fingerprint(other.config, {})


def test_the_environment_stays_text_in_the_record(monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2")
    job = composition.compose(["name=${oc.env:SECRET}"])
    assert job.config.name == "hunter2"
    assert job.record["name"] == "${oc.env:SECRET}" and "hunter2" not in job.yaml


def test_the_environment_stays_text_in_lists_and_behind_other_keys(monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2")
    job = composition.compose(["tags=['${oc.env:SECRET}']", "name=${tags.0}"])
    assert job.config.tags == ["hunter2"] and "hunter2" not in str(job.record)


def test_equal_networks_have_equal_configs():
    one, other = (
        composition.compose(["model=plain34", f"model.shortcut={s}"]).config for s in ("identity_pad", "projection")
    )
    assert one == other


def test_a_bottleneck_made_of_a_basic_network_is_the_paper_s():
    made, paper = (
        ablation.build([*overrides, "model.width=4"], (32, 32, 3), 10)
        for overrides in (["model=resnet34", "model.block=bottleneck"], ["model=resnet50"])
    )
    assert [layer.name for layer in made.layers] == [layer.name for layer in paper.layers]
    assert made.get_layer("stage2_block0_conv1").strides == paper.get_layer("stage2_block0_conv1").strides == (2, 2)


def test_a_check_leaves_a_config_as_it_is_and_its_normal_form_is_its_own():
    job = composition.compose(["model=plain34", "train=sgd_he2015"])
    composed = dataclasses.replace(job.config, job_timeout="2h")
    composed.train = dataclasses.replace(
        composed.train, beta_1=0.5, weight_decay_exclude="norm_bias", weight_decay=0.0, steps=9
    )
    before = copy.deepcopy(composed)
    validation.check(composed)
    normal = normalisation.normalise(composed)
    assert composed == before != normal
    assert (normal.job_timeout, normal.train.beta_1, normal.train.weight_decay_exclude) == (7200.0, 0.9, "none")
    assert normalisation.normalise(normal) == normal and normal.train.epochs is None
    with pytest.raises(AblateError, match="train.beta_1.*is not used by train.optimizer=sgd"):
        validation.check(composed, {"train.beta_1"})
