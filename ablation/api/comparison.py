"""`ablation.compare`: a comparison that shows itself in a notebook."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypedDict

from ablation.api.paths import Paths, as_paths
from ablation.cli.compare.arguments import CompareArguments
from ablation.cli.compare.compared import compare_each, compare_one, curve_of
from ablation.cli.compare.selected import selected
from ablation.cli.compare.table_request import require_meaning
from ablation.comparison.analysis import learning_curves
from ablation.comparison.analysis.metrics import BEST, LAST
from ablation.comparison.results_table.options import DIRECTIONS, SOURCES, TAKES, UNITS
from ablation.errors import AblateError, nearest, unknown
from ablation.redaction import printable
from ablation.report.overview.experiments import Compared
from ablation.report.tables import export, latex, markdown
from ablation.report.wording.warnings import warning_sentences
from ablation.text import list_with_more, plural

if TYPE_CHECKING:
    import pandas as pd

    from ablation.comparison.experiments.experiment import Experiment
    from ablation.report.figures.files import Figure
    from ablation.report.plots.plot_data import PlotData

MAX_LISTED = 6  # experiments in one message
NEEDS = {  # figure: what a comparison needs to have it
    "overlay": "a completed run",
    "difference": "a baseline, and a variant to compare with it",
    "forest": "a baseline, and a variant to compare with it over several seeds",
    "means": "several variants with results",
    "effects": "the cells of a factorial study",
    "interaction": "the cells of a factorial study",
    "tradeoff": "several variants whose costs differ",
}
COMMAND = r"(?P<command>ablate-[a-z]+ [^,;]*)"  # in an error
OPTION = re.compile(rf"{COMMAND}|--(?P<name>[a-z][a-z-]*)(?P<is_named_alone> out\b)?(?P<between>[ =]?)")
FLAGS = ("together", "percent")
CHOICES = (  # option, what it names, its values
    ("select", "choice of weights", (LAST, BEST)),
    ("better", "direction", DIRECTIONS),
    ("take", "choice of a row", TAKES),
    ("unit", "unit", UNITS),
    ("source", "program", SOURCES),
)


class CompareOptions(TypedDict, total=False):
    """The options of `ablation.compare`: those of `ablate-compare` under the same names, with the same defaults.

    - `study`, `experiment`: show only the study or experiment with this name.
    - `where`: only runs with these settings, `["model.width=16", "seed<3"]`. `tag`: only runs with these tags.
    - `together`: compare all runs in one exploratory table, whatever they differ in.
    - `baseline`: the label of the baseline variant, or a beginning that only it has; the study's by default.
    - `metric`: `test_accuracy`, `val_accuracy`, `val_loss`, …; `select`: the weights, `last` or `best_val`.
    - `margin`: the equivalence margin (TOST), in the metric's unit.
    - `detect`: say how many seeds detect this difference.
    - `threshold`: add the time until the validation accuracy (or loss) reaches this value.
    - `curve`, `x_axis`: metric and x-axis of the curves (`epoch`, `step`, `images`, `seconds` or `macs`).
    - `percent`, `decimals`, `rename` (`{"-norm": "w/o BatchNorm"}`), `caption`, `label`, `columns`, `sort` (`declared`
      or `effect`): how the table is written.
    - `variant`, `seed`, `block`: columns of results of another program, as `metric` is; `better`: `higher` or `lower`;
      `take`: `last`, `max`, `min` or `mean`; `unit`: `percent` or `fraction`; `source`: the program,
      `--from` of the command.
    """

    study: str | None
    experiment: str | None
    where: str | Sequence[str]
    tag: str | Sequence[str] | None
    together: bool
    baseline: str | None
    metric: str | None
    select: str
    margin: float | None
    detect: float | None
    threshold: float | None
    curve: str | None
    x_axis: str
    percent: bool
    decimals: int | None
    rename: Mapping[str, str]
    caption: str | None
    label: str | None
    columns: Sequence[str]
    sort: str
    variant: str | None
    seed: str | None
    block: str | None
    better: str | None
    take: str | None
    unit: str | None
    source: str


class Comparison:
    """A comparison of runs. As the last value of a notebook's cell it shows its verdicts and its table.

    `print` shows the verdicts as text.
    """

    def __init__(self, compared: Compared, arguments: CompareArguments):
        self._compared, self._arguments = compared, arguments

    @property
    def name(self) -> str:
        """The name of the study, or of the experiment that these runs form."""
        return self._compared.experiment.name

    @property
    def baseline(self) -> str | None:
        """The label of the baseline; None if the variants are only described."""
        return self._compared.comparison.baseline

    @property
    def verdicts(self) -> dict[str, str | None]:
        """The verdict on each variant other than the baseline, by its label: `better`, `worse`, `equivalent` or
        `inconclusive`; None without one, for which the column `excluded` of `frame()` gives the reason."""
        records = self._compared.table.records
        return {each.summary.variant: each.verdict for each in records if each.summary.variant != self.baseline}

    @property
    def sentences(self) -> tuple[str, ...]:
        """The verdicts in words, the reasons for missing ones, the test, and warnings."""
        warnings = warning_sentences(self._compared.comparison)
        return tuple(dict.fromkeys([*self._compared.sentences, *warnings]))

    def frame(self) -> pd.DataFrame:
        """A row for each variant, with the numbers of `table.json` and the columns of `summary.csv`.

        Accuracies are fractions of 1, also with `percent`. `mean`, `sd`, `ci_low`, `ci_high`: of the metric over seeds.
        `difference`, `difference_ci_low`, `difference_ci_high`, `p`, `p_adjusted`, `verdict`: against the baseline.
        Unknown numbers are missing values; `excluded` is the reason where there is no verdict. Lists, such as the
        seeds, are joined by semicolons.
        """
        return export.frame(self._compared.table)

    def markdown(self) -> str:
        """The table in Markdown with caption and notes, as in `table.md`; `ablate-compare --check` can verify it."""
        return markdown.markdown(self._compared.table)

    def latex(self) -> str:
        """The table in LaTeX with caption and notes, as in `table.tex`."""
        return latex.latex(self._compared.table)

    def figure(self, kind: str = "overlay", captioned: bool = True) -> Figure:
        """Draw a figure of the report.

        kind: `overlay` (learning curves), `difference` (of the curves from the baseline's), `forest` (differences with
        their 95 % CIs), `means`, `effects` and `interaction` (of a factorial study) or `tradeoff` (against the costs).
        captioned: whether to write the caption below it.
        Returns a figure that shows itself in a notebook and can be changed and saved, `figure.savefig("overlay.pdf")`.
        It is not one of pyplot's. Raises AblateError for a figure that this comparison does not have.
        """
        from ablation.report.figures import files  # imported late because Matplotlib is slow

        plots = self._plots()
        drawn = files.names(plots)
        if kind not in NEEDS:
            raise unknown("figure", repr(kind), map(repr, NEEDS), "kind")
        if kind not in drawn:
            raise AblateError(
                f"This comparison has no figure {kind}, which needs {NEEDS[kind]}. Received kind={kind!r}. Allowed: "
                f"{', '.join(map(repr, drawn))}. Type for example kind={drawn[0]!r}"
            )
        return files.figure(plots, kind, captioned)

    def _plots(self) -> PlotData:
        from ablation.report.plots.build import plot_data

        return plot_data(self._compared.comparison, curve_of(self._arguments), self._arguments.x_axis)

    def __repr__(self) -> str:
        variants = self._compared.comparison.variants
        head = f"Comparison of {plural(len(variants), 'variant')}, {plural(sum(len(v.runs) for v in variants), 'run')}"
        return "\n".join(printable(text) for text in (f"{head}: {self.name}", *self.sentences))

    def _repr_html_(self) -> str:
        from ablation.report.html.notebook import comparison_html

        return comparison_html(self._compared, self.sentences)


# ---------------------------------------------------------------- from the arguments


def compare(paths: Paths, **options: Any) -> Comparison:
    """Compare runs; see `ablation.compare`."""
    with _in_python_words():
        arguments = _arguments(paths, options)
        learning_curves.check(arguments.curve, arguments.x_axis)
        require_meaning(arguments)
        experiments = selected(arguments)
        if len(experiments) == 1:
            return Comparison(compare_one(experiments.found[0], arguments), arguments)
        overview, _ = compare_each(experiments, arguments)
        if len(overview.items) > 1:
            raise _several([item.experiment for item in overview.items], arguments)
        return Comparison(overview.compared[0], arguments)


def _arguments(paths: Paths, options: Mapping[str, Any]) -> CompareArguments:
    """The arguments of the command with the same options. Raises AblateError for an option that it does not have."""
    allowed = list(CompareOptions.__annotations__)
    for name in options:
        if name not in allowed:
            raise AblateError(
                f"Unknown option of ablation.compare. Received {name}={options[name]!r}. Allowed: "
                f"{', '.join(allowed)}. Type for example {nearest(name, allowed)}=…"
            )
    values = dict(options)
    for name in ("where", "tag", "columns"):
        if name in values:
            values[name] = _several_texts(values[name])
    if "rename" in values:
        values["rename"] = tuple(f"{label}={shown}" for label, shown in values["rename"].items())
    if values.get("threshold") is not None:
        values["threshold"] = str(values["threshold"])
    _check(values)
    return CompareArguments(paths=as_paths(paths), **values)


def _several_texts(value: str | Sequence[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _check(values: Mapping[str, Any]) -> None:
    """Raise AblateError for values that the parser of the command refuses."""
    for name in ("margin", "detect"):
        value = values.get(name)
        if value is not None and not 0 < value < math.inf:
            raise AblateError(
                f"{name} is out of range. Received {name}={value!r}. Allowed: a number above 0. Type for example "
                f"{name}=0.01"
            )
    for name, noun, words in CHOICES:
        if values.get(name) is not None and values[name] not in words:
            raise unknown(noun, repr(values[name]), map(repr, words), name)


def _several(experiments: Sequence[Experiment], arguments: CompareArguments) -> AblateError:
    """The error for several experiments, of which none was chosen."""
    names = [printable(experiment.name) for experiment in experiments]
    paths = list_with_more([printable(str(path)) for path in arguments.paths], MAX_LISTED)
    return AblateError(
        f"ablation.compare shows one experiment, and there are {len(names)}: "
        f"{list_with_more(names, MAX_LISTED, '; ')}. Received {paths}. Allowed: the study or experiment with one of "
        f"these names, or together=True for one exploratory table of all runs. Type for example experiment={names[0]!r}"
    )


@contextmanager
def _in_python_words() -> Iterator[None]:
    """Name options in errors as arguments: `x_axis=step` for `--x-axis step`."""
    try:
        yield
    except AblateError as error:
        text = OPTION.sub(_argument, str(error))
        if text == str(error):
            raise
        raise AblateError(text) from None


def _argument(option: re.Match[str]) -> str:
    name = (option["name"] or "").replace("-", "_").replace("from", "source")
    if option["command"] or name not in CompareOptions.__annotations__:
        return option[0]
    if option["is_named_alone"]:
        return f"{name} out{option['between']}"
    return f"{name}=True{option['between']}" if name in FLAGS else f"{name}="
