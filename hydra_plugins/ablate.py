"""Hydra's door to the sweep: `hydra/sweeper: ablation` and `hydra/launcher: ablation`.

Every Hydra application of the environment imports this file, so it imports nothing heavy.
"""

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

    def job(self, overrides: Sequence[str]) -> Any:
        """Compose one cell as Hydra's own launchers do."""
        from ablation import cli

        return cli.job(self.context.config_loader.load_sweep_config(self.config, list(overrides)), overrides)


class AblationSweeper(_Plugin, Sweeper):
    """All combinations, checked as a whole before the first one runs; the table is built from the run directories."""

    def sweep(self, arguments: list[str]) -> None:
        from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
        from hydra.core.override_parser.overrides_parser import OverridesParser
        from hydra.core.plugins import Plugins

        from ablation import cli
        from ablation.sweep import sweeper

        parsed = OverridesParser.create(config_loader=self.context.config_loader).parse_overrides(arguments)
        grid = BasicSweeper.split_arguments(parsed, max_batch_size=None)[0]
        cells = sweeper.cells(grid, self.job)
        launcher = Plugins.instance().instantiate_launcher(
            hydra_context=self.context, task_function=self.task, config=self.config
        )
        returns = launcher.launch([cell.job.overrides for cell in cells], initial_job_idx=0)
        cli.report(sweeper.tell(cells, [r._return_value for r in returns]))


class AblationLauncher(_Plugin, Launcher):
    """One after the other, each in a process of its own."""

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        from ablation.sweep import launcher

        codes = launcher.launch([self.job(overrides) for overrides in job_overrides])
        return [JobReturn(status=JobStatus.COMPLETED, _return_value=code) for code in codes]


for _group, _class in (("sweeper", AblationSweeper), ("launcher", AblationLauncher)):
    ConfigStore.instance().store(
        group=f"hydra/{_group}", name="ablation", node={"_target_": f"{__name__}.{_class.__name__}"}, provider="ablate"
    )
