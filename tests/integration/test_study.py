"""Studies from their words to runs: cells, merging, frozen plans, commands."""

import json
import subprocess

import pytest
from hydra.types import RunMode
from support import studies
from support.commands import BIN
from support.studies import PARTS

from ablation.cli import study_request
from ablation.cli.composer import Composer
from ablation.config.shipped.folder import conf_dir
from ablation.run.locator import RunLocator
from ablation.rundir import discovery, layout, record
from ablation.study.compilation.compiler import compile_cells

pytestmark = pytest.mark.integration


def test_a_second_factor_that_the_user_s_own_file_brings_is_refused(quick, tmp_path, in_process):
    """A recipe whose rate follows the width: changing the width changes two things."""
    (tmp_path / "train").mkdir()
    (tmp_path / "study").mkdir()
    (tmp_path / "train" / "mine.yaml").write_text(
        "defaults: [quickstart, _self_]\nwarmup: ${oc.decode:'0.${model.width}'}\n"
    )
    words = ["model=resnet18", "model.width=4", "data=digits", "train=mine"]
    body = {"baseline": words, "components": {"width": ["model.width=8"]}}
    (tmp_path / "study" / "mine.yaml").write_text(f"# @package _global_\nstudy: {json.dumps(body)}\n")
    done = in_process("+study=mine", "--list", "--config-dir", tmp_path, command="ablate-plan")
    assert done.returncode == 1 and done.stdout == ""
    assert all(word in done.stderr for word in ("-width", "train.warmup", "0.4", "0.8", "with:")), done.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("# @package _global_\ndefaults: [quickstart]\nstudy: {}\n", ("defaults", "study/mine.yaml")),
        ("# @package _global_\nmodel: {width: 4}\nstudy: {}\n", ("model", "study/mine.yaml")),
        ("# @package _global_\nhydra: {launcher: {n_jobs: 2}}\nstudy: {}\n", ("hydra", "study/mine.yaml")),
        ("# @package _global_\nseed: 3\nstudy: {}\n", ("seed", "study/mine.yaml")),
        ("study: {baseline: [model=resnet18], components: {a: [model.norm=none]}}\n", ("package",)),
        ("# @package _global_\nstudy:\n", ("baseline",)),
        ("# @package _global_\nstudy: [1, 2]\n", ("study",)),
        ("# @package _global_\n{", ("mine",)),
        ("", ("study",)),
    ],
)
def test_a_file_that_is_no_study_is_refused(tmp_path, in_process, content, words):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "mine.yaml").write_text(content)
    done = in_process("-m", "+study=mine", "--config-dir", tmp_path)
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stderr
    assert all(word in done.stderr for word in words), done.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"study"}


def command(name, *words, cwd, **variables):
    import os

    env = {**os.environ, **variables}
    return subprocess.run([BIN / name, *map(str, words)], cwd=cwd, env=env, capture_output=True, text=True, timeout=600)


@pytest.mark.parametrize(
    ("name", "words", "told"),
    [
        ("ablate", ["+study=quickstart"], "ablate -m +study=quickstart"),
        ("ablate", ["-m", "+study=quickstrat"], "quickstart"),
        ("ablate", ["-m", "+study=quickstart,shake_modes"], "One study at a time"),
        ("ablate", ["-m", "study.seeds=3"], "+study="),
        ("ablate-plan", [], "+study=quickstart"),
        ("ablate-plan", ["+study=quickstart", "--detect", "much", "--list"], "--detect 0.01"),
        ("ablate-plan", ["+study=quickstart", "model=vgg19x", "--list"], "vgg19"),
    ],
)
def test_a_command_that_names_no_study_is_told_what_to_type(tmp_path, in_process, name, words, told):
    done = in_process(*words, command=name)
    assert done.returncode == 1 and told in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert not any(tmp_path.iterdir())


def test_the_list_of_a_large_study_needs_no_tensorflow(tmp_path):
    """512 cells, listed with a TensorFlow that cannot be imported."""
    (tmp_path / "tensorflow.py").write_text("raise SystemExit('TensorFlow was imported')\n")
    (tmp_path / "keras.py").write_text("raise SystemExit('Keras was imported')\n")
    (tmp_path / "study").mkdir()
    levels = {"width": ["model.width=8"], "momentum": ["train.momentum=0.5"], "warmup": ["train.warmup=0.1"]}
    parts = {k: v for k, v in PARTS.items() if k not in ("norm", "epochs")} | levels | {"clip": ["train.clipnorm=1"]}
    body = {"baseline": studies.BASE, "components": parts, "design": "factorial"}
    (tmp_path / "study" / "large.yaml").write_text(f"# @package _global_\nstudy: {json.dumps(body)}\n")
    place = {"PYTHONPATH": str(tmp_path)}
    done = command("ablate-plan", "+study=large", "--list", "--config-dir", tmp_path, cwd=tmp_path, **place)
    assert done.returncode == 0, done.stderr
    assert "512 cells" in done.stdout and done.stdout.count("epochs") >= 512


def test_a_key_that_covers_a_component_s_file_is_refused(tmp_path, in_process):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "bare.yaml").write_text("defaults: [resnet18, _self_]\nnorm: none\n")
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "mine.yaml").write_text(
        f"# @package _global_\nstudy:\n  baseline: {json.dumps(studies.BASE)}\n  design: factorial\n"
        "  components: {bare: [model=bare], group: [model.norm=group]}\n"
    )
    told = in_process("--config-dir", tmp_path, "+study=mine", "--list", command="ablate-plan")
    assert told.returncode == 1 and "-bare -group" in told.stderr and "model.norm=none" in told.stderr
    alone = ["study.design=leave_one_out", "study.seeds=[4]"]  # the file has neither key: seeds, nor another design
    told = in_process("--config-dir", tmp_path, "+study=mine", "--list", *alone, command="ablate-plan")
    assert told.returncode == 0 and "With 1 seed per cell" in told.stdout, told.stderr


def test_the_shipped_studies_are_sound_words(quick):
    names = study_request.study_names(quick)
    wanted = {"quickstart", "plain_vs_residual", "vgg_depth", "shake_modes", "resnet_components"}
    assert wanted <= set(names)
    designs = set()
    for name in names:
        arguments = [f"+study={name}", "data=digits", "train.epochs=1"]
        master = quick.loader.load_configuration("config", arguments, RunMode.MULTIRUN)
        study = study_request.study(Composer(quick.loader, master), arguments)
        if "vgg" in name:
            continue  # its poolings leave nothing of digits
        made = compile_cells(study, quick, RunLocator())
        assert study.question.endswith("?") and len(made.design) > 1
        designs.add(study.design)
        text = (conf_dir() / "study" / f"{name}.yaml").read_text()
        assert f"ablate -m +study={name}" in text and "Expect" in text
    assert "factorial" in designs
    arguments = ["+study=resnet_components"]
    master = quick.loader.load_configuration("config", arguments, RunMode.MULTIRUN)
    assert len(study_request.study(Composer(quick.loader, master), arguments).components) >= 8


def test_plans_of_two_studies_lie_apart(tmp_path):
    places = {layout.plan_path(tmp_path, name) for name in ("a", "a/b", "b", "../a")}
    assert len(places) == 4 and all(tmp_path in place.resolve().parents for place in places)


def test_a_study_runs_as_it_was_planned_and_nothing_twice(tmp_path):
    small = ["model.repeats=[1,1]", "model.width=4", "data.limit=64", "train.epochs=1", "study.seeds=2"]
    looked = command("ablate-plan", "+study=quickstart", *small, "--measure", cwd=tmp_path)
    assert looked.returncode == 0 and "ms per step" in looked.stdout, looked.stderr
    written = json.loads((tmp_path / "outputs" / "studies" / "quickstart" / "plan.json").read_text())
    ran = command("ablate", "-m", "+study=quickstart", *small, cwd=tmp_path)
    assert ran.returncode == 0 and "-shortcut" in ran.stdout and "n = 2;" in ran.stdout, ran.stdout + ran.stderr
    records = [record.read_record(run) for run in discovery.find([tmp_path / "outputs"])]
    planned = {run for cell in written["cells"] for run in cell["runs"].values()}
    assert sorted(record.fingerprint for record in records) == sorted(planned) and len(planned) == 4
    sizes = ("name", "trainable_parameters", "total_parameters", "macs")
    counted = {tuple(network[k] for k in sizes) for network in written["networks"].values()}
    assert counted == {tuple(getattr(record.network, k) for k in sizes) for record in records}
    again = command("ablate", "-m", "+study=quickstart", *small, cwd=tmp_path)
    assert again.returncode == 0 and "nothing left to do" in again.stdout
    assert len(discovery.find([tmp_path / "outputs"])) == 4
