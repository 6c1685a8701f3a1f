"""The commands as a person types them: quick answers without TensorFlow, every shipped file composes."""

import copy
import dataclasses
import os
import re
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import ablation
from ablation.cli import composition, loader, usage
from ablation.config import key_help, normalisation, schema, validation
from ablation.config.fingerprint import fingerprint
from ablation.errors import AblateError

CONF = loader.conf_dir()
BIN = Path(sys.executable).parent
OPTIONS = [f"{group}={path.stem}" for group in ("model", "data", "train") for path in sorted((CONF / group).glob("*"))]


BACKENDS = ("tensorflow", "keras", "jax", "tensorflow_datasets")


def blocked(folder, names):
    """An environment in which importing one of these modules ends the process."""
    for name in names:
        (folder / f"{name}.py").write_text(f"raise SystemExit('{name} was imported')")
    return {**os.environ, "PYTHONPATH": str(folder)}


@pytest.fixture(scope="module")
def no_backend(tmp_path_factory):
    """An environment in which importing TensorFlow, Keras or JAX ends the process."""
    return blocked(tmp_path_factory.mktemp("no_backend"), BACKENDS)


@pytest.fixture(scope="module")
def no_hydra(tmp_path_factory):
    """The same for Hydra and OmegaConf too."""
    return blocked(tmp_path_factory.mktemp("no_hydra"), (*BACKENDS, "hydra", "omegaconf"))


@pytest.mark.integration
@pytest.mark.parametrize(
    ("command", "code", "words"),
    [
        (["ablate", "--help"], 0, "ablate -m"),
        (["ablate", "--cfg", "job"], 0, "learning_rate"),
        (["ablate", "--cfg", "job", "--resolve", "model=vgg19", "data=cifar10"], 0, "cifar10"),
        (["ablate", "model=typo"], 1, "Unknown model"),
        (["ablate", "model.widht=3"], 1, "Unknown key"),
        (["ablate", "-m", "model=plain34,typo"], 1, "Unknown model"),
        (["ablate", "data=folder", "data.root=nowhere"], 1, "does not exist"),
        (["ablate-compare", "--help"], 0, "--out"),
        (["ablate-compare", "nowhere"], 1, "nowhere"),
    ],
    ids=lambda v: " ".join(v) if isinstance(v, list) else None,
)
def test_answers_without_tensorflow(no_backend, tmp_path, command, code, words):
    done = subprocess.run(
        [BIN / command[0], *command[1:]], env=no_backend, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.integration
def test_the_blocked_environment_blocks(no_backend):
    assert subprocess.run([sys.executable, "-c", "import keras"], env=no_backend, check=False).returncode == 1


@pytest.mark.integration
@pytest.mark.parametrize("words", [["--version"], ["--vers"], ["-m", "--version", "model=typo"]], ids=" ".join)
@pytest.mark.parametrize("command", ["ablate", "ablate-plan"])
def test_version(no_hydra, command, words):
    done = subprocess.run([BIN / command, *words], env=no_hydra, capture_output=True, text=True, check=False)
    libraries = f"(Keras {version('keras')}, TensorFlow {version('tensorflow')})"
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{command} {ablation.__version__} {libraries}\n"


@pytest.mark.integration
def test_version_of_ablate_compare_needs_no_path(no_hydra):
    done = subprocess.run([BIN / "ablate-compare", "--version"], env=no_hydra, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{usage.version_line('ablate-compare')}\n"


def test_version_of_a_library_that_is_not_installed(monkeypatch):
    monkeypatch.setattr(usage, "LIBRARIES", {"Keras": "no-such-distribution"})
    assert usage.version_line("ablate") == f"ablate {ablation.__version__} (Keras not installed)"


@pytest.mark.integration
@pytest.mark.parametrize(
    "command",
    [[BIN / "ablate"], [BIN / "ablate", "-m"], [BIN / "ablate", "--multirun"], [sys.executable, "-m", "ablation"]],
    ids=lambda command: " ".join(Path(word).name for word in command),
)
def test_a_command_without_overrides_shows_its_usage_and_trains_nothing(no_hydra, tmp_path, command):
    """As git does: the usage on standard output, and code 1, so that a script whose arguments got lost stops."""
    done = subprocess.run(command, env=no_hydra, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == f"{usage.USAGE}\n" and not list(tmp_path.iterdir())


def test_the_usage_names_five_commands_that_work():
    commands = re.findall(r"^  (ablate\S*) (.*?)  ", usage.USAGE, re.MULTILINE)
    assert [name for name, _ in commands] == ["ablate", "ablate", "ablate-plan", "ablate", "ablate-compare"]
    for key, value in re.findall(r"\+?(\w+)=(\S+)", " ".join(words for _, words in commands)):
        assert key == "seed" or all((CONF / key / f"{option}.yaml").is_file() for option in value.split(","))


@pytest.mark.integration
@pytest.mark.parametrize("words", [[], ["model=resnet50"], ["-m", "seed=0,1"]], ids=" ".join)
def test_hydra_help(no_backend, tmp_path, words):
    """Hydra composes it without our configuration: its own run directory and log file would be refused."""
    done = subprocess.run(
        [BIN / "ablate", "--hydra-help", *words], env=no_backend, cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "hydra/launcher: ablation" in done.stdout and "Hydra's version" not in done.stdout
    assert not list(tmp_path.iterdir())


@pytest.mark.integration
@pytest.mark.parametrize(
    "words",
    [["--info"], ["--info", "plugins"], ["--help"], ["--hydra-help"], ["--cfg", "job"], ["--version"]],
    ids=" ".join,
)
def test_what_only_prints_ends_silently_when_its_reader_leaves(words):
    """`ablate --info | head`: Hydra logs what it shows, and logging would print a traceback for each line."""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([BIN / "ablate", *words], stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (-signal.SIGPIPE, "")


@pytest.mark.parametrize("option", OPTIONS)
def test_every_shipped_file_composes(option):
    overrides = [option] + ["data.root=/images"] * (option == "data=folder")
    job = composition.compose([*overrides, "data.image_size=32"])
    assert job.config.model.family


@pytest.mark.parametrize("path", sorted(CONF.rglob("*.yaml")), ids=lambda p: p.stem)
def test_every_file_opens_with_the_command_that_uses_it(path):
    assert re.match(r"(# @package _global_\n)?# ablate ", path.read_text())


def test_a_variant_is_its_parent_and_one_difference():
    for plain, residual in (("plain18", "resnet18"), ("plain34", "resnet34"), ("plain50", "resnet50")):
        lines = [s for s in (CONF / "model" / f"{plain}.yaml").read_text().splitlines() if s and s[0] != "#"]
        assert lines == [f"defaults: [{residual}, _self_]", "residual: false"]


def test_a_new_depth_needs_yaml_only(tmp_path, in_process):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "resnet26.yaml").write_text("defaults: [resnet50, _self_]\nrepeats: [2, 2, 2, 2]\n")
    done = in_process("--config-dir", tmp_path, "--cfg", "job", "model=resnet26")
    assert "block: bottleneck" in done.stdout and done.stdout.count("- 2\n") == 4


def test_an_unread_drop_of_a_replaced_schedule_is_dropped_from_the_record():
    job = composition.compose(["train=sgd_he2015", "train.schedule=cosine"])
    assert job.record["train"]["lr_milestones"] is None


@pytest.mark.parametrize("recipe", ["sgd", "sgd_cosine", "sgd_he2015", "quickstart"])
def test_what_the_recipe_s_file_says_of_a_replaced_optimizer_is_dropped(recipe):
    """As if nobody had said it, in the record and in the identity."""
    job = composition.compose([f"train={recipe}", "train.optimizer=adamw"])
    assert (job.record["train"]["momentum"], job.record["train"]["nesterov"]) == (0.9, False)
    unsaid = dataclasses.replace(job.config.train, momentum=schema.Train().momentum, nesterov=schema.Train().nesterov)
    assert fingerprint(job.config, {}) == fingerprint(dataclasses.replace(job.config, train=unsaid), {})


@pytest.mark.parametrize("word", ["weight_decay=0", "weight_decay=0.0"])
def test_what_is_exempt_where_nothing_decays_makes_no_other_run(word):
    one, other = (
        composition.compose([f"train.{word}", f"train.weight_decay_exclude={e}"]) for e in ("none", "norm_bias")
    )
    assert fingerprint(one.config, {}) == fingerprint(other.config, {})


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
        "data.cutout_size=2",
        "data.mixup_alpha=0.2",
        "data.normalize=none",
    ],
)
def test_a_key_makes_another_run_and_its_default_the_run_of_before(word):
    key, _, _ = word.rpartition("=")
    group, name = key.split(".")
    default = getattr({"train": schema.Train, "data": schema.Data}[group](), name)
    before, same, other = (composition.compose(words) for words in ([], [f"{key}={default}"], [word]))
    assert fingerprint(before.config, {}) == fingerprint(same.config, {}) != fingerprint(other.config, {})


def test_the_environment_stays_text_in_the_record(monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2")
    job = composition.compose(["name=${oc.env:SECRET}"])
    assert job.config.name == "hunter2"
    assert job.record["name"] == "${oc.env:SECRET}" and "hunter2" not in job.yaml


@pytest.mark.parametrize(
    "written", ["family: [", "family: x\n  a: b", "defaults: resnet50", "a: 1\na: 2", "repeats: three"]
)
def test_a_file_of_the_user_s_that_is_wrong(tmp_path, in_process, written):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mine.yaml").write_text(written)
    done = in_process("--config-dir", tmp_path, "model=mine")
    assert done.returncode == 1 and done.stderr.startswith("ablate: ") and "Traceback" not in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_the_environment_stays_text_in_lists_and_behind_other_keys(monkeypatch):
    monkeypatch.setenv("SECRET", "hunter2")
    job = composition.compose(["tags=['${oc.env:SECRET}']", "name=${tags.0}"])
    assert job.config.tags == ["hunter2"] and "hunter2" not in str(job.record)


def test_a_bottleneck_made_of_a_basic_network_is_the_paper_s():
    made, paper = (
        ablation.build([*overrides, "model.width=4"], (32, 32, 3), 10)
        for overrides in (["model=resnet34", "model.block=bottleneck"], ["model=resnet50"])
    )
    assert [layer.name for layer in made.layers] == [layer.name for layer in paper.layers]
    assert made.get_layer("stage2_block0_conv1").strides == paper.get_layer("stage2_block0_conv1").strides == (2, 2)


def test_equal_networks_have_equal_configs():
    one, other = (
        composition.compose(["model=plain34", f"model.shortcut={s}"]).config for s in ("identity_pad", "projection")
    )
    assert one == other


def test_build_does_not_follow_keras_own_settings():
    keras = pytest.importorskip("keras")
    keras.config.set_image_data_format("channels_first")
    try:
        network = ablation.build(["model=resnet_cifar", "model.depth=8", "model.width=4"], (8, 6, 1), 3)
        assert keras.config.image_data_format() == "channels_first"
    finally:
        keras.config.set_image_data_format("channels_last")
    assert network.get_layer("stem_conv").output.shape == (None, 8, 6, 4)


def test_build_refuses_what_the_command_line_refuses():
    with pytest.raises(AblateError, match="Unknown model"):
        ablation.build(["model=typo"])


@pytest.mark.integration
def test_help_tells_of_every_key_what_it_is_and_what_it_may_be():
    done = subprocess.run([BIN / "ablate", "model=vgg16", "--help"], capture_output=True, text=True, check=True)
    for group in ("model", "data", "train"):
        for name in key_help.keys(group):
            assert re.search(rf"^{group}\.{name}=\S* +\S", done.stdout, re.MULTILINE), f"{group}.{name}"
    assert "KERAS_BACKEND" in done.stdout and re.search(r"^130, 143 +interrupted", done.stdout, re.MULTILINE)
    assert "model.repeats=[2,2,3,3,3]" in done.stdout and "(batch | layer | group | none)" in done.stdout


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
    with pytest.raises(AblateError, match="train.beta_1.*is not read by train.optimizer=sgd"):
        validation.check(composed, {"train.beta_1"})
