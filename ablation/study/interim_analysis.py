"""Interim analysis of a study that adds seeds: the decisions so far, and the seeds that the next look needs."""

from ablation.comparison.analysis.default_metric import DefaultMetric, default_metric
from ablation.run import place
from ablation.rundir.record import RunRecord
from ablation.statistics import protocol, sequential
from ablation.statistics.arm import Arm
from ablation.statistics.sequential import WAITING, Decision
from ablation.study.plan import Plan

Records = dict[int, RunRecord]  # of completed and diverged runs, by the index of their seed in the study


def decisions(plan: Plan) -> dict[tuple[str, str], Decision]:
    """The decision so far for each comparison, by (cell, reference cell)."""
    return _decisions(plan, {cell.name: place.ended_records(cell.runs) for cell in plan.cells.design})


def _decisions(plan: Plan, ended: dict[str, Records]) -> dict[tuple[str, str], Decision]:
    completed = {name: _completed(records) for name, records in ended.items()}
    metric = default_metric(record for records in completed.values() for record in records.values())
    arms = {name: _arm(name, records, metric) for name, records in completed.items()}
    pairs, max_seeds = plan.frozen.pairs(), len(plan.study.seeds)
    usable = {name: sequential.max_usable_seeds(max_seeds, arm.n, _diverged(ended[name])) for name, arm in arms.items()}
    judged = sequential.decide(
        [(arms[cell], arms[reference]) for cell, reference in pairs],
        max_seeds,
        plan.frozen.test.comparisons,
        higher=True,
        ends=[min(usable[cell], usable[reference]) for cell, reference in pairs],
    )
    return dict(zip(pairs, judged, strict=True))


def wanted(plan: Plan) -> dict[str, int]:
    """The number of seeds that each cell needs for the next look; cells whose comparisons are decided are left out."""
    ended = {cell.name: place.ended_records(cell.runs) for cell in plan.cells.design}
    needed: dict[str, int] = {}
    for pair, decision in _decisions(plan, ended).items():
        if decision.verdict == WAITING:
            for name in pair:
                needed[name] = max(needed.get(name, protocol.MIN_SEEDS), decision.seeds + _diverged(ended[name]))
    return needed


def _completed(records: Records) -> Records:
    return {index: record for index, record in records.items() if record.status == "completed"}


def _diverged(records: Records) -> int:
    """The number of runs that diverged."""
    return len(records) - len(_completed(records))


def _arm(name: str, records: Records, metric: DefaultMetric) -> Arm:
    values, images = {}, []
    for index, record in records.items():
        value, count = metric.value(record), metric.images(record)
        if value is not None and count:
            values[index] = value
            images.append(count)
    return Arm(name, values, 1 / min(images) if images else 0.0)
