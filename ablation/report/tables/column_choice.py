"""The columns that a user chose, among those that a table has."""

from collections.abc import Sequence

from ablation.errors import AblateError
from ablation.report.tables.table import Column
from ablation.text import list_with_more


def chosen_columns(columns: Sequence[Column], chosen: Sequence[str]) -> tuple[str, ...]:
    """The keys of the chosen columns in their order, behind that of the variant; empty if none was chosen.

    Raises AblateError for one that this table does not have.
    """
    own_keys = [column.key for column in columns]
    keys = list(dict.fromkeys(column_key(key, own_keys) for key in chosen))
    missing = [key for key in keys if key not in own_keys]
    if missing:
        raise AblateError(
            f"This table has no such column, because it would be empty. Received --columns {','.join(chosen)}, and "
            f"nothing to show for {list_with_more(missing)}. Allowed here: {', '.join(own_keys)}. Type for example "
            f"--columns {','.join(own_keys[:4])}"
        )
    if not keys:
        return ()
    return ("variant", *(key for key in keys if key != "variant"))


def column_key(key: str, own_keys: Sequence[str]) -> str:
    """The key of a column of this table: of a single comparison, its only p is the one of the verdict."""
    return "p_adjusted" if key == "p" and key not in own_keys else key
