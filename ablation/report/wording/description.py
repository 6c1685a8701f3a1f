"""Describe runs without a baseline, in sentences that claim no difference."""

from collections.abc import Iterable, Sequence
from shlex import quote
from statistics import fmean

from ablation.comparison.analysis.baseline import suggested_baseline
from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.report.wording.metric_format import metric_format
from ablation.report.wording.number_format import ROUNDING_NOISE, number
from ablation.report.wording.undecided_sentences import seeds_example, seeds_of
from ablation.report.wording.verdict_text import is_short
from ablation.report.wording.warnings import names
from ablation.statistics import intervals
from ablation.statistics.protocol import MIN_SEEDS
from ablation.text import list_with_more, plural

LOSSES = 6  # training losses in one sentence


def describing_sentences(comparison: Comparison) -> list[str]:
    """Say which variant leads and by how much, and how to get a verdict."""
    ranked = _ranked(comparison)
    if not ranked:
        return [_caution(comparison, ranked)]
    if len(ranked) == 1:
        variant = ranked[0]
        return [
            f"There is nothing to compare {variant.label} with. Its {_result(variant, comparison)}.",
            _caution(comparison, ranked),
        ]
    baseline = suggested_baseline([variant for variant in comparison.variants if variant.runs])
    return [
        _leader_sentence(ranked, comparison),
        *_small_lead(ranked, comparison),
        *_training_loss(ranked, comparison),
        _caution(comparison, ranked),
        f"For a verdict, name the variant to compare the others with, for example --baseline {quote(baseline)}",
    ]


def _ranked(comparison: Comparison) -> list[ComparedVariant]:
    """Variants with completed runs, best first."""
    variants = [variant for variant in comparison.variants if variant.arm.n]
    return sorted(variants, key=lambda variant: variant.arm.mean, reverse=comparison.metric.higher)


def _leader_sentence(ranked: Sequence[ComparedVariant], comparison: Comparison) -> str:
    first, second, last = ranked[0], ranked[1], ranked[-1]
    best, worst = ("highest", "lowest") if comparison.metric.higher else ("lowest", "highest")
    if _are_tied(first, second):
        tied = [variant.label for variant in ranked if _are_tied(variant, first)]
        return f"{names(tied)} share the {best} {_result(first, comparison)}."
    text = f"{first.label} has the {best} {_result(first, comparison)}, {_gap(first, second, comparison)}"
    if len(ranked) == 2:
        return f"{text}."
    return f"{text}, the second {best}, and {_gap(first, last, comparison)}, the {worst}."


def _are_tied(first: ComparedVariant, second: ComparedVariant) -> bool:
    return abs(first.arm.mean - second.arm.mean) < ROUNDING_NOISE


def _result(variant: ComparedVariant, comparison: Comparison) -> str:
    """Format a variant's result: `test accuracy: 0.978 ± 0.011 (3 seeds)`."""
    return f"{comparison.metric.name}: {_mean(variant, comparison)} ({plural(variant.arm.n, 'seed')})"


def _mean(variant: ComparedVariant, comparison: Comparison) -> str:
    written = metric_format(comparison)
    half = written.plus_minus(intervals.mean_interval(variant.arm.array))
    return f"{written.cell(variant.arm.mean)} {half}".rstrip() + f" {written.unit}".rstrip()


def _gap(leader: ComparedVariant, follower: ComparedVariant, comparison: Comparison) -> str:
    """Format the lead over a variant: `0.498 above plain34 (0.480 ± 0.100)`."""
    gap = metric_format(comparison).difference(abs(leader.arm.mean - follower.arm.mean), sign=False)
    side = "above" if comparison.metric.higher else "below"
    return f"{gap} {side} {follower.label} ({_mean(follower, comparison)})"


def _small_lead(ranked: Sequence[ComparedVariant], comparison: Comparison) -> Iterable[str]:
    first, second = ranked[:2]
    lead, sd = abs(first.arm.mean - second.arm.mean), max(first.arm.sd, second.arm.sd)
    if ROUNDING_NOISE <= lead < sd:
        yield (
            f"Its lead over {second.label} is smaller than one standard deviation over seeds "
            f"(SD {metric_format(comparison).difference(sd, sign=False)})."
        )


def _training_loss(ranked: Sequence[ComparedVariant], comparison: Comparison) -> Iterable[str]:
    """List the final training losses; yield nothing where that loss is the metric."""
    if comparison.metric.key == "loss" or not comparison.is_own:
        return
    texts = []
    for variant in ranked:
        losses = [run.loss for run in variant.runs if run.loss is not None]
        texts.append(f"{variant.label} {number(fmean(losses))}")
    yield f"Training loss in the last epoch: {list_with_more(texts, LOSSES)}."


def _caution(comparison: Comparison, variants: Sequence[ComparedVariant]) -> str:
    short = [variant for variant in variants if is_short(variant)]
    if short:
        return (
            f"Too few seeds for a verdict: {names([seeds_of(variant) for variant in short])}. Run at least {MIN_SEEDS} "
            f"of each, for example {seeds_example(comparison, short)}."
        )
    return "This only describes the runs; no significance test was made."
