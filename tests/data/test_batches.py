"""The training batches: every image once an epoch, keyed by seed and epoch alone, and the same from any step on."""

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.images import split

from ablation import data
from ablation.cli import composition
from ablation.data import Images, numpy_pipeline, tensorflow_pipeline
from ablation.data.augmentations import AUGMENTS, PAD, Draws, FillColours, crop_flip
from ablation.data.batches import Feed
from ablation.data.label_noise import add_label_noise

COUNT = 23


EPOCHS = 3


SIZES = [1, 5, COUNT, 64]  # one by one, a ragged last batch, one whole batch, a batch larger than the data


@pytest.fixture(scope="module")
def images() -> Images:
    return split(COUNT)


@pytest.fixture(params=[tensorflow_pipeline, numpy_pipeline], ids=["tf.data", "ahead"])
def batches(request):
    """training(feed, last, first) as a list of (pixels, labels) arrays, from each of the two pipelines."""

    def training(feed: Feed, last: int, first: int = 0) -> list[tuple]:
        return [tuple(np.asarray(part) for part in batch) for batch in request.param.training(feed, first, last)]

    return training


@pytest.fixture(params=[tensorflow_pipeline, numpy_pipeline], ids=["tf.data", "ahead"])
def evaluation(request):
    """evaluation(images, batch_size) as a list of (pixels, labels) arrays, from each of the two pipelines."""

    def run(images: Images, batch_size: int) -> list[tuple]:
        return [tuple(np.asarray(part) for part in batch) for batch in request.param.evaluation(images, batch_size)]

    return run


def positions(images: Images, pixels: np.ndarray) -> list[int]:
    """Which images of the split these unchanged pixels are."""
    known = {image.tobytes(): position for position, image in enumerate(images.pixels[images.rows])}
    return [known[image.tobytes()] for image in pixels]


def epochs(feed: Feed, received: list[tuple]) -> list[np.ndarray]:
    """The pixels of each epoch, whatever its batches were."""
    n = feed.steps_per_epoch
    return [np.concatenate([b[0] for b in received[i : i + n]]) for i in range(0, len(received), n)]


@pytest.mark.parametrize("size", SIZES)
def test_every_image_comes_exactly_once_an_epoch(images, batches, size):
    feed = Feed(images, seed=0, batch_size=size, augment="none")
    received = batches(feed, EPOCHS * feed.steps_per_epoch)
    ragged = [len(pixels) for pixels, _ in received[: feed.steps_per_epoch]]
    assert ragged == [min(size, COUNT - start) for start in range(0, COUNT, size)]
    assert len(received) == EPOCHS * len(ragged)
    for pixels in epochs(feed, received):
        assert sorted(positions(images, pixels)) == list(range(COUNT))


def test_a_label_stays_with_its_image(images, batches):
    feed = Feed(images, seed=1, batch_size=5, augment="none")
    for pixels, labels in batches(feed, feed.steps_per_epoch):
        assert labels.tolist() == images.labels[images.rows[positions(images, pixels)]].tolist()


def test_every_epoch_and_every_seed_has_an_order_of_its_own(images, batches):
    orders = set()
    for seed in (0, 1, 2, 10):
        feed = Feed(images, seed, batch_size=5, augment="none")
        received = batches(feed, EPOCHS * feed.steps_per_epoch)
        orders |= {tuple(positions(images, pixels)) for pixels in epochs(feed, received)}
    assert len(orders) == 4 * EPOCHS and tuple(range(COUNT)) not in orders


@pytest.mark.parametrize("augment", ["none", "crop_flip"])
def test_equal_seeds_give_equal_batches_whatever_else_was_drawn(images, batches, augment):
    import keras
    import tensorflow as tf

    steps = 2 * 5
    first = batches(Feed(images, 3, 5, augment), steps)
    keras.utils.set_random_seed(99)  # what building and training another network does
    np.random.random(100), tf.random.normal((100,)), keras.random.normal((100,))
    second = batches(Feed(images, 3, 5, augment), steps)
    for one, other in zip(first, second, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.integration
def test_the_order_is_the_same_in_another_process_and_in_the_next_release():
    """A changed order would make a resumed run another run, and old runs no pair to new ones."""
    script = (
        "from support.images import split; from ablation.data.batches import Feed\n"
        "feed = Feed(split(10), 0, 10, 'none'); print(*feed.positions(0), *feed.positions(1))"
    )
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    environment = os.environ | {"PYTHONHASHSEED": "12345", "PYTHONPATH": path}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == "8 9 5 1 6 7 4 0 2 3 3 1 5 2 7 4 9 0 8 6".split()


@pytest.mark.parametrize("augment", ["none", "crop_flip"])
def test_the_batch_size_changes_neither_order_nor_augmentation(images, batches, augment):
    def stream(size: int) -> list[np.ndarray]:
        feed = Feed(images, seed=5, batch_size=size, augment=augment)
        return epochs(feed, batches(feed, EPOCHS * feed.steps_per_epoch))

    whole = stream(COUNT)
    for size in (1, 5, 64):
        for one, other in zip(whole, stream(size), strict=True):
            np.testing.assert_array_equal(one, other)


def test_the_training_images_of_a_real_set_come_and_no_others(batches):
    digits = data.load(composition.compose(["data=digits"]).config.data)
    feed = Feed(digits.train, seed=0, batch_size=500, augment="none")
    received = batches(feed, feed.steps_per_epoch)
    pixels, labels = (np.concatenate([batch[i] for batch in received]) for i in (0, 1))
    expected, meant = digits.train.take(np.arange(len(digits.train)))
    assert sorted((p.tobytes(), n) for p, n in zip(pixels, labels.tolist(), strict=True)) == sorted(
        (p.tobytes(), n) for p, n in zip(expected, meant.tolist(), strict=True)
    )


@pytest.mark.parametrize("augment", ["none", "crop_flip"])
@pytest.mark.parametrize("size", [5, 64])
def test_starting_at_any_step_goes_on_as_a_run_from_the_beginning(images, batches, size, augment):
    steps = EPOCHS * -(-COUNT // size)
    whole = batches(Feed(images, 7, size, augment), steps)
    for first in range(steps + 1):  # mid-epoch, at a border, the last step, and nothing left
        rest = batches(Feed(images, 7, size, augment), steps, first)
        assert len(rest) == steps - first
        for one, other in zip(whole[first:], rest, strict=True):
            for a, b in zip(one, other, strict=True):
                np.testing.assert_array_equal(a, b)


def test_a_run_may_end_within_an_epoch(images, batches):
    feed = Feed(images, seed=0, batch_size=5, augment="none")
    received = batches(feed, 7)
    assert [len(pixels) for pixels, _ in received] == [5, 5, 5, 5, 3, 5, 5]


@pytest.mark.parametrize("augment", ["none", "crop_flip"])
def test_the_pipeline_s_batches_are_the_feed_s_bit_for_bit(images, batches, augment):
    feed = Feed(images, seed=11, batch_size=5, augment=augment)
    received = batches(feed, EPOCHS * 5)
    for step, (pixels, labels) in enumerate(received):
        expected = Feed(images, 11, 5, augment).batch(step)  # a fresh one: a batch is a function of the step alone
        assert (pixels.dtype, labels.dtype) == (np.uint8, np.int32)
        np.testing.assert_array_equal(pixels, expected[0])
        np.testing.assert_array_equal(labels, expected[1])


def test_a_feed_can_be_asked_by_many_threads_in_any_order(images):
    feed = Feed(images, seed=2, batch_size=5, augment="crop_flip")
    steps = np.random.default_rng(0).permutation(40)
    with ThreadPoolExecutor(4) as pool:
        received = list(pool.map(feed.batch, steps.tolist()))
    for step, (pixels, labels) in zip(steps.tolist(), received, strict=True):
        expected = Feed(images, 2, 5, "crop_flip").batch(step)
        np.testing.assert_array_equal(pixels, expected[0])
        np.testing.assert_array_equal(labels, expected[1])


def test_a_pipeline_can_be_left_half_way(images):
    """As a run does that was interrupted, or that goes on from another step."""
    for training in (tensorflow_pipeline.training, numpy_pipeline.training):
        feed = Feed(images, 0, 5, "none")
        iterator = iter(training(feed, 0, 1000))
        np.testing.assert_array_equal(np.asarray(next(iterator)[0]), feed.batch(0)[0])
        del iterator


@pytest.mark.parametrize("size", SIZES)
def test_evaluation_takes_each_image_once_and_in_order(images, evaluation, size):
    received = evaluation(images, size)
    assert [len(pixels) for pixels, _ in received] == [min(size, COUNT - start) for start in range(0, COUNT, size)]
    np.testing.assert_array_equal(np.concatenate([pixels for pixels, _ in received]), images.pixels[images.rows])
    np.testing.assert_array_equal(np.concatenate([labels for _, labels in received]), images.labels[images.rows])
    assert (received[0][0].dtype, received[0][1].dtype) == (np.uint8, np.int32)


def drawn(images: Images, feed: Feed, epoch: int) -> dict[int, tuple[int, int, bool]]:
    """The crop and flip that each image got in an epoch, found by trying all of them."""
    kinds = [(y, x, flip) for y in range(2 * PAD + 1) for x in range(2 * PAD + 1) for flip in (False, True)]
    offsets, flips = np.array([k[:2] for k in kinds]), np.array([k[2] for k in kinds])
    seen = {}
    for step in range(epoch * feed.steps_per_epoch, (epoch + 1) * feed.steps_per_epoch):
        pixels, _ = feed.batch(step)
        for position, got in zip(feed.positions(step).tolist(), pixels, strict=True):
            original, _ = images.take(np.full(len(kinds), position))
            tried = crop_flip(original, Draws(offsets, flips), feed.fill.padding)
            (which,) = np.flatnonzero((tried == got).all(axis=(1, 2, 3)))  # exactly one: it is this image, cropped
            seen[position] = kinds[which]
    return seen


def test_augmentation_is_drawn_anew_for_each_image_epoch_and_seed():
    images = split(300, size=12)
    draws = [
        drawn(images, Feed(images, seed, 64, "crop_flip"), epoch) for seed, epoch in ((0, 0), (0, 1), (0, 2), (1, 0))
    ]
    for one, other in ((0, 1), (0, 2), (1, 2), (0, 3)):
        same = sum(draws[one][i] == draws[other][i] for i in range(300))
        assert same < 15  # 300/162 by chance
    rows, columns, flips = (np.array([d[i] for each in draws for d in each.values()]) for i in range(3))
    for offsets in (rows, columns):  # 1,200 draws: nine offsets of about 133 each, standard deviation 11
        assert np.bincount(offsets, minlength=9).min() > 80 and np.bincount(offsets).max() < 190
    assert 500 < flips.sum() < 700
    assert abs(np.corrcoef(rows, columns)[0, 1]) < 0.12 and abs(np.corrcoef(rows, flips)[0, 1]) < 0.12


def test_without_augmentation_the_pixels_are_the_decoded_ones(images):
    feed = Feed(images, seed=0, batch_size=COUNT, augment="none")
    pixels, _ = feed.batch(0)
    np.testing.assert_array_equal(pixels, images.pixels[images.rows[feed.positions(0)]])


@pytest.mark.parametrize(("augment", "digest"), [("none", "c89c103132542ef5"), ("crop_flip", "68b1cdfd50dc5408")])
def test_the_batches_are_those_of_the_first_release(augment, digest):
    """Written down from the code that knew these two alone, and black padding: what was added since moves no bit."""
    feed = Feed(split(23), 3, 5, augment)
    batches = hashlib.sha256(b"".join(part.tobytes() for step in range(15) for part in feed.batch(step)))
    assert batches.hexdigest()[:16] == digest


def test_all_augmentations_share_their_draws(images):
    """So that a variant without the flip sees the same crops."""
    received = {name: Feed(images, 4, 5, name) for name in AUGMENTS}
    for step in range(15):
        pixels = {name: feed.batch(step)[0] for name, feed in received.items()}
        feed = received["crop"]
        draws = [draw[feed.positions(step)] for draw in feed.epoch_draws(step // 5).augment]
        for name, augment in AUGMENTS.items():
            np.testing.assert_array_equal(pixels[name], augment(pixels["none"], Draws(*draws), feed.fill.padding))


@pytest.mark.parametrize("augment", ["crop", "crop_flip"])
def test_both_pipelines_pad_with_the_feed_s_colour(batches, augment):
    """White images: what is not white in a batch is padding, and that of each image is as its offsets say."""
    white = Images(np.full((COUNT, 6, 5, 3), 255, "uint8"), np.zeros(COUNT, "int32"), np.arange(COUNT))
    feed = Feed(white, 4, 5, augment, fill=FillColours(padding=BLANK, cutout=np.zeros(3, "uint8")))
    for step, (pixels, _) in enumerate(batches(feed, feed.steps_per_epoch)):
        padded = (pixels == BLANK).all(axis=-1)
        assert ((pixels == 255).all(axis=-1) | padded).all()
        offsets = feed.epoch_draws(0).augment.offsets[feed.positions(step)]
        visible = (6 - np.abs(offsets[:, 0] - PAD)) * (5 - np.abs(offsets[:, 1] - PAD))
        np.testing.assert_array_equal(padded.sum(axis=(1, 2)), 30 - visible)


def test_the_centres_of_cutouts_are_everywhere_and_each_image_has_its_own():
    """White images with a black square: 300 images in three epochs and two seeds, drawn evenly over the pixels."""
    white = Images(np.full((300, 5, 7, 1), 255, "uint8"), np.zeros(300, "int32"), np.arange(300))
    centres = []
    for seed, epoch in ((0, 0), (0, 1), (0, 2), (1, 0)):
        fill = FillColours(padding=np.zeros(1, "uint8"), cutout=np.array([7], "uint8"))
        pixels, _ = Feed(white, seed, 300, "crop", cutout_size=1, fill=fill).batch(epoch)
        image, *place, _ = np.nonzero(pixels == 7)
        np.testing.assert_array_equal(image, np.arange(300))  # one pixel each, also where the crop is black
        centres.append(np.stack(place, axis=1))
    rows, columns = np.concatenate(centres).T
    assert np.bincount(rows, minlength=5).min() > 180  # 1,200 draws: 240 each, standard deviation 14
    assert np.bincount(columns, minlength=7).min() > 120  # 171 each, 12
    for one, other in ((0, 1), (0, 2), (1, 2), (0, 3)):
        assert (centres[one] == centres[other]).all(axis=1).sum() < 30  # 300/35 by chance


@pytest.mark.parametrize("size", [5, 64])
def test_partners_and_share_travel_with_the_batch(images, batches, size):
    feed = Feed(images, 5, size, "crop_flip", mixup_alpha=0.3)
    steps = 2 * feed.steps_per_epoch
    for first in (0, steps - 1):
        received = batches(feed, steps, first)
        for step, (pixels, labels, partners, share) in enumerate(received, first):
            expected = Feed(images, 5, size, "crop_flip", mixup_alpha=0.3)
            for got, wanted in zip((pixels, labels), expected.batch(step), strict=True):
                np.testing.assert_array_equal(got, wanted)
            for got, wanted in zip((partners, share), expected.mixing(step), strict=True):
                np.testing.assert_array_equal(got, wanted)
            assert (partners.dtype, share.dtype, share.shape) == (np.int32, np.float32, ())
            assert sorted(partners.tolist()) == list(range(len(pixels)))


def test_the_share_is_of_the_beta_distribution_and_each_step_has_its_own(images):
    """Mean 1/2 and variance 1 / (4 (2 alpha + 1)), of 2,000 steps."""
    for alpha in (0.2, 1.0, 4.0):
        feed = Feed(images, 0, 5, "none", mixup_alpha=alpha)
        shares = np.array([feed.mixing(step)[1] for step in range(2000)])
        variance = 1 / (4 * (2 * alpha + 1))
        assert abs(shares.mean() - 0.5) < 5 * (variance / 2000) ** 0.5
        assert shares.var() == pytest.approx(variance, rel=0.15)
        assert 0 <= shares.min() and shares.max() <= 1
    orders = {
        tuple(Feed(images, seed, 23, "none", mixup_alpha=1.0).mixing(step)[0]) for seed in (0, 1) for step in range(3)
    }
    assert len(orders) == 6


KEYS = st.fixed_dictionaries(
    {
        "augment": st.sampled_from(list(AUGMENTS)),
        "cutout_size": st.sampled_from([0, 1, 4]),
        "mixup_alpha": st.sampled_from([0.0, 0.2, 1.0]),
        "noise": st.sampled_from([0.0, 0.2, 1.0]),
    }
)


BLANK = np.array([1, 2, 3], "uint8")


@given(one=KEYS, other=KEYS, seed=st.integers(0, 3), step=st.integers(0, 9))
def test_a_key_leaves_all_other_draws_alone(one, other, seed, step):
    """Order, crops, flips, squares, partners, shares and wrong labels, each a function of its own key and the seed."""

    def feed_of(keys: dict) -> Feed:
        images = add_label_noise(split(COUNT), 7, keys["noise"], seed)
        fill = FillColours(padding=np.zeros(3, "uint8"), cutout=BLANK)
        return Feed(images, seed, 5, keys["augment"], keys["cutout_size"], fill, keys["mixup_alpha"])

    feeds = feed_of(one), feed_of(other)
    draws = [feed.epoch_draws(step // 5) for feed in feeds]
    np.testing.assert_array_equal(draws[0].order, draws[1].order)
    np.testing.assert_array_equal(draws[0].centres, draws[1].centres)
    for first, second in zip(draws[0].augment, draws[1].augment, strict=True):
        np.testing.assert_array_equal(first, second)
    (pixels, other_pixels), labels = zip(*(feed.batch(step) for feed in feeds), strict=True)
    if one["noise"] == other["noise"]:
        np.testing.assert_array_equal(*labels)
    if one["augment"] == other["augment"]:
        blank = (pixels == BLANK).all(axis=-1) | (other_pixels == BLANK).all(axis=-1)
        np.testing.assert_array_equal(pixels[~blank], other_pixels[~blank])
        if one["cutout_size"] == other["cutout_size"]:
            np.testing.assert_array_equal(pixels, other_pixels)
    if one["mixup_alpha"] and other["mixup_alpha"]:
        (partners, share), (other_partners, other_share) = (feed.mixing(step) for feed in feeds)
        if one["mixup_alpha"] == other["mixup_alpha"]:
            np.testing.assert_array_equal(partners, other_partners)
            assert share == other_share
