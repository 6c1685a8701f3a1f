"""The starting point of a run: a checkpoint, the beginning, or a new directory beside earlier runs."""

from dataclasses import dataclass, replace
from pathlib import Path

from ablation.errors import AblateError
from ablation.run.place import RunLocation
from ablation.rundir import files, layout
from ablation.rundir.record_parts import Exactness
from ablation.runtime import console, provenance
from ablation.training import checkpoint
from ablation.training.checkpoint import Checkpoint


@dataclass(frozen=True)
class StartingPoint:
    """The directory of a run, and its checkpoint without arrays, which is empty if it starts from the beginning."""

    directory: Path
    checkpoint: Checkpoint


def starting_point(where: RunLocation, is_rerun: bool) -> StartingPoint:
    """Find the starting point of a run. A rerun, or a run started by other code, gets a new directory."""
    if is_rerun:
        return StartingPoint(layout.next_attempt(where.outputs, where.name), Checkpoint())
    for directory in reversed(layout.attempts(where.outputs, where.name)):
        try:
            saved = checkpoint.load_header(directory / layout.CHECKPOINT)
        except files.Unreadable as error:
            say_unusable(directory, error)
            return StartingPoint(directory, Checkpoint())
        if saved is None:
            return StartingPoint(directory, Checkpoint())
        if saved.code == provenance.code():
            return StartingPoint(directory, saved)
        console.say(f"{directory} was started by a different version of the code, and cannot be resumed by this one")
    return StartingPoint(layout.next_attempt(where.outputs, where.name), Checkpoint())


def load_checkpoint(start: StartingPoint) -> Checkpoint:
    """The checkpoint with its arrays; an empty one if there is none or its arrays are damaged."""
    if not start.checkpoint.step:
        return Checkpoint()
    try:
        return checkpoint.load(start.directory / layout.CHECKPOINT) or Checkpoint()
    except files.Unreadable as error:
        say_unusable(start.directory, error)
        return Checkpoint()


def say_unusable(directory: Path, error: files.Unreadable) -> None:
    """Print that the checkpoint is damaged and the run starts from the beginning."""
    console.say(f"{directory}: the checkpoint is unusable ({error}); starting from the beginning")


def resumed_exactness(before: Exactness, now: Exactness, exact: str) -> Exactness:
    """The `exactness` of a resumed run, which is no longer bit-exact if the environment class has changed.

    before: that of its earlier steps, empty if there are none. exact: `mark`, or `required`, which raises
    AblateError instead.
    """
    if before == Exactness():
        return now
    earlier = before.environment()
    changed = [name for name, value in now.environment().items() if value != earlier.get(name)]
    if exact == "required" and (changed or not before.exact):
        raise _not_exact(before, now, changed)
    if changed:
        console.say(f"Started under different conditions ({', '.join(changed)}); resumed and flagged as not bit-exact")
    return replace(now, exact=bool(now.exact and before.exact and not changed))


def _not_exact(before: Exactness, now: Exactness, changed: list[str]) -> AblateError:
    then, here = before.environment(), now.environment()
    changes = [f"{name}: {then.get(name)} then, {here[name]} now" for name in changed]
    received = "; ".join(changes) or "a run that is not bit-exact already"
    return AblateError(
        "The run was started under different conditions, and resuming it here would not be bit-exact. "
        f"Received exact=required, and {received}. Allowed: the same machine, versions, threads and data. Type "
        "exact=mark to resume it flagged as not bit-exact, or rerun=true to repeat it from the start"
    )
