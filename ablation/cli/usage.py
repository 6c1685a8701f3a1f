"""What the commands say of themselves before Hydra or a backend is imported: their version, and how they are used."""

import argparse
from collections.abc import Sequence
from typing import NoReturn

import ablation

LIBRARIES = {"Keras": "keras", "TensorFlow": "tensorflow"}  # name: distribution
MODES = {"-m", "--multirun"}
LOOKS = {"--help", "-h", "--hydra-help", "--info", "-i", "--cfg", "-c", "--version"}  # print something, run nothing
USAGE = """\
ablate: ablation studies of neural networks (Keras on TensorFlow or JAX, configured with Hydra)

  ablate model=resnet34 data=digits                   train one network
  ablate -m model=plain34,resnet34 seed=0,1,2         train every combination (a sweep)
  ablate-plan +study=quickstart                       check a study, and show what it would run
  ablate -m +study=quickstart                         run a study
  ablate-compare outputs/*                            compare runs: table, verdicts, curves, report

All groups, keys and options:  ablate --help, ablate-plan --help, ablate-compare --help
Nothing was started: a run needs at least one override, such as seed=0."""


def version_line(command: str) -> str:
    """`ablate 0.1.0 (Keras 3.15.1, TensorFlow 2.21.0)`, from the packages' metadata: no library is imported."""
    libraries = ", ".join(f"{name} {_installed(package)}" for name, package in LIBRARIES.items())
    return f"{command} {ablation.__version__} ({libraries})"


def _installed(package: str) -> str:
    from importlib.metadata import PackageNotFoundError, version  # slower to import than this whole file

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


class VersionAction(argparse.Action):
    """`--version`, which looks the versions up only when somebody asks; argparse's own is given them at once."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        print(version_line(parser.prog))
        parser.exit()


def add_version(parser: argparse.ArgumentParser) -> None:
    """Give a parser of ours the option `--version`."""
    parser.add_argument(
        "--version",
        action=VersionAction,
        nargs=0,
        dest=argparse.SUPPRESS,  # not among the parsed options
        default=argparse.SUPPRESS,
        help="show the versions of this command, Keras and TensorFlow, and exit",
    )


def asks_for_version(words: Sequence[str]) -> bool:
    """Is there a `--version`, also cut short, which argparse allows?"""
    return any(word != "--" and "--version".startswith(word) for word in words if word.startswith("--"))


def is_bare(words: Sequence[str]) -> bool:
    """Does `ablate` with these arguments ask for nothing? It would train its defaults, which nobody meant."""
    return set(words) <= MODES


def only_looks(words: Sequence[str]) -> bool:
    """Do these arguments only print something?"""
    return any(word.partition("=")[0] in LOOKS for word in words)
