"""What a data configuration loads to: the splits, their statistics and their digest."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support import images
from support.datasets import (
    count_by_class,
    each_split,
    folder,
    is_paragraph,
    of,
    output,
    python,
    same,
    tiny,
)

from ablation import data
from ablation.cli import composition
from ablation.config import schema
from ablation.data import dataset, splits
from ablation.data.sources.digits import Digits
from ablation.data.sources.folder import Folder
from ablation.data.sources.tfds import Tfds
from ablation.errors import AblateError


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
        for label, count in count_by_class(labels, split.rows).items():
            assert abs(count - share * (labels == label).sum()) <= 1


def test_digits_validated_on_test():
    whole, digits = data.load(of("digits")), data.load(of("digits", validation="test"))
    assert (len(digits.train), digits.test, digits.selected_on) == (1797 - 359, None, "test")
    np.testing.assert_array_equal(digits.validation.rows, whole.test.rows)


@pytest.mark.parametrize("limit", [1, 10, 95, 1000])
def test_a_limit_holds_for_every_split(limit):
    digits, whole = data.load(of("digits", limit=limit)), data.load(of("digits"))
    for split, all_of_it in zip(each_split(digits), each_split(whole), strict=True):
        assert len(split) == min(limit, len(all_of_it))
        if limit < 300:
            counts = np.bincount(split.labels[split.rows], minlength=10)
            assert counts.max() - counts.min() <= 1
    assert len({tuple(split.rows) for split in each_split(digits)}) == 3


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


@pytest.mark.integration
def test_cifar10_has_45000_5000_and_10000(prepared):
    cfg = of("cifar10", dir=str(prepared))
    names = "airplane automobile bird cat deer dog frog horse ship truck"
    assert data.describe(cfg) == ((32, 32, 3), tuple(names.split()))
    cifar10 = data.load(cfg)
    assert (len(cifar10.train), len(cifar10.validation), len(cifar10.test)) == (45_000, 5_000, 10_000)
    for split, count in ((cifar10.train, 4500), (cifar10.validation, 500), (cifar10.test, 1000)):
        assert np.bincount(split.labels[split.rows]).tolist() == [count] * 10
    assert cifar10.mean == pytest.approx([125.3, 123.0, 113.9], abs=2)  # as published for the original images
    assert cifar10.std == pytest.approx([63.0, 62.1, 66.7], abs=2)


@pytest.mark.integration
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
    for label, count in count_by_class(labels, rows["validation"].rows).items():
        assert abs(count - 0.2 * (labels == label).sum()) <= 1
    assert abs(len(rows["train"].rows) - 0.8 * len(labels)) <= 2


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("limit", [None, 7])
def test_mean_and_deviation_are_numpy_s_over_the_training_images(tmp_path, channels, limit):
    loaded = data.load(folder(images.folder(tmp_path, {"a": 20, "b": 13}), channels=channels, limit=limit))
    pixels = loaded.train.pixels[loaded.train.rows].astype("float64")
    assert len(pixels) == (limit or 26) and loaded.mean.shape == (channels,)
    assert (loaded.mean.dtype, loaded.std.dtype) == (np.float32, np.float32)
    np.testing.assert_allclose(loaded.mean, pixels.mean(axis=(0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(loaded.std, pixels.std(axis=(0, 1, 2)), rtol=1e-5)


def test_a_channel_without_contrast_is_not_divided_by_zero(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        for i in range(5):
            Image.new("RGB", (8, 8), (0, 255, 10 * i)).save(tmp_path / name / f"{i}.png")
    loaded = data.load(folder(tmp_path))
    assert loaded.mean[:2].tolist() == [0, 255] and loaded.std[:2].tolist() == [1, 1]


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
    with Image.open(root / "a" / "7.png") as image:
        changed = np.array(image)
    changed[3, 4, 1] ^= 1
    Image.fromarray(changed).save(pixel / "a" / "7.png")
    (label / "a" / "9.png").rename(label / "b" / "-.png")  # sorts where it was: only its label is another
    digests += [data.load(folder(changed, holdout_test=0.2)).digest for changed in (pixel, label)]
    assert len({digest, *digests}) == 1 + len(digests)


@pytest.mark.integration
def test_the_digest_is_the_same_in_another_process(tmp_path):
    cfg = folder(images.folder(tmp_path / "root", {"a": 10, "b": 10}))
    other = python("print(data.load(cfg).digest)", cfg, PYTHONHASHSEED="99", XDG_CACHE_HOME=str(tmp_path / "other"))
    assert output(other).strip() == data.load(cfg).digest


HEAVY = "tensorflow tensorflow_datasets keras sklearn jax"


def sources(place: Path, tmp_path: Path) -> dict[str, schema.Data]:
    pictures = images.folder(tmp_path / "pictures", {"a": 3, "b": 3})
    return {"tfds": tiny(place), "digits": of("digits"), "folder": folder(pictures)}


@pytest.mark.integration
@pytest.mark.parametrize("name", ["tfds", "digits", "folder"])
def test_describing_and_preparing_neither_decode_nor_import_tensorflow(place, tmp_path, own_cache, monkeypatch, name):
    cfg = sources(place, tmp_path)[name]
    script = "data.describe(cfg), data.prepare(cfg)\nprint(*(m for m in %r.split() if m in sys.modules))"
    assert output(python(script % HEAVY, cfg)).split() == []
    for source in (Tfds, Digits, Folder):
        monkeypatch.setattr(source, "examples", lambda self, part: pytest.fail("decoded"))
    data.describe(cfg), data.prepare(cfg)
    assert not own_cache.exists() or [p.name[:7] for p in own_cache.iterdir()] == ["hashes-"]


@pytest.mark.integration
@pytest.mark.parametrize("name", ["tfds", "digits", "folder"])
def test_what_was_decoded_is_opened_without_tensorflow(place, tmp_path, name):
    cfg = sources(place, tmp_path)[name]
    digest = data.load(cfg).digest
    script = "print(data.load(cfg).digest, *(m for m in %r.split() if m in sys.modules))"
    assert output(python(script % HEAVY, cfg)).split() == [digest]


def test_the_images_of_a_split_are_taken_by_their_places_in_it():
    pixels = np.arange(6, dtype="uint8").reshape(6, 1, 1, 1)
    split = dataset.Images(pixels, np.arange(6, dtype="int32") * 10, np.array([5, 1, 3]))
    taken, labels = split.take(np.array([2, 0, 2]))
    assert len(split) == 3 and taken.ravel().tolist() == [3, 5, 3] and labels.tolist() == [30, 50, 30]


def test_mean_and_standard_deviation_follow_from_exact_sums():
    pixels = np.random.default_rng(0).integers(0, 256, (7, 4, 4, 3))
    sums = np.stack([pixels.sum((1, 2)), (pixels**2).sum((1, 2))], axis=1)
    mean, std = dataset._mean_and_std(sums, 16)
    np.testing.assert_allclose(mean, pixels.mean((0, 1, 2)), rtol=1e-6)
    np.testing.assert_allclose(std, pixels.std((0, 1, 2)), rtol=1e-6)
    flat = dataset._mean_and_std(np.array([[[16 * 9], [16 * 81]]]), 16)
    assert [values.tolist() for values in flat] == [[9.0], [1.0]]  # divided by, so never 0
