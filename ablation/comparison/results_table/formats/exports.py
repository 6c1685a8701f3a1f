"""Exports of W&B and MLflow: which of their columns are the run and its state, and what is no run."""

import ast
import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ablation.comparison.results_table.options import AUTO, MLFLOW, WANDB
from ablation.comparison.results_table.sheet import Sheet, cleaned
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.text import plural

PARENT = "tags.mlflow.parentRunId"
MLFLOW_FORMS = (("run_id", "status"), ("Run ID", "Status"))  # of `mlflow experiments csv` and search_runs; of its page
WANDB_RUN, WANDB_STATE, WANDB_NAME = "ID", "State", "Name"
DICTIONARIES = ("config", "summary")  # columns of the table that W&B's documentation builds with its API
CHART = re.compile(r".+ - .+__(MIN|MAX)")  # a column of a chart that was exported from W&B
CHART_AXES = ("Step", "Relative Time (Process)", "Relative Time (Wall)", "Wall Time", "_step", "epoch")
NOT_FINITE = re.compile(r"(?<=[:\[,])\s*(-?inf|nan)(?=\s*[,}\]])")  # in a dictionary as Python writes it


def recognised(sheet: Sheet, source: str) -> Sheet:
    """The sheet with the columns of runs and states of the program that exported it.

    source: one of SOURCES; AUTO recognises the program by its columns. Raises AblateError if they are not of `source`,
    and for an exported chart, which has a column for each run.
    """
    _refuse_chart(sheet)
    if source in (AUTO, WANDB):
        sheet = _expanded(sheet)
    if source in (AUTO, MLFLOW):
        for run, state in MLFLOW_FORMS:
            if run in sheet.frame:
                state_column = state if state in sheet.frame else None
                return _without_parents(replace(sheet, run_column=run, state_column=state_column))
    if source in (AUTO, WANDB) and (WANDB_STATE in sheet.frame or WANDB_NAME in sheet.frame):
        return replace(
            sheet,
            run_column=WANDB_RUN if WANDB_RUN in sheet.frame else None,
            state_column=WANDB_STATE if WANDB_STATE in sheet.frame else None,
        )
    if source in (MLFLOW, WANDB) and not any(name.startswith(f"{DICTIONARIES[0]}.") for name in sheet.columns):
        needed = "run_id, as `mlflow experiments csv` writes it" if source == MLFLOW else "Name or State"
        raise AblateError(
            f"The table is no export of {source}. Received --from {source} with {printable(sheet.source)}, which has "
            f"the columns {sheet.listed_columns()}. Allowed: a table with a column {needed}. Type --from table"
        )
    return sheet


def _refuse_chart(sheet: Sheet) -> None:
    first, *others = sheet.columns
    has_series = bool(others) and first in CHART_AXES and all(" - " in name for name in others)
    if has_series or any(CHART.fullmatch(name) for name in sheet.columns):
        raise AblateError(
            f"The table is an exported chart, with a column for each run and a row for each step. Received "
            f"{printable(sheet.source)}. Allowed: a row for each run. In W&B, open the table of runs, show the columns "
            "of variant, seed and metric, and export that table as CSV"
        )


def _without_parents(sheet: Sheet) -> Sheet:
    """The sheet without runs of MLflow that only group others, and have no metrics of their own."""
    metrics = [name for name in sheet.columns if name.startswith("metrics.")]
    if not metrics:
        return sheet
    is_empty = is_parent(sheet) & sheet.frame[metrics].isna().all(axis=1).to_numpy(dtype=bool)
    if not is_empty.any():
        return sheet
    count = plural(int(is_empty.sum()), "run")
    return sheet.only(
        ~is_empty,
        f"Note: {count} of MLflow without metrics, which only contain other runs, are left out.",
    )


def is_parent(sheet: Sheet) -> np.ndarray:
    """Whether each row is of a run of MLflow that contains others, bool (rows,)."""
    if PARENT not in sheet.frame or sheet.run_column is None:
        return np.zeros(len(sheet.frame), dtype=bool)
    parents = set(sheet.frame[PARENT].dropna())
    return sheet.frame[sheet.run_column].isin(parents).to_numpy(dtype=bool)


# ---------------------------------------------------------------- dictionaries


def _expanded(sheet: Sheet) -> Sheet:
    """A column for each key of the dictionaries in the columns config and summary."""
    frame = sheet.frame
    for column in DICTIONARIES:
        if column not in frame or not all(isinstance(cell, str) and cell.startswith("{") for cell in frame[column]):
            return sheet
    for column in DICTIONARIES:
        parsed = pd.json_normalize([_dictionary(sheet, column, cell) for cell in frame[column]])
        frame = pd.concat([frame.drop(columns=column), parsed.add_prefix(f"{column}.")], axis=1)
    return replace(sheet, frame=cleaned(frame))


def _dictionary(sheet: Sheet, column: str, text: str) -> dict[str, Any]:
    for parse in (json.loads, ast.literal_eval, _with_missing):
        try:
            value = parse(text)
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(value, dict):
            return {str(key): item for key, item in value.items()}
    raise AblateError(
        f"A dictionary cannot be read. Received {text[:60]!r} in column {column} of {printable(sheet.source)}. "
        "Allowed: JSON, or a dictionary as Python writes it. Export a column for each key: "
        "pandas.json_normalize(config_list)"
    )


def _with_missing(text: str) -> Any:
    return ast.literal_eval(NOT_FINITE.sub(" None", text))
