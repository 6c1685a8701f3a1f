"""The command `ablate`: quick answers without TensorFlow, and what it leaves of Hydra in its process."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ablation.cli import ablate
from ablation.config import key_help
from ablation.errors import AblateError, Busy

BIN = Path(sys.executable).parent


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
        (["ablate-runs", "nowhere"], 1, "nowhere"),
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


@pytest.mark.integration
@pytest.mark.parametrize(
    "words",
    [
        *(["ablate"], ["ablate", "-iplugins"], ["ablate", "-cjob"], ["ablate", "-sc", "install=bash"]),
        *(["ablate-plan", "--help"], ["ablate-plan", "--version"], ["ablate-plan", "+study=quickstart", "--list"]),
        *(["ablate-compare", "--help"], ["ablate-compare", "--version"], ["ablate-runs", "--help"]),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("buffered", [True, False])
def test_every_command_ends_silently_when_its_reader_leaves(words, buffered):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    environment |= {} if buffered else {"PYTHONUNBUFFERED": "1"}
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [BIN / words[0], *words[1:]], stdout=writer, stderr=subprocess.PIPE, text=True, env=environment, check=False
    )
    os.close(writer)
    assert done.stderr == "" and done.returncode in (0, 1, -signal.SIGPIPE, 128 + signal.SIGPIPE)


@pytest.mark.integration
def test_help_tells_of_every_key_what_it_is_and_what_it_may_be():
    done = subprocess.run([BIN / "ablate", "model=vgg16", "--help"], capture_output=True, text=True, check=True)
    for group in ("model", "data", "train"):
        for name in key_help.keys(group):
            assert re.search(rf"^{group}\.{name}=\S* +\S", done.stdout, re.MULTILINE), f"{group}.{name}"
    assert "KERAS_BACKEND" in done.stdout and re.search(r"^130, 143 +interrupted", done.stdout, re.MULTILINE)
    assert "model.repeats=[2,2,3,3,3]" in done.stdout and "(batch | layer | group | none)" in done.stdout


def test_a_new_depth_needs_yaml_only(tmp_path, in_process):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "resnet26.yaml").write_text("defaults: [resnet50, _self_]\nrepeats: [2, 2, 2, 2]\n")
    done = in_process("--config-dir", tmp_path, "--cfg", "job", "model=resnet26")
    assert "block: bottleneck" in done.stdout and done.stdout.count("- 2\n") == 4


@pytest.mark.parametrize(
    "written", ["family: [", "family: x\n  a: b", "defaults: resnet50", "a: 1\na: 2", "repeats: three"]
)
def test_a_file_of_the_user_s_that_is_wrong(tmp_path, in_process, written):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "mine.yaml").write_text(written)
    done = in_process("--config-dir", tmp_path, "model=mine")
    assert done.returncode == 1 and done.stderr.startswith("ablate: ") and "Traceback" not in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


@pytest.fixture
def hydra_does(monkeypatch):
    """What Hydra does with a command, instead of composing it."""

    def behaviour(action):
        monkeypatch.setattr(ablate, "_run_hydra", lambda **keywords: action())
        monkeypatch.setattr("sys.argv", ["ablate", "seed=1"])

    return behaviour


def fail(error):
    raise error


@pytest.mark.parametrize("before", [None, "0", "1"])
def test_hydra_s_own_variable_is_put_back(monkeypatch, hydra_does, before):
    seen = []
    monkeypatch.delenv(ablate.FULL_ERROR, raising=False)
    if before is not None:
        monkeypatch.setenv(ablate.FULL_ERROR, before)
    hydra_does(lambda: seen.append(os.environ[ablate.FULL_ERROR]))
    assert ablate.main() == 0 and seen == ["1"] and os.environ.get(ablate.FULL_ERROR) == before


def test_ctrl_c_is_130_and_an_error_of_ours_its_own_code(hydra_does, capsys):
    hydra_does(lambda: fail(KeyboardInterrupt()))
    assert ablate.main() == 130
    hydra_does(lambda: fail(Busy("It is wrong. Type seed=0")))
    assert ablate.main() == 75 and capsys.readouterr().err == "ablate: It is wrong. Type seed=0\n"


def test_an_error_that_is_no_refusal_and_any_error_while_debugging_is_raised(monkeypatch, hydra_does):
    hydra_does(lambda: fail(ZeroDivisionError("ours")))
    with pytest.raises(ZeroDivisionError):
        ablate.main()
    monkeypatch.setenv(ablate.FULL_ERROR, "1")
    hydra_does(lambda: fail(AblateError("It is wrong")))
    with pytest.raises(AblateError):
        ablate.main()


def test_a_pickled_configuration_is_refused(in_process, tmp_path):
    done = in_process("--experimental-rerun", "config.pickle")
    assert done.returncode == 1 and "never read" in done.stderr and "rerun=true" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_word_that_hydra_cannot_read_is_quoted(in_process):
    done = in_process("seed=1", "a b")
    assert done.returncode == 1 and done.stderr.startswith("ablate: 'a b' is not an override. Received a b.")
    assert "ablate: The value of tags could not be parsed. Received tags=[a." in in_process("tags=[a").stderr


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        (["seed=1", "-m", "model=vgg16"], ["-m", "seed=1", "model=vgg16"]),
        (["name=it's"], [r"name='it\'s'"]),
        (["-m", "+study=a", "study.seeds=3"], ["-m", "+study=a", "++study.seeds=3"]),
        (["model=vgg16", "--hydra-help"], ["--hydra-help", *ablate.FOR_HYDRA_HELP]),
    ],
)
def test_hydra_is_given_what_it_can_read(typed, given):
    assert ablate._words_for_hydra(typed) == given


def test_a_study_without_m_is_refused_with_the_line_to_type(in_process):
    done = in_process("+study=quickstart", "study.seeds=2")
    assert done.returncode == 1 and "Type ablate -m +study=quickstart ++study.seeds=2" in done.stderr
