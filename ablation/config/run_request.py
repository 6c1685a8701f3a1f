"""A requested run as a plain value, passed from the command line to the process that executes it."""

from dataclasses import dataclass
from typing import Any

from ablation.config.schema import Config


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
