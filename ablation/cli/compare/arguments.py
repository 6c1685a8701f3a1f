"""The options of `ablate-compare`."""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ablation.cli import usage
from ablation.cli.compare.table_arguments import add_table_options
from ablation.comparison.display.row_order import DECLARED
from ablation.comparison.results_table.options import AUTO
from ablation.report import overview
from ablation.report.tables.style import TableStyle

PROGRAM = "ablate-compare"


@dataclass(frozen=True)
class CompareArguments:
    """The parsed arguments of `ablate-compare`. Each field is the option of the same name.

    source: the option --from. command: the words of the whole command, for the report.
    """

    paths: Sequence[Path]
    out: Path = Path("comparison")
    study: str | None = None
    experiment: str | None = None
    where: Sequence[str] = ()
    tag: Sequence[str] = ()
    together: bool = False
    baseline: str | None = None
    metric: str | None = None
    select: str = "last"
    margin: float | None = None
    detect: float | None = None
    curve: str | None = None
    x_axis: str = "epoch"
    threshold: str | None = None
    check: Path | None = None
    watch: bool = False
    demo: bool = False
    no_captions: bool = False
    percent: bool = False
    decimals: int | None = None
    rename: Sequence[str] = ()
    caption: str | None = None
    label: str | None = None
    columns: Sequence[str] = ()
    sort: str = DECLARED
    variant: str | None = None
    seed: str | None = None
    block: str | None = None
    better: str | None = None
    take: str | None = None
    unit: str | None = None
    source: str = AUTO
    json: bool = False
    command: Sequence[str] = ()

    @property
    def has_out(self) -> bool:
        """Whether --out is typed."""
        return any(word == "--out" or word.startswith("--out=") for word in self.command)

    @property
    def style(self) -> TableStyle:
        """How tables are written. Raises AblateError for values that no table can have."""
        return TableStyle(
            percent=self.percent,
            decimals=self.decimals,
            rename=tuple(self.rename),
            caption=self.caption,
            label=self.label,
            columns=tuple(self.columns),
            sort=self.sort,
        ).checked()


class _PrintSchema(argparse.Action):
    """Print the JSON Schema of `--json`, and exit."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print((Path(overview.__file__).parent / "verdicts.schema.json").read_text(encoding="utf-8"), end="")
        parser.exit()


class Parser(usage.Parser):
    """The parser of the command."""

    def advice(self, message: str) -> str:
        example = ""
        if "--baseline" in message:
            example = " --baseline=-shortcut"  # a label can start with a dash
        elif "--rename" in message:
            example = " --rename=-shortcut='no shortcuts'"
        return f"Type for example {self.prog} outputs/*{example}"


def parse(words: Sequence[str]) -> CompareArguments:
    """Parse the arguments of `ablate-compare`. Exits for `--help`, `--version` and invalid arguments."""
    arguments_parser = parser()
    options = arguments_parser.parse_args(words)
    if not options.paths and not options.demo:
        arguments_parser.error("the following arguments are required: PATH")
    return CompareArguments(**vars(options), command=[PROGRAM, *words])


def parser() -> argparse.ArgumentParser:
    """Create the parser. Its options are the fields of `CompareArguments`."""
    parser = Parser(
        prog=PROGRAM,
        allow_abbrev=False,
        description="Compare completed runs: a table over seeds, a verdict for each variant against the baseline, "
        "learning curves, and a report for the browser. The baseline is that of the study, or --baseline. What differs "
        "from the study's plan makes the comparison exploratory.",
        epilog="Example: ablate-compare outputs/*. Exit codes: 0 = all runs compared; 1 = nothing to compare; 2 = some "
        "runs excluded or not comparable, or --check found differences.",
    )
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        type=Path,
        help="run directory, or folder with runs at any depth; or results of another program (see below)",
    )
    parser.add_argument(
        "--demo",
        action="store_true",
        help="show the plan, the verdict and the report of a bundled study, written to ablate-demo; needs no PATH",
    )
    add_table_options(parser)
    _add_narrowing(parser)
    _add_judging(parser)
    _add_writing(parser)
    _add_figures(parser)
    _add_style(parser)
    usage.add_version(parser)
    return parser


def _add_narrowing(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--study", metavar="NAME", help="show only this study")
    add("--experiment", metavar="NAME", help="show only the experiment with this name, or whose name begins with it")
    add(
        "--where",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="show only runs with this setting, such as model.width=16, seed<3 or data=digits; may be repeated",
    )
    add("--tag", metavar="T", action="append", default=[], help="show only runs with this tag; may be repeated")
    add(
        "--together",
        action="store_true",
        help="compare all runs in one exploratory table, whatever studies they belong to and whatever they differ in",
    )


def _add_judging(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--baseline",
        metavar="NAME",
        help="label of the baseline variant, or a beginning that only it has (default: the study's)",
    )
    add(
        "--metric",
        metavar="NAME",
        help="metric to test: test_accuracy, val_accuracy, val_loss, … (default: test_accuracy, or val_accuracy if a "
        "variant has no test accuracy); of a table, the column",
    )
    add(
        "--select",
        choices=("last", "best_val"),
        default="last",
        help="use the weights of the last epoch, or of the best validation epoch (default: %(default)s)",
    )
    add(
        "--margin",
        metavar="X",
        type=_above_zero,
        help="equivalence margin (TOST), in the metric's unit (default: the study's)",
    )
    add(
        "--detect",
        metavar="X",
        type=_above_zero,
        help="print the seeds that detect this difference with 80 %% power (default: the margin, or the planned "
        "difference)",
    )
    add(
        "--threshold",
        metavar="X",
        help="add a column: time until the validation accuracy (or loss) reaches X, in units of --x-axis",
    )


def _add_writing(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--out", metavar="DIR", type=Path, default=Path("comparison"), help="output folder (default: %(default)s)")
    add("--curve", metavar="NAME", help="metric of the curves: loss, learning_rate, … (default: that of the table)")
    add(
        "--x-axis",
        metavar="NAME",
        default="epoch",
        help="x-axis of the curves: epoch, step, images, seconds, macs (default: %(default)s)",
    )
    add(
        "--check",
        metavar="FILE",
        type=Path,
        help="only check that the committed table in FILE (.md, .tex, .csv, .json) still matches the runs",
    )
    add("--watch", action="store_true", help="compare again whenever a run ends, until Ctrl-C")
    add(
        "--json-schema",
        action=_PrintSchema,
        nargs=0,
        dest=argparse.SUPPRESS,
        help="print the JSON Schema of --json and exit",
    )
    add(
        "--json",
        action="store_true",
        help="print the verdicts as one JSON document, and nothing else; files are written only if --out is typed",
    )


def _add_style(parser: argparse.ArgumentParser) -> None:
    """Add the options of `TableStyle`."""
    add = parser.add_argument_group(
        "tables",
        "table.md, table.tex and table.json record these options, so that --check needs none of them; for summary.csv, "
        "type --rename and --sort again. summary.csv and table.json always have fractions and all columns.",
    ).add_argument
    add("--percent", action="store_true", help="accuracies in percent, differences in percentage points (pp)")
    add(
        "--decimals",
        metavar="N",
        type=_whole_number,
        help="decimals of the metric, 0 to 6 (default: as the runs justify)",
    )
    add(
        "--rename",
        metavar="LABEL=NAME",
        action="append",
        default=[],
        help="show a variant or component under another name, everywhere; repeat the option for each. For example "
        "--rename=-norm='w/o BatchNorm'",
    )
    add("--caption", metavar="TEXT", help="caption of the table; the usual one becomes its first note")
    add("--label", metavar="TEXT", help="label of the table in LaTeX (default: tab:ablation-STUDY)")
    add(
        "--columns",
        metavar="KEY,…",
        type=_words,
        default=(),
        help="columns behind the variant, in this order: metric, difference, p_adjusted, verdict, n, parameters, macs, "
        "time, … (default: all that decide; in LaTeX those that a paper needs)",
    )
    add(
        "--sort",
        metavar="ORDER",
        default=DECLARED,
        help="order of the rows: declared, or effect = the most harmful difference first (default: %(default)s)",
    )


def _whole_number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"received {text!r}, allowed is a whole number, such as 1") from None


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _add_figures(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-captions",
        action="store_true",
        help="draw the figures without the captions below them, which captions.md has too",
    )


def _above_zero(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"received {text!r}, allowed is a number above 0, such as 0.01")
    return number
