"""The command `ablate-plan`."""

import argparse
import sys

from ablation.cli import usage
from ablation.cli.ablate import main
from ablation.cli.invocation import plan_requests


def plan() -> int:
    """`ablate-plan`: look at a study and run nothing. 0 it is sound, 1 it is not, or is none."""
    asked, words = _plan_parser().parse_known_args()
    sys.argv[1:] = words if {"-m", "--multirun"} & set(words) else ["-m", *words]
    plan_requests.append(vars(asked))
    try:
        return main()
    finally:
        plan_requests.clear()


def _plan_parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="ablate-plan",
        usage="ablate-plan +study=NAME [overrides] [--list] [--measure] [--detect X]",
        allow_abbrev=False,
        description="Show what a study will run and what it can tell, check that each of its cells is an ablation, and "
        "freeze its plan. Nothing is trained but three steps of each cell.",
        epilog="Other options and overrides are those of ablate: --config-dir DIR, study.seeds=5, model.width=8, …",
    )
    made.add_argument(
        "--list", dest="listed", action="store_true", help="the cells and what they can tell; without TensorFlow"
    )
    made.add_argument("--measure", action="store_true", help="time a step of each cell here, and so the study's hours")
    made.add_argument(
        "--detect", metavar="X", help="seeds needed to detect a difference: accuracy (0.01, 1%%) or deviations (1.5sd)"
    )
    usage.add_version(made)
    return made
