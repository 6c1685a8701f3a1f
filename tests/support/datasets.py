"""Configurations of small data sets, what they load to, and processes that load them."""

import dataclasses
import functools
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from ablation import data
from ablation.cli import composition
from ablation.config import schema
from support import images

NAMES = ["ant", "bee", "cat"]


@functools.cache
def _composed(group: str) -> schema.Data:
    return composition.compose([f"data={group}", *(["data.root=."] if group == "folder" else [])]).config.data


def of(group: str, **keys) -> schema.Data:
    """What `data=group data.key=value …` composes to, where composing again would only take time."""
    return dataclasses.replace(_composed(group), **keys)


def folder(root: Path | str, **keys) -> schema.Data:
    return of("folder", **{"root": str(root), "image_size": 8} | keys)


def tiny(place: Path | None, **keys) -> schema.Data:
    """The set that `tiny_parts` describe, as TFDS prepared it below `place`."""
    return of("cifar10", **{"name": "tiny", "dir": str(place), "classes": len(NAMES), "image_size": 8} | keys)


def tiny_parts(seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {
        "train": (images.pictures(30, seed=seed), np.arange(30) % 3),
        "test": (images.pictures(12, seed=100 + seed), np.arange(12) % 3),
    }


def is_paragraph(error: pytest.ExceptionInfo, *words: str) -> None:
    """What is wrong, what was received, what is allowed, what to type: in one paragraph, with these words."""
    text = str(error.value)
    for word in ("Received" if "Looked in" not in text else "Looked in", "Allowed", *words):
        assert word in text
    assert "\n" not in text and "Traceback" not in text
    assert any(typed in text for typed in ("Type ", "rm "))


def same(loaded: data.Dataset, expected: data.Dataset) -> None:
    """All arrays byte for byte, and everything else."""
    for name in ("train", "validation", "test"):
        split, wanted = getattr(loaded, name), getattr(expected, name)
        assert (split is None) == (wanted is None)
        for kind in ("pixels", "labels", "rows") if split else ():
            assert getattr(split, kind).dtype == getattr(wanted, kind).dtype
            np.testing.assert_array_equal(getattr(split, kind), getattr(wanted, kind))
    np.testing.assert_array_equal(loaded.mean, expected.mean)
    np.testing.assert_array_equal(loaded.std, expected.std)
    for name in ("name", "classes", "selected_on", "digest"):
        assert getattr(loaded, name) == getattr(expected, name)


def each_split(loaded: data.Dataset) -> list[data.Images]:
    return [loaded.train, loaded.validation, loaded.test]


def count_by_class(labels: np.ndarray, rows: np.ndarray) -> dict[int, int]:
    return {c: int((labels[rows] == c).sum()) for c in np.unique(labels).tolist()}


def count_decoding(monkeypatch, source: type) -> list[str]:
    """A list that gets the name of each part as it is decoded."""
    calls, examples = [], source.examples

    def counting(self, part):
        calls.append(part)
        return examples(self, part)

    monkeypatch.setattr(source, "examples", counting)
    return calls


def python(script: str, cfg: schema.Data, before: Sequence[str] = (), **environment: str) -> subprocess.Popen:
    """A script in another process, with `cfg` and `data`; before: a command that starts it."""
    head = "import sys; from ablation import data\nfrom ablation.config import schema\n"
    head += f"cfg = schema.Data(**{dataclasses.asdict(cfg)!r})\n"
    command = [*before, sys.executable, "-c", head + script]
    variables = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | environment
    return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def output(process: subprocess.Popen) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out
