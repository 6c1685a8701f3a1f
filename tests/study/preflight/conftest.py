"""Smoke tests by hand."""

import dataclasses

import pytest

from ablation.study.preflight.measurement import NetworkSize
from ablation.study.preflight.smoke import SmokeTest

PLAIN = SmokeTest(
    network=NetworkSize("resnet8", 1000, 1100, 20_000),
    layers={"stem": "a", "head": "b"},
    initial={"stem/kernel (3, 3)": "1", "head/kernel (4, 10)": "2"},
    unnamed={},
    batches="batches",
    labels="labels",
    learning_rates="rates",
    steps=100,
    per_epoch=10,
    recipe={"optimizer": "SGD", "loss": "SparseCategoricalCrossentropy"},
    weights="weights",
    loss="loss",
    evaluation="evaluation",
    finite=True,
    taken=3,
)


@pytest.fixture
def smoke_test():
    """A smoke test, with some fields changed."""

    def changed(**fields):
        return dataclasses.replace(PLAIN, **fields)

    return changed
