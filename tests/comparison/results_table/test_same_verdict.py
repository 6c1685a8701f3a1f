"""The verdict on a table equals the verdict on run directories with the same numbers, but for its label."""

import random

import pytest
from support.comparisons import compared
from support.fake_runs import config, history, write
from support.results_tables import judged
from support.results_tables import write as write_table

from ablation.comparison.reading.load import load as load_runs
from ablation.comparison.results_table import load
from ablation.report.tables.build import build_table
from ablation.report.wording import findings
from ablation.report.wording.warnings import warning_sentences

RUN_LABEL = "no study planned this comparison"
MODELS = ("resnet34", "plain34", "resnet18", "plain18")
# Of each model: mean and SD of the number of correct images, and the number of seeds.
CASES = {
    "clear": {"resnet34": (330, 4, 5), "plain34": (200, 9, 5), "resnet18": (331, 4, 5)},
    "no noise": {"resnet34": (330, 0, 4), "plain34": (327, 0, 4), "resnet18": (330, 1, 4)},
    "unequal seeds": {"resnet34": (330, 3, 8), "plain34": (322, 3, 3), "resnet18": (329, 12, 4)},
    "two seeds": {"resnet34": (330, 3, 3), "plain34": (322, 3, 2), "resnet18": (329, 5, 3)},
    "one outlier": {"resnet34": (330, 2, 6), "plain34": (328, 70, 6), "resnet18": (329, 2, 6), "plain18": (250, 3, 6)},
}
COLUMNS = ("variant", "n", "metric", "difference", "p", "p_adjusted", "verdict", "paired", "correlation")


def trained(folder, case, images=360):
    """Run directories of the models, each with its number of correct test images."""
    generator = random.Random(case)
    for model, (mean, sd, seeds) in CASES[case].items():
        for seed in range(seeds):
            correct = max(0, min(images, round(generator.gauss(mean, sd))))
            rows = history(accuracy=correct / images, loss=1 - correct / images + 0.01 * seed)
            metrics = {"metrics.test": {"loss": rows[-1]["val_loss"] * 1.1, "accuracy": correct / images}}
            write(folder, config(model, seed=seed), rows, **metrics)


def exported(folder, file):
    """A table of these runs, with the metrics under the names that ablate gives them."""
    table = []
    for run in load_runs([folder]).runs:
        scores = run.metrics.scores
        table.append(
            {
                "variant": run.network,
                "seed": run.seed,
                "test_accuracy": scores["test"]["accuracy"],
                "test_loss": scores["test"]["loss"],
                "val_accuracy": scores["final"]["val_accuracy"],
                "val_loss": scores["final"]["val_loss"],
            }
        )
    return write_table(file, sorted(table, key=lambda row: (row["seed"], row["variant"])))


def without_label(text, label):
    return text.replace(label, "LABEL")


def rows_of(comparison):
    """The cells of a table by row, without those that only own runs fill."""
    columns = {column.key: column.cells for column in build_table(comparison).variants.columns}
    return [[cell.full_text for cell in columns[key]] for key in COLUMNS if key in columns]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("margin", [None, 0.02])
@pytest.mark.parametrize("metric", ["test_accuracy", "val_loss", "test_loss"])
def test_word_for_word(tmp_path, case, metric, margin):
    trained(tmp_path / "outputs", case)
    table = exported(tmp_path / "outputs", tmp_path / "results.csv")
    of_runs = compared(tmp_path / "outputs", baseline="resnet34", metric=metric, margin=margin)
    of_table = judged(table, baseline="resnet34", metric=metric, margin=margin)
    for detect in (None, 0.01):
        expected = [without_label(text, RUN_LABEL) for text in findings.sentences(of_runs, detect)]
        assert [without_label(text, load.UNPLANNED) for text in findings.sentences(of_table, detect)] == expected
    assert rows_of(of_table) == rows_of(of_runs)
    own_notes = {*of_table.warnings}
    assert [text for text in warning_sentences(of_table) if text not in own_notes] == warning_sentences(of_runs)


def test_ten_thousand_test_images(tmp_path):
    folder = tmp_path / "outputs"
    for model, mean in {"resnet34": 9312, "plain34": 9250, "resnet18": 9300}.items():
        for seed in range(4):
            rows = history(accuracy=0.9)
            test = {"loss": 0.1, "accuracy": (mean + 7 * seed) / 10_000}
            write(folder, config(model, seed=seed, data="cifar10"), rows, **{"metrics.test": test})
    table = exported(folder, tmp_path / "results.csv")
    of_runs, of_table = (
        compared(folder, baseline="resnet34"),
        judged(table, baseline="resnet34", metric="test_accuracy"),
    )
    assert rows_of(of_table) == rows_of(of_runs)
    assert findings.sentences(of_table)[1:] == findings.sentences(of_runs)[1:]
