"""Networks and data of plugins are options like the files in conf/: for files, studies, help and completion."""

import pytest
from omegaconf import OmegaConf

from ablation.cli.composition import compose
from ablation.cli.hydra_setup import installed
from ablation.cli.loader import conf_loader
from ablation.cli.plugin_source import PluginSource, plugin_files
from ablation.config.plugins import registry
from ablation.errors import AblateError

TEXT = """
from __future__ import annotations


def build(input_shape, classes, *, width: int = 8, attention: bool = True, pool: Literal["avg", "max"] = "avg",
          drop: float | None = None, act: str = "relu"):
    return width, attention, pool, drop, act


def load(*, file: str = "x"):
    return file


NETWORKS = {"mine": build}
DATA = {"ours": load}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(TEXT)
    return str(path)


def model(file, *words):
    return compose([f"plugins=[{file}]", "model=mine", *words]).config.model


def test_keys_have_their_defaults_and_take_values(file):
    made = model(file)
    values = (made.family, made.width, made.attention, made.pool, made.drop, made.act)
    assert values == ("mine", 8, True, "avg", None, "relu")
    made = model(file, "model.attention=false", "model.drop=0", "model.act='false'", "model.pool=max")
    assert (made.attention, made.drop, made.act, made.pool) == (False, 0.0, "false", "max")
    assert type(made.drop) is float


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("model.atention=false", "Type for example model.attention="),
        ("model.attention=no", "Allowed: true or false"),
        ("model.attention=1", "Allowed: true or false"),
        ("model.act=false", "Allowed: text. Type for example model.act=\"'false'\""),
        ("model.act=1.10", "Allowed: text"),
        ("model.width=0.5", "Allowed: a whole number"),
        ("model.width=true", "Allowed: a whole number"),
        ("model.width=null", "Allowed: a whole number"),
        ("model.drop=much", "Allowed: a number, or null"),
        ("model.drop=nan", "not a finite number"),
        ("model.pool=mean", "Allowed: avg, max"),
        ("model.block=basic", "Unknown key"),
        ("model=mone", "Unknown model. Received model=mone. Allowed: mine"),
    ],
)
def test_wrong_values_are_refused_by_name(file, word, message):
    with pytest.raises(AblateError) as refusal:
        model(file, word)
    assert message in str(refusal.value)


def test_a_file_may_hold_a_variant(file, tmp_path):
    loader = conf_loader()
    loader.repository.use_plugins([file])
    (tmp_path / "model").mkdir()
    variant = tmp_path / "model" / "small.yaml"
    variant.write_text("defaults: [mine, _self_]\nwidth: 4\n")
    with installed():
        words = [f"hydra.searchpath=[{tmp_path}]", f"plugins=[{file}]", "model=small", "model.attention=false"]
        composed = loader.load_configuration("config", words, None)
    assert (composed.model.family, composed.model.width, composed.model.attention) == ("mine", 4, False)
    variant.rename(tmp_path / "model" / "mine.yaml")
    words[2] = "model=mine"
    with pytest.raises(AblateError, match="A file has the name of a plugin's choice"), installed():
        loader.load_configuration("config", words, None)


def test_the_name_of_a_shipped_file_is_refused(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(TEXT.replace("'mine'", "'resnet34'").replace('"mine"', '"resnet34"'))
    with pytest.raises(AblateError, match="model=resnet34 would have two meanings"):
        compose([f"plugins=[{path}]"])


def test_files_are_those_of_the_last_override_or_the_primary_config():
    primary = OmegaConf.create({"plugins": ["a.py", "${b}"]})
    assert plugin_files(["plugins=[x.py]", "plugins=[y.py,z.py]"], primary) == ["y.py", "z.py"]
    assert plugin_files(["seed=1"], primary) == ["a.py"] and plugin_files([], None) == []
    assert plugin_files(["plugins=["], primary) == plugin_files(["plugins="], primary) == []
    assert (
        plugin_files(["plugins=x.py"], primary) == plugin_files([], OmegaConf.create({"plugins": "x.py"})) == ["x.py"]
    )


def test_a_file_needs_no_brackets_and_may_be_in_the_home_folder(file, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    for word in (f"plugins={file}", "plugins=~/mine.py", "plugins=[~/mine.py]", "plugins=['~/mine.py']"):
        config = compose([word, "model=mine"]).config
        assert config.model.family == "mine"
        registry.take(config.plugins)
    with pytest.raises(AblateError, match="cannot be read"):
        compose(["plugins=~/absent.py", "model=mine"])


@pytest.mark.parametrize("text", ["", "NETWORKS = {}\nNETWORKS['mine'] = len\n"])
def test_a_file_without_entries_is_the_reason_for_an_unknown_model(tmp_path, text):
    (tmp_path / "mine.py").write_text(text)
    with pytest.raises(AblateError, match="defines no network.*Allowed: a dict literal with entries"):
        compose([f"plugins=[{tmp_path / 'mine.py'}]", "model=mine"])


def test_the_source_has_what_the_files_declare(file):
    source = PluginSource()
    assert source.names("model") == [] and not source.is_config("model/mine") and source.available()
    source.files = [file]
    assert source.list("model", None) == ["mine"] and source.list("data", None) == ["ours"]
    assert source.is_config("data/ours.yaml") and source.is_group("model") and not source.is_group("train")
    assert source.load_config("data/ours.yaml").config == {"source": "ours"}
