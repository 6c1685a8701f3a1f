"""Wrong labels, on purpose: how much does what is learned depend on each label being true?"""

from dataclasses import replace

import numpy as np

from ablation import random_streams
from ablation.data import Images


def noisy(images: Images, classes: int, share: float, seed: int) -> Images:
    """The split with this share of its labels replaced, each by a class drawn evenly from the others.

    Symmetric noise (Zhang et al. 2017, arXiv 1611.03530, section 2, but never the true class). A larger share keeps
    what a smaller one replaces, and an image of a smaller split is replaced by the same class as in a larger one.
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
