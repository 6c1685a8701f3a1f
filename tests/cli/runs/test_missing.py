"""The error for paths without a run says where it looked."""

from pathlib import Path

from ablation.cli.runs.arguments import RunsArguments
from ablation.cli.runs.missing import no_runs
from ablation.comparison.reading.all_runs import AllRuns


def test_places_are_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused = [(tmp_path / "deep", "nested")]
    text = no_runs(RunsArguments([tmp_path, Path("/missing")]), AllRuns([], refused))
    assert f"at and below: {tmp_path} and /missing (does not exist). Not searched: {tmp_path}/deep (nested)." in text
    assert "outputs (does not exist), the default." in no_runs(RunsArguments(), AllRuns([], []))
