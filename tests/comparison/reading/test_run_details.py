import os

import pytest
from support.fake_runs import config, history, write

from ablation.comparison.reading.load import load
from ablation.comparison.reading.run_details import LOG_BYTES, MAX_RUNS, RunDetails, log_tail, read_details
from ablation.rundir import layout


def test_the_log_s_end_is_short_and_of_a_regular_file_alone(tmp_path):
    log = tmp_path / layout.LOG
    assert log_tail(tmp_path) == ()
    log.write_text("".join(f"line {i}\n" for i in range(100)))
    assert log_tail(tmp_path) == tuple(f"line {i}" for i in range(80, 100))
    log.write_bytes(b"\xff" * 10 + b"x" * 3 * LOG_BYTES)
    assert log_tail(tmp_path) == ("x" * LOG_BYTES,)
    os.truncate(log, 2**40)  # sparse: takes no room, and is not read whole
    assert len("".join(log_tail(tmp_path))) <= LOG_BYTES
    log.unlink()
    secret = tmp_path / "secret"
    secret.write_text("secret")
    log.symlink_to(secret)
    assert log_tail(tmp_path) == ()
    log.unlink()
    os.mkfifo(log)
    assert log_tail(tmp_path) == ()
    log.unlink()
    log.mkdir()
    assert log_tail(tmp_path) == ()


def details_of(folder) -> RunDetails:
    loaded = load([folder])
    (run,) = [*loaded.runs, *loaded.diverged]
    return read_details([run])[run.path]


def test_details_are_the_records(tmp_path):
    changes = {
        "versions": {"keras": "3.15.1", "numpy": "2.1"},
        "hardware": {"devices": ["GPU 0"], "processor": "EPYC", "cores": 8},
        "exactness": {"exact": True, "backend": "jax"},
        "git": {"commit": "0123456789abcdef", "dirty": True},
    }
    directory = write(tmp_path, config(), history(3), **changes)
    (directory / layout.LOG).write_text("one\n\x1b[31mtwo\x1b[0m\n10 %\r100 %\n")
    details = details_of(tmp_path)
    assert details.log == ("one", "two", "100 %")
    assert (details.versions, details.hardware, details.cores) == ("keras 3.15.1 · numpy 2.1", "GPU 0 · EPYC", "8")
    assert (details.bit_exact, details.backend, details.steps, details.best_epoch) == ("yes", "jax", "102", "3")
    assert details.git == "0123456789ab, with uncommitted changes"


def test_what_a_run_left_out_and_what_was_there_twice(tmp_path):
    excluded = [{"reason": ".tif", "count": 20, "examples": ["a/1.tif", "a/2.tif"]}, {"reason": "dangling link"}, 5]
    twice = {"groups": 3, "across_splits": 1, "several_labels": 0}
    write(tmp_path, config(), history(3), **{"data.excluded": excluded, "data.duplicates": twice})
    details = details_of(tmp_path)
    assert details.left_out == "20 .tif such as a/1.tif, a/2.tif · dangling link"
    assert details.duplicates == "groups 3 · across_splits 1 · several_labels 0"


@pytest.mark.parametrize("duplicates", [None, {}, {"groups": 0}, {"groups": [{}]}])
def test_without_identical_images_there_is_no_text(tmp_path, duplicates):
    write(tmp_path, config(), history(3), **{"data.duplicates": duplicates})
    assert details_of(tmp_path).duplicates == ""


def test_a_record_that_does_not_say_or_says_nonsense_gives_empty_texts(tmp_path):
    write(tmp_path, config(), history(3), versions={"keras": ["x"]}, hardware={"devices": [{}]}, git=None)
    details = details_of(tmp_path)
    assert details.versions == details.hardware == details.git == details.backend == ""


def test_of_a_diverged_run_there_is_the_log(tmp_path):
    directory = write(tmp_path, config(), history(3), status="diverged")
    (directory / layout.LOG).write_text("lost")
    assert details_of(tmp_path).log == ("lost",)


def test_what_ended_an_excluded_run_is_read(tmp_path):
    failed = write(tmp_path, config(seed=1), history(1), status="failed", error="ValueError:\nno such layer")
    assert read_details([], [failed]) == {failed: RunDetails(error="ValueError: no such layer")}


def test_of_very_many_runs_nothing_is_read(tmp_path):
    write(tmp_path, config(), history(3))
    (run,) = load([tmp_path]).runs
    assert read_details([run] * (MAX_RUNS + 1)) == {}
