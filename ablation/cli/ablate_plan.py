"""The command `ablate-plan`."""

import sys

from ablation.cli import ablate, usage
from ablation.cli.invocation import PlanRequest

RUN_NOTHING = (
    "ablate-plan runs nothing. Received --run. Allowed: +study=NAME, overrides and the options of ablate-plan --help. "
    "Leave --run out, or type ablate for a run"
)


def plan() -> int:
    """Run `ablate-plan`: show and check a study without running it. Returns 0 if the study is valid, otherwise 1."""
    options, words = _parser().parse_known_args()
    if not {"-r", "--run"}.isdisjoint(words):
        print(f"ablate-plan: {RUN_NOTHING}", file=sys.stderr)
        return 1
    if {"-m", "--multirun"}.isdisjoint(words) and not usage.only_looks(words):
        words = ["-m", *words]
    sys.argv[1:] = words
    return ablate.main(PlanRequest(options.listed, options.measure, options.detect))


def _parser() -> usage.Parser:
    parser = usage.Parser(
        prog="ablate-plan",
        usage="ablate-plan +study=NAME [overrides] [--list] [--measure] [--detect X]",
        allow_abbrev=False,
        description="Check that each cell of a study is a valid ablation, show what the study will run and which "
        "difference it can detect, and freeze its plan. Each cell is trained for a few steps only.",
        epilog="All options and overrides of ablate work too: --config-dir DIR, study.seeds=5, model.width=8, …",
    )
    parser.add_argument(
        "--list",
        dest="listed",
        action="store_true",
        help="only list the cells and the detectable difference, without importing TensorFlow",
    )
    parser.add_argument(
        "--measure", action="store_true", help="time one step of each cell, to estimate the study's training time"
    )
    parser.add_argument(
        "--detect",
        metavar="X",
        help="print the seeds needed to detect this difference (80 %% power), in accuracy (0.01, 1%%) or SDs (1.5sd)",
    )
    usage.add_version(parser)
    return parser
