"""The findings of a comparison, in sentences that claim no more than its table."""

from collections.abc import Iterable

from ablation.comparison.analysis.comparison import Comparison
from ablation.report.wording.description import describing_sentences
from ablation.report.wording.effect_sentences import effect_sentences
from ablation.report.wording.metric_format import metric_format
from ablation.report.wording.needed_seeds import seed_range
from ablation.report.wording.undecided_sentences import missing_runs_sentences, undecided_sentences
from ablation.report.wording.verdict_sentences import inconclusive_sentences, verdict_sentences
from ablation.report.wording.verdict_text import assumption_sentence, exploratory_sentence, has_verdicts, test_name
from ablation.report.wording.warnings import informational_sentences, not_comparable_sentences
from ablation.statistics import power
from ablation.statistics.protocol import LEVEL, MIN_SEEDS
from ablation.statistics.verdict import INCOMPLETE, TOO_FEW
from ablation.text import capitalized


def sentences(comparison: Comparison, detect: float | None = None) -> list[str]:
    """Return the verdicts, the reasons for missing ones, and the test used; without a baseline, a description.

    Warnings are not included; see `warnings.warning_sentences`.
    detect: a difference, in the metric's unit; sentences say how many seeds would detect it. By default it is
    the margin or the planned difference, where a variant is inconclusive.
    """
    if comparison.baseline is None:
        sample_size = [seeds_sentence(comparison, detect)] if detect else []
        missing = missing_runs_sentences(comparison)
        return [*comparison.disclosures, *missing, *describing_sentences(comparison), *sample_size]
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
    of_effects = {effect.verdict for effect in comparison.effects}
    if not has_verdicts(comparison) and of_effects <= {"", TOO_FEW, INCOMPLETE}:
        return
    yield _test_sentence(comparison)
    if comparison.margin and not comparison.effects_only:
        margin = metric_format(comparison).chosen(comparison.margin)
        yield f"Equivalence: two one-sided tests (TOST) with a margin of {margin}."
    assumption = assumption_sentence(comparison)
    if assumption:
        yield assumption


def _test_sentence(comparison: Comparison) -> str:
    count, test = comparison.comparisons, test_name(comparison)
    if comparison.max_seeds:
        holm, alone = "", ""
        if count > 1:
            holm, alone = f" and {count} comparisons (Holm)", ", each for one comparison alone"
        return (
            f"{test}, with interim looks from {MIN_SEEDS} to at most {comparison.max_seeds} seeds; the level is "
            f"{100 * LEVEL:g} % over all looks (Lan-DeMets alpha spending){holm}. "
            f"The repeated 95 % CIs hold over all looks{alone}."
        )
    test = f"{test}, two-sided at {100 * LEVEL:g} %"
    if count <= 1:
        return f"{test}."
    return f"{test}, Holm's correction over {count} comparisons. Each 95 % CI is for one comparison alone."


def seeds_sentence(comparison: Comparison, difference: float) -> str:
    """Say how many seeds would detect a difference, as a range that reflects the uncertainty of the SD.

    difference: in the metric's unit.
    """
    detected = metric_format(comparison).chosen(difference)
    arms = [variant.arm for variant in comparison.variants if not variant.comparability.blocking]
    if max((arm.n for arm in arms), default=0) < MIN_SEEDS:
        return f"At least one variant needs {MIN_SEEDS} seeds to estimate how many seeds would detect {detected}."
    bounds = power.seeds_for_common_sd(difference, arms, LEVEL / max(1, comparison.comparisons))
    unit = "runs on each side of an effect" if comparison.effects else "seeds"
    return f"{capitalized(seed_range(bounds))} {unit} would detect {detected}."
