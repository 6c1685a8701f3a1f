"""Hydra's door to the sweep: `hydra/sweeper: ablation` and `hydra/launcher: ablation`.

Every Hydra application of the environment imports this file, so it imports nothing heavy.
"""

import os
from collections.abc import Sequence
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class _Plugin:
    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.context, self.task, self.config = hydra_context, task_function, config

    def quick(self) -> Any:
        """See `ablation.cli.Quick`."""
        from ablation import cli

        return cli.Quick(self.context.config_loader, self.config)


class AblationSweeper(_Plugin, Sweeper):
    """All combinations, checked as a whole before the first one runs; the table is built from the run directories."""

    def sweep(self, arguments: list[str]) -> None:
        from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
        from hydra.core.override_parser.overrides_parser import OverridesParser

        from ablation import cli
        from ablation.sweep import sweeper

        parsed = OverridesParser.create(config_loader=self.context.config_loader).parse_overrides(arguments)
        grid = BasicSweeper.split_arguments(parsed, max_batch_size=None)[0]
        cells = sweeper.cells(grid, self.quick().config)
        self._check(cells)
        todo = sweeper.left(cells)
        codes = self._launch([list(cell.overrides) for cell in todo], len(cells) - len(todo)) if todo else []
        cli.report(sweeper.tell(cells, codes))

    def _check(self, cells: list[Any]) -> None:
        """No key that the chosen launcher would not read. Raises AblateError."""
        from ablation.errors import AblateError

        if self.config.hydra.launcher._target_ != OWN and any(cell.config.n_jobs is not None for cell in cells):
            raise AblateError(
                "n_jobs is read by the launcher of this project alone. Received n_jobs= and "
                f"hydra.launcher={self.config.hydra.launcher._target_}. Allowed: one of the two. Type for example "
                "hydra.launcher.n_jobs=2 (joblib), hydra.launcher.array_parallelism=2 (slurm), or see docs/launchers.md"
            )

    def _launch(self, overrides: list[list[str]], done: int) -> list[Any]:
        from hydra.core.plugins import Plugins

        from ablation import progress
        from ablation.errors import AblateError

        launcher = Plugins.instance().instantiate_launcher(
            hydra_context=self.context, task_function=self.task, config=self.config
        )
        try:
            return [job._return_value for job in launcher.launch(overrides, initial_job_idx=done)]
        except AblateError:
            raise
        except Exception as error:  # joblib's and submitit's way to say that a worker died
            progress.say(f"The launcher gave up: {type(error).__name__}: {error}")
            return [None] * len(overrides)


class AblationLauncher(_Plugin, Launcher):
    """Each run in a process of its own, some at once."""

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        from ablation.sweep import launcher
        from ablation.sweep.display import Display
        from ablation.sweep.ledger import Finder

        os.environ.update({k: str(v) for k, v in self.config.hydra.job.env_set.items()})
        quick, find = self.quick(), Finder()
        jobs = [quick.job(overrides) for overrides in job_overrides]
        places = [find(job.config)[0] for job in jobs]
        share = launcher.room(jobs[0].config)
        display = Display(len(jobs) + initial_job_idx, initial_job_idx, share.at_once)
        codes = launcher.launch(jobs, places, share, display)
        return [JobReturn(status=JobStatus.COMPLETED, _return_value=code) for code in codes]


OWN = f"{__name__}.AblationLauncher"
for _group, _class in (("sweeper", AblationSweeper), ("launcher", AblationLauncher)):
    ConfigStore.instance().store(
        group=f"hydra/{_group}", name="ablation", node={"_target_": f"{__name__}.{_class.__name__}"}, provider="ablate"
    )
