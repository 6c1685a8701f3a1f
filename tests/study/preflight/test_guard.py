"""What is no ablation is refused before training, with cell, key and both values; what is one is let through."""

from dataclasses import replace

import pytest
from support import studies

from ablation.errors import AblateError
from ablation.study import orchestration, parsing
from ablation.study.plan import Plan
from ablation.study.preflight import guard, probe

trains = pytest.mark.integration  # a few steps of each cell


@pytest.fixture(scope="module")
def in_this_process(exact):
    """Cells are tried in this process, each once: what a process of its own adds is tested in `test_study`."""
    known = {}

    def results(tasks, cores):
        for task in tasks:
            key = (task.work, repr(replace(task.config, outputs="")))  # a baseline is tried once for all tests
            if key not in known:
                known[key] = probe.do(task)
            yield probe.Done(task, known[key])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probe, "results", results)
        yield


def planned(quick, tmp_path, declared, typed=()) -> Plan:
    study = parsing.parse("mine", declared, [*typed, f"outputs={tmp_path}"], quick.is_simple)
    return orchestration.compile_plan(study, quick)


@trains
@pytest.mark.parametrize(
    ("declared", "typed", "words"), [row[1:] for row in studies.DYNAMIC], ids=[row[0] for row in studies.DYNAMIC]
)
def test_a_broken_study_is_refused_before_training(quick, in_this_process, tmp_path, declared, typed, words):
    plan = planned(quick, tmp_path, declared, typed)
    with pytest.raises(AblateError) as refusal:
        orchestration.begin(plan, 2)
    assert all(word in str(refusal.value) for word in words), str(refusal.value)
    assert not plan.place.exists() and "Nothing was started" in str(refusal.value)


@trains
@pytest.mark.parametrize(
    ("declared", "typed"), [row[1:] for row in studies.SOUND], ids=[row[0] for row in studies.SOUND]
)
def test_a_sound_study_is_let_through(quick, in_this_process, tmp_path, declared, typed):
    plan = planned(quick, tmp_path, declared, typed)
    runs = orchestration.begin(plan, 2)
    assert len(runs) == len({run.where for run in runs}) == len(plan.cells.design) * len(plan.study.seeds)
    assert plan.place.exists()
    again = planned(quick, tmp_path, declared, typed)
    assert again.checked and again.hash == plan.hash and not again.changes()


@pytest.fixture
def answers(monkeypatch, smoke_test):
    """A preflight process that gives the answers of a dict, {(name of the test, cell): result}; else a sound one."""
    given, asked = {}, []

    def results(tasks, cores):
        for task in tasks:
            asked.append((task.work.__name__, task.key))
            unlike = smoke_test(weights=task.key) if task.key != "baseline" else smoke_test()
            yield probe.Done(task, given.get((task.work.__name__, task.key), unlike))

    monkeypatch.setattr(probe, "results", results)
    return given, asked


PARTS = {"norm": ["model.norm=none"], "width": ["model.width=8"]}


def test_what_was_found_sound_is_not_tried_again(quick, tmp_path, answers, capsys):
    plan = planned(quick, tmp_path, {"baseline": studies.BASE, "components": PARTS})
    guard.guard_cells(plan, 2)
    assert answers[1] == [("smoke_test", name) for name in ("baseline", "-norm", "-width")]
    assert capsys.readouterr().out == "Preflight check: all 3 cells train, and every removal has an effect\n"
    assert len(plan.checked) == 3 and {len(kept) for kept in plan.checked.values()} == {5}
    answers[1].clear()
    guard.guard_cells(plan, 2)
    assert answers[1] == [] and capsys.readouterr().out == ""


def test_every_cell_that_does_not_train_is_named(quick, tmp_path, answers, smoke_test):
    plan = planned(quick, tmp_path, {"baseline": studies.BASE, "components": PARTS})
    answers[0]["smoke_test", "-norm"] = probe.Failure("ValueError: no")
    answers[0]["smoke_test", "-width"] = smoke_test(finite=False)
    with pytest.raises(AblateError) as refusal:
        guard.guard_cells(plan, 2)
    paragraphs = str(refusal.value).split("\n")
    assert "cell -norm" in paragraphs[0] and "ValueError: no" in paragraphs[0]
    assert "cell -width" in paragraphs[1] and "not finite" in paragraphs[1]
    assert paragraphs[2:] == ["Nothing was started."] and not plan.checked


@pytest.mark.parametrize("acts", [True, False])
def test_a_removal_without_effect_gets_more_steps_where_it_may_act_late(quick, tmp_path, answers, smoke_test, acts):
    clip = {"clip": {"remove": ["train.clipnorm=1"], "with": []}}
    plan = planned(quick, tmp_path, {"baseline": studies.BASE, "components": clip})
    answers[0]["smoke_test", "-clip"] = smoke_test(recipe={"optimizer.clipnorm": "1"})
    answers[0]["long_smoke_test", "baseline"] = smoke_test(taken=60)
    answers[0]["long_smoke_test", "-clip"] = smoke_test(taken=60, weights="others" if acts else "weights")
    if acts:
        guard.guard_cells(plan, 2)
    else:
        with pytest.raises(AblateError, match="after 60 steps are bit-exact"):
            guard.guard_cells(plan, 2)
    assert answers[1][2:] == [("long_smoke_test", "baseline"), ("long_smoke_test", "-clip")]


def test_of_a_large_factorial_only_the_barest_cell_is_tried_beside_single_removals(quick, tmp_path, answers):
    names = ("width", "momentum", "warmup", "activation", "residual", "initializer", "order")
    removals = ["model.width=8", "train.momentum=0.5", "train.warmup=0.1", "model.activation=elu"]
    removals += ["model.residual=false", "model.initializer=glorot_uniform", "data.augment=crop"]
    parts = {name: [removal] for name, removal in zip(names, removals, strict=True)}
    plan = planned(quick, tmp_path, {"baseline": studies.BASE, "components": parts, "design": "factorial"})
    guard.guard_cells(plan, 2)
    tried = [cell for _, cell in answers[1]]
    assert len(tried) == 1 + 7 + 1 and tried[-1] == " ".join(f"-{name}" for name in names)


def test_two_components_with_one_effect_are_refused_and_others_are_not(quick, tmp_path, answers, smoke_test):
    plan = planned(quick, tmp_path, {"baseline": studies.BASE, "components": PARTS})
    answers[0]["smoke_test", "-norm"] = answers[0]["smoke_test", "-width"] = smoke_test(weights="the same")
    with pytest.raises(
        AblateError, match="removing norm and removing width have the same effect.*Leave one of them out"
    ):
        guard.guard_cells(plan, 2)
    assert not plan.checked
    answers[0]["smoke_test", "-width"] = smoke_test(weights="the same", loss="another")
    guard.guard_cells(plan, 2)
    assert len(plan.checked) == 3


def test_what_is_not_coupled_is_said_each_time_and_kept_in_the_plan(quick, tmp_path, answers, smoke_test, capsys):
    file = tmp_path / "net.py"
    file.write_text("def build(s, c, *, attention: bool = True): return attention\nNETWORKS = {'mine': build}\n")
    declared = {"baseline": ["model=mine", "data=digits"], "components": {"attention": ["model.attention=false"]}}
    plan = planned(quick, tmp_path, declared, [f"plugins=[{file}]"])
    answers[0]["smoke_test", "baseline"] = smoke_test(unnamed={"Dense(4,4)": ["dense", "dense_1"]}, initial={"a": "1"})
    answers[0]["smoke_test", "-attention"] = smoke_test(unnamed={"Dense(4,4)": ["dense"]}, initial={"a": "2"}, loss="x")
    for _ in range(2):
        guard.guard_cells(plan, 2)
        said = " ".join(capsys.readouterr().out.split())
        assert (
            "Note: -attention and baseline are not coupled in 2 layers Dense(4,4) (dense and dense_1; -attention"
            in said
        )
        assert "-attention starts 1 weight from other values than the baseline: a" in said
