"""From runs on disk to judged arms: by a study's plan or a named baseline, whatever lies where in which order."""

import json
import random
import shlex
import shutil
from dataclasses import replace
from math import isnan
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support import studies
from support.fake_runs import config, history, sweep, write

from ablation.cli import ablate_compare
from ablation.cli.compare_arguments import CompareArguments
from ablation.comparison.analysis import compare
from ablation.comparison.reading import load
from ablation.errors import AblateError
from ablation.report.tables import export
from ablation.report.tables.build import build_table
from ablation.report.wording import findings
from ablation.rundir import discovery, files, study_plan
from ablation.statistics import arm
from ablation.statistics import verdict as statistics_verdict
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCONCLUSIVE, TOO_FEW, WORSE
from ablation.study import orchestration, parsing

PARTS = {"shortcut": ["model.residual=false"], "init": ["model.initializer=glorot_uniform"]}


def ran(quick, outputs: Path, scores: dict[str, list[float]], **told):
    """A study that was planned and run: {cell: accuracy of each seed}."""
    told = {"baseline": studies.BASE, "components": PARTS, "seeds": 5, **told}
    plan = orchestration.compile_plan(parsing.parse("mine", told, [f"outputs={outputs}"], quick.is_simple), quick)
    plan.save()
    for cell in plan.cells.design:
        for where, seed, score in zip(cell.runs, plan.study.seeds, scores.get(cell.name, []), strict=False):
            write(outputs, replace(cell.config, seed=seed), history(accuracy=score), fingerprint=where.fingerprint)
    return plan


CALM = [0.90, 0.902, 0.898, 0.901, 0.899]


def lower(by):
    return [score - by for score in CALM]


def told(*paths, **more):
    return compare.compare(load.load(paths), **more)


def test_a_study_is_judged_by_its_plan(quick, tmp_path):
    plan = ran(quick, tmp_path, {"baseline": CALM, "-shortcut": lower(0.3), "-init": lower(0.0005)})
    made = told(tmp_path)
    assert (made.study, made.baseline, made.comparisons, made.plan) == ("mine", "baseline", 2, plan.hash)
    assert [(row.label, row.result and row.result.verdict) for row in made.variants] == [
        ("baseline", None), ("-shortcut", WORSE), ("-init", INCONCLUSIVE),
    ]  # fmt: skip
    said = findings.sentences(made)
    assert said[0].startswith("-shortcut is worse: -0.300 test accuracy") and "-init" in said[1]
    assert made.variants[1].differs == {"model.residual": ("true", "false"), "model.shortcut": ("projection", "null")}


def test_a_seed_that_is_missing_is_told_and_two_give_no_verdict(quick, tmp_path):
    ran(quick, tmp_path, {"baseline": CALM, "-shortcut": lower(0.3)[:2], "-init": CALM})
    made = told(tmp_path)
    assert made.variant("-shortcut").result.verdict == TOO_FEW
    assert any("-shortcut has 2 of 5" in sentence for sentence in findings.sentences(made))


def test_an_arm_or_a_baseline_without_a_run_is_told(quick, tmp_path):
    ran(quick, tmp_path / "arm", {"baseline": CALM, "-shortcut": lower(0.3)})
    assert "No verdict on -init: no run of -init has completed." in findings.sentences(told(tmp_path / "arm"))
    ran(quick, tmp_path / "base", {"-shortcut": lower(0.3), "-init": CALM})
    said = findings.sentences(told(tmp_path / "base"))
    assert "No verdict on -shortcut and -init: no run of baseline has completed." in said
    write(tmp_path / "one", config(), history(2))
    assert findings.sentences(told(tmp_path / "one", baseline="resnet34")) == [
        "There is nothing to compare resnet34 with."
    ]


def test_of_a_factorial_the_effects_are_judged(quick, tmp_path):
    scores = {"baseline": CALM, "-shortcut": lower(0.2), "-init": CALM, "-shortcut -init": lower(0.2)}
    ran(quick, tmp_path, scores, design="factorial", seeds=3)
    made = told(tmp_path)
    main = {effect.components: effect.verdict for effect in made.effects if effect.kind == "main effect"}
    assert main == {("shortcut",): WORSE, ("init",): INCONCLUSIVE}
    assert {row.result.verdict for row in made.variants if row.result} == {""} and made.comparisons == 2
    said = "Removing shortcut is worse, averaged over all other components: -0.200"
    assert findings.sentences(made)[0].startswith(said)


def test_two_seeds_of_a_factorial_give_no_verdict_however_many_its_runs(quick, tmp_path):
    scores = {"baseline": CALM, "-shortcut": lower(0.2), "-init": CALM, "-shortcut -init": lower(0.2)}
    ran(quick, tmp_path, scores, design="factorial", seeds=2)
    made = told(tmp_path)
    assert {effect.verdict for effect in made.effects if effect.kind == "main effect"} == {TOO_FEW}
    assert "Too few seeds for a verdict on main effects." in findings.sentences(made)


def test_a_cell_that_is_no_comparison_bars_the_effects(quick, tmp_path):
    scores = {"baseline": CALM, "-shortcut": lower(0.2), "-init": CALM}
    plan = ran(quick, tmp_path, scores, design="factorial", seeds=3)
    cell = plan.cells.design[-1]
    for where, seed in zip(cell.runs, plan.study.seeds, strict=True):
        changed = {"fingerprint": where.fingerprint, "steps.total": 999}
        write(tmp_path, replace(cell.config, seed=seed), history(accuracy=0.9 + seed / 100), **changed)
    made = told(tmp_path)
    assert made.variant(cell.name).comparability.blocking and made.effects == ()
    assert any(sentence.startswith("Effects were not tested") for sentence in made.warnings)


def test_of_a_small_fraction_it_is_told_what_its_effects_are_mixed_with(quick, tmp_path):
    parts = {**PARTS, "activation": ["model.activation=elu"]}
    for design, mixed in ({"design": "fractional", "resolution": 3}, True), ({"design": "factorial"}, False):
        out = tmp_path / design["design"]
        names = [cell.name for cell in ran(quick, out / "plan", {}, components=parts, seeds=3, **design).cells.design]
        ran(quick, out / "runs", dict.fromkeys(names, CALM), components=parts, seeds=3, **design)
        made = told(out / "runs")
        assert made.effects and any("interaction of two other components" in text for text in made.warnings) == mixed


def test_effects_of_two_seeds_have_no_p_of_a_verdict(quick, tmp_path):
    scores = {"baseline": CALM, "-shortcut": lower(0.2), "-init": CALM, "-shortcut -init": lower(0.2)}
    ran(quick, tmp_path, scores, design="factorial", seeds=2)
    made = told(tmp_path)
    main = [effect for effect in made.effects if effect.kind == "main effect"]
    assert main[0].p < 0.01 and all(effect.verdict == TOO_FEW and isnan(effect.p_holm) for effect in main)
    said = findings.sentences(made)
    assert "Too few seeds for a verdict on main effects." in said and not any("Welch" in text for text in said)


def test_a_cumulative_study_compares_each_to_the_one_before(quick, tmp_path):
    ran(
        quick, tmp_path, {"baseline": CALM, "-shortcut": lower(0.2), "-shortcut -init": lower(0.2)}, design="cumulative"
    )
    made = told(tmp_path)
    assert [row.reference for row in made.variants] == [None, "baseline", "-shortcut"]
    assert [row.result.verdict for row in made.variants[1:]] == [WORSE, INCONCLUSIVE]


def test_a_study_that_adds_seeds_is_judged_as_they_came(quick, tmp_path):
    scores = {"baseline": CALM, "-shortcut": lower(0.3)[:3], "-init": CALM[:4]}
    ran(quick, tmp_path, scores, stopping="sequential", max_seeds=6)
    made = told(tmp_path)
    assert [row.result.verdict for row in made.variants[1:]] == [WORSE, "not yet decided"]
    said = " ".join(findings.sentences(made))
    assert "Lan-DeMets" in said and "planned" not in said
    written = json.loads(export.json(build_table(made)))
    assert written["max_seeds"] == 6 and "Lan and DeMets" in written["looks"] and written["plan"] == made.plan
    assert not written["exploratory"] and written["test"] == "welch" and written["correction"] == "holm"
    assert [(one["verdict"], one["excluded"]) for one in written["variants"]] == [
        (None, None), ("worse", None), (None, "not yet decided"),
    ]  # fmt: skip


def test_of_a_study_that_adds_seeds_what_is_open_at_its_last_look_may_be_equivalent(quick, tmp_path):
    """No look before had chosen it, so that one test of equivalence holds its level."""
    for seeds, verdict in ((4, "not yet decided"), (5, EQUIVALENT)):
        out = tmp_path / str(seeds)
        scores = {"baseline": CALM, "-shortcut": lower(0.3)[:3], "-init": CALM[:seeds]}
        ran(quick, out, scores, stopping="sequential", max_seeds=5)
        assert [row.result.verdict for row in told(out, margin=0.5).variants[1:]] == [WORSE, verdict]


def test_no_seed_is_waited_for_that_the_study_does_not_add(quick, tmp_path):
    """By another metric than the study's, and where three runs of an arm diverged."""
    plan = ran(
        quick, tmp_path, {"baseline": CALM[:3], "-shortcut": lower(0.3)[:3], "-init": CALM[:3]}, stopping="sequential"
    )
    waiting = {row.label: row.result.verdict for row in told(tmp_path).variants[1:]}
    assert waiting == {"-shortcut": WORSE, "-init": "not yet decided"}
    assert told(tmp_path, metric="test_accuracy").variant("-init").result.verdict == "not yet decided"
    for more in ({"metric": "val_loss"}, {"metric": "val_accuracy", "select": "best_val"}):
        assert told(tmp_path, **more).variant("-init").result.verdict == INCONCLUSIVE
    cell = next(cell for cell in plan.cells.design if cell.name == "-init")
    for seed in (3, 4, 5):
        lost = {"fingerprint": cell.runs[seed].fingerprint, "status": "diverged"}
        write(tmp_path, replace(cell.config, seed=seed), history(), **lost)
    assert told(tmp_path).variant("-init").result.verdict == INCONCLUSIVE


def test_what_was_run_another_way_is_refused_and_named(quick, tmp_path):
    plan = ran(quick, tmp_path, {"baseline": CALM, "-shortcut": CALM})
    cell = next(cell for cell in plan.cells.design if cell.name == "-init")
    for where, seed in zip(cell.runs, plan.study.seeds, strict=True):
        write(
            tmp_path, replace(cell.config, seed=seed), history(), fingerprint=where.fingerprint, **{"steps.total": 999}
        )
    made = told(tmp_path)
    refused = made.variant("-init")
    assert refused.result is None and [each.key for each in refused.comparability.blocking] == ["steps.total"]
    assert any("-init" in text and "steps.total (999, not 102)" in text for text in findings.sentences(made))
    assert ablate_compare.compare(CompareArguments([tmp_path], tmp_path / "out")) == 2


def _twisted(told, path):
    """The plan with another thing in one place, and the hash that goes with it."""
    *parents, last = path
    node = told
    for part in parents:
        node = node[part]
    for odd in (None, 7, "odd", [], {}, [[1]], {"odd": 1}):
        node[last] = odd
        told["hash"] = files.digest({k: told[k] for k in study_plan.FROZEN})
        yield json.dumps(told)


PLACES = [
    *(("study", key) for key in ("name", "components", "seeds", "stopping", "typed", "question")),
    *(("cells", 1, key) for key in ("name", "levels", "runs", "removed", "with", "differs", "same_as", "budget")),
    *(("cells", 0, "runs", "0"), ("cells", 1, "levels", "init"), ("cells", 1, "differs", "model.residual")),
    *(("study",), ("test",), ("test", "comparisons"), ("cells",), ("cells", 2), ("comparisons",), ("fraction",)),
]


@pytest.mark.parametrize("design", ["leave_one_out", "factorial"])
def test_a_plan_that_no_study_writes_ends_nothing(quick, tmp_path, design):
    cells = ("baseline", "-shortcut", "-init", "-shortcut -init")
    plan = ran(quick, tmp_path, dict.fromkeys(cells, CALM), design=design, seeds=3)
    whole = plan.place.read_text()
    for path in PLACES:
        for text in _twisted(json.loads(whole), path):
            plan.place.write_text(text)
            made = told(tmp_path)
            assert findings.sentences(made) is not None and all(isinstance(word, str) for word in made.cli_overrides)
    plan.place.write_text(whole)
    assert told(tmp_path).study == "mine"


def test_plans_are_in_order_and_not_looked_for_behind_a_link(quick, tmp_path):
    places = [tmp_path / "outputs" / "studies" / name / "plan.json" for name in "dbac"]
    for place in places:
        place.parent.mkdir(parents=True)
        place.write_text("{}")
    assert study_plan.plan_paths(tmp_path / "outputs") == sorted(places)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "studies").symlink_to(tmp_path / "outputs" / "studies")
    assert study_plan.plan_paths(tmp_path / "other") == []


def test_runs_of_no_cell_are_told(quick, tmp_path):
    ran(quick, tmp_path, {"baseline": CALM, "-shortcut": CALM, "-init": CALM})
    sweep(tmp_path, {"vgg16": 0.5})
    assert "3 runs belong to no cell of the study mine" in " ".join(told(tmp_path).warnings)


def test_a_named_baseline_judges_the_others(tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    made = told(tmp_path, baseline="resnet34")
    assert [row.label for row in made.variants] == ["resnet34", "plain34"]
    assert made.variant("plain34").result.verdict == WORSE
    assert told(tmp_path, baseline="plain34").variant("resnet34").result.verdict == BETTER
    assert (
        told(tmp_path, baseline="plain34", metric="val_loss").variant("resnet34").result.verdict == INCONCLUSIVE
    )  # no spread
    assert all(row.result is None for row in told(tmp_path).variants)


def test_beside_a_baseline_a_variant_is_called_as_it_was_without_one(tmp_path):
    for width in (1, 8, 16):
        sweep(tmp_path, {"resnet34": 0.9}, **{"model.width": width})
    made = told(tmp_path, baseline="width=16")
    assert [row.label for row in made.variants] == ["width=16", "width=1", "width=8"]
    assert told(tmp_path, baseline=made.baseline).baseline == "width=16"
    sweep(tmp_path, {"plain34": 0.5}, **{"model.width": 8})
    made = told(tmp_path, baseline="resnet34 width=16")
    assert [row.label for row in made.variants] == [
        "resnet34 width=16", "plain34 width=8", "resnet34 width=1", "resnet34 width=8",
    ]  # fmt: skip


def test_where_very_much_differs_the_baseline_alone_tells_all_of_it(tmp_path):
    usual = {"model.width": 4, "model.norm": "none", "train.epochs": 9, "data.limit": 100}
    for key, value in (("model.norm", "batch"), ("model.width", 8), ("train.epochs", 6), ("data.limit", 200)):
        sweep(tmp_path, {"resnet34": 0.9}, **{**usual, key: value})
    base = "width=4 norm=batch limit=100 epochs=9"
    made = told(tmp_path, baseline=base)
    assert [row.label for row in made.variants] == [
        base, "resnet34 norm=none epochs=6", "resnet34 norm=none limit=200", "resnet34 width=8 norm=none",
    ]  # fmt: skip
    assert told(tmp_path, baseline=made.baseline).baseline == base


def test_a_baseline_that_is_not_the_usual_one_takes_no_name_of_it(tmp_path):
    for keys in ({}, {"model.norm": "none"}, {"train.epochs": 6}, {"data.limit": 100}, {"model.width": 4}):
        sweep(tmp_path, {"resnet34": 0.9}, **keys)
    made = told(tmp_path, baseline="resnet34 norm=none")
    assert [row.label for row in made.variants][:2] == ["resnet34 norm=none", "resnet34"]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"baseline": "resnet43"}, "resnet34"),
        ({"baseline": ""}, "Unknown variant"),
        ({"metric": "acuracy"}, "accuracy"),
        ({"metric": "test_accuracy", "select": "best_val"}, "val_accuracy"),
    ],
)
def test_what_is_no_baseline_or_metric_is_one_paragraph(tmp_path, more, word):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    with pytest.raises(AblateError) as refusal:
        told(tmp_path, **more)
    assert word in str(refusal.value) and "\n" not in str(refusal.value)


@pytest.mark.parametrize("count", ["many", [1], -5, 10**400, True])
def test_a_count_of_training_images_that_is_none_is_not_believed(tmp_path, count):
    directory = write(tmp_path, config("plain34"), **{"data.train": count})
    assert load.load([tmp_path]).excluded == [(directory, "run.json has no usable data.train")]


@pytest.mark.parametrize("count", [0, None])
def test_an_unknown_count_of_training_images_gives_no_resolution(tmp_path, count):
    for seed in range(3):
        write(tmp_path, config("plain34", seed=seed), **{"data.train": count})
        write(tmp_path, config("resnet34", seed=seed))
    made = told(tmp_path, baseline="resnet34", metric="accuracy")
    assert made.metric.images == 1077 and [row.arm.resolution for row in made.variants] == [1 / 1077, 0]


def test_what_is_to_be_typed_is_one_word_of_a_shell(quick, tmp_path):
    for width in (4, 8):
        sweep(tmp_path / "runs", {"plain34": 0.5, "resnet34": 0.9}, **{"model.width": width})
    for name, label in (("resnet34", "resnet34 width=4"), ("resnet34 width=88", "resnet34 width=8")):
        with pytest.raises(AblateError) as error:
            told(tmp_path / "runs", baseline=name)
        assert shlex.split(str(error.value).rpartition("Type for example ")[2]) == [f"--baseline={label}"]
    plan = ran(quick, tmp_path / "study", {"baseline": CALM, "-shortcut": CALM, "-init": CALM}, seeds=3)
    study = replace(plan.frozen.study, typed=("model.repeats=[1,1]", "name=$(touch x); y"))
    plan.place.write_text(json.dumps(replace(plan.frozen, study=study).with_hash().to_json()))
    (line,) = ablate_compare._before(told(tmp_path / "study"))
    assert shlex.split(line) == ["ablate", "-m", "+study=mine", "model.repeats=[1,1]", "name=$(touch x); y"]


def test_a_label_that_begins_as_an_option_does_is_told_how_to_be_typed(capsys):
    with pytest.raises(SystemExit):
        ablate_compare.main(["outputs", "--baseline", "-shortcut"])
    assert "--baseline=-shortcut" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("values", "wanted", "said"),
    [
        (CALM, 0.001, "123 to 146 seeds would detect 0.001."),
        (CALM[:1] * 4, 0.01, "3 seeds would detect 0.01."),
        (CALM, 1e-9, "more than 10,000 seeds would detect 1e-09."),
    ],
)
def test_how_many_seeds_tell_a_difference_is_a_range_where_it_is_one(tmp_path, values, wanted, said):
    for seed, value in enumerate(values):
        for model in ("plain34", "resnet34"):
            write(tmp_path, config(model, seed=seed), history(accuracy=value))
    assert findings.seeds_sentence(told(tmp_path, baseline="resnet34"), wanted) == said


def test_of_a_factorial_the_seeds_that_tell_are_runs_on_each_side(quick, tmp_path):
    cells = ("baseline", "-shortcut", "-init", "-shortcut -init")
    ran(quick, tmp_path, dict.fromkeys(cells, CALM), design="factorial", seeds=3)
    assert findings.seeds_sentence(told(tmp_path), 0.01).endswith("runs on each side of an effect would detect 0.01.")


@pytest.mark.parametrize(("metric", "last", "best"), [("val_accuracy", 0.9, 0.95), ("test_accuracy", 0.89, 0.94)])
def test_the_best_epoch_is_another_than_the_last_where_it_is_asked_for(tmp_path, metric, last, best):
    """Test accuracy is then that of the weights of the best validation epoch."""
    changes = {"metrics.best.val_accuracy": 0.95, "metrics.test_best": {"loss": 0.2, "accuracy": 0.94}}
    write(tmp_path, config("resnet34"), history(accuracy=0.9), **changes)
    for select, mean in (("last", last), ("best_val", best)):
        (row,) = told(tmp_path, metric=metric, select=select).variants
        assert row.arm.mean == mean


def test_of_several_studies_the_one_with_most_runs_is_shown_or_the_one_that_is_named(quick, tmp_path):
    ran(quick, tmp_path, {"baseline": CALM, "-shortcut": lower(0.3), "-init": CALM})
    other = {"baseline": [*studies.BASE, "model.norm_momentum=0.8"], "components": {"init": PARTS["init"]}, "seeds": 3}
    plan = orchestration.compile_plan(parsing.parse("other", other, [f"outputs={tmp_path}"], quick.is_simple), quick)
    plan.save()
    for cell in plan.cells.design:
        for where, seed in zip(cell.runs, plan.study.seeds, strict=True):
            write(tmp_path, replace(cell.config, seed=seed), history(accuracy=0.5), fingerprint=where.fingerprint)
    made = told(tmp_path)
    assert made.study == "mine" and any("There are runs of other studies: other" in text for text in made.warnings)
    named = told(tmp_path, study="other")
    assert named.study == "other" and [row.label for row in named.variants] == ["baseline", "-init"]
    with pytest.raises(AblateError, match="Received --study=nobody. Allowed: mine, other"):
        told(tmp_path, study="nobody")


def test_a_study_that_is_named_where_none_is_says_what_to_type(tmp_path):
    write(tmp_path, config("resnet34"))
    with pytest.raises(AblateError, match=r"None of these runs belongs to a study.*--baseline NAME"):
        told(tmp_path, study="mine")


def test_without_a_baseline_it_is_said_what_no_label_says(tmp_path):
    for seed in range(3):
        write(tmp_path, config("plain34", seed=seed), code="aaaa")
        write(tmp_path, config("resnet34", seed=seed), code="bbbb")
    assert any("Variants differ in code too: aaaa in plain34, bbbb in resnet34" in t for t in told(tmp_path).warnings)
    assert not told(tmp_path, baseline="resnet34").warnings  # there the gate says it


def test_of_a_lone_variant_it_is_said_what_its_runs_differ_in(tmp_path):
    for seed, code in enumerate(("aaaa", "aaaa", "bbbb")):
        write(tmp_path, config("plain34", seed=seed), code=code)
    assert told(tmp_path).warnings == ("Runs of plain34 differ in code: aaaa (seeds 0 and 1) and bbbb (seed 2)",)


def test_the_least_step_of_an_arm_is_an_image_of_its_smallest_set(tmp_path):
    for seed, images in enumerate((100, 400, 200)):
        write(tmp_path, config(seed=seed), history(), **{"data.test": images})
    (row,) = told(tmp_path).variants
    assert row.arm.resolution == 1 / 100


@pytest.mark.parametrize("word", ["much", "-1", "0", "nan", "inf"])
def test_a_margin_that_is_none_is_one_paragraph(capsys, word):
    with pytest.raises(SystemExit):
        ablate_compare.main(["outputs", f"--margin={word}"])
    said = capsys.readouterr().err
    assert f"received '{word}'" in said and "0.01" in said and "_" not in said


def test_watching_goes_on_where_a_run_goes_away(monkeypatch, tmp_path):
    """Between looking for it and looking at it."""
    monkeypatch.setattr(discovery, "find", lambda paths: [tmp_path / "gone"])
    monkeypatch.setattr(ablate_compare.time, "sleep", lambda seconds: (_ for _ in ()).throw(KeyboardInterrupt))
    looked = []
    with pytest.raises(KeyboardInterrupt):
        ablate_compare.watch([tmp_path], lambda: looked.append(1))
    assert looked


def verdicts(made):
    return [(row.label, row.arm.values, row.result and (row.result.p, row.result.verdict)) for row in made.variants]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
@example(seed=387362)  # each run that is left beside the plan has a copy elsewhere
def test_neither_order_nor_copies_nor_overlapping_paths_change_anything(quick, tmp_path_factory, seed):
    place, chance = tmp_path_factory.mktemp("any"), random.Random(seed)
    scores = {name: [chance.uniform(0.5, 1) for _ in range(chance.randint(0, 5))] for name in ("-shortcut", "-init")}
    ran(quick, place / "outputs", {"baseline": CALM, **scores})
    before = verdicts(told(place / "outputs"))
    for run in sorted((place / "outputs").glob("resnet*"))[:4]:
        shutil.copytree(run, place / "copies" / run.name)
    (place / "moved").mkdir()
    for run in chance.sample(sorted((place / "outputs").glob("*-s*")), 3):
        shutil.move(run, place / "moved" / f"{chance.randint(0, 9**9)}{run.name}")
    paths = [place, place / "outputs", place / "moved", *(place / "outputs").iterdir()]
    chance.shuffle(paths)
    after = told(*paths)
    assert verdicts(after) == before
    assert all((row.result.verdict == TOO_FEW) == (min(row.arm.n, 5) < 3) for row in after.variants if row.result)


def test_of_thousands_of_seeds_regroupings_are_taken_to_be_normal():
    one, two = (arm.Arm(name, {i: (i * 7919 % 100) / 100 for i in range(5000)}) for name in "ab")
    (found,) = statistics_verdict.judge([(one, two)])
    assert not found.exhaustive and found.p_permutation == pytest.approx(1) and found.verdict == INCONCLUSIVE


def test_another_content_of_an_own_part_is_another_part(tmp_path):
    for model, accuracy, digest in (("plain34", 0.5, "aa"), ("resnet34", 0.9, "bb")):
        for seed in range(3):
            write(tmp_path, config(model, seed=seed), history(accuracy=accuracy + seed / 100), plugins=[digest])
    (refused,) = told(tmp_path, baseline="resnet34").variant("plain34").comparability.blocking
    assert (refused.key, refused.baseline, refused.variant) == ("plugins", "bb", "aa")


def test_an_own_part_in_one_arm_alone_is_refused(tmp_path):
    for model, own in (("plain34", ["aa"]), ("resnet34", [])):
        for seed in range(3):
            write(tmp_path, config(model, seed=seed), history(accuracy=0.9 + seed / 100), plugins=own)
    (refused,) = told(tmp_path, baseline="resnet34").variant("plain34").comparability.blocking
    assert (refused.key, refused.baseline, refused.variant) == ("plugins", "none", "aa")
