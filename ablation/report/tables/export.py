"""The comparison for machines: a DataFrame, CSV and JSON with every number that the runs give."""

import json as standard
from collections.abc import Iterable
from dataclasses import replace
from math import isfinite, nan
from typing import Any

import pandas as pd

from ablation.comparison.analysis import variants
from ablation.comparison.analysis.comparison import ComparedVariant, Comparison, Difference
from ablation.redaction import printable
from ablation.report.tables import summary
from ablation.report.wording.escaping import for_csv
from ablation.statistics import intervals
from ablation.statistics.factorial import Effect
from ablation.statistics.protocol import CORRECTION, LEVEL, MIN_SEEDS, SEQUENTIAL, WELCH
from ablation.statistics.sequential import WAITING
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCONCLUSIVE, TOO_FEW, WORSE, PairResult

FORMAT = 1
DIGITS = 12  # of a number in a file: beyond them two machines may disagree
TIMES = ("seconds_mean", "seconds_to_threshold")  # differ each time that the same runs are made
JOIN = "; "
VERDICTS = (BETTER, WORSE, EQUIVALENT, INCONCLUSIVE)
NOT_COMPARABLE, NO_RUN = "not comparable", "no completed run"  # why there is no verdict, beside TOO_FEW and WAITING
GROUPS = ("paired", "images")  # columns that are an object of their own in JSON: paired_n is paired.n
WHOLE = ("trainable_parameters", "macs", "planned", "paired_n")
FLOATS = (
    *("val_accuracy_final_mean", "val_accuracy_final_std", "val_accuracy_best_mean", "test_accuracy_mean"),
    *("test_accuracy_std", "seconds_mean", "loss_final_mean", "mean", "sd", "ci_low", "ci_high"),
    *("difference", "difference_ci_low", "difference_ci_high", "p", "p_adjusted", "p_holm_pooled", "p_permutation"),
    *("paired_difference", "paired_ci_low", "paired_ci_high", "paired_correlation", "prob_improvement", "hedges_g"),
)


def frame(comparison: Comparison) -> pd.DataFrame:
    """One row an arm: the columns of `summary.summarise`, then the metric, the difference, its verdict, the threshold.

    mean, sd, ci_low, ci_high: of the metric, with its 95 % interval. What the runs do not give is missing; where there
    is no verdict, `excluded` says why. Lists are joined by semicolons. Texts are printable, and else as they are.
    """
    made = pd.DataFrame([{key: _joined(value) for key, value in record.items()} for record in records(comparison)])
    reached = dict(zip(_reached(comparison, ""), (str, float, float, "Int64"), strict=False))
    return made.astype({**dict.fromkeys(FLOATS, float), **dict.fromkeys(WHOLE, "Int64"), **reached})


def csv(comparison: Comparison) -> str:
    """`summary.csv`: `frame`, in which no cell is a formula."""
    table = frame(comparison)
    for name in table.columns.difference([*FLOATS, *WHOLE]):
        table[name] = [for_csv(value) if isinstance(value, str) else value for value in table[name]]
    return table.to_csv(index=False, lineterminator="\n", float_format=f"%.{DIGITS}g")


def json(comparison: Comparison) -> str:
    """Strict JSON: the question, the test, the rows of `frame` as `variants`, and the runs that were excluded.

    Lists are lists there, an interval is [low, high] or null, and what is paired by seed or by image is an object.
    """
    told = {
        "format": FORMAT,
        "study": comparison.study,
        "plan": comparison.plan,
        "exploratory": comparison.plan is None,
        "question": comparison.question,
        "metric": vars(comparison.metric),
        "data": ", ".join(dict.fromkeys(run.data for row in comparison.variants for run in row.runs)),
        "baseline": comparison.baseline,
        "margin": comparison.margin,
        "test": WELCH,
        "level": LEVEL,
        "min_seeds": MIN_SEEDS,
        "max_seeds": comparison.max_seeds,
        "looks": comparison.max_seeds and SEQUENTIAL,
        "correction": CORRECTION,
        "comparisons": comparison.comparisons,
        "variants": [
            {**_nested(record), "values": {str(seed): row.arm.values[seed] for seed in sorted(row.arm.values)}}
            for record, row in zip(records(comparison), comparison.variants, strict=True)
        ],
        "effects": [_effect(effect) for effect in comparison.effects],
        "excluded": [{"run": path.name, "reason": reason} for path, reason in comparison.excluded],
        "superseded": [run.path.name for run in comparison.superseded],
        "warnings": list(comparison.warnings),
    }
    return standard.dumps(plain(told), indent=2, allow_nan=False) + "\n"


def _nested(record: dict[str, Any]) -> dict[str, Any]:
    """A row's columns as JSON has them."""
    made: dict[str, Any] = {}
    for key, value in record.items():
        if key.endswith("_high"):
            continue
        if key.endswith("_low"):
            key = key.removesuffix("_low")
            value = _interval((value, record[f"{key}_high"]))
        group, _, name = key.partition("_")
        if group not in GROUPS:
            made[key] = value
        elif record[f"{group}_n"] is None:
            made[group] = None
        else:
            made.setdefault(group, {})[name] = value
    return made


def _interval(ends: tuple[float | None, float | None]) -> list[float] | None:
    return list(ends) if all(end is not None and isfinite(end) for end in ends) else None


def _effect(effect: Effect) -> dict[str, Any]:
    return {
        "kind": effect.kind,
        "components": effect.components,
        "difference": effect.difference,
        "difference_ci": _interval(effect.interval),
        "p": effect.p,
        "p_adjusted": effect.p_holm,
        "verdict": _verdict(effect),
        "excluded": TOO_FEW if effect.verdict == TOO_FEW else None,
    }


def _verdict(found: PairResult | Effect | None) -> str | None:
    """One of the four; None where there is none, and for effects that are told and not judged."""
    return found.verdict if found and found.verdict in VERDICTS else None


def _excluded(row: ComparedVariant) -> str | None:
    """Why a row that is compared has no verdict; None of those that have one, and of cells whose effects are judged."""
    if row.comparability.blocking:
        return NOT_COMPARABLE
    if row.result is None:
        return NO_RUN if row.reference else None
    return row.result.verdict if row.result.verdict in (TOO_FEW, WAITING) else None


def plain(value: Any) -> Any:
    """What strict JSON has: nan and infinity are null, text is printable, a number has DIGITS digits."""
    if isinstance(value, dict):
        return {printable(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") if isfinite(value) else None
    return printable(value) if isinstance(value, str) else value


def records(comparison: Comparison) -> list[dict[str, Any]]:
    """One dict a row, in the order of the columns; None and nan for what is missing, lists of texts."""
    ran = [row for row in comparison.variants if row.runs]
    summarised = summary.summarise([_variant(row) for row in ran])
    first = dict(zip(map(id, ran), summarised.to_dict("records"), strict=True))
    return [
        {
            **first.get(id(row), _nothing(row)),
            **_judged(comparison, row, row.result),
            **_reached(comparison, row.label),
        }
        for row in comparison.variants
    ]


def _reached(comparison: Comparison, label: str) -> dict[str, Any]:
    """The columns of a threshold, where there is one; `epoch_to_threshold` is the median over runs."""
    found = comparison.threshold
    if found is None:
        return {}
    reached = found.reached.get(label)
    return {
        "threshold_metric": found.metric,
        "threshold": found.value,
        f"{found.x_axis}_to_threshold": reached and reached.median,
        "reached_threshold": reached and reached.reached,
    }


def _joined(value: Any) -> Any:
    text = JOIN.join(map(str, value)) if isinstance(value, list) else value
    return printable(text) if isinstance(text, str) else text


def told(differences: Iterable[Difference]) -> list[str]:
    return [f"{d.key}: {d.baseline} -> {d.variant}" for d in differences]


def _variant(row: ComparedVariant) -> variants.Variant:
    """With names that pandas takes, for it has no lone surrogates."""
    runs = tuple(run if run.name.isprintable() else replace(run, name=printable(run.name)) for run in row.runs)
    return variants.Variant(printable(row.label), runs, row.diverged)


def _nothing(row: ComparedVariant) -> dict[str, Any]:
    return {**dict.fromkeys(summary.COLUMNS), "variant": row.label, "n": 0, "name": ""}


def _judged(comparison: Comparison, row: ComparedVariant, finding: PairResult | None) -> dict[str, Any]:
    paired = finding.paired if finding else None
    low, high = intervals.mean_interval(row.arm.array)
    return {
        "removed": list(row.removed),
        "with": list(row.co_changes),
        "differs": [f"{key}: {one} -> {other}" for key, (one, other) in row.differs.items()],
        "budget": row.budget,
        "planned": row.planned_seeds,
        "diverged": len(row.diverged),
        "seeds": sorted(row.arm.values),
        "metric": comparison.metric.key,
        "mean": row.arm.mean if row.arm.n else nan,
        "sd": row.arm.sd if row.arm.n > 1 else nan,
        "ci_low": low,
        "ci_high": high,
        "baseline": row.reference,
        "difference": finding and finding.difference,
        "difference_ci_low": finding and finding.interval[0],
        "difference_ci_high": finding and finding.interval[1],
        "p": finding and finding.p,
        "p_adjusted": finding and finding.p_holm,
        "p_holm_pooled": finding and finding.p_holm_pooled,
        "verdict": _verdict(finding),
        "excluded": _excluded(row),
        "assumes_normality": finding and finding.assumes_normality,
        "p_permutation": finding and finding.p_permutation,
        "permutation_exhaustive": finding and finding.exhaustive,
        "paired_difference": paired and paired.difference,
        "paired_ci_low": paired and paired.interval[0],
        "paired_ci_high": paired and paired.interval[1],
        "paired_correlation": paired and paired.correlation,
        "paired_n": paired and paired.n,
        "images_n": row.images and row.images.images,
        "images_difference": row.images and row.images.difference,
        "images_ci_low": row.images and row.images.interval[0],
        "images_ci_high": row.images and row.images.interval[1],
        "images_p": row.images and row.images.p,
        "prob_improvement": finding and finding.prob_improvement,
        "hedges_g": finding and finding.hedges_g,
        "blocking": told(row.comparability.blocking),
        "informational": told(row.comparability.informational),
        "warnings": list(finding.warnings) if finding else [],
    }
