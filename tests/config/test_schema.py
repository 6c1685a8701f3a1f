"""The schema, and the request of a run that is made of it."""

import copy
import dataclasses
import pickle

import pytest

from ablation.config import run_request, schema
from ablation.config.keys import MISSING, Limits, keys_of

PLAIN = (type(None), bool, int, float, str)


def test_keys_have_defaults_and_limits():
    keys = {key.name: key for key in keys_of(schema.Config)}
    assert (keys["tags"].default, keys["seed"].default) == ([], 0)
    assert isinstance(keys["seed"].limits, Limits) and "model" not in keys
    with pytest.raises(TypeError):
        schema.key(0, "a number", lowest=1)


def test_flat_names_every_key_once():
    assert schema.DEFAULTS["model.family"] == MISSING and schema.DEFAULTS["train.batch_size"] == 128
    assert schema.flat(schema.Config(seed=3))["seed"] == 3


def values(node):
    if dataclasses.is_dataclass(node):
        node = dataclasses.asdict(node)
    if isinstance(node, dict):
        return [leaf for part in node.values() for leaf in values(part)]
    if isinstance(node, list | tuple):
        return [leaf for part in node for leaf in values(part)]
    return [node]


def test_a_request_is_plain_and_can_be_pickled():
    from ablation.cli.composition import compose

    request = compose(["model=resnet18", "tags=[a,b]", "train=sgd_he2015"])
    assert isinstance(request, run_request.RunRequest)
    assert pickle.loads(pickle.dumps(request)) == request == copy.deepcopy(request)
    assert all(type(value) in PLAIN for value in values(request))
