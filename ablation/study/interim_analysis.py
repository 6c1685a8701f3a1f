"""A study that adds seeds: what its runs have decided so far, and which seeds the next look needs."""

from ablation.rundir import files, layout
from ablation.rundir import record as rundir_record
from ablation.statistics import protocol, sequential
from ablation.statistics.arm import Arm
from ablation.statistics.sequential import WAITING, Decision
from ablation.study.cells import Cell
from ablation.study.plan import Plan


def decisions(plan: Plan) -> dict[tuple[str, str], Decision]:
    """Of each comparison, (cell, what it is compared to), from the records that are there."""
    return _decisions(plan, {cell.name: _records(cell) for cell in plan.cells.design})


def _decisions(plan: Plan, arms: dict[str, dict[int, dict]]) -> dict[tuple[str, str], Decision]:
    tested = all(record["metrics"].get("test") for records in arms.values() for record in _completed(records).values())
    made = {name: _arm(name, _completed(records), tested) for name, records in arms.items()}
    pairs, most = protocol.pairs(plan.frozen), len(plan.study.seeds)
    reach = {name: sequential.max_usable_seeds(most, arm.n, _lost(arms[name])) for name, arm in made.items()}
    judged = sequential.decide(
        [(made[one], made[other]) for one, other in pairs],
        most,
        plan.frozen["test"]["comparisons"],
        True,
        ends=[min(reach[one], reach[other]) for one, other in pairs],
    )
    return dict(zip(pairs, judged, strict=True))


def wanted(plan: Plan) -> dict[str, int]:
    """How many of its seeds each cell needs for the next look; cells that need none are left out."""
    arms = {cell.name: _records(cell) for cell in plan.cells.design}
    needed: dict[str, int] = {}
    for pair, decision in _decisions(plan, arms).items():
        if decision.verdict == WAITING:
            for name in pair:
                needed[name] = max(needed.get(name, protocol.MIN_SEEDS), decision.seeds + _lost(arms[name]))
    return needed


def _records(cell: Cell) -> dict[int, dict]:
    """Of the runs that ended, by the seed's place in the study."""
    found = {}
    for i, where in enumerate(cell.runs):
        try:
            record = rundir_record.read_record(where.last)
        except files.Unreadable:
            continue
        if record["status"] in layout.FINAL:
            found[i] = record
    return found


def _completed(records: dict[int, dict]) -> dict[int, dict]:
    return {i: record for i, record in records.items() if record["status"] == "completed"}


def _lost(records: dict[int, dict]) -> int:
    """How many diverged."""
    return len(records) - len(_completed(records))


def _arm(name: str, records: dict[int, dict], tested: bool) -> Arm:
    part, key, split = ("test", "accuracy", "test") if tested else ("final", "val_accuracy", "validation")
    images = [record["data"][split] for record in records.values()]
    values = {i: record["metrics"][part][key] for i, record in records.items()}
    return Arm(name, values, 1 / min(images) if images else 0.0)
