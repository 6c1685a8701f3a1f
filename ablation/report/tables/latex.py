"""The table in LaTeX."""

import re
from collections.abc import Callable, Sequence

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.tables.markdown import BEGIN, END, all_tables
from ablation.report.tables.table import Column, Table
from ablation.report.wording.escaping import for_latex
from ablation.report.wording.number_format import typeset

LONG = 18  # characters of a text that LaTeX may break


def latex(comparison: Comparison) -> str:
    r"""Floating tables, between the markers that `check` finds them by; one too wide for the text is made smaller.

    They need what the second line says, and nothing else.
    """
    label = re.sub(r"[^a-z0-9]+", "-", f"ablation {comparison.study or ''}".lower()).strip("-")
    labels = (label, f"{label}-effects")
    tables = [line for shown, name in zip(all_tables(comparison), labels, strict=False) for line in _float(shown, name)]
    return "\n".join([f"% {BEGIN}", r"% \usepackage{array,booktabs,graphicx}", *tables, f"% {END}"]) + "\n"


def _float(shown: Table, label: str) -> list[str]:
    columns = [[for_latex(column.title), *map(_latex_cell(column), column.cells)] for column in shown.columns]
    head, *rows = [rf"{' & '.join(cells)} \\" for cells in zip(*columns, strict=True)]
    return [
        r"\begin{table}[tbp]",
        r"\centering\footnotesize\setlength{\tabcolsep}{4pt}",
        rf"\caption{{{for_latex(shown.heading)}}}",
        rf"\label{{tab:{label}}}\par\smallskip",
        rf"\setbox0=\hbox{{\begin{{tabular}}{{@{{}}{''.join(map(_alignment, shown.columns))}@{{}}}}",
        r"\toprule",
        head,
        r"\midrule",
        *rows,
        r"\bottomrule",
        r"\end{tabular}}%",
        r"\ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\box0}\else\leavevmode\box0\fi",
        *_below(shown.notes),
        r"\end{table}",
    ]


def _latex_cell(column: Column) -> Callable[[str], str]:
    """Numbers get a true minus; a long text may break behind what joins its words."""
    if not column.words:
        return lambda cell: for_latex(typeset(cell))
    joint, broken = r"(\\_|=|\.(?=[a-z]))(?=\w)", r"\1\\allowbreak{}"
    return (lambda cell: re.sub(joint, broken, for_latex(cell))) if _long(column) else for_latex


def _alignment(column: Column) -> str:
    if not column.words:
        return "r"
    return r">{\raggedright\arraybackslash}p{0.2\linewidth}" if _long(column) else "l"


def _long(column: Column) -> bool:
    return max(map(len, column.cells), default=0) > LONG


def _below(notes: Sequence[str]) -> list[str]:
    if not notes:
        return []
    opening = r"\par\smallskip\begin{minipage}{\linewidth}\footnotesize\raggedright"
    return [opening, *(rf"{for_latex(note)}\par" for note in notes), r"\end{minipage}"]
