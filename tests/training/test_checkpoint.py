"""A checkpoint is read as it was written, or not at all."""

import numpy as np
import pytest

from ablation.rundir import files, layout
from ablation.training import checkpoint
from ablation.training.checkpoint import Checkpoint, finite

PARTS = ("state", "best")


def standing() -> Checkpoint:
    draw = np.random.default_rng(0)
    state = {f"layer{i}/kernel": draw.normal(size=(3, 4)).astype("float32") for i in range(3)}
    state |= {"optimizer/iteration": np.int64(7), "layer0/seed": np.array([3, 4], "uint32")}
    rows = [{"epoch": 1, "loss": 0.1 + 0.2, "val_accuracy": 1 / 3}]
    return Checkpoint(
        9, rows, {"loss": 0.7}, 1.5, {"threads": 2}, "abc", state, {"layer0/kernel": state["layer0/kernel"]}
    )


def same(one: Checkpoint, other: Checkpoint) -> bool:
    def told(standing: Checkpoint) -> dict:
        arrays = {part: {k: np.asarray(v).tobytes() for k, v in getattr(standing, part).items()} for part in PARTS}
        return {**vars(standing), **arrays}

    return told(one) == told(other)


def test_what_was_saved_is_loaded_bit_for_bit(tmp_path):
    assert checkpoint.load(tmp_path) is None and checkpoint.load_header(tmp_path) is None
    checkpoint.save(tmp_path, standing())
    assert same(checkpoint.load(tmp_path), standing())
    assert checkpoint.load_header(tmp_path).rows == standing().rows and checkpoint.load_header(tmp_path).state is None
    assert [p.name for p in tmp_path.iterdir()] == [layout.CHECKPOINT]


def test_damage_is_seen_wherever_it_is(tmp_path):
    """Any flipped bit and any cut: the file is refused as unreadable, or it does not matter."""
    checkpoint.save(tmp_path, standing())
    file = tmp_path / layout.CHECKPOINT
    whole, draw, seen = file.read_bytes(), np.random.default_rng(0), 0
    for i in range(1200):
        damaged = bytearray(whole)
        if i % 6:
            damaged[draw.integers(len(whole))] ^= 1 << draw.integers(8)
        else:
            damaged = damaged[: draw.integers(len(whole))]
        file.write_bytes(damaged)
        for read in (checkpoint.load_header, checkpoint.load):
            try:
                found = read(tmp_path)
            except files.Unreadable:
                seen += 1
                continue
            assert read is checkpoint.load_header or same(found, standing())
    assert seen > 1000


@pytest.mark.parametrize(("value", "expected"), [(1.0, True), (np.nan, False), (np.inf, False)])
def test_a_state_is_finite(value, expected):
    assert finite({"a": np.ones(3, "float32"), "b": np.array([1, value], "float32"), "n": np.int64(1)}) is expected
