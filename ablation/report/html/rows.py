"""Rows of the report's table."""

from math import isfinite, nan
from statistics import fmean
from typing import Any

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.comparison.analysis.paired_images import PerImage
from ablation.report.html.runs_section import MAX_ITEMS, written
from ablation.report.plots.palette import verdict_style
from ablation.report.wording import threshold_text
from ablation.report.wording.number_format import chance, count, interval, typeset
from ablation.report.wording.verdict_text import said_by_labels
from ablation.statistics import intervals
from ablation.statistics.arm import Arm
from ablation.statistics.factorial import Effect
from ablation.statistics.protocol import MIN_SEEDS
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCONCLUSIVE, TOO_FEW, WORSE, PairResult
from ablation.text import duration

REASONS = 6  # why one row is refused; values of one key that differ between arms


NUMBERS = (  # what stands beside the verdict: its key, and its title
    ("p", "p"),
    ("adjusted", "p, Holm"),
    ("regrouped", "Permutation p"),
    ("paired", "Paired by seed"),
    ("correlation", "Correlation"),
    ("images", "Paired test over images, p"),
    ("improvement", "Probability of improvement"),
    ("effect", "Hedges’ g"),
)
RANKS = {verdict: rank for rank, verdict in enumerate((BETTER, EQUIVALENT, INCONCLUSIVE, TOO_FEW, WORSE))}  # in sorting
OTHERS = {  # what stands in a verdict's place: sign, class, and rank in sorting
    "not comparable": ("✕", "blocking", 5),
    "no runs": ("–", "none", 6),
    "baseline": ("", "baseline", -1),
    "": ("", "none", 7),
}


def table_row(comparison: Comparison, index: int, row: ComparedVariant) -> dict[str, Any]:
    """What the tables show of an arm: texts, and the numbers that they are sorted by (nan: none)."""
    finding, places = row.result, comparison.decimals
    verdict = _verdict(comparison, row)
    sign, kind, rank = _mark(verdict)
    seconds = fmean(run.seconds for run in row.runs) if row.runs else nan
    return {
        "index": index,
        "label": row.label,
        "name": ", ".join(list(dict.fromkeys(run.name for run in row.runs if run.name))[:MAX_ITEMS]),
        "baseline": row.label == comparison.baseline,
        "removed": ", ".join(row.removed),
        "along": ", ".join(row.co_changes),
        "runs": len(row.runs) + len(row.diverged),
        "n": row.arm.n,
        "of": row.planned_seeds if row.planned_seeds is not None and row.planned_seeds != row.arm.n else None,
        "diverged": len(row.diverged),
        "metric": written(row.arm.mean, places) if row.arm.n else "",
        "half": written(half, places) if (half := half_width(row.arm)) > 0 else "",
        "mean": row.arm.mean if row.arm.n else nan,
        "difference": written(finding.difference, places, sign=True) if finding else "",
        "interval": _interval(finding.interval, places) if finding else "",
        "gap": finding.difference if finding else nan,
        "against": row.reference if row.reference != comparison.baseline else None,
        "verdict": verdict,
        "sign": sign,
        "kind": kind,
        "rank": rank,
        "reasons": [f"{d.key}: {d.baseline} → {d.variant}" for d in row.comparability.blocking[:REASONS]],
        "unsaid": max(0, len(row.comparability.blocking) - REASONS),
        "parameters": row.runs[0].parameters if row.runs else nan,
        "macs": row.runs[0].macs if row.runs else nan,
        "params_text": count(row.runs[0].parameters) if row.runs else "",
        "macs_text": count(row.runs[0].macs) if row.runs else "",
        "seconds": seconds,
        "time": duration(seconds) if row.runs else "",
        "reached": threshold_text.cell(comparison.threshold, row.label) if comparison.threshold else "",
        "median": _median(comparison, row),
        "beside": _beside(finding, places, row.images) if finding else None,
    }


def _mark(verdict: str) -> tuple[str, str, int]:
    """Sign, class and rank of what stands in the verdict's column."""
    if verdict in RANKS:
        style = verdict_style(verdict)
        return style.sign, style.name, RANKS[verdict]
    return OTHERS.get(verdict, ("", "none", 7))


def _verdict(comparison: Comparison, row: ComparedVariant) -> str:
    if row.label == comparison.baseline:
        return "baseline"
    if row.comparability.blocking:
        return "not comparable"
    if row.result:
        return row.result.verdict
    if not row.runs:
        return "no runs"
    return TOO_FEW if row.reference and row.arm.n < MIN_SEEDS else ""


def _median(comparison: Comparison, row: ComparedVariant) -> float:
    """Until the threshold; nan where there is none."""
    reached = comparison.threshold and comparison.threshold.reached.get(row.label)
    return reached.median if reached and reached.median is not None else nan


def half_width(arm: Arm) -> float:
    """Half of the 95 % interval of an arm's mean, by Student's t; nan without a spread."""
    low, high = intervals.mean_interval(arm.array)
    return (high - low) / 2


def _beside(finding: PairResult, places: int, images: PerImage | None) -> dict[str, Any]:
    """What stands beside the verdict, and never takes its place. sort: what a column is sorted by, if not its text."""
    paired = finding.paired
    return {
        "sort": {
            "regrouped": finding.p_permutation,
            "paired": paired.difference if paired else nan,
            "images": images.p if images else nan,
        },
        "images": _p(images.p) if images else "",
        "p": _p(finding.p),
        "adjusted": _p(finding.p_holm),
        "regrouped": _p(finding.p_permutation)
        + ("" if finding.exhaustive or not isfinite(finding.p_permutation) else " (drawn)"),
        "paired": f"{written(paired.difference, places, sign=True)} {_interval(paired.interval, places)}"
        if paired
        else "",
        "correlation": written(paired.correlation, 2) if paired else "",
        "improvement": written(finding.prob_improvement, 2),
        "effect": written(finding.hedges_g, 2, sign=True),
        "normal": "assumes normally distributed noise" if finding.relies_on_normality else "",
    }


def effect_row(effect: Effect, places: int) -> dict[str, Any]:
    return {
        "kind": effect.kind,
        "parts": " × ".join(effect.components),
        "sort": effect.difference,
        "size": f"{written(effect.difference, places, sign=True)} {_interval(effect.interval, places)}",
        "p_sort": effect.p,
        "p": _p(effect.p),
        "adjusted": _p(effect.p_holm),
        "verdict": effect.verdict,
    }


def _interval(ends: tuple[float, float], places: int) -> str:
    return typeset(interval(ends, places))


def _p(value: float) -> str:
    return typeset(chance(value)) if isfinite(value) else ""


def table_columns(comparison: Comparison) -> dict[str, Any]:
    """Which columns have anything to say. normal: do `all` or `some` verdicts rest on normal noise?"""
    rows = comparison.variants
    resting = [row.result.relies_on_normality for row in rows if row.result and row.result.verdict not in ("", TOO_FEW)]
    return {
        "removed": any(row.removed for row in rows) and not said_by_labels(rows),
        "along": any(row.co_changes for row in rows),
        "difference": any(row.result for row in rows),
        "verdict": any(_verdict(comparison, row) for row in rows),
        "compared": any(row.result or row.comparability.blocking for row in rows),
        "against": any(row.reference and row.reference != comparison.baseline for row in rows),
        "threshold": threshold_text.title(comparison.threshold) if comparison.threshold else "",
        "normal": "" if not any(resting) else "all" if all(resting) else "some",
    }
