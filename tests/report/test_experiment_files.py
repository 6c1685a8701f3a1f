"""Every file of one comparison."""

from dataclasses import replace

import pytest
from support.comparisons import compared
from support.fake_runs import sweep
from support.results_tables import experiment, rows, write

from ablation.comparison.analysis.compare import compare
from ablation.comparison.analysis.requested_test import Request
from ablation.report import experiment_files
from ablation.report.experiment_files import ReportRequest
from ablation.report.figures import files as figures
from ablation.report.tables.build import build_table


@pytest.fixture
def undrawn(monkeypatch):
    monkeypatch.setattr(figures, "files", lambda plots, **_: {"overlay.png": b"picture"})


def test_a_comparison_has_its_tables_its_figures_and_its_page(undrawn, tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    made = compared(tmp_path)
    contents = experiment_files.experiment_files(made, build_table(made), ReportRequest((), ["ablate-compare"]))
    tables = {"summary.csv", "table.md", "table.tex", "table.json", "methods.md", "methods.tex"}
    assert contents.keys() == {"overlay.png", "report.html", *tables}
    assert contents.keys() <= experiment_files.file_names() and all(contents.values())


def test_one_of_several_is_in_its_folder_and_leads_back_to_the_index(undrawn, tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    made = compared(tmp_path)
    request = ReportRequest((), ["ablate-compare"], folder="parts")
    contents = experiment_files.experiment_files(made, build_table(made), request)
    assert all(name.startswith("parts/") for name in contents)
    assert b'href="../index.html"' in contents["parts/report.html"]


def test_runs_of_programs_have_flags_and_no_network(undrawn, tmp_path):
    """A run of any other kind needs no more than a row of a table: its flags name its variant, costs may be known."""
    table = experiment(write(tmp_path / "a.csv", rows()))
    flags = {
        "full": {"lr": 0.1, "mixup": True},
        "-mix": {"lr": 0.1, "mixup": False},
        "-norm": {"lr": 0.01, "mixup": True},
    }
    runs = []
    for run in table.runs.runs:
        changes = {
            "kind": "command",
            "config": flags[run.variant],
            "seconds": 12.0,
            "started": "2026-11-30T10:00:00+00:00",
        }
        runs.append(replace(run, **changes))
    loaded = replace(table.runs, runs=runs)
    made = compare(replace(table, runs=loaded, everything=loaded), Request(baseline="lr=0.1 mixup=true"))
    assert [variant.label for variant in made.variants] == [
        "lr=0.1 mixup=true",
        "lr=0.01 mixup=true",
        "lr=0.1 mixup=false",
    ]
    assert (made.kind, made.is_own) == ("command", False)
    assert [variant.result.verdict for variant in made.variants[1:]] == ["worse", "inconclusive"]
    built = build_table(made)
    columns = [column.key for column in built.variants.columns]
    assert "time" in columns and not {"parameters", "macs"} & set(columns)
    contents = experiment_files.experiment_files(made, built, ReportRequest((), ["ablate-compare"]))
    page = contents["report.html"].decode().partition("<script")[0].partition("</style>")[2]
    for word in ("image", "epoch", "digest", "0 parameters"):
        assert word not in page
