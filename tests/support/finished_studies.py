"""Studies that were planned, and whose runs were written without training."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ablation.study import orchestration, parsing
from ablation.study.plan import Plan
from support import studies
from support.fake_runs import history, write

PARTS = {"shortcut": ["model.residual=false"], "init": ["model.initializer=glorot_uniform"]}
CALM = [0.90, 0.902, 0.898, 0.901, 0.899]


def lower(by: float) -> list[float]:
    return [score - by for score in CALM]


def finish(quick, outputs: Path, scores: dict[str, list[float]], name: str = "mine", **declared: Any) -> Plan:
    """Plan a study and write its runs. scores: {cell: accuracy of each seed}. quick: composes configs.

    Runs that are there already, because another study planned them too, stay as they are.
    """
    started = declared.pop("started", None)
    changes = {} if started is None else {"timings.started": started}
    declared = {"baseline": studies.BASE, "components": PARTS, "seeds": 5, **declared}
    plan = orchestration.compile_plan(parsing.parse(name, declared, [f"outputs={outputs}"], quick.is_simple), quick)
    plan.save()
    if started is not None:  # the plan was there before its runs
        early = (datetime.fromisoformat(started) - timedelta(hours=1)).isoformat()
        plan.place.write_text(json.dumps(replace(plan.frozen, planned=early).to_json()))
    known = [{"study": name, "plan": plan.hash, "comparisons": plan.frozen.comparisons_with_history()}]
    for cell in plan.cells.design:
        for where, seed, score in zip(cell.runs, plan.study.seeds, scores.get(cell.name, []), strict=False):
            if where.last.exists():
                continue
            write(
                outputs,
                replace(cell.config, seed=seed),
                history(accuracy=score),
                fingerprint=where.fingerprint,
                plans=known,
                **changes,
            )
    return plan
