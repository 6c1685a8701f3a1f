"""Every source provides what `Source` asks for."""

import inspect
from pathlib import Path

import numpy as np
import pytest
from support import images
from support.datasets import folder, of, tiny

from ablation.config.schema import Data
from ablation.data.dataset import SOURCES
from ablation.data.sources.base import Source

METHODS = ("prepare", "identity", "stamp", "counts", "examples")


def configurations(place: Path, tmp_path: Path):
    pictures = images.folder(tmp_path / "pictures", {"a": 3, "b": 3})
    np.savez(tmp_path / "data.npz", x_train=np.arange(12.0).reshape(6, 2), y_train=np.arange(6) % 2)
    npz = Data(source="npz", name="npz", file=str(tmp_path / "data.npz"))
    return {"tfds": tiny(place), "digits": of("digits"), "folder": folder(pictures), "npz": npz}


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_has_the_parts_that_its_counts_say(place, tmp_path, name):
    cfg = configurations(place, tmp_path)[name]
    source = SOURCES[name](cfg)
    source.prepare()
    assert "train" in source.counts()
    for part, count in source.counts().items():
        labels = [label for _, label in source.examples(part)]
        assert len(labels) == count and set(labels) == set(range(len(source.classes)))


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("method", METHODS)
def test_a_source_takes_what_the_protocol_says(name, method):
    wanted, received = (inspect.signature(getattr(kind, method)) for kind in (Source, SOURCES[name]))
    assert list(received.parameters) == list(wanted.parameters)
