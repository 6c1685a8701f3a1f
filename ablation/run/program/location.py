"""Locate the run of a program."""

from pathlib import Path

from ablation.config.program import fingerprint
from ablation.config.program.spec import ProgramConfig
from ablation.run.place import RunLocation
from ablation.rundir import files, layout

SCRIPTS = (".py", ".sh", ".r", ".jl", ".rb", ".pl", ".js", ".ipynb")


def locate(config: ProgramConfig) -> RunLocation:
    """Locate the run of a program. Creates no files. Raises AblateError if its code or data cannot be read."""
    run_fingerprint = files.digest(fingerprint.content(config))
    name = layout.program_run_name(program_name(config), config.seed, run_fingerprint)
    return RunLocation(Path(config.outputs), name, run_fingerprint)


def program_name(config: ProgramConfig) -> str:
    """The name of the script that the command runs, without its ending, or else of the program."""
    for word in config.program.command:
        if Path(word).suffix.lower() in SCRIPTS:
            return Path(word).stem
    return Path(config.program.command[0]).stem
