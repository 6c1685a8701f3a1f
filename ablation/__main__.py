"""`ablate` and `python -m ablation`: what a signal does is settled before anything else is imported."""

import os
import signal
import sys

from ablation.cli import usage
from ablation.runtime import signals


def main() -> int:
    """See `ablation.cli.ablate.main`."""
    return _command("main")


def plan() -> int:
    """See `ablation.cli.ablate_plan.plan`."""
    return _command("plan")


def _command(name: str) -> int:
    signals.leave_at_once()
    arguments = sys.argv[1:]
    if usage.only_looks(arguments):
        signals.end_with_the_reader()
    if usage.asks_for_version(arguments):
        print(usage.version_line({"main": "ablate", "plan": "ablate-plan"}[name]))
        return 0
    if name == "main" and usage.is_bare(arguments):
        print(usage.USAGE)
        return 1
    os.environ["PYTHONSAFEPATH"] = "1"  # no process that is begun from here takes a module from the working folder
    from ablation.cli import ablate, ablate_plan

    try:
        return ablate_plan.plan() if name == "plan" else ablate.main()
    except BrokenPipeError:  # the reader of our output has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 128 + signal.SIGPIPE
    finally:
        signals.ignore()


if __name__ == "__main__":
    sys.exit(main())
