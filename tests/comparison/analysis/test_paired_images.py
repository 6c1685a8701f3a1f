"""These networks on these images: paired by image, from the files that runs wrote."""

import io
import zipfile

import numpy as np
import pytest
from scipy import stats
from support.comparisons import compared
from support.fake_runs import config, history, record, write_json

from ablation.comparison.analysis import paired_images
from ablation.comparison.reading import correct_images, load
from ablation.rundir import files, layout
from ablation.rundir import history as rundir_history
from ablation.rundir import record as rundir_record


def wrote(outputs, model, seed, right):
    """A finished run with which of its 360 test images are right."""
    cfg = config(model, seed=seed)
    rows = history(accuracy=0.9)
    made = record(cfg, rows, **{"metrics.test": {"loss": 0.1, "accuracy": float(right.mean())}})
    directory = outputs / layout.run_name(model, "digits", seed, made["fingerprint"])
    directory.mkdir(parents=True)
    rundir_history.write_history(directory, rows)
    packed = np.packbits(right)
    np.savez(directory / layout.CORRECT, val_last=packed, test_last=packed, test_best=packed)
    write_json(directory, made)


def test_the_images_of_two_arms_are_paired(tmp_path):
    rng = np.random.default_rng(0)
    right = {(m, s): rng.random(360) < p for m, p in (("resnet34", 0.9), ("plain34", 0.8)) for s in range(3)}
    for (model, seed), kept in right.items():
        wrote(tmp_path, model, seed, kept)
    row = compared(tmp_path, baseline="resnet34").variant("plain34")
    gaps = np.mean([right["plain34", s].astype(float) - right["resnet34", s] for s in range(3)], axis=0)
    told = stats.ttest_1samp(gaps, 0)
    assert (row.images.images, row.images.seeds) == (360, 3)
    assert row.images.p == pytest.approx(told.pvalue) and row.images.difference == pytest.approx(gaps.mean())
    assert row.images.interval == pytest.approx(tuple(told.confidence_interval()))
    assert row.images.difference == pytest.approx(row.result.difference)


def test_without_the_file_or_a_common_seed_there_is_nothing_to_pair(tmp_path):
    right = np.ones(360, bool)
    wrote(tmp_path / "a", "resnet34", 0, right)
    wrote(tmp_path / "a", "plain34", 1, right)
    (one,), (two,) = ([run for run in load.load([tmp_path]).runs if run.network == n] for n in ("resnet34", "plain34"))
    assert paired_images.paired([one], [two], "test_last") is None
    same = paired_images.paired([one], [one], "test_last")
    assert same.difference == 0 and np.isnan(same.p)
    (one.path / layout.CORRECT).write_bytes(b"no")
    assert paired_images.paired([one], [one], "test_last") is None


@pytest.mark.parametrize(
    "content",
    ["deflated", "lzma", b"{'descr': (", b"if x:\n  y\n z", b"(" * 900],
    ids=["deflated", "lzma", "open", "code", "deep"],
)
def test_a_file_that_no_run_writes_pairs_nothing_and_stops_nothing(tmp_path, content):
    """Its checksum in the record is right."""
    wrote(tmp_path, "resnet34", 0, np.ones(360, bool))
    (run,) = load.load([tmp_path]).runs
    whole = io.BytesIO()
    how = {"deflated": zipfile.ZIP_DEFLATED, "lzma": zipfile.ZIP_LZMA}
    with zipfile.ZipFile(whole, "w", how.get(content, zipfile.ZIP_STORED)) as archive:
        told = content if isinstance(content, bytes) else b"{'descr': '|u1', 'fortran_order': False, 'shape': (45,), }"
        head = b"\x93NUMPY\x01\x00" + len(told).to_bytes(2, "little") + told
        for name in correct_images.NAMES:
            archive.writestr(f"{name}.npy", head + bytes(45))
    (run.path / layout.CORRECT).write_bytes(whole.getvalue())
    rundir_record.write_record(run.path, rundir_record.read_record(run.path))
    (run,) = load.load([tmp_path]).runs
    with pytest.raises(files.Unreadable, match="does not have the format of a run"):
        correct_images.read(run)
    assert paired_images.paired([run], [run], "test_last") is None
