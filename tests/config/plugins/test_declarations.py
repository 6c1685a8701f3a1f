"""Plugin files as they are read, without being run."""

import hashlib
from pathlib import Path

import pytest

from ablation.config.plugins import declarations, registry
from ablation.errors import AblateError


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("NORMS = {'mine': max}\nBLOCKS = {'ghost': min}\n")
    return str(path)


def test_names_are_read_from_the_text(file):
    assert declarations.names([file]) == {"model.norm": ["mine"], "model.block": ["ghost"]}


def test_a_file_counts_where_a_part_of_it_is_used(file):
    content = Path(file).read_bytes()
    assert declarations.digests([file], {"model.norm": "mine"}) == [hashlib.sha256(content).hexdigest()]
    assert declarations.digests([file], {"model.norm": "batch"}) == []


def test_a_registry_has_the_parts_of_what_it_took(file):
    taken = registry.Registry()
    taken.take(file)
    assert dict(taken.parts("NORMS")) == {"mine": max} and not taken.parts("AUGMENTS")


def test_a_name_twice_is_refused(file):
    with pytest.raises(AblateError, match="each name once"):
        declarations.names([file, file])
