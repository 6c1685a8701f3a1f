"""Whether the command is about a table, and which options then have no meaning."""

from pathlib import Path

import pytest
from support.fake_runs import sweep
from support.results_tables import rows, run_command, write

from ablation.cli.compare import table_request
from ablation.cli.compare.arguments import CompareArguments
from ablation.errors import AblateError


def test_files_and_options_of_tables_ask_for_a_table(tmp_path):
    table = write(tmp_path / "results.csv", rows())
    assert table_request.is_table(CompareArguments([table]))
    assert table_request.is_table(CompareArguments([tmp_path], variant="a"))
    assert table_request.is_table(CompareArguments([tmp_path], source="tensorboard"))
    assert not table_request.is_table(CompareArguments([tmp_path]))
    assert not table_request.is_table(CompareArguments([tmp_path / "missing"]))


def test_a_record_is_a_run(tmp_path):
    run, *_ = sweep(tmp_path, {"plain34": 0.5}, seeds=1)
    assert not table_request.is_table(CompareArguments([run / "run.json"]))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            {"study": "x"},
            "no meaning with results of another program, because no study planned them. Received --study x",
        ),
        ({"together": True}, "a table is one experiment. Received --together"),
        ({"tag": ["a"]}, "no tags of ablate. Received --tag a"),
        ({"select": "best_val"}, "which weights it evaluated. Received --select best_val"),
        ({"threshold": "0.9"}, "there are no learning curves. Received --threshold 0.9"),
        ({"x_axis": "step"}, "no learning curves. Received --x-axis step"),
        ({"watch": True}, "when it is exported again. Received --watch"),
    ],
)
def test_options_without_a_meaning_are_refused(options, words):
    with pytest.raises(AblateError, match=words):
        table_request.table_options(CompareArguments([Path("a.csv")], **options))


@pytest.mark.integration
def test_the_command_compares_a_table(tmp_path, capsys):
    table = write(tmp_path / "results.csv", rows(lr=0.1, parameters=""))
    out, err = run_command(tmp_path / "out", str(table), "--baseline", "full", capsys=capsys)
    assert err == ""
    assert "-norm is worse: -0.0277 test acc (95 % CI -0.0425 to -0.0128, p = 0.021 after Holm, n = 3)." in out
    assert "Exploratory: no plan was frozen before these runs." in out
    everything = out
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"report.html", "forest.png", "means.png", "table.json", "summary.csv", "methods.md"} <= names
    assert not {"overlay.png", "difference.png", "tradeoff.png"} & names
    for name in ("report.html", "table.md", "table.tex", "methods.md", "captions.md"):
        text = (tmp_path / "out" / name).read_text()
        text = text.partition("<script")[0]
        everything += text[text.find("</style>") :] if name == "report.html" else text
    for word in ("image", "0 parameters", "nan ", ": None", "epoch", "MACs", "digest", "last weights", "Time"):
        assert word not in everything, word


@pytest.mark.integration
def test_a_written_table_can_be_checked(tmp_path, capsys):
    table = write(tmp_path / "results.csv", rows())
    run_command(tmp_path / "out", str(table), "--baseline", "full", "--percent", capsys=capsys)
    for name in ("table.md", "table.json", "summary.csv", "table.tex"):
        committed = str(tmp_path / "out" / name)
        run_command(tmp_path / "b", str(table), "--baseline", "full", "--check", committed, capsys=capsys)
    changed = rows()
    changed[0]["test_acc"] = 0.99
    write(table, changed)
    committed = str(tmp_path / "out" / "table.md")
    run_command(tmp_path / "b", str(table), "--baseline", "full", "--check", committed, code=2, capsys=capsys)


@pytest.mark.integration
def test_rows_without_a_result_give_exit_code_2(tmp_path, capsys):
    table = [{**row, "State": "finished"} for row in rows()]
    table[0]["State"] = "crashed"
    path = str(write(tmp_path / "results.csv", table))
    out, err = run_command(tmp_path / "out", path, "--baseline", "full", code=2, capsys=capsys)
    assert "Excluded 1, compared 8" in err and "results.csv/row 2 (failed). Only finished runs are compared." in err
    assert "Incomplete: full (1 failed); without these runs there is no verdict. Finish these runs" in out


def test_conditions_on_other_columns_narrow_the_table(tmp_path, capsys):
    table = [{**row, "lr": 0.1 if row["variant"] != "-mix" else 0.2} for row in rows()]
    path = str(write(tmp_path / "results.csv", table))
    out, _ = run_command(tmp_path / "out", path, "--baseline", "full", "--where", "lr=0.1", capsys=capsys)
    assert "Holm's correction over 2 comparisons" in out  # as many as before
    assert "-mix" not in out.partition("Written")[0].partition("Left out")[0].split("Verdict")[1]
    _, err = run_command(tmp_path / "out", path, "--where", "test_acc>0.9", code=1, capsys=capsys)
    assert "does not choose runs by their results" in err


@pytest.mark.integration
def test_blocks_have_a_column_each_and_one_answer(tmp_path, capsys):
    table = [*rows(dataset="easy"), *rows(dataset="hard")]
    path = str(write(tmp_path / "results.csv", table))
    out, _ = run_command(tmp_path / "out", path, "--baseline", "full", "--block", "dataset", capsys=capsys)
    assert "over 2 blocks (dataset: easy and hard), with equal weights" in out.replace("\n", " ")
    assert "-norm is worse" in out
    assert "In easy" in (tmp_path / "out" / "table.md").read_text()
    assert (tmp_path / "out" / "means.png").exists()
    words = [path, "--baseline", "full", "--block", "dataset", "--where", "dataset=easy"]
    out, _ = run_command(tmp_path / "out", *words, capsys=capsys)
    assert "over 1 block (dataset: easy)" in out


@pytest.mark.integration
def test_diverged_rows_have_no_curves_but_withdraw_verdicts(tmp_path, capsys):
    table = [{**row, "state": "finished"} for row in rows()]
    table.append({"variant": "full", "seed": 3, "test_acc": "", "state": "diverged"})
    path = str(write(tmp_path / "results.csv", table))
    out, err = run_command(tmp_path / "out", path, "--baseline", "full", code=2, capsys=capsys)
    assert "results.csv/row 11 (diverged)" in err
    assert "lower where the reference trained" in out
    assert not list((tmp_path / "out").glob("overlay*")) and not list((tmp_path / "out").glob("difference*"))
    page = (tmp_path / "out" / "report.html").read_text()
    assert ".hydra" not in page and "0 whole epochs" not in page
