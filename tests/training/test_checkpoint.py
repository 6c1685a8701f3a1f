"""A checkpoint is read as it was written, or not at all."""

import json

import numpy as np
import pytest

from ablation.rundir import files
from ablation.training import checkpoint
from ablation.training.checkpoint import Checkpoint, is_finite
from ablation.training.metrics import EpochRow, Metrics


@pytest.fixture
def path(tmp_path):
    return tmp_path / "checkpoint.npz"


def example() -> Checkpoint:
    draw = np.random.default_rng(0)
    state = {f"layer{i}/kernel": draw.normal(size=(3, 4)).astype("float32") for i in range(3)}
    state |= {"optimizer/iteration": np.array(7, "int64"), "layer0/seed": np.array([3, 4], "uint32")}
    rows = [EpochRow(1, 0.1 + 0.2, 0.5, 0.7, 1 / 3, 0.1, 2.5, 100.0)]
    best = {"layer0/kernel": state["layer0/kernel"]}
    return Checkpoint(9, rows, Metrics(0.7, 0.6), 1.5, {"threads": 2}, "abc", state, best)


def equal(received: Checkpoint, expected: Checkpoint) -> bool:
    """Every field, and every array bit for bit."""

    def values(saved: Checkpoint) -> dict:
        arrays = {}
        for part in ("state", "best"):
            arrays[part] = {k: (v.dtype, v.shape, v.tobytes()) for k, v in (getattr(saved, part) or {}).items()}
        return {**vars(saved), **arrays}

    return values(received) == values(expected)


def test_what_was_saved_is_loaded_bit_for_bit(path):
    assert checkpoint.load(path) is None and checkpoint.load_header(path) is None
    checkpoint.save(path, example())
    assert equal(checkpoint.load(path), example())
    header = checkpoint.load_header(path)
    assert (header.rows, header.metrics, header.step) == (example().rows, example().metrics, 9)
    assert header.state is None and header.best is None
    assert list(path.parent.iterdir()) == [path]


def test_between_two_epochs_there_are_no_metrics_and_before_the_first_no_weights(path):
    checkpoint.save(path, Checkpoint())
    loaded = checkpoint.load(path)
    assert (loaded.step, loaded.rows, loaded.metrics, loaded.state, loaded.best) == (0, [], None, {}, None)


def test_a_new_checkpoint_replaces_the_old_one_whole(path, monkeypatch):
    checkpoint.save(path, example())

    def full(file, **arrays):
        file.write(b"half of it")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", full)
        with pytest.raises(OSError, match="No space left"):
            checkpoint.save(path, Checkpoint(step=10))
    assert equal(checkpoint.load(path), example()) and list(path.parent.iterdir()) == [path]


def test_damage_is_seen_wherever_it_is(path):
    """Any flipped bit and any cut: the file is refused as unreadable, or it does not matter."""
    checkpoint.save(path, example())
    whole, draw, seen = path.read_bytes(), np.random.default_rng(0), 0
    for i in range(1200):
        damaged = bytearray(whole)
        if i % 6:
            damaged[draw.integers(len(whole))] ^= 1 << draw.integers(8)
        else:
            damaged = damaged[: draw.integers(len(whole))]
        path.write_bytes(damaged)
        for read in (checkpoint.load_header, checkpoint.load):
            try:
                loaded = read(path)
            except files.Unreadable:
                seen += 1
                continue
            assert read is checkpoint.load_header or equal(loaded, example())
    assert seen > 1000


def test_a_header_that_was_changed_is_refused_by_its_checksum(path):
    checkpoint.save(path, example())
    with np.load(path) as file:
        arrays = dict(file)
    header = arrays[checkpoint.HEADER].tobytes().decode()
    values = json.loads(header[checkpoint.DIGEST_LENGTH :])
    values["checkpoint"]["step"] = 10
    changed = header[: checkpoint.DIGEST_LENGTH] + json.dumps(values)
    np.savez(path, **{**arrays, checkpoint.HEADER: np.frombuffer(changed.encode(), "uint8")})
    with pytest.raises(files.Unreadable, match="checkpoint.npz does not match its checksum"):
        checkpoint.load_header(path)


@pytest.mark.parametrize(("value", "expected"), [(1.0, True), (np.nan, False), (np.inf, False)])
def test_a_state_is_finite(value, expected):
    assert is_finite({"a": np.ones(3, "float32"), "b": np.array([1, value], "float32"), "n": np.int64(1)}) is expected


@pytest.mark.parametrize("change", ["a value", "an array more", "an array less"])
def test_arrays_that_are_not_those_of_the_header_are_refused(path, change):
    """In an archive that is whole by itself, as after two files were mixed up."""
    checkpoint.save(path, example())
    with np.load(path) as file:
        arrays = dict(file)
    kernel = f"{checkpoint.STATE}layer1/kernel"
    if change == "a value":
        arrays[kernel][0, 0] += 1
    elif change == "an array more":
        arrays[f"{checkpoint.STATE}layer9/kernel"] = arrays[kernel]
    else:
        del arrays[kernel]
    with open(path, "wb") as file:
        np.savez(file, **arrays)
    with pytest.raises(files.Unreadable, match="does not match its checksums"):
        checkpoint.load(path)
