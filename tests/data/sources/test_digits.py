"""The digits are those of scikit-learn."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.datasets import is_paragraph, of

from ablation import data
from ablation.config import libraries
from ablation.data.sources import digits
from ablation.data.sources.digits import COUNT, LEVELS, Digits
from ablation.errors import AblateError


def test_digits_are_scikit_learn_s():
    from sklearn.datasets import load_digits

    loaded, original = data.load(of("digits")), load_digits()
    pixels = loaded.train.pixels
    assert (pixels.shape, pixels.dtype) == ((1797, 8, 8, 1), np.uint8)
    assert (pixels.min(), pixels.max(), len(np.unique(pixels))) == (0, 255, 17)
    np.testing.assert_allclose(pixels[..., 0], original.images * 255 / 16, atol=0.5)
    assert loaded.train.labels.dtype == np.int32
    np.testing.assert_array_equal(loaded.train.labels, original.target)
    assert data.describe(of("digits")) == ((8, 8, 1), tuple("0123456789"))
    assert data.load(of("digits", image_size=16, channels=3)).train.pixels.shape == (1797, 16, 16, 3)


def test_the_source_says_without_decoding_what_it_then_gives():
    source = Digits(of("digits"))
    examples = list(source.examples("train"))
    assert len(examples) == COUNT == source.counts()["train"] == source.identity()["count"]
    pixels, label = examples[0]
    assert (pixels.shape, pixels.dtype, source.classes[int(label)]) == ((8, 8, 1), np.uint8, "0")
    brightest = max(int(pixels.max()) for pixels, _ in examples)
    assert brightest == 255 and len({int(value) for pixels, _ in examples for value in pixels.flat}) == LEVELS + 1
    assert source.stamp() == [] and source.prepare() is None


def test_scikit_learn_is_not_imported_for_them():
    """Importing it takes longer than all else that precedes the training of a small network."""
    script = """
import sys
from ablation.config.schema import Data
from ablation.data.sources.digits import Digits
assert len(list(Digits(Data()).examples("train"))) == 1797
assert "sklearn" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_scikit_learn_itself_reads_them_where_its_file_is_not_found(monkeypatch):
    """A later version may keep the file elsewhere."""
    pixels, labels = zip(*Digits(of("digits")).examples("train"), strict=True)
    monkeypatch.setattr(digits, "FILE", Path("datasets", "moved.csv.gz"))
    same_pixels, same_labels = zip(*Digits(of("digits")).examples("train"), strict=True)
    np.testing.assert_array_equal(pixels, same_pixels)
    np.testing.assert_array_equal(labels, same_labels)


def test_scikit_learn_is_asked_for_before_anything_is_read(monkeypatch):
    monkeypatch.setattr(libraries, "_is_installed", lambda module: False)
    with pytest.raises(AblateError) as error:
        data.prepare(of("digits"))
    is_paragraph(error, "sklearn", "data=digits", "pip install ablation-study")
