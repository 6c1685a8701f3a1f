"""The table for programs: a DataFrame, CSV and JSON, with every number that the runs give."""

import json as standard_json
from dataclasses import asdict, fields, is_dataclass
from math import isfinite
from typing import Any, get_type_hints

import pandas as pd

from ablation.comparison.analysis.comparison import Metric
from ablation.comparison.analysis.setting import Setting
from ablation.redaction import printable
from ablation.report.tables.records import (
    EffectRecord,
    ImagesRecord,
    LookRecord,
    PairedRecord,
    RunSummary,
    ThresholdRecord,
    VariantRecord,
)
from ablation.report.tables.table import Table
from ablation.report.wording.escaping import for_csv
from ablation.statistics.protocol import CORRECTION, LEVEL, MIN_SEEDS, SEQUENTIAL, WELCH

FORMAT = 1
SIGNIFICANT_DIGITS = 12  # of numbers in files; machines may disagree beyond them
TIMES = ("seconds_mean", "seconds_to_threshold")  # measured, so they differ when the same runs are repeated
JOINER = "; "
RENAMED = {"co_changes": "with"}  # a Python keyword, so the field has another name
NESTED = {
    "paired": PairedRecord,
    "images": ImagesRecord,
    "look": LookRecord,
}  # objects in JSON; in CSV columns such as paired_n
JSON_ONLY = ("values", "blocks")


def frame(table: Table) -> pd.DataFrame:
    """Return a row for each variant: means over its runs, then metric, difference, verdict and threshold.

    mean, sd: of the metric. ci_low, ci_high: the 95 % CI of its mean. Unknown numbers are missing values; where there
    is no verdict, `excluded` gives the reason. exploratory: the same in all rows; true if no plan fixed the comparison
    before there was data. Lists are joined by semicolons. Texts are printable but not escaped.
    """
    rows = []
    for record in table.records:
        columns = _flat(record, bool(table.header.exploratory))
        rows.append({key: _joined(value) for key, value in columns.items()})
    return pd.DataFrame(rows).astype(_column_types(table))


def csv(table: Table) -> str:
    """Write summary.csv: the rows of `frame`, escaped so that no spreadsheet evaluates a cell."""
    data = frame(table)
    for name in data.columns.difference(list(_column_types(table))):
        data[name] = [for_csv(value) if isinstance(value, str) else value for value in data[name]]
    return data.to_csv(index=False, lineterminator="\n", float_format=f"%.{SIGNIFICANT_DIGITS}g")


def _joined(value: object) -> object:
    """Join a list into one text, and make texts printable."""
    if isinstance(value, tuple):
        value = JOINER.join(map(str, value))
    return printable(value) if isinstance(value, str) else value


# ---------------------------------------------------------------- flat, for CSV


def _flat(record: VariantRecord, exploratory: bool) -> dict[str, object]:
    """Flatten a record: an interval becomes `ci_low` and `ci_high`, a nested record one column for each field.

    The threshold and the differences in blocks come last, because not every comparison has them.
    """
    columns: dict[str, object] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if field.name == "threshold" or field.name in JSON_ONLY:
            continue
        if isinstance(value, RunSummary):
            columns |= vars(value)
        elif field.name in NESTED:
            nested = value if is_dataclass(value) else NESTED[field.name]()
            for inner in fields(nested):
                columns |= _ends(f"{field.name}_{inner.name}", getattr(nested, inner.name))
        else:
            columns |= _ends(RENAMED.get(field.name, field.name), value)
    columns |= {"exploratory": exploratory} | _threshold_columns(record.threshold)
    for block in record.blocks:
        key = f"difference_in_{printable(block.block)}"
        columns |= {key: block.difference} | _ends(f"{key}_ci", block.difference_ci)
    return columns


def _ends(key: str, value: object) -> dict[str, object]:
    """Return the column of a value, or the two columns of an interval."""
    if _is_interval(key) and isinstance(value, tuple):
        return {f"{key}_low": value[0], f"{key}_high": value[1]}
    return {key: value}


def _is_interval(key: str) -> bool:
    return key == "ci" or key.endswith("_ci")


def _threshold_columns(threshold: ThresholdRecord | None) -> dict[str, object]:
    """Return the columns of a threshold, if any; `epoch_to_threshold` is the median over runs."""
    if threshold is None:
        return {}
    return {
        "threshold_metric": threshold.metric,
        "threshold": threshold.value,
        f"{threshold.x_axis}_to_threshold": threshold.median,
        "reached_threshold": threshold.reached,
    }


def _column_types(table: Table) -> dict[str, Any]:
    """Return the pandas dtypes of numeric columns with possible gaps; all others are texts or complete."""
    types: dict[str, Any] = {}
    for record_type, prefix in (
        (RunSummary, ""),
        (VariantRecord, ""),
        (PairedRecord, "paired_"),
        (ImagesRecord, "images_"),
        (LookRecord, "look_"),
    ):
        for name, hint in get_type_hints(record_type).items():
            if hint is float:
                types[f"{prefix}{name}"] = float
            elif hint == int | None:
                types[f"{prefix}{name}"] = "Int64"
            elif _is_interval(name):
                types |= {f"{prefix}{name}_low": float, f"{prefix}{name}_high": float}
    threshold = table.records[0].threshold
    if threshold is not None:
        types |= {"threshold": float, f"{threshold.x_axis}_to_threshold": float, "reached_threshold": "Int64"}
    return types


# ---------------------------------------------------------------- nested, for JSON


def json(table: Table) -> str:
    """Write strict JSON: the question, the test, the rows of `frame` as `variants`, and the excluded runs.

    Lists are arrays, an interval is [low, high] or null, and a comparison paired by seed or by image is an object.
    """
    header = table.header
    document = {
        "format": FORMAT,
        "study": header.study,
        "plan": header.plan,
        "exploratory": bool(header.exploratory),
        "exploratory_reasons": list(header.exploratory),
        "plan_changes": [_object(change) for change in header.plan_changes],
        "disclosures": list(header.disclosures),
        "question": header.question,
        "metric": _metric(header.metric),
        "setting": _setting(header.setting),
        "data": ", ".join(header.data),
        "baseline": header.baseline,
        "margin": header.margin,
        "test": _test(table),
        "level": LEVEL,
        "min_seeds": MIN_SEEDS,
        "max_seeds": header.max_seeds,
        "looks": SEQUENTIAL if header.max_seeds else None,
        "correction": CORRECTION,
        "comparisons": header.comparisons,
        "variants": [_variant_object(record) for record in table.records],
        "effects": [_effect_object(effect) for effect in table.effect_records],
        "excluded": [{"run": run, "reason": reason} for run, reason in header.excluded],
        "superseded": list(header.superseded),
        "warnings": list(header.warnings),
        "style": table.style.to_json(),
    }
    return standard_json.dumps(strict(document), indent=2, allow_nan=False) + "\n"


def _metric(metric: Metric) -> dict[str, object]:
    """The metric; its step only where it has one, in place of the number of images."""
    values: dict[str, object] = dict(vars(metric))
    del values["step"]
    return values if metric.step is None else values | {"step": vars(metric.step)}


def _setting(setting: Setting) -> dict[str, object]:
    """The setting: the configuration that all variants share, and the keys that vary, instead of a whole one."""
    values = asdict(setting)
    del values["config"]
    return values | {"shared": setting.shared, "varied": list(setting.varied)}


def _test(table: Table) -> str:
    """`welch`, `paired`, or `welch and paired` if the plan pairs only some of the comparisons."""
    tests = sorted({record.test for record in table.records if record.test}, reverse=True)
    return " and ".join(tests) or WELCH


def _variant_object(record: VariantRecord) -> dict[str, object]:
    columns = dict(vars(record.summary))
    for field in fields(record):
        value = getattr(record, field.name)
        if field.name == "threshold":
            columns |= _threshold_columns(record.threshold)
        elif field.name in NESTED:
            columns[field.name] = _object(value) if is_dataclass(value) else None
        elif field.name not in ("summary", *JSON_ONLY):
            columns[RENAMED.get(field.name, field.name)] = _or_null(field.name, value)
    values = zip(record.seeds, record.values, strict=True) if record.values else ()
    columns["values"] = {str(seed): value for seed, value in values}
    if record.blocks:
        columns["blocks"] = [_object(block) for block in record.blocks]
    return columns


def _effect_object(effect: EffectRecord) -> dict[str, object]:
    return _object(effect)


def _object(record: Any) -> dict[str, object]:
    return {name: _or_null(name, value) for name, value in vars(record).items()}


def _or_null(key: str, value: object) -> object:
    """Return the value, or None for an interval with an unknown end."""
    if _is_interval(key) and isinstance(value, tuple) and not all(map(isfinite, value)):
        return None
    return value


def strict(value: object) -> object:
    """Convert to strict JSON: nan and infinity become None, and floats are rounded to SIGNIFICANT_DIGITS."""
    if isinstance(value, dict):
        return {printable(str(key)): strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [strict(item) for item in value]
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if isfinite(value) else None
    return printable(value) if isinstance(value, str) else value
