"""Which keys make a structure. That networks of one structure give equal bits is in `test_compiled`."""

import copy

import pytest

from ablation.config.key_help import EXAMPLES
from ablation.config.keys import keys_of
from ablation.config.schema import DEFAULTS, GROUPS, Config
from ablation.run.structure import VALUES, Kept, OtherStructure, structure


def changed(key: str) -> Config:
    """A config in which one key has another value than its default; the value need not be allowed."""
    config = copy.deepcopy(Config())
    group, _, name = key.rpartition(".")
    owner = getattr(config, group) if group else config
    value = getattr(owner, name)
    setattr(owner, name, EXAMPLES.get(key, ["other"] if value == [] else 7 if value != 7 else 8))
    return config


def test_values_are_keys():
    assert VALUES < DEFAULTS.keys()
    assert {key.name for key in keys_of(Config)} | set(GROUPS) == set(vars(Config()))


@pytest.mark.parametrize("key", DEFAULTS)
def test_a_key_is_part_of_the_structure_unless_it_is_a_value(key):
    """So is a key that is added to the schema."""
    assert (structure(changed(key)) == structure(Config())) == (key in VALUES)


def test_a_process_keeps_to_what_its_first_run_required():
    kept = Kept()
    assert kept.is_new and kept.compiled is None
    kept.require(threads=2, plugins=("a",))
    kept.require(images="d")
    kept.require(threads=2, images="d")
    assert not kept.is_new
    for other in ({"threads": 1}, {"plugins": ()}, {"images": "e"}):
        with pytest.raises(OtherStructure, match=next(iter(other))):
            kept.require(**other)
    kept.release()  # nothing is compiled
