"""One command: what it was asked for, and how its runs ended. Hydra hands neither on, so that it is looked up."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PlanRequest:
    """What `ablate-plan` was asked for beside the study.

    listed: only the list of cells. measure: time a step of each cell. detect: a difference to detect, as typed.
    """

    listed: bool
    measure: bool
    detect: str | None


@dataclass
class Invocation:
    """A command as it runs. plan: of `ablate-plan`, None for `ablate`. codes: exit codes of its runs and sweeps."""

    plan: PlanRequest | None = None
    codes: list[int] = field(default_factory=list)

    @property
    def program(self) -> str:
        """The command's name, with which its errors begin."""
        return "ablate-plan" if self.plan else "ablate"

    @property
    def code(self) -> int:
        """The command's exit code: the worst of its runs."""
        return max(self.codes, default=0)


_CURRENT: ContextVar[Invocation] = ContextVar("invocation")


@contextlib.contextmanager
def running(invocation: Invocation) -> Iterator[Invocation]:
    """Make it the current command while the block runs."""
    token = _CURRENT.set(invocation)
    try:
        yield invocation
    finally:
        _CURRENT.reset(token)


def current() -> Invocation:
    """The command that runs in this process; in a worker that a launcher started, one that nobody asks."""
    return _CURRENT.get(Invocation())
