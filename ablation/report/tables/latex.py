"""The table in LaTeX."""

import re
from collections.abc import Sequence

from ablation.report.tables.markdown import BEGIN, END
from ablation.report.tables.table import Column, Grid, Table
from ablation.report.wording.escaping import for_latex
from ablation.report.wording.number_format import typeset

LONG = 18  # characters; LaTeX may break lines in a column with a longer text
JOINTS = re.compile(r"(\\_|=|\.(?=[a-z]))(?=\w)")  # a line may break after these in a long text


def latex(table: Table) -> str:
    """Write floating tables between the markers of `--check`; a table wider than the text is scaled down.

    The second line of the output names the packages that the tables need.
    """
    label = re.sub(r"[^a-z0-9]+", "-", f"ablation {table.header.study or ''}".lower()).strip("-")
    lines = [f"% {BEGIN}", r"% \usepackage{array,booktabs,graphicx}"]
    lines += _floating(table.variants, label)
    if table.effects is not None:
        lines += _floating(table.effects, f"{label}-effects")
    return "\n".join([*lines, f"% {END}"]) + "\n"


def _floating(grid: Grid, label: str) -> list[str]:
    columns = [_column_texts(column) for column in grid.main_columns]
    head, *rows = [rf"{' & '.join(cells)} \\" for cells in zip(*columns, strict=True)]
    alignments = "".join(_alignment(column) for column in grid.main_columns)
    return [
        r"\begin{table}[tbp]",
        r"\centering\footnotesize\setlength{\tabcolsep}{4pt}",
        rf"\caption{{{for_latex(grid.caption)}}}",
        rf"\label{{tab:{label}}}\par\smallskip",
        rf"\setbox0=\hbox{{\begin{{tabular}}{{@{{}}{alignments}@{{}}}}",
        r"\toprule",
        head,
        r"\midrule",
        *rows,
        r"\bottomrule",
        r"\end{tabular}}%",
        r"\ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\box0}\else\leavevmode\box0\fi",
        *_below(grid.notes),
        r"\end{table}",
    ]


def _column_texts(column: Column) -> list[str]:
    """Escape the title and the cells; numbers get a true minus sign, and long texts may break at JOINTS."""
    texts = [for_latex(column.title)]
    for cell in column.cells:
        if not column.is_text:
            texts.append(for_latex(typeset(cell.full_text)))
        elif _is_long(column):
            texts.append(JOINTS.sub(r"\1\\allowbreak{}", for_latex(cell.full_text)))
        else:
            texts.append(for_latex(cell.full_text))
    return texts


def _alignment(column: Column) -> str:
    if not column.is_text:
        return "r"
    return r">{\raggedright\arraybackslash}p{0.2\linewidth}" if _is_long(column) else "l"


def _is_long(column: Column) -> bool:
    return any(len(cell.full_text) > LONG for cell in column.cells)


def _below(notes: Sequence[str]) -> list[str]:
    if not notes:
        return []
    opening = r"\par\smallskip\begin{minipage}{\linewidth}\footnotesize\raggedright"
    return [opening, *(rf"{for_latex(note)}\par" for note in notes), r"\end{minipage}"]
