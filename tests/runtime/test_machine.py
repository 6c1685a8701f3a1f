"""What the machine has: cores, memory, processor, GPUs."""

import pytest

from ablation.runtime import machine


@pytest.mark.parametrize(
    ("visible", "expected"),
    [("0,1", ["0", "1"]), ("", []), ("-1", []), ("2,-1,3", ["2"]), ("GPU-8932f937, MIG-1", ["GPU-8932f937", "MIG-1"])],
)
def test_gpus_are_those_that_cuda_would_show(monkeypatch, visible, expected):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert machine.gpus() == expected
