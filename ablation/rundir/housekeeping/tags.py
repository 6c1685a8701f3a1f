"""Change the tags of a run.

Tags are part of `run.json`, but not of the result. The record therefore keeps the tags with which the run ended, and
plans and comparisons know it by its checksum with these tags (`record.lasting_checksum`). So a study does not take a
run whose tags were changed for an edited one, and nothing but the tags can change unnoticed.
"""

import json
from collections.abc import Collection, Sequence
from pathlib import Path

from ablation.errors import AblateError
from ablation.rundir import claim
from ablation.rundir.files import record_checksum, replace
from ablation.rundir.layout import RECORD
from ablation.rundir.record import FIRST_TAGS, RunRecord, read_values

MOST_TAGS, LONGEST_TAG = 32, 200  # of a run; characters of one


def change_tags(directory: Path, add: Sequence[str], remove: Collection[str]) -> bool:
    """Add and remove tags in `run.json`, atomically. Returns whether they changed.

    Raises Busy if a process holds the run, AblateError for too many tags, Unreadable for a damaged record, OSError.
    """
    with claim.claim_directory(directory):
        values = read_values(directory)
        before = RunRecord.from_json(values).tags or []
        kept = [tag for tag in before if tag not in remove]
        after = list(dict.fromkeys([*kept, *add]))
        if after == before:
            return False
        if len(after) > MOST_TAGS:
            raise AblateError(f"it would have {len(after)} tags; at most {MOST_TAGS} are allowed")
        values.setdefault(FIRST_TAGS, values.get("tags"))
        values["tags"] = after
        values["checksum"] = record_checksum(values)
        # Not by `write_record`: it computes the checksums of the other files anew, and so would accept changes of them.
        replace(directory / RECORD, json.dumps(values, indent=1, allow_nan=False).encode())
    return True


def keep_tags(record: RunRecord, before: RunRecord | None) -> None:
    """Keep the tags that were added to a run before it resumed, beside those that its command sets.

    record: of the process that resumes the run. before: of the earlier process, if there is one.
    """
    if before is None or FIRST_TAGS not in before.further:
        return
    typed, first = record.tags or [], before.further[FIRST_TAGS]
    known = first if isinstance(first, list) else []
    added = [tag for tag in before.tags or [] if tag not in known]
    record.further[FIRST_TAGS] = typed
    record.tags = list(dict.fromkeys([*typed, *added]))
