"""The digits are those of scikit-learn."""

import numpy as np
from support.datasets import of

from ablation import data


def test_digits_are_scikit_learn_s():
    from sklearn.datasets import load_digits

    digits, original = data.load(of("digits")), load_digits()
    pixels = digits.train.pixels
    assert (pixels.shape, pixels.dtype) == ((1797, 8, 8, 1), np.uint8)
    assert (pixels.min(), pixels.max(), len(np.unique(pixels))) == (0, 255, 17)
    np.testing.assert_allclose(pixels[..., 0], original.images * 255 / 16, atol=0.5)
    assert digits.train.labels.dtype == np.int32
    np.testing.assert_array_equal(digits.train.labels, original.target)
    assert data.describe(of("digits")) == ((8, 8, 1), tuple("0123456789"))
    assert data.load(of("digits", image_size=16, channels=3)).train.pixels.shape == (1797, 16, 16, 3)
