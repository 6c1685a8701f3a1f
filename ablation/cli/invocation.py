"""The state of the current command, kept in a context variable because Hydra does not pass it on to its tasks."""

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PlanRequest:
    """The options of `ablate-plan`.

    listed: only list the cells. measure: time a step of each cell. detect: a difference to detect, as typed.
    """

    listed: bool
    measure: bool
    detect: str | None


@dataclass
class Invocation:
    """A running command.

    plan: None for `ablate`. codes: the exit codes of its runs and sweeps so far. config_options: `--config-dir` and its
    like as typed, each followed by its value.
    """

    plan: PlanRequest | None = None
    codes: list[int] = field(default_factory=list)
    config_options: list[str] = field(default_factory=list)

    @property
    def program(self) -> str:
        """The command's name, which precedes its error messages."""
        return "ablate-plan" if self.plan else "ablate"

    @property
    def code(self) -> int:
        """The command's exit code: the highest of its runs."""
        return max(self.codes, default=0)


_CURRENT: ContextVar[Invocation] = ContextVar("invocation")


@contextlib.contextmanager
def running(invocation: Invocation) -> Iterator[Invocation]:
    """Make this the current command within the context."""
    token = _CURRENT.set(invocation)
    try:
        yield invocation
    finally:
        _CURRENT.reset(token)


def current() -> Invocation:
    """The command that runs in this process; in a launcher's worker, a placeholder."""
    return _CURRENT.get(Invocation())
