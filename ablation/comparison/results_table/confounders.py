"""What else differs in a table: every other column is a possible cause of a difference between the variants."""

from collections.abc import Hashable, Sequence

from ablation.comparison.results_table import words
from ablation.comparison.results_table.columns import Columns
from ablation.comparison.results_table.sheet import Sheet, number_of, text_of
from ablation.redaction import printable
from ablation.text import list_with_more, plural

MAX_VALUE = 40  # characters of a value
NAMED = 6  # columns with a sentence of their own
VALUES, VARIANTS, COLUMNS = 3, 4, 8  # in a sentence
PER_RUN = 0.5  # different values per row from which a column is taken to describe single runs


def settings(sheet: Sheet, columns: Columns) -> list[str]:
    """The columns that may describe how a run was made: all but those with a role and other results."""
    named = {*columns.all, sheet.state_column, sheet.run_column, sheet.step_column}
    return [column for column in sheet.columns if column not in named and not is_result(sheet, column)]


def is_result(sheet: Sheet, column: str) -> bool:
    """Whether a column has numbers, and the name of a metric; `loss: focal` is a setting."""
    return words.is_metric(column) and not any(
        isinstance(value, str) and number_of(value) is None for value in sheet.frame[column]
    )


def sentences(sheet: Sheet, columns: Columns) -> tuple[str, ...]:
    """Sentences on the columns that differ between variants, within variants, and from run to run."""
    names = [text_of(cell) for cell in sheet.frame[columns.variant]]
    blocks = [text_of(cell) for cell in sheet.frame[columns.block]] if columns.block else [""] * len(names)
    between, within, per_run = [], [], []
    for column in sheet.columns:
        if column in columns.all or column in (sheet.state_column, sheet.step_column):
            continue
        values = [text_of(cell) for cell in sheet.frame[column]]
        if _is_constant(values, blocks):
            continue
        by_variant = _by_variant(names, values)
        if _is_constant(values, list(zip(names, blocks, strict=True))):
            between.append(_sentence(column, "differs with the variant", by_variant))
        elif _describes_runs(sheet, column, values):
            per_run.append(printable(column))
        else:
            within.append(_sentence(column, "differs within variants", by_variant))
    found = [*_first(between, "differ with the variant"), *_first(within, "differ within variants")]
    if per_run:
        listed = list_with_more(per_run, COLUMNS)
        found.append(f"Note: {plural(len(per_run), 'column')} with a value for each run cannot be checked: {listed}.")
    return tuple(found)


def _is_constant(values: Sequence[str], groups: Sequence[Hashable]) -> bool:
    """Return whether all rows of a group have one value."""
    value_of_group: dict[Hashable, str] = {}
    return all(value_of_group.setdefault(group, value) == value for group, value in zip(groups, values, strict=True))


def _sentence(column: str, verb: str, by_variant: dict[str, list[str]]) -> str:
    return f"Possible confounder: {printable(column)} {verb} ({_values(by_variant)})."


def _by_variant(names: Sequence[str], values: Sequence[str]) -> dict[str, list[str]]:
    """The different values of each variant."""
    by_variant: dict[str, dict[str, None]] = {}
    for name, value in zip(names, values, strict=True):
        by_variant.setdefault(name, {})[value] = None
    return {name: list(own) for name, own in by_variant.items()}


def _describes_runs(sheet: Sheet, column: str, values: Sequence[str]) -> bool:
    """Whether a column has a value of its own for most runs, as times, names and other results have."""
    return column == sheet.run_column or len(set(values)) > max(2, PER_RUN * len(values))


def _values(by_variant: dict[str, list[str]]) -> str:
    """`64 in full and -mix, 32 in -norm`; several values of a variant as `A100 and V100 in full`."""
    variants_by_value: dict[str, list[str]] = {}
    for name, own in by_variant.items():
        shown = list_with_more([_short(value) for value in own], VALUES)
        variants_by_value.setdefault(shown, []).append(_short(name))
    texts = [f"{shown} in {list_with_more(names, VARIANTS)}" for shown, names in variants_by_value.items()]
    hidden = len(texts) - VARIANTS
    return "; ".join([*texts[:VARIANTS], *([f"{hidden} more"] if hidden > 0 else [])])


def _short(value: str) -> str:
    text = printable(value) or "empty"
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"


def _first(found: Sequence[str], what: str) -> list[str]:
    """The first sentences, and one that counts the others."""
    if len(found) <= NAMED:
        return list(found)
    return [*found[:NAMED], f"Possible confounders: {plural(len(found) - NAMED, 'more column')} {what}."]


def unequal_seeds(sheet: Sheet, columns: Columns) -> tuple[str, ...]:
    """A sentence on variants with different numbers of seeds."""
    names = [text_of(cell) for cell in sheet.frame[columns.variant]]
    seeds = _by_variant(names, [text_of(cell) for cell in sheet.frame[columns.seed]])
    counts = {name: len(own) for name, own in seeds.items()}
    if len(set(counts.values())) < 2:
        return ()
    listed = list_with_more([f"{printable(name)} has {count}" for name, count in counts.items()], VARIANTS)
    return (f"Note: the variants have different numbers of seeds: {listed}.",)


def equal_variants(sheet: Sheet, columns: Columns, values: Sequence[float]) -> tuple[str, ...]:
    """A sentence on variants that have the same value for each seed: a program that ignores its setting gives these."""
    by_variant: dict[str, dict[tuple[str, str], float]] = {}
    blocks = sheet.frame[columns.block] if columns.block else [""] * len(values)
    rows = zip(sheet.frame[columns.variant], sheet.frame[columns.seed], blocks, values, strict=True)
    for name, seed, block, value in rows:
        by_variant.setdefault(text_of(name), {})[text_of(seed), text_of(block)] = value
    same: dict[frozenset[tuple[tuple[str, str], float]], list[str]] = {}
    for name, own in by_variant.items():
        if len(own) > 1:
            same.setdefault(frozenset(own.items()), []).append(printable(name))
    return tuple(
        f"Note: {list_with_more(names, VARIANTS)} have the same value for every seed. Check that what differs between "
        "them reached the program."
        for names in same.values()
        if len(names) > 1
    )


def deaf_to_seeds(sheet: Sheet, columns: Columns, values: Sequence[float]) -> tuple[str, ...]:
    """A sentence on variants whose runs all have the same value: a script that ignores its seed gives such results."""
    names = [text_of(cell) for cell in sheet.frame[columns.variant]]
    by_variant: dict[str, list[float]] = {}
    for name, value in zip(names, values, strict=True):
        by_variant.setdefault(name, []).append(value)
    equal = [printable(name) for name, own in by_variant.items() if len(own) > 2 and len(set(own)) == 1]
    if not equal:
        return ()
    return (
        f"Note: all runs of {list_with_more(equal, VARIANTS)} have the same value, whatever their seed. Check that the "
        "seed reached the program.",
    )
