"""Hydra's door to the sweep: `hydra/sweeper: ablation` and `hydra/launcher: ablation`.

Every Hydra application of the environment imports this file, so it imports nothing heavy.
"""

from collections.abc import Sequence
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


class _Plugin:
    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.hydra_context, self.task_function, self.config = hydra_context, task_function, config


class AblationSweeper(_Plugin, Sweeper):
    """All combinations, checked as a whole before the first one runs; the table is built from the run directories."""

    def sweep(self, arguments: list[str]) -> Any:
        from ablation.sweep import sweeper

        return sweeper.sweep(self.hydra_context, self.task_function, self.config, arguments)


class AblationLauncher(_Plugin, Launcher):
    """One after the other, each in a process of its own."""

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        from ablation.sweep import launcher

        return launcher.launch(self.hydra_context, self.config, job_overrides)


for _group, _class in (("sweeper", AblationSweeper), ("launcher", AblationLauncher)):
    ConfigStore.instance().store(
        group=f"hydra/{_group}", name="ablation", node={"_target_": f"{__name__}.{_class.__name__}"}, provider="ablate"
    )
