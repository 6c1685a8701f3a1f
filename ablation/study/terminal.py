"""Print a study on the terminal: its cells, networks and decisions."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from ablation.config.program.spec import ProgramConfig
from ablation.config.schema import Train
from ablation.rundir.plan_history import PastPlan
from ablation.runtime import console
from ablation.study.cells import Cell
from ablation.study.plan import KEPT_ASIDE, Plan
from ablation.study.preflight.measurement import NetworkSize
from ablation.study.preflight.probe import Failure
from ablation.study.spec import key
from ablation.text import list_with_more, plural, typed_value

NAMED = 4  # cells named in one line, at most


def head(plan: Plan) -> None:
    """Print the question, design and size of a study, and its changes since it was last planned."""
    study, distinct = plan.study, plan.cells.distinct
    if study.question:
        console.say(study.question)
    seeds, limit = len(study.seeds), "at most " if study.sequential else ""
    runs = len(distinct) * seeds
    console.say(
        f"Study {study.name}, {study.design.replace('_', ' ')}: {plural(len(study.components), 'component')}, "
        f"{plural(len(distinct), 'cell')}, {limit}{plural(seeds, 'seed')}: {limit}{plural(runs, 'run')}"
    )
    for cell in plan.cells.design:
        if cell.same_as is not None:
            console.say(f"{cell.name} equals {cell.same_as}: they share the same runs")
    for component in study.components:
        first, *unused = component.labels()
        if unused and study.design in ("add_one_in", "cumulative"):
            console.say(f"{study.design} uses only the first alternative, {first}: no cell has {', '.join(unused)}")
    if plan.foreign:
        console.say(f"Note: {plan.place} is not a valid plan; it is ignored, and kept as {KEPT_ASIDE}")
    changes = plan.changes()
    if changes:
        earlier = (plan.supersedes or "")[:8]
        console.say(f"Note: the study has changed since it was planned ({earlier}): {'; '.join(changes)}")
    if plan.disclosed is not None:
        console.say(_disclosure(plan.disclosed, plan.frozen.comparisons_with_history()))
    seen = plan.frozen.seen
    if seen is not None and seen.cells:
        names = list_with_more(seen.cells, NAMED)
        console.say(
            f"Note: runs of {names} had ended before they were planned: comparisons will say so, and their verdicts "
            "will be exploratory"
        )


def _disclosure(change: PastPlan, comparisons: int) -> str:
    """What every comparison will say of a change, and its consequence. comparisons: counted by Holm's correction."""
    start = f"Note: {plural(change.ended, 'run')} had ended before this change. Every comparison will say so, and"
    if change.rules:
        fields = "seeds, stopping, test or margin"
        return f"{start} its verdicts will be exploratory, because {fields} changed after the data was there"
    return f"{start} its verdicts will count {plural(comparisons, 'comparison')} in Holm's correction"


def listing(plan: Plan) -> None:
    """Print a table of the cells: their changes from the baseline, and how long they train, if we train them."""
    columns = ["cell", "change from the baseline", "also changed"]
    if plan.study.program is None:
        columns.append("length")
    table = Table(*columns, box=None, header_style="bold")
    has_along = any(cell.along for cell in plan.cells.design)
    has_budget = any(cell.budget for cell in plan.cells.design)
    if not has_along:
        table.columns.pop(2)
    if has_budget:
        table.add_column("budget")
    for cell in plan.cells.design:
        row = [cell.name, _changes(cell), *([", ".join(cell.along)] if has_along else [])]
        if not isinstance(cell.config, ProgramConfig):
            row.append(length(cell.config.train))
        table.add_row(*map(Text, row), *([Text("its own" if cell.budget else "")] if has_budget else []))
    console.show(table)


def _changes(cell: Cell) -> str:
    """The removals of a cell, as `model.norm=none (not batch)`, without the overrides declared to change with them."""
    along = set(map(key, cell.along))
    texts = []
    for name, (before, after) in cell.differs.items():
        if name not in cell.implied and name not in along:
            texts.append(f"{name}={typed_value(after)} (not {typed_value(before)})")
    return ", ".join(texts)


def length(train: Train) -> str:
    """The length of a run: `64,000 steps` or `12 epochs`."""
    if train.epochs is not None and train.steps is None:
        return plural(train.epochs, "epoch")
    return plural(train.steps or train.reference_steps or 0, "step")


def network(size: NetworkSize | Failure, cells: Sequence[str]) -> None:
    """Print the size of a network, or why it was not built, and the cells that train it."""
    names = list_with_more(cells, NAMED)
    if isinstance(size, Failure):
        console.say(f"  not built: {size.reason}  ({names})")
        return
    console.say(f"  {size.name}: {size.trainable_parameters:,} parameters, {size.macs:,} MACs  ({names})")


def fraction(plan: Plan) -> None:
    """Print the letters, generators, defining relation and aliases of a fractional design."""
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
    """Print the decision for each comparison, and the number of seeds at that look."""
    from ablation.study import interim_analysis  # SciPy

    table = Table("cell", "compared with", "verdict", "seeds", box=None, header_style="bold")
    for (cell, reference), decision in interim_analysis.decisions(plan).items():
        table.add_row(*map(Text, (cell, reference, decision.verdict, str(decision.seeds))))
    console.show(table)
