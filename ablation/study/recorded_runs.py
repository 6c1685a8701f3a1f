"""The records of a cell's runs that ended."""

from collections.abc import Mapping

from ablation.run import place
from ablation.rundir.record import RunRecord
from ablation.study.cells import Cell


def ended(cell: Cell) -> dict[int, RunRecord]:
    """Of the runs that completed or diverged, by the seed's place in the study."""
    records = {}
    for number, where in enumerate(cell.runs):
        record = place.final_record(where)
        if record is not None:
            records[number] = record
    return records


def completed(records: Mapping[int, RunRecord]) -> dict[int, RunRecord]:
    """Those that did not diverge."""
    return {number: record for number, record in records.items() if record.status == "completed"}
