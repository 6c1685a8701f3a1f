"""Checks and the normal form of a config: pure functions of it."""

import copy
import shlex
from dataclasses import replace

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from ablation.config import agreement, fingerprint, network_structure, validation
from ablation.config.keys import Limits
from ablation.config.normalisation import normalise, seconds_of
from ablation.config.schema import Config, Data, Model, Train
from ablation.errors import AblateError

MODEL = Model(
    family="resnet", block="basic", repeats=[1, 1], width=8, stem="auto", residual=True, shortcut="projection",
    norm="batch", norm_momentum=0.9, norm_epsilon=1e-5, activation="relu", conv_bias=False, initializer="he_normal",
    dropout=0.0,
)  # fmt: skip
CONFIG = Config(MODEL, Data(source="digits", name="digits", image_size=8), Train(epochs=2), rerun="false")


def test_a_sound_config_is_left_as_it_is():
    config = copy.deepcopy(CONFIG)
    validation.check(config)
    normalise(config)
    assert config == CONFIG


@pytest.mark.parametrize(
    ("train", "words"),
    [
        (Train(), "no length"),
        (Train(epochs=1, schedule="step"), "needs milestones"),
        (Train(epochs=1, nesterov=True, momentum=0.0), "needs momentum"),
        (Train(epochs=1, clipnorm=1.0, global_clipnorm=2.0), "clipped by .* but not by both"),
        (Train(epochs=1, global_clipnorm=0.0), "above 0"),
        (Train(epochs=1, warmup=1.0), "below 1"),
        (Train(epochs=1, learning_rate=float("nan")), "finite"),
        (Train(epochs=1, optimizer="lion"), "Unknown value"),
    ],
)
def test_recipes_that_cannot_run(train, words):
    with pytest.raises(AblateError, match=words):
        validation.check(replace(CONFIG, train=train))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"exact": "required", "deterministic": False}, "cannot be bit-exact"),
        ({"backend": "jax", "train": Train(epochs=1, xla=False)}, "always compiles"),
        ({"n_jobs": 0}, "parallel runs"),
        ({"job_timeout": "soon"}, "time limit"),
    ],
)
def test_keys_that_do_not_go_together(change, words):
    config = replace(CONFIG, **change)
    with pytest.raises(AblateError, match=words):
        agreement.check(config, normalise(config))


def test_a_left_over_of_a_recipe_is_dropped_and_a_typed_one_refused():
    config = replace(CONFIG, train=Train(epochs=1, beta_1=0.5))
    validation.check(config)
    assert normalise(config).train.beta_1 == 0.9
    with pytest.raises(AblateError, match="not used by train.optimizer=sgd"):
        validation.check(config, {"train.beta_1"})


def test_a_left_over_padding_of_a_file_is_dropped_and_a_typed_one_refused():
    """A file that sets the padding is of use to a study that removes the crop."""
    data = replace(CONFIG.data, pad="black")
    without, cropping = (replace(CONFIG, data=replace(data, augment=augment)) for augment in ("none", "crop"))
    validation.check(without)
    assert (normalise(without).data.pad, normalise(cropping).data.pad) == ("mean", "black")
    validation.check(cropping, {"data.pad"})
    with pytest.raises(
        AblateError, match=r"data\.pad .* is not used by data\.augment=none.*or type data\.augment=crop"
    ):
        validation.check(without, {"data.pad"})


def test_the_normal_form_gives_a_bottleneck_its_stride():
    assert normalise(replace(CONFIG, model=replace(MODEL, block="bottleneck"))).model.stride_in == "first"
    assert normalise(CONFIG).model.stride_in is None


@pytest.mark.parametrize(("typed", "seconds"), [("12h", 43200), ("90s", 90), (2, 2), ("1.5m", 90), ("soon", 0)])
def test_a_timeout_is_read(typed, seconds):
    assert seconds_of(typed) == seconds


def test_minus_zero_is_zero_in_the_fingerprint():
    one, other = (replace(CONFIG, train=Train(epochs=2, weight_decay=zero)) for zero in (0.0, -0.0))
    assert fingerprint.fingerprint(one, {}) == fingerprint.fingerprint(other, {})


def test_a_padding_with_the_mean_makes_another_run_than_the_black_one_of_before_the_key():
    """A run that crops has the fingerprint of before with black padding only, and one that does not has it anyway."""
    hashes = {}
    for augment in ("none", "crop"):
        for pad in ("mean", "black"):
            normal = normalise(replace(CONFIG, data=replace(CONFIG.data, augment=augment, pad=pad)))
            hashes[augment, pad] = fingerprint.fingerprint(normal, {})[:16]
    assert hashes["none", "mean"] == hashes["none", "black"] == "dbb6ddb0d2955acf"  # as of the code of then
    assert hashes["crop", "black"] == "b8ac9d586e39f76d" != hashes["crop", "mean"]


def test_a_network_s_name_follows_from_its_structure():
    assert network_structure.name(MODEL) == "resnet6"
    assert network_structure.name(replace(MODEL, residual=False)) == "plain6"
    assert network_structure.name(replace(MODEL, squeeze_excite=4, order="pre")) == "sepreresnet6"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a" * 256, "too long for a path: a name of 256 bytes"),
        ("x/" + "\N{GREEK SMALL LETTER ALPHA}" * 128, "256 bytes"),
        ("/".join(["a" * 200] * 30), "too long for a path: 6,029 bytes"),
        ("a\0b", "character that no path may"),
        ("a\ud800b", "character that no path may"),
    ],
)
def test_a_path_that_no_file_system_takes_is_refused_by_its_key(value, words):
    data = replace(CONFIG.data, source="folder", name="folder", root=value, layout="auto")
    for key, config in {
        "outputs": replace(CONFIG, outputs=value),
        "plugins": replace(CONFIG, plugins=["mine.py", value]),
        "data.root": replace(CONFIG, data=data),
        "data.dir": replace(CONFIG, data=replace(CONFIG.data, source="tfds", dir=value)),
    }.items():
        with pytest.raises(AblateError, match=f"{key} .*{words}.*Type for example {key}="):
            validation.check(config)
    validation.check(replace(CONFIG, name=value, outputs="/".join(["a" * 255] * 15)))


OF_TEXTS = Limits("mode", choices=("1", "true", "a b", "it's", "c"), kind=str)


@pytest.mark.parametrize("received", [1, 7, True, "d", "1 ", None, "its", "b a"])
def test_the_text_to_type_for_a_literal_is_accepted(received):
    """Through the shell and through Hydra."""
    with pytest.raises(
        AblateError, match="Allowed: (text, one of )?1, true, a b, it's, c. Type for example"
    ) as refusal:
        validation.check_value("seed", received, OF_TEXTS, [])
    (word,) = shlex.split(str(refusal.value).partition("Type for example ")[2])
    if received is not None:  # the example is the default of the key, which the test lacks
        validation.check_value("seed", OverridesParser.create().parse_override(word).value(), OF_TEXTS, [])
