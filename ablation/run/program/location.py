"""Locate the run of a program."""

from pathlib import Path

from ablation.config.program import fingerprint
from ablation.config.program.spec import ProgramConfig, program_name
from ablation.run.place import RunLocation
from ablation.rundir import files, layout


def locate(config: ProgramConfig) -> RunLocation:
    """Locate the run of a program. Creates no files. Raises AblateError if its code or data cannot be read."""
    run_fingerprint = files.digest(fingerprint.content(config))
    name = layout.program_run_name(program_name(config.program.command), config.seed, run_fingerprint)
    return RunLocation(Path(config.outputs), name, run_fingerprint)
