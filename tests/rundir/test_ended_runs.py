"""Runs that have ended, found by their fingerprints."""

from support import fake_runs
from support.fake_runs import config, write

from ablation.rundir.ended_runs import EndedRun, find_ended

ODD = ("resnet34-digits-s0-0123456789", "notes", "resnet34-digits-s0-abc")


def checksum(directory) -> str:
    return fake_runs.read_json(directory)["checksum"]


def test_runs_are_found_with_their_reruns_in_order(tmp_path):
    first = write(tmp_path, config("resnet34", seed=0))
    fingerprint = fake_runs.read_json(first)["fingerprint"]
    again = write(tmp_path, config("resnet34", seed=0), attempt=10)
    second = write(tmp_path, config("resnet34", seed=0), attempt=2, status="diverged")
    other = write(tmp_path, config("resnet34", seed=1))
    for name in ODD:
        (tmp_path / name).mkdir()
    found = find_ended(tmp_path, [fingerprint, "0" * 64])
    assert found == {fingerprint: [EndedRun(path.name, checksum(path)) for path in (first, second, again)]}
    assert set(find_ended(tmp_path, [fingerprint, fake_runs.read_json(other)["fingerprint"]])) == {
        fingerprint,
        fake_runs.read_json(other)["fingerprint"],
    }
    assert find_ended(tmp_path, []) == {} and find_ended(tmp_path / "absent", [fingerprint]) == {}


def test_a_run_that_is_not_final_damaged_or_of_another_fingerprint_has_not_ended(tmp_path):
    ran = write(tmp_path, config("resnet34", seed=0))
    fingerprint = fake_runs.read_json(ran)["fingerprint"]
    assert find_ended(tmp_path, [fingerprint])
    assert not find_ended(tmp_path, [fingerprint[:10] + "0" * 54])
    whole = (ran / "run.json").read_text()
    (ran / "run.json").write_text(whole.replace("0.9", "0.8"))
    assert not find_ended(tmp_path, [fingerprint])
    fake_runs.write_json(ran, {**fake_runs.read_json(ran), "status": "interrupted"})
    assert not find_ended(tmp_path, [fingerprint])


def test_no_link_is_followed(tmp_path):
    ran = write(tmp_path / "a", config("resnet34", seed=0))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / ran.name).symlink_to(ran)
    fingerprint = fake_runs.read_json(ran)["fingerprint"]
    assert find_ended(tmp_path / "a", [fingerprint]) and not find_ended(tmp_path / "b", [fingerprint])
