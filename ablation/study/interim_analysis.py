"""Interim analysis of a study that adds seeds: the decisions so far, and the seeds that the next look needs."""

from dataclasses import dataclass, replace

from ablation.comparison.analysis.default_metric import DefaultMetric, default_metric
from ablation.comparison.comparability import programs
from ablation.config.program.spec import HIGHER
from ablation.run import place
from ablation.rundir.record import RunRecord
from ablation.statistics import sequential
from ablation.statistics.arm import Arm
from ablation.statistics.pair import Pair
from ablation.statistics.sequential import WAITING, Decision
from ablation.study.plan import Plan

NOT_JUDGED = "not judged"

Records = dict[int, RunRecord]  # of completed and diverged runs, by the index of their seed in the study


@dataclass(frozen=True)
class _Comparison:
    """A planned comparison. tested: its runs. lost: the indices of seeds at which a run of either side diverged."""

    cell: str
    reference: str
    tested: Pair
    lost: frozenset[int]


def decisions(plan: Plan) -> dict[tuple[str, str], Decision]:
    """The decision so far for each comparison, by (cell, reference cell)."""
    comparisons = _comparisons(plan)
    return {(each.cell, each.reference): decision for each, decision in _decided(plan, comparisons)}


def wanted(plan: Plan) -> dict[str, int]:
    """The number of seeds that each cell needs for the next look; cells whose comparisons are decided are left out.

    A diverged run is replaced by another seed on both sides, because a look counts complete pairs of runs.
    """
    needed: dict[str, int] = {}
    for comparison, decision in _decided(plan, _comparisons(plan)):
        if decision.verdict == WAITING:
            seeds = _seeds_for(decision.seeds, comparison.lost)
            for name in (comparison.cell, comparison.reference):
                needed[name] = max(needed.get(name, 0), seeds)
    return needed


def _seeds_for(pairs: int, lost: frozenset[int]) -> int:
    """The number of first seeds that contain this many pairs which did not diverge."""
    seeds = pairs
    while seeds - sum(index < seeds for index in lost) < pairs:
        seeds += 1
    return seeds


def _comparisons(plan: Plan) -> list[_Comparison]:
    ended = {cell.name: place.ended_records(cell.runs) for cell in plan.cells.design}
    completed = {name: _completed(records) for name, records in ended.items()}
    metric = default_metric(record for records in completed.values() for record in records.values())
    arms = {name: _arm(name, records, metric) for name, records in completed.items()}
    diverged = {name: ended[name].keys() - completed[name].keys() for name in ended}
    seeds, comparisons = range(len(plan.study.seeds)), []
    for cell, reference in plan.frozen.pairs():
        lost = frozenset(diverged[cell] | diverged[reference])
        pair = Pair(
            arms[cell],
            arms[reference],
            plan.frozen.test.is_paired(cell),
            len(diverged[cell]),
            len(diverged[reference]),
        )
        comparisons.append(_Comparison(cell, reference, sequential.without_gaps(pair, seeds, lost), lost))
    return comparisons


def _decided(plan: Plan, comparisons: list[_Comparison]) -> list[tuple[_Comparison, Decision]]:
    max_seeds = len(plan.study.seeds)
    ends = [sequential.usable_pairs(max_seeds, len(each.tested.seeds), len(each.lost)) for each in comparisons]
    program = plan.study.program
    higher = program is None or program.metric.better == HIGHER
    design = sequential.Design(max_seeds, plan.frozen.comparisons_with_history(), higher=higher)
    decided = sequential.decide([each.tested for each in comparisons], design, ends)
    if program is not None:
        decided = [_unless_deaf(each.tested, decision) for each, decision in zip(comparisons, decided, strict=True)]
    return list(zip(comparisons, decided, strict=True))


def _unless_deaf(pair: Pair, decision: Decision) -> Decision:
    """The decision, which is none where the table judges nothing: a program may ignore its seed or its flag."""
    arms = pair.arm, pair.reference
    is_unjudged = any(map(programs.is_deaf, arms)) or programs.is_same(pair.reference, pair.arm)
    return replace(decision, verdict=NOT_JUDGED) if is_unjudged and decision.verdict != WAITING else decision


def _completed(records: Records) -> Records:
    return {index: record for index, record in records.items() if record.status == "completed"}


def _arm(name: str, records: Records, metric: DefaultMetric) -> Arm:
    values, images = {}, []
    for index, record in records.items():
        value, count = metric.value(record), metric.images(record)
        if value is not None and (count or metric.is_open):
            values[index] = value
            images += [count] if count else []
    return Arm(name, values, 1 / min(images) if images else 0.0)
