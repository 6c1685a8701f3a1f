"""Comparisons that nobody ran: made in memory, with the judge's own findings."""

import re
from collections.abc import Sequence
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Any

from ablation.comparison.analysis import compare as analysis_compare
from ablation.comparison.analysis.comparison import (
    Comparability,
    ComparedVariant,
    Comparison,
    Difference,
    Metric,
)
from ablation.comparison.analysis.requested_test import Request
from ablation.comparison.experiments.grouping import find, together
from ablation.comparison.experiments.narrowing import Selection, narrow
from ablation.comparison.reading.facts import RunFacts
from ablation.comparison.reading.load import load
from ablation.comparison.reading.run import Diverged, Run
from ablation.rundir.record_parts import DataRecord, Metrics, Steps
from ablation.statistics import sequential as sequential_test
from ablation.statistics.arm import Arm
from ablation.statistics.effect_size import Share, fisher_p
from ablation.statistics.factorial import Design, effects
from ablation.statistics.pair import Pair
from ablation.statistics.verdict import INCOMPLETE, judge
from support.payloads import PAYLOADS

IMAGES = 360
NAMED = ("loss", "val_accuracy", "best_val_accuracy", "test_accuracy")  # metrics that a run has as attributes
TEST = Metric(
    "test accuracy", "test_accuracy", f"Test accuracy of the last weights, on {IMAGES} images.", images=IMAGES
)


def compared(*paths: Path, study: str | None = None, **options: Any) -> Comparison:
    """The comparison of the runs below these paths, as the command makes it. options: of `Request`.

    Runs that make several experiments are compared together, unless a study is named or is the only one.
    """
    loaded = load(paths)
    experiments = find(loaded)
    if study is not None:
        experiments = narrow(experiments, Selection(study=study))
    elif len(experiments) > 1:
        studies = [experiment for experiment in experiments if experiment.plan]
        experiments = studies if len(studies) == 1 else together(loaded)
    (experiment,) = experiments
    return analysis_compare.compare(experiment, Request(**options))


def _origin(network: str, seed: int) -> dict[str, Any]:
    """The fields that completed and diverged runs share."""
    return {
        "path": Path("outputs") / f"{network}_{seed}",
        "network": network,
        "data": "digits",
        "digest": "d" * 64,
        "config": {"model.family": network},
        "variant": network,
        "seed": seed,
        "fingerprint": f"{network} {seed}",
    }


def facts(steps: dict[str, Any] | None = None, train: int | None = None) -> RunFacts:
    """What a run records beside its config. steps: as in its record. train: the number of images."""
    images = DataRecord("digits", train=train, validation=IMAGES, test=IMAGES, digest="d" * 64)
    return RunFacts(images, steps=Steps.from_json(steps or {}))


def metrics(value: float, loss: float = 0.1, **accuracies: float | None) -> Metrics:
    """What a run that ends at an accuracy measured. accuracies: those of NAMED that differ; None for no test split."""
    accuracy = dict.fromkeys(NAMED[1:], value) | accuracies
    tested = accuracy["test_accuracy"]
    return Metrics(
        {
            "final": {"loss": loss, "val_accuracy": accuracy["val_accuracy"]},
            "best": {"val_accuracy": accuracy["best_val_accuracy"]},
            "test": None if tested is None else {"accuracy": tested},
        }
    )


def run(network: str = "resnet34", seed: int = 0, value: float = 0.9, **changes: Any) -> Run:
    """A completed run of one epoch that ends at an accuracy. changes: of the run, or NAMED metrics."""
    made = Run(
        **_origin(network, seed),
        name="",
        attempt=1,
        started="2026-01-01T00:00:00",
        checksum=f"{network} {seed}",
        validation_images=IMAGES,
        test_images=IMAGES,
        validated_on_test=False,
        parameters=335_114,
        macs=1_211_264,
        seconds=12.5 + seed,
        history={"epoch": (1.0,), "val_accuracy": (value,)},
        facts=facts(),
        metrics=metrics(value, **{name: changes.pop(name) for name in NAMED if name in changes}),
    )
    return replace(made, **changes)


def diverged(network: str = "resnet34", seed: int = 0, **changes: Any) -> Diverged:
    """A run that diverged before its first epoch ended."""
    made = Diverged(
        **_origin(network, seed),
        history={},
    )
    return replace(made, **changes)


def of_runs(label: str, *runs: Run, **changes: Any) -> ComparedVariant:
    """A variant of these runs, compared with nothing yet."""
    return ComparedVariant(
        label, runs, Arm(label, {one.seed: one.test_accuracy for one in runs}, 1 / IMAGES), **changes
    )


def row(label: str, values: Sequence[float], **changes: Any) -> ComparedVariant:
    """A variant of one run a value, with seeds from 0, compared with nothing yet."""
    made = of_runs(label, *(run(label, seed, value) for seed, value in enumerate(values)))
    return replace(made, **changes)


def compare(
    rows: Sequence[ComparedVariant], margin: float | None = None, paired: bool = False, **changes: Any
) -> Comparison:
    """Judge all rows against the first; what has no run or is refused by the gate gets no result.

    changes: of the comparison; its metric and number of comparisons decide the verdicts too.
    """
    base, *arms = [replace(r, missing=max(0, (r.planned_seeds or 0) - len(r.runs) - len(r.diverged))) for r in rows]
    judged = [r for r in arms if r.arm.n and not r.comparability.blocking]
    pairs = [Pair(r.arm, base.arm, paired, len(r.diverged), len(base.diverged)) for r in judged]
    comparisons, higher = changes.get("comparisons", len(arms)), changes.get("metric", TEST).higher
    results = judge(pairs, comparisons, margin, higher)
    findings = {}
    for tested, result in zip(judged, results, strict=True):
        incomplete = tested.missing or base.missing
        findings[id(tested)] = replace(result, verdict=INCOMPLETE) if incomplete else result
    made = []
    for r in arms:
        shares = [Share(len(each.diverged), len(each.diverged) + len(each.runs)) for each in (r, base)]
        p = fisher_p(*shares) if any(share.diverged for share in shares) else nan
        made.append(replace(r, result=findings.get(id(r)), reference=base.label, divergence_p=p))
    return replace(
        Comparison(TEST, (base, *made), base.label, comparisons=len(arms), margin=margin),
        **changes,
    )


def sequential(rows: Sequence[ComparedVariant], max_seeds: int = 6, margin: float | None = None) -> Comparison:
    """The rows of a study that adds seeds until all comparisons, paired by seed, are decided."""
    comparison = compare(rows, margin, paired=True, max_seeds=max_seeds)
    base, *arms = comparison.variants
    pairs = [Pair(r.arm, base.arm, True, len(r.diverged), len(base.diverged)) for r in arms]
    results = sequential_test.judge(pairs, sequential_test.Design(max_seeds, len(arms), margin=margin))
    judged = [replace(r, result=result) for r, result in zip(arms, results, strict=True)]
    return replace(comparison, variants=(base, *judged))


def by_variant(folder: Path, **changes: Any) -> Comparison:
    """The runs below a folder: a row a variant, the first one by its label the baseline. The gate is not asked."""
    loaded = load([folder])
    groups: dict[str, list] = {}
    for one in sorted([*loaded.runs, *loaded.diverged], key=lambda r: (r.network, r.variant, r.seed)):
        groups.setdefault(one.variant, []).append(one)
    rows = []
    for index, group in enumerate(groups.values()):
        done = [one for one in group if isinstance(one, Run)]
        lost = tuple(one for one in group if isinstance(one, Diverged))
        label = f"-{group[0].network} {index}" if index else "baseline"
        rows.append(of_runs(label, *done, diverged=lost, planned_seeds=len(group)))
    return compare(rows, excluded=tuple(loaded.excluded), **changes)


def study() -> Comparison:
    """A study in which everything happens that a table must show."""
    refused = Comparability((Difference("data.digest", "0a1b2c3d", "99ee88ff"), Difference("steps", "640", "320")))
    noted = Comparability(informational=(Difference("hardware.cpu", "EPYC 7B13", "Xeon 8481C"),))
    return compare(
        [
            row("baseline", [0.961, 0.958, 0.964, 0.955, 0.962], planned_seeds=5),
            row(
                "-shortcut",
                [0.552, 0.561, 0.548, 0.57, 0.543],
                removed=("shortcut",),
                planned_seeds=5,
                comparability=noted,
            ),
            row(
                "-norm",
                [0.941, 0.948, 0.93],
                removed=("norm",),
                co_changes=("train.learning_rate=0.01",),
                planned_seeds=5,
                diverged=(diverged("-norm", 3), diverged("-norm", 4)),
            ),
            row(
                "-width.half",
                [0.955, 0.959, 0.965, 0.951, 0.962],
                removed=("width.half",),
                planned_seeds=5,
                comparability=noted,
            ),
            row("-augment", [0.9, 0.91], removed=("augment",), planned_seeds=5),
            row("-data", [0.8, 0.81, 0.82], removed=("data",), comparability=refused, planned_seeds=5),
            row("-epochs", [0.9, 0.92, 0.91, 0.93, 0.905], removed=("epochs",), budget=True, planned_seeds=5),
            row("-dropout", [], removed=("dropout",), planned_seeds=5),
        ],
        margin=0.02,
        study="parts",
        question="Which part of a residual network carries it?",
        excluded=(
            (Path("outputs/-norm_3"), "diverged"),
            (Path("outputs/-norm_4"), "diverged"),
            (Path("x/torn"), "failed"),
        ),
    )


def factorial(one: str = "shortcut", other: str = "norm", **changes: Any) -> Comparison:
    """Two parts, there or not, of three seeds each: the first one's removal costs a fifth, the other's nothing."""
    names = {(0, 0): "baseline", (1, 0): f"-{one}", (0, 1): f"-{other}", (1, 1): f"-{one} -{other}"}
    cells = {
        levels: row(name, [0.9 - levels[0] / 5 + seed / 100 for seed in (0, 1, 2 + levels[1] / 10)])
        for levels, name in names.items()
    }
    design = Design([[one], [other]], {levels: cell.arm for levels, cell in cells.items()}, 3)
    told = effects(design, 2, True)
    changes = {"factorial": design, **changes}
    made = compare(list(cells.values()), **{"effects": tuple(told), "comparisons": 2, "study": "cells", **changes})
    return replace(
        made, variants=tuple(replace(r, result=r.result and replace(r.result, verdict="")) for r in made.variants)
    )


def hostile() -> Comparison:
    """Each payload as label, name, removed component, co-change, difference, warning and reason."""
    rows = [row("baseline", [0.9, 0.91, 0.92])]
    for i, text in enumerate(PAYLOADS):
        gate = Comparability(*((Difference(text, text, text),) if on else () for on in (i % 3 == 0, i % 3 == 1)))
        made = row(
            text,
            [0.5, 0.6, 0.55],
            removed=(text,),
            co_changes=(text,),
            comparability=gate,
            differs={text: (text, text)},
        )
        rows.append(replace(made, runs=tuple(replace(r, name=text) for r in made.runs)))
    # A folder has no name with a / or NUL in it; any other text it may have.
    skipped = tuple((Path("outputs") / re.sub("[/\0]", "", text), text) for text in PAYLOADS)
    return compare(rows, study=PAYLOADS[0], question=" ".join(PAYLOADS), excluded=skipped, warnings=tuple(PAYLOADS))
