"""One run as a plain value, from the command line to the process that runs it."""

from dataclasses import dataclass
from typing import Any

from ablation.config.schema import Config


@dataclass(frozen=True)
class RunRequest:
    """A run that is asked for. Everything in it can be pickled and is what Python has, or the schema: no library's.

    config: checked and in its normal form; only it holds secrets that the environment gave. record: the same for the
    record, with `${oc.env:…}` as it was written. overrides: as typed. yaml: the config before it was resolved.
    """

    config: Config
    record: dict[str, Any]
    overrides: tuple[str, ...]
    yaml: str
