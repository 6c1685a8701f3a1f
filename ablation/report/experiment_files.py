"""Every file of one comparison: figures, tables and the page."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.reading.run_details import read_details
from ablation.report.figures import files as figures
from ablation.report.html.page import PAGE, Experiment, pages
from ablation.report.methods import methods_files
from ablation.report.methods.methods_text import methods
from ablation.report.plots.build import plot_data
from ablation.report.tables import export, latex, markdown
from ablation.report.tables.table import Table

TABLES = ("summary.csv", "table.md", "table.tex", "table.json", "methods.md", "methods.tex")


@dataclass(frozen=True)
class ReportRequest:
    """What a report shows beside the comparison.

    sentences: the findings. command: the words of the command that compares. run_commands: those that started the runs.
    curve: the metric of the curves; None for the default. x_axis: theirs. folder: of the files, below the output folder
    with the index page; empty for a single experiment. captioned: whether captions stand below the figures.
    """

    sentences: Sequence[str]
    command: Sequence[str]
    run_commands: Sequence[str] = ()
    curve: str | None = None
    x_axis: str = "epoch"
    folder: str = ""
    captioned: bool = True


def experiment_files(comparison: Comparison, table: Table, request: ReportRequest) -> dict[str, bytes]:
    """The content of each file by its path below the output folder. Raises AblateError for an unknown curve or axis."""
    plots = plot_data(comparison, request.curve, request.x_axis)
    runs = []
    for variant in comparison.variants:
        runs += [*variant.runs, *variant.diverged]
    details = read_details(runs, [path for path, _ in comparison.excluded])
    described = methods(comparison, [*request.run_commands, shlex.join(request.command)])
    page = Experiment(
        comparison=comparison,
        table=table,
        plots=plots,
        sentences=request.sentences,
        command=request.command,
        run_commands=request.run_commands,
        details=details,
        folder=request.folder,
    )
    contents = {
        **figures.files(plots, captioned=request.captioned),
        "summary.csv": export.csv(table).encode(),
        "table.md": markdown.markdown(table).encode(),
        "table.tex": latex.latex(table).encode(),
        "table.json": export.json(table).encode(),
        "methods.md": methods_files.markdown(described).encode(),
        "methods.tex": methods_files.latex(described).encode(),
    }
    return {**{str(Path(request.folder, name)): content for name, content in contents.items()}, **pages([page])}


def file_names() -> set[str]:
    """The names of all files that a comparison may have."""
    return {*TABLES, PAGE, *figures.file_names()}
