"""Looks while seeds are added: the level they spend, what they decide, and which seeds a study asks for next."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ablation.errors import AblateError
from ablation.rundir import record as rundir_record
from ablation.rundir.plan_parts import PlannedTest
from ablation.rundir.record import RunRecord
from ablation.rundir.record_parts import DataRecord, Metrics
from ablation.statistics import sequential
from ablation.statistics.arm import Arm
from ablation.statistics.sequential import WAITING, decide, looks, nominal_levels
from ablation.statistics.verdict import BETTER, INCONCLUSIVE, WORSE
from ablation.study import interim_analysis, orchestration, parsing, spec

BASE = {"baseline": ["model=resnet18"], "components": {"norm": ["model.norm=none"]}}


def arm(label, values):
    return Arm(label, dict(enumerate(float(value) for value in values)))


@pytest.mark.parametrize(("most", "level"), [(4, 0.05), (10, 0.05), (30, 0.05 / 8), (60, 0.01)])
def test_all_looks_together_spend_the_level(most, level):
    """Random walks, as sums of normal differences are: the share that ever crosses is the level."""
    draws, ns = np.random.default_rng(0), np.array(looks(most))
    steps = np.sqrt(np.diff([0, *ns]))
    walks = np.cumsum(draws.normal(size=(100_000, len(ns))) * steps, axis=1) / np.sqrt(ns)
    crossed = (np.abs(walks) >= stats.norm.isf(np.array(nominal_levels(most, level)) / 2)).any(axis=1).mean()
    assert crossed == pytest.approx(level, abs=4 * np.sqrt(level / 100_000))


def test_what_is_clear_is_decided_early_and_what_is_not_never():
    rng = np.random.default_rng(0)
    base = arm("base", rng.normal(0, 1, 30))
    far, near = arm("far", rng.normal(-10, 1, 30)), arm("near", rng.normal(0, 1, 30))
    found = decide([(far, base), (near, base), (base, far)], 30, 3, True)
    assert [each.verdict for each in found] == [WORSE, INCONCLUSIVE, BETTER]
    assert found[0].seeds < 6 and found[1].seeds == 30
    assert decide([(far, base)], 30, 1, False)[0].verdict == BETTER


def test_the_level_of_a_look_is_shared_among_what_is_open():
    """Holm's steps: the stronger of two is held to half of the level, the weaker to all of it once that is decided."""
    base, most = arm("base", [0, 1, 2, 3]), 4
    half, whole = nominal_levels(most, 0.025)[-1], nominal_levels(most, 0.05)[-1]

    def apart(p):  # Welch's t of equal deviations has 6 degrees of freedom
        error = np.sqrt(2 * np.var([0, 1, 2, 3], ddof=1) / 4)
        return arm("part", np.array([0, 1, 2, 3]) - error * stats.t.isf(p / 2, 6))

    between, clear = apart((half + whole) / 2), apart(half / 2)
    assert decide([(between, base)], most, 1, True)[0].verdict == WORSE
    assert decide([(between, base)], most, 2, True)[0].verdict == INCONCLUSIVE
    assert [each.verdict for each in decide([(between, base), (clear, base)], most, 2, True)] == [WORSE, WORSE]


@given(st.integers(3, 12), st.integers(0, 2**32))
def test_more_seeds_change_no_decision(n, seed):
    """A look that was made is not made again with other numbers."""
    rng = np.random.default_rng(seed)
    base, part = rng.normal(0, 1, 12), rng.normal(rng.choice([0, 2, 8]), 1, 12)
    now = decide([(arm("a", part[:n]), arm("b", base[:n]))], 12, 1, True)[0]
    later = decide([(arm("a", part), arm("b", base))], 12, 1, True)[0]
    assert now == later or now.verdict == WAITING and now.seeds == n + 1 <= later.seeds
    assert later.verdict != WAITING


def test_the_next_look_waits_for_both_sides():
    few, many = arm("few", [1, 2]), arm("many", [1, 2, 3, 4])
    assert decide([(few, many)], 10, 1, True)[0] == sequential.Decision(WAITING, 3)
    assert decide([(many, many)], 4, 1, True)[0] == sequential.Decision(INCONCLUSIVE, 4)


def study_of(tmp_path, scores):
    """A plan whose runs lie on disk: {cell: accuracies of its first seeds, None where it diverged}, at most ten."""
    cells = []
    for name, values in scores.items():
        places = [tmp_path / f"{name}{seed}" for seed in range(10)]
        for place, value in zip(places, values, strict=False):
            place.mkdir()
            metrics = {"final": {"epoch": 1, "val_accuracy": value}, "test": {"accuracy": value}} if value else {}
            status = "diverged" if value is None else "completed"
            data = DataRecord("digits", train=None, validation=1000, test=1000, digest="0")
            rundir_record.write_record(place, RunRecord(status, data=data, metrics=Metrics(metrics)))
        runs = tuple(SimpleNamespace(last=place) for place in places)
        cells.append(SimpleNamespace(name=name, same_as=None, runs=runs))
    pairs = [(name, "baseline") for name in scores if name != "baseline"]
    return SimpleNamespace(
        cells=SimpleNamespace(design=cells),
        study=SimpleNamespace(seeds=tuple(range(10))),
        frozen=SimpleNamespace(pairs=lambda: pairs, test=PlannedTest(len(pairs))),
    )


def test_a_study_asks_for_the_seeds_of_what_is_not_decided(tmp_path):
    start = study_of(tmp_path, {"baseline": [], "-x": []})
    assert interim_analysis.wanted(start) == {"baseline": 3, "-x": 3}
    (tmp_path / "b").mkdir()
    calm = [0.90, 0.902, 0.898, 0.901]
    some = study_of(tmp_path / "b", {"baseline": calm, "-x": [0.5, 0.501, 0.499, 0.5], "-y": [0.9, 0.899, 0.903, 0.9]})
    assert interim_analysis.wanted(some) == {"baseline": 5, "-y": 5}
    assert interim_analysis.decisions(some)["-x", "baseline"].verdict == WORSE


def test_a_run_that_diverged_is_made_up_for_and_three_are_a_finding(tmp_path):
    for name in "abc":
        (tmp_path / name).mkdir()
    calm = [0.9, 0.901, 0.899, 0.902]
    one = study_of(tmp_path / "a", {"baseline": calm, "-x": [None, *calm[:3]]})
    assert interim_analysis.wanted(one) == {"baseline": 4, "-x": 5}
    base = study_of(tmp_path / "b", {"baseline": [None, *calm[:2]], "-x": calm[:3]})
    assert interim_analysis.wanted(base) == {"baseline": 4, "-x": 3}
    lost = study_of(tmp_path / "c", {"baseline": calm, "-x": [*calm, None, None, None]})
    assert interim_analysis.wanted(lost) == {}
    assert interim_analysis.decisions(lost)["-x", "baseline"].verdict == INCONCLUSIVE


def test_no_seed_that_cannot_come_is_waited_for(tmp_path):
    """Ten seeds, of which one diverged, are nine."""
    values = [0.9 + (i * 7 % 10) / 1000 for i in range(10)]
    made = study_of(tmp_path, {"baseline": values, "-x": [None, *values[:9]]})
    assert interim_analysis.wanted(made) == {}
    assert interim_analysis.decisions(made)["-x", "baseline"] == sequential.Decision(INCONCLUSIVE, 10)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"stopping": "done"}, ("stopping", "done", "fixed or sequential")),
        ({"stopping": ["fixed"]}, ("stopping", "fixed or sequential")),
        ({"max_seeds": 9}, ("max_seeds: 9", "stopping: sequential")),
        ({"stopping": "fixed", "max_seeds": 9}, ("max_seeds: 9", "stopping: sequential")),
        ({"stopping": "sequential", "max_seeds": 3}, ("max_seeds", "3", "4")),
        ({"stopping": "sequential", "max_seeds": True}, ("max_seeds",)),
        ({"stopping": "sequential", "design": "factorial"}, ("stopping", "factorial")),
        ({"stopping": "sequential", "seeds": [0, 1, 2, 3], "max_seeds": 9}, ("seeds", "max_seeds")),
        ({"until": "decided"}, ("study.until", "stopping")),
    ],
)
def test_what_cannot_be_added_to_is_refused(keys, words):
    with pytest.raises(AblateError) as refusal:
        parsing.parse("mine", BASE | keys, [], lambda word: True)
    assert all(word in str(refusal.value) for word in words)


def test_the_most_seeds_are_those_of_the_plan():
    seeds = parsing.parse("mine", BASE | {"stopping": "sequential", "seeds": 5}, [], lambda word: True).seeds
    assert seeds == tuple(range(spec.DEFAULT_MAX_SEEDS))
    study = parsing.parse("mine", BASE | {"stopping": "sequential", "max_seeds": 7}, [], lambda word: True)
    assert study.seeds == tuple(range(7)) and study.sequential
    for fixed in ({}, {"stopping": "fixed"}, {"stopping": None}):
        study = parsing.parse("mine", BASE | fixed, [], lambda word: True)
        assert (study.stopping, study.seeds) == ("fixed", tuple(range(spec.DEFAULT_SEEDS)))
    told = BASE | {"stopping": "sequential", "seeds": [7, 3, 5, 1, 9], "max_seeds": 4}
    assert parsing.parse("mine", told, [], lambda word: True).seeds == (1, 3, 5, 7)


@pytest.mark.parametrize(
    ("codes", "ran", "code"), [([0, 2, 0], 3, 2), ([0, 143, 0], 2, 143), ([130], 1, 130), ([], 0, 0)]
)
def test_a_signal_ends_the_rounds(codes, ran, code):
    asked = []
    given = orchestration.run_rounds(
        [[i] for i in range(len(codes))], lambda batch: asked.append(batch) or codes[batch[0]]
    )
    assert (len(asked), given) == (ran, code)
