"""Label noise: deliberately replace a share of the training labels by wrong ones."""

from dataclasses import replace

import numpy as np

from ablation import random_streams
from ablation.data.dataset import Images


def add_label_noise(images: Images, classes: int, share: float, seed: int) -> Images:
    """Replace this share of the labels of a split, each by a class drawn uniformly from the other classes.

    Symmetric noise as in Zhang et al. 2017, arXiv 1611.03530, section 2, except that the true class is never drawn.
    The noise is nested: a larger share keeps the wrong labels of a smaller one, and an image has the same wrong label
    in every split.
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
