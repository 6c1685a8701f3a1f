"""How a sweep's job stands or ended."""

import json

import pytest

from ablation.rundir import files, layout
from ablation.rundir.job_status import JobStatus, read_job_status, write_job_status

FAILED = JobStatus("failed", "it was bad", layout.JOBS, 2)


def rewrite(outputs, **changes) -> None:
    """Change some values, with the right checksum."""
    path = outputs / layout.JOBS / "run.json"
    values = {**json.loads(path.read_text()), **changes}
    path.write_text(json.dumps({**values, "checksum": files.record_checksum(values)}))


@pytest.mark.parametrize("job", [FAILED, JobStatus("running", None, layout.LOG, 1)])
def test_what_is_written_is_read(tmp_path, job):
    assert read_job_status(tmp_path, "run") is None
    write_job_status(tmp_path, "run", job)
    assert read_job_status(tmp_path, "run") == job and read_job_status(tmp_path, "other") is None


@pytest.mark.parametrize("change", [{"status": 1}, {"reason": []}, {"log": "/etc/passwd"}, {"begun": "2"}], ids=str)
def test_values_of_another_type_are_none(tmp_path, change):
    write_job_status(tmp_path, "run", FAILED)
    rewrite(tmp_path)
    assert read_job_status(tmp_path, "run") == FAILED
    rewrite(tmp_path, **change)
    assert read_job_status(tmp_path, "run") is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"[" * 5000, b"null", b'{"checksum": 1}', b"\xff"])
def test_a_damaged_file_is_none(tmp_path, content):
    write_job_status(tmp_path, "run", FAILED)
    (tmp_path / layout.JOBS / "run.json").write_bytes(content)
    assert read_job_status(tmp_path, "run") is None
