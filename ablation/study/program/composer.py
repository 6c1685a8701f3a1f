"""Compose the runs of a program from flags, in place of Hydra's composition of overrides."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ablation.config.program.flags import parse_flags
from ablation.config.program.spec import Program, ProgramConfig
from ablation.config.schema import Config

SEED = "seed"  # a study sets it; no flag has this name


class ProgramComposer:
    """Composes flags into the configuration of a run; see `cells.Composer`."""

    def __init__(self, program: Program, scheduling: Config):
        """scheduling: a configuration with the keys of the command that a sweep reads, such as `n_jobs`."""
        self._plain = ProgramConfig(
            program=program,
            flags={},
            folder=str(Path.cwd()),
            outputs=scheduling.outputs,
            name=scheduling.name,
            tags=scheduling.tags,
            rerun=scheduling.rerun,
            n_jobs=scheduling.n_jobs,
            job_timeout=scheduling.job_timeout,
            max_retries=scheduling.max_retries,
        )

    def config(self, overrides: Sequence[str]) -> ProgramConfig:
        """The configuration with these flags, of which the last of each name counts."""
        flags = parse_flags(overrides)
        seed = flags.pop(SEED, 0)
        return dataclasses.replace(self._plain, flags=flags, seed=seed)

    def resolved(self, overrides: Sequence[str]) -> dict[str, Any]:
        """The values of all flags."""
        return self.config(overrides).flags
