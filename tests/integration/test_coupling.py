"""The same seed means the same luck: what two arms of an ablation share starts equal and sees equal data."""

from itertools import islice

import numpy as np
import pytest

from ablation import data
from ablation.cli import composition
from ablation.data import numpy_pipeline, tensorflow_pipeline
from ablation.data.batches import Feed
from ablation.training import recipe

STEPS = 100


def batches(model: str, seed: int, module) -> list[list[np.ndarray]]:
    """The first batches that `ablate` trains this network on, as arrays, from an engine's own pipeline."""
    overrides = [f"model={model}", f"seed={seed}", "train=quickstart", "train.batch_size=32", "data.augment=crop_flip"]
    cfg = composition.compose(overrides).config
    feed = Feed(data.load(cfg.data).train, cfg.seed, cfg.train.batch_size, cfg.data.augment)
    steps = recipe.length(cfg.train, feed.steps_per_epoch).steps
    return [[np.asarray(part) for part in batch] for batch in islice(iter(module.training(feed, 0, steps)), STEPS)]


@pytest.mark.parametrize("module", [tensorflow_pipeline, numpy_pipeline], ids=["tensorflow", "jax"])
def test_plain34_and_resnet34_see_equal_batches(module):
    plain, residual = (batches(model, 3, module) for model in ("plain34", "resnet34"))
    other = batches("resnet34", 4, module)
    assert len(plain) == len(residual) == STEPS  # three epochs and a part
    for one, two in zip(plain, residual, strict=True):
        for a, b in zip(one, two, strict=True):
            assert a.dtype == b.dtype
            np.testing.assert_array_equal(a, b)
    assert not any(np.array_equal(a[0], b[0]) for a, b in zip(residual, other, strict=True))


def test_both_backends_see_equal_batches():
    for one, two in zip(
        batches("resnet34", 3, tensorflow_pipeline), batches("resnet34", 3, numpy_pipeline), strict=True
    ):
        for a, b in zip(one, two, strict=True):
            np.testing.assert_array_equal(a, b)
