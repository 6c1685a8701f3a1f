"""weights.npz: read only as the run wrote it, and never as objects."""

import io
import zipfile

import numpy as np
import pytest

from ablation.run import weights
from ablation.rundir import layout
from ablation.rundir.files import Unreadable
from ablation.rundir.record import RunRecord, file_digests

ARRAYS = {"stem_conv/kernel": np.arange(6, dtype="float32").reshape(2, 3), "stem_conv/bias": np.zeros(3, "float32")}


def archive(**arrays) -> bytes:
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def read(directory, content: bytes):
    """Read a file whose checksum is right."""
    (directory / layout.WEIGHTS).write_bytes(content)
    return weights.read_weights(directory, RunRecord("completed", files=dict(file_digests(directory))))


def test_what_is_written_is_read_bit_for_bit(tmp_path):
    found = read(tmp_path, archive(**ARRAYS))
    assert list(found) == list(ARRAYS)
    for path, value in ARRAYS.items():
        np.testing.assert_array_equal(found[path], value)
        assert found[path].dtype == value.dtype


def test_a_file_that_is_missing_or_of_another_run_is_refused(tmp_path):
    with pytest.raises(Unreadable, match=r"weights\.npz: No such file"):
        weights.read_weights(tmp_path, RunRecord("completed"))
    read(tmp_path, archive(**ARRAYS))
    with pytest.raises(Unreadable, match="does not match its checksum"):
        weights.read_weights(tmp_path, RunRecord("completed", files={layout.WEIGHTS: {"sha256": "0" * 64}}))


def compressed() -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **ARRAYS)
    return content.getvalue()


def with_another_member() -> bytes:
    content = io.BytesIO(archive(**ARRAYS))
    with zipfile.ZipFile(content, "a") as file:
        file.writestr("run.py", "print()")
    return content.getvalue()


WRONG = {
    "empty": b"",
    "text": b"no archive",
    "truncated": archive(**ARRAYS)[:-30],
    "objects": archive(a=np.array([{}, []], object)),
    "compressed": compressed(),
    "another member": with_another_member(),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_no_run_writes_is_refused(tmp_path, name):
    with pytest.raises(Unreadable, match="does not have the format of a run"):
        read(tmp_path, WRONG[name])
