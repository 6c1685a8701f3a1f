"""A command in a process that is forked from one that has imported TensorFlow, as a sweep starts its runs.

It costs a third of a start from nothing, and nothing else differs: the process is new, no device is touched before.
"""

import multiprocessing
import os
import sys
import tempfile
from dataclasses import dataclass
from importlib import metadata
from multiprocessing.process import BaseProcess
from pathlib import Path
from subprocess import CompletedProcess

FORKED, SPAWNED = multiprocessing.get_context("forkserver"), multiprocessing.get_context("spawn")
FORKED.set_forkserver_preload(["ablation.sweep.forkserver_preload"])


@dataclass
class Command:
    """A command that was started. streams: the folder of what it prints."""

    words: tuple[str, ...]
    process: BaseProcess
    streams: tempfile.TemporaryDirectory

    def output(self) -> str:
        """Standard output so far."""
        return Path(self.streams.name, "out").read_text()

    def signal(self, number: int) -> None:
        os.kill(self.process.pid, number)

    def wait(self) -> CompletedProcess:
        self.process.join()
        code, error = self.process.exitcode, Path(self.streams.name, "err").read_text()
        done = CompletedProcess(self.words, code, self.output(), error)
        self.process.close()
        self.streams.cleanup()
        return done


def run(folder: Path, command: str, words: tuple[str, ...], env=None, change: str = "") -> CompletedProcess:
    """Run one of the installed commands to its end; see `start`."""
    return start(folder, command, words, env, change).wait()


def start(folder: Path, command: str, words: tuple[str, ...], env=None, change: str = "", context=FORKED) -> Command:
    """Start one of the installed commands in a folder.

    env: the process's environment, instead of this one's. change: Python that the process runs before the command.
    context: SPAWNED for a process that has imported nothing.
    """
    streams = tempfile.TemporaryDirectory()
    for name in ("out", "err"):
        Path(streams.name, name).touch()
    arguments = (folder, command, words, dict(os.environ if env is None else env), change, Path(streams.name))
    process = context.Process(target=_command, args=arguments)
    process.start()
    return Command(words, process, streams)


def _command(
    folder: Path, command: str, words: tuple[str, ...], environment: dict[str, str], change: str, streams: Path
) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for name, number in (("out", 1), ("err", 2)):
        file = os.open(streams / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    sys.argv = [str(Path(sys.executable).with_name(command)), *words]
    tempfile.tempdir = str(streams)  # where TensorFlow leaves files, which a forked process does not remove
    exec(change, {})
    (entry,) = metadata.entry_points(group="console_scripts", name=command)
    sys.exit(entry.load()())
