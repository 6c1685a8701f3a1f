"""The declaration of a program in a study file: what it means, and what is refused by name."""

import sys

import pytest

from ablation.config.program.spec import MetricSource
from ablation.errors import AblateError
from ablation.study import parsing
from ablation.study.program import declaration

PLAIN = {
    "command": [sys.executable, "train.py", "{args}", "--seed", "{seed}", "--epochs", 20],
    "metric": {"name": "accuracy", "file": "{dir}/r.json"},
    "baseline": {"lr": 0.1, "mixup": True, "optimizer": {"name": "sgd"}},
    "components": {
        "mixup": {"mixup": False},
        "sgd": {"remove": {"optimizer.name": "adam"}, "with": {"lr": 0.01}},
        "lr": {"alternatives": {"low": {"lr": 0.01}, "high": {"remove": {"lr": 1.0}}}},
    },
}


def parsed(typed=(), **keys):
    declared = {key: value for key, value in (PLAIN | keys).items() if value is not None}
    return parsing.parse("mine", declared, typed, lambda _: False)


def refusal(typed=(), **keys):
    with pytest.raises(AblateError) as error:
        parsed(typed, **keys)
    return str(error.value)


def test_flags_take_the_place_of_overrides():
    study = parsed()
    assert study.baseline == ("lr=0.1", "mixup=true", "optimizer.name=sgd") and study.typed == ()
    mixup, sgd, lr = study.components
    assert mixup.removals[0].overrides == ("mixup=false",)
    assert sgd.removals[0].overrides == ("optimizer.name=adam", "lr=0.01")
    assert lr.labels() == ["lr.low", "lr.high"] and lr.removals[1].remove == "lr=1.0"
    program = study.program
    assert program.command[-1] == "20" and program.flags == "argparse" and program.smoke == ()


def test_yaml_without_quotes_around_a_placeholder_is_understood():
    study = parsed(command=[sys.executable, {"args": None}, {"seed": None}], cwd={"dir": None})
    assert study.program.command[1:] == ("{args}", "{seed}") and study.program.cwd == "{dir}"


@pytest.mark.parametrize(
    ("metric", "source"),
    [
        ({"name": "m", "file": "{dir}/r", "key": 0}, MetricSource("m", file="{dir}/r", key="0")),
        ({"name": "m", "lines": "{dir}/l.csv", "take": "max"}, MetricSource("m", lines="{dir}/l.csv", take="max")),
        ({"name": "m", "stdout": "m=(.*)", "better": "lower"}, MetricSource("m", "lower", stdout="m=(.*)")),
    ],
)
def test_a_metric_is_in_one_of_three_places(metric, source):
    assert parsed(metric=metric).program.metric == source


def test_a_margin_has_the_unit_of_the_metric():
    assert parsed(margin=5).margin == 5.0
    assert "margin" in refusal(margin=0) and "margin" in refusal(margin=float("inf"))
    assert declaration.largest_margin({}) == 1.0


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"command": []}, ("its command is empty", "{args}")),
        ({"command": "python train.py {args} {seed}"}, ("no shell splits it",)),
        ({"command": ["no-such-program", "{args}", "{seed}"]}, ("no program that is installed", "no-such-program")),
        ({"command": [sys.executable, "{args}"]}, ("no {seed}", "every seed would be the same run")),
        ({"command": [sys.executable, "{seed}"]}, ("no {args}", "every cell would be the same run")),
        ({"command": [sys.executable, "--x={args}", "{seed}"]}, ("no {args}", "a word of its own")),
        ({"command": [sys.executable, "{args}", "{seed}", True]}, ("a word that YAML does not read as text", "true")),
        ({"command": [sys.executable, "{args}", "{seed}", "${oc.env:X}"]}, ("interpolation", "${oc.env:X}")),
        ({"flags": "argprase"}, ("style of flags", "argprase", "argparse")),
        ({"metric": None}, ("where its metric is", "file:")),
        ({"metric": {"file": "{dir}/r"}}, ("its metric has no name",)),
        ({"metric": {"name": "m"}}, ("where its metric is", "file, lines, stdout")),
        ({"metric": {"name": "m", "file": "{dir}/r", "stdout": "(.)"}}, ("more than one place",)),
        ({"metric": {"name": "m", "fiel": "{dir}/r"}}, ("unknown key of metric", "study.metric.fiel", "file:")),
        ({"metric": {"name": "m", "file": "{dir}/r", "better": "up"}}, ("direction", "up", "higher, lower")),
        ({"metric": {"name": "m", "file": "{dir}/r", "take": "max"}}, ("a file has one value", "lines:")),
        ({"metric": {"name": "m", "lines": "{dir}/l"}}, ("which value counts", "last, max, min")),
        ({"metric": {"name": "m", "lines": "{dir}/l", "take": "best"}}, ("choice of a metric's value", "best")),
        ({"metric": {"name": "m", "stdout": "("}}, ("not a regular expression",)),
        ({"metric": {"name": "m", "stdout": "(.)(.)"}}, ("has 2 groups",)),
        ({"metric": {"name": "m", "stdout": "(.)", "key": "x"}}, ("a printed value has no key",)),
        ({"metric": {"name": "m", "file": "results.json"}}, ("no {dir}", "the same file", "results.json")),
        ({"metric": {"name": "m", "file": 3}}, ("the file of its metric is not a text",)),
        ({"smoke": "--max-steps 3"}, ("its smoke is not a list of words",)),
        ({"smok": []}, ("unknown key of a study", "study.smok", "smoke:")),
    ],
)
def test_a_wrong_declaration_is_refused_by_name(keys, words):
    text = refusal(**keys)
    assert all(word in text for word in words), text
    assert "Received" in text and "Allowed: " in text and "Type" in text


def test_a_file_below_a_folder_of_the_run_is_allowed():
    assert parsed(metric={"name": "m", "file": "results.json"}, cwd="{dir}").program.cwd == "{dir}"
    assert "no {dir}" in refusal(metric={"name": "m", "file": "/tmp/results.json"}, cwd="{dir}")


def test_only_scheduling_can_be_typed():
    assert parsed(["n_jobs=2", "outputs=x", "hydra/launcher=joblib"]).typed == ()
    for word in ("model=resnet18", "seed=3", "train.epochs=1", "plugins=[x.py]"):
        assert word in refusal([word])


def test_keys_of_a_program_need_a_command():
    keys = {"baseline": ["model=resnet18"], "components": {"norm": ["model.norm=none"]}, "smoke": ["--fast"]}
    with pytest.raises(AblateError, match="smoke applies only to a study of a program"):
        parsing.parse("mine", keys, (), lambda _: True)
    assert declaration.source_of("mine", bool, keys).name == "mine" and not declaration.is_declared(keys)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["python", "train.py", "--log", "train.log"], ("train.py",)),  # the log is written by the program
        (["python", "-m", "pkg.train"], ("pkg/train.py",)),
        (["python", "-m", "pkg"], ("pkg/__main__.py",)),
        (["torchrun", "-m", "os"], ()),
        (["./run", "data.csv"], ("run",)),
        (["bash", "-c", "true"], ()),
    ],
)
def test_without_code_it_is_the_scripts_of_the_command(tmp_path, monkeypatch, words, code):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(declaration.shutil, "which", lambda word: word)
    for name in ("train.py", "train.log", "pkg/train.py", "pkg/__main__.py", "run", "data.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    command = [*words, "{args}", "{seed}"]
    assert parsed(command=command).program.code == code
    assert parsed(command=command, code=[]).program.code == ()
