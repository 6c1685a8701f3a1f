"""State of one command: exit codes of its runs, and what `ablate-plan` asks for."""

from typing import Any

exit_codes: list[int] = []  # of this command's runs; Hydra's main returns nothing
plan_requests: list[dict[str, Any]] = []  # what ablate-plan is asked for, while it runs


def looking() -> dict[str, Any] | None:
    """What ablate-plan is asked for, as `conduct.look` takes it; None where the command is ablate."""
    return plan_requests[-1] if plan_requests else None


def report(code: int) -> None:
    """Let a sweeper say how its sweep ended."""
    exit_codes.append(code)
