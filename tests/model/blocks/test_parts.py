"""Every part, with its settings bound as a network binds them, can be called as its protocol says."""

import inspect
from functools import partial

import pytest
from support.networks import CONV

from ablation.model.blocks import conv, head, norm, parts, residual, shake, shortcut, squeeze_excite, stochastic_depth

NORMS = {f"norm {name}": partial(made, momentum=0.9, epsilon=1e-5) for name, made in norm.NORMS.items()}
ORDERED = {f"order {name}": made for name, made in residual.ORDERS.items()}
LAYERS = {
    **NORMS,
    "activation": partial(conv.activate, activation="relu"),
    "absent": conv.absent,
    "dropout": partial(head.drop, rate=0.1),
    "stochastic depth": partial(stochastic_depth.stochastic_depth, rate=0.1),
    "squeeze-and-excitation": partial(squeeze_excite.squeeze_excite, reduction=2, dense=None, activation=None),
}
SHORTCUTS = {
    f"shortcut {name}": partial(made, conv=CONV, norm=NORMS["norm none"]) for name, made in shortcut.SHORTCUTS.items()
}
BLOCKS = {f"block {name}": partial(made, stride_in=None, groups=1) for name, made in residual.BLOCKS.items()}
PARTS = [
    *(("convolution", CONV, parts.Conv), ("dense", partial(head.dense, initializer="zeros"), parts.Dense)),
    *((name, made, parts.Layer) for name, made in LAYERS.items()),
    *((name, made, parts.Shortcut) for name, made in SHORTCUTS.items()),
    *((name, made, parts.Convolutions) for name, made in BLOCKS.items()),
]


def fits(part, protocol) -> bool:
    """Whether a part takes all that a caller may give it, by the names and in the order of the protocol."""
    _, *wanted = inspect.signature(protocol.__call__).parameters.values()
    positional = [p.name for p in wanted if p.kind is not p.KEYWORD_ONLY]
    named = {p.name: None for p in wanted if p.kind is p.KEYWORD_ONLY}
    try:
        bound = inspect.signature(part).bind(*positional, **named).arguments
    except TypeError:
        return False
    return all(bound[name] == name for name in positional)


@pytest.mark.parametrize(("part", "protocol"), [case[1:] for case in PARTS], ids=[case[0] for case in PARTS])
def test_a_part_can_be_called_as_its_protocol_says(part, protocol):
    assert fits(part, protocol)


def test_a_part_that_does_not_fit_is_noticed():
    assert not fits(norm.batch, parts.Layer)  # its momentum and epsilon are not bound
    assert not fits(lambda x, kernel_size, filters, strides, groups=1, *, name: x, parts.Conv)
    assert not fits(lambda x, filters, strides, *, name: x, parts.Shortcut)


def test_a_mix_is_made_under_its_name():
    assert fits(shake.ShakeShake, parts.Mix) and shake.ShakeShake(name="s").name == "s"
