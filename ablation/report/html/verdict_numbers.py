"""The numbers behind each verdict: tests, intervals, looks, diverged and missing runs, seeds needed."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.html.rows import row_cells
from ablation.report.tables.records import VariantRecord
from ablation.report.tables.table import Table
from ablation.report.wording.metric_format import MetricFormat, metric_format
from ablation.report.wording.needed_seeds import seed_range
from ablation.report.wording.number_format import number, p_value, typeset
from ablation.report.wording.verdict_text import diverged_share, missing_runs
from ablation.statistics.intervals import Interval
from ablation.statistics.power import SeedRange
from ablation.statistics.protocol import POWER
from ablation.statistics.verdict import PairResult
from ablation.text import plural


@dataclass(frozen=True)
class Fact:
    """A named number, or several, as text."""

    name: str
    text: str


@dataclass(frozen=True)
class VerdictNumbers:
    """The numbers behind the verdict on one variant."""

    label: str
    facts: tuple[Fact, ...]


def verdict_numbers(comparison: Comparison, table: Table) -> tuple[VerdictNumbers, ...]:
    """Collect the numbers of each variant that is compared; those that are unknown are left out."""
    numbers = []
    for place, variant in enumerate(comparison.variants):
        if variant.reference is None:
            continue
        facts = [*_result_facts(comparison, variant.result), *_run_facts(comparison, variant)]
        facts += _needed(comparison, table.records[place])
        facts += _supplementary(table, place)
        shown = tuple(fact for fact in facts if fact.text)
        if shown:
            numbers.append(VerdictNumbers(variant.label, shown))
    return tuple(numbers)


def _result_facts(comparison: Comparison, result: PairResult | None) -> Iterable[Fact]:
    if result is None:
        return
    written, repeated = metric_format(comparison), "Repeated " if result.look else ""
    equivalence = "90 % CI (TOST)" if comparison.margin else "90 % CI"
    yield Fact("Test", _test(result))
    if result.look is not None:
        look = result.look
        yield Fact("Look", f"{plural(look.n, 'seed')}, nominal level {p_value(look.level)}, p = {p_value(look.p)}")
    yield Fact("Difference", typeset(written.difference(result.difference)))
    yield Fact(f"{repeated}95 % CI, this difference alone", _interval(result.interval, written))
    if comparison.comparisons > 1:
        name = f"{repeated}95 % CI, {comparison.comparisons} comparisons (Bonferroni)"
        yield Fact(name, _interval(result.simultaneous, written))
    yield Fact(equivalence, _interval(result.equivalence_interval, written))
    yield from _ps(comparison, result)
    yield from _paired_facts(comparison, result)


def _ps(comparison: Comparison, result: PairResult) -> Iterable[Fact]:
    """The p-values; of a single comparison, none is corrected."""
    p = Fact("p", _known_p(result.p))
    if comparison.comparisons > 1:
        yield Fact("p of TOST after Holm", _known_p(result.p_equivalence))
        yield p
        yield Fact("p after Holm", _known_p(result.p_holm))
    else:
        yield Fact("p of TOST", _known_p(result.p_equivalence))
        yield p


def _test(result: PairResult) -> str:
    if result.pair.paired:
        return f"paired t-test over seeds, {plural(result.pair.n, 'pair')}"
    return f"Welch's t-test over seeds, {result.arm.n} against {plural(result.reference.n, 'run')}"


def _interval(ends: Interval, written: MetricFormat) -> str:
    return typeset(written.bracketed(ends))


def _known_p(p: float) -> str:
    return typeset(p_value(p)) if isfinite(p) else ""


def _paired_facts(comparison: Comparison, result: PairResult) -> Iterable[Fact]:
    if result.paired is None:
        return
    written = metric_format(comparison)
    difference = typeset(written.difference(result.paired.difference))
    ends = _interval(result.paired.interval, written)
    yield Fact("Paired by seed, 95 % CI", f"{difference} {ends}".strip())
    if isfinite(result.paired.correlation):
        yield Fact("Correlation over seeds, r", typeset(number(result.paired.correlation, 2)))


def _run_facts(comparison: Comparison, variant: ComparedVariant) -> Iterable[Fact]:
    """The diverged and the missing runs of a variant and its reference."""
    reference = comparison.variant(str(variant.reference))
    if isfinite(variant.divergence_p):
        p = p_value(variant.divergence_p)
        shares = f"{diverged_share(variant)} and {diverged_share(reference)} of {reference.label}"
        yield Fact("Diverged", f"{shares} (Fisher's p = {p})")
    missing = missing_runs(variant).strip("()")
    yield Fact("Missing", missing)
    of_reference = missing_runs(reference).strip("()")
    if of_reference:
        yield Fact(f"Missing of {reference.label}", of_reference)


def _needed(comparison: Comparison, record: VariantRecord) -> Iterable[Fact]:
    if isfinite(record.needed_for):
        seeds = seed_range(SeedRange(record.needed_seeds_low, record.needed_seeds_high))
        difference = metric_format(comparison).difference(record.needed_for, sign=False)
        yield Fact("Seeds needed", f"{seeds} to detect {difference} with {100 * POWER:.0f} % power")


def _supplementary(table: Table, place: int) -> Iterable[Fact]:
    """The supplementary columns of the table."""
    cells = row_cells(table.variants, place)
    for column in table.variants.columns:
        if column.supplementary:
            yield Fact(column.title, typeset(cells[column.key].full_text))
