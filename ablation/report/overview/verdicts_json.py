"""The verdicts as one JSON document, for programs that act on them. `verdicts.schema.json` describes it."""

import json as standard_json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from math import isfinite
from pathlib import Path

from ablation.comparison.analysis.comparison import BlockResult, ComparedVariant, Comparison
from ablation.comparison.reading.run import TABLE
from ablation.report.overview.experiments import Compared, NotCompared, Overview
from ablation.report.tables.export import strict
from ablation.report.tables.records import EffectRecord, VariantRecord
from ablation.report.wording.needed_seeds import needed_seeds
from ablation.report.wording.warnings import warning_sentences
from ablation.statistics.intervals import Interval
from ablation.statistics.protocol import CORRECTION, LEVEL, MIN_SEEDS, PAIRED
from ablation.statistics.verdict import PairResult

FORMAT = 1
SCHEMA = "verdicts.schema.json"


def schema() -> str:
    """The JSON Schema (draft 2020-12) of the document."""
    return (Path(__file__).parent / SCHEMA).read_text(encoding="utf-8")


def verdicts_json(overview: Overview, excluded: Sequence[tuple[Path, str]] = (), detect: float | None = None) -> str:
    """Write the verdicts of all experiments, newest first, as strict JSON: nan and infinity are null.

    excluded: runs without a result, and what could not be read, each with the reason. detect: a difference, in the
    metric's unit, for which the needed seeds are given; by default the margin or the planned difference.
    """
    document = {
        "format": FORMAT,
        "experiments": [_experiment(item, detect) for item in overview.compared],
        "not_compared": [_not_compared(item) for item in overview.items if isinstance(item, NotCompared)],
        "excluded": [{"run": str(path), "reason": reason} for path, reason in excluded],
    }
    return standard_json.dumps(strict(document), indent=2, allow_nan=False) + "\n"


def _not_compared(item: NotCompared) -> dict[str, object]:
    return {"name": item.experiment.name, "reason": item.reason}


def _experiment(item: Compared, detect: float | None) -> dict[str, object]:
    comparison, metric = item.comparison, item.comparison.metric
    variants = zip(comparison.variants, item.table.records, strict=True)
    return {
        "name": item.experiment.name,
        "source": _source(comparison),
        "study": comparison.study,
        "plan": comparison.plan,
        "metric": {"key": metric.key, "name": metric.name, "higher_is_better": metric.higher},
        "baseline": comparison.baseline,
        "block": comparison.block or None,
        "level": LEVEL,
        "min_seeds": MIN_SEEDS,
        "correction": CORRECTION,
        "comparisons": comparison.comparisons,
        "margin": comparison.margin,
        "exploratory": bool(comparison.exploratory),
        "exploratory_reasons": list(comparison.exploratory),
        "variants": [_variant(comparison, variant, record, detect) for variant, record in variants],
        "effects": [_effect(record) for record in item.table.effect_records],
        "sentences": list(item.sentences),
        "warnings": warning_sentences(comparison),
    }


def _source(comparison: Comparison) -> str:
    """Where the runs come from, as in the schema."""
    if comparison.is_own:
        return "runs"
    kinds = {run.kind for variant in comparison.variants for run in (*variant.runs, *variant.diverged)}
    return "table" if TABLE in kinds else "program"


def _variant(
    comparison: Comparison, variant: ComparedVariant, record: VariantRecord, detect: float | None
) -> dict[str, object]:
    return {
        "variant": variant.label,
        "baseline": record.baseline,
        "n": variant.arm.n,
        "seeds": list(record.seeds),
        "mean": record.mean,
        "sd": record.sd,
        "ci": _ends(record.ci),
        "difference": record.difference,
        "difference_ci": _ends(record.difference_ci),
        "p": record.p,
        "p_adjusted": record.p_adjusted,
        "verdict": record.verdict,
        "reason": record.excluded,
        "paired": record.test == PAIRED,
        "needed": _needed(comparison, variant.result, detect),
        "missing": variant.missing,
        "diverged": len(variant.diverged),
        "not_comparable": list(record.blocking),
        "blocks": [_block(block) for block in record.blocks],
    }


def _block(block: BlockResult) -> dict[str, object]:
    values: dict[str, object] = dict(vars(block))
    return values | {"difference_ci": _ends(block.difference_ci)}


def _needed(comparison: Comparison, result: PairResult | None, detect: float | None) -> dict[str, object] | None:
    """The seeds that would detect a difference with 80 % power; None if the runs do not say."""
    if result is None or result.pair.n < MIN_SEEDS:
        return None
    needed = needed_seeds(comparison, result.estimate, result.pair.n, detect)
    if needed is None:
        return None
    fewest, most = needed.seeds
    return {"difference": needed.difference, "seeds_low": fewest, "seeds_high": most, "planned": needed.planned}


def _effect(record: EffectRecord) -> dict[str, object]:
    values = asdict(record)
    values["difference_ci"] = _ends(record.difference_ci)
    values["components"] = list(record.components)
    values["reason"] = values.pop("excluded")
    return values


def _ends(interval: Interval | Iterable[float]) -> list[float] | None:
    """[low, high]; None if an end is unknown."""
    ends = list(interval)
    return ends if all(map(isfinite, ends)) else None
