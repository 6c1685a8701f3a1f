"""Runs on disk -> arms, each against what it is compared to: by a study's frozen plan, or a baseline that is named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import nan
from shlex import quote
from typing import Any

from ablation.compare import gate, images, judge, labels, measures, plans, rules, sequential
from ablation.compare.comparison import Comparison, Difference, Gate, Metric, Row
from ablation.compare.effects import Effect, effects
from ablation.compare.images import PerImage
from ablation.compare.judge import EQUIVALENT, FEW, OPEN, Arm, Finding
from ablation.compare.load import Loaded
from ablation.compare.measures import BEST, LAST
from ablation.compare.runs import Run
from ablation.compare.sequential import Decision
from ablation.compare.summary import variants
from ablation.errors import AblateError, printable, unknown

CLEAR = 4  # resolution from which no main effect is mixed with an interaction of two
MIXED = "Of so small a fraction (resolution III) each main effect may in part be an interaction of two other parts"
BARRED = "No effect is judged, for an effect is over all cells and one of them is no comparison"


@dataclass(frozen=True)
class How:
    """How rows are judged, the same for all.

    comparisons: that Holm counts. alone: is each judged by itself, and not the effects of all? most: seeds,
    where they are added one by one. waits: does the study add them until this very metric has decided?
    """

    metric: Metric
    select: str
    comparisons: int
    margin: float | None
    alone: bool
    most: int | None
    waits: bool


def compare(
    loaded: Loaded,
    baseline: str | None = None,
    metric: str | None = None,
    select: str = LAST,
    margin: float | None = None,
    study: str | None = None,
) -> Comparison:
    """Everything that tables, figures and the report show.

    study: whose plan to judge by, where runs of several are there. Raises AblateError for a baseline, a metric or a
    study that is none.
    """
    plan, others = plans.find(loaded, study)
    rows, left = _cells(loaded, plan) if plan else (_variants(loaded), 0)
    judged_by = measures.measure(_runs(rows), metric, select)
    rows = [replace(row, arm=measures.arm(row, judged_by, select)) for row in rows]
    base = _planned(rows, plan) if plan and baseline is None else _baseline(rows, baseline)
    if base and not plan:
        rows, base = _relative(rows, base)
    rows, pairs = _paired(rows, base, plan if baseline is None else None)
    declared = plan["study"] if plan else {}
    comparisons = plan["test"]["comparisons"] if plan and baseline is None else len(pairs)
    most = len(declared["seeds"]) if rules.sequential(declared) and baseline is None else None
    whole = plan if baseline is None and plan and not plan["comparisons"] else None
    waits = most is not None and select == LAST and judged_by == _usual(rows)
    rows = _judged(rows, pairs, plan, How(judged_by, select, comparisons, margin, whole is None, most, waits))
    barred = any(row.gate.refused for row in rows)  # an effect is over all cells, so that one which is none bars it
    return Comparison(
        effects=tuple(_effects(rows, whole, judged_by)) if whole and not barred else (),
        metric=judged_by,
        rows=tuple(rows),
        most=most,
        baseline=base,
        study=declared.get("name"),
        typed=tuple(declared.get("typed", ())),
        question=declared.get("question", ""),
        plan=plan["hash"] if plan and baseline is None else None,
        comparisons=comparisons,
        margin=margin,
        older=tuple(loaded.older),
        skipped=tuple(loaded.skipped),
        warnings=tuple(_warnings(rows, declared, left, others, bool(whole) and barred, bool(whole) and _mixed(whole))),
    )


def _runs(rows: Sequence[Row]) -> list[Run]:
    return [run for row in rows for run in row.runs]


def _usual(rows: Sequence[Row]) -> Metric:
    """What studies that add seeds wait for."""
    return measures.measure(_runs(rows), None, LAST)


def _cells(loaded: Loaded, plan: dict[str, Any]) -> tuple[list[Row], int]:
    """A row a cell, and how many runs are of no cell."""
    rows = []
    for cell in plan["cells"]:
        if cell["same_as"] is not None:
            continue
        mine = set(cell["runs"].values())
        runs = sorted((run for run in loaded.runs if run.identity in mine), key=lambda run: run.seed)
        rows.append(
            Row(
                label=cell["name"],
                runs=tuple(runs),
                arm=Arm(cell["name"], {}),
                diverged=tuple(run for run in loaded.diverged if run.identity in mine),
                differs={k: (_text(one), _text(other)) for k, (one, other) in cell["differs"].items()},
                removed=tuple(cell["removed"]),
                along=tuple(cell["with"]),
                budget=cell["budget"],
                planned=None if rules.sequential(plan["study"]) else len(mine),
            )
        )
    known = plans.identities(plan)
    return rows, sum(run.identity not in known for run in loaded.runs)


def _variants(loaded: Loaded) -> list[Row]:
    found = variants(loaded.runs, loaded.diverged)
    return [Row(v.label, v.runs, Arm(v.label, {}), diverged=v.diverged) for v in found]


def _text(value: Any) -> str:
    return printable(labels.typed(value))


def _baseline(rows: Sequence[Row], name: str | None) -> str | None:
    """The label of the named row: by its label, or by what its network or its runs are called where one is."""
    if name is None:
        return None
    exact = [row.label for row in rows if row.label == name]
    called = [row.label for row in rows if row.runs and name in _names(row)]
    found = exact or called
    if len(found) == 1:
        return found[0]
    if found:
        raise AblateError(
            f"The baseline is one variant. Received --baseline {printable(name)}, which is {len(found)}: "
            f"{', '.join(found[:6])}. Allowed: a label of the table. Type for example --baseline={quote(found[0])}"
        )
    raise unknown("variant", printable(name), [quote(row.label) for row in rows], "--baseline")


def _names(row: Row) -> set[str]:
    return {row.runs[0].network, *(run.name for run in row.runs if run.name)}


def _relative(rows: Sequence[Row], base: str) -> tuple[list[Row], str]:
    """The rows called by what differs from the baseline."""
    firsts = [(row.runs or row.diverged)[0] for row in rows]
    place = [row.label for row in rows].index(base)
    called = labels.relative(firsts[place], firsts)
    rows = [replace(row, label=name, arm=replace(row.arm, label=name)) for row, name in zip(rows, called, strict=True)]
    return rows, called[place]


def _planned(rows: Sequence[Row], plan: dict[str, Any]) -> str:
    others = {other for _, other in plan["comparisons"]}
    first = rows[0].label
    return first if first in others or not others else next(row.label for row in rows if row.label in others)


def _paired(rows: list[Row], base: str | None, plan: dict[str, Any] | None) -> tuple[list[Row], list[tuple[str, str]]]:
    """The rows, the baseline first, and which is compared to which."""
    rows = sorted(rows, key=lambda row: row.label != base)
    if base is None:
        return rows, []
    planned = rules.pairs(plan) if plan else []
    return rows, planned or [(row.label, base) for row in rows if row.label != base]


def _judged(rows: Sequence[Row], pairs: Sequence[tuple[str, str]], plan: dict[str, Any] | None, how: How) -> list[Row]:
    """Each row with its gate and its finding."""
    by = {row.label: row for row in rows}
    against = dict(pairs)
    gates = {one: _gated(by[one], by[other], plan) for one, other in pairs if by[one].runs and by[other].runs}
    ready = [one for one, found in gates.items() if not found.refused]
    judged = judge.judge(
        [(by[one].arm, by[against[one]].arm) for one in ready], how.comparisons, how.margin, how.metric.higher
    )
    if how.most is not None:
        ends = [min(_reach(by[name], how.most) for name in (one, against[one])) if how.waits else 0 for one in ready]
        looked = sequential.decide(
            [(f.arm, f.other) for f in judged], how.most, how.comparisons, how.metric.higher, ends=ends
        )
        judged = [_looked(found, decision) for found, decision in zip(judged, looked, strict=True)]
    if not how.alone:
        judged = [replace(found, verdict="", adjusted=nan, counted=nan, normal=False) for found in judged]
    findings = dict(zip(ready, judged, strict=True))
    few = sum(len(row.runs) for row in rows) <= images.MOST
    return [
        replace(
            row,
            against=against.get(row.label),
            gate=gates.get(row.label, Gate()),
            finding=findings.get(row.label),
            images=_images_of(row, by[against[row.label]], how) if few and row.label in findings else None,
        )
        for row in rows
    ]


def _images_of(row: Row, other: Row, how: How) -> PerImage | None:
    """Where it was kept which images are right: of the last epoch, and of the best where there is a test."""
    validation = ("val_accuracy", LAST)
    names = {("test_accuracy", LAST): "test_last", ("test_accuracy", BEST): "test_best", validation: "val_last"}
    name = names.get((how.metric.key, how.select))
    return images.paired(row.runs, other.runs, name) if name else None


def _reach(row: Row, most: int) -> int:
    return sequential.reach(most, row.arm.n, len({run.seed for run in row.diverged} - row.arm.values.keys()))


def _looked(found: Finding, decision: Decision) -> Finding:
    """The finding with the verdict that the looks gave, which correct by their own levels.

    Equivalence has no such levels: it is told of what was open at the last look, which no earlier one had chosen.
    """
    last = found.verdict == EQUIVALENT and decision.verdict == OPEN
    verdict = found.verdict if last or found.verdict == FEW else decision.verdict
    return replace(found, verdict=verdict, adjusted=nan, counted=nan)


def _effects(rows: Sequence[Row], plan: dict[str, Any], metric: Metric) -> list[Effect]:
    parts = [[_label(part, removal) for removal in part["removals"]] for part in plan["study"]["components"]]
    arms = {row.label: row.arm for row in rows}
    cells = {tuple(cell["levels"].values()): arms[cell["same_as"] or cell["name"]] for cell in plan["cells"]}
    resolution = plan["fraction"]["resolution"] if plan["fraction"] else len(parts) + 1
    return effects(parts, cells, resolution, plan["test"]["comparisons"], metric.higher)


def _label(part: dict[str, Any], removal: dict[str, Any]) -> str:
    return part["name"] if removal["name"] is None else f"{part['name']}.{removal['name']}"


def _gated(row: Row, other: Row, plan: dict[str, Any] | None) -> Gate:
    declared = {*row.differs, *other.differs} if plan else gate.factors(other.runs[0], row.runs[0])
    return gate.gate(other.runs, row.runs, declared, budget=row.budget or other.budget)


def _warnings(
    rows: Sequence[Row], study: dict[str, Any], left: int, others: Sequence[str], barred: bool, mixed: bool
) -> Iterable[str]:
    """Of the whole. left: how many runs are of no cell. others: studies beside it. barred, mixed: are its effects?"""
    if left:
        yield f"{left} runs belong to no cell of the study {study['name']}, and are not shown"
    if others:
        yield f"Other studies are here too: {', '.join(others)}. Type for example --study {quote(others[0])}"
    if barred:
        yield BARRED
    elif mixed:
        yield MIXED
    if not any(row.against for row in rows):
        yield from _unlike([row for row in rows if row.runs])


def _mixed(plan: dict[str, Any]) -> bool:
    """Does the design fail to tell effects of one part from those of two others together?"""
    made = plan["fraction"]
    return made is not None and bool(made.get("generators")) and made["resolution"] < CLEAR


def _unlike(rows: Sequence[Row]) -> Iterable[str]:
    """What no label says, where nothing is judged: facts of how they were run in which variants are no comparison.

    Of a lone variant those in which its own runs are none.
    """
    if len(rows) == 1:
        for each in gate.gate(rows[0].runs[:1], rows[0].runs, ()).refused:
            yield f"Runs of {rows[0].label} differ in {each.key}: {each.other}"
    found: dict[str, tuple[Difference, str]] = {}
    for row in rows[1:]:
        for each in gate.gate(rows[0].runs, row.runs, gate.factors(rows[0].runs[0], row.runs[0])).refused:
            if each.key not in rows[0].runs[0].config:
                found.setdefault(each.key, (each, row.label))
    for key, (each, label) in found.items():
        yield f"Variants differ in {key} too: {each.one} in {rows[0].label}, {each.other} in {label}"
