"""The rows of a table before anybody has said what its columns mean."""

import math
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.text import list_with_more, typed_value

MOST_LISTED = 12  # columns or rows in one message
FILE = "file"  # the column that is added to the rows of several files


@dataclass(frozen=True)
class Sheet:
    """Rows of results.

    frame: of Python's own values, dtype object; a missing value is None. places: where each row is from, such as
    `results.csv/row 7`, or the folder of a log. source: `results.csv`, for captions and errors.
    run_column: the column by which rows belong to one run; None if there is none. state_column: that of the runs'
    states. step_column: that by which the rows of a run are ordered.
    is_log: whether a run has a row for each step, with values only in some of them.
    notes: sentences about what was read, left out or completed. hint: where else a variant or a seed can be said.
    """

    frame: pd.DataFrame
    places: tuple[Path, ...]
    source: str
    run_column: str | None = None
    state_column: str | None = None
    step_column: str | None = None
    is_log: bool = False
    notes: tuple[str, ...] = ()
    hint: str = ""

    def only(self, kept: Sequence[bool] | np.ndarray, *notes: str) -> "Sheet":
        """The sheet with only the rows for which `kept` is true."""
        mask = np.asarray(kept, dtype=bool)
        places = tuple(place for place, is_kept in zip(self.places, mask, strict=True) if is_kept)
        frame = self.frame[mask].reset_index(drop=True)
        return replace(self, frame=frame, places=places, notes=(*self.notes, *notes))

    @property
    def columns(self) -> list[str]:
        return list(self.frame.columns)

    def listed_columns(self) -> str:
        return list_with_more([printable(column) for column in self.columns], MOST_LISTED)

    def rows_at(self, positions: Iterable[int]) -> str:
        """Where the rows at these positions are from, in words: `row 3, row 7 and 2 more`; of logs, their folders."""
        names = dict.fromkeys(printable(self.places[position].name) for position in positions)
        return list_with_more(names, MOST_LISTED)


def clean(value: Any) -> Any:
    """A cell as Python's own value: None if it is missing, otherwise a number, boolean, date or text without spaces
    around it; lists and objects become texts."""
    if isinstance(value, str):
        return value.strip() or None
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, np.ndarray | list | dict | tuple):
        return str(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def cleaned(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the values of `clean`, dtype object."""
    columns = {name: pd.Series([clean(value) for value in frame[name]], dtype=object) for name in frame.columns}
    return pd.DataFrame(columns, dtype=object).reset_index(drop=True)


def number_of(value: Any) -> float | None:
    """A cell as a number, infinite for an integer beyond all floats; None for a cell that is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return None if isinstance(value, str) and "_" in value else float(value)
    except ValueError:
        return None
    except OverflowError:  # an integer
        return math.inf


def text_of(value: Any) -> str:
    """A cell as text: 1 for 1.0, so that a column has one text for a number however it was written."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    return "" if value is None else typed_value(value) if not isinstance(value, str) else value


def distinct(values: Iterable[Any]) -> list[str]:
    """The different texts of cells that are not missing, in their order."""
    texts: dict[Hashable, None] = dict.fromkeys(text_of(value) for value in values if value is not None)
    return [str(text) for text in texts]


def concatenated(sheets: Sequence[Sheet]) -> Sheet:
    """The rows of several sheets, with the column FILE if none of them has one."""
    if len(sheets) == 1:
        return sheets[0]
    frames, places, notes = [], [], []
    has_file = any(FILE in sheet.frame for sheet in sheets)
    for sheet in sheets:
        frame = sheet.frame if has_file else sheet.frame.assign(**{FILE: Path(sheet.source).stem})
        frames.append(frame)
        places += sheet.places
        notes += sheet.notes
    kinds = {(sheet.run_column, sheet.state_column, sheet.step_column, sheet.is_log) for sheet in sheets}
    source = list_with_more([sheet.source for sheet in sheets], 3)
    if len(kinds) > 1:
        raise AblateError(
            f"Results of different programs cannot be compared in one table. Received {source}, which have different "
            "forms. Allowed: paths of one form. Type for example ablate-compare results.csv --variant COLUMN"
        )
    frame = cleaned(pd.concat(frames, ignore_index=True))
    return replace(sheets[0], frame=frame, places=tuple(places), source=source, notes=tuple(dict.fromkeys(notes)))
