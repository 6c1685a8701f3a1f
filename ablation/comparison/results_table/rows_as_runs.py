"""The rows of a table as runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ablation.comparison.reading.facts import NO_DATA, RunFacts
from ablation.comparison.reading.run import TABLE, Diverged, OpenMetric, Run, Unfinished, no_history
from ablation.comparison.results_table import confounders
from ablation.comparison.results_table.columns import Columns
from ablation.comparison.results_table.sheet import Sheet
from ablation.comparison.results_table.states import DIVERGED
from ablation.rundir.record import RESULT
from ablation.rundir.record_parts import Metrics

NOTHING_RECORDED = RunFacts(NO_DATA)  # shared by all runs of tables
NO_HISTORY = no_history()


@dataclass
class WithoutResult:
    """Runs of which a table has a row but no result."""

    diverged: list[Diverged] = field(default_factory=list)
    unfinished: list[Unfinished] = field(default_factory=list)


def completed_runs(sheet: Sheet, columns: Columns, metric: OpenMetric) -> list[Run]:
    """A run for each row. sheet: one row for each run, with a number of the metric in each."""
    runs = []
    for fields, value in zip(_fields(sheet, columns), sheet.frame[columns.metric], strict=True):
        runs.append(
            Run(
                **fields,
                name="",
                attempt=1,
                started="",
                checksum=fields["fingerprint"],
                validation_images=None,
                test_images=None,
                validated_on_test=False,
                parameters=None,
                macs=None,
                seconds=None,
                history=NO_HISTORY,
                facts=NOTHING_RECORDED,
                metrics=Metrics({RESULT: {metric.key: value}}),
                metric=metric,
            )
        )
    return runs


def runs_without_result(sheet: Sheet, columns: Columns, states: Sequence[str]) -> WithoutResult:
    """The runs of rows that are not completed. states: of the rows."""
    runs = WithoutResult()
    for fields, state in zip(_fields(sheet, columns), states, strict=True):
        if state == DIVERGED:
            runs.diverged.append(Diverged(**fields, history=NO_HISTORY))
        else:
            runs.unfinished.append(Unfinished(**fields, status=state))
    return runs


def _fields(sheet: Sheet, columns: Columns) -> list[dict[str, Any]]:
    """The fields that runs in every state share, for each row."""
    names = confounders.settings(sheet, columns) + ([columns.block] if columns.block is not None else [])
    configs = sheet.frame[names].to_dict("records")
    blocks = sheet.frame[columns.block] if columns.block is not None else [""] * len(sheet.frame)
    rows = zip(sheet.places, configs, sheet.frame[columns.variant], sheet.frame[columns.seed], blocks, strict=True)
    fields = []
    for place, config, variant, seed, block in rows:
        fields.append(
            {
                "path": place,
                "network": "",
                "data": block,
                "digest": "",
                "config": {str(key): value for key, value in config.items() if value is not None},
                "variant": variant,
                "seed": int(seed),
                "fingerprint": str(place),
                "kind": TABLE,
                "block": block,
            }
        )
    return fields
