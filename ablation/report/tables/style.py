"""How a table is written: the options of a user, also as they are recorded in the table itself."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from ablation.comparison.display.row_order import DECLARED, ORDERS
from ablation.errors import AblateError
from ablation.redaction import printable

BEGIN, END = "ablate-compare: begin", "ablate-compare: end"  # the markers between which `--check` finds a table
MAX_DECIMALS = 6
LABEL = re.compile(r"[A-Za-z0-9:._/+-]+")  # what \ref of LaTeX takes without escaping
COLUMN_KEYS = (
    *("variant", "removed", "co_changes", "n", "diverged", "metric", "reference", "difference"),
    *("p", "p_adjusted", "look", "verdict", "last", "best", "loss", "threshold", "parameters", "macs", "time"),
    *("paired", "correlation", "p_permutation", "images", "prob_improvement", "hedges_g"),
)


@dataclass(frozen=True)
class TableStyle:
    """How a table is written.

    percent: accuracies in percent, differences in percentage points. decimals: of the metric; None for as many as the
    runs justify. rename: names to show, as LABEL=NAME. caption: instead of the usual one, which becomes the first note.
    label: of the LaTeX table; None for one that names the study. columns: keys of the columns, in their order; empty
    for the usual ones. sort: one of ORDERS.
    """

    percent: bool = False
    decimals: int | None = None
    rename: tuple[str, ...] = ()
    caption: str | None = None
    label: str | None = None
    columns: tuple[str, ...] = ()
    sort: str = DECLARED

    def to_json(self) -> dict[str, Any]:
        """The options that were chosen, without those at their defaults."""
        chosen = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value != field.default:
                chosen[field.name] = list(value) if isinstance(value, tuple) else value
        return chosen

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "TableStyle":
        """Parse what `to_json` returned. Raises AblateError for anything else."""
        options = {}
        for name, value in values.items():
            read = READERS.get(name)
            if read is None or type(value) is not read:
                raise AblateError(
                    f"The table records an option that ablate-compare does not write. Received {printable(str(name))}. "
                    f"Allowed: {', '.join(READERS)}. Write the table again with ablate-compare"
                )
            options[name] = tuple(map(str, value)) if isinstance(value, list) else value
        return cls(**options).checked()

    def checked(self) -> "TableStyle":
        """The style itself. Raises AblateError for values that no table can have."""
        if self.decimals is not None and not 0 <= self.decimals <= MAX_DECIMALS:
            raise AblateError(
                f"The number of decimals is too small or too large. Received --decimals {self.decimals}. "
                f"Allowed: 0 to {MAX_DECIMALS}. Type for example --decimals 1"
            )
        if self.label is not None and not LABEL.fullmatch(self.label):
            raise AblateError(
                f"LaTeX does not take this label. Received --label {printable(self.label)}. Allowed: letters, digits "
                "and : . _ / + - without spaces. Type for example --label tab:ablation"
            )
        if self.sort not in ORDERS:
            raise AblateError(
                f"Unknown order. Received --sort {printable(self.sort)}. Allowed: {' and '.join(ORDERS)}. "
                "Type for example --sort effect"
            )
        self._check_columns()
        return self

    def _check_columns(self) -> None:
        unknown_keys = [key for key in self.columns if key not in COLUMN_KEYS]
        if unknown_keys or len(set(self.columns)) < len(self.columns):
            problem = "Unknown column" if unknown_keys else "A column can be shown only once"
            raise AblateError(
                f"{problem}. Received --columns {printable(','.join(self.columns))}. Allowed: each of "
                f"{', '.join(COLUMN_KEYS)}. Type for example --columns variant,metric,difference,p_adjusted,verdict"
            )

    @property
    def recorded(self) -> str:
        """The chosen options as JSON that ends no comment of HTML or LaTeX; empty if all have their defaults."""
        chosen = self.to_json()
        if not chosen:
            return ""
        return json.dumps(chosen).replace("--", r"-\u002d").replace(">", r"\u003e")


def read_style(recorded: str) -> TableStyle:
    """Parse what `TableStyle.recorded` returned. Raises AblateError for anything else."""
    if not recorded:
        return TableStyle()
    try:
        values = json.loads(recorded)
    except (ValueError, RecursionError):
        values = None
    if not isinstance(values, dict):
        raise AblateError(
            f"The options that the table records cannot be read. Received {printable(recorded[:100])}. Allowed: those "
            "that ablate-compare wrote. Write the table again with ablate-compare"
        )
    return TableStyle.from_json(values)


def begin(style: TableStyle) -> str:
    """The text of the marker before a table in Markdown and LaTeX; it records the options of the table."""
    return f"{BEGIN} {style.recorded}".rstrip()


def recorded_options(marker: str) -> str | None:
    """The options that a marker records, empty for none; None for a text that is no such marker."""
    if marker == BEGIN:
        return ""
    return marker.removeprefix(f"{BEGIN} ") if marker.startswith(f"{BEGIN} {{") else None


READERS = {  # option: the type of its JSON
    "percent": bool,
    "decimals": int,
    "rename": list,
    "caption": str,
    "label": str,
    "columns": list,
    "sort": str,
}
