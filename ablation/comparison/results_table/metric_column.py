"""What is known of a metric from its name and its values: which direction is better, shares, percent, steps."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from math import floor, isclose, sqrt

import numpy as np

from ablation.comparison.reading.run import OpenMetric, ValueStep
from ablation.comparison.results_table import words
from ablation.comparison.results_table.options import FRACTIONS, HIGHER, MEAN, PERCENTS, TableOptions
from ablation.comparison.results_table.sheet import Sheet
from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.text import capitalized

PERCENT = 100
MIXED = 10.0  # ratio of the largest to the smallest value from which they may have two units
COUNTED_DECIMALS = 4  # from which decimals of a share are counts of 10,000 test examples rather than rounded
ROUNDED_DECIMALS = 6  # decimals up to which values have a last one; computers write most fractions with 16
LEAST_DECIMALS = 2  # of rounded values: 0.5 alone does not show that there are steps of 0.1
MOST_EXAMPLES = 20_000  # test examples that values of float32 can reveal
TOLERANCE = 2e-7  # of a share in float32
LEAST_VALUES = 4  # from which a common number of examples is not taken for one by chance
UNIFORM = sqrt(12)  # a rounding error is uniform: its SD is its width divided by this


def open_metric(sheet: Sheet, column: str, values: Sequence[float], options: TableOptions) -> OpenMetric:
    """Describe the metric of a table. values: one for each run.

    Raises AblateError if neither its name nor an option says which direction is better, and if percents are mixed with
    fractions.
    """
    higher = _is_higher(column, options.better)
    if words.is_rate(column) and options.unit != PERCENTS:
        _refuse_mixed_units(sheet, column, values, options.unit)
    metric = OpenMetric(column, words.short_name(column), _caption(sheet, column, options), higher)
    return with_steps(metric, values, has_means=options.take == MEAN, unit=options.unit)


def with_steps(
    metric: OpenMetric, values: Sequence[float], has_means: bool = False, unit: str | None = None
) -> OpenMetric:
    """The metric with what its name and its values show: whether it is a share, and the step between values.

    values: one for each run. has_means: each is a mean of several, and has no step. unit: as in `TableOptions`.
    """
    named = words.words_of(metric.name)
    is_share = unit != PERCENTS and bool(named & words.SHARES) and 0 <= min(values) and max(values) <= 1
    step = None
    if named & words.ACCURACIES and not has_means:
        step = value_step(values, scale=1 if is_share else PERCENT)
    return replace(metric, is_share=is_share, step=step)


def _caption(sheet: Sheet, column: str, options: TableOptions) -> str:
    taken = ""
    if options.take is not None:
        of = f"by {printable(sheet.step_column)}, " if options.take == "last" and sheet.step_column else ""
        taken = f", its {options.take} value {of}of each run".replace(", of", " of")
    name = capitalized(words.sentence_name(printable(words.short_name(column))))
    return f"{name}: column {printable(column)} of {printable(sheet.source)}{taken}."


def _is_higher(column: str, better: str | None) -> bool:
    if better is not None:
        return better == HIGHER
    known = words.direction(words.short_name(column))
    if known is None:
        raise AblateError(
            f"The name of the metric does not say which direction is better. Received --metric {printable(column)}. "
            "Allowed: --better higher, as for an accuracy, or --better lower, as for a loss. Type for example "
            "--better higher"
        )
    return known


def _refuse_mixed_units(sheet: Sheet, column: str, values: Sequence[float], unit: str | None) -> None:
    """Refuse 0.931 among 93.1 and 92.8: fractions far below values that can only be percents."""
    fractions = [position for position, value in enumerate(values) if 0 < value < 1]
    percents = [position for position, value in enumerate(values) if value > 1]
    may_exceed = bool(words.words_of(column) & words.ERROR_RATES)  # more errors than words
    if not percents or (unit is None and not fractions) or (unit == FRACTIONS and may_exceed):
        return
    largest = max(values)
    if unit is None and largest < MIXED * min(values[position] for position in fractions):
        return
    if unit == FRACTIONS:
        raise AblateError(
            f"A fraction is at most 1. Received {values[percents[0]]:g} in column {printable(column)}, "
            f"{sheet.rows_at(percents)}, with --unit fraction. Allowed: values from 0 to 1. Type --unit percent if all "
            "are percents, or correct the file"
        )
    fewer, unit_of_others = (fractions, "percents") if len(fractions) <= len(percents) else (percents, "fractions")
    raise AblateError(
        f"Percents seem to be mixed with fractions. Received {values[fewer[0]]:g} in column {printable(column)}, "
        f"{sheet.rows_at(fewer)}, where the others look like {unit_of_others}, up to {largest:g}. Allowed: one unit in "
        "the whole column. Type --unit percent if all are percents, --unit fraction if all are fractions, or correct "
        "the file"
    )


# ---------------------------------------------------------------- steps


def value_step(values: Sequence[float], scale: float = 1) -> ValueStep | None:
    """The smallest step between accuracies: one of N test examples, or a unit of rounding; None if there is neither.

    values: of all runs. scale: 1 for shares, 100 for percents. A unit of rounding u hides an SD of u / sqrt(12), and a
    number of examples one of 1 / N, as for runs of ablate.
    """
    decimals = max(max(map(_decimals, values)), LEAST_DECIMALS if scale == 1 else 0)
    of_shares = decimals + (0 if scale == 1 else 2)
    if of_shares < COUNTED_DECIMALS:
        unit = 10.0**-decimals
        places = f"{decimals} decimal{'s' if decimals != 1 else ''}"
        return ValueStep(unit / UNIFORM, decimals, f"because its values are rounded to {places}")
    if of_shares <= ROUNDED_DECIMALS:
        examples = 10**of_shares
    else:
        examples = _examples(np.array(sorted(set(values))) / scale)
    if examples is None:
        return None
    places = floor(np.log10(examples - 0.5)) + 1  # of one example, as for images: 3 for 360 and for 1,000
    return ValueStep(scale / examples, places, f"because its values are multiples of {scale:g}/{examples:,}")


def _decimals(value: float) -> int:
    """The decimals of the shortest text that gives this number, also if it was stored as float32."""
    exponents = []
    for text in (repr(value), repr(float(f"{value:.7g}")) if _is_float32(value) else repr(value)):
        exponent = Decimal(text).normalize().as_tuple().exponent
        exponents.append(-exponent if isinstance(exponent, int) else 0)
    return max(0, min(exponents))


def _is_float32(value: float) -> bool:
    return isclose(value, float(np.float32(value)), rel_tol=1e-12)


def _examples(shares: np.ndarray) -> int | None:
    """The smallest number of examples of which all shares are whole numbers; None if there is none, or by chance."""
    if len(shares) < LEAST_VALUES:
        return None
    counts = np.arange(2, MOST_EXAMPLES + 1)
    is_possible = np.ones(len(counts), dtype=bool)
    for share in shares:
        products = counts * share
        is_possible &= np.abs(products - np.round(products)) <= TOLERANCE * counts
        if not is_possible.any():
            return None
    return int(counts[is_possible][0])
