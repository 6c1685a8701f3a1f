"""Compare two variants image by image: these networks on these images, which says nothing about other seeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from ablation.comparison.reading import correct_images
from ablation.comparison.reading.run import Run
from ablation.rundir.files import Unreadable
from ablation.statistics.estimate import Estimate
from ablation.statistics.intervals import Interval

MOST = 1000  # runs of a comparison whose images are read


@dataclass(frozen=True)
class PerImage:
    """images: of the evaluation. seeds: that both variants have. difference: of accuracy, with its 95 % interval over
    images and a two-sided p of the paired t test; nan where the variants are right on the same images.
    """

    images: int
    seeds: int
    difference: float
    interval: Interval
    p: float


def paired(arm: Sequence[Run], other: Sequence[Run], name: str) -> PerImage | None:
    """Compare two variants over their common seeds; None without one, or if per-image correctness is unknown.

    name: of the evaluation, a key of correct.NAMES.
    """
    here, there = ({run.seed: run for run in runs} for runs in (arm, other))
    seeds = sorted(here.keys() & there.keys())
    if not seeds or here[seeds[0]].digest != there[seeds[0]].digest:
        return None
    try:
        gaps = [correct_images.read(here[s])[name].astype(float) - correct_images.read(there[s])[name] for s in seeds]
        gap = np.mean(gaps, axis=0)  # (images,)
    except (Unreadable, KeyError, ValueError):
        return None
    error = float(gap.std(ddof=1)) / sqrt(len(gap)) if len(gap) > 1 else 0.0
    difference = Estimate(float(gap.mean()), error, len(gap) - 1)
    return PerImage(len(gap), len(seeds), difference.value, difference.interval(), difference.p_value())
