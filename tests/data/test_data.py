"""Splits, the cache, the three sources and the contact sheet."""

import dataclasses
import errno
import functools
import io
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from support import images

from ablation import data
from ablation.cli import composition
from ablation.config import schema
from ablation.data import decoded_cache, sample_sheet, splits
from ablation.data.sources import tfds
from ablation.data.sources.digits import Digits
from ablation.data.sources.folder import Folder
from ablation.data.sources.tfds import Tfds
from ablation.errors import AblateError

NAMES = ["ant", "bee", "cat"]


@functools.cache
def _composed(group: str) -> schema.Data:
    return composition.compose([f"data={group}", *(["data.root=."] if group == "folder" else [])]).config.data


def of(group: str, **keys) -> schema.Data:
    """What `data=group data.key=value …` composes to, where composing again would only take time."""
    return dataclasses.replace(_composed(group), **keys)


def folder(root: Path, **keys) -> schema.Data:
    return of("folder", **{"root": str(root), "image_size": 8} | keys)


def tiny(place: Path, **keys) -> schema.Data:
    return of("cifar10", **{"name": "tiny", "dir": str(place), "classes": len(NAMES), "image_size": 8} | keys)


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """An empty cache, where the session's may already have what is to be decoded."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "own_cache"))
    return tmp_path / "own_cache" / "ablate"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A TFDS directory with a tiny set in two versions, of which 1.10.0 is the newer one."""
    place = tmp_path_factory.mktemp("tensorflow_datasets")
    for seed, version in ((1, "1.10.0"), (2, "1.2.0")):
        images.prepared(place, parts(seed), NAMES, version=version, shards=3)
    return place


def parts(seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {
        "train": (images.pictures(30, seed=seed), np.arange(30) % 3),
        "test": (images.pictures(12, seed=100 + seed), np.arange(12) % 3),
    }


@pytest.fixture
def lonely(place, tmp_path):
    """A copy of the tiny set, in one version, for tests that damage it."""
    shutil.copytree(place / "tiny" / "1.10.0", tmp_path / "tfds" / "tiny" / "1.10.0")
    return tmp_path / "tfds" / "tiny" / "1.10.0"


def is_paragraph(error: pytest.ExceptionInfo, *words: str) -> None:
    """What is wrong, what was received, what is allowed, what to type: in one paragraph, with these words."""
    text = str(error.value)
    for word in ("Received" if "Looked in" not in text else "Looked in", "Allowed", *words):
        assert word in text
    assert "\n" not in text and "Traceback" not in text
    assert any(typed in text for typed in ("Type ", "rm "))


def same(one: data.Data, other: data.Data) -> None:
    """All arrays byte for byte, and everything else."""
    for name in ("train", "validation", "test"):
        a, b = getattr(one, name), getattr(other, name)
        assert (a is None) == (b is None)
        for kind in ("pixels", "labels", "rows") if a else ():
            x, y = getattr(a, kind), getattr(b, kind)
            assert x.dtype == y.dtype
            np.testing.assert_array_equal(x, y)
    np.testing.assert_array_equal(one.mean, other.mean)
    np.testing.assert_array_equal(one.deviation, other.deviation)
    assert [getattr(one, k) for k in ("name", "classes", "selected_on", "digest")] == [
        getattr(other, k) for k in ("name", "classes", "selected_on", "digest")
    ]


def each(loaded: data.Data) -> list[data.Images]:
    return [loaded.train, loaded.validation, loaded.test]


def counted(monkeypatch, source: type) -> list[str]:
    """The parts that were decoded, as they are."""
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
    return subprocess.Popen(
        command,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def told(process: subprocess.Popen) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out


# ---- splits ------------------------------------------------------------------------------------------------------

LABELS = st.integers(1, 6).flatmap(
    lambda classes: st.lists(st.integers(0, classes - 1), min_size=1, max_size=150).map(np.array)
)
SHARE = st.floats(0.01, 0.45)


def shares(labels: np.ndarray, rows: np.ndarray) -> dict[int, int]:
    return {c: int((labels[rows] == c).sum()) for c in np.unique(labels).tolist()}


@given(labels=LABELS, holdout=SHARE, holdout_test=st.just(0.0) | SHARE)
def test_splits_are_disjoint_cover_everything_and_are_stratified(labels, holdout, holdout_test):
    rows = splits.split(of("digits", holdout=holdout, holdout_test=holdout_test), {"train": labels})
    assert set(rows) == {"train", "validation"} | ({"test"} if holdout_test else set())
    assert {part for part, _ in rows.values()} == {"train"}
    np.testing.assert_array_equal(np.sort(np.concatenate([r for _, r in rows.values()])), np.arange(len(labels)))
    ideal = {"train": 1 - holdout - holdout_test, "validation": holdout, "test": holdout_test}
    for name, (_, some) in rows.items():
        assert np.all(np.diff(some) > 0)  # in the data's order
        for label, count in shares(labels, some).items():
            assert abs(count - ideal[name] * (labels == label).sum()) <= 1 + 1e-9


@given(labels=LABELS, limit=st.integers(1, 160))
def test_a_limit_is_balanced_and_inside_the_whole_split(labels, limit):
    cfg = of("digits")
    whole = splits.split(cfg, {"train": labels})
    limited = splits.split(dataclasses.replace(cfg, limit=limit), {"train": labels})
    assert set(whole) == set(limited)
    for name, (_, rows) in limited.items():
        there = whole[name][1]
        assert len(rows) == min(limit, len(there)) and set(rows) <= set(there.tolist())
        assert np.all(np.diff(rows) > 0)
        counts, available = shares(labels, rows), shares(labels, there)
        most = max(counts.values())
        assert all(counts[c] >= min(available[c], most - 1) for c in counts)  # fewer only where there are no more


@given(labels=LABELS, limits=st.tuples(st.integers(1, 160), st.integers(1, 160)))
def test_a_smaller_limit_is_a_part_of_a_larger_one(labels, limits):
    small, large = (splits.split(of("digits", limit=n), {"train": labels}) for n in sorted(limits))
    for name in small:
        assert set(small[name][1].tolist()) <= set(large[name][1].tolist())


@given(labels=LABELS, shares_of=st.tuples(*[st.floats(0, 1, exclude_min=True)] * 2), holdout=SHARE)
def test_a_fraction_is_balanced_and_a_part_of_any_larger_one(labels, shares_of, holdout):
    rows = splits.split(of("digits", holdout=holdout), {"train": labels})["train"][1]
    if not len(rows):
        return
    small, large = (splits.fraction(labels, rows, share) for share in sorted(shares_of))
    assert set(small.tolist()) <= set(large.tolist()) <= set(rows.tolist())
    for share, some in zip(sorted(shares_of), (small, large), strict=True):
        assert len(some) == max(1, round(share * len(rows))) and np.all(np.diff(some) > 0)
        counts, available = shares(labels, some), shares(labels, rows)
        most = max(counts.values())
        assert all(counts[c] >= min(available[c], most - 1) for c in available if c in counts)
        assert most == 1 or set(counts) == set(available)
    np.testing.assert_array_equal(splits.fraction(labels, rows, 1.0), rows)


@given(labels=LABELS, test=LABELS, holdout=SHARE)
def test_a_source_s_own_test_split_stays_whole(labels, test, holdout):
    rows = splits.split(of("cifar10", holdout=holdout, holdout_test=0.3), {"train": labels, "test": test})
    assert rows["test"][0] == "test"
    np.testing.assert_array_equal(rows["test"][1], np.arange(len(test)))
    held = [rows[name][1] for name in ("train", "validation")]
    np.testing.assert_array_equal(np.sort(np.concatenate(held)), np.arange(len(labels)))


@given(labels=LABELS, own=LABELS)
def test_a_source_s_own_validation_split_is_used_whole_and_all_of_train_trains(labels, own):
    rows = splits.split(of("cifar10"), {"train": labels, "validation": own})
    assert set(rows) == {"train", "validation"} and rows["validation"][0] == "validation"
    np.testing.assert_array_equal(rows["validation"][1], np.arange(len(own)))
    np.testing.assert_array_equal(rows["train"][1], np.arange(len(labels)))


@given(labels=LABELS, test=LABELS)
def test_validation_on_the_test_split(labels, test):
    rows = splits.split(of("cifar10", validation="test"), {"train": labels, "test": test})
    assert set(rows) == {"train", "validation"} and rows["validation"][0] == "test"
    np.testing.assert_array_equal(rows["validation"][1], np.arange(len(test)))
    np.testing.assert_array_equal(rows["train"][1], np.arange(len(labels)))


@given(labels=LABELS, share=SHARE)
def test_validation_on_a_test_split_that_was_split_off(labels, share):
    apart = splits.split(of("digits", holdout_test=share), {"train": labels})
    joined = splits.split(of("digits", holdout_test=share, validation="test"), {"train": labels})
    assert set(joined) == {"train", "validation"}
    np.testing.assert_array_equal(joined["validation"][1], apart["test"][1])  # the same images as would be tested on
    np.testing.assert_array_equal(joined["train"][1], np.union1d(apart["train"][1], apart["validation"][1]))


@given(labels=LABELS, shares=st.tuples(SHARE, SHARE))
def test_a_larger_holdout_only_adds_images(labels, shares):
    small, large = (splits.split(of("digits", holdout=s, holdout_test=0), {"train": labels}) for s in sorted(shares))
    assert set(small["validation"][1].tolist()) <= set(large["validation"][1].tolist())


def test_a_holdout_takes_no_block_of_the_list():
    """TFDS stores some sets class by class or in the order of recording: neighbours would be near copies."""
    labels = np.zeros(1000, int)
    held = splits.split(of("digits", holdout_test=0), {"train": labels})["validation"][1]
    assert len(held) == 200 and np.diff(held).max() < 60
    assert all(20 <= ((held >= start) & (held < start + 200)).sum() <= 60 for start in range(0, 1000, 200))


def test_validation_on_test_is_refused_where_there_is_no_test():
    with pytest.raises(AblateError) as error:
        splits.split(of("cats_vs_dogs", validation="test"), {"train": np.arange(20) % 2})
    is_paragraph(error, "cats_vs_dogs", "data.validation=test", "data.validation=holdout", "data.holdout_test=0.2")


def test_splits_do_not_know_the_seed():
    one, other = (composition.compose(["data=digits", f"seed={seed}"]).config for seed in (0, 7))
    assert (one.seed, other.seed) == (0, 7) and one.data == other.data  # and load() is given nothing else
    np.random.seed(1)
    first = data.load(one.data)
    np.random.seed(2)
    same(first, data.load(other.data))


def test_digits():
    digits = data.load(of("digits"))
    assert (len(digits.train), len(digits.validation), len(digits.test)) == (1078, 360, 359)
    assert digits.selected_on == "validation"
    labels = digits.train.labels
    for split, share in ((digits.train, 0.6), (digits.validation, 0.2), (digits.test, 0.2)):
        for label, count in shares(labels, split.rows).items():
            assert abs(count - share * (labels == label).sum()) <= 1


def test_digits_validated_on_test():
    whole, digits = data.load(of("digits")), data.load(of("digits", validation="test"))
    assert (len(digits.train), digits.test, digits.selected_on) == (1797 - 359, None, "test")
    np.testing.assert_array_equal(digits.validation.rows, whole.test.rows)


@pytest.mark.parametrize("limit", [1, 10, 95, 1000])
def test_a_limit_holds_for_every_split(limit):
    digits, whole = data.load(of("digits", limit=limit)), data.load(of("digits"))
    for split, all_of_it in zip(each(digits), each(whole), strict=True):
        assert len(split) == min(limit, len(all_of_it))
        if limit < 300:
            counts = np.bincount(split.labels[split.rows], minlength=10)
            assert counts.max() - counts.min() <= 1
    assert len({tuple(split.rows) for split in each(digits)}) == 3


def test_a_fraction_is_of_training_alone():
    """What normalizes the pixels and what is evaluated are the whole set's, as in the run that it is compared with."""
    whole, part = data.load(of("digits")), data.load(of("digits", fraction=0.25))
    assert len(part.train) == round(0.25 * len(whole.train))
    assert set(part.train.rows.tolist()) < set(whole.train.rows.tolist())
    counts = np.bincount(part.train.labels[part.train.rows])
    assert len(counts) == 10 and counts.max() - counts.min() <= 1
    same(dataclasses.replace(part, train=whole.train), whole)


@pytest.mark.parametrize(("fraction", "limit"), [(0.5, 40), (0.001, None), (1.0, 40)])
def test_a_fraction_of_a_limit(fraction, limit):
    limited, part = (data.load(of("digits", limit=limit, fraction=f)) for f in (1.0, fraction))
    assert len(part.train) == max(1, round(fraction * len(limited.train)))
    assert set(part.train.rows.tolist()) <= set(limited.train.rows.tolist())
    assert len(part.validation) == len(limited.validation) and part.digest == limited.digest


def test_no_image_left():
    with pytest.raises(AblateError) as error:
        data.load(of("digits", holdout=0.001, holdout_test=0))
    is_paragraph(error, "validation", "data.holdout=0.001")


def test_no_image_left_for_the_test():
    with pytest.raises(AblateError) as error:
        data.load(of("digits", holdout_test=0.001))
    is_paragraph(error, "test", "data.holdout_test=0.001")


def test_the_advice_for_one_image_a_class_is_not_what_was_typed(tmp_path):
    images.folder(tmp_path, {"a": 1, "b": 1})
    with pytest.raises(AblateError) as error:
        data.load(folder(tmp_path, holdout=0.5))
    assert "Type for example data.holdout=0.5" not in str(error.value)


def test_cifar10_has_45000_5000_and_10000(prepared):
    cfg = of("cifar10", dir=str(prepared))
    names = "airplane automobile bird cat deer dog frog horse ship truck"
    assert data.describe(cfg) == ((32, 32, 3), tuple(names.split()))
    cifar10 = data.load(cfg)
    assert (len(cifar10.train), len(cifar10.validation), len(cifar10.test)) == (45_000, 5_000, 10_000)
    for split, count in ((cifar10.train, 4500), (cifar10.validation, 500), (cifar10.test, 1000)):
        assert np.bincount(split.labels[split.rows]).tolist() == [count] * 10
    assert cifar10.mean == pytest.approx([125.3, 123.0, 113.9], abs=2)  # as published for the original images
    assert cifar10.deviation == pytest.approx([63.0, 62.1, 66.7], abs=2)


def test_cats_vs_dogs_is_80_to_20_without_a_test(prepared):
    """On the real labels, but without decoding 25,000 photographs."""
    import tensorflow_datasets as tfds

    cfg = of("cats_vs_dogs", dir=str(prepared))
    if not (prepared / "cats_vs_dogs").is_dir():
        pytest.skip(f"no prepared cats_vs_dogs in {prepared}")
    assert data.describe(cfg) == ((96, 96, 3), ("cat", "dog"))
    source = Tfds(cfg)
    stored = tfds.builder_from_directory(source.prepared).as_dataset(
        split="train", decoders={"image": tfds.decode.SkipDecoding()}
    )
    labels = np.concatenate(list(stored.map(lambda example: example["label"]).batch(5000).as_numpy_iterator()))
    assert source.counts() == {"train": len(labels)}
    rows = splits.split(cfg, {"train": labels})
    assert set(rows) == {"train", "validation"}
    for label, count in shares(labels, rows["validation"][1]).items():
        assert abs(count - 0.2 * (labels == label).sum()) <= 1
    assert abs(len(rows["train"][1]) - 0.8 * len(labels)) <= 2


# ---- cache -------------------------------------------------------------------------------------------------------


def test_images_are_decoded_once(own_cache, tmp_path, monkeypatch):
    calls = counted(monkeypatch, Folder)
    cfg = folder(images.folder(tmp_path / "root", {"train/a": 4, "train/b": 4, "test/a": 2, "test/b": 2}))
    first, second = data.load(cfg), data.load(cfg)
    assert calls == ["train", "test"]
    same(first, second)
    data.load(dataclasses.replace(cfg, holdout=0.5, limit=3, augment="crop_flip", validation="test"))
    assert calls == ["train", "test"]  # the same pixels, split another way
    data.load(dataclasses.replace(cfg, image_size=4))
    data.load(dataclasses.replace(cfg, channels=1))
    assert calls == ["train", "test"] * 3


@pytest.mark.parametrize("unwritable", ["/dev/null/x", "file/x", "file"])
def test_without_a_writable_cache_the_data_is_the_same(tmp_path, monkeypatch, unwritable):
    (tmp_path / "file").write_text("no directory")
    cfg = folder(images.folder(tmp_path / "root", {"a": 5, "b": 4}), channels=1, image_size=5)
    kept = data.load(cfg)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / unwritable))
    calls = counted(monkeypatch, Folder)
    same(kept, data.load(cfg))
    same(kept, data.load(cfg))
    assert calls == ["train"] * 2


def test_the_cache_is_below_xdg_cache_home_or_home(monkeypatch, tmp_path):
    assert decoded_cache.home() == Path(os.environ["XDG_CACHE_HOME"]) / "ablate"
    monkeypatch.setenv("HOME", str(tmp_path))
    for unset in ("", None):
        monkeypatch.setenv("XDG_CACHE_HOME", "") if unset == "" else monkeypatch.delenv("XDG_CACHE_HOME")
        assert decoded_cache.home() == tmp_path / ".cache" / "ablate"


def test_a_half_written_entry_is_repaired(own_cache, tmp_path, monkeypatch):
    cfg = folder(images.folder(tmp_path / "root", {"a": 5, "b": 5}))
    whole = data.load(cfg)
    (entry,) = (p for p in own_cache.iterdir() if p.is_dir())
    for name in (decoded_cache.INDEX, "train.labels.npy", "train.pixels.npy"):
        (entry / name).unlink()
    (entry / "train.pixels.npy").write_bytes(b"half")  # a new file: the old one is still being read
    calls = counted(monkeypatch, Folder)
    same(whole, data.load(cfg))
    same(whole, data.load(cfg))
    assert calls == ["train"]
    assert [p for p in own_cache.iterdir() if p.is_dir()] == [entry]


def test_what_cannot_be_decoded_leaves_nothing_behind(own_cache, tmp_path):
    cfg = folder(images.folder(tmp_path / "root", {"a": 5, "b": 5}))
    broken = tmp_path / "root" / "b" / "3.png"
    whole = broken.read_bytes()
    broken.write_bytes(whole[:60])
    with pytest.raises(AblateError):
        data.load(cfg)
    assert [p for p in own_cache.iterdir() if p.is_dir()] == []
    broken.write_bytes(whole)
    assert len(data.load(cfg).train) == 8


@pytest.mark.parametrize("damage", ["cut", "gone", "index"])
def test_a_damaged_entry_is_repaired(own_cache, tmp_path, damage):
    """As after a power cut: a directory entry may reach the disk before what it names."""
    cfg = folder(images.folder(tmp_path / "root", {"a": 5, "b": 5}))
    whole = data.load(cfg)
    (entry,) = (p for p in own_cache.iterdir() if p.is_dir())
    pixels = entry / "train.pixels.npy"
    content = pixels.read_bytes()
    if damage == "index":
        (entry / decoded_cache.INDEX).write_text("")
    else:
        pixels.unlink()
    if damage == "cut":
        pixels.write_bytes(content[:200])
    same(whole, data.load(cfg))


def test_decoding_that_is_interrupted_leaves_nothing_behind(own_cache, tmp_path, monkeypatch):
    cfg = folder(images.folder(tmp_path / "root", {"a": 5, "b": 5}))
    examples = Folder.examples

    def interrupted(self, part):
        yield from [next(examples(self, part))]
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "examples", interrupted)
        with pytest.raises(KeyboardInterrupt):
            data.load(cfg)
    assert [p for p in own_cache.iterdir() if p.is_dir()] == []
    assert len(data.load(cfg).train) == 8


def test_a_disk_that_fills_up_is_told(own_cache, tmp_path, monkeypatch):
    def full(file, array):
        raise OSError(errno.ENOSPC, "No space left on device", str(file))

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(AblateError) as error:
        data.load(folder(images.folder(tmp_path / "root", {"a": 5, "b": 5})))
    is_paragraph(error, "No space left on device", str(own_cache), "XDG_CACHE_HOME=")
    assert [p for p in own_cache.iterdir() if p.is_dir()] == []


def test_a_disk_without_room_for_the_pixels_is_told(tmp_path):
    """On a disk of 1 MB in a mount namespace of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"', str(disk)]
    if not shutil.which("unshare") or subprocess.run([*mounted, "true"], capture_output=True).returncode:
        pytest.skip("no mount namespaces here")
    cfg = folder(images.folder(tmp_path / "root", {"a": 5, "b": 5}), image_size=300)
    full = python("data.load(cfg)", cfg, before=mounted, XDG_CACHE_HOME=str(disk))
    assert "AblateError: Cannot keep the decoded images" in full.communicate(timeout=120)[1]


def test_two_processes_at_once_decode_once(own_cache, tmp_path):
    cfg = folder(images.folder(tmp_path / "root", {"a": 15, "b": 15}))
    script = f"""
import pathlib, time
from ablation.data.folder import Folder
here, examples = pathlib.Path({str(tmp_path)!r}), Folder.examples
def slowly(self, part):
    with open(here / "decoded", "a") as file:
        file.write(part + " ")
    for example in examples(self, part):
        time.sleep(0.03)
        yield example
Folder.examples = slowly
print("ready", flush=True)
while not (here / "go").exists():
    time.sleep(0.01)
print(data.load(cfg).digest)
"""
    both = [python(script, cfg) for _ in range(2)]
    for process in both:
        assert process.stdout.readline() == "ready\n"
    (tmp_path / "go").touch()
    digests = {told(process).strip() for process in both}
    assert (tmp_path / "decoded").read_text() == "train "
    assert len([p for p in own_cache.iterdir() if p.is_dir()]) == 1
    assert digests == {data.load(cfg).digest}


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("limit", [None, 7])
def test_mean_and_deviation_are_numpy_s_over_the_training_images(tmp_path, channels, limit):
    loaded = data.load(folder(images.folder(tmp_path, {"a": 20, "b": 13}), channels=channels, limit=limit))
    pixels = loaded.train.pixels[loaded.train.rows].astype("float64")
    assert len(pixels) == (limit or 26) and loaded.mean.shape == (channels,)
    assert (loaded.mean.dtype, loaded.deviation.dtype) == (np.float32, np.float32)
    np.testing.assert_allclose(loaded.mean, pixels.mean(axis=(0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(loaded.deviation, pixels.std(axis=(0, 1, 2)), rtol=1e-5)


def test_a_channel_without_contrast_is_not_divided_by_zero(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        for i in range(5):
            Image.new("RGB", (8, 8), (0, 255, 10 * i)).save(tmp_path / name / f"{i}.png")
    loaded = data.load(folder(tmp_path))
    assert loaded.mean[:2].tolist() == [0, 255] and loaded.deviation[:2].tolist() == [1, 1]


def test_the_digest_changes_with_a_pixel_a_label_and_a_split_only(tmp_path, monkeypatch):
    root = images.folder(tmp_path / "root", {"a": 10, "b": 10})
    base = folder(root, holdout_test=0.2)
    digest = data.load(base).digest
    assert len(digest) == 64 and int(digest, 16)
    shutil.copytree(root, tmp_path / "elsewhere")
    unchanged = [folder(tmp_path / "elsewhere", holdout_test=0.2), dataclasses.replace(base, augment="crop_flip")]
    assert {data.load(cfg).digest for cfg in unchanged} == {digest}
    keys = [{"holdout": 0.3}, {"holdout_test": 0.3}, {"holdout_test": 0.1}, {"limit": 5}, {"validation": "test"}]
    keys += [{"image_size": 4}, {"channels": 1}]
    digests = [data.load(dataclasses.replace(base, **k)).digest for k in keys]

    pixel, label = (shutil.copytree(root, tmp_path / name) for name in ("pixel", "label"))
    changed = np.array(Image.open(root / "a" / "7.png"))
    changed[3, 4, 1] ^= 1
    Image.fromarray(changed).save(pixel / "a" / "7.png")
    (label / "a" / "9.png").rename(label / "b" / "-.png")  # sorts where it was: only its label is another
    digests += [data.load(folder(changed, holdout_test=0.2)).digest for changed in (pixel, label)]
    assert len({digest, *digests}) == 1 + len(digests)


def test_the_digest_is_the_same_in_another_process(tmp_path):
    cfg = folder(images.folder(tmp_path / "root", {"a": 10, "b": 10}))
    other = python("print(data.load(cfg).digest)", cfg, PYTHONHASHSEED="99", XDG_CACHE_HOME=str(tmp_path / "other"))
    assert told(other).strip() == data.load(cfg).digest


def test_images_become_squares_without_aliasing():
    stripes = np.zeros((64, 32, 3), "uint8")
    stripes[::2] = 255
    small = decoded_cache.fit(stripes, 8, 3)
    assert (small.shape, small.dtype) == ((8, 8, 3), np.uint8)
    assert abs(small.astype(int) - 128).max() < 20  # sampling every eighth row would see one colour only
    left = np.zeros((10, 40, 3), "uint8")
    left[:, :20] = 200
    squashed = decoded_cache.fit(left, 4, 3)[..., 0]
    assert squashed[:, 0].min() > 190 and squashed[:, 3].max() < 10  # the whole width, not a crop
    assert decoded_cache.fit(Image.fromarray(left), 4, 3)[..., 0].tolist() == squashed.tolist()


def test_grey_and_colour():
    colours = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [9, 9, 9]]], "uint8")
    grey = decoded_cache.fit(colours, 2, 1)
    assert grey.shape == (2, 2, 1) and grey.reshape(-1).tolist() == [76, 150, 29, 9]  # ITU-R 601-2
    assert decoded_cache.fit(grey, 2, 3).tolist() == np.repeat(grey, 3, axis=2).tolist()
    assert decoded_cache.fit(colours, 2, 3).tolist() == colours.tolist()
    assert decoded_cache.fit(images.pictures(1, 9, 1)[0], 4, 3).shape == (4, 4, 3)


# ---- digits ------------------------------------------------------------------------------------------------------


def test_digits_are_scikit_learn_s():
    from sklearn.datasets import load_digits

    digits, original = data.load(of("digits")), load_digits()
    pixels = digits.train.pixels
    assert (pixels.shape, pixels.dtype) == ((1797, 8, 8, 1), np.uint8)
    assert (pixels.min(), pixels.max(), len(np.unique(pixels))) == (0, 255, 17)
    np.testing.assert_allclose(pixels[..., 0], original.images * 255 / 16, atol=0.5)
    assert digits.train.labels.dtype == np.int32
    np.testing.assert_array_equal(digits.train.labels, original.target)
    assert data.describe(of("digits")) == ((8, 8, 1), tuple("0123456789"))
    assert data.load(of("digits", image_size=16, channels=3)).train.pixels.shape == (1797, 16, 16, 3)


# ---- folder ------------------------------------------------------------------------------------------------------


def test_a_folder_is_classes_in_alphabetical_order_with_their_own_pictures(tmp_path):
    counts = {"zebra": 3, "ant": 4, "Bee": 2, "10": 5, "9": 2}
    images.folder(tmp_path, counts)
    loaded = data.load(folder(tmp_path))
    assert loaded.classes == ("10", "9", "Bee", "ant", "zebra") == data.describe(folder(tmp_path))[1]
    assert np.bincount(loaded.train.labels).tolist() == [5, 2, 2, 4, 3]
    for name in counts:
        expected = {np.asarray(Image.open(p)).tobytes() for p in (tmp_path / name).iterdir()}
        of_class = loaded.train.pixels[loaded.train.labels == loaded.classes.index(name)]
        assert {image.tobytes() for image in of_class} == expected


def test_every_kind_of_image_file_is_read(tmp_path):
    """jpg, png, gif, bmp, webp; grey, palette, with transparency; suffixes in capitals; nested; and no other file."""
    y, x = np.mgrid[0:16, 0:16]
    picture = Image.fromarray(np.stack([x * 12 + 30, y * 12 + 30, 200 - x * 6 - y * 6], -1).astype("uint8"))
    kept = {"a.jpg": picture, "b.JPEG": picture, "c.png": picture, "d.PNG": picture.convert("RGBA"), "e.bmp": picture}
    kept |= {
        "f.webp": picture,
        "g.png": picture.quantize(256),
        "deep/er/h.Jpg": picture,
        "i.gif": picture.quantize(256),
    }
    for name, image in kept.items():
        (tmp_path / "colour" / name).parent.mkdir(parents=True, exist_ok=True)
        image.save(tmp_path / "colour" / name, **({"quality": 95} if name.lower().endswith(("g", "p")) else {}))
    grey = tmp_path / "grey"
    grey.mkdir()
    picture.convert("L").save(grey / "a.jpg", quality=95)
    picture.convert("LA").save(grey / "b.png")
    picture.convert("L").save(grey / "c.png")
    for other in ("grey/notes.txt", "grey/.DS_Store", "grey/Thumbs.db", "stray.png", "README.md", "colour/a.jpg.part"):
        (tmp_path / other).write_bytes(b"no image")
    loaded = data.load(folder(tmp_path, image_size=16))
    assert loaded.classes == ("colour", "grey") and np.bincount(loaded.train.labels).tolist() == [len(kept), 3]
    for label, expected in ((0, picture), (1, picture.convert("L").convert("RGB"))):
        for pixels in loaded.train.pixels[loaded.train.labels == label]:
            assert abs(pixels.astype(int) - np.asarray(expected)).mean() < 5


def test_sixteen_bit_grey_keeps_its_contrast(tmp_path):
    images.folder(tmp_path, {"a": 3, "b": 3})
    ramp = np.linspace(0, 65535, 64).reshape(8, 8).astype("uint16")
    Image.fromarray(ramp).save(tmp_path / "a" / "x.png")
    loaded = data.load(folder(tmp_path, channels=1))
    pixels = loaded.train.pixels[3, ..., 0]
    assert abs(pixels - ramp / 257).max() <= 1


def test_odd_names(tmp_path):
    names = ["ein Hund", "猫", "l'œuf", "a,b=c[1]{2}", "#x $HOME %s", " "]
    root = images.folder(tmp_path / "bilder ü [1]", dict.fromkeys(names, 4))
    for name in names:
        (root / name / "1.png").rename(root / name / "Bild (1) – Kopie, größer.PNG")
    cfg = folder(root)
    assert data.prepare(cfg)["name"] == "folder"
    loaded = data.load(cfg)
    assert loaded.classes == tuple(sorted(names)) and len(loaded.train.labels) == 24
    assert sample_sheet.sheet(*loaded.train.take(np.arange(10)), loaded.classes)


def test_a_name_that_is_no_unicode(tmp_path):
    images.folder(tmp_path, {"a": 4, "b": 4})
    (tmp_path / "a" / "1.png").rename(tmp_path / "a" / os.fsdecode(b"caf\xe9.png"))
    data.prepare(folder(tmp_path))
    assert len(data.load(folder(tmp_path)).train.labels) == 8


def test_own_split_folders_are_used_as_they_are(tmp_path):
    counts = {"train/a": 5, "train/b": 6, "validation/a": 2, "validation/b": 1, "test/b": 3, "test/a": 1}
    cfg = folder(images.folder(tmp_path, counts))
    loaded = data.load(cfg)
    assert (len(loaded.train), len(loaded.validation), len(loaded.test)) == (11, 3, 4)
    assert loaded.classes == ("a", "b") and loaded.test.labels.tolist() == [0, 1, 1, 1]
    first = np.asarray(Image.open(tmp_path / "validation" / "b" / "0.png"))
    np.testing.assert_array_equal(loaded.validation.pixels[2], first)


def test_own_test_folder_alone(tmp_path):
    loaded = data.load(folder(images.folder(tmp_path, {"train/a": 10, "train/b": 10, "test/a": 3, "test/b": 3})))
    assert (len(loaded.train), len(loaded.validation), len(loaded.test)) == (16, 4, 6)


def test_a_folder_without_parts_is_80_to_20_without_a_test(tmp_path):
    loaded = data.load(folder(images.folder(tmp_path, {"a": 25, "b": 50})))
    assert (len(loaded.train), len(loaded.validation), loaded.test) == (60, 15, None)


@pytest.mark.parametrize(
    "counts",
    [
        {"train/a": 5, "train/b": 5, "val/a": 5, "val/b": 5},
        {"train/a": 5, "train/b": 5, "val/a": 5, "val/b": 5, "test/a": 5, "test/b": 5},
        {"train/a": 5, "train/b": 5, "valid/a": 5, "valid/b": 5},
    ],
)
def test_a_split_folder_under_another_name_is_not_overlooked(tmp_path, counts):
    """`val` is what ImageNet, torchvision and Keras call it: training on 'train against val' must not happen."""
    cfg = folder(images.folder(tmp_path, counts))
    try:
        data.prepare(cfg)
        loaded = data.load(cfg)
    except AblateError as error:
        assert "validation" in str(error)
    else:
        assert loaded.classes == ("a", "b") and len(loaded.train) == len(loaded.validation) == 10


def test_hidden_folders_and_files_are_no_images(tmp_path):
    images.folder(tmp_path, {"a": 5, "b": 5, ".ipynb_checkpoints": 2, "a/.thumbnails": 2})
    (tmp_path / "b" / "._0.png").write_bytes(b"macOS")
    loaded = data.load(folder(tmp_path))
    assert loaded.classes == ("a", "b") and len(loaded.train.labels) == 10


def test_a_linked_class_folder_is_followed(tmp_path):
    images.folder(tmp_path, {"root/a": 4, "elsewhere/b": 4})
    (tmp_path / "root" / "b").symlink_to(tmp_path / "elsewhere" / "b")
    assert np.bincount(data.load(folder(tmp_path / "root")).train.labels).tolist() == [4, 4]


def test_the_identity_of_a_folder_is_its_content(tmp_path):
    root = images.folder(tmp_path / "root", {"a": 4, "b": 4})
    identity = data.prepare(folder(root))
    json.dumps(identity, allow_nan=False)

    def after(name: str, change) -> dict:
        copy = shutil.copytree(root, tmp_path / name)
        change(copy)
        return data.prepare(folder(copy))

    def touch(copy):
        for path in copy.rglob("*.png"):
            os.utime(path, (1, 1))

    assert after("moved", lambda copy: None) == identity
    assert after("touched", touch) == identity
    assert after("beside", lambda copy: (copy / "a" / "notes.txt").write_text("x")) == identity
    whole = (root / "a" / "0.png").read_bytes()
    others = [
        after("content", lambda copy: (copy / "a" / "0.png").write_bytes(whole[:-1] + b"x")),
        after("renamed", lambda copy: (copy / "a" / "0.png").rename(copy / "a" / "00.png")),
        after("relabelled", lambda copy: (copy / "a" / "3.png").rename(copy / "b" / "-.png")),
        after("class", lambda copy: (copy / "b").rename(copy / "c")),
        after("added", lambda copy: shutil.copy(copy / "a" / "0.png", copy / "a" / "4.png")),
        after("taken", lambda copy: (copy / "b" / "0.png").unlink()),
        after("exchanged", lambda copy: shutil.copy(copy / "b" / "0.png", copy / "a" / "0.png")),
    ]
    assert len({str(i) for i in [identity, *others]}) == 1 + len(others)


def test_a_home_relative_root(tmp_path, monkeypatch):
    images.folder(tmp_path / "pictures", {"a": 5, "b": 5})
    monkeypatch.setenv("HOME", str(tmp_path))
    assert len(data.load(folder("~/pictures")).train) == 8


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda root: None, ["not there"]),
        (lambda root: root.write_text("a file"), ["not there"]),
        (lambda root: root.mkdir(), ["no images", ".jpg"]),
        (lambda root: images.folder(root, {"a": 0, "b": 0}), ["no images"]),
        (lambda root: images.folder(root, {"only": 5}), ["one class only", "only"]),
        (
            lambda root: images.folder(root, {"train/a": 3, "train/b": 3, "validation/a": 1, "validation/owl": 1}),
            ["validation", "train has not", "owl"],
        ),
    ],
)
def test_a_folder_that_is_no_data_set(tmp_path, make, words):
    root = tmp_path / "my pictures"
    make(root)
    with pytest.raises(AblateError) as error:
        data.prepare(folder(root))
    is_paragraph(error, str(root), "data.root=", *words)


def test_describing_or_loading_a_folder_that_is_not_there(tmp_path):
    for do in (data.describe, data.load):
        with pytest.raises(AblateError) as error:
            do(folder(tmp_path / "nowhere"))
        is_paragraph(error, "not there", str(tmp_path / "nowhere"))


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "bmp", "webp"])
def test_an_image_that_is_not_whole_is_named(tmp_path, suffix):
    images.folder(tmp_path, {"a": 2, "b": 2})
    broken = tmp_path / "b" / f"o'my broken.{suffix}"
    Image.fromarray(images.pictures(1, 32)[0]).save(broken)
    whole = broken.read_bytes()
    for content in (whole[: len(whole) // 2], whole[:20], b"", b"<html>404</html>"):
        broken.write_bytes(content)
        with pytest.raises(AblateError) as error:
            data.load(folder(tmp_path))
        is_paragraph(error, str(broken), "rm ")


def test_any_damage_to_an_image_is_named_or_harmless(tmp_path):
    """Pillow raises many types."""
    from ablation.data.sources import folder as sources_folder

    rng = np.random.default_rng(0)
    for suffix in ("png", "jpg", "gif", "webp"):
        path = tmp_path / f"x.{suffix}"
        Image.fromarray(images.pictures(1, 16)[0]).save(path)
        whole = path.read_bytes()
        for _ in range(100):
            damaged = bytearray(whole)
            for place in rng.integers(0, min(len(whole), 200), 2):
                damaged[place] = rng.integers(256)
            path.write_bytes(damaged)
            try:
                sources_folder.read(path)
            except sources_folder.Corrupt as error:
                assert str(error)


def test_a_damaged_chunk_of_a_png_is_named(tmp_path):
    images.folder(tmp_path, {"a": 2, "b": 2})
    broken = tmp_path / "a" / "0.png"
    Image.fromarray(images.pictures(1, 200)[0]).save(broken)
    head, first, second = broken.read_bytes().split(b"IDAT")
    broken.write_bytes(head + b"IDAT" + first + b"\0\1\2\3" + second)
    with pytest.raises(AblateError) as error:
        data.load(folder(tmp_path))
    is_paragraph(error, str(broken))


# ---- tfds --------------------------------------------------------------------------------------------------------


def test_a_prepared_set_is_read_as_it_is_stored(place):
    overrides = ["data=cifar10", "data.source=tfds", "data.name=tiny", f"data.dir={place}"]
    cfg = composition.compose([*overrides, "data.classes=3", "data.image_size=8"]).config.data
    assert data.describe(cfg) == ((8, 8, 3), tuple(NAMES))
    identity = data.prepare(cfg)
    assert (identity["name"], identity["version"]) == ("tiny", "1.10.0")
    json.dumps(identity, allow_nan=False)
    loaded = data.load(cfg)
    assert (len(loaded.train), len(loaded.validation), len(loaded.test)) == (27, 3, 12)
    assert (loaded.name, loaded.classes) == ("tiny", tuple(NAMES))
    for split, part in ((loaded.train, "train"), (loaded.test, "test")):  # three shards, one after the other
        np.testing.assert_array_equal(split.pixels, parts(1)[part][0])
        np.testing.assert_array_equal(split.labels, parts(1)[part][1])


def test_a_prepared_set_in_grey_and_of_another_size(tmp_path):
    pixels = images.pictures(12, size=9, channels=1)
    images.prepared(tmp_path, {"train": (pixels, np.arange(12) % 2)}, ["no", "yes"], name="grey_set")
    cfg = of("cifar10", name="grey_set", dir=str(tmp_path), classes=2, channels=1, image_size=9, holdout=0.3)
    np.testing.assert_array_equal(data.load(cfg).train.pixels, pixels)
    assert data.load(cfg).test is None
    wide = data.load(dataclasses.replace(cfg, channels=3, image_size=5)).train.pixels
    assert wide.shape == (12, 5, 5, 3) and np.array_equal(wide[..., 0], wide[..., 2])


def test_the_newest_version_wins_by_number(place):
    assert Tfds(tiny(place)).prepared == place / "tiny" / "1.10.0"  # "1.2.0" is the larger text


def test_a_set_s_own_validation_split_is_used(tmp_path, own_cache):
    counts = {"train": 9, "validation": 6, "test": 3}
    three = {name: (images.pictures(n, seed=n), np.arange(n) % 3) for name, n in counts.items()}
    images.prepared(tmp_path, three, NAMES)
    loaded = data.load(tiny(tmp_path))
    assert (len(loaded.train), len(loaded.validation), len(loaded.test)) == (9, 6, 3)
    np.testing.assert_array_equal(loaded.validation.pixels, three["validation"][0])


def test_the_identity_follows_the_version(place, lonely):
    shutil.copytree(place / "tiny" / "1.2.0", lonely.parent / "1.2.0")
    assert data.prepare(tiny(lonely.parents[1])) == data.prepare(tiny(place))  # wherever it lies
    shutil.rmtree(lonely)
    assert data.prepare(tiny(lonely.parents[1])) != data.prepare(tiny(place))


def test_a_set_that_was_made_again_is_decoded_again(tmp_path, own_cache):
    pixels = images.pictures(12)
    for name, labels in (("one", np.arange(12) % 3), ("other", np.arange(12)[::-1] % 3)):
        images.prepared(tmp_path / name, {"train": (pixels, labels)}, NAMES)
        assert data.load(tiny(tmp_path / name, holdout=0.3)).train.labels.tolist() == labels.tolist()


def test_data_dir_beats_the_environment_and_the_environment_beats_home(place, tmp_path, monkeypatch):
    home = tmp_path / "home"
    for folder_, version in ((home / "tensorflow_datasets", "3.0.0"), (tmp_path / "environment", "2.0.0")):
        shutil.copytree(place / "tiny" / "1.2.0", folder_ / "tiny" / version)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path / "environment"))
    assert Tfds(tiny(place)).prepared == place / "tiny" / "1.10.0"
    assert Tfds(tiny(None, dir=None)).prepared == tmp_path / "environment" / "tiny" / "2.0.0"
    monkeypatch.setenv("TFDS_DATA_DIR", "~/tensorflow_datasets")
    assert Tfds(tiny(None, dir=None)).prepared == home / "tensorflow_datasets" / "tiny" / "3.0.0"
    monkeypatch.delenv("TFDS_DATA_DIR")
    assert Tfds(tiny(None, dir=None)).prepared == home / "tensorflow_datasets" / "tiny" / "3.0.0"


@pytest.fixture
def offline(monkeypatch):
    """No name resolves; whoever wants to wait and try again is not kept waiting, but counted: seconds."""
    waited = []

    def fail(*args, **kwargs):
        raise socket.gaierror(-3, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


@pytest.mark.parametrize("name", ["cifar10", "cats_vs_dogs", "mnist", "no_such_set"])
def test_a_missing_set_without_a_network(tmp_path, offline, name):
    cfg = of("cifar10", name=name, dir=str(tmp_path / "nowhere"))
    began = time.monotonic()
    for _ in range(2):  # what the first attempt left is no prepared set
        with pytest.raises(AblateError) as error:
            data.prepare(cfg)
        is_paragraph(error, name, str(tmp_path / "nowhere"), "data.dir=", "data=digits", "build")
    assert time.monotonic() - began + sum(offline) < 60


def write(path: Path) -> None:
    path.write_text(str(os.getpid()))


def fail(path: Path) -> None:
    raise ValueError("no such luck")


def die(path: Path) -> None:
    os._exit(3)


def test_a_set_is_prepared_in_a_process_of_its_own(tmp_path):
    """Else TensorFlow would have started before the run has set its threads."""
    tfds._in_a_child(write, tmp_path / "pid")
    assert int((tmp_path / "pid").read_text()) != os.getpid()
    for work, reason in ((fail, "no such luck"), (die, "was ended")):
        with pytest.raises(RuntimeError, match=reason):
            tfds._in_a_child(work, tmp_path)


def test_a_set_that_is_not_there_can_be_described(tmp_path):
    shape, names = data.describe(of("cifar10", dir=str(tmp_path)))
    assert (shape, len(names)) == ((32, 32, 3), 10)


def flip_a_byte(prepared: Path) -> None:
    shard = sorted(prepared.glob("*train.tfrecord*"))[1]
    content = bytearray(shard.read_bytes())
    content[len(content) // 2] ^= 1
    shard.write_bytes(content)


def cut(prepared: Path) -> None:
    shard = sorted(prepared.glob("*train.tfrecord*"))[1]
    shard.write_bytes(shard.read_bytes()[:-40])


def cut_between_records(prepared: Path) -> None:
    """The record framing stays whole: only the count can tell."""
    shard = sorted(prepared.glob("*train.tfrecord*"))[-1]
    content, ends, at = shard.read_bytes(), [], 0
    while at < len(content):
        at += struct.unpack_from("<Q", content, at)[0] + 16
        ends.append(at)
    assert ends[-1] == len(content) and len(ends) > 2
    shard.write_bytes(content[: ends[-2]])


def take_a_shard(prepared: Path) -> None:
    sorted(prepared.glob("*train.tfrecord*"))[0].unlink()


def spoil_the_features(prepared: Path) -> None:
    (prepared / "features.json").write_text("{}")


@pytest.mark.parametrize("damage", [flip_a_byte, cut, cut_between_records, take_a_shard, spoil_the_features])
def test_a_damaged_set_is_named(lonely, own_cache, damage):
    damage(lonely)
    cfg = tiny(lonely.parents[1])
    with pytest.raises(AblateError) as error:
        data.prepare(cfg)
        data.load(cfg)
    is_paragraph(error, "tiny", str(lonely), f"rm -r '{lonely}'")
    assert not own_cache.exists() or not [p for p in own_cache.iterdir() if p.is_dir()]


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "<html>", "null", "[]", "{}", '{"version": "1.0", "splits": [{}]}'),
    ],
)
def test_a_damaged_description_is_named(lonely, content):
    (lonely / "dataset_info.json").write_text(content)
    with pytest.raises(AblateError) as error:
        data.prepare(tiny(lonely.parents[1]))
    is_paragraph(error, "tiny", str(lonely), f"rm -r '{lonely}'")


def test_what_tfds_left_half_prepared_is_not_taken(lonely):
    half = lonely.parent / "incomplete.ABCDEF_2.0.0"
    shutil.copytree(lonely, half)
    assert Tfds(tiny(lonely.parents[1])).prepared == lonely
    shutil.rmtree(lonely)
    assert Tfds(tiny(lonely.parents[1])).prepared is None


@pytest.mark.parametrize("classes", [2, 4, None])
def test_the_number_of_classes_is_the_set_s(place, classes):
    """Or it is refused: labels beyond the last class would fail in the middle of training."""
    cfg = tiny(place, classes=classes)
    try:
        data.prepare(cfg)
        shape, names = data.describe(cfg)
    except AblateError as error:
        assert "data.classes" in str(error) and "3" in str(error)
    else:
        assert names == tuple(NAMES)


# ---- what is cheap -----------------------------------------------------------------------------------------------

HEAVY = "tensorflow tensorflow_datasets keras sklearn jax"


def sources(place: Path, tmp_path: Path) -> dict[str, schema.Data]:
    pictures = images.folder(tmp_path / "pictures", {"a": 3, "b": 3})
    return {"tfds": tiny(place), "digits": of("digits"), "folder": folder(pictures)}


@pytest.mark.parametrize("name", ["tfds", "digits", "folder"])
def test_describing_and_preparing_neither_decode_nor_import_tensorflow(place, tmp_path, own_cache, monkeypatch, name):
    cfg = sources(place, tmp_path)[name]
    script = "data.describe(cfg), data.prepare(cfg)\nprint(*(m for m in %r.split() if m in sys.modules))"
    assert told(python(script % HEAVY, cfg)).split() == []
    for source in (Tfds, Digits, Folder):
        monkeypatch.setattr(source, "examples", lambda self, part: pytest.fail("decoded"))
    data.describe(cfg), data.prepare(cfg)
    assert not own_cache.exists() or [p.name[:7] for p in own_cache.iterdir()] == ["hashes-"]


@pytest.mark.parametrize("name", ["tfds", "digits", "folder"])
def test_what_was_decoded_is_opened_without_tensorflow(place, tmp_path, name):
    cfg = sources(place, tmp_path)[name]
    digest = data.load(cfg).digest
    script = "print(data.load(cfg).digest, *(m for m in %r.split() if m in sys.modules))"
    assert told(python(script % HEAVY, cfg)).split() == [digest]


# ---- samples -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("count", "size"), [(1, 8), (5, 32), (32, 96), (100, 8), (3, 224)])
def test_the_contact_sheet_is_a_png_with_a_cell_for_each_image(count, size, channels):
    content = sample_sheet.sheet(images.pictures(count, size, channels), np.arange(count) % 3, tuple(NAMES))
    page = Image.open(io.BytesIO(content))
    page.load()
    assert (page.format, page.mode) == ("PNG", "RGB")
    rows = -(-min(count, sample_sheet.COLUMNS * sample_sheet.ROWS) // sample_sheet.COLUMNS)
    cell = sample_sheet.SIDE + sample_sheet.GAP
    assert page.size == (
        sample_sheet.COLUMNS * cell + sample_sheet.GAP,
        rows * (cell + sample_sheet.CAPTION) + sample_sheet.GAP,
    )


@pytest.mark.parametrize("channels", [1, 3])
def test_each_image_is_in_its_cell_with_its_class_under_it(channels):
    colours = images.pictures(20, 1, channels)
    pixels = np.broadcast_to(colours, (20, 8, 8, channels)).copy()
    page = np.asarray(Image.open(io.BytesIO(sample_sheet.sheet(pixels, np.arange(20) % 3, ("", "W" * 99, "c")))))
    for i, colour in enumerate(colours.reshape(20, channels).tolist()):
        x = i % sample_sheet.COLUMNS * (sample_sheet.SIDE + sample_sheet.GAP) + sample_sheet.GAP
        y = i // sample_sheet.COLUMNS * (sample_sheet.SIDE + sample_sheet.CAPTION + sample_sheet.GAP) + sample_sheet.GAP
        picture = page[y : y + sample_sheet.SIDE, x : x + sample_sheet.SIDE]
        assert (picture == np.array(colour)).all()
        ink = (
            page[y + sample_sheet.SIDE : y + sample_sheet.SIDE + sample_sheet.CAPTION, x : x + sample_sheet.SIDE] < 128
        ).sum()
        assert (ink > 0) == (i % 3 > 0)


def test_the_smallest_images_have_a_sheet_too():
    for channels in (1, 3):
        assert sample_sheet.sheet(images.pictures(2, 1, channels), np.zeros(2, int), ("a",)).startswith(b"\x89PNG")
