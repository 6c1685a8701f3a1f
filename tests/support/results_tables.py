"""Tables of results that another program could have written, and comparisons of them."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ablation.cli import ablate_compare
from ablation.comparison.analysis.compare import compare
from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.analysis.requested_test import Request
from ablation.comparison.experiments.experiment import Experiment
from ablation.comparison.results_table.load import load
from ablation.comparison.results_table.options import TableOptions

VALUES = {"full": (0.931, 0.935, 0.929), "-mix": (0.93, 0.934, 0.9301), "-norm": (0.901, 0.912, 0.899)}
Row = dict[str, Any]


def rows(values: Mapping[str, Sequence[float]] = VALUES, metric: str = "test_acc", **further: Any) -> list[Row]:
    """A row for each value, with seeds from 0. further: columns with the same value in all rows."""
    made = []
    for variant, of_variant in values.items():
        for seed, value in enumerate(of_variant):
            made.append({"variant": variant, "seed": seed, metric: value, **further})
    return made


def text(table: Sequence[Row], delimiter: str = ",") -> str:
    """The rows as delimited text, with the columns of the first one."""
    written = io.StringIO()
    writer = csv.DictWriter(written, list(table[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return written.getvalue()


def write(path: Path, table: Sequence[Row] | str) -> Path:
    """Write rows, or a text as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(table if isinstance(table, str) else text(table))
    return path


def experiment(*paths: Path, **options: Any) -> Experiment:
    """The experiment of a table. options: of `TableOptions`."""
    (only,) = load(paths, TableOptions(**options))
    return only


def judged(*paths: Path, baseline: str | None = "full", margin: float | None = None, **options: Any) -> Comparison:
    """The comparison of a table. options: of `TableOptions`."""
    return compare(experiment(*paths, **options), Request(baseline=baseline, margin=margin))


def run_command(folder: Path, *words: str, code: int = 0, capsys: Any) -> tuple[str, str]:
    """Run `ablate-compare` in this process, with `folder` as its output folder; what it printed."""
    ended = ablate_compare.main([*words, "--out", str(folder)])
    printed = capsys.readouterr()
    assert ended == code, printed.out + printed.err
    assert "Traceback" not in printed.err
    return printed.out, printed.err
