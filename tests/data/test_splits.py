"""Which image belongs to which split."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.datasets import (
    count_by_class,
    is_paragraph,
    of,
)

from ablation.data import splits
from ablation.errors import AblateError

LABELS = st.integers(1, 6).flatmap(
    lambda classes: st.lists(st.integers(0, classes - 1), min_size=1, max_size=150).map(np.array)
)


SHARE = st.floats(0.01, 0.45)


@given(labels=LABELS, holdout=SHARE, holdout_test=st.just(0.0) | SHARE)
def test_splits_are_disjoint_cover_everything_and_are_stratified(labels, holdout, holdout_test):
    rows = splits.split(of("digits", holdout=holdout, holdout_test=holdout_test), {"train": labels})
    assert set(rows) == {"train", "validation"} | ({"test"} if holdout_test else set())
    assert {split.part for split in rows.values()} == {"train"}
    every = np.sort(np.concatenate([split.rows for split in rows.values()]))
    np.testing.assert_array_equal(every, np.arange(len(labels)))
    ideal = {"train": 1 - holdout - holdout_test, "validation": holdout, "test": holdout_test}
    for name, split in rows.items():
        assert np.all(np.diff(split.rows) > 0)  # in the data's order
        for label, count in count_by_class(labels, split.rows).items():
            assert abs(count - ideal[name] * (labels == label).sum()) <= 1 + 1e-9


@given(labels=LABELS, limit=st.integers(1, 160))
def test_a_limit_is_balanced_and_inside_the_whole_split(labels, limit):
    cfg = of("digits")
    whole = splits.split(cfg, {"train": labels})
    limited = splits.split(dataclasses.replace(cfg, limit=limit), {"train": labels})
    assert set(whole) == set(limited)
    for name, split in limited.items():
        rows, available_rows = split.rows, whole[name].rows
        assert len(rows) == min(limit, len(available_rows)) and set(rows) <= set(available_rows.tolist())
        assert np.all(np.diff(rows) > 0)
        counts, available = count_by_class(labels, rows), count_by_class(labels, available_rows)
        most = max(counts.values())
        assert all(counts[c] >= min(available[c], most - 1) for c in counts)  # fewer only where there are no more


@given(labels=LABELS, limits=st.tuples(st.integers(1, 160), st.integers(1, 160)))
def test_a_smaller_limit_is_a_part_of_a_larger_one(labels, limits):
    small, large = (splits.split(of("digits", limit=n), {"train": labels}) for n in sorted(limits))
    for name in small:
        assert set(small[name].rows.tolist()) <= set(large[name].rows.tolist())


@settings(max_examples=30)
@given(labels=LABELS, shares_of=st.tuples(*[st.floats(0, 1, exclude_min=True)] * 2), holdout=SHARE)
def test_a_fraction_is_balanced_and_a_part_of_any_larger_one(labels, shares_of, holdout):
    rows = splits.split(of("digits", holdout=holdout), {"train": labels})["train"].rows
    if not len(rows):
        return
    small, large = (splits.fraction(labels, rows, share) for share in sorted(shares_of))
    assert set(small.tolist()) <= set(large.tolist()) <= set(rows.tolist())
    for share, some in zip(sorted(shares_of), (small, large), strict=True):
        assert len(some) == max(1, round(share * len(rows))) and np.all(np.diff(some) > 0)
        counts, available = count_by_class(labels, some), count_by_class(labels, rows)
        most = max(counts.values())
        assert all(counts[c] >= min(available[c], most - 1) for c in available if c in counts)
        assert most == 1 or set(counts) == set(available)
    np.testing.assert_array_equal(splits.fraction(labels, rows, 1.0), rows)


@given(labels=LABELS, test=LABELS, holdout=SHARE)
def test_a_source_s_own_test_split_stays_whole(labels, test, holdout):
    rows = splits.split(of("cifar10", holdout=holdout, holdout_test=0.3), {"train": labels, "test": test})
    assert rows["test"].part == "test"
    np.testing.assert_array_equal(rows["test"].rows, np.arange(len(test)))
    held = [rows[name].rows for name in ("train", "validation")]
    np.testing.assert_array_equal(np.sort(np.concatenate(held)), np.arange(len(labels)))


@given(labels=LABELS, own=LABELS)
def test_a_source_s_own_validation_split_is_used_whole_and_all_of_train_trains(labels, own):
    rows = splits.split(of("cifar10"), {"train": labels, "validation": own})
    assert set(rows) == {"train", "validation"} and rows["validation"].part == "validation"
    np.testing.assert_array_equal(rows["validation"].rows, np.arange(len(own)))
    np.testing.assert_array_equal(rows["train"].rows, np.arange(len(labels)))


@given(labels=LABELS, test=LABELS)
def test_validation_on_the_test_split(labels, test):
    rows = splits.split(of("cifar10", validation="test"), {"train": labels, "test": test})
    assert set(rows) == {"train", "validation"} and rows["validation"].part == "test"
    np.testing.assert_array_equal(rows["validation"].rows, np.arange(len(test)))
    np.testing.assert_array_equal(rows["train"].rows, np.arange(len(labels)))


@given(labels=LABELS, share=SHARE)
def test_validation_on_a_test_split_that_was_split_off(labels, share):
    apart = splits.split(of("digits", holdout_test=share), {"train": labels})
    joined = splits.split(of("digits", holdout_test=share, validation="test"), {"train": labels})
    assert set(joined) == {"train", "validation"}
    np.testing.assert_array_equal(joined["validation"].rows, apart["test"].rows)
    np.testing.assert_array_equal(joined["train"].rows, np.union1d(apart["train"].rows, apart["validation"].rows))


@given(labels=LABELS, shares=st.tuples(SHARE, SHARE))
def test_a_larger_holdout_only_adds_images(labels, shares):
    small, large = (splits.split(of("digits", holdout=s, holdout_test=0), {"train": labels}) for s in sorted(shares))
    assert set(small["validation"].rows.tolist()) <= set(large["validation"].rows.tolist())


def test_a_holdout_takes_no_block_of_the_list():
    """TFDS stores some sets class by class or in the order of recording: neighbours would be near copies."""
    labels = np.zeros(1000, int)
    held = splits.split(of("digits", holdout_test=0), {"train": labels})["validation"].rows
    assert len(held) == 200 and np.diff(held).max() < 60
    assert all(20 <= ((held >= start) & (held < start + 200)).sum() <= 60 for start in range(0, 1000, 200))


def test_validation_on_test_is_refused_where_there_is_no_test():
    with pytest.raises(AblateError) as error:
        splits.split(of("cats_vs_dogs", validation="test"), {"train": np.arange(20) % 2})
    is_paragraph(error, "cats_vs_dogs", "data.validation=test", "data.validation=holdout", "data.holdout_test=0.2")
