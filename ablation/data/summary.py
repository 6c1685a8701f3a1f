"""Describe a data set in one line, so that a user sees what a run trains on."""

from collections import Counter

from ablation.data.dataset import Dataset
from ablation.data.sources.folder_layout import counted
from ablation.text import list_with_more, plural

MAX_CLASSES = 5
MAX_REASONS = 4


def summary(dataset: Dataset) -> str:
    """Name, images, classes, splits and what is left out: `pets: 40 images of 96x96x3 in 2 classes: cat and dog; …`."""
    splits = {"train": dataset.train, dataset.selected_on: dataset.validation}
    if dataset.test is not None:
        splits["test"] = dataset.test
    total = sum(len(split) for split in splits.values())
    shape = "x".join(map(str, dataset.train.pixels.shape[1:]))
    classes = list_with_more(dataset.classes, MAX_CLASSES)
    sizes = ", ".join(f"{len(split):,} {name}" for name, split in splits.items())
    text = f"{dataset.name}: {plural(total, 'image')} of {shape} in {len(dataset.classes)} classes: {classes}; {sizes}"
    left_out = Counter({exclusion.reason: exclusion.count for exclusion in dataset.excluded})
    if left_out:
        text += f"; {plural(left_out.total(), 'file')} left out: {counted(left_out, MAX_REASONS)}"
    return text
