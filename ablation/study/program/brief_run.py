"""Run a cell of a program briefly, with the words of `study.smoke`, in a temporary folder."""

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from ablation.config.program.fingerprint import visible_files
from ablation.config.program.spec import ProgramConfig
from ablation.run.program import arguments, metric, process
from ablation.run.program.metric import Measured, NoMetric, WrongMetric
from ablation.run.program.process import Ended, NotStarted
from ablation.runtime.signals import Stop
from ablation.sweep import multiprocessing_internals
from ablation.sweep.watchdog import Watchdog

GRACE = 0.5  # seconds that a brief run has to end after this process was killed
LONGEST = 600.0  # seconds of a brief run
MOST_FILES = 20_000  # of the working folder, that are watched for changes


@dataclass(frozen=True)
class BriefRun:
    """A brief run. problem: why it did not succeed; empty if it did. The other fields are of one that did.

    no_metric: why it has no metric, which a whole run may have. value: its metric. output: what it printed, with {dir}
    for its folder. written: files below the working folder that it wrote. survivors, left_out: as in `Ended`. seconds:
    that it took.
    """

    problem: str = ""
    no_metric: str = ""
    value: float | None = None
    output: str = ""
    written: frozenset[str] = frozenset()
    survivors: tuple[str, ...] = ()
    left_out: int = 0
    seconds: float = 0.0


def command(config: ProgramConfig, directory: Path) -> list[str]:
    """The words of a brief run. directory: what {dir} stands for."""
    return arguments.command_words(config, directory, config.program.smoke)


def run(config: ProgramConfig, stop: Stop, watchdog: Watchdog) -> BriefRun:
    """Run a cell briefly. stop: once it has a code, the program is stopped. watchdog: kills it with this process."""
    longest = min(LONGEST, config.job_timeout or LONGEST)
    parent = multiprocessing_internals.temporary_folder()  # which the watchdog deletes too
    with tempfile.TemporaryDirectory(prefix="ablate_", dir=parent, ignore_cleanup_errors=True) as folder:
        directory = Path(folder, "files")
        directory.mkdir()
        cwd = arguments.working_folder(config, directory)
        before, started, until = _files(cwd), time.time(), time.monotonic() + longest
        environment = arguments.environment(config)
        started_groups: list[int] = []
        try:
            ended = process.run(
                command(config, directory),
                cwd,
                environment,
                Path(folder, "log"),
                lambda: stop.code is not None or time.monotonic() > until,
                lambda group: (watchdog.watch(group), started_groups.append(group)),
            )
        except NotStarted as error:
            return BriefRun(problem=_with_placeholder(str(error), directory))
        finally:
            for group in started_groups:
                watchdog.forget(group)
        if ended.stopped:
            return BriefRun(problem=f"its brief run takes longer than {longest:g} s")
        if ended.code != 0:
            return BriefRun(problem=_with_placeholder(process.exit_reason(ended), directory))
        written = frozenset(name for name, state in _files(cwd).items() if before.get(name) != state)
        return _with_metric(config, directory, started, ended, written)


def _with_metric(
    config: ProgramConfig, directory: Path, started: float, ended: Ended, written: frozenset[str]
) -> BriefRun:
    no_metric, value = "", None
    try:
        value = _measured(config, directory, started, ended).value
    except WrongMetric as error:
        return BriefRun(problem=_with_placeholder(str(error), directory))
    except NoMetric as error:
        no_metric = _with_placeholder(str(error), directory)
    return BriefRun(
        no_metric=no_metric,
        value=value,
        output=_with_placeholder(metric.without_control(ended.output), directory),
        written=written,
        survivors=ended.survivors,
        left_out=ended.left_out,
        seconds=ended.seconds,
    )


def _with_placeholder(text: str, directory: Path) -> str:
    """The text without the name of the temporary folder, so that it is the same for all cells."""
    return text.replace(str(directory), "{dir}").replace(str(directory.resolve()), "{dir}")


def _measured(config: ProgramConfig, directory: Path, started: float, ended: Ended) -> Measured:
    path = arguments.metric_file(config, directory)
    return metric.read(config.program.metric, path, metric.Run(directory, started, ended.output, ended.left_out))


def _files(folder: Path) -> dict[str, tuple[int, int]]:
    """Time and size of the files below a folder, at most MOST_FILES, without hidden ones and caches."""
    states: dict[str, tuple[int, int]] = {}
    for path in visible_files(folder):
        try:
            status = os.stat(path)
        except OSError:  # it has just been deleted
            continue
        states[os.path.relpath(path, folder)] = status.st_mtime_ns, status.st_size
        if len(states) >= MOST_FILES:
            break
    return states
