"""Count identical images, which make validation too optimistic across splits and are label errors across classes."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class HashedSplit:
    """One split. hashes: of each image's pixels, uint64 (n,). labels: int32 (n,)."""

    hashes: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Duplicates:
    """Groups of images with identical pixels.

    across_splits: groups with images in more than one split. several_labels: groups with more than one label.
    """

    groups: int = 0
    across_splits: int = 0
    several_labels: int = 0


def count_duplicates(splits: Collection[HashedSplit]) -> Duplicates:
    """Count the groups of equal hashes over all splits."""
    hashes = np.concatenate([split.hashes for split in splits])
    labels = np.concatenate([split.labels for split in splits])
    split_numbers = np.repeat(np.arange(len(splits)), [len(split.hashes) for split in splits])
    _, group_of_image, sizes = np.unique(hashes, return_inverse=True, return_counts=True)
    return Duplicates(
        groups=int((sizes > 1).sum()),
        across_splits=_mixed_groups(group_of_image, split_numbers),
        several_labels=_mixed_groups(group_of_image, labels),
    )


def _mixed_groups(group_of_image: np.ndarray, values: np.ndarray) -> int:
    """The number of groups whose images have more than one value."""
    one_value = np.empty(len(values), values.dtype)  # of each group, that of its last image
    one_value[group_of_image] = values
    return len(np.unique(group_of_image[values != one_value[group_of_image]]))
