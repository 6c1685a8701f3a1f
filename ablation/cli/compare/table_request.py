"""Whether `ablate-compare` is to read a table of another program, and which options have no meaning together."""

from dataclasses import dataclass

from ablation.cli.compare.arguments import PROGRAM, CompareArguments
from ablation.comparison.results_table.options import AUTO, TableOptions
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.rundir import layout

EXAMPLE = "ablate-compare results.csv --variant model --seed seed --metric test_acc"


@dataclass(frozen=True)
class Meaningless:
    """An option that a table gives no meaning. typed: with its value; empty if it is not typed. reason: in a clause."""

    typed: str
    reason: str


def is_table(arguments: CompareArguments) -> bool:
    """Return whether an option that only tables have is typed, or all paths are files other than records.

    Of `outputs/*`, files beside the directories of runs are passed over.
    """
    typed = (arguments.variant, arguments.seed, arguments.block, arguments.better, arguments.take, arguments.unit)
    if any(typed) or arguments.source != AUTO:
        return True
    files = [path for path in arguments.paths if path.is_file() and path.name != layout.RECORD]
    return bool(files) and len(files) == len(arguments.paths)


def table_options(arguments: CompareArguments) -> TableOptions:
    """How to read the table. Raises AblateError for an option that has no meaning with a table."""
    for each in _meaningless(arguments):
        if each.typed:
            raise AblateError(
                f"An option has no meaning with results of another program, because {each.reason}. Received "
                f"{printable(each.typed)}. Allowed: options that do not need records of ablate. Leave this one out, "
                f"and type for example {EXAMPLE}"
            )
    return TableOptions(
        variant=arguments.variant,
        seed=arguments.seed,
        metric=arguments.metric,
        block=arguments.block,
        better=arguments.better,
        take=arguments.take,
        source=arguments.source,
        unit=arguments.unit,
        where=tuple(arguments.where),
    )


def require_meaning(arguments: CompareArguments) -> None:
    """Raise AblateError for options that have no meaning together, before anything is read."""
    if arguments.json:
        _require_alone(arguments)
    if is_table(arguments):
        table_options(arguments)


def _require_alone(arguments: CompareArguments) -> None:
    """Raise AblateError for an option that prints something else on standard output."""
    for option, is_typed in (("--check", arguments.check), ("--watch", arguments.watch), ("--demo", arguments.demo)):
        if is_typed:
            raise AblateError(
                f"--json prints one document and nothing else. Received {option} too. Allowed: --json without "
                f"{option}. Type for example {PROGRAM} outputs/* --json"
            )


def _meaningless(arguments: CompareArguments) -> tuple[Meaningless, ...]:
    default = CompareArguments(())
    select = "" if arguments.select == default.select else f"--select {arguments.select}"
    x_axis = "" if arguments.x_axis == default.x_axis else f"--x-axis {arguments.x_axis}"
    no_curves = "there are no learning curves"
    return (
        Meaningless(_typed("--study", arguments.study), "no study planned them"),
        Meaningless(_typed("--experiment", arguments.experiment), "a table is one experiment"),
        Meaningless("--together" if arguments.together else "", "a table is one experiment"),
        Meaningless(_typed("--tag", arguments.tag[0] if arguments.tag else None), "they have no tags of ablate"),
        Meaningless(select, "only the program knows which weights it evaluated"),
        Meaningless(_typed("--threshold", arguments.threshold), no_curves),
        Meaningless(_typed("--curve", arguments.curve), no_curves),
        Meaningless(x_axis, no_curves),
        Meaningless("--watch" if arguments.watch else "", "a table changes only when it is exported again"),
    )


def _typed(option: str, value: str | None) -> str:
    return "" if value is None else f"{option} {value}"
