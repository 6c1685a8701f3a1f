"""Describe a data set in one line, so that a user sees what a run trains on."""

from collections import Counter

import numpy as np

from ablation.data.dataset import Dataset, Images
from ablation.data.duplicates import Duplicates
from ablation.data.sources.image_files import counted
from ablation.text import list_with_more, plural

MAX_CLASSES = 5
MAX_REASONS = 4


def summary(dataset: Dataset) -> str:
    """Name, images, classes, splits, what is left out and what is there twice.

    For example `pets: 40 images of 96x96x3 in 2 classes: cat and dog; 32 train, 8 validation`.
    """
    splits = {"train": dataset.train, dataset.selected_on: dataset.validation}
    if dataset.test is not None:
        splits["test"] = dataset.test
    total = sum(len(split) for split in splits.values())
    shape = "x".join(map(str, dataset.train.pixels.shape[1:]))
    classes = list_with_more(dataset.classes, MAX_CLASSES)
    sizes = ", ".join(f"{len(split):,} {name}" for name, split in splits.items())
    noun = "image" if dataset.is_image else "array"
    text = f"{dataset.name}: {plural(total, noun)} of {shape} in {len(dataset.classes)} classes: {classes}; {sizes}"
    for name, split in splits.items():
        absent = _absent_classes(split, dataset.classes)
        if absent:
            text += f"; {name} has no {noun} of {list_with_more(absent, MAX_CLASSES)}"
    for note in dataset.notes:
        text += f"; {note}"
    left_out = Counter({exclusion.reason: exclusion.count for exclusion in dataset.excluded})
    if left_out:
        text += f"; {plural(left_out.total(), 'file')} left out: {counted(left_out, MAX_REASONS)}"
    if dataset.duplicates.groups:
        text += f"; {_duplicates_text(dataset.duplicates, noun)}"
    return text


def _absent_classes(split: Images, classes: tuple[str, ...]) -> list[str]:
    """The classes without an image in the split: those too small for the share that is held out."""
    present = set(np.unique(split.labels[split.rows]).tolist())
    return [name for label, name in enumerate(classes) if label not in present]


def _duplicates_text(duplicates: Duplicates, noun: str) -> str:
    """`20 groups of identical images: 6 across splits, 1 with more than one label`.

    Images are compared as they are trained on, that is, after resizing.
    """
    text = f"{plural(duplicates.groups, 'group')} of identical {noun}s"
    details = []
    if duplicates.across_splits:
        details.append(f"{duplicates.across_splits:,} across splits")
    if duplicates.several_labels:
        details.append(f"{duplicates.several_labels:,} with more than one label")
    return f"{text}: {', '.join(details)}" if details else text
