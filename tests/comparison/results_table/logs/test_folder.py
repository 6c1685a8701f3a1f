"""Folders of logs as tables: one run a folder, its variant and seed by name or settings, and what is refused."""

import pytest
from scipy import stats
from support import event_files
from support.event_files import event, scalars
from support.results_tables import VALUES, experiment, judged
from support.results_tables import write as write_text

from ablation.comparison.results_table.logs import csv_logs, folder, folder_names
from ablation.errors import AblateError


def curve(value):
    """A metric over three epochs that ends at a value."""
    return {1: round(value - 0.3, 4), 2: round(value - 0.1, 4), 3: value}


def tensorboard(root, layout="{variant}/seed{seed}", tag="val/acc", form=event_files.simple, further=()):
    for variant, values in VALUES.items():
        for seed, value in enumerate(values):
            where = root / layout.format(variant=variant, seed=seed)
            event_files.write(where, [*further, *scalars(tag, curve(value), form), *scalars("loss", {1: 2.0, 3: 1.0})])
    return root


def lightning(root, layout="{variant}_seed{seed}/version_0", hparams=None):
    for variant, values in VALUES.items():
        for seed, value in enumerate(values):
            where = root / layout.format(variant=variant, seed=seed, number=hash((variant, seed)) % 10**6)
            rows = ["epoch,step,train_loss,val_acc,test_acc"]
            for epoch, of_epoch in curve(value).items():
                rows += [f"{epoch - 1},{10 * epoch - 1},{1 / epoch},,", f"{epoch - 1},{10 * epoch - 1},,{of_epoch},"]
            write_text(where / "metrics.csv", "\n".join([*rows, f"3,30,,,{value}", ""]))
            if hparams:
                write_text(where / "hparams.yaml", hparams.format(variant=variant, seed=seed))
    return root


def keras(root, name="{variant}-seed{seed}.csv", separator=","):
    for variant, values in VALUES.items():
        for seed, value in enumerate(values):
            lines = ["epoch,accuracy,loss,val_accuracy,val_loss"]
            lines += [f"{epoch - 1},0.9,0.1,{each},NA" for epoch, each in curve(value).items()]
            write_text(root / name.format(variant=variant, seed=seed), "\n".join(lines).replace(",", separator) + "\n")
    return root


def numbers(made):
    values = {}
    for run in made.runs.runs:
        values.setdefault(run.variant, {})[run.seed] = run.metrics.value("result", run.metric.key)
    return {variant: tuple(by_seed[seed] for seed in sorted(by_seed)) for variant, by_seed in values.items()}


def assert_expected(made):
    expected = numbers(made)
    assert expected.keys() == VALUES.keys()
    for variant, values in VALUES.items():
        assert expected[variant] == pytest.approx(values, abs=1e-6)


@pytest.mark.parametrize(
    "layout",
    ["{variant}/seed{seed}", "{variant}/seed={seed}", "{variant}_seed_{seed}/tb", "s{seed}/{variant}/version_4"],
)
@pytest.mark.parametrize("form", [event_files.simple, event_files.tensor])
def test_tensorboard(tmp_path, layout, form):
    root = tensorboard(tmp_path / "logs", layout, form=form)
    assert_expected(experiment(root, metric="val/acc", take="last"))


def test_the_verdict_on_logs_is_that_of_an_independent_computation(tmp_path):
    comparison = judged(tensorboard(tmp_path / "logs"), metric="val/acc", take="last")
    norm = next(variant for variant in comparison.variants if variant.label == "-norm")
    assert norm.result.p == pytest.approx(
        stats.ttest_ind(VALUES["-norm"], VALUES["full"], equal_var=False).pvalue, rel=1e-3
    )
    assert comparison.metric.caption == "Val/acc: column val/acc of logs, its last value by step of each run."


def test_the_tag_and_the_epoch_are_asked_for(tmp_path):
    root = tensorboard(tmp_path / "logs")
    with pytest.raises(AblateError, match="what to compare. .* val/acc and loss"):
        experiment(root)
    with pytest.raises(AblateError, match="differ in step: they are steps of one run"):
        experiment(root, metric="val/acc")
    with pytest.raises(AblateError, match="has no column val_acc. .* --metric val/acc"):
        experiment(root, metric="val_acc")


def test_hyperparameters_name_variants_and_seeds(tmp_path):
    number = 0
    for variant, values in VALUES.items():
        for seed, value in enumerate(values):
            number += 1
            settings = event_files.hparams({"arch": variant, "manual_seed": seed, "lr": 0.1})
            own = tmp_path / "runs" / f"Nov30_host{number}"
            event_files.write(own, scalars("acc", curve(value)))
            event_files.write(own / "1700000000.123", [event(0, settings), *scalars("hparam/acc", {0: value})])
    made = experiment(tmp_path / "runs", variant="arch", seed="manual_seed", metric="acc", take="last")
    assert_expected(made)
    assert made.runs.runs[0].config["lr"] == 0.1


def test_the_two_folders_of_the_keras_callback_are_one_run(tmp_path):
    for variant, values in VALUES.items():
        for seed, value in enumerate(values):
            own = tmp_path / variant / f"seed{seed}"
            event_files.write(own / "train", scalars("epoch_accuracy", curve(0.99), event_files.tensor))
            event_files.write(own / "validation", scalars("epoch_accuracy", curve(value), event_files.tensor))
    assert_expected(experiment(tmp_path, metric="validation/epoch_accuracy", take="last"))


def test_a_resumed_run_with_several_files_is_one_run(tmp_path):
    root = tensorboard(tmp_path / "logs")
    resumed = root / "full" / "seed0"
    event_files.write(resumed, scalars("val/acc", {3: 0.931, 2: 0.9}), opened=1700009999)
    made = experiment(root, metric="val/acc", take="last")
    assert_expected(made)
    assert "Note: 1 log with several event files" in made.notes[0] and "full/seed0" in made.notes[0]


def test_a_rerun_in_another_folder_is_refused(tmp_path):
    root = tensorboard(tmp_path / "logs", "{variant}/seed{seed}/version_0")
    event_files.write(root / "full" / "seed0" / "version_1", scalars("val/acc", curve(0.9)))
    with pytest.raises(AblateError, match="2 runs for variant full and seed 0: full/seed0/version_0 and full/seed0/v"):
        experiment(root, metric="val/acc", take="last")


def test_a_run_without_the_metric_is_excluded_and_a_shorter_one_is_named(tmp_path):
    root = tensorboard(tmp_path / "logs")
    event_files.write(root / "full" / "seed7", scalars("loss", {1: 2.0}))
    event_files.write(root / "-mix" / "seed7", scalars("val/acc", {1: 0.6, 2: 0.8}))
    made = experiment(root, metric="val/acc", take="last")
    assert [(path.name, reason) for path, reason in made.runs.excluded] == [("seed7", "interrupted")]
    assert "Note: runs end at different values of step, the longest at 3: variant -mix and seed 7 at 2." in made.notes


def test_states_of_hyperparameter_sessions(tmp_path):
    root = tensorboard(tmp_path / "logs", further=[event(0, event_files.ended(1))])
    event_files.write(root / "full" / "seed0", [event(4, event_files.ended(2))], opened=1700000001)
    made = experiment(root, metric="val/acc", take="last")
    assert [(path.name, reason) for path, reason in made.runs.excluded] == [("seed0", "failed")]


@pytest.mark.parametrize("hparams", [None, "lr: 0.1\nmodel: !!python/object:a.B {{x: 1}}\n"])
def test_lightning_by_the_names_of_folders(tmp_path, hparams):
    root = lightning(tmp_path / "logs", hparams=hparams)
    assert_expected(experiment(root, metric="test_acc"))  # measured once in each run
    assert_expected(experiment(root, metric="val_acc", take="last"))


def test_lightning_by_its_settings(tmp_path):
    settings = "model:\n  name: {variant}\nseed: {seed}\nlayers: [1, 2]\n"
    root = lightning(tmp_path / "lightning_logs", "version_{number}", settings)
    made = experiment(root, variant="model.name", metric="test_acc")
    assert_expected(made)
    assert made.runs.runs[0].config["layers"] == "[1, 2]"


def test_lightning_with_event_files(tmp_path):
    root = tensorboard(tmp_path / "lightning_logs", "version_{variant}_{seed}")
    for place in root.iterdir():
        variant, seed = place.name.removeprefix("version_").rsplit("_", 1)
        write_text(place / "hparams.yaml", f"arch: {variant}\nseed: {seed}\n")
    assert_expected(experiment(root, variant="arch", metric="val/acc", take="last"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a: " + "x" * 10**6, "larger than 1 MB"),
        (
            "a: &a {"
            + ", ".join(f"k{i}: 1" for i in range(99))
            + "}\nb: &b {"
            + ", ".join(f"k{i}: *a" for i in range(99))
            + "}\nc: {"
            + ", ".join(f"k{i}: *b" for i in range(99))
            + "}\n",
            "10,000",
        ),
    ],
)
def test_settings_without_measure_are_refused(tmp_path, content, words):
    write_text(tmp_path / "hparams.yaml", content)
    with pytest.raises(AblateError, match=f"The settings of a run cannot be read.*{words}"):
        csv_logs.read_hparams(tmp_path)


def test_versions_alone_say_nothing(tmp_path):
    root = lightning(tmp_path / "lightning_logs", "version_{number}")
    with pytest.raises(AblateError, match="which variant .* Folders can say it too, as full/seed=0 or full_seed0"):
        experiment(root, metric="test_acc")


@pytest.mark.parametrize(
    "name", ["{variant}-seed{seed}.csv", "{variant}/seed{seed}/training.log", "seed{seed}/{variant}.csv"]
)
@pytest.mark.parametrize("separator", [",", ";"])
def test_keras(tmp_path, name, separator):
    root = keras(tmp_path / "logs", name, separator)
    assert_expected(experiment(root, metric="val_accuracy", take="last"))
    with pytest.raises(AblateError, match="--metric accuracy"):
        experiment(root, metric="acuracy")


def test_two_forms_of_logs_are_asked_about(tmp_path):
    root = tensorboard(lightning(tmp_path / "logs"), "{variant}_seed{seed}/version_0")
    with pytest.raises(AblateError, match="two forms of logs, .* --from tensorboard, or --from table"):
        experiment(root, metric="val_acc", take="last")
    assert_expected(experiment(root, metric="val_acc", take="last", source="table"))
    assert_expected(experiment(root, metric="val/acc", take="last", source="tensorboard"))


def test_several_folders_keep_their_names(tmp_path):
    root = tensorboard(tmp_path)
    made = experiment(*(root / variant for variant in VALUES), metric="val/acc", take="last")
    assert_expected(made)


def test_folders_without_logs_are_refused(tmp_path):
    write_text(tmp_path / "notes.csv", "a,b\n1,2\n")
    with pytest.raises(AblateError, match="No logs found. Looked for TensorBoard event files"):
        experiment(tmp_path)
    with pytest.raises(AblateError, match="Folders of logs cannot be mixed with files"):
        experiment(tmp_path, tmp_path / "notes.csv")
    assert not folder.has_logs([tmp_path])
    assert folder.has_logs([tensorboard(tmp_path)])


@pytest.mark.parametrize(
    ("path", "variant", "seed", "settings"),
    [
        ("full/seed0", "full", 0, {}),
        ("full_seed=12", "full", 12, {}),
        ("lr=0.1,seed=3/version_0", "lr=0.1", 3, {"lr": "0.1"}),
        ("no-skip-Seed_4/tb", "no-skip", 4, {}),
        ("s1/resnets34", "resnets34", 1, {}),
        ("seed1/seed2", "seed1/seed2", None, {}),
        ("seed0", None, 0, {}),
        ("version_3", None, None, {}),
        ("classes10", "classes10", None, {}),
    ],
)
def test_names_of_folders(path, variant, seed, settings):
    assert folder_names.read_name(path) == folder_names.Name(variant, seed, settings)


def test_a_log_has_a_header_with_epochs_or_steps(tmp_path):
    assert csv_logs.is_log(write_text(tmp_path / "a.log", "epoch;loss\n"))
    assert not csv_logs.is_log(write_text(tmp_path / "b.csv", "variant,seed\n"))
    assert not csv_logs.is_log(write_text(tmp_path / "c.txt", "epoch,loss\n"))
    with pytest.raises(AblateError, match="A log must number its rows. Received 'x' in column epoch"):
        csv_logs.read_log(write_text(tmp_path / "d.csv", "epoch,loss\nx,1\n"))
    write_text(tmp_path / "hparams.yaml", "a: [1\n")
    with pytest.raises(AblateError, match="The settings of a run cannot be read"):
        csv_logs.read_hparams(tmp_path)


def test_a_csv_log_whose_steps_begin_again_is_a_resumed_run(tmp_path):
    root = keras(tmp_path / "logs")
    log = root / "full-seed0.csv"
    lines = log.read_text().splitlines()
    log.write_text("\n".join([*lines[:3], *lines[2:]]) + "\n")  # resumed after the second epoch, of three
    made = experiment(root, metric="val_accuracy", take="last")
    assert_expected(made)
    assert any("whose steps begin again" in note and "full-seed0" in note for note in made.notes) is False
    log.write_text("\n".join([*lines, lines[1].replace("0.631", "0.5")]) + "\n")  # begun again, and one epoch long
    made = experiment(root, metric="val_accuracy", take="last")
    assert any("whose steps begin again" in note and "full-seed0" in note for note in made.notes)
    assert numbers(made)["full"][0] == pytest.approx(0.5)


def test_rows_without_an_epoch_do_not_number_the_others(tmp_path):
    root = lightning(tmp_path / "logs")
    for log in root.rglob("metrics.csv"):
        head, *lines = log.read_text().splitlines()
        monitored = [",".join(["", line.split(",")[1], "", "", ""]) + ",0.1" for line in lines]
        rows = [f"{head},lr-Adam"]
        for line, other in zip(lines, monitored, strict=True):
            rows += [f"{line},", other]
        log.write_text("\n".join(rows) + "\n")
    assert_expected(experiment(root, metric="test_acc", take="last"))


def test_a_metric_may_be_named_after_its_epoch(tmp_path):
    root = lightning(tmp_path / "logs")
    for log in root.rglob("metrics.csv"):
        log.write_text(log.read_text().replace("test_acc", "test_acc_epoch"))
    assert_expected(experiment(root, metric="test_acc_epoch", take="last"))


def test_a_run_that_ends_in_nan_has_diverged_and_nan_before_does_not_matter(tmp_path):
    root = keras(tmp_path / "logs")
    log = root / "full-seed0.csv"
    lines = log.read_text().splitlines()
    log.write_text("\n".join([lines[0], "0,0.9,0.1,nan,NA", *lines[2:]]) + "\n")
    assert_expected(experiment(root, metric="val_accuracy", take="last"))
    log.write_text("\n".join([*lines[:3], "2,0.9,0.1,nan,NA"]) + "\n")
    made = experiment(root, metric="val_accuracy", take="last")
    assert [(run.variant, run.seed) for run in made.runs.diverged] == [("full", 0)] and len(made.runs.runs) == 8


def test_logs_can_be_typed_as_files(tmp_path):
    root = keras(tmp_path / "logs")
    assert_expected(experiment(*sorted(root.glob("*.csv")), metric="val_accuracy", take="last"))
    root = lightning(tmp_path / "others", "{variant}/seed{seed}")
    assert_expected(experiment(*sorted(root.rglob("*.csv")), metric="test_acc", take="last"))
