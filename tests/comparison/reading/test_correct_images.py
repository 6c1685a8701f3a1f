"""Which images a run got right: read from packed bits, and from nothing else."""

import io
import json
import pickle
import random
import zipfile

import numpy as np
import pytest
from support import mutations
from support.fake_runs import write_json

from ablation.comparison.reading import correct_images, parse_record
from ablation.comparison.reading import run as reading_run
from ablation.rundir import files as rundir_files
from ablation.rundir import layout


@pytest.fixture
def right(tmp_path):
    """A run, what it got right, and a function that puts another file in the place and signs the record for it."""
    run = mutations.original(tmp_path / "run", 1)
    record = json.loads((run / layout.RECORD).read_text())
    chance = np.random.default_rng(0)
    bits = {"val_last": chance.random(360) < 0.9, "test_last": chance.random(360) < 0.8}

    def put(content: bytes) -> reading_run.Run:
        (run / layout.CORRECT).write_bytes(content)
        write_json(run, record)
        return parse_record.read(run)

    return bits, put


def archive(**arrays: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


def bomb() -> bytes:
    """Claims to hold a terabyte."""
    content, header = io.BytesIO(), b"{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000000,), }"
    text = header + b" " * (118 - len(header) - 1) + b"\n"
    with zipfile.ZipFile(content, "w") as made:
        made.writestr("val_last.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(45))
    return content.getvalue()


def test_which_images_were_right(right):
    bits, put = right
    run = put(archive(**{name: np.packbits(value) for name, value in bits.items()}, other=np.ones(3)))
    found = correct_images.read(run)
    assert found.keys() == bits.keys() and all((found[name] == bits[name]).all() for name in bits)
    (run.path / layout.CORRECT).write_bytes(archive(val_last=np.zeros(45, np.uint8)))
    with pytest.raises(rundir_files.Unreadable, match="checksum"):
        correct_images.read(run)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\3\4" * 100,
        archive(val_last=np.zeros(44, np.uint8)),
        archive(val_last=np.zeros(45)),
        archive(val_last=np.zeros((5, 9), np.uint8)),
        archive(val_last=np.zeros(10**6, np.uint8)),
        archive(val_last=np.array([{}] * 45, dtype=object)),
        pickle.dumps([0]),
        bomb(),
    ],
    ids=["empty", "zip", "short", "float", "shape", "long", "objects", "pickle", "bomb"],
)
def test_what_is_no_packed_bits_is_refused(right, content):
    _, put = right
    with pytest.raises(rundir_files.Unreadable):
        correct_images.read(put(content))


def test_any_cut_of_which_images_were_right_is_refused(right):
    bits, put = right
    whole = archive(**{name: np.packbits(value) for name, value in bits.items()})
    chance = random.Random(1)
    for change in (mutations.cut, mutations.flip) * 20:
        try:
            found = correct_images.read(put(change(whole, chance)))
        except rundir_files.Unreadable:
            continue
        assert all(len(value) == 360 and value.dtype == bool for value in found.values())
