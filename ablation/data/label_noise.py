"""Label noise: a share of the training labels is replaced by wrong ones, on purpose."""

from dataclasses import replace

import numpy as np

from ablation import random_streams
from ablation.data.dataset import Images


def add_label_noise(images: Images, classes: int, share: float, seed: int) -> Images:
    """The split with this share of its labels replaced, each by a class drawn uniformly from the others.

    Symmetric noise (Zhang et al. 2017, arXiv 1611.03530, section 2, but never the true class). Nested: a larger share
    keeps the wrong labels of a smaller one, and an image gets the same wrong label in a smaller split.
    """
    count = round(share * len(images))
    if not count:
        return images
    draw = random_streams.generator(seed, "label_noise")
    rank = draw.permutation(len(images.labels))
    shift = draw.integers(1, classes, len(images.labels))
    wrong = images.rows[np.argsort(rank[images.rows])[:count]]
    labels = np.array(images.labels)
    labels[wrong] = (labels[wrong] + shift[wrong]) % classes
    return replace(images, labels=labels)
