"""Compare the trained networks of two variants image by image. The result says nothing about other seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from ablation.comparison.reading import correct_images
from ablation.comparison.reading.run import Run
from ablation.rundir.files import Unreadable
from ablation.statistics.estimate import Estimate
from ablation.statistics.intervals import Interval

MAX_RUNS = 1000  # of a comparison, above which per-image correctness is not read


@dataclass(frozen=True)
class PerImage:
    """A difference of accuracy over images, averaged over seeds.

    images: the number of images. seeds: the number of common seeds. interval: 95 % CI over images. p: two-sided, of
    the paired t-test; nan if both variants are correct on the same images.
    """

    images: int
    seeds: int
    difference: float
    interval: Interval
    p: float


def paired(variant_runs: Sequence[Run], reference_runs: Sequence[Run], name: str) -> PerImage | None:
    """Compare two variants over their common seeds; None without common seeds or recorded per-image correctness.

    name: the evaluation, a key of correct_images.NAMES.
    """
    variant_by_seed, reference_by_seed = _by_seed(variant_runs), _by_seed(reference_runs)
    seeds = sorted(variant_by_seed.keys() & reference_by_seed.keys())
    if not seeds or variant_by_seed[seeds[0]].digest != reference_by_seed[seeds[0]].digest:
        return None
    differences = []
    try:
        for seed in seeds:
            variant_correct = correct_images.read(variant_by_seed[seed])[name]
            reference_correct = correct_images.read(reference_by_seed[seed])[name]
            differences.append(variant_correct.astype(float) - reference_correct)
        mean_over_seeds = np.mean(differences, axis=0)  # (images,)
    except (Unreadable, KeyError, ValueError):  # among them: the numbers of images differ
        return None
    images = len(mean_over_seeds)
    standard_error = float(mean_over_seeds.std(ddof=1)) / sqrt(images) if images > 1 else 0.0
    difference = Estimate(float(mean_over_seeds.mean()), standard_error, images - 1)
    return PerImage(images, len(seeds), difference.value, difference.interval(), difference.p_value())


def _by_seed(runs: Sequence[Run]) -> dict[int, Run]:
    return {run.seed: run for run in runs}
