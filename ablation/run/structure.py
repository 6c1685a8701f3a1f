"""The structure of a run: everything that its compiled program depends on.

Runs of one structure differ only in values that enter the program from outside: initial weights, the seeds of layers,
batches and learning rates. A process that trains them one after another traces the training step once. A key of the
config belongs to the structure unless `VALUES` lists it, so a new key does.
"""

from collections.abc import Hashable
from typing import TYPE_CHECKING

from ablation.config.program.spec import ProgramConfig
from ablation.config.run_request import RunConfig
from ablation.config.schema import flat
from ablation.errors import AblateError
from ablation.rundir import files

if TYPE_CHECKING:
    from ablation.run.compiled import Compiled

PROGRAM = "program"
# The keys whose value may differ from the one that a network was compiled with: its results are the same to the bit.
VALUES = frozenset(
    {
        *("seed", "name", "tags", "outputs", "rerun", "exact"),
        *("n_jobs", "job_timeout", "max_retries", "checkpoint_minutes", "train.keep_weights"),
        *("train.epochs", "train.steps", "train.reference_steps"),
        *("train.learning_rate", "train.schedule", "train.lr_milestones", "train.lr_gamma", "train.warmup"),
        *("data.fraction", "data.label_noise"),
    }
)


def structure(config: RunConfig) -> str:
    """A digest of the structure of a run, as far as its config decides it: 64 hexadecimal digits.

    config: in its normal form. Data, plugins and threads decide too: see `Kept`. All runs of programs have the same.
    """
    if isinstance(config, ProgramConfig):
        return PROGRAM
    return files.digest({key: value for key, value in flat(config).items() if key not in VALUES})


class OtherStructure(AblateError):
    """This process has executed a run of another structure, so this run needs a new process."""


class Kept:
    """What a process keeps from one run to the next: their structure, and the compiled network.

    compiled: None until a run has built its network.
    """

    def __init__(self) -> None:
        self.compiled: Compiled | None = None
        self._facts: dict[str, Hashable] = {}

    @property
    def is_new(self) -> bool:
        """True until the first run has stated a fact."""
        return not self._facts

    def require(self, **facts: Hashable) -> None:
        """State facts that the compiled program depends on. Raises OtherStructure if an earlier run stated others."""
        for name, value in facts.items():
            if self._facts.setdefault(name, value) != value:
                raise OtherStructure(f"This process has executed runs with another {name}")

    def release(self) -> None:
        """Release the images of the last run."""
        if self.compiled is not None:
            self.compiled.release()
