"""What `ablate-compare` compares: the comparison of one experiment, or an overview of several."""

from collections.abc import Sequence
from dataclasses import replace

from ablation.cli.compare.arguments import CompareArguments
from ablation.cli.compare.table_request import is_table
from ablation.comparison.analysis import compare as analysis
from ablation.comparison.analysis import learning_curves, time_to_threshold
from ablation.comparison.analysis.baseline import UnknownVariant
from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.analysis.requested_test import Request
from ablation.comparison.experiments import naming
from ablation.comparison.experiments.experiment import Experiment, Experiments
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.report.overview.experiments import Compared, NotCompared, Overview
from ablation.report.tables.build import build_table, in_style
from ablation.report.tables.style import TableStyle
from ablation.report.wording import findings
from ablation.text import list_with_more

MAX_LISTED = 6  # experiments in one sentence


def compare_one(experiment: Experiment, arguments: CompareArguments, folder: str = "") -> Compared:
    """Compare one experiment. Raises AblateError for an unknown baseline, metric or name."""
    comparison = compare_in_style(experiment, arguments, arguments.style)
    sentences = findings.sentences(comparison, arguments.detect)
    return Compared(experiment, comparison, build_table(comparison, arguments.style), sentences, folder)


def compare_in_style(experiment: Experiment, arguments: CompareArguments, style: TableStyle) -> Comparison:
    """Compare an experiment, with the names, numbers and order of a style."""
    comparison = analysis.compare(experiment, _request(arguments, style))
    if arguments.threshold is not None:
        comparison = time_to_threshold.reach(comparison, arguments.threshold, arguments.x_axis)
    return in_style(comparison, style)


def _request(arguments: CompareArguments, style: TableStyle) -> Request:
    metric = None if is_table(arguments) else arguments.metric  # a table has only the one that was chosen
    return Request(arguments.baseline, metric, arguments.select, arguments.margin, style.rename)


def curve_of(arguments: CompareArguments) -> str | None:
    """The metric of the curves: the one given by --curve, else that of the table; None for the default."""
    if arguments.curve is None and arguments.metric is not None and not is_table(arguments):
        return learning_curves.validation_column(arguments.metric)
    return arguments.curve


# ---------------------------------------------------------------- several experiments


def compare_each(experiments: Experiments, arguments: CompareArguments) -> tuple[Overview, list[str]]:
    """Compare each experiment that has the baseline. Returns the overview, and a sentence on those that are left out.

    Raises AblateError if none can be compared as the options say.
    """
    folders = naming.folders([experiment.name for experiment in experiments])
    items: list[Compared | NotCompared] = []
    errors: list[AblateError] = []
    left_out: list[str] = []
    for experiment, folder in zip(experiments, folders, strict=True):
        if not experiment.runs.runs:
            items.append(NotCompared(experiment, "No run has completed so far."))
            continue
        try:
            items.append(compare_one(experiment, _with_own_names(experiment, arguments), folder))
        except UnknownVariant as error:
            errors.append(error)
            left_out.append(experiment.name)
        except AblateError as error:  # for example a metric that its runs do not have
            errors.append(error)
            items.append(NotCompared(experiment, str(error)))
    if not any(isinstance(item, Compared) for item in items):
        raise _of_all(errors)
    overview = Overview(tuple(items), experiments)
    _require_known_names(overview, arguments)
    return overview, _left_out(left_out, arguments.baseline)


def _with_own_names(experiment: Experiment, arguments: CompareArguments) -> CompareArguments:
    """The arguments without names of variants that only other experiments have."""
    foreign = analysis.names_of_others(experiment, _request(arguments, arguments.style))
    return replace(arguments, rename=[name for name in arguments.rename if name not in foreign])


def _require_known_names(overview: Overview, arguments: CompareArguments) -> None:
    """Raise AblateError for a name of a variant that no experiment has."""
    used: set[str] = set()
    for item in overview.compared:
        used.update(item.table.style.rename)
    unused = [name for name in arguments.rename if name not in used]
    if unused:
        compare_one(overview.compared[0].experiment, replace(arguments, rename=unused))


def _of_all(errors: Sequence[AblateError]) -> AblateError:
    """The error to report if no experiment can be compared: the first one, with the variants of all experiments."""
    unknown = [error for error in errors if isinstance(error, UnknownVariant)]
    if len(unknown) < len(errors):
        return errors[0]
    return UnknownVariant(unknown[0].name, list(dict.fromkeys(label for error in unknown for label in error.labels)))


def _left_out(names: Sequence[str], baseline: str | None) -> list[str]:
    if not names:
        return []
    listed = printable(list_with_more(names, MAX_LISTED, "; "))
    subject = "it has" if len(names) == 1 else "they have"
    return [f"Left out, because {subject} no variant {printable(str(baseline))}: {listed}."]
