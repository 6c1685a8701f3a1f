"""A user's own primary config, as in Hydra's tutorial: the sweep that it declares, and what it must include."""

import pytest

from ablation.config.shipped.folder import conf_dir

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


def test_each_run_of_its_sweep_resolves_interpolations_for_itself(ablate, untrained):
    """As if they were typed."""
    ablate(OWN + "hydra: {sweeper: {params: {seed: '0,1', name: 'run-${seed}', outputs: 'runs/${seed}'}}}\n", "-m")
    assert [(run.config.name, run.config.outputs) for run in untrained] == [("run-0", "runs/0"), ("run-1", "runs/1")]


@pytest.mark.parametrize("words", [["-m"], []])
@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("defaults: [config, study: quickstart, _self_]\n", "+study=quickstart"),
        (OWN + "study: {baseline: [model=resnet18], components: {}}\n", "+study="),
        (OWN + "study: a\n", "+study="),
    ],
)
def test_a_study_that_a_config_names_is_not_left_out_in_silence(ablate, words, content, named):
    done, runs = ablate(content, *words)
    assert done.returncode == 1 and runs == [] and "study: in the config own.yaml" in done.stderr, done.stderr
    assert f"Type for example ablate -m {named}" in done.stderr


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


def test_folders_with_the_names_of_keys_are_no_groups(in_process, untrained, tmp_path):
    """`outputs` is made by the first run, and `--config-dir .` is what one types in a folder of one's own."""
    for name in ("outputs", "plugins", "tags", "seed", "name"):
        (tmp_path / name).mkdir()
    done = in_process("--config-dir", ".", "outputs=x", "tags=[a]", "seed=3", "name=b")
    assert done.returncode == 0, done.stderr
    (run,) = untrained
    assert (run.config.outputs, run.config.tags, run.config.seed, run.config.name) == ("x", ["a"], 3, "b")


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("hydra.launcher=ablation", "hydra/launcher=ablation"),
        ("hydra.launcher=null", "hydra/launcher=ablation"),
        ("hydra.launcher=", "hydra/launcher=ablation"),
        ("~hydra/launcher", "hydra/launcher=ablation"),
        ("hydra.verbose=[1]", "hydra.verbose=true"),
        ("hydra.verbose={a:1}", "hydra.verbose=true"),
    ],
)
def test_hydra_s_own_keys_in_another_form_are_refused(in_process, word, told):
    done = in_process("-m", word, "seed=0,1")
    assert done.returncode == 1 and f"Type for example {told}" in done.stderr and "Traceback" not in done.stderr


def test_the_value_of_a_variable_that_names_a_file_is_in_no_message(in_process, monkeypatch):
    monkeypatch.setenv("SECRETP", "aa/topsecret99")
    for words in (["model=${oc.env:SECRETP}"], ["-m", "+study=${oc.env:SECRETP}"]):
        done = in_process(*words)
        assert done.returncode == 1 and "topsecret99" not in done.stderr and "${oc.env:SECRETP}" in done.stderr


def test_a_word_that_looks_like_a_call_is_a_name(in_process, untrained):
    assert in_process("name=oc.decode", "outputs=runs oc.create").returncode == 0
    assert (untrained[0].config.name, untrained[0].config.outputs) == ("oc.decode", "runs oc.create")
    done = in_process("+hydra.job.mine=${oc.decode:abc}")
    assert done.returncode == 1 and "must not run code" in done.stderr
