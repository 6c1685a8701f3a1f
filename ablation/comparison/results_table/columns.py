"""Which columns of a table are the variant, the seed, the metric and the block."""

from collections.abc import Sequence
from dataclasses import dataclass
from shlex import quote

from ablation.comparison.results_table import words
from ablation.comparison.results_table.options import TableOptions
from ablation.comparison.results_table.sheet import MOST_LISTED, Sheet, number_of
from ablation.errors import AblateError, similar
from ablation.redaction import printable
from ablation.text import list_with_more

FITTING = {"--variant": words.VARIANTS, "--seed": words.REPLICATES, "--block": words.BLOCKS}  # words of columns
USUAL = {"--variant": "variant", "--seed": "seed"}  # columns that need no option


@dataclass(frozen=True)
class Columns:
    """The columns that a comparison needs. block: None without blocks."""

    variant: str
    seed: str
    metric: str
    block: str | None = None

    @property
    def all(self) -> tuple[str, ...]:
        return tuple(column for column in (self.variant, self.seed, self.metric, self.block) if column is not None)


def choose(sheet: Sheet, options: TableOptions) -> Columns:
    """The columns that the options name, or else those with the usual names.

    Raises AblateError for a column that does not exist or has two roles, and if the choice is open.
    """
    variant = _named_or_usual(sheet, options.variant, "--variant", "which variant a row belongs to")
    seed = _named_or_usual(sheet, options.seed, "--seed", "which seed, or which repetition, a row is from")
    _refuse_steps(sheet, seed)
    metric = _metric(sheet, options.metric, (variant, seed))
    block = None if options.block is None else column_named(sheet, options.block, "--block")
    _refuse_step_blocks(sheet, block)
    columns = Columns(variant, seed, metric, block)
    _refuse_two_roles(columns)
    return columns


def _named_or_usual(sheet: Sheet, typed: str | None, option: str, meaning: str) -> str:
    if typed is not None:
        return column_named(sheet, typed, option)
    matches = _matches(sheet.columns, USUAL[option])
    if len(matches) == 1:
        return matches[0]
    likely = _likely(sheet, option)
    raise AblateError(
        f"The table does not say by itself {meaning}. Received {printable(sheet.source)} without {option}. Allowed: "
        f"one of its columns {sheet.listed_columns()}.{sheet.hint} Type for example {option} "
        f"{quote(printable(likely))}"
    )


def _likely(sheet: Sheet, option: str) -> str:
    """A column to propose; the word COLUMN if none has a name that fits."""
    fitting = FITTING.get(option, frozenset())
    for column in sheet.columns:
        named = words.words_of(words.short_name(column))
        if named & fitting and not words.is_metric(column) and column != sheet.run_column:
            return column
    return "COLUMN"


def column_named(sheet: Sheet, typed: str, option: str) -> str:
    """The column with a name, or whose last part it is: `params.lr` for `lr`."""
    matches = _matches(sheet.columns, typed)
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise AblateError(
            f"Several columns have this name. Received {option} {printable(typed)}. Allowed: "
            f"{list_with_more(map(printable, matches), MOST_LISTED)}. Type for example "
            f"{option} {quote(printable(matches[0]))}"
        )
    example = quote(printable(_nearest(sheet, typed, option)))
    raise AblateError(
        f"{printable(sheet.source)} has no column {printable(typed)}. Received {option} {printable(typed)}. Allowed: "
        f"its columns {sheet.listed_columns()}. Type for example {option} {example}"
    )


def _nearest(sheet: Sheet, typed: str, option: str) -> str:
    """The column that resembles a name most, where one does; otherwise one that shares a word with it."""
    named = words.words_of(typed)
    sharing = [column for column in sheet.columns if words.words_of(column) & named]
    return similar(typed, sheet.columns) or (sharing[0] if sharing else _likely(sheet, option))


def _matches(columns: Sequence[str], name: str) -> list[str]:
    """The columns with a name: exactly, or else without their prefix, or else whatever the case of the letters."""
    ways = (
        [column for column in columns if column == name],
        [column for column in columns if words.short_name(column) == name],
        [column for column in columns if words.short_name(column).lower() == name.lower()],
    )
    return next((matches for matches in ways if matches), [])


def _metric(sheet: Sheet, typed: str | None, taken: Sequence[str]) -> str:
    if typed is not None:
        return column_named(sheet, typed, "--metric")
    free = [column for column in sheet.columns if column not in taken]
    named = [column for column in free if words.is_metric(column) and _has_values(sheet, column)]
    possible = (
        [column for column in named if not words.is_time(column)]
        or named
        or [column for column in free if _has_numbers(sheet, column)]
    )
    if len(possible) == 1:
        return possible[0]
    listed = list_with_more(map(printable, possible), MOST_LISTED) or "none that has numbers"
    example = printable(possible[0]) if possible else "test_accuracy"
    raise AblateError(
        f"The table does not say by itself what to compare. Received {printable(sheet.source)} without --metric. "
        f"Allowed: a column with a number for each run, here {listed}. Type for example --metric {quote(example)}"
    )


def _has_values(sheet: Sheet, column: str) -> bool:
    """Whether a column has values, and they may be numbers: `loss: focal` is a setting."""
    cells = [cell for cell in sheet.frame[column] if cell is not None]
    return any(number_of(cell) is not None for cell in cells) or any(any(map(str.isdigit, str(cell))) for cell in cells)


def _has_numbers(sheet: Sheet, column: str) -> bool:
    """Whether all cells of a column that are not empty are numbers, and there is one."""
    cells = [cell for cell in sheet.frame[column] if cell is not None]
    return bool(cells) and all(number_of(cell) is not None for cell in cells)


def _refuse_steps(sheet: Sheet, seed: str) -> None:
    """Refuse epochs and folds as seeds: they are not independent runs, so their SD says nothing about other runs."""
    if words.is_step(seed):
        kind, reason = "Steps of training are not seeds", "the rows of one run depend on each other"
        remedy = "--seed COLUMN --take last"
    elif words.is_fold(seed):
        kind, reason = "Folds are not seeds", "their training sets overlap, so that every test would be too sure"
        remedy = "--seed COLUMN --take mean"
    else:
        return
    raise AblateError(
        f"{kind}. Received --seed {printable(seed)}, and {reason}. Allowed: a column that counts independent runs, "
        f"among {sheet.listed_columns()}. Type for example {remedy}"
    )


def _refuse_step_blocks(sheet: Sheet, block: str | None) -> None:
    if block is not None and words.is_step(block):
        raise AblateError(
            f"Steps of training are not blocks. Received --block {printable(block)}, which numbers the rows of a run. "
            f"Allowed: a column of data sets or tasks, among {sheet.listed_columns()}. To compare the values of one "
            "step of each run, type for example --take last"
        )


def _refuse_two_roles(columns: Columns) -> None:
    roles = {"--variant": columns.variant, "--seed": columns.seed, "--metric": columns.metric, "--block": columns.block}
    seen: dict[str, str] = {}
    for option, column in roles.items():
        if column is None:
            continue
        if column in seen:
            raise AblateError(
                f"One column cannot have two roles. Received {seen[column]} and {option}, both {printable(column)}. "
                f"Allowed: a column for each of {', '.join(roles)}. Type another column after {option}"
            )
        seen[column] = option
