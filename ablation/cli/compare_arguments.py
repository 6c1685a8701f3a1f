"""The options of `ablate-compare`."""

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from ablation.cli import usage
from ablation.redaction import printable

PROGRAM = "ablate-compare"


@dataclass(frozen=True)
class CompareArguments:
    """What is compared, how it is judged, and what is written; each field as the option of its name.

    command: the words of the command, which the report repeats.
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


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one paragraph, like all others here."""

    def error(self, message: str) -> NoReturn:
        example = " --baseline=-shortcut" if "--baseline" in message else ""  # a label may begin as an option does
        self.exit(2, f"{self.prog}: {printable(message)}. Type for example {self.prog} outputs/*{example}\n")


def parse(words: Sequence[str]) -> CompareArguments:
    """Parse the words behind `ablate-compare`. Ends the program for `--help`, `--version` and words that are wrong."""
    options = parser().parse_args(words)
    return CompareArguments(**vars(options), command=[PROGRAM, *words])


def parser() -> argparse.ArgumentParser:
    """The parser of the command, whose options are the fields of `CompareArguments`."""
    parser = Parser(
        prog=PROGRAM,
        allow_abbrev=False,
        description="Compare completed runs: a table over seeds, the verdict against a baseline, overlaid learning "
        "curves, and a report to open in a browser. The baseline is the study's, or the one that you name.",
        epilog="Example: ablate-compare outputs/*   Exit codes: 0 all compared, 1 nothing to compare, 2 some excluded "
        "or not comparable, or the checked table stale.",
    )
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="a run, or a folder with runs at any depth")
    _add_judging(parser)
    _add_writing(parser)
    usage.add_version(parser)
    return parser


def _add_judging(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--study", metavar="NAME", help="use this study's plan, when the runs belong to several studies")
    add("--baseline", metavar="NAME", help="label of the variant to compare the others with (default: the study's)")
    add(
        "--metric", metavar="NAME", help="test_accuracy, val_accuracy, val_loss, … (default: test accuracy if all have)"
    )
    add("--select", choices=("last", "best_val"), default="last", help="weights of the last or the best epoch")
    add("--margin", metavar="X", type=_above_zero, help="equivalence margin (TOST), in the metric's unit")
    add("--detect", metavar="X", type=_above_zero, help="seeds needed to detect this difference (80 %% power)")
    add("--threshold", metavar="X", help="time until this validation accuracy (or loss), in units of --x-axis")


def _add_writing(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--out", metavar="DIR", type=Path, default=Path("comparison"), help="output folder (default: %(default)s)")
    add("--curve", metavar="NAME", help="the curves' metric: loss, learning_rate, … (default: that of the table)")
    add(
        "--x-axis",
        metavar="NAME",
        default="epoch",
        help="x-axis of curves: epoch, step, images, seconds, macs (default: %(default)s)",
    )
    add(
        "--check",
        metavar="FILE",
        type=Path,
        help="verify that a committed table (.md, .tex, .csv, .json) still matches the runs",
    )
    add("--watch", action="store_true", help="compare again whenever a run has ended, until Ctrl-C")


def _above_zero(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"received {text!r}, allowed is a number above 0, such as 0.01")
    return number
