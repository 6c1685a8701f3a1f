"""A study's rounds, one after the other."""

import pytest

from ablation.study import orchestration


@pytest.mark.parametrize(
    ("codes", "ran", "code"), [([0, 2, 0], 3, 2), ([0, 143, 0], 2, 143), ([130], 1, 130), ([], 0, 0)]
)
def test_a_signal_ends_the_rounds(codes, ran, code):
    asked = []
    given = orchestration.run_rounds(
        [[i] for i in range(len(codes))], lambda batch: asked.append(batch) or codes[batch[0]]
    )
    assert (len(asked), given) == (ran, code)
