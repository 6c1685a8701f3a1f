"""One path or several, as texts or path objects."""

from pathlib import Path

from ablation.api.paths import as_paths


def test_one_or_several_paths(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert as_paths("outputs") == as_paths(Path("outputs")) == as_paths(["outputs"]) == [Path("outputs")]
    assert as_paths(iter(["a", Path("b"), "~/c"])) == [Path("a"), Path("b"), Path("/home/me/c")]
