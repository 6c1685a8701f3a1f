"""The setting of a comparison: data, networks, recipe, length and compute of its runs, as a reader needs them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import nan
from typing import Any

from ablation.comparison.analysis.comparison import ComparedVariant, Comparison
from ablation.comparison.reading.run import Diverged, Run
from ablation.config.applicability import reads
from ablation.rundir.record_parts import Hardware
from ablation.text import plural, typed_value

LIBRARIES = ("python", "ablation", "keras", "tensorflow", "jax", "numpy")  # whose versions are shown
BACKENDS = ("tensorflow", "jax")


@dataclass(frozen=True)
class DataSize:
    """A data set: number of images of each split (test: None without one) and of classes; None if not recorded."""

    name: str
    train: int | None
    validation: int | None
    test: int | None
    classes: int | None


@dataclass(frozen=True)
class NetworkSize:
    """A network. width: filters of its first stage, if its configuration has them. parameters: trainable, of each
    variant with this network, the smallest and the largest number.
    """

    name: str
    width: int | None
    parameters: tuple[int, int]


@dataclass(frozen=True)
class Range:
    """The smallest and the largest number of several runs."""

    low: int
    high: int


@dataclass(frozen=True)
class Compute:
    """The cost of the completed runs, and what they ran on.

    seconds: total training time, without compilation. devices: names of processors or GPUs. versions: of libraries, by
    name, each a list because runs may differ.
    """

    seconds: float = nan
    devices: tuple[str, ...] = ()
    versions: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Setting:
    """The setting of a comparison.

    baseline: the baseline's network; None without a baseline. networks: of all variants. config: the configuration of
    the baseline, or else of the first variant, by flat key. varied: keys that differ between variants that use them.
    epochs, steps: None if no run has completed. note: says so if the published recipe is longer. variants: their
    number. seeds: of completed runs. runs: how many of them. diverged: how many runs diverged. missing: how many have
    no result. planned: how many the plan asks for; None without a plan. comparisons: how many are tested.
    """

    data: tuple[DataSize, ...] = ()
    baseline: NetworkSize | None = None
    networks: tuple[NetworkSize, ...] = ()
    config: dict[str, Any] = field(default_factory=dict)
    varied: tuple[str, ...] = ()
    epochs: Range | None = None
    steps: Range | None = None
    note: str = ""
    variants: int = 0
    seeds: tuple[int, ...] = ()
    runs: int = 0
    diverged: int = 0
    missing: int = 0
    planned: int | None = None
    comparisons: int = 0
    compute: Compute = Compute()

    @property
    def shared(self) -> dict[str, Any]:
        """The configuration without what varies and without keys that it does not read."""
        return {key: value for key, value in self.config.items() if key not in self.varied and reads(self.config, key)}


def setting(comparison: Comparison) -> Setting:
    """Collect the setting from the runs of a comparison."""
    runs: list[Run] = []
    for variant in comparison.variants:
        runs += variant.runs
    distinct = _distinct(runs)
    diverged = sum(len(variant.diverged) for variant in comparison.variants)
    first = _reference_run(comparison)
    return Setting(
        data=tuple(dict.fromkeys(_data_size(run) for run in distinct if run.data)),
        baseline=_baseline_network(comparison),
        networks=_networks(distinct),
        config={} if first is None or not first.is_own else first.config,
        varied=_varied(comparison.variants),
        epochs=_range(len(run.history["val_accuracy"]) or None for run in runs),
        steps=_range(run.facts.steps.total for run in distinct),
        note=_note(distinct),
        variants=len(comparison.variants),
        seeds=tuple(sorted({run.seed for run in runs})),
        runs=len(runs),
        diverged=diverged,
        missing=sum(variant.missing for variant in comparison.variants),
        planned=_planned(comparison.variants),
        comparisons=comparison.comparisons,
        compute=_compute(runs, distinct),
    )


def _distinct(runs: Sequence[Run]) -> list[Run]:
    """The first of all runs that equal each other in everything but seed, length and results.

    Runs share their facts and configs, so that of thousands only a few are left.
    """
    first: dict[tuple[Any, ...], Run] = {}
    for run in runs:
        images = (run.data, run.validation_images, run.test_images)
        first.setdefault((id(run.facts), id(run.config), run.network, run.parameters, images), run)
    return list(first.values())


def _reference_run(comparison: Comparison) -> Run | Diverged | None:
    """A run of the baseline, or else of the first variant that has one."""
    for variant in _baseline_first(comparison):
        for run in (*variant.runs, *variant.diverged):
            return run
    return None


def _baseline_first(comparison: Comparison) -> list[ComparedVariant]:
    return sorted(comparison.variants, key=lambda variant: variant.label != comparison.baseline)


def _data_size(run: Run) -> DataSize:
    classes = run.facts.data.classes
    return DataSize(
        name=run.data,
        train=run.facts.data.train,
        validation=run.validation_images,
        test=run.test_images,
        classes=None if classes is None else len(classes),
    )


# ---------------------------------------------------------------- networks


def _baseline_network(comparison: Comparison) -> NetworkSize | None:
    runs: list[Run] = []
    for variant in comparison.variants:
        if variant.label == comparison.baseline:
            runs += variant.runs
    networks = _networks(_distinct(runs))
    return networks[0] if networks else None


def _networks(runs: Sequence[Run]) -> tuple[NetworkSize, ...]:
    """The distinct networks, each with the range of its parameters."""
    parameters: dict[tuple[str, int | None], list[int]] = {}
    for run in runs:
        if run.network and run.parameters is not None:
            parameters.setdefault((run.network, _width(run)), []).append(run.parameters)
    networks = []
    for (name, width), counts in parameters.items():
        networks.append(NetworkSize(name, width, (min(counts), max(counts))))
    return tuple(networks)


def _width(run: Run) -> int | None:
    """The configured width; None if the name says it, as for Shake-Shake networks."""
    width = run.config.get("model.width")
    is_named = run.config.get("model.family") == "shake"
    return width if isinstance(width, int) and not is_named else None


# ---------------------------------------------------------------- configuration and length


def _varied(variants: Sequence[ComparedVariant]) -> tuple[str, ...]:
    """The keys whose values differ between variants, of those that use them."""
    values: dict[str, set[str]] = {}
    for variant in variants:
        for run in (*variant.runs, *variant.diverged)[:1]:
            for key, value in run.config.items():
                if reads(run.config, key):
                    values.setdefault(key, set()).add(typed_value(value))
    return tuple(key for key, texts in values.items() if len(texts) > 1)


def _range(numbers: Iterable[int | None]) -> Range | None:
    known = [number for number in numbers if isinstance(number, int)]
    return Range(min(known), max(known)) if known else None


def _note(runs: Sequence[Run]) -> str:
    """The note that all runs share on a recipe that was shortened; empty if there is none."""
    notes = {run.facts.steps.note for run in runs}
    (note,) = notes if len(notes) == 1 else ("",)
    return note or ""


def _planned(variants: Sequence[ComparedVariant]) -> int | None:
    counts = [variant.planned_seeds for variant in variants if variant.planned_seeds is not None]
    return sum(counts) if counts and len(counts) == len(variants) else None


# ---------------------------------------------------------------- compute


def _compute(runs: Sequence[Run], distinct: Sequence[Run]) -> Compute:
    devices: dict[str, None] = {}
    versions: dict[str, dict[str, None]] = {}
    seconds = [run.seconds for run in runs if run.seconds is not None]
    for run in distinct:
        device = _device(run.facts.hardware, run.facts.exactness.threads)
        if device:
            devices[device] = None
        for library, version in _versions(run).items():
            versions.setdefault(library, {})[version] = None
    return Compute(
        seconds=sum(seconds) if seconds else nan,
        devices=tuple(devices),
        versions={library: tuple(found) for library, found in versions.items()},
    )


def _versions(run: Run) -> dict[str, str]:
    """The versions of LIBRARIES, of the backends only of the one that was used."""
    unused = {backend for backend in BACKENDS if backend != run.facts.exactness.backend}
    versions = {}
    for library in LIBRARIES:
        version = run.facts.versions.get(library)
        if isinstance(version, str) and library not in unused:
            versions[library] = version
    return versions


def _device(hardware: Hardware, threads: int | None) -> str:
    """`NVIDIA H200`, or `AMD EPYC (2 threads)`; empty if it is not recorded. A run uses a single device."""
    devices = [device for device in hardware.devices or [] if isinstance(device, str)]
    kind, _, name = (devices or ["cpu"])[0].partition(":")
    if kind != "cpu":
        return name or kind.upper()
    if not hardware.processor:
        return "CPU" if devices else ""
    return f"{hardware.processor} ({plural(threads, 'thread')})" if threads else hardware.processor
