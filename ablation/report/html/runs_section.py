"""The page's sections on single runs: compared, superseded and excluded ones."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite, nan
from pathlib import Path
from typing import Any

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.comparison.reading.run import Diverged, Run
from ablation.comparison.reading.run_details import RunDetails
from ablation.redaction import printable
from ablation.report.wording.metric_format import MetricFormat, share_format
from ablation.report.wording.number_format import typeset
from ablation.statistics.arm import BlockedArm
from ablation.text import duration, plural, typed_value

MAX_ITEMS = 100  # of a list
MAX_TYPED = 12  # settings in the details of a run
DECIMALS = 4  # of a single run's numbers
SHORT_DIGEST = 12  # characters


@dataclass(frozen=True)
class Formats:
    """How values of single runs are written: of the metric, and of accuracies."""

    metric: MetricFormat
    accuracy: MetricFormat


@dataclass(frozen=True)
class RunItem:
    """One run: its numbers, then its facts as (name, text) and the end of its log. block: empty without blocks."""

    label: str
    seed: int
    value: float
    metric: str
    val_accuracy: str
    loss: str
    seconds: float
    time: str
    path: str
    facts: tuple[tuple[str, str], ...] = ()
    log: tuple[str, ...] = ()
    block: str = ""


@dataclass(frozen=True)
class Setting:
    """A key of the configuration with its value, as typed. varies: whether it differs between the variants."""

    key: str
    value: str
    varies: bool


@dataclass(frozen=True)
class VariantRuns:
    """The runs of one variant.

    differs: (key, baseline's value, variant's value). more: number of further keys. settings: the configuration that
    its runs share, those first that differ between the variants. unset: the keys that have no value.
    """

    label: str
    differs: tuple[tuple[str, str, str], ...]
    more: int
    runs: tuple[RunItem, ...]
    settings: tuple[Setting, ...] = ()
    unset: str = ""


@dataclass(frozen=True)
class ExcludedRun:
    path: str
    reason: str
    error: str
    log: tuple[str, ...]


@dataclass(frozen=True)
class RunsSection:
    """Runs by variant with their details, or else in a plain table. Lists are cut at MAX_ITEMS.

    is_own: whether ablate trained them, so that directory, validation accuracy, training loss and time are known.
    """

    variants: tuple[VariantRuns, ...]
    table: tuple[RunItem, ...]
    superseded: tuple[str, ...]
    superseded_title: str
    superseded_more: int
    excluded: tuple[ExcludedRun, ...]
    excluded_more: int
    is_own: bool = True


def runs_section(comparison: Comparison, details: Mapping[Path, RunDetails]) -> RunsSection:
    """Build the section. details: by directory; without any, runs are listed in a plain table."""
    variants, table = [], []
    varied = varied_keys(comparison.variants) if details else ()
    formats = _formats(comparison)
    for variant in comparison.variants:
        runs = (*variant.runs, *variant.diverged)
        if runs and details:
            variants.append(_variant_runs(variant, details, varied, formats))
        elif runs:
            table += [_item(variant, run, formats) for run in runs]
    superseded, excluded = comparison.superseded, comparison.excluded
    return RunsSection(
        variants=tuple(variants),
        table=tuple(table),
        superseded=tuple(str(run.path) for run in superseded[:MAX_ITEMS]),
        superseded_title=plural(len(superseded), "superseded rerun"),
        superseded_more=max(0, len(superseded) - MAX_ITEMS),
        excluded=tuple(_excluded(path, reason, details) for path, reason in excluded[:MAX_ITEMS]),
        excluded_more=max(0, len(excluded) - MAX_ITEMS),
        is_own=comparison.is_own,
    )


def _variant_runs(
    variant: ComparedVariant, details: Mapping[Path, RunDetails], varied: Collection[str], formats: Formats
) -> VariantRuns:
    differs, runs = [], []
    settings, unset = _settings(variant, varied)
    typed = [f"{setting.key}={setting.value}" for setting in settings if setting.varies]
    for key, (baseline_value, variant_value) in variant.differs.items():
        differs.append((key, baseline_value, variant_value))
    for run in (*variant.runs, *variant.diverged):
        item = _item(variant, run, formats, details.get(run.path, RunDetails()))
        runs.append(replace(item, facts=(("configuration", _typed(typed, run.seed)), *item.facts)))
    return VariantRuns(
        label=variant.label,
        differs=tuple(differs[:MAX_ITEMS]),
        more=max(0, len(differs) - MAX_ITEMS),
        runs=tuple(runs),
        settings=settings,
        unset=unset,
    )


def varied_keys(variants: Sequence[ComparedVariant]) -> set[str]:
    """The keys of the configuration that differ between the variants."""
    values: dict[str, set[str]] = {}
    for variant in variants:
        for run in (*variant.runs[:1], *variant.diverged[:1]):
            for key, value in run.config.items():
                values.setdefault(key, set()).add(typed_value(value))
    return {key for key, distinct in values.items() if len(distinct) > 1}


def _settings(variant: ComparedVariant, varied: Collection[str]) -> tuple[tuple[Setting, ...], str]:
    """The configuration of the variant, and its keys without a value."""
    first, rest, unset = [], [], []
    for key, value in _shared_config((*variant.runs, *variant.diverged)).items():
        setting = Setting(key, printable(typed_value(value)), key in varied)
        if setting.varies:
            first.append(setting)
        elif value is None:
            unset.append(key)
        else:
            rest.append(setting)
    return (*first, *rest), ", ".join(unset)


def _shared_config(runs: Sequence[Run | Diverged]) -> dict[str, Any]:
    """The configuration that the runs of a variant share; those that ablate trained share all of it."""
    config = runs[0].config
    if runs[0].is_own:
        return config
    return {key: value for key, value in config.items() if all(run.config.get(key) == value for run in runs)}


def _typed(settings: Sequence[str], seed: int) -> str:
    """`model.residual=false, seed=0`."""
    return ", ".join([*settings[:MAX_TYPED], *(["…"] if len(settings) > MAX_TYPED else []), f"seed={seed}"])


def _item(
    variant: ComparedVariant, run: Run | Diverged, formats: Formats, details: RunDetails | None = None
) -> RunItem:
    """Build the item of a run. details: None for a row of the plain table."""
    facts: tuple[tuple[str, str], ...] = ()
    log: tuple[str, ...] = ()
    if details is not None:
        named = _facts(run, details, formats) if isinstance(run, Run) else _diverged_facts(run)
        if not run.is_own:
            named = _foreign_facts(run)
        facts = tuple((name, text) for name, text in named if text)
        log = details.log
    if isinstance(run, Diverged):
        return RunItem(variant.label, run.seed, nan, "diverged", "", "", nan, "", str(run.path), facts, log)
    arm = variant.arm.blocks[run.block] if isinstance(variant.arm, BlockedArm) else variant.arm
    value = arm.values.get(run.seed, nan)
    return RunItem(
        label=variant.label,
        seed=run.seed,
        value=value,
        metric=known(value, formats.metric),
        val_accuracy=known(run.val_accuracy, formats.accuracy),
        loss=known(run.loss, MetricFormat(DECIMALS)),
        seconds=nan if run.seconds is None else round(run.seconds, 1),
        time=_time(run),
        path=str(run.path),
        facts=facts,
        log=log,
        block=run.block,
    )


def _diverged_facts(run: Diverged) -> Sequence[tuple[str, str]]:
    epochs = len(run.history["epoch"])
    return (
        ("directory", str(run.path)),
        ("tags", ", ".join(run.tags)),
        ("fingerprint", run.fingerprint[:16]),
        ("network", run.network),
        ("status", f"diverged after {plural(epochs, 'whole epoch')}"),
        ("data", run.data),
    )


def _facts(run: Run, details: RunDetails, formats: Formats) -> Sequence[tuple[str, str]]:
    length = plural(len(run.history["epoch"]), "epoch")
    if details.steps:
        length += f", {details.steps} steps"
    return (
        ("directory", str(run.path)),
        ("tags", ", ".join(run.tags)),
        ("fingerprint", run.fingerprint[:16]),
        ("network", run.network),
        ("name", run.name),
        ("attempt", str(run.attempt) if run.attempt > 1 else ""),
        ("started", run.started),
        ("length", length),
        ("time", _time(run)),
        ("training loss", known(run.loss, MetricFormat(DECIMALS))),
        ("validation accuracy", _val_accuracy(run, formats)),
        ("best epoch", details.best_epoch),
        ("test accuracy", _test_accuracy(run, formats)),
        ("data", f"{run.data}, digest {run.digest[:SHORT_DIGEST]}"),
        ("files left out", details.left_out),
        ("identical images", details.duplicates),
        ("bit-exact", details.bit_exact),
        ("backend", details.backend),
        ("versions", details.versions),
        ("hardware", details.hardware),
        ("cores", details.cores),
        ("code", details.code),
        ("git commit", details.git),
    )


def _foreign_facts(run: Run | Diverged) -> Sequence[tuple[str, str]]:
    """Where the result of a run that ablate did not train comes from."""
    return (
        ("source", str(run.path)),
        ("name", run.name),
        ("started", run.started),
        ("time", _time(run) if isinstance(run, Run) else ""),
        ("network", run.network),
        ("data", run.data),
    )


def _time(run: Run) -> str:
    return "" if run.seconds is None else duration(run.seconds)


def _val_accuracy(run: Run, formats: Formats) -> str:
    return f"{known(run.val_accuracy, formats.accuracy)} (best {known(run.best_val_accuracy, formats.accuracy)})"


def _test_accuracy(run: Run, formats: Formats) -> str:
    return "" if run.test_accuracy is None else known(run.test_accuracy, formats.accuracy)


def _excluded(path: Path, reason: str, details: Mapping[Path, RunDetails]) -> ExcludedRun:
    run = details.get(path, RunDetails())
    return ExcludedRun(str(path), reason, run.error, run.log)


def _formats(comparison: Comparison) -> Formats:
    accuracy = share_format(comparison, DECIMALS)
    is_share = comparison.metric.largest is not None
    return Formats(metric=accuracy if is_share else MetricFormat(DECIMALS), accuracy=accuracy)


def known(value: float | None, written: MetricFormat) -> str:
    """Format a value with a true minus sign; empty for None, nan and infinity."""
    return "" if value is None or not isfinite(value) else typeset(written.value(value))
