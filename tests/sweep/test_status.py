"""How a run is doing: its record, the job status of its last process, and whether a process holds it."""

import pytest

from ablation.run.place import RunLocation
from ablation.rundir import claim, files, job_status, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.record import RunRecord
from ablation.sweep import status


@pytest.fixture
def where(tmp_path):
    return RunLocation(tmp_path, "resnet8-digits-s0-0123456789", "0123456789" + "0" * 54)


def write_record(where, run_status, error=None):
    where.last.mkdir(exist_ok=True)
    record = RunRecord(status=run_status, error=error, fingerprint=where.fingerprint, seed=0)
    rundir_record.write_record(where.last, record)


def test_a_run_waits_until_something_of_it_is_there(where):
    row = status.row(where)
    assert (row.name, row.status, row.record, row.reason, row.log) == (where.name, "waiting", None, None, None)


@pytest.mark.parametrize("final", layout.FINAL)
def test_a_final_record_is_believed_whatever_the_job_status_says(where, final):
    write_record(where, final)
    status.record_status(where, "running")
    with claim.claim(where.outputs, where.name):
        row = status.row(where)
    assert row.status == final and row.reason == {"diverged": status.DIVERGED}.get(final)


def test_who_holds_the_claim_is_running_and_who_lost_it_was_killed(where):
    write_record(where, "running")
    status.record_status(where, "running")
    with claim.claim(where.outputs, where.name):
        assert status.row(where).status == "running"
    row = status.row(where)
    assert (row.status, row.reason) == ("interrupted", "its process was killed")


def test_a_run_that_no_sweep_began_may_have_been_killed_too(where):
    write_record(where, "running")
    assert (status.row(where).status, status.row(where).reason) == ("interrupted", status.KILLED)
    write_record(where, "failed", "ValueError: no")
    assert (status.row(where).status, status.row(where).reason) == ("failed", "ValueError: no")


def test_the_job_status_tells_what_a_killed_process_could_not_and_mends_its_record(where):
    write_record(where, "running")
    log = layout.job_log(where.outputs, where.name)
    log.parent.mkdir()
    log.write_text("its last words")
    status.record_status(where, "failed", "its process was killed by SIGSEGV, see https://me:secret@example.org")
    row = status.row(where)
    assert (row.status, row.log) == ("failed", log)
    assert row.reason == "its process was killed by SIGSEGV, see https://example.org"
    kept = rundir_record.read_record(where.last)
    assert (kept.status, kept.error) == ("failed", row.reason)


def test_what_the_run_itself_wrote_of_its_failure_stays(where):
    write_record(where, "failed", "ValueError: no")
    (where.last / layout.LOG).write_text("the traceback")
    status.record_status(where, "failed", status.error(where))
    row = status.row(where)
    assert (row.reason, row.log) == ("ValueError: no", where.last / layout.LOG)


def test_a_log_that_says_nothing_is_not_named(where):
    write_record(where, "failed", "ValueError: no")
    (where.last / layout.LOG).write_text("")
    assert status.row(where).log is None


def test_each_process_is_counted_and_a_failure_of_another_sweep_is_known(where):
    before = status.begun(where)
    assert before == 0 and status.failure_after(where, before) is None
    status.record_status(where, "running")
    status.record_status(where, "failed", "it was bad")
    assert status.begun(where) == 1
    assert status.failure_after(where, before) == "it was bad"
    assert status.failure_after(where, status.begun(where)) is None


@pytest.mark.parametrize("cut", range(0, 160, 7))
def test_a_torn_job_status_is_none(where, cut):
    status.record_status(where, "failed", "it was bad")
    path = layout.job_log(where.outputs, where.name).with_suffix(".json")
    path.write_bytes(path.read_bytes()[:cut])
    assert job_status.read_job_status(where.outputs, where.name) is None


def test_a_record_that_cannot_be_read_is_none(where):
    write_record(where, "completed")
    path = where.last / layout.RECORD
    path.write_text(path.read_text().replace("completed", "complete"))
    with pytest.raises(files.Unreadable):
        rundir_record.read_record(where.last)
    assert status.row(where).status == "waiting" and status.error(where) is None
