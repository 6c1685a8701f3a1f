"""An evaluation that is asked to stop."""

import pytest

from ablation.runtime.signals import Stop
from ablation.training.stop_request import Stopped, until_stopped


def test_an_evaluation_stops_between_two_batches():
    stop, seen = Stop(), []
    with pytest.raises(Stopped):
        for batch in until_stopped(range(5), stop):
            seen.append(batch)
            if batch == 2:
                stop.code = 143
    assert seen == [0, 1, 2]


def test_without_a_request_every_batch_comes():
    assert list(until_stopped(range(5), Stop())) == [0, 1, 2, 3, 4]
