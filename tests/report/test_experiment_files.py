"""Every file of one comparison."""

import pytest
from support.comparisons import compared
from support.fake_runs import sweep

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
