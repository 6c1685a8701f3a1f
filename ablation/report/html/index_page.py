"""Write index.html, which leads to the pages of several experiments."""

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import join

from markupsafe import Markup

from ablation.report.html import template_engine
from ablation.report.html.page import PAGE
from ablation.report.html.rows import VerdictMark, verdict_mark
from ablation.report.overview.experiments import Compared, NotCompared, Overview, compact, disclosures, facts
from ablation.report.tables.table import Column
from ablation.text import plural

INDEX, INDEX_STYLE = "index.html", "index.css"
MAX_UNPLACED = 100  # directories in the list
MAX_SENTENCES = 4  # findings of one experiment; its page has all


@dataclass(frozen=True)
class Section:
    """One experiment. link: of its page, empty without one. marks: of the verdicts, by row. more: rows left out."""

    number: int
    name: str
    question: str
    link: str
    facts: tuple[str, ...]
    exploratory: bool
    reason: str = ""
    columns: tuple[Column, ...] = ()
    marks: tuple[VerdictMark, ...] = ()
    more: str = ""
    disclosures: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    more_sentences: str = ""
    shared: str = ""


def index_page(overview: Overview, command: Sequence[str]) -> bytes:
    """Render the page as UTF-8. command: the words of the command that writes it. Equal input gives equal bytes."""
    sections = [_section(overview, number, item) for number, item in enumerate(overview.items, 1)]
    style = template_engine.style_sheet() + template_engine.text_of(INDEX_STYLE)
    unplaced = overview.experiments.unplaced
    text = template_engine.environment().get_template(INDEX).render(
        title=plural(len(sections), "experiment"),
        runs=plural(len(overview.experiments.homes), "run"),
        sections=sections,
        unplaced=[(str(path), reason) for path, reason in unplaced[:MAX_UNPLACED]],
        more_unplaced=max(0, len(unplaced) - MAX_UNPLACED),
        command=join(command),
        style=Markup(style),
        style_hash=template_engine.csp_hash(style),
    )  # fmt: skip
    return text.encode()


def _section(overview: Overview, number: int, item: Compared | NotCompared) -> Section:
    experiment = item.experiment
    if isinstance(item, NotCompared):
        return Section(
            number, experiment.name, "", "", tuple(facts(item)), False, item.reason, shared=overview.shared(experiment)
        )
    comparison = item.comparison
    grid, more = compact(item.table)
    disclosed = disclosures(item)
    sentences = []
    if len(comparison.variants) > 1:
        sentences = [sentence for sentence in item.sentences if sentence not in disclosed]
    hidden = len(sentences) - MAX_SENTENCES
    return Section(
        number=number,
        name=experiment.name,
        question=comparison.question,
        link=f"{item.folder}/{PAGE}",
        facts=tuple(facts(item)),
        exploratory=bool(comparison.baseline and comparison.exploratory),
        columns=grid.columns,
        marks=_marks(grid.columns),
        more=plural(more, "more row") if more else "",
        disclosures=tuple(disclosed),
        sentences=tuple(sentences[:MAX_SENTENCES]),
        more_sentences=plural(hidden, "more sentence") if hidden > 0 else "",
        shared=overview.shared(experiment),
    )


def _marks(columns: Sequence[Column]) -> tuple[VerdictMark, ...]:
    for column in columns:
        if column.key == "verdict":
            return tuple(verdict_mark(cell.text) for cell in column.cells)
    return tuple(verdict_mark("") for _ in columns[0].cells)
