"""Find run directories."""

from pathlib import Path

from ablation.rundir import discovery, layout


def run(directory: Path) -> Path:
    directory.mkdir(parents=True)
    (directory / layout.RECORD).touch()
    return directory


def test_runs_are_found_in_the_order_of_their_names_and_none_within_a_run(tmp_path):
    runs = [run(tmp_path / name) for name in ("a", "b/c", "b/d", "e")]
    run(tmp_path / "a" / "within")
    run(tmp_path / ".hidden" / "x")
    assert discovery.find([tmp_path]) == runs


def test_a_path_may_be_a_run_or_its_record_and_each_run_counts_once(tmp_path):
    directory = run(tmp_path / "a")
    assert discovery.find([directory]) == discovery.find([directory / layout.RECORD]) == [directory]
    (tmp_path / "link").symlink_to(directory)
    assert discovery.find([directory, tmp_path, tmp_path / "link"]) == [directory]


def test_what_is_missing_is_passed_over_and_what_cannot_be_searched_is_named(tmp_path):
    found = discovery.discover([tmp_path / "absent", tmp_path, Path("\0")])
    assert found.runs == [] and found.refused == [(Path("\0"), "is not a valid path")]


def test_the_search_ends_at_a_depth_and_after_a_number_of_entries(tmp_path, monkeypatch):
    directory = run(tmp_path / "a")
    run(tmp_path / "b" / "c" / "d")
    monkeypatch.setattr(discovery, "MAX_DEPTH", 1)
    found = discovery.discover([tmp_path])
    reason = "its folders are nested more than 1 deep and were not searched"
    assert (found.runs, found.refused) == ([directory], [(tmp_path / "b", reason)])
    monkeypatch.setattr(discovery, "MAX_ENTRIES", 1)
    found = discovery.discover([tmp_path, directory])
    assert found.refused == [(tmp_path, "has more than 1 entries; the rest was not searched")]
