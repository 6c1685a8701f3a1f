"""The table at a sweep's end, and the code that describes the sweep's state."""

import io
from dataclasses import replace

import pytest
from rich.console import Console
from rich.text import Text
from support.fake_runs import config

from ablation.run.locator import Located
from ablation.run.place import RunLocation
from ablation.rundir import record as rundir_record
from ablation.rundir.record import RunRecord
from ablation.rundir.record_parts import Metrics, Timings
from ablation.runtime import console
from ablation.sweep import summary_table
from ablation.sweep.status import PlannedRun

SCORES = Metrics({"final": {"epoch": 2, "val_accuracy": 0.81234}, "test": {"accuracy": 0.75}})


@pytest.fixture
def planned(tmp_path):
    """A run of a sweep that has this record, or none."""

    def of(seed: int, record: RunRecord | None = None) -> PlannedRun:
        where = RunLocation(tmp_path, f"resnet8-digits-s{seed}-0123456789", f"{seed:064}")
        if record is not None:
            where.last.mkdir()
            rundir_record.write_record(where.last, replace(record, fingerprint=where.fingerprint, seed=seed))
        return PlannedRun(config(seed=seed), (), where)

    return of


def tables(capsys) -> list[list[str]]:
    return [line.split() for line in capsys.readouterr().out.splitlines()]


COMPLETED = RunRecord("completed", metrics=SCORES, timings=Timings(seconds=83.0))
FAILED = RunRecord("failed", error="ValueError: no")


def test_a_row_has_accuracies_and_time_and_a_failure_its_reason(planned, capsys):
    assert summary_table.print_summary([planned(0, COMPLETED), planned(1, FAILED), planned(2)], [0, 2]) == 2
    head, *lines = tables(capsys)
    name = "resnet8-digits-s{}-0123456789"
    assert head == ["run", "status", "val", "accuracy", "test", "accuracy", "time"]
    assert lines[:3] == [
        [name.format(0), "completed", "0.8123", "0.7500", "1", "min", "23", "s"],
        [name.format(1), "failed"],
        [name.format(2), "waiting"],
    ]
    assert lines[3:] == [[name.format(1), "failed:", "ValueError:", "no"]]


def test_a_run_without_a_test_split_has_an_empty_cell(planned, capsys):
    summary_table.print_summary(
        [planned(0, replace(COMPLETED, metrics=Metrics({"final": {"epoch": 1, "val_accuracy": 1.0}})))], []
    )
    assert tables(capsys)[1][1:] == ["completed", "1.0000", "1", "min", "23", "s"]


@pytest.mark.parametrize(
    ("records", "codes", "expected"),
    [
        ([COMPLETED, COMPLETED], [0, 0], 0),
        ([COMPLETED], [], 0),  # nothing was left to do
        ([COMPLETED, FAILED], [], 2),
        ([COMPLETED, RunRecord("diverged")], [0, 2], 2),
        ([COMPLETED, None], [0], 2),
        ([COMPLETED, COMPLETED], [0, 143], 143),
        ([COMPLETED, None], [130, 143], 130),
        ([FAILED, FAILED], [1, 1], 1),
        ([None, None], [0, 2], 1),  # a launcher that started nothing
        ([None, None], [], 2),
    ],
)
def test_the_code_is_the_sweep_s_state(planned, capsys, records, codes, expected):
    assert (
        summary_table.print_summary([planned(seed, record) for seed, record in enumerate(records)], codes) == expected
    )


def test_a_run_whose_data_was_missing_is_looked_for_again(planned, capsys, monkeypatch):
    """It is named after its data, which was there when it ran."""
    ran, placeholder = planned(0, COMPLETED), planned(1)
    monkeypatch.setattr(summary_table, "RunLocator", lambda: lambda config: Located(ran.where))
    assert summary_table.print_summary([replace(placeholder, problem="not there")], [0]) == 0
    assert tables(capsys)[1][0] == ran.where.name


def test_at_60_columns_every_name_is_complete(planned):
    file = io.StringIO()
    with console.TERMINAL.saved(file):
        console.TERMINAL._saved[-1] = Console(file=file, width=60, soft_wrap=True, force_terminal=True)
        summary_table.print_summary([planned(0, COMPLETED), planned(1, COMPLETED)], [0, 0])
    head, *rows = Text.from_ansi(file.getvalue()).plain.splitlines()
    assert head.split() == ["run", "status", "val", "acc", "test", "acc", "time"]
    assert max(map(len, [head, *rows])) <= 60
    assert "".join(row.split()[0] for row in rows) == "resnet8-digits-s0-0123456789resnet8-digits-s1-0123456789"
