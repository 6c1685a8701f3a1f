"""The size of a network, and the time that a run takes from the times of its parts."""

import pytest

from ablation.config.schema import Config
from ablation.study.preflight import measurement
from ablation.study.preflight.measurement import NetworkSize, Timing


@pytest.mark.parametrize(("steps", "epochs"), [(20, 2), (21, 3), (1, 1)])
def test_a_run_is_its_start_its_steps_and_an_evaluation_an_epoch(steps, epochs):
    timing = Timing(start=5.0, step=0.5, evaluation=2.0, test=3.0, commit=0.25, steps=steps, per_epoch=10, ready=1.0)
    start_and_test = 1.0 + 5.0 + 3.0
    assert timing.run == pytest.approx(start_and_test + 0.5 * steps + 2.25 * epochs)


@pytest.mark.integration
def test_a_network_is_counted_without_weights(quick):
    """Eight layers on grey digits by hand: the stem, three blocks with shortcuts that have no weights, the head."""
    cfg = quick.config(["model=resnet_cifar", "model.depth=8", "model.width=2", "data=digits"])
    assert isinstance(cfg, Config)
    size = measurement.count_network(cfg)
    convolutions = 9 * (1 * 2 + 2 * (2 * 2) + (2 * 4 + 4 * 4) + (4 * 8 + 8 * 8))
    norms = 2 * (2 + 2 * 2 + 2 * 4 + 2 * 8)
    head = 8 * 10 + 10
    assert size == NetworkSize("resnet8", convolutions + norms + head, convolutions + 2 * norms + head, size.macs)
