"""The methods of a comparison in paragraphs that can stand in a paper. They claim only what the runs and plan show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.comparison.analysis.setting import Range, Setting, setting
from ablation.report.methods.setting_sentences import (
    compute_words,
    data_text,
    network_text,
    range_text,
    recipe_words,
    runs_words,
    seeds_text,
)
from ablation.report.methods.statistical_test import statistical_sentences
from ablation.report.wording.verdict_text import exploratory_sentence
from ablation.report.wording.warnings import not_comparable_sentences
from ablation.text import list_with_more, plural

MAX_VARIANTS = 12  # that are described
DESIGNS = {
    "leave_one_out": "a leave-one-out ablation study",
    "add_one_in": "an add-one-in ablation study",
    "cumulative": "an ablation study in which components were removed one after the other",
    "factorial": "a full factorial ablation study",
    "fractional": "a fractional factorial ablation study",
}
OTHER_DESIGN = "an ablation study"
SINGLE_PRECISION = "float32"
UNUSED = "null"  # value of a key that a configuration does not use


@dataclass(frozen=True)
class Methods:
    """The methods of a comparison. commands: that ran the study and compared its runs."""

    paragraphs: tuple[str, ...]
    commands: tuple[str, ...]


def methods(comparison: Comparison, commands: Sequence[str]) -> Methods:
    """Describe design, training, evaluation, test, exclusions and compute. commands: as typed."""
    facts = setting(comparison)
    paragraphs = (
        _design(comparison, facts),
        _training(facts),
        _evaluation(comparison, facts),
        _plan_and_exclusions(comparison, facts),
        _compute(facts),
    )
    texts = [" ".join(sentences) for sentences in paragraphs]
    return Methods(tuple(filter(None, texts)), tuple(commands))


# ---------------------------------------------------------------- design


def _design(comparison: Comparison, facts: Setting) -> Iterable[str]:
    yield _subject(comparison, facts)
    differing = [variant for variant in comparison.variants if variant.differs]
    if differing:
        texts = [_difference_words(variant) for variant in differing]
        yield f"The variants differ from the baseline as follows: {list_with_more(texts, MAX_VARIANTS, '; ')}."
    if facts.runs:
        yield from _seeds(comparison, facts)


def _subject(comparison: Comparison, facts: Setting) -> str:
    labels = [variant.label for variant in comparison.variants if variant.label != comparison.baseline]
    design = ""
    if comparison.study is not None:
        design = f" in {DESIGNS.get(comparison.design, OTHER_DESIGN)}"
    if comparison.baseline is None:
        networks = list_with_more([network_text(network) for network in facts.networks], MAX_VARIANTS)
        variants = plural(len(labels), "variant")
        verb = "trained" if comparison.is_own else "describe"
        return f"We {verb} {' of '.join(filter(None, [variants, networks]))}{design}."
    what = list_with_more(labels, MAX_VARIANTS)
    if len(labels) > 1:
        what = f"{plural(len(labels), 'variant')} ({what})"
    return f"We compared {what} with {_baseline_words(comparison.baseline, facts)}{design}."


def _baseline_words(label: str, facts: Setting) -> str:
    """`the baseline resnet34 (width 8, 335k parameters)`; with its label if that says more."""
    if facts.baseline is None:
        return "the baseline" if label == "baseline" else f"the baseline {label}"
    text = network_text(facts.baseline)
    if label in ("baseline", facts.baseline.name):
        return f"the baseline {text}"
    return f"the baseline {label} with network {text}"


def _difference_words(variant: ComparedVariant) -> str:
    """`-norm has model.norm none instead of batch`."""
    changes = [f"{key} {own} instead of {baseline}" for key, (baseline, own) in _chosen_differences(variant)]
    remarks = []
    if variant.co_changes:
        remarks.append(f"{list_with_more(variant.co_changes)} declared to change with the removal")
    if variant.budget:
        remarks.append("a different training budget declared")
    text = f"{variant.label} has {list_with_more(changes)}"
    if remarks:
        text += f" ({', '.join(remarks)})"
    return text


def _chosen_differences(variant: ComparedVariant) -> list[tuple[str, tuple[str, str]]]:
    """The differences without keys that one side does not use, unless there are no others."""
    differences = list(variant.differs.items())
    used = [(key, values) for key, values in differences if UNUSED not in values]
    return used or differences


def _seeds(comparison: Comparison, facts: Setting) -> Iterable[str]:
    counts = sorted({variant.arm.n for variant in comparison.variants})
    runs = range_text(Range(counts[0], counts[-1]), "completed run")
    yield f"Each variant has {runs} ({seeds_text(facts.seeds)})."
    if len(comparison.variants) > 1 and comparison.is_own:
        yield (
            "Runs of equal seed start from identical weights in all layers of equal name, shape and initializer"
            f"{_order_words(facts)}."
        )


def _order_words(facts: Setting) -> str:
    """The order is drawn from the seed and the number of training images."""
    if len(facts.data) > 1 or "data.fraction" in facts.varied:
        return ""
    return ", and see the training images in the same order"


# ---------------------------------------------------------------- training


def _training(facts: Setting) -> Iterable[str]:
    if facts.epochs is None:
        return
    length = range_text(facts.epochs, "epoch")
    if facts.steps:
        length += f" ({range_text(facts.steps, 'step')})"
    data = list_with_more([data_text(each) for each in facts.data], MAX_VARIANTS, "; ")
    yield f"Networks were trained for {length} on {data}."
    if len(facts.data) == 1:
        yield "The split into these sets is the same for all seeds and variants."
    words = recipe_words(facts)
    if words:
        subject = "The recipe of the baseline" if facts.baseline is not None else "The recipe"
        yield f"{subject}: {words}."


# ---------------------------------------------------------------- evaluation and test


def _evaluation(comparison: Comparison, facts: Setting) -> Iterable[str]:
    caption = comparison.metric.caption
    yield f"The metric is {caption[:1].lower()}{caption[1:]}"
    if comparison.metric.key.startswith("test_") and comparison.is_own:
        yield "Test images were evaluated only after the last epoch."
    if any(variant.arm.n > 1 for variant in comparison.variants):
        yield "Intervals of means are 95 % confidence intervals (CIs) over seeds (Student's t)."
    yield from statistical_sentences(comparison)


# ---------------------------------------------------------------- plan and exclusions


def _plan_and_exclusions(comparison: Comparison, facts: Setting) -> Iterable[str]:
    if comparison.study is not None and comparison.plan and not comparison.exploratory:
        yield (
            f"Metric, baseline, comparisons, seeds, test and margin were fixed in the plan of the study "
            f"{comparison.study} (SHA-256 {comparison.plan[:12]}) before any run of a compared variant had ended."
        )
    yield from _exploratory(comparison)
    yield from dict.fromkeys(comparison.disclosures)
    if facts.planned is not None and facts.planned == facts.runs:
        yield f"All {facts.planned:,} planned runs completed."
    elif facts.runs or facts.diverged:
        yield f"Completed runs: {runs_words(facts)}."
    diverged = [f"{len(variant.diverged)} of {variant.label}" for variant in comparison.variants if variant.diverged]
    if diverged:
        yield f"Diverged runs are excluded from all means: {list_with_more(diverged, MAX_VARIANTS)}."
    yield from _excluded(comparison)
    yield from not_comparable_sentences(comparison.variants)
    for warning in comparison.warnings:
        yield f"{warning.rstrip('.')}."


def _exploratory(comparison: Comparison) -> Iterable[str]:
    if exploratory_sentence(comparison):
        yield f"The comparison is exploratory: {'; '.join(comparison.exploratory)}."


def _excluded(comparison: Comparison) -> Iterable[str]:
    """Count the excluded runs that did not diverge, by reason."""
    counts: dict[str, int] = {}
    for _, reason in comparison.excluded:
        if reason != "diverged":
            counts[reason] = counts.get(reason, 0) + 1
    if counts:
        texts = [f"{plural(count, 'run')} ({reason})" for reason, count in counts.items()]
        yield f"Excluded: {list_with_more(texts, MAX_VARIANTS)}."


# ---------------------------------------------------------------- compute


def _compute(facts: Setting) -> Iterable[str]:
    words = compute_words(facts)
    if not words:
        return
    yield f"Compute: {words}."
    precision = facts.config.get("train.precision")
    details = []
    if "train.precision" not in facts.varied and precision == SINGLE_PRECISION:
        details.append("single precision")
    if facts.config.get("deterministic") is True and "deterministic" not in facts.varied:
        details.append("deterministic operations")
    if details:
        yield f"All runs used {list_with_more(details)}."
