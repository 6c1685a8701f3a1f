"""The command `ablate-compare`."""

import argparse
import shlex
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from ablation.cli import usage
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.text import list_with_more

EXAMPLE = "ablate -m model=plain34,resnet34 seed=0,1,2"
INTERRUPTED = 130
EVERY = 2  # seconds between two looks of --watch
LISTED = 12  # paths in one message
REMEDY = "Only completed runs are compared. Type a run's command again to finish it, with rerun=true where it diverged"


class Parser(argparse.ArgumentParser):
    """Its errors are one paragraph, like all others here."""

    def error(self, message: str) -> NoReturn:
        like = " --baseline=-shortcut" if "--baseline" in message else ""  # a label may begin as an option does
        self.exit(2, f"{self.prog}: {printable(message)}. Type for example {self.prog} outputs/*{like}\n")


def parser() -> Parser:
    made = Parser(
        prog="ablate-compare",
        allow_abbrev=False,
        description="Compare completed runs: a table over seeds, the verdict against a baseline, curves laid over each "
        "other, and a report to open in a browser. The baseline is the study's, or the one that you name.",
        epilog="Example: ablate-compare outputs/*   Exit codes: 0 all compared, 1 nothing to compare, 2 some left out "
        "or not comparable, or the checked table stale.",
    )
    made.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="a run, or a folder with runs at any depth")
    add = made.add_argument
    add("--out", metavar="DIR", type=Path, default=Path("comparison"), help="where files go (default: %(default)s)")
    add("--study", metavar="NAME", help="judge by this study's plan, where runs of several are there")
    add("--baseline", metavar="NAME", help="a variant's label: judge the others against it (default: the study's)")
    add(
        "--metric", metavar="NAME", help="test_accuracy, val_accuracy, val_loss, … (default: test accuracy if all have)"
    )
    add("--select", choices=("last", "best_val"), default="last", help="weights of the last or the best epoch")
    add("--margin", metavar="X", type=_above_zero, help="differences within it do not matter: tell what is equivalent")
    add("--detect", metavar="X", type=_above_zero, help="seeds needed to detect a difference as large as this")
    add("--curve", metavar="NAME", help="what curves show: loss, learning_rate, … (default: the metric's)")
    add(
        "--x-axis",
        metavar="NAME",
        default="epoch",
        help="x-axis of curves: epoch, step, images, seconds, macs (default: %(default)s)",
    )
    add("--threshold", metavar="X", help="when is this validation accuracy (or loss) reached? In units of --x-axis")
    add("--check", metavar="FILE", type=Path, help="is a committed table (.md, .tex, .csv, .json) what the runs say?")
    add("--watch", action="store_true", help="do it again whenever a run has ended, until Ctrl-C")
    usage.add_version(made)
    return made


def _above_zero(text: str) -> float:
    with suppress(ValueError):
        if 0 < (number := float(text)) < float("inf"):
            return number
    raise argparse.ArgumentTypeError(f"received {text!r}, allowed is a number above 0, such as 0.01")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    argv = sys.argv[1:] if argv is None else argv
    options = parser().parse_args(argv)
    try:
        told = {k: v for k, v in vars(options).items() if k != "watch"}
        once = partial(compare, **told, command=["ablate-compare", *argv])
        return watch(options.paths, once) if options.watch else once()
    except AblateError as error:
        print(f"ablate-compare: {error}", file=sys.stderr)
        return error.code
    except KeyboardInterrupt:
        return INTERRUPTED


def watch(paths: Sequence[Path], once: Callable[[], int]) -> int:
    """Compare again whenever the records below the paths have changed. Ends by Ctrl-C."""
    from ablation.rundir import discovery, layout

    seen = None
    while True:
        now = [(path, _changed(path / layout.RECORD)) for path in discovery.find(paths)]
        if now != seen:
            seen = now
            if sys.stdout.isatty():
                print("\033[2J\033[H", end="")
            try:
                once()
            except AblateError as error:  # nothing has ended yet
                print(error, flush=True)
        time.sleep(EVERY)


def _changed(record: Path) -> int | None:
    """When; None where it has just gone."""
    with suppress(OSError):
        return record.stat().st_mtime_ns


def compare(
    paths: Sequence[Path],
    out: Path,
    baseline: str | None = None,
    metric: str | None = None,
    select: str = "last",
    margin: float | None = None,
    detect: float | None = None,
    curve: str | None = None,
    x_axis: str = "epoch",
    threshold: str | None = None,
    study: str | None = None,
    check: Path | None = None,
    command: Sequence[str] = (),
) -> int:
    """Write the comparison of all runs at or below the paths and print it. Raises AblateError where none is left.

    Arguments as of the command, whose words the report repeats.
    """
    from ablation.comparison.reading.load import load

    loaded = load(paths)
    if not loaded.runs:
        raise AblateError(_none_left(loaded.excluded) if loaded.excluded else _none_found(paths))
    from ablation.comparison.analysis import compare as analysis_compare
    from ablation.comparison.analysis import learning_curves, time_to_threshold
    from ablation.report.tables import stale_check, terminal
    from ablation.report.tables.build import build_table
    from ablation.report.wording import findings  # heavy, and only now needed

    made = analysis_compare.compare(loaded, baseline, metric, select, margin, study)
    if threshold is not None:
        made = time_to_threshold.reach(made, threshold, x_axis)
    table = build_table(made)
    if check:
        return _check(stale_check.check(table, check), check)
    told = findings.sentences(made, detect)
    files = _files(made, table, told, curve or (metric and learning_curves.validation_column(metric)), x_axis, command)
    _write(out, files)
    notes = [_written(out, files), *_notes(made)]
    with suppress(SystemExit):  # rich ends the program where `| head` reads no further
        terminal.show(table, [*told, *notes])
    if loaded.excluded:
        print(f"ablate-compare: {_left_out(loaded.excluded, len(loaded.runs))}", file=sys.stderr)
    return 2 if loaded.excluded or any(row.comparability.blocking for row in made.variants) else 0


def _files(
    made: Any, table: Any, told: Sequence[str], curve: str | None, x_axis: str, command: Sequence[str]
) -> dict[str, bytes]:
    """curve: of the metric that was named."""
    from ablation.comparison.reading.run_details import read_details
    from ablation.report.figures import files
    from ablation.report.html.page import Experiment, pages
    from ablation.report.plots.build import plot_data
    from ablation.report.tables import export, latex, markdown

    plots = plot_data(made, curve, x_axis)
    runs = [run for variant in made.variants for run in (*variant.runs, *variant.diverged)]
    details = read_details(runs, [path for path, _ in made.excluded])
    return {
        **files.files(plots),
        "summary.csv": export.csv(table).encode(),
        "table.md": markdown.markdown(table).encode(),
        "table.tex": latex.latex(table).encode(),
        "table.json": export.json(table).encode(),
        **pages([Experiment(made, table, plots, told, command, _before(made), details)]),
    }


def _before(made: Any) -> list[str]:
    return [shlex.join(["ablate", "-m", f"+study={made.study}", *made.cli_overrides])] if made.study else []


def _check(stale: Sequence[str], file: Path) -> int:
    if not stale:
        print(f"{_listed([file])} is what the runs say.")
        return 0
    print("\n".join(stale))
    print(f"ablate-compare: {_listed([file])} is not what the runs say now. Write it anew", file=sys.stderr)
    return 2


def _write(out: Path, files: dict[str, bytes]) -> None:
    from ablation.report.figures import files as figures_files
    from ablation.rundir import files as rundir_files

    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            rundir_files.replace(out / name, content)
        for name in figures_files.file_names() - files.keys():  # of an earlier comparison: it says nothing of this one
            (out / name).unlink(missing_ok=True)
    except OSError as error:
        raise AblateError(
            f"Cannot write the comparison: {error.strerror}. Received --out {_listed([out])}. "
            "Allowed: a folder that you may write to, on a disk with room. Type for example --out /tmp/comparison"
        ) from error


def _written(out: Path, files: Iterable[str]) -> str:
    """`Written to comparison: report.html, table.{json,md,tex}.`"""
    kinds: dict[str, list[str]] = {}
    for stem, _, kind in sorted(name.rpartition(".") for name in files):
        kinds.setdefault(stem, []).append(kind)
    made = [f"{stem}.{many[0] if len(many) == 1 else '{' + ','.join(many) + '}'}" for stem, many in kinds.items()]
    return f"Written to {_listed([out])}: {', '.join(made)}."


def _notes(made: Any) -> Iterable[str]:
    from ablation.comparison.analysis.variant_labels import unlabelled_model_keys

    if made.study is None and (along := unlabelled_model_keys([row.runs[0] for row in made.variants if row.runs])):
        yield f"Differs too, along with the family of network: {', '.join(along)}."
    if made.superseded:
        yield f"Of reruns the newest counts; not counted: {_listed(run.path for run in made.superseded)}."


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


def _listed(items: Iterable[object], most: int | None = None) -> str:
    """Items as printable text."""
    return list_with_more([printable(str(item)) for item in items], most)
