"""The options of `ablate-compare`."""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ablation.cli import usage

PROGRAM = "ablate-compare"


@dataclass(frozen=True)
class CompareArguments:
    """The parsed arguments of `ablate-compare`. Each field is the option of the same name.

    command: the words of the whole command, for the report.
    """

    paths: Sequence[Path]
    out: Path = Path("comparison")
    study: str | None = None
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
    command: Sequence[str] = ()


class Parser(usage.Parser):
    """The parser of the command."""

    def advice(self, message: str) -> str:
        example = " --baseline=-shortcut" if "--baseline" in message else ""  # a label can start with a dash
        return f"Type for example {self.prog} outputs/*{example}"


def parse(words: Sequence[str]) -> CompareArguments:
    """Parse the arguments of `ablate-compare`. Exits for `--help`, `--version` and invalid arguments."""
    options = parser().parse_args(words)
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
        "paths", metavar="PATH", nargs="+", type=Path, help="run directory, or folder with runs at any depth"
    )
    _add_judging(parser)
    _add_writing(parser)
    usage.add_version(parser)
    return parser


def _add_judging(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--study", metavar="NAME", help="use this study's plan, if there are several below the paths")
    add(
        "--baseline",
        metavar="NAME",
        help="label of the baseline variant, or a beginning that only it has (default: the study's)",
    )
    add(
        "--metric",
        metavar="NAME",
        help="metric to test: test_accuracy, val_accuracy, val_loss, … (default: test_accuracy, or val_accuracy if a "
        "variant has no test accuracy)",
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


def _above_zero(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"received {text!r}, allowed is a number above 0, such as 0.01")
    return number
