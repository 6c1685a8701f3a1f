"""The table in LaTeX."""

import re
from collections.abc import Sequence
from dataclasses import replace

from ablation.report.tables.style import END, begin
from ablation.report.tables.table import Cell, Column, Grid, Table
from ablation.report.wording.escaping import for_latex
from ablation.report.wording.number_format import UNKNOWN, typeset

LONG = 18  # characters; LaTeX may break lines in a column with a longer text
JOINTS = re.compile(r"(\\_|=|\.(?=[a-z]))(?=\w)")  # a line may break after these in a long text
POWER_OF_TEN = re.compile(r"(\d(?:\.\d+)?)e(\$-\$|\+)?0*(\d+)")  # as escaped: 7e$-$07
FOOTNOTE_SIGNS = tuple("⁰¹²³⁴⁵⁶⁷⁸⁹")
SYMBOLS = {"n": "$n$", "p": "$p$", "p, Holm": "$p$ (Holm)", "r": "$r$"}  # titles that are symbols


def latex(table: Table) -> str:
    """Write floating tables between the markers of `--check`; a table wider than the text is scaled down.

    The second line of the output names the packages that the tables need.
    """
    label = table.style.label or _default_label(table)
    lines = [f"% {begin(table.style)}", r"% \usepackage{array,booktabs,graphicx}"]
    lines += _floating(table.variants, label)
    if table.effects is not None:
        setting_note = rf"Data, recipe, runs and compute: as in Table~\ref{{{label}}}."
        lines += _floating(table.effects, f"{label}-effects", setting_note)
    return "\n".join([*lines, f"% {END}"]) + "\n"


def _default_label(table: Table) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", f"ablation {table.header.study or ''}".lower()).strip("-")
    return f"tab:{name}"


def _floating(grid: Grid, label: str, last_note: str = "") -> list[str]:
    """Write a grid. last_note: in LaTeX."""
    columns = grid.paper_columns
    texts = [_column_texts(grid, column) for column in columns]
    head, *rows = [rf"{' & '.join(cells)} \\" for cells in zip(*texts, strict=True)]
    for row in reversed(grid.paper.groups):
        rows.insert(row, r"\midrule")
    return [
        r"\begin{table}[tbp]",
        r"\centering",
        rf"\caption{{{for_latex(_caption(grid))}}}",
        rf"\label{{{label}}}\par\medskip",
        r"\small\setlength{\tabcolsep}{5pt}",
        rf"\setbox0=\hbox{{\begin{{tabular}}{{@{{}}{''.join(map(_alignment, columns))}@{{}}}}",
        r"\toprule",
        head,
        r"\midrule",
        *rows,
        r"\bottomrule",
        r"\end{tabular}}%",
        r"\ifdim\wd0>\linewidth\resizebox{\linewidth}{!}{\box0}\else\leavevmode\box0\fi",
        *_below(_notes(grid), last_note),
        r"\end{table}",
    ]


def _caption(grid: Grid) -> str:
    """The user's caption, or else the usual one without the explanations, which are notes."""
    return grid.title or " ".join(filter(None, [grid.caption_of(()), grid.paper.caption]))


def _notes(grid: Grid) -> list[str]:
    """The notes: also the usual caption if the user has another one, and what stands for omitted columns."""
    notes = []
    if grid.title:
        notes += [grid.caption_of(()), grid.paper.caption]
    shown = {column.key for column in grid.paper_columns}
    notes.append(" ".join(text for key, text in grid.explanations.items() if key in shown))
    notes += grid.notes
    if not grid.chosen:
        notes += grid.paper.notes
    return list(filter(None, [*notes, *grid.setting]))


# ---------------------------------------------------------------- cells


def _column_texts(grid: Grid, column: Column) -> list[str]:
    """Escape the title and the cells; numbers get a true minus sign, and long texts may break at JOINTS."""
    texts = [_title(column)]
    details = _padded_details(column)
    for row, (cell, detail) in enumerate(zip(column.cells, details, strict=True)):
        if column.is_text:
            texts.append(_text(cell, _is_long(column)))
            continue
        text = _number(replace(cell, detail=""), detail)
        if (row, column.key) in grid.paper.bold:
            text = rf"\textbf{{\boldmath {text}}}"
        texts.append(text)
    return texts


def _text(cell: Cell, is_long: bool) -> str:
    text = for_latex(cell.full_text)
    return JOINTS.sub(r"\1\\allowbreak{}", text) if is_long else text


def _title(column: Column) -> str:
    return SYMBOLS.get(column.title) or for_latex(column.title)


def _number(cell: Cell, detail: str) -> str:
    r"""A number with true minus signs and powers of ten. detail: in LaTeX, with its blank before it."""
    if cell.text == UNKNOWN and not detail:
        return rf"\multicolumn{{1}}{{c}}{{{for_latex(UNKNOWN)}}}"
    text = POWER_OF_TEN.sub(_power_of_ten, for_latex(typeset(cell.text)))
    return f"{text}{detail} {for_latex(cell.marks)}".rstrip()


def _power_of_ten(match: re.Match[str]) -> str:
    digits, sign, exponent = match[1], match[2], match[3]
    minus = "-" * (sign == "$-$")
    return rf"${digits}\times10^{{{minus}{exponent}}}$"


def _padded_details(column: Column) -> list[str]:
    r"""The details in LaTeX; half widths are as wide as the widest, so that all `±` stand below each other."""
    widest = max((len(cell.detail) for cell in column.cells if _is_half_width(cell)), default=0)
    details = []
    for cell in column.cells:
        text = POWER_OF_TEN.sub(_power_of_ten, for_latex(typeset(cell.detail)))
        if _is_half_width(cell):
            padding = r"\phantom{0}" * (widest - len(cell.detail))
            text = text.replace(r"$\pm$ ", rf"$\pm$ {padding}", 1)
        details.append(f" {text}".rstrip())
    return details


def _is_half_width(cell: Cell) -> bool:
    return cell.detail.startswith("± ")


def _alignment(column: Column) -> str:
    if not column.is_text:
        return "r"
    return r">{\raggedright\arraybackslash}p{0.2\linewidth}" if _is_long(column) else "l"


def _is_long(column: Column) -> bool:
    return any(len(cell.full_text) > LONG for cell in column.cells)


def _below(notes: Sequence[str], last_note: str) -> list[str]:
    """Write the notes: each footnote in a line of its own, the others as running text."""
    lines = []
    for position, note in enumerate(notes, 1):
        ends_line = _is_footnote(note) or position == len(notes) or _is_footnote(notes[position])
        text = for_latex(_with_period(note))
        lines.append(text + r"\par" * ends_line)
    if last_note:
        lines.append(rf"{last_note}\par")
    if not lines:
        return []
    opening = r"\par\smallskip\begin{minipage}{\linewidth}\footnotesize\raggedright"
    return [opening, *lines, r"\end{minipage}"]


def _with_period(note: str) -> str:
    return note if _is_footnote(note) else f"{note.rstrip('.')}."


def _is_footnote(note: str) -> bool:
    return note[:1] in FOOTNOTE_SIGNS
