"""The command `ablate-plan`."""

import argparse
import sys

from ablation.cli import ablate, usage
from ablation.cli.invocation import PlanRequest


def plan() -> int:
    """`ablate-plan`: show and check a study without running it. Exit code 0: it is sound; 1: it is not, or is none."""
    options, words = _parser().parse_known_args()
    if {"-m", "--multirun"}.isdisjoint(words):
        words = ["-m", *words]
    sys.argv[1:] = words
    return ablate.main(PlanRequest(options.listed, options.measure, options.detect))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ablate-plan",
        usage="ablate-plan +study=NAME [overrides] [--list] [--measure] [--detect X]",
        allow_abbrev=False,
        description="Show what a study will run and the differences it can detect, check that each of its cells is an "
        "ablation, and freeze its plan. Each cell is trained only for a short check.",
        epilog="Other options and overrides are those of ablate: --config-dir DIR, study.seeds=5, model.width=8, …",
    )
    parser.add_argument(
        "--list",
        dest="listed",
        action="store_true",
        help="only list the cells and the differences they can detect, without TensorFlow",
    )
    parser.add_argument(
        "--measure", action="store_true", help="time a step of each cell here, to estimate the study's hours"
    )
    parser.add_argument(
        "--detect",
        metavar="X",
        help="seeds needed to detect this difference (80 %% power): accuracy (0.01, 1%%) or SDs (1.5sd)",
    )
    usage.add_version(parser)
    return parser
