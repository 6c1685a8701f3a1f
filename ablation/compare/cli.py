"""`ablate-compare PATH... [--out DIR]`: 0 all compared, 1 nothing to compare, 2 some runs left out."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from ablation.errors import AblateError

EXAMPLE = "ablate -m model=plain34,resnet34 seed=0,1,2"
INTERRUPTED = 130
LISTED = 12  # paths in one message
REMEDY = "Only completed runs are compared. Type a run's command again to finish it, with rerun=true where it diverged"


class Parser(argparse.ArgumentParser):
    """Its errors are one paragraph, like all others here."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}. Type for example {self.prog} outputs/*\n")


def parser() -> Parser:
    made = Parser(
        prog="ablate-compare",
        allow_abbrev=False,
        description="Compare completed runs: a table over seeds, summary.csv, and the learning curves laid over each "
        "other. Variants are labelled by what differs between them.",
        epilog="Example: ablate-compare outputs/*   Exit codes: 0 all compared, 1 nothing to compare, 2 some left out.",
    )
    made.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="a run, or a folder with runs at any depth")
    made.add_argument(
        "--out", metavar="DIR", type=Path, default=Path("comparison"), help="where the files go (default: %(default)s)"
    )
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = parser().parse_args(argv)
    try:
        return compare(options.paths, options.out)
    except AblateError as error:
        print(f"ablate-compare: {error}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        return INTERRUPTED


def compare(paths: Sequence[Path], out: Path) -> int:
    """Write the comparison of all runs at or below the paths and print it. Raises AblateError where none is left."""
    from ablation.compare.load import load

    loaded = load(paths)
    if not loaded.runs:
        raise AblateError(_none_left(loaded.skipped) if loaded.skipped else _none_found(paths))
    from ablation.compare import figures, summary, tables  # heavy, and only now needed

    every = summary.variants(loaded.runs, loaded.diverged)
    variants = [variant for variant in every if variant.runs]
    table = summary.summarise(variants)
    files = {**figures.files(every), "summary.csv": table.to_csv(index=False, lineterminator="\n").encode()}
    _write(out, files)
    notes = [f"Written: {_listed(out / name for name in files)}.", *_notes(variants, loaded.older)]
    with suppress(SystemExit):  # rich ends the program where `| head` reads no further
        tables.show(table, summary.metric(variants), notes)
    if loaded.skipped:
        print(f"ablate-compare: {_left_out(loaded.skipped, len(loaded.runs))}", file=sys.stderr)
    return 2 if loaded.skipped else 0


def _write(out: Path, files: dict[str, bytes]) -> None:
    from ablation import rundir

    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            rundir.replace(out / name, content)
    except OSError as error:
        raise AblateError(
            f"Cannot write the comparison: {error.strerror}. Received --out {_listed([out])}. "
            "Allowed: a folder that you may write to, on a disk with room. Type for example --out /tmp/comparison"
        ) from error


def _notes(variants: Sequence, older: Sequence) -> Iterable[str]:
    from ablation.compare.labels import unsaid

    if along := unsaid([variant.runs[0] for variant in variants]):
        yield f"Differs too, along with the family of network: {', '.join(along)}."
    if older:
        yield f"Of reruns the newest counts; not counted: {_listed(run.path for run in older)}."


def _none_found(paths: Sequence[Path]) -> str:
    looked = _listed((p if p.exists() else f"{p} (does not exist)" for p in paths), LISTED)
    return (
        f"No run found. Looked for folders with a run.json at and below: {looked}. "
        f"Runs are made by ablate, by default in outputs. Type for example {EXAMPLE}, then ablate-compare outputs/*"
    )


def _none_left(skipped: Sequence[tuple[Path, str]]) -> str:
    return f"Nothing to compare. Found {_reasons(skipped)}. {REMEDY}"


def _left_out(skipped: Sequence[tuple[Path, str]], compared: int) -> str:
    return f"Left out {len(skipped)}, compared {compared}: {_reasons(skipped)}. {REMEDY}"


def _reasons(skipped: Sequence[tuple[Path, str]]) -> str:
    return _listed(f"{path} ({reason})" for path, reason in skipped)


def _listed(items: Iterable[object], most: int = sys.maxsize) -> str:
    """Join by commas, printable; of more than `most` the first ones and how many more."""
    from ablation.compare.labels import printable

    texts = [printable(str(item)) for item in items]
    more = [f"and {len(texts) - most} more"] if len(texts) > most else []
    return ", ".join([*texts[:most], *more])
