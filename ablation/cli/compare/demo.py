"""`ablate-compare --demo`: the plan, the verdict and the page of a study that was run, without any training."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.table import Table
from rich.text import Text

from ablation.cli.compare.arguments import PROGRAM, CompareArguments
from ablation.demo import records
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.report.tables.terminal import output_console
from ablation.rundir import layout, study_plan
from ablation.rundir.plan_parts import PlannedCell
from ablation.rundir.study_plan import StudyPlan
from ablation.statistics import power, protocol
from ablation.text import plural, typed_value

FOLDER = Path("ablate-demo")  # unless --out names another


def prepare(arguments: CompareArguments) -> CompareArguments:
    """Unpack the bundled runs, print their plan, and return the arguments that compare them.

    Raises AblateError for paths or --watch beside --demo, and if the folder contains other runs or is not writable.
    """
    if arguments.paths or arguments.watch:
        words = [str(path) for path in arguments.paths] + (["--watch"] if arguments.watch else [])
        raise AblateError(
            f"--demo compares bundled runs, which do not change. Received {printable(' '.join(words))} too. Allowed: "
            "--demo without a path and without --watch. Type for example ablate-compare --demo"
        )
    out = FOLDER if arguments.out == CompareArguments.out else arguments.out
    outputs = out / "outputs"
    if records.has_other_runs(outputs):
        raise AblateError(
            f"The demo would mix its runs with yours. Received --out {printable(str(out))}, where "
            f"{printable(str(outputs))} contains a run or a plan that is not of the demo. Allowed: a folder without "
            "runs. Type for example ablate-compare --demo --out /tmp/ablate-demo"
        )
    try:
        records.unpack(outputs)
    except OSError as error:
        raise AblateError(
            f"Cannot write the demo: {error.strerror}. Received --out {printable(str(out))}. Allowed: a writable "
            "folder on a disk with free space. Type for example ablate-compare --demo --out /tmp/ablate-demo"
        ) from error
    plan = study_plan.read_plan(layout.plan_path(outputs, records.STUDY))
    if plan is not None:
        show_plan(plan)
    words = [PROGRAM, str(outputs), "--out", str(out)]
    return replace(arguments, demo=False, paths=[outputs], out=out, command=words)


def show_plan(plan: StudyPlan) -> None:
    """Print what a study compares, and the smallest difference that it detects with 80 % power."""
    study, seeds = plan.study, len(plan.study.seeds)
    console = output_console()
    console.print(
        f"The plan, fixed before any run: {plural(len(study.components), 'component')}, "
        f"{plural(len(plan.cells), 'cell')}, {plural(seeds, 'seed')} each.\n"
    )
    table = Table("cell", "change from the baseline", "also changed", box=None, header_style="bold", pad_edge=False)
    for cell in plan.cells:
        table.add_row(*map(Text, (cell.name, _change(cell), ", ".join(cell.along))))
    console.print(table)
    level = protocol.LEVEL / plan.test.comparisons
    detectable = power.minimum_detectable_effect(seeds, level, paired=bool(plan.test.paired))
    console.print(
        f"\nWith {seeds} seeds and {plural(plan.test.comparisons, 'comparison')}, it has 80 % power to detect "
        f"{detectable:.1f} SD. Then every cell was trained with every seed:\n"
    )


def _change(cell: PlannedCell) -> str:
    """`model.norm=none (not batch)`, without the overrides that are declared to change with it."""
    along = {override.partition("=")[0] for override in cell.along}
    texts = []
    for key, (before, after) in cell.differs.items():
        if key not in along and key not in cell.implied:
            texts.append(f"{key}={typed_value(after)} (not {typed_value(before)})")
    return ", ".join(texts)


def next_steps(out: Path) -> Sequence[str]:
    """What to look at and to type after the demo."""
    return (
        f"These are the records of a study that was run: ablate -m +study={records.STUDY}. They are in "
        f"{out / 'outputs'}, without weights.",
        f"Open {out / 'report.html'}. List the runs: ablate-runs {out / 'outputs'}. Then train a study of your own, a "
        "minute on two cores: ablate -m +study=quickstart",
    )
