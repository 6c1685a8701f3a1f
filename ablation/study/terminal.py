"""A study on the terminal: its cells, its networks, its results."""

import itertools
from collections.abc import Iterable, Sequence
from statistics import fmean, stdev

from rich.table import Table
from rich.text import Text

from ablation.comparison.analysis.default_metric import DefaultMetric, default_metric
from ablation.config.schema import Train
from ablation.run import place
from ablation.rundir.record import RunRecord
from ablation.runtime import console
from ablation.study.cells import BASELINE, Cell
from ablation.study.plan import KEPT_ASIDE, Plan
from ablation.study.preflight.measurement import NetworkSize
from ablation.study.preflight.probe import Failure
from ablation.text import list_with_more, plural, typed_value

NAMED = 4  # cells that one line names


def head(plan: Plan) -> None:
    """The question, the design, and what has changed since the study was planned last."""
    study, distinct = plan.study, [cell for cell in plan.cells.design if cell.same_as is None]
    if study.question:
        console.say(study.question)
    seeds, most = len(study.seeds), "at most " if study.sequential else ""
    console.say(
        f"Study {study.name}, {study.design.replace('_', ' ')}: {plural(len(study.components), 'component')}, "
        f"{plural(len(distinct), 'cell')}, {most}{plural(seeds, 'seed')}: {most}{plural(len(distinct) * seeds, 'run')}"
    )
    for cell in plan.cells.design:
        if cell.same_as is not None:
            console.say(f"{cell.name} is {cell.same_as}: the same runs count for both")
    unused = [c for c in study.components if len(c.removals) > 1 and study.design in ("add_one_in", "cumulative")]
    for component in unused:
        others = ", ".join(component.label(i) for i in range(2, len(component.removals) + 1))
        console.say(f"{study.design} removes {component.name} as {component.label(1)}; it has no cell for {others}")
    if plan.foreign:
        console.say(f"{plan.place} is not a valid plan: it is ignored, and kept as {KEPT_ASIDE}")
    changes = plan.changes()
    if changes:
        console.say(f"The study has changed since it was planned ({plan.supersedes[:8]}): " + "; ".join(changes))


def listing(plan: Plan) -> None:
    """The cells: what each is, how it differs from the baseline, how long it trains."""
    table = Table("cell", "change from the baseline", "also changed", "length", box=None, header_style="bold")
    alongs = any(cell.along for cell in plan.cells.design)
    budgets = any(cell.budget for cell in plan.cells.design)
    if not alongs:
        table.columns.pop(2)
    if budgets:
        table.add_column("budget")
    for cell in plan.cells.design:
        row = [cell.name, _set(cell), *([", ".join(cell.along)] if alongs else []), length(cell.config.train)]
        table.add_row(*map(Text, row), *([Text("its own" if cell.budget else "")] if budgets else []))
    console.show(table)


def _set(cell: Cell) -> str:
    along = {word.partition("=")[0] for word in cell.along}
    own = {k: pair for k, pair in cell.differs.items() if k not in cell.implied and k not in along}
    return ", ".join(f"{k}={typed_value(here)} (not {typed_value(base)})" for k, (base, here) in own.items())


def length(train: Train) -> str:
    """`64,000 steps` or `12 epochs`."""
    if train.epochs is not None and train.steps is None:
        return plural(train.epochs, "epoch")
    return plural(train.steps or train.reference_steps, "step")


def network(size: NetworkSize | Failure, cells: Sequence[str]) -> None:
    """One network that was counted, and the cells that train it."""
    names = list_with_more(cells, NAMED)
    if isinstance(size, Failure):
        console.say(f"  not built: {size.reason}  ({names})")
        return
    console.say(f"  {size.name}: {size.trainable_parameters:,} parameters, {size.macs:,} MACs  ({names})")


def fraction(plan: Plan) -> None:
    """Letters, generators, defining relation and aliases of a fractional design."""
    fraction = plan.frozen.fraction
    if fraction is None:
        return
    names = ", ".join(f"{letter} = {name}" for letter, name in fraction.letters.items())
    relation = " = ".join(["I", *fraction.relation]) if fraction.relation else "none, it is the full factorial"
    console.say(f"Factors: {names}")
    console.say(f"Generators: {', '.join(fraction.generators) or 'none'}. Resolution {_roman(fraction.resolution)}")
    console.say(f"Defining relation: {relation}")
    if fraction.aliases:
        console.say("Aliases (effects that this design cannot separate, up to two factors):")
        for group in fraction.aliases:
            console.say("  " + " = ".join(group))


def _roman(number: int) -> str:
    return {3: "III", 4: "IV", 5: "V", 6: "VI", 7: "VII", 8: "VIII"}.get(number, str(number))


def results(plan: Plan) -> None:
    """Each cell over its seeds, and how far it is from what it is compared to."""
    records = {cell.name: place.completed_records(cell.runs).values() for cell in plan.cells.design}
    if not any(records.values()):
        return
    references = dict(plan.frozen.comparisons) or {name: BASELINE for name in records if name != BASELINE}
    metric = default_metric(itertools.chain.from_iterable(records.values()))
    values = {name: _values(metric, ended) for name, ended in records.items()}
    table = Table("cell", box=None, header_style="bold")
    for column in ("runs", metric.words, "difference"):
        table.add_column(column, justify="right")
    budgets = any(cell.budget for cell in plan.cells.design)
    if budgets:
        table.add_column("budget")
    for cell in plan.cells.design:
        scores, reference = values[cell.name], references.get(cell.name)
        compared_to = values.get(reference, []) if reference is not None else []
        difference = f"{fmean(scores) - fmean(compared_to):+.4f}" if scores and compared_to else ""
        counted = f"{len(scores)}/{len(cell.runs)}"
        told = [cell.name, counted, _mean(scores), difference, *(["its own" if cell.budget else ""] if budgets else [])]
        table.add_row(*map(Text, told))
    console.show(table)


def _values(metric: DefaultMetric, records: Iterable[RunRecord]) -> list[float]:
    return [value for value in map(metric.value, records) if value is not None]


def _mean(scores: list[float]) -> str:
    if not scores:
        return ""
    return f"{fmean(scores):.4f}" + (f" (SD {stdev(scores):.4f})" if len(scores) > 1 else "")


def decided(plan: Plan) -> None:
    """Of each comparison what was decided, and at how many seeds."""
    from ablation.study import interim_analysis  # SciPy

    table = Table("cell", "compared with", "verdict", "seeds", box=None, header_style="bold")
    for (one, other), decision in interim_analysis.decisions(plan).items():
        table.add_row(*map(Text, (one, other, decision.verdict, str(decision.seeds))))
    console.show(table)
