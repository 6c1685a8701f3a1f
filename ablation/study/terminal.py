"""A study on the terminal: its cells, its networks, its results."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from ablation.config.schema import Train
from ablation.runtime import console
from ablation.study.cells import Cell
from ablation.study.plan import KEPT_ASIDE, Plan
from ablation.study.preflight.measurement import NetworkSize
from ablation.study.preflight.probe import Failure
from ablation.study.spec import key
from ablation.text import list_with_more, plural, typed_value

NAMED = 4  # cells that one line names


def head(plan: Plan) -> None:
    """The question, the design, and what has changed since the study was planned last."""
    study, distinct = plan.study, plan.cells.distinct
    if study.question:
        console.say(study.question)
    seeds, most = len(study.seeds), "at most " if study.sequential else ""
    console.say(
        f"Study {study.name}, {study.design.replace('_', ' ')}: {plural(len(study.components), 'component')}, "
        f"{plural(len(distinct), 'cell')}, {most}{plural(seeds, 'seed')}: {most}{plural(len(distinct) * seeds, 'run')}"
    )
    for cell in plan.cells.design:
        if cell.same_as is not None:
            console.say(f"{cell.name} equals {cell.same_as}: they share the same runs")
    for component in study.components:
        first, *others = component.labels()
        if others and study.design in ("add_one_in", "cumulative"):
            console.say(f"{study.design} uses only the first alternative, {first}: no cell has {', '.join(others)}")
    if plan.foreign:
        console.say(f"Note: {plan.place} is not a valid plan; it is ignored, and kept as {KEPT_ASIDE}")
    changes = plan.changes()
    if changes:
        earlier = (plan.supersedes or "")[:8]
        console.say(f"Note: the study has changed since it was planned ({earlier}): {'; '.join(changes)}")


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
    """`model.norm=none (not batch)`, without what is declared to change with it."""
    along = set(map(key, cell.along))
    texts = []
    for name, (before, after) in cell.differs.items():
        if name not in cell.implied and name not in along:
            texts.append(f"{name}={typed_value(after)} (not {typed_value(before)})")
    return ", ".join(texts)


def length(train: Train) -> str:
    """`64,000 steps` or `12 epochs`."""
    if train.epochs is not None and train.steps is None:
        return plural(train.epochs, "epoch")
    return plural(train.steps or train.reference_steps or 0, "step")


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


def decided(plan: Plan) -> None:
    """Of each comparison what was decided, and at how many seeds."""
    from ablation.study import interim_analysis  # SciPy

    table = Table("cell", "compared with", "verdict", "seeds", box=None, header_style="bold")
    for (cell, reference), decision in interim_analysis.decisions(plan).items():
        table.add_row(*map(Text, (cell, reference, decision.verdict, str(decision.seeds))))
    console.show(table)
