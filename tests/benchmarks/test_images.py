"""Without CIFAR-10, random images of the same shape stand in."""

import subprocess

import numpy as np
import pytest

from benchmarks.bench import images, trees


def test_random_images_stand_in_for_cifar_and_the_benchmark_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "nothing"))
    monkeypatch.setattr(images, "SPLITS", {"train": 40, "validation": 10, "test": 10})
    source = images.find(tmp_path)
    assert not source.is_cifar
    assert "random images" in source.words
    loaded = images.read(images.extract(source, 30, tmp_path))
    assert loaded.pixels.shape == (30, 32, 32, 3)
    assert loaded.pixels.dtype == np.uint8
    assert sorted(np.bincount(loaded.labels)) == [3] * 10


def test_prepared_cifar_is_used(tmp_path, monkeypatch):
    (tmp_path / "cifar10").mkdir()
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    assert images.find(tmp_path).is_cifar


def test_a_tree_imports_its_own_code(tmp_path):
    root = tmp_path / "project"
    for name in ("ablation", "ablation/cli", "hydra_plugins"):
        (root / name).mkdir(parents=True)
    (root / "ablation" / "__init__.py").touch()
    (root / "ablation" / "__main__.py").write_text("def main():\n    print('from this tree')\n")
    tree = trees.install("before", root, tmp_path)
    done = subprocess.run([tree.bin / "ablate"], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == "from this tree\n"


def test_a_tree_without_the_project_is_refused(tmp_path):
    for name in ("ablation", "hydra_plugins"):
        (tmp_path / "project" / name).mkdir(parents=True)
    with pytest.raises(SystemExit):
        trees.install("before", tmp_path / "project", tmp_path)
