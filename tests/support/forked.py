"""A command in a process that is forked from one that has imported TensorFlow, as a sweep starts its runs.

It costs a third of a start from nothing, and nothing else differs: the process is new, no device is touched before.
"""

import multiprocessing
import os
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from subprocess import CompletedProcess

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["ablation.sweep.forkserver_preload"])


def run(folder: Path, command: str, words: tuple[str, ...]) -> CompletedProcess:
    """Run one of the installed commands in a folder, with this process's environment."""
    with tempfile.TemporaryDirectory() as streams:
        out, err = Path(streams, "out"), Path(streams, "err")
        process = CONTEXT.Process(target=_command, args=(folder, command, words, dict(os.environ), out, err))
        process.start()
        process.join()
        return CompletedProcess(words, process.exitcode, out.read_text(), err.read_text())


def _command(
    folder: Path, command: str, words: tuple[str, ...], environment: dict[str, str], out: Path, err: Path
) -> None:
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for path, number in ((out, 1), (err, 2)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    sys.argv = [str(Path(sys.executable).with_name(command)), *words]
    (entry,) = metadata.entry_points(group="console_scripts", name=command)
    sys.exit(entry.load()())
