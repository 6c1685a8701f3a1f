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
from hypothesis.extra import numpy as arrays
from support.images import split

from ablation import data
from ablation.cli import composition
from ablation.config import schema
from ablation.data import Images, numpy_pipeline, tensorflow_pipeline
from ablation.data.augmentations import AUGMENTS, PAD, Draws, crop_flip, cutout
from ablation.data.batches import Feed
from ablation.data.label_noise import noisy

COUNT = 23
EPOCHS = 3
SIZES = [1, 5, COUNT, 64]  # one by one, a ragged last batch, one whole batch, a batch larger than the data


@pytest.fixture(scope="module")
def images() -> Images:
    return split(COUNT)


@pytest.fixture(params=[tensorflow_pipeline, numpy_pipeline], ids=["tf.data", "ahead"])
def batches(request):
    """training(feed, rates, first) as a list of (pixels, labels, rate) arrays, from each of the two pipelines."""

    def training(feed: Feed, rates: np.ndarray, first: int = 0) -> list[tuple]:
        return [tuple(np.asarray(part) for part in batch) for batch in request.param.training(feed, rates, first)]

    return training


@pytest.fixture(params=[tensorflow_pipeline, numpy_pipeline], ids=["tf.data", "ahead"])
def evaluation(request):
    """evaluation(images, batch_size) as a list of (pixels, labels) arrays, from each of the two pipelines."""

    def run(images: Images, batch_size: int) -> list[tuple]:
        return [tuple(np.asarray(part) for part in batch) for batch in request.param.evaluation(images, batch_size)]

    return run


def rates(steps: int) -> np.ndarray:
    """A rate for each step that no other step has."""
    return np.linspace(1, 2, steps, dtype="float32")


def positions(images: Images, pixels: np.ndarray) -> list[int]:
    """Which images of the split these unchanged pixels are."""
    known = {image.tobytes(): position for position, image in enumerate(images.pixels[images.rows])}
    return [known[image.tobytes()] for image in pixels]


def epochs(feed: Feed, made: list[tuple]) -> list[np.ndarray]:
    """The pixels of each epoch, whatever its batches were."""
    n = feed.steps_per_epoch
    return [np.concatenate([b[0] for b in made[i : i + n]]) for i in range(0, len(made), n)]


def slow_crop_flip(image: np.ndarray, offset: np.ndarray, flip: bool) -> np.ndarray:
    """One image, pixel by pixel, as He et al. 2015 (section 4.2) tell it."""
    height, width, _ = image.shape
    result = np.zeros_like(image)
    for y in range(height):
        for x in range(width):
            row, column = y + offset[0] - PAD, x + offset[1] - PAD
            if 0 <= row < height and 0 <= column < width:
                result[y, width - 1 - x if flip else x] = image[row, column]
    return result


# ---- order -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_every_image_comes_exactly_once_an_epoch(images, batches, size):
    feed = Feed(images, seed=0, batch_size=size, augment="none")
    made = batches(feed, rates(EPOCHS * feed.steps_per_epoch))
    ragged = [len(pixels) for pixels, _, _ in made[: feed.steps_per_epoch]]
    assert ragged == [min(size, COUNT - start) for start in range(0, COUNT, size)]
    assert len(made) == EPOCHS * len(ragged)
    for pixels in epochs(feed, made):
        assert sorted(positions(images, pixels)) == list(range(COUNT))


def test_a_label_stays_with_its_image(images, batches):
    feed = Feed(images, seed=1, batch_size=5, augment="none")
    for pixels, labels, _ in batches(feed, rates(feed.steps_per_epoch)):
        assert labels.tolist() == images.labels[images.rows[positions(images, pixels)]].tolist()


def test_every_epoch_and_every_seed_has_an_order_of_its_own(images, batches):
    orders = set()
    for seed in (0, 1, 2, 10):
        feed = Feed(images, seed, batch_size=5, augment="none")
        made = batches(feed, rates(EPOCHS * feed.steps_per_epoch))
        orders |= {tuple(positions(images, pixels)) for pixels in epochs(feed, made)}
    assert len(orders) == 4 * EPOCHS and tuple(range(COUNT)) not in orders


@pytest.mark.parametrize("augment", ["none", "crop_flip"])
def test_equal_seeds_give_equal_batches_whatever_else_was_drawn(images, batches, augment):
    import keras
    import tensorflow as tf

    steps = rates(2 * 5)
    first = batches(Feed(images, 3, 5, augment), steps)
    keras.utils.set_random_seed(99)  # what building and training another network does
    np.random.random(100), tf.random.normal((100,)), keras.random.normal((100,))
    second = batches(Feed(images, 3, 5, augment), steps)
    for one, other in zip(first, second, strict=True):
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a, b)


def test_the_order_is_the_same_in_another_process_and_in_the_next_release():
    """A changed order would make a resumed run another run, and old runs no pair to new ones."""
    script = (
        "from images import split; from ablation.data.feed import Feed\n"
        "feed = Feed(split(10), 0, 10, 'none'); print(*feed.positions(0), *feed.positions(1))"
    )
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    environment = os.environ | {"PYTHONHASHSEED": "12345", "PYTHONPATH": path}
    told = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout.split() == "8 9 5 1 6 7 4 0 2 3 3 1 5 2 7 4 9 0 8 6".split()


@pytest.mark.parametrize("augment", ["none", "crop_flip"])
def test_the_batch_size_changes_neither_order_nor_augmentation(images, batches, augment):
    def stream(size: int) -> list[np.ndarray]:
        feed = Feed(images, seed=5, batch_size=size, augment=augment)
        return epochs(feed, batches(feed, rates(EPOCHS * feed.steps_per_epoch)))

    whole = stream(COUNT)
    for size in (1, 5, 64):
        for one, other in zip(whole, stream(size), strict=True):
            np.testing.assert_array_equal(one, other)


def test_the_training_images_of_a_real_set_come_and_no_others(batches):
    digits = data.load(composition.compose(["data=digits"]).config.data)
    feed = Feed(digits.train, seed=0, batch_size=500, augment="none")
    made = batches(feed, rates(feed.steps_per_epoch))
    pixels, labels = (np.concatenate([batch[i] for batch in made]) for i in (0, 1))
    expected, meant = digits.train.take(np.arange(len(digits.train)))
    assert sorted((p.tobytes(), n) for p, n in zip(pixels, labels.tolist(), strict=True)) == sorted(
        (p.tobytes(), n) for p, n in zip(expected, meant.tolist(), strict=True)
    )


# ---- steps -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("augment", ["none", "crop_flip"])
@pytest.mark.parametrize("size", [5, 64])
def test_starting_at_any_step_goes_on_as_a_run_from_the_beginning(images, batches, size, augment):
    steps = EPOCHS * -(-COUNT // size)
    whole = batches(Feed(images, 7, size, augment), rates(steps))
    for first in range(steps + 1):  # mid-epoch, at a border, the last step, and nothing left
        rest = batches(Feed(images, 7, size, augment), rates(steps), first)
        assert len(rest) == steps - first
        for one, other in zip(whole[first:], rest, strict=True):
            for a, b in zip(one, other, strict=True):
                np.testing.assert_array_equal(a, b)


def test_a_run_may_end_within_an_epoch(images, batches):
    feed = Feed(images, seed=0, batch_size=5, augment="none")
    made = batches(feed, rates(7))
    assert [len(pixels) for pixels, _, _ in made] == [5, 5, 5, 5, 3, 5, 5]


def test_the_learning_rates_travel_with_the_steps(images, batches):
    feed = Feed(images, seed=0, batch_size=5, augment="none")
    for first in (0, 3, 5, 14):
        travelled = np.array([rate for _, _, rate in batches(feed, rates(15), first)])
        assert travelled.dtype == np.float32
        np.testing.assert_array_equal(travelled, rates(15)[first:])


@pytest.mark.parametrize("augment", ["none", "crop_flip"])
def test_the_pipeline_s_batches_are_the_feed_s_bit_for_bit(images, batches, augment):
    feed = Feed(images, seed=11, batch_size=5, augment=augment)
    made = batches(feed, rates(EPOCHS * 5))
    for step, (pixels, labels, _) in enumerate(made):
        expected = Feed(images, 11, 5, augment).batch(step)  # a fresh one: a batch is a function of the step alone
        assert (pixels.dtype, labels.dtype) == (np.uint8, np.int32)
        np.testing.assert_array_equal(pixels, expected[0])
        np.testing.assert_array_equal(labels, expected[1])


def test_a_feed_can_be_asked_by_many_threads_in_any_order(images):
    feed = Feed(images, seed=2, batch_size=5, augment="crop_flip")
    steps = np.random.default_rng(0).permutation(40)
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(feed.batch, steps.tolist()))
    for step, (pixels, labels) in zip(steps.tolist(), made, strict=True):
        expected = Feed(images, 2, 5, "crop_flip").batch(step)
        np.testing.assert_array_equal(pixels, expected[0])
        np.testing.assert_array_equal(labels, expected[1])


def test_a_pipeline_can_be_left_half_way(images):
    """As a run does that was interrupted, or that goes on from another step."""
    for training in (tensorflow_pipeline.training, numpy_pipeline.training):
        feed = Feed(images, 0, 5, "none")
        iterator = iter(training(feed, rates(1000), 0))
        np.testing.assert_array_equal(np.asarray(next(iterator)[0]), feed.batch(0)[0])
        del iterator


def test_tensorflow_knows_the_shape_of_an_image_and_not_that_of_a_batch(images):
    """A batch dimension in the trace would mean a retrace for the last batch of every epoch."""
    spec = tensorflow_pipeline.training(Feed(images, 0, 5, "none"), rates(5), 0).element_spec
    assert [part.shape.as_list() for part in spec] == [[None, 6, 6, 3], [None], []]
    assert [part.dtype.name for part in spec] == ["uint8", "int32", "float32"]


# ---- validation and test -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_evaluation_takes_each_image_once_and_in_order(images, evaluation, size):
    made = evaluation(images, size)
    assert [len(pixels) for pixels, _ in made] == [min(size, COUNT - start) for start in range(0, COUNT, size)]
    np.testing.assert_array_equal(np.concatenate([pixels for pixels, _ in made]), images.pixels[images.rows])
    np.testing.assert_array_equal(np.concatenate([labels for _, labels in made]), images.labels[images.rows])
    assert (made[0][0].dtype, made[0][1].dtype) == (np.uint8, np.int32)


# ---- augmentation ------------------------------------------------------------------------------------------------

SHAPES = st.tuples(st.integers(1, 5), st.integers(1, 9), st.integers(1, 9), st.sampled_from([1, 3]))


@given(data=st.data(), shape=SHAPES)
def test_crop_flip_is_what_a_slow_reader_of_the_paper_writes(data, shape):
    pixels = data.draw(arrays.arrays("uint8", shape))
    offsets = data.draw(arrays.arrays("int64", (shape[0], 2), elements=st.integers(0, 2 * PAD)))
    flips = data.draw(arrays.arrays("bool", shape[0]))
    before = pixels.copy()
    result = crop_flip(pixels, offsets, flips)
    expected = [slow_crop_flip(*each) for each in zip(pixels, offsets, flips, strict=True)]
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, np.stack(expected))
    np.testing.assert_array_equal(pixels, before)  # the decoded images are everyone's


def test_the_padding_is_black():
    white = np.full((1, 8, 8, 3), 255, "uint8")
    corner = crop_flip(white, np.array([[0, 0]]), np.array([False]))[0]
    assert PAD == 4 and corner[4:, 4:].min() == 255
    assert corner[:4].max() == corner[:, :4].max() == 0


def test_the_middle_crop_changes_nothing(images):
    pixels, _ = images.take(np.arange(COUNT))
    middle = np.full((COUNT, 2), PAD)
    np.testing.assert_array_equal(crop_flip(pixels, middle, np.zeros(COUNT, bool)), pixels)
    np.testing.assert_array_equal(crop_flip(pixels, middle, np.ones(COUNT, bool)), pixels[:, :, ::-1])


def drawn(images: Images, feed: Feed, epoch: int) -> dict[int, tuple[int, int, bool]]:
    """The crop and flip that each image got in an epoch, found by trying all of them."""
    kinds = [(y, x, flip) for y in range(2 * PAD + 1) for x in range(2 * PAD + 1) for flip in (False, True)]
    offsets, flips = np.array([k[:2] for k in kinds]), np.array([k[2] for k in kinds])
    seen = {}
    for step in range(epoch * feed.steps_per_epoch, (epoch + 1) * feed.steps_per_epoch):
        pixels, _ = feed.batch(step)
        for position, got in zip(feed.positions(step).tolist(), pixels, strict=True):
            original, _ = images.take(np.full(len(kinds), position))
            tried = crop_flip(original, offsets, flips)
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
    """Written down from the code that knew these two alone: what was added since moves none of their bits."""
    feed = Feed(split(23), 3, 5, augment)
    batches = hashlib.sha256(b"".join(part.tobytes() for step in range(15) for part in feed.batch(step)))
    assert batches.hexdigest()[:16] == digest


@given(data=st.data(), shape=SHAPES)
def test_crops_and_flips_alone_are_the_halves_of_both(data, shape):
    pixels = data.draw(arrays.arrays("uint8", shape))
    offsets = data.draw(arrays.arrays("int64", (shape[0], 2), elements=st.integers(0, 2 * PAD)))
    flips = data.draw(arrays.arrays("bool", shape[0]))
    middle, nowhere = np.full_like(offsets, PAD), np.zeros_like(flips)
    made = {name: augment(pixels, Draws(offsets, flips)) for name, augment in AUGMENTS.items()}
    np.testing.assert_array_equal(made["none"], pixels)
    np.testing.assert_array_equal(made["crop"], [slow_crop_flip(*e, False) for e in zip(pixels, offsets, strict=True)])
    np.testing.assert_array_equal(made["flip"], [slow_crop_flip(*e) for e in zip(pixels, middle, flips, strict=True)])
    np.testing.assert_array_equal(made["crop_flip"], crop_flip(made["crop"], middle, flips))
    np.testing.assert_array_equal(made["crop"], crop_flip(pixels, offsets, nowhere))
    assert {m.dtype for m in made.values()} == {np.dtype("uint8")}


def test_all_augmentations_share_their_draws(images):
    """So that an arm without the flip sees the crops that the other arm sees."""
    made = {name: Feed(images, 4, 5, name) for name in AUGMENTS}
    for step in range(15):
        pixels = {name: feed.batch(step)[0] for name, feed in made.items()}
        draws = [each[feed.positions(step)] for feed in [made["crop"]] for each in feed._epoch(step // 5)[1]]
        for name, augment in AUGMENTS.items():
            np.testing.assert_array_equal(pixels[name], augment(pixels["none"], Draws(*draws)))


def test_an_augmentation_has_its_name_in_the_schema():
    assert tuple(AUGMENTS) == schema.AUGMENTS


# ---- cutout ------------------------------------------------------------------------------------------------------


def slow_cutout(image: np.ndarray, centre: np.ndarray, side: int, blank: np.ndarray) -> np.ndarray:
    """One image, pixel by pixel."""
    result = image.copy()
    for y in range(centre[0] - side // 2, centre[0] - side // 2 + side):
        for x in range(centre[1] - side // 2, centre[1] - side // 2 + side):
            if 0 <= y < image.shape[0] and 0 <= x < image.shape[1]:
                result[y, x] = blank
    return result


@given(data=st.data(), shape=SHAPES, side=st.integers(1, 9))
def test_a_cutout_is_a_square_around_its_centre_as_far_as_there_is_image(data, shape, side):
    pixels = data.draw(arrays.arrays("uint8", shape))
    centres = data.draw(
        st.tuples(*(arrays.arrays("int64", shape[0], elements=st.integers(0, n - 1)) for n in shape[1:3]))
    )
    blank = data.draw(arrays.arrays("uint8", shape[3]))
    before, centres = pixels.copy(), np.stack(centres, axis=1)
    result = cutout(pixels, centres, side, blank)
    expected = [slow_cutout(*each, side, blank) for each in zip(pixels, centres, strict=True)]
    assert result.dtype == np.uint8
    np.testing.assert_array_equal(result, np.stack(expected))
    np.testing.assert_array_equal(pixels, before)


def test_the_centres_of_cutouts_are_everywhere_and_each_image_has_its_own():
    """White images with a black square: 300 images in three epochs and two seeds, drawn evenly over the pixels."""
    white = Images(np.full((300, 5, 7, 1), 255, "uint8"), np.zeros(300, "int32"), np.arange(300))
    centres = []
    for seed, epoch in ((0, 0), (0, 1), (0, 2), (1, 0)):
        pixels, _ = Feed(white, seed, 300, "crop", cutout_size=1, blank=np.array([7], "uint8")).batch(epoch)
        image, *place, _ = np.nonzero(pixels == 7)
        np.testing.assert_array_equal(image, np.arange(300))  # one pixel each, also where the crop is black
        centres.append(np.stack(place, axis=1))
    rows, columns = np.concatenate(centres).T
    assert np.bincount(rows, minlength=5).min() > 180  # 1,200 draws: 240 each, standard deviation 14
    assert np.bincount(columns, minlength=7).min() > 120  # 171 each, 12
    for one, other in ((0, 1), (0, 2), (1, 2), (0, 3)):
        assert (centres[one] == centres[other]).all(axis=1).sum() < 30  # 300/35 by chance


# ---- mixup -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [5, 64])
def test_partners_and_share_travel_with_the_batch(images, batches, size):
    feed = Feed(images, 5, size, "crop_flip", mixup_alpha=0.3)
    steps = 2 * feed.steps_per_epoch
    for first in (0, steps - 1):
        made = batches(feed, rates(steps), first)
        for step, (pixels, labels, rate, partners, share) in enumerate(made, first):
            expected = Feed(images, 5, size, "crop_flip", mixup_alpha=0.3)
            for got, wanted in zip((pixels, labels), expected.batch(step), strict=True):
                np.testing.assert_array_equal(got, wanted)
            for got, wanted in zip((partners, share), expected.mixing(step), strict=True):
                np.testing.assert_array_equal(got, wanted)
            assert (partners.dtype, share.dtype, share.shape) == (np.int32, np.float32, ())
            assert sorted(partners.tolist()) == list(range(len(pixels))) and rate == rates(steps)[step]


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


def test_tensorflow_knows_the_shape_of_what_is_mixed(images):
    spec = tensorflow_pipeline.training(Feed(images, 0, 5, "none", mixup_alpha=1.0), rates(5), 0).element_spec
    assert [part.shape.as_list() for part in spec] == [[None, 6, 6, 3], [None], [], [None], []]


# ---- one factor --------------------------------------------------------------------------------------------------

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

    def made(keys: dict) -> Feed:
        images = noisy(split(COUNT), 7, keys["noise"], seed)
        return Feed(images, seed, 5, keys["augment"], keys["cutout_size"], BLANK, keys["mixup_alpha"])

    feeds = made(one), made(other)
    orders, draws, centres = zip(*(feed._epoch(step // 5) for feed in feeds), strict=True)
    np.testing.assert_array_equal(*orders)
    for each in zip(*draws, strict=True):
        np.testing.assert_array_equal(*each)
    (pixels, other_pixels), labels = zip(*(feed.batch(step) for feed in feeds), strict=True)
    if one["noise"] == other["noise"]:
        np.testing.assert_array_equal(*labels)
    if one["cutout_size"] and other["cutout_size"]:
        np.testing.assert_array_equal(*centres)
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
