"""Which seeds a study asks for next, while seeds are added."""

from types import SimpleNamespace

import pytest

from ablation.rundir import record as rundir_record
from ablation.rundir.plan_parts import PlannedTest
from ablation.rundir.record import RunRecord
from ablation.rundir.record_parts import DataRecord, Metrics
from ablation.statistics import sequential
from ablation.statistics.arm import Arm
from ablation.statistics.pair import Pair
from ablation.statistics.sequential import Decision
from ablation.statistics.verdict import INCONCLUSIVE, WORSE
from ablation.study import interim_analysis

CALM = [0.90, 0.902, 0.898, 0.901]
MISSING, DIVERGED = "missing", None


def study_of(place, scores, comparisons=None, paired=None):
    """A plan whose runs lie on disk: {cell: accuracies of its first seeds, DIVERGED or MISSING}, at most ten.

    comparisons: that the plan counts, with those of plans before it. paired: the cells paired by seed; all by default.
    """
    cells = []
    for name, values in scores.items():
        folders = [place / f"{name}{seed}" for seed in range(10)]
        for folder, value in zip(folders, values, strict=False):
            if value is not MISSING:
                folder.mkdir(parents=True)
                rundir_record.write_record(folder, record_of(value))
        runs = tuple(SimpleNamespace(last=folder) for folder in folders)
        cells.append(SimpleNamespace(name=name, same_as=None, runs=runs))
    pairs = [(name, "baseline") for name in scores if name != "baseline"]
    test = PlannedTest(len(pairs), {}, tuple(scores) if paired is None else paired)
    return SimpleNamespace(
        cells=SimpleNamespace(design=cells),
        study=SimpleNamespace(seeds=tuple(range(10)), program=None),
        frozen=SimpleNamespace(
            pairs=lambda: pairs, test=test, comparisons_with_history=lambda: comparisons or len(pairs)
        ),
    )


def record_of(value) -> RunRecord:
    """The record of a run with this accuracy on 1,000 images, or of one that diverged."""
    data = DataRecord("digits", train=None, validation=1000, test=1000, digest="0")
    if value is DIVERGED:
        return RunRecord("diverged", data=data, metrics=Metrics({}))
    metrics = {"final": {"epoch": 1, "val_accuracy": value}, "test": {"accuracy": value}}
    return RunRecord("completed", data=data, metrics=Metrics(metrics))


def test_a_study_asks_for_the_seeds_of_what_is_not_decided(tmp_path):
    start = study_of(tmp_path / "start", {"baseline": [], "-x": []})
    assert interim_analysis.wanted(start) == {"baseline": 3, "-x": 3}
    scores = {"baseline": CALM, "-x": [0.5, 0.501, 0.499, 0.5], "-y": [0.9, 0.899, 0.903, 0.9]}
    under_way = study_of(tmp_path / "under_way", scores)
    assert interim_analysis.wanted(under_way) == {"baseline": 5, "-y": 5}
    decisions = interim_analysis.decisions(under_way)
    assert list(decisions) == [("-x", "baseline"), ("-y", "baseline")]
    assert decisions["-x", "baseline"].verdict == WORSE and decisions["-x", "baseline"].look.n == 3
    assert decisions["-y", "baseline"].verdict == sequential.WAITING and decisions["-y", "baseline"].seeds == 5


def test_a_replacement_of_a_diverged_run_is_for_both_sides(tmp_path):
    """A look counts complete pairs."""
    of_arm = study_of(tmp_path / "of_arm", {"baseline": CALM[:3], "-x": [DIVERGED, *CALM[:2]]})
    assert interim_analysis.wanted(of_arm) == {"baseline": 4, "-x": 4}
    of_baseline = study_of(tmp_path / "of_baseline", {"baseline": [DIVERGED, *CALM[:2]], "-x": CALM[:3]})
    assert interim_analysis.wanted(of_baseline) == {"baseline": 4, "-x": 4}
    twice = study_of(tmp_path / "twice", {"baseline": [DIVERGED, *CALM], "-x": [*CALM[:3], DIVERGED, 0.9]})
    assert interim_analysis.wanted(twice) == {"baseline": 6, "-x": 6}
    same_seed = study_of(tmp_path / "same_seed", {"baseline": [DIVERGED, *CALM], "-x": [DIVERGED, *CALM[::-1]]})
    assert interim_analysis.wanted(same_seed) == {"baseline": 6, "-x": 6}


def test_only_what_diverged_among_the_seeds_of_a_look_is_replaced(tmp_path):
    """The baseline ran ahead, for another comparison."""
    study = study_of(tmp_path, {"baseline": [*CALM, 0.9, DIVERGED], "-x": CALM[2::-1]})
    assert interim_analysis.wanted(study) == {"baseline": 4, "-x": 4}


def test_three_diverged_runs_are_a_finding_and_are_not_replaced(tmp_path):
    lost = study_of(tmp_path, {"baseline": [*CALM, 0.9, 0.9, 0.9], "-x": [*CALM[::-1], DIVERGED, DIVERGED, DIVERGED]})
    assert interim_analysis.wanted(lost) == {}
    decision = interim_analysis.decisions(lost)["-x", "baseline"]
    assert (decision.verdict, decision.look.n) == (INCONCLUSIVE, 4)


def test_three_diverged_runs_of_one_component_stop_only_its_own_comparison(tmp_path):
    lost = [DIVERGED, DIVERGED, DIVERGED, 0.9]
    study = study_of(tmp_path, {"baseline": CALM, "-x": lost, "-y": [0.9, 0.899, 0.903, 0.9]})
    assert interim_analysis.wanted(study) == {"baseline": 5, "-y": 5}


def test_no_seed_that_cannot_come_is_waited_for(tmp_path):
    """Ten seeds, of which one diverged, are nine pairs."""
    values = [0.9 + (i * 7 % 10) / 1000 for i in range(10)]
    study = study_of(tmp_path, {"baseline": values, "-x": [DIVERGED, *values[:9]]})
    assert interim_analysis.wanted(study) == {}
    decision = interim_analysis.decisions(study)["-x", "baseline"]
    assert (decision.verdict, decision.look.n) == (INCONCLUSIVE, 9)


@pytest.mark.parametrize("of", ["baseline", "-x"])
def test_a_missing_run_is_asked_for_before_any_look_behind_it(tmp_path, of):
    """Without the third seed the others would decide; with it nothing is clear."""
    scores = {"baseline": [*CALM, 0.9], "-x": [0.5, 0.501, 0.499, 0.5, 0.502]}
    scores[of] = [*scores[of][:2], MISSING, *scores[of][3:]]
    study = study_of(tmp_path, scores)
    assert interim_analysis.decisions(study)["-x", "baseline"].verdict == sequential.WAITING
    assert interim_analysis.wanted(study) == {"baseline": 3, "-x": 3}


def test_comparisons_of_earlier_plans_count(tmp_path):
    """At the third of three seeds, p = 0.0013: clear for one comparison, and not for a hundred."""
    scores = {"baseline": CALM[:3], "-x": [0.83, 0.835, 0.832]}
    alone, among = study_of(tmp_path / "alone", scores), study_of(tmp_path / "among", scores, comparisons=100)
    assert interim_analysis.decisions(alone)["-x", "baseline"].verdict == WORSE
    assert interim_analysis.wanted(among) == {"baseline": 4, "-x": 4}


def test_each_comparison_has_the_test_of_its_plan(tmp_path):
    """Runs of equal seed share their luck: by seed the difference is clear, over the means it is not."""
    scores = {"baseline": [0.80, 0.90, 0.70, 0.60], "-x": [0.78, 0.879, 0.681, 0.58]}
    by_seed, over_seeds = study_of(tmp_path / "by_seed", scores), study_of(tmp_path / "over_seeds", scores, paired=())
    assert interim_analysis.decisions(by_seed)["-x", "baseline"].verdict == WORSE
    assert interim_analysis.decisions(over_seeds)["-x", "baseline"].verdict == sequential.WAITING


def test_a_program_that_ignores_its_seed_or_its_flag_is_not_decided():
    def arm(*values):
        return Arm("x", dict(enumerate(values)))

    worse, waiting = Decision(WORSE, 3), Decision(sequential.WAITING, 5)
    deaf, same = Pair(arm(0.1, 0.1, 0.1), arm(0.5, 0.6, 0.7)), Pair(arm(0.5, 0.6), arm(0.5, 0.6))
    for pair in (deaf, same):
        assert interim_analysis._unless_deaf(pair, worse).verdict == "not judged"
        assert interim_analysis._unless_deaf(pair, waiting) == waiting  # further seeds may differ
    assert interim_analysis._unless_deaf(Pair(arm(0.1, 0.2), arm(0.5, 0.6)), worse) == worse
