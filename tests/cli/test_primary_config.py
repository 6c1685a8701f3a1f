"""A user's own primary config, as in Hydra's tutorial: the sweep that it declares, and what it must include."""

import pytest

from ablation.cli.loader import conf_dir

pytestmark = pytest.mark.integration  # whole commands

OWN = "defaults: [config, _self_]\n"
SWEEP = OWN + "hydra:\n  sweeper:\n    params:\n      model.width: 4,8\n      seed: range(0,2)\n"


@pytest.fixture
def ablate(in_process, untrained, tmp_path):
    """Call a command with the primary config `own`; returns what it said and the overrides of the runs."""

    def call(content: str, *words: str, name: str = "own", command: str = "ablate"):
        (tmp_path / "mine").mkdir(exist_ok=True)
        (tmp_path / "mine" / f"{name}.yaml").write_text(content)
        untrained.clear()
        done = in_process("--config-dir", "mine", "--config-name", name, *words, command=command)
        return done, [" ".join(run.overrides) for run in untrained]

    return call


def test_its_sweep_runs(ablate):
    done, runs = ablate(SWEEP, "-m")
    assert done.returncode == 0, done.stderr
    assert runs == [f"model.width={width} seed={seed}" for width in (4, 8) for seed in (0, 1)]
    done, runs = ablate(SWEEP, "-m", "seed=7", "name=it's")
    assert runs == [f"model.width={width} seed=7 name='it\\'s'" for width in (4, 8)]


def test_its_sweep_is_a_sweep_by_its_mode_and_one_run_without(ablate):
    done, runs = ablate(SWEEP.replace("hydra:\n", "hydra:\n  mode: MULTIRUN\n"))
    assert done.returncode == 0 and len(runs) == 4, done.stderr
    done, runs = ablate(SWEEP)
    assert done.returncode == 0 and runs == [""]


def test_its_sweep_may_be_switched_off(ablate):
    done, runs = ablate(SWEEP, "-m", "hydra.sweeper.params=null", "seed=0,1")
    assert runs == ["seed=0", "seed=1"]


@pytest.mark.parametrize(
    ("content", "words", "told"),
    [
        (
            SWEEP,
            ["-m", "+study=quickstart"],
            ("model.width=4,8 seed=range(0,2)", "hydra.sweeper.params=null"),
        ),
        (SWEEP, ["-m", "hydra.sweeper.params.seed=1,2"], ("is for config files", "Type ablate -m seed=1,2")),
        (SWEEP.replace("model.width", "model.widht"), ["-m"], ("Unknown key", "model.widht", "model.width=")),
        (SWEEP.replace("4,8", "'[4,8'"), ["-m"], ("An entry of hydra.sweeper.params", "model.width: [4,8")),
        (SWEEP.replace("4,8", "interval(4,8)"), ["-m"], ("A sweep needs its values", "interval(4,8)")),
        (SWEEP.replace("range(0,2)", "range(0,1000000)"), ["-m"], ("too many runs", "100,000")),
        (OWN + "hydra: {sweeper: {n_trials: 20}}\n", ["-m"], ("hydra.sweeper.n_trials", "hydra.sweeper.params")),
        ("seed: 3\n", ["-m"], ("must include ablate's own", "--config-name own", "defaults: [config, _self_]")),
        ("seed: 3\n", [], ("must include ablate's own",)),
        ("defaults: [config, {override hydra/sweeper: basic}, _self_]\n", ["-m"], ("uses no other sweeper",)),
    ],
)
def test_what_does_not_work_is_refused_with_what_to_do(ablate, content, words, told):
    done, runs = ablate(content, *words)
    assert done.returncode == 1 and runs == [] and done.stderr.count("\n") == 1, done.stderr
    assert all(word in done.stderr for word in told), done.stderr


def test_ablate_plan_refuses_it_beside_a_study_too(ablate):
    done, _ = ablate(SWEEP, "+study=quickstart", "--list", command="ablate-plan")
    assert done.returncode == 1 and done.stderr.startswith("ablate-plan: The study quickstart sets its own runs")


@pytest.mark.parametrize("name", ["config", "model/resnet34", "study/quickstart"])
def test_a_file_with_the_name_of_a_shipped_one_is_not_left_unread_in_silence(in_process, untrained, tmp_path, name):
    own = tmp_path / "mine" / f"{name}.yaml"
    own.parent.mkdir(parents=True)
    own.write_bytes((conf_dir() / f"{name}.yaml").read_bytes())
    assert in_process("--config-dir", "mine", "seed=1").returncode == 0  # the same, byte for byte
    own.write_text(SWEEP)
    done = in_process("--config-dir", "mine", "-m", "seed=1")
    assert done.returncode == 1 and f"mine/{name}.yaml" in done.stderr and "Rename it" in done.stderr, done.stderr


@pytest.mark.parametrize("sweeper", ["optuna", "ax", "basic", "nevergrad"])
def test_no_other_sweeper_is_used(in_process, tmp_path, sweeper):
    done = in_process("-m", f"hydra/sweeper={sweeper}", "seed=0,1")
    assert done.returncode == 1 and "uses no other sweeper" in done.stderr and "Leave hydra/sweeper out" in done.stderr
    assert not list(tmp_path.iterdir())


def test_nor_one_that_is_installed(in_process, tmp_path):
    """As the config of Optuna's: classes within classes."""
    (tmp_path / "hydra" / "sweeper").mkdir(parents=True)
    (tmp_path / "hydra" / "sweeper" / "mine.yaml").write_text(
        "_target_: hydra_plugins.hydra_optuna_sweeper.optuna_sweeper.OptunaSweeper\n"
        "sampler: {_target_: optuna.samplers.TPESampler, seed: 1}\nn_trials: 20\n"
    )
    done = in_process("--config-dir", tmp_path, "-m", "hydra/sweeper=mine", "seed=0,1")
    assert done.returncode == 1 and "uses no other sweeper" in done.stderr, done.stderr


def test_a_path_of_configs_is_one_of_the_working_folder(in_process, tmp_path):
    done = in_process("--config-path", "nowhere", "seed=1")
    assert done.returncode == 1 and str(tmp_path / "nowhere") in done.stderr and "--config-dir FOLDER" in done.stderr
