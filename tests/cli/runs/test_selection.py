"""Which runs a command is about, in which order, and where they belong."""

import pytest
from support.fake_runs import config, write

from ablation.cli.runs import grouping, selection
from ablation.cli.runs.arguments import SORTED_BY, RunsArguments
from ablation.comparison.reading.all_runs import read_all
from ablation.errors import AblateError


def select(outputs, **options):
    return selection.rows(read_all([outputs]), RunsArguments(**options))


def names(rows):
    return [row.listed.path.name.rpartition("-")[0] for row in rows]


def test_the_newest_run_is_the_first(week):
    rows = select(week)
    times = [row.listed.started for row in rows]
    assert times == sorted(times, reverse=True) and len(rows) == 13
    assert [row.listed.started for row in select(week, reverse=True)] == sorted(times)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"statuses": ["failed"]}, ["vgg16-digits-s4", "vgg16-digits-s1"]),
        ({"statuses": ["diverged", "unreadable"]}, ["vgg16-digits-s5", "vgg16-digits-s3"]),
        ({"where": ["data=cifar10", "width>8"]}, ["resnet50-cifar10-s0"]),
        ({"where": ["network=plain34", "seed=0,2"]}, ["plain34-digits-s2", "plain34-digits-s0"]),
        ({"tags": ["sweep"], "where": ["test_accuracy>0.895"]}, ["resnet34-digits-s2", "resnet34-digits-s1"]),
        ({"tags": ["sweep", "other"]}, []),
        ({"where": ["name='first look'"]}, ["resnet50-cifar10-s0"]),
        (
            {"where": ["variant=resnet34"], "statuses": ["completed"]},
            [f"resnet34-digits-s{seed}" for seed in (2, 1, 0)],
        ),
        ({"where": ["started<2026-10-01"]}, []),
    ],
)
def test_filters(week, options, expected):
    assert names(select(week, **options)) == expected


def test_a_condition_that_cannot_be_read_is_refused_whatever_there_is(week):
    for word in ("width", "widht=8"):
        with pytest.raises(AblateError):
            select(week, where=[word])


@pytest.mark.parametrize("key", SORTED_BY)
def test_every_order_has_all_runs_and_puts_those_without_a_value_last(week, key):
    rows = select(week, sort=key)
    assert len(rows) == 13
    values = [selection.VALUES[key](row) for row in rows]
    known = [value for value in values if value is not None]
    assert values[: len(known)] == known
    backwards = select(week, sort=key, reverse=True)
    assert [selection.VALUES[key](row) for row in backwards][: len(known)] == known[::-1]


def test_the_best_and_the_largest_are_the_first(week):
    best = select(week, sort="test_accuracy")
    assert best[0].run.test_accuracy == max(row.run.test_accuracy for row in best if row.run)
    sizes = [row.listed.size for row in select(week, sort="size")]
    assert sizes == sorted(sizes, reverse=True)
    assert [row.listed.seed for row in select(week, sort="seed")][:3] == [0, 0, 0]


def test_runs_of_a_study_are_its_cells_and_the_others_belong_to_their_data(week, study):
    rows = select(week)
    places = {row.listed.path.name: row.place for row in rows}
    of_study = [place for place in places.values() if place.experiment == "mine"]
    assert len(of_study) == 15 and {place.variant for place in of_study} == {"baseline", "-shortcut", "-init"}
    assert all(place.studies == ("mine",) for place in of_study)
    others = {place.experiment for place in places.values()} - {"mine"}
    assert others == {"plain34, resnet34 and vgg16 on digits", "resnet50 on cifar10", grouping.NO_EXPERIMENT}
    assert {row.place.variant for row in rows if row.place.experiment == "resnet50 on cifar10"} == {
        "width=8",
        "width=16",
    }
    assert len(select(week, where=["study=mine"])) == 15 and len(select(week, where=["variant=-init"])) == 5
    assert not set(map(id, select(week, where=["study=null"]))) & set(map(id, of_study))


def test_a_run_alone_is_called_by_its_network(tmp_path):
    write(tmp_path, config("resnet34"))
    (row,) = select(tmp_path)
    assert (row.place.experiment, row.place.variant) == ("resnet34 on digits", "resnet34")


def test_a_damaged_plan_is_no_plan(week, study):
    plan = study / "studies" / "mine" / "plan.json"
    plan.write_text(plan.read_text()[:100])
    assert all(row.place.experiment != "mine" for row in select(week))
