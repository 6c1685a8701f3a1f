"""Write report.html: one self-contained file that shows text from runs but never interprets it.

The template engine escapes every text, and the page allows only its own script and style sheet, by hash.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markupsafe import Markup

from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.reading.run_details import RunDetails
from ablation.report.html import template_engine
from ablation.report.html.charts.cost_charts import tradeoff_section
from ablation.report.html.comparability_section import comparability_section
from ablation.report.html.curves_section import curves_section
from ablation.report.html.differences_section import differences_section
from ablation.report.html.effects_section import effects_section
from ablation.report.html.header import header
from ablation.report.html.results_section import results_section
from ablation.report.html.runs_section import MAX_ITEMS, runs_section
from ablation.report.html.scores_section import scores_section
from ablation.report.methods.methods_text import methods
from ablation.report.plots.plot_data import PlotData
from ablation.report.tables.table import Table
from ablation.report.wording.verdict_text import exploratory_sentence
from ablation.report.wording.warnings import warning_sentences

PAGE = "report.html"


@dataclass(frozen=True)
class Experiment:
    """A comparison with everything that its page shows.

    sentences: the findings; warnings stand apart. command: arguments of the command that writes the page. run_commands:
    the commands that started the runs, as typed. details: of the runs, by directory; without any, runs are listed in a
    plain table. folder: directory of the page, where there are several pages.
    """

    comparison: Comparison
    table: Table
    plots: PlotData
    sentences: Sequence[str]
    command: Sequence[str]
    run_commands: Sequence[str] = ()
    details: Mapping[Path, RunDetails] = field(default_factory=dict)
    folder: str = ""


def pages(experiments: Sequence[Experiment]) -> dict[str, bytes]:
    """Render the page of each experiment: {path: UTF-8}. Equal input gives equal bytes."""
    return {str(Path(experiment.folder, PAGE)): _page(experiment) for experiment in experiments}


def _page(experiment: Experiment) -> bytes:
    comparison, table, plots = experiment.comparison, experiment.table, experiment.plots
    findings = _findings(experiment)
    style, script = template_engine.style_sheet(), template_engine.script()
    text = template_engine.environment().get_template(PAGE).render(
        header=header(comparison),
        findings=findings,
        results=results_section(comparison, table),
        differences=differences_section(comparison, table, plots.forest),
        effects=effects_section(table, plots),
        scores=scores_section(comparison),
        tradeoff=tradeoff_section(plots.tradeoff),
        curves=curves_section(comparison, plots.overlay, plots.further_curves),
        comparability=comparability_section(comparison),
        runs=runs_section(comparison, experiment.details),
        methods=methods(comparison, ()).paragraphs,
        reproduce=_reproduce(experiment),
        style=Markup(style),
        script=Markup(script),
        index="../index.html" if experiment.folder else "",
        style_hash=template_engine.csp_hash(style),
        script_hash=template_engine.csp_hash(script),
    )  # fmt: skip
    return text.encode()


@dataclass(frozen=True)
class Findings:
    """The findings and warnings of the page. names: of variants, within which no line may break.

    disclosures: what was changed, repeated or deleted after there was data.
    """

    heading: str
    disclosures: tuple[str, ...]
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]
    more_warnings: int
    names: tuple[str, ...]


def _findings(experiment: Experiment) -> Findings:
    comparison = experiment.comparison
    disclosures = tuple(dict.fromkeys(comparison.disclosures))
    told = {*disclosures, *exploratory_sentence(comparison)}  # above
    warnings = [warning for warning in dict.fromkeys(warning_sentences(comparison)) if warning not in told]
    sentences = [sentence for sentence in experiment.sentences if sentence not in {*warnings, *told}]
    names = [variant.label for variant in comparison.variants if template_engine.OPTION.fullmatch(variant.label)]
    return Findings(
        heading="Verdict" if comparison.baseline else "What the runs show",
        disclosures=disclosures,
        sentences=tuple(sentences),
        warnings=tuple(warnings[:MAX_ITEMS]),
        more_warnings=max(0, len(warnings) - MAX_ITEMS),
        names=tuple(names),
    )


@dataclass(frozen=True)
class Reproduce:
    """Commands to type. overrides_note: whether the page says where the overrides of a run are stored."""

    commands: tuple[str, ...]
    overrides_note: bool


def _reproduce(experiment: Experiment) -> Reproduce:
    run_commands = list(experiment.run_commands)
    study = experiment.comparison.study
    if not run_commands and study:
        run_commands = [shlex.join(["ablate", "-m", f"+study={study}"])]
    overrides_note = not run_commands and experiment.comparison.is_own
    return Reproduce((*run_commands, shlex.join(experiment.command)), overrides_note)
