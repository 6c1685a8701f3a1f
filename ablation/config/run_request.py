"""One cell as a plain value, from the command line to the process that runs it."""

from dataclasses import dataclass
from typing import Any

from ablation.config.schema import Config


@dataclass(frozen=True)
class RunRequest:
    """A checked config; the same as it goes into the record, what the user typed, and the YAML before resolving.

    Only `config` holds secrets that a user put there.
    """

    config: Config
    record: dict[str, Any]
    overrides: tuple[str, ...]
    yaml: str
