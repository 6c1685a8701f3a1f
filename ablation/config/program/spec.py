"""The declaration of a program: its command, how it takes flags, and where it leaves its metric."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from ablation.config.program.flags import Flags

ARGS, SEED, DIR = PLACEHOLDERS = ("{args}", "{seed}", "{dir}")
ARGPARSE, SWITCH, VALUE, HYDRA, ENV = STYLES = ("argparse", "switch", "value", "hydra", "env")
LAST, MAX, MIN = TAKES = ("last", "max", "min")
SCRIPTS = (".py", ".sh", ".r", ".jl", ".rb", ".pl", ".js", ".ipynb")  # endings of the files of scripts
HIGHER, LOWER = DIRECTIONS = ("higher", "lower")


@dataclass(frozen=True)
class MetricSource:
    """Where a program leaves its metric: in one of `file`, `lines` and `stdout`.

    name: of the metric, in tables. better: one of DIRECTIONS. file: a JSON file. lines: a file of JSON lines, or with
    the suffix .csv or .tsv a table. Both are paths that may contain {dir} and {seed}, relative to the program's working
    folder. key: the path of the value in the JSON (`test.accuracy`, with numbers for items of lists), or the column.
    stdout: a regular expression with one group, for a value that is only printed. take: one of TAKES, which value of a
    series counts; None where there is a single one.
    """

    name: str
    better: str = HIGHER
    file: str | None = None
    lines: str | None = None
    stdout: str | None = None
    key: str | None = None
    take: str | None = None

    @property
    def path(self) -> str | None:
        """The file that it is read from; None for what is printed."""
        return self.file or self.lines

    @property
    def column(self) -> str:
        """The key, or without one the name."""
        return self.key or self.name


def program_name(command: Sequence[str]) -> str:
    """The name of the first script in a command, without folder and ending, or else of the program."""
    scripts = [word for word in command if PurePath(word).suffix.lower() in SCRIPTS]
    return PurePath(scripts[0] if scripts else command[0]).stem


@dataclass(frozen=True)
class Program:
    """A program that a study runs.

    command: its words, of which `{args}` stands for the flags, and `{seed}` and `{dir}` within words for the seed and
    the folder of the run's files. flags: one of STYLES. code, data: files and folders whose contents belong to the
    fingerprint. smoke: words that make a run brief, added to the end of the command. cwd: the working folder; None for
    that of the study's command. variables: the names of environment variables that are recorded.
    """

    command: tuple[str, ...]
    metric: MetricSource
    flags: str = ARGPARSE
    code: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    smoke: tuple[str, ...] = ()
    cwd: str | None = None
    variables: tuple[str, ...] = ()


@dataclass
class ProgramConfig:
    """One run of a program, as `schema.Config` is one of ours: the program, its flags, and keys that a sweep reads.

    folder: the working folder of the study's command, to which relative paths refer. planned: the fingerprint for which
    a sweep has planned the run; None outside of one.
    """

    program: Program
    flags: Flags
    folder: str
    seed: int = 0
    planned: str | None = None
    outputs: str = "outputs"
    name: str | None = None
    tags: list[str] = field(default_factory=list)
    rerun: Any = "false"
    n_jobs: Any = None
    job_timeout: Any = None
    max_retries: int = 1
    exact: str = "mark"
    backend: None = None
