"""Completion: what Hydra offers, the values of enumerations, and what a folder of configs adds."""

import argparse

import pytest
from hydra._internal.core_plugins.bash_completion import BashCompletion
from hydra.core.utils import setup_globals
from hydra.plugins.completion_plugin import CompletionPlugin
from omegaconf import OmegaConf

from ablation.cli.guidance import completion
from ablation.cli.loader import conf_loader
from ablation.config.schema import Model
from ablation.errors import AblateError

pytestmark = pytest.mark.integration  # whole commands


@pytest.fixture
def completed(in_process, monkeypatch):
    """The words that are offered for a line."""

    def call(line: str, shell: str = "bash") -> list[str]:
        monkeypatch.setenv("COMP_LINE", f"ablate {line}")
        done = in_process("-sc", f"query={shell}")
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.split()

    return call


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("model.norm=", ["batch", "layer", "group", "none"]),
        ("seed=1 model.norm=", ["batch", "layer", "group", "none"]),
        ("model.norm=l", ["layer"]),
        ("-m model.norm=batch,", ["batch,batch", "batch,layer", "batch,group", "batch,none"]),
        ("+model.norm=n", ["none"]),
        ("model.residual=", ["true", "false"]),
        ("train.xla=t", ["true"]),
        ("data.channels=", ["1", "3"]),
        ("backend=", ["tensorflow", "jax"]),
        ("rerun=", ["false", "true", "stale"]),
        ("n_jobs=", ["auto"]),
        ("study.stopping=s", ["sequential"]),
        ("study.test=", ["auto", "welch", "paired"]),
        ("model=resnet1", ["resnet101", "resnet152", "resnet18"]),
        ("-m model=vgg16,vgg", ["vgg16,vgg16", "vgg16,vgg19"]),
        ("+study=quick", ["quickstart"]),
        ("train.batch_size=", ["256"]),  # Hydra's: the current value
        ("train=sgd seed=0,1 train.optimizer=", ["sgd", "adamw"]),
        ("name=it's outputs=/data/a(b) train.optimizer=", ["sgd", "adamw"]),
        ("+study=quickstart study.seeds=2 study.stopping=s", ["sequential"]),
    ],
)
def test_values_are_offered(completed, line, offered):
    key = line.split(" ")[-1].partition("=")[0]
    assert completed(line) == sorted(f"{key}={value}" for value in offered)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_is_answered(completed, shell):
    assert completed("model.order=", shell) == ["model.order=post", "model.order=pre"]
    assert {"model.", "model="} <= set(completed("mod", shell))


def test_a_folder_of_configs_is_completed(completed, tmp_path):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "mine.yaml").write_text("# @package _global_\nstudy: {}\n")
    (tmp_path / "camera").mkdir()
    (tmp_path / "camera" / "wide.yaml").write_text("seed: 1\n")
    here = f"--config-dir {tmp_path}"
    assert completed(f"{here} +study=m") == ["+study=mine"] == completed(f"-m {here} seed=0 +study=m")
    assert completed(f"+cam {here}") == []  # behind an option's value the shell completes
    assert completed(f"{here} +cam") == ["+camera="]


def test_a_folder_that_does_not_exist_adds_nothing(completed):
    assert completed("--config-dir nowhere seed=") == ["seed=0"]


def test_a_plugin_file_adds_values(completed, tmp_path):
    (tmp_path / "mine.py").write_text("NORMS = {'instance': print}\n")
    assert "model.norm=instance" in completed(f"plugins=[{tmp_path}/mine.py] model.norm=")


def test_a_network_of_ones_own_is_completed_with_its_keys(completed, tmp_path):
    file = tmp_path / "net.py"
    file.write_text("def build(s, c, *, attention: bool = True): return attention\nNETWORKS = {'mine': build}\n")
    assert completed(f"plugins=[{file}] model=mi") == ["model=mine"]
    assert completed(f"plugins=[{file}] model=mine model.at") == ["model.attention="]
    values = completed(f"plugins=[{file}] model=mine model.attention=")
    assert values == ["model.attention=false", "model.attention=true"]


@pytest.mark.parametrize("line", ["model=typo train.", "seed=[ train.", "~model train.", "--config-dir"])
def test_a_line_that_is_wrong_elsewhere_completes_to_nothing_and_prints_no_error(completed, line):
    assert completed(line) == []


def test_the_line_of_the_shell_is_needed(in_process, monkeypatch):
    monkeypatch.delenv("COMP_LINE", raising=False)
    done = in_process("-sc", "query=bash")
    assert done.returncode == 1 and 'Type eval "$(ablate -sc install=bash)"' in done.stderr
    assert "with bash, zsh or fish" in in_process("-sc", "install=ksh").stderr
    assert "complete -o nospace" in in_process("-sc", "install=bash").stdout


def test_ablate_plan_is_completed_as_ablate_is(in_process, monkeypatch):
    monkeypatch.setenv("COMP_LINE", "ablate-plan study.design=f")
    done = in_process("-sc", "query=bash", command="ablate-plan")
    assert done.stdout.split() == ["study.design=factorial", "study.design=fractional"]


def test_hydra_s_completion_is_put_back(monkeypatch):
    before = CompletionPlugin._query
    with completion.installed():
        assert CompletionPlugin._query is completion.candidates
    assert CompletionPlugin._query is before
    setup_globals()
    assert completion.candidates(BashCompletion(conf_loader()), "config", "model.head=v") == ["model.head=vgg"]


def test_the_options_of_the_line_replace_those_of_the_query(monkeypatch, tmp_path):
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMP_LINE", "ablate --config-dir a -cn=b seed=")
    options = argparse.Namespace(overrides=["query=bash"], config_dir=None, config_name=None, config_path=None)
    completion.apply_typed_options(options)
    assert (options.config_dir, options.config_name, options.config_path) == ("a", "b", None)
    monkeypatch.delenv("COMP_LINE")
    with pytest.raises(AblateError, match="COMP_LINE"):
        completion.apply_typed_options(options)


def test_only_enumerations_have_values():
    config = OmegaConf.create({"model": OmegaConf.structured(Model), "plugins": []})
    assert completion.allowed_values(config, "model.conv_bias") == ("true", "false")
    assert completion.allowed_values(config, "model.width") == completion.allowed_values(config, "nope") == ()


def test_a_study_whose_name_is_a_number_and_a_folder_as_the_shell_names_it(completed, tmp_path, monkeypatch):
    folder = tmp_path / "my configs"
    (folder / "study").mkdir(parents=True)
    (folder / "study" / "1.yaml").write_text(
        "# @package _global_\nstudy: {baseline: [model=resnet18], components: {}}\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MINE", str(tmp_path))
    for typed in (f"'{folder}'", str(folder).replace(" ", "\\ "), "~/my\\ configs", '"$MINE/my configs"'):
        assert completed(f"--config-dir {typed} +study=1 train.optimizer=a") == ["train.optimizer=adamw"]
        assert "+study=1" in completed(f"--config-dir {typed} +study=")
