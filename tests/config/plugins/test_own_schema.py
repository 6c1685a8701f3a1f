"""The schema of a plugin's function behaves like a shipped one: it is flat, copied, pickled, and has common keys."""

import copy
import dataclasses
import pickle

import pytest

from ablation.config import fingerprint
from ablation.config.keys import keys_of
from ablation.config.plugins import declarations
from ablation.config.plugins.own_schema import OwnChoice, own_schema
from ablation.config.plugins.signature import Parameter
from ablation.config.plugins.source_text import PluginFile
from ablation.config.schema import Config, flat
from ablation.errors import AblateError

WIDTH = Parameter("width", int, 8, doc="filters")


def test_a_schema_is_the_same_class_for_the_same_parameters():
    schema = own_schema("model", "mine", (WIDTH,))
    assert schema is own_schema("model", "mine", (WIDTH,)) is not own_schema("model", "ours", (WIDTH,))
    assert [key.name for key in keys_of(schema)] == ["family", "weights", "width"]
    assert schema().family == "mine" and keys_of(schema)[-1].limits.doc == "filters"
    assert schema(width=3).parameters() == {"width": 3}


def test_it_can_be_pickled_and_copied():
    config = Config(model=own_schema("model", "mine", (WIDTH,))(width=4))
    assert pickle.loads(pickle.dumps([type(config.model), OwnChoice])) == [type(config.model), OwnChoice]
    for other in (pickle.loads(pickle.dumps(config)), copy.deepcopy(config)):
        assert other == config and flat(other)["model.width"] == 4
    assert dataclasses.replace(config.model, width=5).width == 5


def test_data_has_the_keys_that_every_source_reads():
    data = own_schema("data", "mine", (Parameter("root", str, "x"),))()
    assert (data.source, data.name, data.root, data.holdout) == ("mine", "mine", "x", 0.2)
    assert data.image_size is data.channels is None and not hasattr(data, "layout")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("NETWORKS = {'my net': build}", "'my net' in NETWORKS, which cannot be typed"),
        ("NETWORKS = {'true': build}", "cannot be typed"),
        ("NETWORKS = {'9': build}", "cannot be typed"),
        ("NETWORKS = {'a': build, 'a': build}", "each name once"),
        ("NETWORKS = {'vgg': build}", "has the name vgg in NETWORKS, which ablate has itself"),
    ],
)
def test_names_that_cannot_be_choices(tmp_path, text, message):
    path = tmp_path / "net.py"
    path.write_text(f"def build(shape, classes): pass\n{text}\n")
    with pytest.raises(AblateError, match=message):
        declarations.schemas([str(path)], "model")


@pytest.mark.parametrize(("group", "name"), [("NETWORKS", "weights"), ("NETWORKS", "family"), ("DATA", "augment")])
def test_parameters_with_the_name_of_a_key_of_ours(tmp_path, group, name):
    path = tmp_path / "net.py"
    head = "shape, classes, " if group == "NETWORKS" else ""
    path.write_text(f"def make({head}*, {name}: int = 1): return {name}\n{group} = {{'mine': make}}\n")
    with pytest.raises(AblateError, match=f"the parameter {name}, and .*{name} is a key of ablate's own"):
        declarations.names([str(path)])


def test_a_default_is_no_part_of_the_fingerprint_but_the_file_is(tmp_path):
    path = tmp_path / "net.py"
    path.write_text("def build(shape, classes, *, width: int = 8): return width\nNETWORKS = {'mine': build}\n")
    schema = declarations.schemas([str(path)], "model")["mine"]
    mark = [fingerprint.fingerprint(Config(model=schema(width=width), plugins=[str(path)]), {}) for width in (8, 8, 9)]
    assert mark[0] == mark[1] != mark[2]
    path.write_text(path.read_text() + "# changed\n")
    assert fingerprint.fingerprint(Config(model=schema(), plugins=[str(path)]), {}) != mark[0]
    assert PluginFile(str(path)).table("DATA") == {}


def test_two_networks_of_one_file_have_fingerprints_of_their_own(tmp_path):
    path = tmp_path / "net.py"
    path.write_text("def build(shape, classes): pass\nNETWORKS = {'a': build, 'b': build}\n")
    schemas = declarations.schemas([str(path)], "model")
    configs = [Config(model=schemas[name](), plugins=[str(path)]) for name in "ab"]
    assert fingerprint.fingerprint(configs[0], {}) != fingerprint.fingerprint(configs[1], {})
