"""`ablate` and `python -m ablation`. Signal handlers are installed before anything heavy is imported."""

import functools
import os
import sys

from ablation.cli import usage
from ablation.errors import AblateError
from ablation.runtime import environment, signals, users_environment

PROGRAMS = {"main": "ablate", "plan": "ablate-plan"}


def main() -> int:
    """Run `ablate`; see `ablation.cli.ablate.main`."""
    return _command("main")


def plan() -> int:
    """Run `ablate-plan`; see `ablation.cli.ablate_plan.plan`."""
    return _command("plan")


def _command(name: str) -> int:
    signals.leave_at_once()
    environment.settle_streams()
    try:
        return signals.until_the_reader_leaves(functools.partial(_run, name))
    finally:
        signals.ignore()


def _run(name: str) -> int:
    arguments = sys.argv[1:]
    if usage.only_looks(arguments):
        signals.end_with_the_reader()
    if usage.asks_for_version(arguments):
        print(usage.version_line(PROGRAMS[name]))
        return 0
    if name == "main" and usage.is_bare(arguments):
        print(usage.USAGE)
        return 1
    users_environment.remember()
    usage.without_windows()
    try:
        environment.settle()
        if not usage.only_looks(arguments):
            environment.require_temporary_folder()
    except AblateError as error:
        print(f"{PROGRAMS[name]}: {error}", file=sys.stderr)
        return error.code
    os.environ["PYTHONSAFEPATH"] = "1"  # child processes must not import modules from the working directory
    from ablation.cli import ablate, ablate_plan

    return ablate_plan.plan() if name == "plan" else ablate.main()


if __name__ == "__main__":
    sys.exit(main())
