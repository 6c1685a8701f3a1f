"""Tags of runs change, and nothing else about them."""

import json

import pytest
from support import fake_runs
from support.fake_runs import config, read_json, write, write_json

from ablation.errors import AblateError, Busy
from ablation.rundir import claim, record
from ablation.rundir.ended_runs import events, find_ended
from ablation.rundir.files import Unreadable, record_checksum
from ablation.rundir.housekeeping.tags import MOST_TAGS, change_tags, keep_tags
from ablation.rundir.record import FIRST_TAGS, RunRecord, read_record


@pytest.fixture
def run(tmp_path):
    return write(tmp_path / "outputs", config(tags=["first"]))


def test_tags_are_added_and_removed_in_order(run):
    assert change_tags(run, ["b", "a", "b"], [])
    assert read_record(run).tags == ["first", "b", "a"]
    assert change_tags(run, ["c"], ["b", "absent"]) and read_record(run).tags == ["first", "a", "c"]
    assert change_tags(run, [], ["first", "a", "c"]) and read_record(run).tags == []


def test_tags_that_are_there_already_change_nothing(run):
    before = (run / "run.json").read_bytes()
    assert not change_tags(run, ["first"], ["absent"])
    assert (run / "run.json").read_bytes() == before


def test_nothing_but_tags_and_checksum_differs(run):
    before = read_json(run)
    change_tags(run, ["paper"], [])
    after = read_json(run)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {"tags", "checksum", FIRST_TAGS} and after[FIRST_TAGS] == ["first"]
    assert list(run.parent.iterdir()) == [run]  # no folder of locks is left


def test_a_study_does_not_take_a_tagged_run_for_an_edited_one(run):
    fingerprint = read_json(run)["fingerprint"]
    ended = {fingerprint: find_ended(run.parent, [fingerprint])[fingerprint][0].checksum}
    for add, remove in ((["a"], []), (["b"], ["first"]), ([], ["a", "b"])):
        change_tags(run, add, remove)
        assert read_record(run).checksum == ended[fingerprint] != read_json(run)["checksum"]
        assert events(ended, find_ended(run.parent, [fingerprint]), {}) == []


FORGED = {
    "metrics": {"final": {"epoch": 1, "val_accuracy": 1.0}},
    "seed": 7,
    "files": {},
    "name": "other",
    "further": True,
}


@pytest.mark.parametrize("field", FORGED)
@pytest.mark.parametrize("how", ["beside the first tags", "in the first tags", "as a checksum"])
def test_a_record_that_is_edited_under_cover_of_a_tag_is_known_as_edited(run, field, how):
    fingerprint = read_json(run)["fingerprint"]
    checksum = read_record(run).checksum
    change_tags(run, ["paper"], [])
    original = read_json(run)
    forged = {**original, field: FORGED[field]}
    if how == "in the first tags":
        forged[FIRST_TAGS] = {"tags": ["first"], field: original.get(field)}
    if how == "as a checksum":
        forged["first_checksum"] = checksum
    forged["checksum"] = record_checksum(forged)
    (run / "run.json").write_text(json.dumps(forged))
    try:
        assert read_record(run).checksum != checksum
    except Unreadable:
        return
    on_disk = find_ended(run.parent, [fingerprint])
    assert events({fingerprint: checksum}, on_disk, {}) != []


def test_a_history_that_was_edited_is_not_accepted_by_tagging(run):
    """A record that is written anew in the usual way would get the checksum of the edited file."""
    (run / "history.csv").write_text((run / "history.csv").read_text().replace("0.05", "0.06"))
    change_tags(run, ["paper"], [])
    assert read_record(run).sha256("history.csv") == read_json(run)["files"]["history.csv"]["sha256"]
    assert read_json(run)["files"] != dict(record.file_digests(run))


def test_a_run_that_is_held_is_refused(run):
    before = (run / "run.json").read_bytes()
    with claim.claim(run.parent, run.name), pytest.raises(Busy):
        change_tags(run, ["paper"], [])
    assert (run / "run.json").read_bytes() == before


def test_a_rerun_is_held_with_its_run(run):
    again = write(run.parent, config(tags=[]), attempt=2)
    with claim.claim(run.parent, run.name), pytest.raises(Busy):
        change_tags(again, ["paper"], [])


def test_a_damaged_record_stays_as_it_is(run):
    content = (run / "run.json").read_bytes().replace(b"first", b"FIRST")
    (run / "run.json").write_bytes(content)
    with pytest.raises(Unreadable, match="does not match its checksum"):
        change_tags(run, ["paper"], [])
    assert (run / "run.json").read_bytes() == content


def test_more_tags_than_comparisons_read_are_refused(run):
    with pytest.raises(AblateError, match=f"would have {MOST_TAGS + 1} tags"):
        change_tags(run, [f"tag {number}" for number in range(MOST_TAGS)], [])
    assert read_record(run).tags == ["first"]


@pytest.mark.parametrize("recorded", [None, "text", [1, "a"]])
def test_a_record_with_other_tags_keeps_its_checksum(run, recorded):
    write_json(run, {**read_json(run), "tags": recorded})
    checksum = read_record(run).checksum
    change_tags(run, ["paper"], [])
    assert read_record(run).checksum == checksum and "paper" in (read_record(run).tags or [])


def test_a_run_that_resumes_keeps_what_was_added(tmp_path):
    run = write(tmp_path, config(tags=["typed"]), status="interrupted")
    change_tags(run, ["added"], [])
    for _ in range(2):  # it may be interrupted again
        before = read_record(run)
        resumed = RunRecord("running", tags=["typed", "new"])
        keep_tags(resumed, before)
        assert resumed.tags == ["typed", "new", "added"]
        record.write_record(run, resumed)
    fresh = RunRecord("running", tags=["typed"])
    keep_tags(fresh, None)
    keep_tags(fresh, RunRecord("interrupted", tags=["old"]))
    assert fresh.tags == ["typed"] and FIRST_TAGS not in fresh.to_json()
    keep_tags(fresh, RunRecord("interrupted", tags=["old"], further={FIRST_TAGS: 5}))
    assert fresh.tags == ["typed", "old"]


def test_copies_are_known_as_copies_whatever_their_tags(run, tmp_path):
    """Otherwise a comparison would report a tagged run as a rerun of its copy."""
    import shutil

    from ablation.comparison.reading import load

    shutil.copytree(run, tmp_path / "backup" / run.name)
    change_tags(run, ["paper"], [])
    loaded = load.load([tmp_path])
    assert len(loaded.runs) == 1 and loaded.superseded == []


def test_the_record_of_a_tagged_run_is_still_of_this_format(run):
    change_tags(run, ["paper"], [])
    values = fake_runs.read_json(run)
    assert values["checksum"] == record_checksum(values) and read_record(run).status == "completed"
