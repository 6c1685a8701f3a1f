"""The state of each run, where a table records it: only runs that ended as they should have a result."""

from collections.abc import Sequence

import numpy as np

from ablation.comparison.results_table import words
from ablation.comparison.results_table.columns import Columns
from ablation.comparison.results_table.sheet import Sheet, distinct, text_of
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.text import list_with_more

COMPLETED, FAILED, INTERRUPTED, RUNNING, DIVERGED = "completed", "failed", "interrupted", "running", "diverged"
# What W&B, MLflow, Optuna, Ray, SLURM and people write, in small letters.
MEANINGS = {
    COMPLETED: ("finished", "completed", "complete", "success", "successful", "succeeded", "done", "ok", "terminated"),
    FAILED: ("crashed", "failed", "fail", "failure", "error", "errored", "oom", "out_of_memory", "timeout"),
    INTERRUPTED: ("killed", "cancelled", "canceled", "stopped", "preempted", "interrupted", "aborted", "pruned"),
    RUNNING: ("running", "pending", "queued", "scheduled", "preempting", "paused", "waiting", "created"),
    DIVERGED: ("diverged", "nan"),
}
MEANING = {word: meaning for meaning, written in MEANINGS.items() for word in written}


def state_column(sheet: Sheet, columns: Columns) -> str | None:
    """The column with the runs' states: a column called state or status in which at least one value is known."""
    if sheet.state_column is not None:
        return sheet.state_column
    for column in sheet.columns:
        if words.short_name(column).lower() not in words.STATES or column in columns.all:
            continue
        if any(text.lower() in MEANING for text in distinct(sheet.frame[column])):
            return column
    return None


def states(sheet: Sheet, column: str | None) -> list[str]:
    """The state of each row; without a column, all have completed. Raises AblateError for unknown words."""
    if column is None:
        return [COMPLETED] * len(sheet.frame)
    texts = [text_of(cell).lower() for cell in sheet.frame[column]]
    unknown = [position for position, text in enumerate(texts) if text not in MEANING]
    if unknown:
        raise _unknown(sheet, column, unknown)
    return [MEANING[text] for text in texts]


def is_completed(sheet: Sheet) -> np.ndarray:
    """Whether each row may be of a run that completed, bool (rows,); unknown words may mean that."""
    if sheet.state_column is None:
        return np.ones(len(sheet.frame), dtype=bool)
    texts = [text_of(cell).lower() for cell in sheet.frame[sheet.state_column]]
    return np.array([MEANING.get(text, COMPLETED) == COMPLETED for text in texts], dtype=bool)


def _unknown(sheet: Sheet, column: str, unknown: Sequence[int]) -> AblateError:
    cells = [text_of(sheet.frame[column].iloc[position]) for position in unknown]
    received = list_with_more(dict.fromkeys(printable(cell) or "an empty cell" for cell in cells), 6)
    allowed = list_with_more([written[0] for written in MEANINGS.values()])
    return AblateError(
        f"The state of a run is unknown. Received {received} in column {printable(column)}, {sheet.rows_at(unknown)}. "
        f"Allowed: {allowed}, and their usual synonyms. Type one of them into the file, for example finished"
    )
