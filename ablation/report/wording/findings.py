"""The findings of a comparison, in sentences that claim no more than its table."""

from collections.abc import Iterable

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.wording.description import describing_sentences
from ablation.report.wording.effect_sentences import effect_sentences
from ablation.report.wording.needed_seeds import seed_range
from ablation.report.wording.verdict_sentences import (
    inconclusive_sentences,
    missing_runs_sentences,
    undecided_sentences,
    verdict_sentences,
)
from ablation.report.wording.verdict_text import assumption_sentence, exploratory_sentence, test_name
from ablation.report.wording.warnings import informational_sentences, not_comparable_sentences
from ablation.statistics import power
from ablation.statistics.protocol import LEVEL, MIN_SEEDS
from ablation.statistics.verdict import INCOMPLETE, TOO_FEW
from ablation.text import plural


def sentences(comparison: Comparison, detect: float | None = None) -> list[str]:
    """Return the verdicts, the reasons for missing ones, and the test used; without a baseline, a description.

    Warnings are not included; see `warnings.warning_sentences`.
    detect: a difference, in the metric's unit; sentences say how many seeds would detect it. By default it is
    the margin or the planned difference, where a variant is inconclusive.
    """
    if comparison.baseline is None:
        sample_size = [seeds_sentence(comparison, detect)] if detect else []
        return [*describing_sentences(comparison), *sample_size]
    return [
        *exploratory_sentence(comparison),
        *comparison.disclosures,
        *effect_sentences(comparison, detect),
        *verdict_sentences(comparison),
        *_inconclusive(comparison, detect),
        *undecided_sentences(comparison),
        *not_comparable_sentences(comparison.variants),
        *missing_runs_sentences(comparison),
        *_method(comparison),
        *informational_sentences(comparison),
    ]


def _inconclusive(comparison: Comparison, detect: float | None) -> Iterable[str]:
    """Name the inconclusive variants with the seeds that they need; if there is none, the seeds that were asked for."""
    inconclusive = list(inconclusive_sentences(comparison, detect))
    yield from inconclusive
    if detect and not inconclusive:
        yield seeds_sentence(comparison, detect)


def _method(comparison: Comparison) -> Iterable[str]:
    """State the test behind the verdicts and its assumptions; yield nothing where there are no verdicts."""
    verdicts = [variant.result.verdict for variant in comparison.variants if variant.result]
    verdicts += [effect.verdict for effect in comparison.effects]
    if set(verdicts) <= {"", TOO_FEW, INCOMPLETE}:
        return
    yield _test_sentence(comparison)
    assumption = assumption_sentence(comparison)
    if assumption:
        yield assumption


def _test_sentence(comparison: Comparison) -> str:
    count, test = comparison.comparisons, test_name(comparison)
    if comparison.max_seeds:
        return (
            f"{test}, with interim looks from {MIN_SEEDS} to at most {comparison.max_seeds} seeds; the level is "
            f"{100 * LEVEL:g} % over all looks (Lan-DeMets alpha spending) and {plural(count, 'comparison')} (Holm). "
            "The repeated CIs hold over all looks, each for its comparison alone."
        )
    test = f"{test}, two-sided at {100 * LEVEL:g} %"
    if count <= 1:
        return f"{test}."
    return f"{test}, Holm's correction over {count} comparisons. The 95 % CIs are not corrected for their number."


def seeds_sentence(comparison: Comparison, difference: float) -> str:
    """Say how many seeds would detect a difference, as a range that reflects the uncertainty of the SD.

    difference: in the metric's unit.
    """
    arms = [variant.arm for variant in comparison.variants if not variant.comparability.blocking]
    if max((arm.n for arm in arms), default=0) < MIN_SEEDS:
        return f"At least one variant needs {MIN_SEEDS} seeds to estimate how many seeds would detect {difference:g}."
    bounds = power.seeds_for_common_sd(difference, arms, LEVEL / max(1, comparison.comparisons))
    unit = "runs on each side of an effect" if comparison.effects else "seeds"
    return f"{seed_range(bounds)} {unit} would detect {difference:g}."
