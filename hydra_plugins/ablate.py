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
        from ablation.cli import composition

        return composition.Composer(self.context.config_loader, self.config)


class AblationSweeper(_Plugin, Sweeper):
    """All combinations, checked as a whole before the first one runs; the table is built from the run directories."""

    def sweep(self, arguments: list[str]) -> None:
        from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
        from hydra.core.override_parser.overrides_parser import OverridesParser

        from ablation.cli import invocation, study_request
        from ablation.sweep import grid as sweep_grid

        quick = self.quick()
        study = study_request.study(quick, arguments)
        if study is not None or invocation.looking() is not None:
            invocation.report(self._study(quick, study))
            return
        parsed = OverridesParser.create(config_loader=self.context.config_loader).parse_overrides(arguments)
        grid = BasicSweeper.split_arguments(parsed, max_batch_size=None)[0]
        invocation.report(self._run(sweep_grid.cells(grid, quick.config)))

    def _study(self, quick: Any, study: Any) -> int:
        """Look at a study, or run it. Returns the exit code."""
        from ablation.cli import invocation, study_request
        from ablation.study import orchestration, terminal
        from ablation.sweep import forkserver, scheduler

        asked = invocation.looking()
        if study is None:
            raise study_request.no_study(quick)
        made = orchestration.compile_plan(study, quick)
        self._check(made.cells.design)
        share = scheduler.room(made.cells.baseline.config)
        try:
            if asked is not None:
                orchestration.describe(made, share.cores, share.at_once, **asked)
                return 0
            runs = orchestration.begin(made, share.cores)
            code = orchestration.run_rounds(orchestration.rounds(made) if study.sequential else [runs], self._run)
        finally:
            forkserver.close()
        terminal.results(made)
        if study.sequential:
            terminal.decided(made)
        return code

    def _run(self, cells: list[Any]) -> int:
        """What is left of the runs, and the table of all. Returns the exit code."""
        from ablation.sweep import grid as sweep_grid
        from ablation.sweep import summary_table

        self._check(cells)
        left = sweep_grid.left(cells)
        sweep_grid.finalize(left.done)
        sweep_grid.make_folders(left.todo)
        sweep_grid.announce(left)
        codes = self._launch(left.todo, len(left.done)) if left.todo else []
        return summary_table.tell(cells, codes)

    def _check(self, cells: list[Any]) -> None:
        """No key that the chosen launcher would not read. Raises AblateError."""
        from ablation.errors import AblateError
        from ablation.sweep import external_launchers

        if self.config.hydra.launcher._target_ != OWN and any(cell.config.n_jobs is not None for cell in cells):
            raise AblateError(external_launchers.unread(self.config.hydra.launcher._target_))

    def _launch(self, cells: list[Any], done: int) -> list[Any]:
        """Exit codes; None where the launcher does not tell."""
        from hydra.core.plugins import Plugins

        from ablation.errors import AblateError
        from ablation.runtime import console
        from ablation.sweep import external_launchers, parent_watch

        chosen = Plugins.instance().instantiate_launcher(
            hydra_context=self.context, task_function=self.task, config=self.config
        )
        words = [list(cell.overrides) for cell in cells]
        if isinstance(chosen, AblationLauncher):
            return [job._return_value for job in chosen.launch(words, initial_job_idx=done)]
        os.environ[parent_watch.DRIVER] = str(os.getpid())
        try:
            with external_launchers.stop_external_workers(cells):
                return [job._return_value for job in chosen.launch(words, initial_job_idx=done)]
        except AblateError:
            raise
        except Exception as error:  # joblib's and submitit's way to say that a worker died
            console.say(
                f"The launcher gave up: {type(error).__name__}: {error}. What ran is told below; without "
                "hydra/launcher= the same command runs here"
            )
            return [None] * len(words)


class AblationLauncher(_Plugin, Launcher):
    """Each run in a process of its own, some at once."""

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        from ablation.sweep import forkserver, scheduler
        from ablation.sweep.live_display import Display

        os.environ.update({k: str(v) for k, v in self.config.hydra.job.env_set.items()})
        quick = self.quick()
        jobs = [quick.job(overrides) for overrides in job_overrides]
        share = scheduler.room(jobs[0].config)
        display = Display(len(jobs) + initial_job_idx, initial_job_idx, share.at_once)
        try:
            codes = scheduler.launch(jobs, share, display)
        finally:
            forkserver.close()
        return [JobReturn(status=JobStatus.COMPLETED, _return_value=code) for code in codes]


OWN = f"{__name__}.AblationLauncher"
for _group, _class in (("sweeper", AblationSweeper), ("launcher", AblationLauncher)):
    ConfigStore.instance().store(
        group=f"hydra/{_group}", name="ablation", node={"_target_": f"{__name__}.{_class.__name__}"}, provider="ablate"
    )
