"""The facts of a run: typed, and restored from their JSON."""

import json

import pytest
from support.fake_runs import config, history, record

from ablation.comparison.reading.facts import MAX_PLUGINS, RunFacts, recorded_facts
from ablation.rundir.files import Unreadable
from ablation.rundir.record import RunRecord
from ablation.rundir.record_parts import Exactness, Git, Hardware, Steps


def facts(**changes) -> RunFacts:
    """The facts of a completed run. changes: of its record."""
    completed = RunRecord.from_json(record(config(), history(), **changes))
    return recorded_facts(completed, completed.data)


def test_facts_are_those_of_the_record():
    told = facts(
        **{"exactness.threads": 2, "hardware.cores": 8, "versions.keras": "3", "code": "c", "plugins": ["a", "b"]}
    )
    assert (told.code, told.plugins, told.selected_on) == ("c", "a b", "validation")
    assert (told.exactness.threads, told.hardware.cores, told.steps.per_epoch, told.data.train) == (2, 8, 17, 1077)
    assert told.versions == {"keras": "3"} and told.git == Git()


def test_a_part_that_an_older_record_lacks_is_empty():
    older = facts(exactness=None, versions=None, hardware=None, steps=None)
    assert (older.exactness, older.hardware, older.git, older.steps) == (Exactness(), Hardware(), Git(), Steps())
    assert older.versions == {} and older.plugins is None
    assert facts(plugins=[]).plugins == "none" and len(facts(plugins=["a"] * 2000).plugins) == MAX_PLUGINS


@pytest.mark.parametrize("changes", [{}, {"exactness": {"exact": 1, "novelty": [1]}, "steps.note": "x", "code": "c"}])
def test_facts_are_restored_from_their_json(changes):
    told = facts(**changes)
    text = json.dumps(told.to_json())
    restored = RunFacts.from_json(json.loads(text))
    assert restored == told and json.dumps(restored.to_json()) == text


@pytest.mark.parametrize("name", facts().to_json())
def test_other_json_is_not_the_facts_of_a_run(name):
    values = facts().to_json()
    for odd in (5, [], {name: values[name]}):
        with pytest.raises(Unreadable):
            RunFacts.from_json({**values, name: odd} if type(odd) is not type(values[name]) else odd)
    with pytest.raises(Unreadable):
        RunFacts.from_json({key: value for key, value in values.items() if key != name})
    with pytest.raises(Unreadable):
        RunFacts.from_json({**values, "novelty": 1})
