"""The columns that have a role: named, usual, or asked for."""

import pytest
from support.results_tables import rows, write

from ablation.comparison.results_table import words
from ablation.comparison.results_table.columns import Columns, choose
from ablation.comparison.results_table.formats.files import read_file
from ablation.comparison.results_table.options import TableOptions
from ablation.errors import AblateError


def chosen(tmp_path, table=None, **options) -> Columns:
    return choose(read_file(write(tmp_path / "results.csv", table or rows())), TableOptions(**options))


def renamed(**names: str):
    return [{names.get(key, key): value for key, value in row.items()} for row in rows()]


def test_usual_names_need_no_option(tmp_path):
    assert chosen(tmp_path) == Columns("variant", "seed", "test_acc")


def test_a_column_is_found_without_its_prefix_and_case(tmp_path):
    table = renamed(variant="params.model", seed="params.Seed", test_acc="metrics.test_acc")
    expected = Columns("params.model", "params.Seed", "metrics.test_acc")
    assert chosen(tmp_path, table, variant="model", metric="test_acc") == expected
    assert chosen(tmp_path, table, variant="params.model", seed="seed", metric="TEST_ACC") == expected


@pytest.mark.parametrize(
    ("table", "options", "message"),
    [
        (rows(), {"variant": "varient"}, "results.csv has no column varient. .* --variant variant"),
        (rows(), {"seed": "sed"}, "has no column sed. .* --seed seed"),
        (rows(), {"metric": "test_accuracy"}, "has no column test_accuracy. .* --metric test_acc"),
        (rows(), {"block": "dataset"}, "has no column dataset. Received --block dataset"),
        (rows(), {"metric": "seed"}, "One column cannot have two roles. Received --seed and --metric, both seed"),
        (renamed(variant="model"), {}, "which variant a row belongs to. Received results.csv without --variant"),
        (renamed(seed="run"), {}, "which seed, or which repetition, a row is from. .* without --seed"),
        (rows(val_acc=0.9), {}, "what to compare. .* here test_acc and val_acc. Type for example --metric test_acc"),
        (renamed(test_acc="x"), {"metric": None, "variant": "variant"}, None),
        (renamed(seed="epoch"), {"seed": "epoch"}, "Steps of training are not seeds. Received --seed epoch"),
        (renamed(seed="fold"), {"seed": "fold"}, "Folds are not seeds. Received --seed fold, and their training sets"),
        (renamed(seed="params.seed", test_acc="config.seed"), {"seed": "seed"}, "Several columns have this name"),
    ],
)
def test_open_choices_are_asked_for_by_name(tmp_path, table, options, message):
    if message is None:
        assert chosen(tmp_path, table, **options).metric == "x"  # the only column of numbers
        return
    with pytest.raises(AblateError, match=message):
        chosen(tmp_path, table, **options)


@pytest.mark.parametrize(
    ("name", "higher"),
    [
        *(("test_acc", True), ("val/Accuracy", True), ("evalTop1", True), ("mean_reward", True), ("R2", True)),
        *(("val_loss", False), ("perplexity", False), ("test error", False), ("WER", False), ("runtime", False)),
        *(("neg_log_likelihood", None), ("neg_mse", None), ("x", None), ("error_score", None)),
    ],
)
def test_names_say_which_direction_is_better(name, higher):
    assert words.direction(name) is higher


@pytest.mark.parametrize(
    "name", ["acc_drop", "auc_gap", "accuracy_std", "1-acc", "loss_improvement", "wer reduction", "survival_time"]
)
def test_words_that_turn_a_metric_leave_its_direction_open(name):
    assert words.direction(name) is None


def test_a_proposed_column_fits_or_is_left_open(tmp_path):
    table = [{"when": f"2026-01-0{n}", "arch": "a", "acc": 0.9} for n in range(1, 4)]
    with pytest.raises(AblateError, match="--variant arch$"):
        chosen(tmp_path, table)
    with pytest.raises(AblateError, match="--seed COLUMN$"):
        chosen(tmp_path, table, variant="arch")


def test_settings_and_seeds_with_the_word_of_a_step_are_none():
    names = ("batch_size", "max_steps", "num_epochs", "best_epoch", "batch_seed", "split_seed", "cv_repeat")
    assert not any(words.is_step(name) or words.is_fold(name) for name in names)
    assert words.is_step("global_step") and words.is_step("epochs") and words.is_fold("cv_fold")


def test_steps_are_no_blocks(tmp_path):
    table = [{**row, "epoch": epoch} for row in rows() for epoch in (1, 2)]
    with pytest.raises(AblateError, match="Steps of training are not blocks. Received --block epoch"):
        chosen(tmp_path, table, block="epoch")


def test_names_say_what_is_no_seed():
    assert words.is_step("_step") and words.is_step("trainer/global_step") and not words.is_step("stepper")
    assert words.is_fold("cv_fold") and not words.is_fold("folder")
    assert words.short_name("metrics.test_acc") == "test_acc" and words.short_name("metrics.") == "metrics."
