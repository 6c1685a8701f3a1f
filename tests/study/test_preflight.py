"""What is no ablation is refused before training, with cell, key and both values; what is one is let through."""

import pytest
from support import studies

from ablation.errors import AblateError
from ablation.study import orchestration, parsing
from ablation.study.preflight import probe


@pytest.fixture(scope="module")
def here(exact):
    """Cells are tried in this process, each once: what a process of its own adds is tested in `test_study`."""
    known = {}

    def results(tasks, cores):
        for task in tasks:
            key = (task.work, repr(task.config))
            if key not in known:
                known[key] = probe.do(task)
            yield probe.Done(task, known[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probe, "results", results)
        yield


def made(quick, tmp_path, told, typed):
    return orchestration.compile_plan(
        parsing.parse("mine", told, [*typed, f"outputs={tmp_path}"], quick.is_simple), quick
    )


@pytest.mark.parametrize(
    ("told", "typed", "words"), [row[1:] for row in studies.STATIC], ids=[r[0] for r in studies.STATIC]
)
def test_a_broken_study_is_refused_from_its_words(quick, tmp_path, told, typed, words):
    with pytest.raises(AblateError) as refusal:
        made(quick, tmp_path, told, typed)
    assert all(word in str(refusal.value) for word in words), str(refusal.value)
    assert "mine" in str(refusal.value) and not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("told", "typed", "words"), [r[1:] for r in studies.DYNAMIC], ids=[r[0] for r in studies.DYNAMIC]
)
def test_a_broken_study_is_refused_before_training(quick, here, tmp_path, told, typed, words):
    plan = made(quick, tmp_path, told, typed)
    with pytest.raises(AblateError) as refusal:
        orchestration.begin(plan, 2)
    assert all(word in str(refusal.value) for word in words), str(refusal.value)
    assert not plan.place.exists() and "Nothing was started" in str(refusal.value)


@pytest.mark.parametrize(("told", "typed"), [row[1:] for row in studies.SOUND], ids=[row[0] for row in studies.SOUND])
def test_a_sound_study_is_let_through(quick, here, tmp_path, told, typed):
    plan = made(quick, tmp_path, told, typed)
    runs = orchestration.begin(plan, 2)
    assert len(runs) == len({run.where for run in runs}) == len(plan.cells.design) * len(plan.study.seeds)
    assert plan.place.exists()
    again = made(quick, tmp_path, told, typed)
    assert again.checked and again.hash == plan.hash and not again.changes()
