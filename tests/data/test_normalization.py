"""data.normalize: from pixels to the network's input."""

import numpy as np

from ablation.config import schema
from ablation.config.keys import keys_of
from ablation.data.normalization import NORMALIZATIONS
from ablation.training import engine

MEAN, STD = np.array([100], "float32"), np.array([50], "float32")


def test_pixels_become_numbers_as_normalize_says():
    pixels = np.arange(256, dtype="uint8").reshape(1, 16, 16, 1)
    scaled = {}
    for name, scale in NORMALIZATIONS.items():
        scaled[name] = np.asarray(engine.scaled(pixels, scale(MEAN, STD)))
    np.testing.assert_allclose(scaled["none"], pixels / 255, rtol=1e-6)
    np.testing.assert_allclose(scaled["channel"], (pixels - MEAN) / STD, rtol=1e-6)


def test_a_normalization_has_its_name_in_the_schema():
    (key,) = [key for key in keys_of(schema.Data) if key.name == "normalize"]
    assert set(NORMALIZATIONS) == set(key.limits.choices)


def test_arrays_that_are_no_images_stay_as_they_are():
    scale = NORMALIZATIONS["none"](MEAN, STD, False)
    assert (scale.mean, scale.std) == (0, 1) and NORMALIZATIONS["channel"](MEAN, STD, False).std == STD
