"""Read the run of a directory, whether ablate trained it or ran a program of the user's own."""

from pathlib import Path

from ablation.comparison.reading import parse_record, program_record
from ablation.comparison.reading.parse_record import InternPool
from ablation.comparison.reading.run import Diverged, Run, Unfinished
from ablation.rundir import record as rundir_record
from ablation.rundir.record import COMMAND


def read(directory: Path, shared: InternPool | None = None) -> Run | Diverged | Unfinished:
    """Read a run. Raises Unreadable, with the reason, if it is damaged, or had not yet loaded its data."""
    record = rundir_record.read_record(directory)
    convert = program_record.convert if record.kind == COMMAND else parse_record.convert
    return convert(directory, record, shared or InternPool())
