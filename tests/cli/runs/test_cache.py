"""`ablate-runs --cache`."""

import json
import os

import pytest
from support.datasets import of

from ablation import data
from ablation.cli.runs import cache
from ablation.data import decoded_cache


@pytest.fixture
def cached(tmp_path, monkeypatch):
    """A cache with the digits, which no process uses, and two small files with hashes."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(decoded_cache, "IN_USE", {})
    data.load(of("digits"))
    for descriptor in decoded_cache.IN_USE.values():
        os.close(descriptor)
    folder = tmp_path / "cache" / "ablate"
    for number in range(2):
        (folder / f"hashes-{number:016x}.json").write_text("{}")
    return folder


def test_the_entries_are_listed_with_their_size(runs, cached):
    said = runs("--cache")
    assert (said.code, said.err) == (0, "")
    title, digits, hashes, total, _ = said.out.splitlines()
    assert title.split() == ["Data", "Images", "Form", "Size", "Last", "use"]
    assert digits.split()[:3] == ["digits", "1,797", "8×8×1"] and "ago" in digits
    assert hashes.startswith("hashes of 2 image folders") and "4 B" in hashes
    assert total.startswith(f"3 entries in {cached}: ")


def test_as_json(runs, cached):
    made = json.loads(runs("--cache", "--json").out)
    assert made["cache"] == str(cached) and made["totals"]["entries"] == len(made["entries"]) == 3
    digits = next(entry for entry in made["entries"] if entry["data"] == "digits")
    assert digits["images"] == 1797 and digits["in_use"] is False and digits["used"].startswith("20")
    assert made["totals"]["size"] == sum(entry["size"] for entry in made["entries"])


def test_what_matches_is_deleted_after_a_question(runs, cached):
    refused = runs("--cache", "--delete")
    assert refused.code == 1 and "--yes" in refused.err and len(list(cached.iterdir())) >= 3
    said = runs("--cache", "--where", "data=digits", "--delete", "--yes")
    assert said.code == 0 and "Deleted 1 entry, " in said.out
    assert sorted(path.name[:6] for path in cached.iterdir()) == ["hashes", "hashes"]
    assert "0 entries" in runs("--cache", "--where", "age>1d").out
    assert "Deleted 2 entries, 4 B." in runs("--cache", "--where", "size<1kB", "--delete", "--yes").out
    assert list(cached.iterdir()) == []


def test_what_is_in_use_stays(runs, cached, monkeypatch):
    monkeypatch.setattr(decoded_cache, "IN_USE", {})
    data.load(of("digits"))
    said = runs("--cache", "--delete", "--yes")
    assert said.code == 2 and "in use" in said.out and "(it is in use)" in said.err
    assert [path.name for path in cached.iterdir() if path.is_dir()]
    for descriptor in decoded_cache.IN_USE.values():
        os.close(descriptor)


def test_another_key_is_refused(runs, cached):
    said = runs("--cache", "--where", "seed=0")
    assert said.code == 1 and f"Allowed with --cache: {', '.join(cache.KEYS)}" in said.err


def test_without_a_cache(runs, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "nothing"))
    said = runs("--cache", "--delete", "--yes")
    assert said.code == 0 and said.out.startswith("0 entries in ")
