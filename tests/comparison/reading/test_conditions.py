"""Conditions of `--where`: what they match, and what is refused with which advice."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from support import odd_input
from support.fake_runs import config, history, write

from ablation.comparison.reading import conditions, parse_record
from ablation.errors import AblateError

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FACTS = {
    "model.width": 16,
    "model.norm": "batch",
    "model.repeats": [3, 4, 6, 3],
    "model.dropout": None,
    "train.learning_rate": 0.1,
    "train.nesterov": True,
    "data.name": "digits",
    "seed": 3,
    "status": "completed",
    "network": "resnet34",
    "data": "digits",
    "name": None,
    "tag": ("paper", "final"),
    "study": (),
    "started": NOW - timedelta(days=8),
    "age": 8 * 86400.0,
    "size": 2_000_000,
    "test_accuracy": 0.93,
}


def matches(word: str) -> bool:
    (condition,) = conditions.conditions([word])
    (resolved,) = conditions.check_keys([condition], [key for key in FACTS if "." in key])
    assert condition.matches(FACTS) is resolved.matches(FACTS)  # short keys are found without the look-up too
    return condition.matches(FACTS)


@pytest.mark.parametrize(
    "word",
    [
        *("model.width=16", "width=16", "width=8,16", "width!=8", "width!=8,32", "width>8", "width<=16", "width>=16"),
        *("width<16.5", "learning_rate=1e-1", "learning_rate>0.05", "nesterov=true", "repeats=[3,4,6,3]"),
        *("repeats=[1],[3,4,6,3]", "dropout=null", "norm=batch,none", "norm!=none", " width = 16 "),
        *("seed=0,3", "seed!=0", "seed>=3", "status=completed", "status=failed,completed", "network=resnet34"),
        *("data=digits", "tag=paper", "tag=final", "tag=x,final", "tag!=x", "study=null", "study!=mine", "name=null"),
        *("started=2026-11-12", "started>=2026-11-12", "started<2026-11-20", "age>7d", "age<2w", "size>1MB"),
        *("size<=2MB", "test_accuracy>0.9", "test_accuracy=0.93", "data.name=digits"),
    ],
)
def test_what_holds(word):
    assert matches(word)


@pytest.mark.parametrize(
    "word",
    [
        *("width=8", "width!=16", "width!=8,16", "width<16", "norm=none", "dropout!=null", "dropout>0", "norm>3"),
        *("nesterov=1", "repeats=3", "tag=pap", "tag!=paper", "tag=null", "study=mine", "study!=null", "seed=null"),
        *("started>2026-11-12", "age<7d", "size>2MB", "test_accuracy<0.93", "status!=completed"),
        *("loss<1", "loss!=1", "variant=x", "variant!=x"),  # absent: unknown, so that no condition holds
    ],
)
def test_what_does_not_hold(word):
    assert not matches(word)


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("age", "it has no key followed by an operator"),
        ("", "it has no key"),
        ("=5", "it has no key"),
        ("1=2", "it has no key"),
        ("width==16", "== is no operator"),
        ("width=>16", "=> is no operator"),
        ("width<>16", "<> is no operator"),
        ("width=", "a value is missing; an absent one is typed null"),
        ("width=8,", "a value is missing"),
        ("width<", "a value is missing"),
        ("width<batch", "batch is not a number, such as 0.9"),
        ("width<8,16", "8,16 is not a number"),
        ("seed=x", "x is not a number"),
        ("age=7d", "age is compared with <, <=, > or >="),
        ("size!=1GB", "size is compared with <, <=, > or >="),
        ("age>7", "7 is not a number followed by s, min, h, d or w, such as 7d"),
        ("size>1XB", "1XB is not a number followed by kB, MB, GB or TB, such as 1GB"),
        ("started>yesterday", "yesterday is not a date, or a date and a time, such as 2026-11-20"),
        ("status>running", "status is compared with = or !="),
        ("network<5", "network is compared with = or !="),
    ],
)
def test_what_cannot_be_read_is_one_paragraph(word, reason):
    with pytest.raises(AblateError) as refused:
        conditions.conditions(["seed=0", word])
    text = str(refused.value)
    assert text.startswith(f"A condition cannot be read: {reason}") and "\n" not in text
    assert "Received --where" in text and "Type for example --where model.width=16,32" in text


@pytest.mark.parametrize("key", [*conditions.OWN_KEYS, "model.width", "model.repeats", "a.b.c", "", "é", "x" * 500])
def test_odd_values_are_read_or_refused_but_never_raise(key):
    for value in (value for values in odd_input.VALUES for value in values):
        for operator in ("=", "!=", "<", ">="):
            try:
                (condition,) = conditions.conditions([f"{key}{operator}{value}"])
                condition.matches({**FACTS, "model.width": value, "a.b.c": [value, {"a": value}]})
                conditions.check_keys([condition], ["model.width"])
            except AblateError as error:
                assert "\n" not in str(error).replace(value, "")


def test_an_unknown_status_names_the_nearest():
    with pytest.raises(AblateError, match=r"Unknown status\. Received status=faild\..* Type for example status=failed"):
        conditions.conditions(["status=faild"])


KEYS = ["model.width", "model.norm", "model.name", "train.width", "train.momentum"]


@pytest.mark.parametrize(
    ("word", "key"),
    [("norm=a", "model.norm"), ("model.width=1", "model.width"), ("seed=1", "seed"), ("name=x", "name")],
)
def test_a_key_is_completed_where_only_one_is_meant(word, key):
    assert [each.key for each in conditions.check_keys(conditions.conditions([word]), KEYS)] == [key]


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("model.widht=8", "--where model.width=8"),
        ("momentm>0.5", "--where 'momentum>0.5'"),
        ("sed=0", "--where seed=0"),
        ("model=resnet34", "--where network=resnet34"),
        ("tags=paper", "--where tag=paper"),
    ],
)
def test_a_key_that_no_run_has_names_the_nearest(word, advice):
    with pytest.raises(AblateError) as refused:
        conditions.check_keys(conditions.conditions([word]), KEYS)
    text = str(refused.value)
    assert text.startswith("No run has this key. Received --where ") and text.endswith(f"Type for example {advice}")


def test_an_ambiguous_key_names_all_that_may_be_meant():
    with pytest.raises(AblateError, match=r"ambiguous.* Allowed: model\.width, train\.width\. Type "):
        conditions.check_keys(conditions.conditions(["width=8"]), KEYS)
    assert not conditions.conditions(["width=8"])[0].matches({"model.width": 8, "train.width": 8})


def test_all_conditions_must_hold_and_all_tags_be_there():
    both = conditions.conditions(["width=16", "seed=4"])
    assert not conditions.match_all(both, FACTS) and conditions.match_all(both[:1], FACTS)
    assert conditions.match_all([], FACTS)
    assert conditions.has_tags(("a", "b"), ["b", "a"]) and conditions.has_tags((), [])
    assert not conditions.has_tags(("a",), ["a", "b"])


@pytest.mark.parametrize("status", ["completed", "diverged", "failed"])
def test_the_facts_of_a_run(tmp_path, status):
    started = (NOW - timedelta(hours=2)).isoformat()
    cfg = config("resnet34", seed=5, name="mine", tags=["paper"])
    plans = [{"study": "recorded", "plan": "0" * 64, "comparisons": 3}]
    directory = write(
        tmp_path, cfg, history(accuracy=0.75), **{"timings.started": started, "status": status, "plans": plans}
    )
    run = parse_record.read(directory)
    facts = conditions.facts_of(run, variant="-norm", studies=["beside", "recorded"], now=NOW)
    assert {name: facts[name] for name in ("seed", "status", "network", "data", "name", "variant")} == {
        "seed": 5, "status": status, "network": "resnet34", "data": "digits", "name": "mine", "variant": "-norm",
    }  # fmt: skip
    assert (facts["tag"], facts["study"], facts["age"]) == (("paper",), ("beside", "recorded"), 7200)
    assert facts["model.norm"] == "batch" and facts["model.shake_forward"] is None
    completed = status == "completed"
    assert (facts["val_accuracy"], facts["seconds"]) == ((0.75, 12.5) if completed else (None, None))
    if completed:
        files = json.loads((directory / "run.json").read_text())["files"].values()
        assert facts["size"] == sum(each["size"] for each in files) + (directory / "run.json").stat().st_size
    else:
        assert "size" not in facts and conditions.facts_of(run, size=7)["size"] == 7
    assert set(conditions.OWN_KEYS) <= facts.keys() | {"size"}


@pytest.mark.parametrize("started", ["", "yesterday", "2026-11-20T12:00:00", None])
def test_a_run_without_a_time_has_no_age(tmp_path, started):
    run = parse_record.read(write(tmp_path, config(), **{"timings.started": started}))
    facts = conditions.facts_of(run)
    assert facts["age"] is None and facts["started"] is None
    assert not conditions.match_all(conditions.conditions(["age<1w"]), facts)
