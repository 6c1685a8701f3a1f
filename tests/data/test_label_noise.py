"""Wrong labels: so many, never the true class, of training alone, and the same ones in any larger share."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.images import split

from ablation.data import Images
from ablation.data.label_noise import add_label_noise

CLASSES = 7
SHARES = st.floats(0, 1)
SEEDS = st.integers(0, 2**63 - 1)


def wrong(clean: Images, made: Images) -> np.ndarray:
    """Which of the source's rows have another label."""
    return np.flatnonzero(made.labels != clean.labels)


@given(count=st.integers(1, 40), share=SHARES, seed=SEEDS)
def test_so_many_labels_of_the_split_are_wrong_and_no_other(count, share, seed):
    clean = split(count)
    before = clean.labels.copy()
    made = add_label_noise(clean, CLASSES, share, seed)
    rows = wrong(clean, made)
    assert len(rows) == round(share * count) and set(rows) <= set(clean.rows.tolist())
    assert made.labels.dtype == np.int32 and 0 <= made.labels.min() and made.labels.max() < CLASSES
    np.testing.assert_array_equal(clean.labels, before)  # the decoded labels are everyone's
    np.testing.assert_array_equal(made.rows, clean.rows)
    assert made.pixels is clean.pixels


@given(shares=st.tuples(SHARES, SHARES), seed=SEEDS)
def test_a_larger_share_keeps_what_a_smaller_one_replaces(shares, seed):
    clean = split(40)
    small, large = (add_label_noise(clean, CLASSES, share, seed) for share in sorted(shares))
    rows = wrong(clean, small)
    assert set(rows) <= set(wrong(clean, large).tolist())
    np.testing.assert_array_equal(small.labels[rows], large.labels[rows])


@given(taken=st.integers(1, 40), seed=SEEDS)
def test_an_image_gets_the_same_wrong_class_in_a_smaller_split(taken, seed):
    whole = split(40)
    part = Images(whole.pixels, whole.labels, whole.rows[:taken])
    some, every = (add_label_noise(images, CLASSES, 1.0, seed) for images in (part, whole))
    np.testing.assert_array_equal(some.labels[part.rows], every.labels[part.rows])


def test_the_wrong_classes_are_even_and_each_seed_has_its_own():
    """3,500 images of seven classes, all replaced: 500 of each class become 83 of each other one, deviation 8."""
    clean = split(3500, size=1, channels=1)
    made = [add_label_noise(clean, CLASSES, 1.0, seed).labels[clean.rows] for seed in (0, 1)]
    for labels in made:
        table = np.zeros((CLASSES, CLASSES), int)
        np.add.at(table, (clean.labels[clean.rows], labels), 1)
        assert not table.diagonal().any()
        assert table[~np.eye(CLASSES, dtype=bool)].min() > 45
    assert 0.1 < (made[0] == made[1]).mean() < 0.25  # one in six by chance
    half = [set(wrong(clean, add_label_noise(clean, CLASSES, 0.5, seed)).tolist()) for seed in (0, 1)]
    assert 750 < len(half[0] & half[1]) < 1000  # 875 by chance


def test_without_noise_the_labels_are_the_source_s():
    clean = split(10)
    assert add_label_noise(clean, CLASSES, 0.0, 0) is clean


def test_two_classes_are_exchanged():
    clean = Images(np.zeros((6, 1, 1, 1), "uint8"), np.array([0, 1, 0, 1, 0, 1], "int32"), np.arange(6))
    assert add_label_noise(clean, 2, 1.0, 5).labels.tolist() == [1, 0, 1, 0, 1, 0]


def test_the_wrong_labels_are_the_same_in_the_next_release():
    """A changed draw would make a resumed run another run."""
    told = {seed: add_label_noise(split(10), CLASSES, 0.3, seed).labels[split(10).rows].tolist() for seed in (0, 1)}
    assert told == {0: [1, 0, 5, 0, 2, 4, 4, 1, 3, 4], 1: [1, 5, 5, 0, 2, 4, 2, 1, 3, 4]}
