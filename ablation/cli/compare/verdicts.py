"""`ablate-compare --json`: the verdicts on standard output, for programs."""

import sys

from ablation.cli.compare import output
from ablation.cli.compare.arguments import PROGRAM, CompareArguments
from ablation.cli.compare.compared import compare_each, compare_one
from ablation.cli.compare.selected import excluded_runs
from ablation.comparison.experiments.experiment import Experiments
from ablation.report.overview.experiments import Overview
from ablation.report.overview.verdicts_json import verdicts_json


def print_verdicts(experiments: Experiments, arguments: CompareArguments) -> bool:
    """Print the verdicts as JSON, and write the files if --out is typed.

    Returns whether every variant and experiment could be compared. Raises AblateError if none can.
    """
    if len(experiments) == 1:
        overview, notes = Overview((compare_one(experiments.found[0], arguments),), experiments), []
    else:
        overview, notes = compare_each(experiments, arguments)
    if arguments.has_out:
        output.write(overview, arguments)
    for note in notes:
        print(f"{PROGRAM}: {note}", file=sys.stderr)
    sys.stdout.write(verdicts_json(overview, excluded_runs(experiments), arguments.detect))
    sys.stdout.flush()
    return output.all_compared(overview)
