"""Environments in which commands have to work, as containers, clusters, notebooks and old terminals are."""

import errno
import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import termios
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess

from support.commands import BIN

# A user whom the system does not know, without privileges, who may read what this process may read.
UNKNOWN_USER = ["unshare", "--user", "--map-user=12345", "--map-group=12345"]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")  # a terminal's colours and moves of the cursor


@dataclass(frozen=True)
class Place:
    """The folders of one environment: where the command is typed, the user's home, cache and temporary files."""

    root: Path
    folder: str = "work"

    @property
    def work(self) -> Path:
        return self.root / self.folder

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def temporary(self) -> Path:
        return self.root / "tmp"


@dataclass(frozen=True)
class Environment:
    """variables: beside those of `_variables`; None takes one away; {cache} and the like are the place's folders.

    unknown: as a user whom the system does not know. prepare: changes the place before the commands. folder: the name
    of the working folder. columns: of a terminal; None without one.
    """

    variables: dict[str, str | None] = field(default_factory=dict)
    unknown: bool = False
    prepare: Callable[[Place], None] = lambda place: None
    folder: str = "work"
    columns: int | None = None

    def place(self, root: Path) -> Place:
        """The folders, made and prepared."""
        place = Place(root, self.folder)
        for folder in (place.work, place.home, place.cache, place.temporary):
            folder.mkdir(parents=True)
        self.prepare(place)
        return place

    def run(self, place: Place, command: str, *words: str) -> CompletedProcess:
        """Run one of the commands in the place to its end. What it printed is as a user sees it."""
        arguments = [*(UNKNOWN_USER if self.unknown else []), str(BIN / command), *words]
        variables = self._variables(place)
        if self.columns is None:
            return subprocess.run(
                arguments,
                cwd=place.work,
                env=variables,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        return on_terminal(arguments, place.work, variables, self.columns)

    def _variables(self, place: Place) -> dict[str, str]:
        variables: dict[str, str | None] = {
            "PATH": f"{BIN}:/usr/bin:/bin",
            "HOME": str(place.home),
            "TMPDIR": str(place.temporary),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
        }
        variables |= self.variables
        folders = {"home": place.home, "cache": place.cache, "temporary": place.temporary}
        return {name: value.format(**folders) for name, value in variables.items() if value is not None}


def has_unknown_user() -> bool:
    """Whether this machine lets a process be another user."""
    return bool(shutil.which("unshare")) and not subprocess.run([*UNKNOWN_USER, "true"], capture_output=True).returncode


def on_terminal(arguments: Sequence[str], folder: Path, env: dict[str, str], columns: int) -> CompletedProcess:
    """Run a command on a terminal of this width. stdout: all that it wrote there."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    streams = {"stdin": terminal, "stdout": terminal, "stderr": terminal}
    process = subprocess.Popen(arguments, cwd=folder, env=env, start_new_session=True, **streams)
    os.close(terminal)
    written = bytearray()
    while chunk := _read(controller):
        written += chunk
    os.close(controller)
    return CompletedProcess(arguments, process.wait(), written.decode(errors="replace"), "")


def _read(controller: int) -> bytes:
    try:
        return os.read(controller, 65536)
    except OSError as error:
        if error.errno != errno.EIO:  # what Linux reports once nobody has the terminal open
            raise
        return b""


def lines(output: str) -> list[str]:
    """The lines that are left on the screen: without colours, and without what was overwritten."""
    shown = []
    for line in ESCAPES.sub("", output).replace("\r\n", "\n").split("\n"):
        shown.append(line.rpartition("\r")[2])
    return shown


def make_read_only(folder: Path) -> None:
    folder.chmod(0o555)


def make_private(folder: Path) -> None:
    """Give everything below a folder to another user, who lets nobody read it; the folder itself stays writable."""
    for path in [*folder.rglob("*")][::-1]:
        if os.geteuid() == 0:
            os.chown(path, 4321, 4321, follow_symlinks=False)
        path.chmod(0o700 if path.is_dir() else 0o600) if os.geteuid() == 0 else path.chmod(0)
