"""The head of the page: the question, the networks and the data."""

from dataclasses import dataclass

from ablation.comparison.analysis.comparison import Comparison
from ablation.comparison.analysis.setting import setting
from ablation.report.methods.setting_sentences import compute_line, data_line, recipe_line
from ablation.text import capitalized, list_with_more, plural

MAX_NAMES = 3  # networks, data sets


@dataclass(frozen=True)
class Header:
    """The head of the page.

    study: name, empty without a study. plan: first characters of its hash. exploratory: why the comparison is
    exploratory, one text a reason; empty if a plan fixed it before there was data.
    """

    title: str
    heading: str
    study: str
    facts: tuple[str, ...]
    plan: str
    exploratory: tuple[str, ...]


def header(comparison: Comparison) -> Header:
    """Build the title and the facts that a reader needs first."""
    return Header(
        title=comparison.question or comparison.study or "Comparison",
        heading=_heading(comparison),
        study=comparison.study or "",
        facts=tuple(_facts(comparison)),
        plan=(comparison.plan or "")[:12],
        exploratory=tuple(map(capitalized, dict.fromkeys(comparison.exploratory))),
    )


def _heading(comparison: Comparison) -> str:
    if comparison.question:
        return comparison.question
    if len(comparison.variants) == 1:
        return comparison.variants[0].label
    return f"{len(comparison.variants)} variants compared"


def _facts(comparison: Comparison) -> list[str]:
    runs = sum(len(variant.runs) + len(variant.diverged) for variant in comparison.variants)
    details = setting(comparison)
    facts = [*networks_and_data(comparison), comparison.metric.caption]
    facts += filter(None, [data_line(details), recipe_line(details), compute_line(details)])
    facts.append(f"{plural(len(comparison.variants), 'variant')}, {plural(runs, 'run')}")
    if comparison.baseline and comparison.baseline != "baseline":
        facts.append(f"Baseline {comparison.baseline}")
    if comparison.comparisons:
        is_planned = comparison.plan and not comparison.exploratory
        planned = "planned comparison" if is_planned else "comparison"
        facts.append(plural(comparison.comparisons, planned))
    return facts


def networks_and_data(comparison: Comparison) -> list[str]:
    """`resnet34 on digits, 20 epochs`; empty without a run."""
    networks: dict[str, None] = {}
    data: dict[str, None] = {}
    epochs = set()
    for variant in comparison.variants:
        for run in variant.runs:
            if run.is_own:
                networks[run.network] = None
                data[run.data] = None
                epochs.add(len(run.history["val_accuracy"]))
    if not epochs:
        return []
    length = plural(max(epochs), "epoch")
    if len(epochs) > 1:
        length = f"{min(epochs)} to {length}"
    return [f"{list_with_more(networks, MAX_NAMES)} on {list_with_more(data, MAX_NAMES)}, {length}"]
