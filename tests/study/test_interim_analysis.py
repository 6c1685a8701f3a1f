"""Which seeds a study asks for next, while seeds are added."""

from types import SimpleNamespace

from ablation.rundir import record as rundir_record
from ablation.rundir.plan_parts import PlannedTest
from ablation.rundir.record import RunRecord
from ablation.rundir.record_parts import DataRecord, Metrics
from ablation.statistics import sequential
from ablation.statistics.verdict import INCONCLUSIVE, WORSE
from ablation.study import interim_analysis


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
