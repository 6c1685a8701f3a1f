"""A requested run as a plain value, passed from the command line to the process that executes it."""

from dataclasses import dataclass
from typing import Any

from ablation.config.program.spec import ProgramConfig
from ablation.config.schema import Config

RunConfig = Config | ProgramConfig  # of a run of ours, or of a program of the user's own


@dataclass(frozen=True)
class RunRequest:
    """A requested run. It can be pickled: it contains only built-in types and the dataclasses of the schema.

    config: checked, in normal form; the only field with values of environment variables, which may be secret.
    record: the config as it is recorded, with `${oc.env:…}` unresolved. overrides: as typed. yaml: the config before
    it was resolved.
    """

    config: Config
    record: dict[str, Any]
    overrides: tuple[str, ...]
    yaml: str


@dataclass(frozen=True)
class ProgramRequest:
    """A requested run of a program of the user's own. It can be pickled. overrides: its flags and seed, as texts."""

    config: ProgramConfig
    overrides: tuple[str, ...]


Job = RunRequest | ProgramRequest
