"""What a directory takes on disk, and whether another run is inside of it."""

import os

import pytest

from ablation.rundir.housekeeping import sizes


def test_files_at_any_depth_count_and_links_count_as_themselves(tmp_path):
    run = tmp_path / "run"
    (run / ".hydra").mkdir(parents=True)
    (run / "run.json").write_bytes(b"x" * 100)
    (run / ".hydra" / "config.yaml").write_bytes(b"x" * 20)
    (tmp_path / "large").write_bytes(b"x" * 10_000)
    (run / "link").symlink_to(tmp_path / "large")
    (run / "folder").symlink_to(tmp_path)
    links = os.lstat(run / "link").st_size + os.lstat(run / "folder").st_size
    assert sizes.disk_size(run) == 120 + links
    assert sizes.contents(run).runs == 0


def test_a_run_inside_of_a_run_is_counted(tmp_path):
    for folder in ("", "deep/er", "other"):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "run.json").write_text("{}")
    assert sizes.contents(tmp_path).runs == 2


def test_what_does_not_exist_or_cannot_be_listed_takes_nothing(tmp_path):
    assert sizes.disk_size(tmp_path / "absent") == 0
    (tmp_path / "closed").mkdir(mode=0)
    if os.access(tmp_path / "closed", os.R_OK):
        pytest.skip("root may read anything")
    assert sizes.disk_size(tmp_path) == 0
