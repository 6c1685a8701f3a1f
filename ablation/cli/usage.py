"""Version and usage of the commands, printed without importing Hydra or a backend."""

import argparse
import os
import re
from collections.abc import Sequence
from typing import NoReturn

import ablation
from ablation.redaction import printable

LIBRARIES = {"Keras": "keras", "TensorFlow": "tensorflow"}  # name: distribution
MODES = {"-m", "--multirun", "-r", "--run"}
LOOKS = {"--help", "-h", "--hydra-help", "--info", "-i", "--cfg", "-c", "--version"}  # options that run nothing
LOOKS |= {"--shell-completion", "-sc"}
JOINED = re.compile(r"-[ic][a-z-]+")  # an option and its value in one word: -cjob, -iplugins
CONFIG_OPTIONS = {"-cd", "-cn", "-cp"}
USAGE = """\
ablate: ablation studies of neural networks (Keras on TensorFlow or JAX, configured with Hydra)

  ablate model=resnet34 data=digits                   train one network
  ablate -m model=plain34,resnet34 seed=0,1,2         train every combination (a sweep)
  ablate-plan +study=quickstart                       check a study, and show what it would run
  ablate -m +study=quickstart                         run a study
  ablate-compare outputs/*                            compare runs: table, verdicts, curves, report
  ablate-runs outputs                                 list, tag and delete runs

All groups, keys and options:  ablate --help, ablate-plan --help, ablate-compare --help, ablate-runs --help
Nothing was started: a run needs at least one override, such as seed=0."""


def without_windows() -> None:
    """Make Matplotlib draw to files only, whatever MPLBACKEND is.

    Notebooks hand their own backend to every command, and Matplotlib cannot be imported with one that is not installed.
    """
    os.environ["MPLBACKEND"] = "agg"


def version_line(command: str) -> str:
    """`ablate 0.1.0 (Keras 3.15.1, TensorFlow 2.21.0)`, from the packages' metadata, without importing them."""
    libraries = ", ".join(f"{name} {_installed(package)}" for name, package in LIBRARIES.items())
    return f"{command} {ablation.__version__} ({libraries})"


def _installed(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # imported late because it is slow

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


class Parser(argparse.ArgumentParser):
    """An argument parser that prints an error as one paragraph, without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {printable(message)}. {self.advice(message)}\n")

    def advice(self, message: str) -> str:
        """What to type instead. message: argparse's own."""
        return f"Type for example {self.prog} --help"


class VersionAction(argparse.Action):
    """The action of `--version`. Unlike argparse's own, it looks the versions up only when it is used."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(version_line(parser.prog))
        parser.exit()


def add_version(parser: argparse.ArgumentParser) -> None:
    """Add the option `--version` to a parser."""
    parser.add_argument(
        "--version",
        action=VersionAction,
        nargs=0,
        dest=argparse.SUPPRESS,  # adds no field to the parsed options
        default=argparse.SUPPRESS,
        help="show the versions of this command, Keras and TensorFlow, and exit",
    )


def asks_for_version(words: Sequence[str]) -> bool:
    """Return whether the words contain `--version` or an abbreviation, which argparse accepts."""
    return any(word != "--" and "--version".startswith(word) for word in words if word.startswith("--"))


def is_bare(words: Sequence[str]) -> bool:
    """Return whether the arguments of `ablate` request nothing. It would train its defaults, which nobody intends."""
    return set(words) <= MODES


def only_looks(words: Sequence[str]) -> bool:
    """Return whether a command with these arguments only prints something."""
    for word in words:
        name = word.partition("=")[0]
        if name in LOOKS or (JOINED.fullmatch(word) and name not in CONFIG_OPTIONS):
            return True
    return False
