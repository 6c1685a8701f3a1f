"""Note in a study's plan which of its runs have ended, were repeated or were deleted, without composing the study."""

import json
from collections.abc import Mapping
from pathlib import Path

from ablation.rundir import files
from ablation.rundir.ended_runs import find_ended
from ablation.rundir.study_plan import read_plan
from ablation.study.plan_changes import refreshed


def note(path: Path, outputs: Path, names: Mapping[str, str]) -> None:
    """Add to `plan.json` what has become of its runs since it was written. Does nothing if the plan is not valid.

    path: of the plan. outputs: the folder of its runs. names: of run directories, by fingerprint. Raises AblateError if
    the plan cannot be written.
    """
    plan = read_plan(path)
    if plan is None:
        return
    fresh = refreshed(plan, find_ended(outputs, plan.fingerprints() | plan.ended.keys()), names)
    if fresh == plan:
        return
    with files.writing(outputs):
        values = json.loads(files.read_bounded(path))
        values["ended"] = fresh.ended
        values["log"] = [entry.to_json() for entry in fresh.log]
        values["checksum"] = files.record_checksum(values)
        files.replace(path, json.dumps(values, indent=1).encode())
