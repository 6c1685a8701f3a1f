"""Every key of the schema changes what it says, and nothing else: graph, parameters, batches, recipe, the first steps.

The keys, their limits and what reads them are taken from the schema; a key that comes later is tested from then on.
"""

import dataclasses

import pytest
from support import studies

from ablation.config import schema
from ablation.config.keys import Limits
from ablation.config.schema import Config
from ablation.errors import AblateError
from ablation.study.preflight import checks, probe, smoke
from ablation.text import typed_value

GROUPS = {field.name: field.type for field in dataclasses.fields(Config) if field.name in ("model", "data", "train")}
KEYS = [(group, field.name) for group, node in GROUPS.items() for field in dataclasses.fields(node)]
STEP = ["train.schedule=step", "train.lr_milestones=[0.5]", "train.lr_gamma=0.1"]
DEPTH = ["model=resnet_cifar", "model.depth=8", *studies.BASE[2:]]
# Networks and recipes of which each key is read by at least one.
BASES = [
    studies.BASE,
    [*studies.BOTTLENECK, "data.augment=crop_flip", "train.weight_decay=1e-2"],
    studies.VGG,
    studies.SHAKE,
    [*DEPTH, *STEP, "train.optimizer=adamw"],
    [*DEPTH, "train=sgd_cosine", "train.epochs=2"],
    [*DEPTH[:-3], "train=sgd_he2015", "train.batch_size=32"],  # as long as the paper's
]
PLACES = {
    "data.dir",
    "data.root",
    "data.layout",
    "data.source",
    "data.name",
    "data.classes",
    "data.file",
    "model.weights",
}  # which data and files, not what is done with them
TESTED = [pair for pair in KEYS if ".".join(pair) not in PLACES]
NOTHING = {"train.keep_weights", "train.xla"}  # what is written, and how is compiled
LENGTH = {"train.epochs", "train.steps", "train.reference_steps", "train.batch_size", "data.fraction", "data.limit"}
SPLIT = {"data.holdout", "data.holdout_test", "data.validation"}


@pytest.fixture(scope="module")
def taste(exact):
    known = {}

    def of(cfg):
        if (key := repr(cfg)) not in known:
            known[key] = probe.do(probe.Task(smoke.smoke_test, key, cfg))
        assert isinstance(known[key], smoke.SmokeTest), known[key]
        return known[key]

    return of


def others(field, value):
    """Values that a key may have instead of the one it has, from its limits."""
    limits = field.metadata["limits"]
    if limits.choices is not None:
        return [choice for choice in limits.choices if choice != value]
    if isinstance(value, bool) or field.type in (bool, "bool"):
        return [not value]
    if isinstance(value, list) or "list" in str(field.type):
        return [[each + 1 if isinstance(each, int) else each / 2 for each in value]] if value else []
    if isinstance(value, int) and "float" not in str(field.type):
        low = 1 if limits.low is None else limits.low
        return [v for v in (value + 6, value + 2, value * 2, max(low, value // 2)) if v != value]
    low = limits.above if limits.above is not None else limits.low or 0
    high = limits.below if limits.below is not None else limits.high
    top = 1.0 if high is None else high
    tried = [0.25, 0.5, 0.01] if value is None else [value / 2, value + (top - value) / 2, value * 1.5]
    return [v for v in tried if v != value and (v > low or v == limits.low) and (high is None or v <= high)] + [
        4,
        1,
    ]


def changes(quick, group, field):
    """(base, changed) configs for every base and value with which the key is read."""
    found = []
    for base in BASES:
        before = quick.config(base)
        now = getattr(getattr(before, group), field.name)
        for value in others(field, now):
            try:
                after = quick.config([*base, f"{group}.{field.name}={typed_value(value)}"])
            except AblateError:
                continue
            if getattr(getattr(after, group), field.name) != now:
                found.append((before, after))
                if field.metadata["limits"].choices is None:
                    break
    return found


def field_of(group, name):
    return next(field for field in dataclasses.fields(GROUPS[group]) if field.name == name)


@pytest.mark.integration
@pytest.mark.parametrize(("group", "name"), TESTED, ids=map(".".join, TESTED))
def test_a_key_changes_what_it_says_and_nothing_else(quick, taste, group, name):
    key = f"{group}.{name}"
    found = changes(quick, group, field_of(group, name))
    if key == "model.family":
        return  # another network altogether
    assert found, f"no base reads {key}: add one"
    for before, after in [found[0], *found[1:][-1:]]:
        one, other = taste(before), taste(after)
        changes_nothing_else(key, one, other)
        if key in NOTHING:
            assert checks.same(one, other)
            return
        if not checks.same(one, other):
            return
    pytest.fail(f"{key} changes nothing")  # in both: some choices are one in some networks, as `auto` and its meaning


@pytest.mark.slow
@pytest.mark.parametrize(("group", "name"), TESTED, ids=map(".".join, TESTED))
def test_a_key_changes_nothing_else_in_the_last_base_that_reads_it(quick, taste, group, name):
    key = f"{group}.{name}"
    if key == "model.family":
        return
    for before, after in changes(quick, group, field_of(group, name))[1:][-1:]:
        changes_nothing_else(key, taste(before), taste(after))


def changes_nothing_else(key, one, other):
    group = key.partition(".")[0]
    if group == "model":
        assert all(
            getattr(one, part) == getattr(other, part) for part in ("batches", "labels", "learning_rates", "recipe")
        )
        same = one.layers == other.layers and one.initial == other.initial
        assert same == checks.same(one, other)
        shared = one.initial.keys() & other.initial.keys()
        moved = {path for path in shared if one.initial[path] != other.initial[path]}
        assert not moved or key in checks.MAY_CHANGE_INITIAL
    else:
        assert one.layers == other.layers
    if group == "data":
        assert key in LENGTH | SPLIT or one.learning_rates == other.learning_rates
        recipe = [{k: v for k, v in told.recipe.items() if not k.startswith("loss")} for told in (one, other)]
        assert recipe[0] == recipe[1] and (key == "data.mixup_alpha" or one.recipe == other.recipe)
    if group == "train":
        assert key in LENGTH or one.batches == other.batches
        assert one.initial == other.initial


@pytest.mark.parametrize(("group", "name"), KEYS, ids=map(".".join, KEYS))
def test_every_key_says_what_it_is_and_may_be(group, name):
    limits = field_of(group, name).metadata["limits"]
    assert isinstance(limits, Limits) and len(limits.doc) > 8


def test_every_choice_of_the_schema_is_in_its_table():
    from ablation.data.augmentations import AUGMENTS, PADS
    from ablation.model.blocks.head import HEADS
    from ablation.model.blocks.norm import NORMS
    from ablation.model.blocks.residual import BLOCKS, ORDERS
    from ablation.model.blocks.stem import STEMS
    from ablation.training.optimizers import MOMENTUM_FORMS
    from ablation.training.recipe import OPTIMIZERS, SCHEDULES

    tables = {
        "model.norm": NORMS, "model.block": BLOCKS, "model.order": ORDERS, "model.head": HEADS,
        "data.augment": AUGMENTS, "data.pad": PADS, "train.optimizer": OPTIMIZERS, "train.schedule": SCHEDULES,
        "train.momentum_form": MOMENTUM_FORMS,
    }  # fmt: skip
    for key, table in tables.items():
        group, name = key.split(".")
        assert set(field_of(group, name).metadata["limits"].choices) == set(table), key
    assert set(field_of("model", "stem").metadata["limits"].choices) == {"auto", *STEMS}
    assert schema.AUGMENTS == tuple(AUGMENTS)
