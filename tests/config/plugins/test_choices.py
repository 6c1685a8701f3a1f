"""The schema of a choice: the shipped one, or that of a plugin's function."""

from ablation.config import key_help, schema
from ablation.config.plugins import choices
from ablation.config.schema import FAMILIES, SOURCES

NETWORK = "NETWORKS = {'mine': build}\ndef build(input_shape, classes, *, norm: bool = True):\n    return norm\n"


def test_shipped_and_unknown_choices_have_the_shipped_schema(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(NETWORK)
    assert choices.SHIPPED == {"model": FAMILIES, "data": SOURCES}
    for choice in (*FAMILIES, "typo", None):
        assert choices.schema_of("model", choice, [str(file)]) is schema.Model
    assert choices.schema_of("train", "mine", [str(file)]) is schema.Train
    own = choices.schema_of("model", "mine", [str(file)])
    assert own is not schema.Model and own().norm is True
    assert choices.schema_of("model", "mine") is schema.Model


def test_messages_are_about_the_network_that_was_composed(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(NETWORK)
    choices.use_schemas({"model": choices.schema_of("model", "mine", [str(file)])})
    try:
        assert key_help.keys("model") == ["family", "weights", "norm"] and key_help.example("model.norm") == "true"
        assert choices.composed_schema("train") is schema.Train and choices.composed_schema("nope") is None
    finally:
        choices.use_schemas({})
    assert key_help.example("model.norm") == "batch"


def test_a_key_is_a_plugins_where_its_network_is():
    own, shipped = {"model.family": "mine", "data.source": "digits"}, {"model.family": "resnet"}
    assert choices.is_own(own, "model.width") and not choices.is_own(own, "data.limit")
    assert not choices.is_own(own, "seed") and not choices.is_own(own, "train.epochs")
    assert not choices.is_own(shipped, "model.width") and not choices.is_own({}, "model.width")


def test_defaults_are_those_of_the_configs_own_keys(tmp_path):
    file = tmp_path / "mine.py"
    file.write_text(NETWORK)
    own = choices.schema_of("model", "mine", [str(file)])
    values = choices.default_values(schema.Config(model=own(norm=False)))
    assert values["model.norm"] is True and "model.width" not in values and values["seed"] == 0
    assert choices.default_values(schema.Config()) == schema.DEFAULTS
