"""From runs on disk to judged arms: by a study's plan or a named baseline, whatever lies where in which order."""

import io
import json
import random
import shutil
from dataclasses import replace
from math import isnan

import pandas
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from support.comparisons import compared
from support.fake_runs import config, history, sweep, write
from support.finished_studies import CALM, PARTS, finish, lower

from ablation.cli import ablate_compare
from ablation.cli.compare.arguments import CompareArguments
from ablation.comparison.analysis.compare import compare
from ablation.comparison.experiments.grouping import find
from ablation.comparison.reading.load import load
from ablation.errors import AblateError
from ablation.report.plots.variant_curves import series_names
from ablation.report.tables import export
from ablation.report.tables.build import build_table
from ablation.report.wording import findings
from ablation.statistics.verdict import BETTER, EQUIVALENT, INCOMPLETE, INCONCLUSIVE, TOO_FEW, WORSE


def test_a_study_is_judged_by_its_plan(quick, tmp_path):
    plan = finish(quick, tmp_path, {"baseline": CALM, "-shortcut": lower(0.3), "-init": lower(0.0005)})
    made = compared(tmp_path)
    assert (made.study, made.baseline, made.comparisons, made.plan) == ("mine", "baseline", 2, plan.hash)
    assert [(row.label, row.result and row.result.verdict) for row in made.variants] == [
        ("baseline", None), ("-shortcut", WORSE), ("-init", INCONCLUSIVE),
    ]  # fmt: skip
    said = findings.sentences(made)
    assert said[0].startswith("-shortcut is worse: -0.300 test accuracy") and "-init" in said[1]
    assert made.variants[1].differs == {"model.residual": ("true", "false"), "model.shortcut": ("projection", "null")}


def test_what_a_study_was_planned_to_detect_is_a_difference_in_accuracy(quick, tmp_path):
    plan = finish(quick, tmp_path, {})
    plan.frozen = replace(plan.frozen, detect=0.012)
    plan.save()
    finish(quick, tmp_path, {"baseline": CALM, "-shortcut": CALM[::-1], "-init": CALM})
    assert compared(tmp_path).detect == compared(tmp_path, metric="val_accuracy").detect == 0.012
    assert any(text.endswith(" seeds would detect 0.012.") for text in findings.sentences(compared(tmp_path)))
    assert compared(tmp_path, metric="val_loss").detect is None


def test_a_seed_that_is_missing_is_told_and_two_give_no_verdict(quick, tmp_path):
    finish(quick, tmp_path, {"baseline": CALM, "-shortcut": lower(0.3)[:2], "-init": CALM})
    made = compared(tmp_path)
    assert made.variant("-shortcut").result.verdict == INCOMPLETE
    assert any("Incomplete: -shortcut (3 of 5 runs missing)" in sentence for sentence in findings.sentences(made))


def test_an_arm_or_a_baseline_without_a_run_is_told(quick, tmp_path):
    finish(quick, tmp_path / "arm", {"baseline": CALM, "-shortcut": lower(0.3)})
    assert "No verdict on -init: none of its runs has completed." in findings.sentences(compared(tmp_path / "arm"))
    finish(quick, tmp_path / "base", {"-shortcut": lower(0.3), "-init": CALM})
    said = findings.sentences(compared(tmp_path / "base"))
    assert "No verdict on -shortcut and -init: no run of baseline has completed." in said
    write(tmp_path / "one", config(), history(2))
    assert findings.sentences(compared(tmp_path / "one", baseline="resnet34")) == [
        "There is nothing to compare resnet34 with."
    ]


def test_of_a_factorial_the_effects_are_judged(quick, tmp_path):
    scores = {"baseline": CALM, "-shortcut": lower(0.2), "-init": CALM, "-shortcut -init": lower(0.2)}
    finish(quick, tmp_path, scores, design="factorial", seeds=3)
    made = compared(tmp_path)
    main = {effect.components: effect.verdict for effect in made.effects if effect.kind == "main effect"}
    assert main == {("shortcut",): WORSE, ("init",): INCONCLUSIVE}
    assert {row.result.verdict for row in made.variants if row.result} == {""} and made.comparisons == 2
    said = "Removing shortcut is worse, averaged over all other components: -0.200"
    assert findings.sentences(made)[0].startswith(said)
    assert made.factorial is not None and made.factorial.removals == [["shortcut"], ["init"]]
    arms = {variant.label: variant.arm for variant in made.variants}
    assert made.factorial.cells[1, 1] is arms["-shortcut -init"] and len(made.factorial.cells) == 4


def test_two_seeds_of_a_factorial_give_no_verdict_however_many_its_runs(quick, tmp_path):
    scores = {"baseline": CALM, "-shortcut": lower(0.2), "-init": CALM, "-shortcut -init": lower(0.2)}
    finish(quick, tmp_path, scores, design="factorial", seeds=2)
    made = compared(tmp_path)
    assert {effect.verdict for effect in made.effects if effect.kind == "main effect"} == {TOO_FEW}
    assert (
        "Too few seeds for a verdict on main effects: baseline has 2, -init has 2, -shortcut has 2 and -shortcut -init "
        "has 2. Each cell needs 3 completed runs, for example study.seeds=3."
    ) in findings.sentences(made)


def test_a_cell_that_is_no_comparison_bars_the_effects(quick, tmp_path):
    scores = {"baseline": CALM, "-shortcut": lower(0.2), "-init": CALM}
    plan = finish(quick, tmp_path, scores, design="factorial", seeds=3)
    cell = plan.cells.design[-1]
    for where, seed in zip(cell.runs, plan.study.seeds, strict=True):
        changed = {"fingerprint": where.fingerprint, "steps.total": 999}
        write(tmp_path, replace(cell.config, seed=seed), history(accuracy=0.9 + seed / 100), **changed)
    made = compared(tmp_path)
    assert made.variant(cell.name).comparability.blocking and made.effects == () and made.factorial is None
    assert any(sentence.startswith("Effects were not tested") for sentence in made.warnings)


def test_effects_of_two_seeds_have_no_p_of_a_verdict(quick, tmp_path):
    scores = {"baseline": CALM, "-shortcut": lower(0.2), "-init": CALM, "-shortcut -init": lower(0.2)}
    finish(quick, tmp_path, scores, design="factorial", seeds=2)
    made = compared(tmp_path)
    main = [effect for effect in made.effects if effect.kind == "main effect"]
    assert main[0].p < 0.01 and all(effect.verdict == TOO_FEW and isnan(effect.p_holm) for effect in main)
    said = findings.sentences(made)
    assert said[0].startswith("Too few seeds for a verdict on main effects: ")
    assert not any("Welch" in text for text in said)


def test_a_cumulative_study_compares_each_to_the_one_before(quick, tmp_path):
    finish(
        quick, tmp_path, {"baseline": CALM, "-shortcut": lower(0.2), "-shortcut -init": lower(0.2)}, design="cumulative"
    )
    made = compared(tmp_path)
    assert [row.reference for row in made.variants] == [None, "baseline", "-shortcut"]
    assert [row.result.verdict for row in made.variants[1:]] == [WORSE, INCONCLUSIVE]


def test_a_study_that_adds_seeds_is_judged_as_they_came(quick, tmp_path):
    scores = {"baseline": CALM, "-shortcut": lower(0.3)[:3], "-init": CALM[:4]}
    finish(quick, tmp_path, scores, stopping="sequential", max_seeds=6)
    made = compared(tmp_path)
    assert [row.result.verdict for row in made.variants[1:]] == [WORSE, "not yet decided"]
    said = " ".join(findings.sentences(made))
    assert "Lan-DeMets" in said and "planned" not in said
    written = json.loads(export.json(build_table(made)))
    assert written["max_seeds"] == 6 and "Lan and DeMets" in written["looks"] and written["plan"] == made.plan
    assert not written["exploratory"] and written["test"] == "welch and paired" and written["correction"] == "holm"
    assert [(one["verdict"], one["excluded"]) for one in written["variants"]] == [
        (None, None), ("worse", None), (None, "not yet decided"),
    ]  # fmt: skip


def test_of_a_study_that_adds_seeds_what_is_open_at_its_last_look_may_be_equivalent(quick, tmp_path):
    """No look before had chosen it, so that one test of equivalence holds its level."""
    for seeds, verdict in ((4, "not yet decided"), (5, EQUIVALENT)):
        out = tmp_path / str(seeds)
        scores = {"baseline": CALM, "-shortcut": lower(0.3)[:3], "-init": CALM[:seeds]}
        finish(quick, out, scores, stopping="sequential", max_seeds=5)
        assert [row.result.verdict for row in compared(out, margin=0.5).variants[1:]] == [WORSE, verdict]


def test_no_seed_is_waited_for_that_the_study_does_not_add(quick, tmp_path):
    """By another metric than the study's, and where three runs of an arm diverged."""
    plan = finish(
        quick, tmp_path, {"baseline": CALM[:3], "-shortcut": lower(0.3)[:3], "-init": CALM[:3]}, stopping="sequential"
    )
    waiting = {row.label: row.result.verdict for row in compared(tmp_path).variants[1:]}
    assert waiting == {"-shortcut": WORSE, "-init": "not yet decided"}
    assert compared(tmp_path, metric="test_accuracy").variant("-init").result.verdict == "not yet decided"
    for more in ({"metric": "val_loss"}, {"metric": "val_accuracy", "select": "best_val"}):
        assert compared(tmp_path, **more).variant("-init").result.verdict == INCONCLUSIVE
    cell = next(cell for cell in plan.cells.design if cell.name == "-init")
    for seed in (3, 4, 5):
        lost = {"fingerprint": cell.runs[seed].fingerprint, "status": "diverged"}
        write(tmp_path, replace(cell.config, seed=seed), history(), **lost)
    assert compared(tmp_path).variant("-init").result.verdict == INCONCLUSIVE


def test_what_was_run_another_way_is_refused_and_named(quick, tmp_path):
    plan = finish(quick, tmp_path, {"baseline": CALM, "-shortcut": CALM})
    cell = next(cell for cell in plan.cells.design if cell.name == "-init")
    for where, seed in zip(cell.runs, plan.study.seeds, strict=True):
        write(
            tmp_path, replace(cell.config, seed=seed), history(), fingerprint=where.fingerprint, **{"steps.total": 999}
        )
    made = compared(tmp_path)
    refused = made.variant("-init")
    assert refused.result is None and [each.key for each in refused.comparability.blocking] == ["steps.total"]
    assert any("-init" in text and "steps.total (999, not 102)" in text for text in findings.sentences(made))
    assert ablate_compare.compare(CompareArguments([tmp_path], tmp_path / "out")) == 2


def test_a_named_baseline_judges_the_others(tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    made = compared(tmp_path, baseline="resnet34")
    assert [row.label for row in made.variants] == ["resnet34", "plain34"]
    assert made.variant("plain34").result.verdict == WORSE
    assert compared(tmp_path, baseline="plain34").variant("resnet34").result.verdict == BETTER
    assert (
        compared(tmp_path, baseline="plain34", metric="val_loss").variant("resnet34").result.verdict == INCONCLUSIVE
    )  # no spread
    assert all(row.result is None for row in compared(tmp_path).variants)


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
        compared(tmp_path, **more)
    assert word in str(refusal.value) and "\n" not in str(refusal.value)


def verdicts(made):
    return [(row.label, row.arm.values, row.result and (row.result.p, row.result.verdict)) for row in made.variants]


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
@example(seed=387362)  # each run that is left beside the plan has a copy elsewhere
def test_neither_order_nor_copies_nor_overlapping_paths_change_anything(quick, tmp_path_factory, seed):
    place, chance = tmp_path_factory.mktemp("any"), random.Random(seed)
    scores = {name: [chance.uniform(0.5, 1) for _ in range(chance.randint(0, 5))] for name in ("-shortcut", "-init")}
    finish(quick, place / "outputs", {"baseline": CALM, **scores})
    before = verdicts(compared(place / "outputs"))
    for run in sorted((place / "outputs").glob("resnet*"))[:4]:
        shutil.copytree(run, place / "copies" / run.name)
    (place / "moved").mkdir()
    for run in chance.sample(sorted((place / "outputs").glob("*-s*")), 3):
        shutil.move(run, place / "moved" / f"{chance.randint(0, 9**9)}{run.name}")
    paths = [place, place / "outputs", place / "moved", *(place / "outputs").iterdir()]
    chance.shuffle(paths)
    after = compared(*paths)
    assert verdicts(after) == before
    assert all((row.result.verdict == INCOMPLETE) == (row.arm.n < 5) for row in after.variants if row.result)


def test_a_comparison_has_the_name_of_its_experiment(tmp_path):
    sweep(tmp_path, {"plain34": 0.5, "resnet34": 0.9})
    (experiment,) = find(load([tmp_path]))
    assert compare(experiment).name == "plain34 and resnet34 on digits"


LONG_PARTS = {"shortcut_" * 12: PARTS["shortcut"], "initializer_" * 12: PARTS["init"]}


@pytest.mark.parametrize("design", ["leave_one_out", "factorial"])
def test_long_names_of_components_make_short_labels_of_the_same_cells(quick, tmp_path, design):
    """Also in each file, and where the user types the whole name or its beginning."""
    plan = finish(quick, tmp_path, {}, components=LONG_PARTS, design=design)
    scores = {cell.name: lower(0.1 * place) for place, cell in enumerate(plan.cells.design)}
    finish(quick, tmp_path, scores, components=LONG_PARTS, design=design)
    made = compared(tmp_path)
    labels = [variant.label for variant in made.variants]
    assert labels[0] == "baseline" and max(map(len, labels)) == 40 and len(set(labels)) == len(labels)
    assert labels[1].startswith("-initializer_" if design == "factorial" else "-shortcut_") and "…" in labels[1]
    assert [variant.reference for variant in made.variants[1:]] == ["baseline"] * (len(labels) - 1)
    differences = [variant.result.difference for variant in made.variants[1:]]
    assert differences == pytest.approx([-0.1 * place for place in range(1, len(labels))])
    if design == "factorial":
        assert made.effects[0].components == ("shortcut_" * 12,)
    for name in (labels[1], made.variants[1].full_label, made.variants[1].full_label[:12]):
        assert compared(tmp_path, baseline=name).baseline == labels[1]
    table = build_table(made)
    assert list(pandas.read_csv(io.StringIO(export.csv(table))).variant) == labels
    assert [each["variant"] for each in json.loads(export.json(table))["variants"]] == labels
    assert series_names(made.variants) == labels
