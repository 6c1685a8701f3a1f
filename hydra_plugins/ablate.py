"""Hydra plugins for our sweeps: `hydra/sweeper: ablation` and `hydra/launcher: ablation`.

Every Hydra application in the environment imports this file, so slow imports are deferred.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn, JobStatus
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, OmegaConf

if TYPE_CHECKING:
    from ablation.cli.composer import Composer
    from ablation.cli.invocation import PlanRequest
    from ablation.config.run_request import Job
    from ablation.study.cells import Cell
    from ablation.study.plan import Plan
    from ablation.study.preflight.hours_limit import HoursLimit
    from ablation.study.spec import Study
    from ablation.sweep.status import PlannedRun


class _Plugin:
    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.context, self.task, self.settings = hydra_context, task_function, config

    def composer(self) -> Composer:
        """Create a composer for the runs of this command."""
        from ablation.cli.composer import Composer

        return Composer(self.context.config_loader, self.settings)


MIN_COMPARED = 2  # completed runs; a single one needs no table of means


def show_results(directories: Iterable[Path], study: str | None = None) -> None:
    """Print the table of `ablate-compare` for the completed runs, unless there are fewer than MIN_COMPARED.

    directories: of the runs. study: the name of the study whose plan is used; None for a table without verdicts.
    """
    from ablation.comparison.analysis.compare import compare
    from ablation.comparison.experiments.grouping import find, together
    from ablation.comparison.experiments.narrowing import Selection, narrow
    from ablation.comparison.reading.load import load
    from ablation.errors import AblateError
    from ablation.report.tables import terminal
    from ablation.report.tables.build import build_table
    from ablation.runtime import console

    loaded = load([directory for directory in dict.fromkeys(directories) if directory.is_dir()])
    if len(loaded.runs) < MIN_COMPARED:
        return
    try:
        experiments = together(loaded) if study is None else narrow(find(loaded), Selection(study=study))
        table = build_table(compare(experiments.found[0]))
    except AblateError as error:
        console.say(f"No table of the results: {error}")
        return
    screen = console.console()
    width = None if screen.is_terminal else terminal.UNLIMITED_WIDTH
    with contextlib.suppress(OSError):  # the reader may have closed the pipe
        screen.print()
        screen.print(terminal.renderable(table), width=width, soft_wrap=not screen.is_terminal)


class AblationSweeper(_Plugin, Sweeper):
    """Runs all combinations, after validating all of them; the table is read from the run directories."""

    arguments: Sequence[str] = ()  # the overrides of a study's command
    limit: HoursLimit | None = None  # of a study

    def __init__(self, params: Any = None):
        """params: of the sweep, with interpolations resolved once for all runs; `_typed` reads them unresolved."""

    def _typed(self) -> list[str]:
        """The overrides that a config file declares (`hydra.sweeper.params`), which each run resolves for itself."""
        from ablation.cli.arguments import sweep_words

        params = OmegaConf.to_container(self.settings.hydra.sweeper, resolve=False)
        return sweep_words(params.get("params") if isinstance(params, dict) else None)

    def sweep(self, arguments: list[str]) -> None:
        from ablation.cli import invocation, study_request

        command = invocation.current()
        if command.plan is None:
            self._require_launcher()
        composer = self.composer()
        study = study_request.study(composer, arguments)
        if study is not None:
            study_request.refuse_sweep(study, self._typed())
            words = study_request.command_words(command.config_options, arguments)
            self.arguments = arguments
            command.codes.append(self._study(composer, study, command.plan, words))
        elif command.plan is not None:
            raise study_request.no_study(composer)
        else:
            command.codes.append(self._grid(composer, [*self._typed(), *arguments]))

    def _grid(self, composer: Composer, arguments: list[str]) -> int:
        """Run every combination of the overrides, of which the last of each key counts. Returns the exit code."""
        from ablation.sweep import grid

        runs = grid.cells(composer.combinations(arguments), composer.config)
        code = self._run(runs)
        show_results(run.where.last for run in runs)
        return code

    def _study(
        self,
        composer: Composer,
        study: Study,
        request: PlanRequest | None,
        words: Sequence[str],
    ) -> int:
        """Run a study, or only show and check it if a plan is requested. Returns the exit code.

        words: those after `ablate` that run it.
        """
        from ablation.cli import study_request
        from ablation.study import orchestration, terminal
        from ablation.sweep import forkserver, pool

        plan = orchestration.compile_plan(study, study_request.composer_of(study, composer, self.arguments), words)
        self._refuse_n_jobs(plan.cells.design)
        share = pool.room([cell.config for cell in plan.cells.distinct])
        try:
            if request is not None:
                orchestration.describe(
                    plan, share.cores, share.at_once, request.listed, request.measure, request.detect
                )
                return 0
            code = self._run_study(plan, share.cores)
        finally:
            forkserver.close()
        show_results((where.last for cell in plan.cells.design for where in cell.runs), study.name)
        if study.sequential:
            terminal.decided(plan)
        return code

    def _run_study(self, plan: Plan, cores: int) -> int:
        from ablation.study import orchestration
        from ablation.study.preflight import hours_limit

        runs = orchestration.begin(plan, cores)
        self.limit = hours_limit.of(plan)
        rounds = orchestration.rounds(plan) if plan.study.sequential else [runs]
        return orchestration.run_rounds(rounds, orchestration.recorded(plan, self._run))

    def _run(self, runs: list[PlannedRun]) -> int:
        """Run the runs that are not yet done, and print the table of all. Returns the exit code."""
        from ablation.config import libraries
        from ablation.runtime.signals import INTERRUPTED
        from ablation.sweep import grid, summary_table

        self._refuse_n_jobs(runs)
        left = grid.left(runs)
        libraries.require_backends(run.config.backend for run in left.todo if run.config.backend is not None)
        grid.finalize(left.done)
        grid.make_folders(left.todo)
        grid.announce(left)
        codes = self._launch(left.todo, len(left.done)) if left.todo else []
        code = summary_table.print_summary(runs, codes)
        if self.limit is not None and code not in INTERRUPTED:
            self.limit.say_not_started(runs)
        return code

    def _require_launcher(self) -> None:
        """Raise AblateError if the library of the launcher is not installed."""
        from ablation.config import libraries

        library = libraries.launcher(self.settings.hydra.launcher._target_)
        if library is not None:
            libraries.require(f"hydra/launcher={self.settings.hydra.runtime.choices['hydra/launcher']}", library)

    def _refuse_n_jobs(self, planned: Iterable[Cell | PlannedRun]) -> None:
        """Raise AblateError if n_jobs is set but the launcher is not ours, which alone uses it."""
        from ablation.errors import AblateError
        from ablation.sweep import external_launchers

        target = self.settings.hydra.launcher._target_
        if target != OWN and any(each.config.n_jobs is not None for each in planned):
            raise AblateError(external_launchers.unread(target))

    def _launch(self, runs: list[PlannedRun], done: int) -> list[int | None]:
        """Launch the runs. Returns their exit codes, None if the launcher reports none. done: runs already done."""
        from hydra.core.plugins import Plugins

        launcher = Plugins.instance().instantiate_launcher(
            hydra_context=self.context, task_function=self.task, config=self.settings
        )
        if isinstance(launcher, AblationLauncher):
            launcher.planned, launcher.limit = runs, self.limit
            return _codes(launcher, [list(run.overrides) for run in runs], done)
        return self._launch_elsewhere(launcher, runs, done)

    def _words(self, run: PlannedRun) -> list[str]:
        """The overrides from which another process composes a run."""
        from ablation.cli import study_request
        from ablation.config.program.spec import ProgramConfig

        if isinstance(run.config, ProgramConfig):
            return study_request.job_words(self.arguments, replace(run.config, planned=run.where.fingerprint))
        return list(run.overrides)

    def _launch_elsewhere(self, launcher: Launcher, runs: list[PlannedRun], done: int) -> list[int | None]:
        from ablation.errors import AblateError
        from ablation.runtime import console
        from ablation.sweep import external_launchers, parent_watch

        os.environ[parent_watch.DRIVER] = str(os.getpid())
        try:
            with external_launchers.stop_external_workers(runs):
                codes: list[int | None] = []
                for batch in [runs] if self.limit is None else self.limit.batches(runs):
                    codes += _codes(launcher, [self._words(run) for run in batch], done + len(codes))
                return codes
        except AblateError:
            raise
        except Exception as error:  # so joblib and submitit report that a worker died
            console.say(
                f"The launcher failed: {type(error).__name__}: {error}. The table shows the runs so far; without "
                "hydra/launcher= the same command runs on this machine"
            )
            return [None] * len(runs)


def _codes(launcher: Launcher, overrides: list[list[str]], done: int) -> list[int | None]:
    return [job._return_value for job in launcher.launch(overrides, initial_job_idx=done)]


class AblationLauncher(_Plugin, Launcher):
    """Runs each job in a separate process, several in parallel.

    planned: the jobs' runs as our sweeper has located them; another sweeper leaves it None. limit: of their study.
    """

    planned: list[PlannedRun] | None = None
    limit: HoursLimit | None = None

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        from ablation.run.locator import Located
        from ablation.sweep import forkserver, pool, scheduler
        from ablation.sweep.live_display import Display

        for name, value in self.settings.hydra.job.env_set.items():
            os.environ[name] = str(value)
        composer, requests = self.composer(), []
        try:
            for number, overrides in enumerate(job_overrides):
                planned = None if self.planned is None else self.planned[number]
                requests.append(_job(composer, overrides, planned))
                forkserver.warm_up(requests[0].config.backend)  # while the others are composed
            located = None
            if self.planned is not None:
                located = [Located(run.where, run.problem) for run in self.planned]
            share = pool.room([request.config for request in requests])
            display = Display(len(requests) + initial_job_idx, initial_job_idx, share.at_once)
            codes = scheduler.launch(requests, share, display, located, self.limit)
        finally:
            forkserver.close()
        return [JobReturn(status=JobStatus.COMPLETED, _return_value=code) for code in codes]


def _job(composer: Composer, overrides: Sequence[str], planned: PlannedRun | None) -> Job:
    """The request for a job. planned: its run, as our sweeper has composed it; a program's needs no composition."""
    from ablation.config.program.spec import ProgramConfig
    from ablation.config.run_request import ProgramRequest

    if planned is not None and isinstance(planned.config, ProgramConfig):
        return ProgramRequest(replace(planned.config, planned=planned.where.fingerprint), tuple(overrides))
    return composer.request(overrides)


OWN = f"{__name__}.AblationLauncher"
NODES = {"sweeper": {"_target_": f"{__name__}.AblationSweeper", "params": None}, "launcher": {"_target_": OWN}}
for _group, _node in NODES.items():
    ConfigStore.instance().store(group=f"hydra/{_group}", name="ablation", node=_node, provider="ablate")
