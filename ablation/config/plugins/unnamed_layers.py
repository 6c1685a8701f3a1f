"""Layers with automatic names in two variants: which of them may not be the same layer in both.

Such layers are matched by kind (class and shapes of the weights) and order. If two variants have different numbers of a
kind, nobody knows which of them one variant lacks, so these layers do not start from the same values for sure.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ablation.text import list_with_more, plural

SHOWN = 4  # layers and kinds in a sentence, at most

Unnamed = Mapping[str, Sequence[Any]]  # {kind: names of the layers}


def uncoupled(baseline: Unnamed, variant: Unnamed) -> dict[str, list[str]]:
    """The layers of the baseline that cannot be matched, by kind."""
    collected: dict[str, list[str]] = {}
    for kind, names in baseline.items():
        count = len(variant.get(kind, ()))
        if count and count != len(names):
            collected[kind] = list(map(str, names))
    return collected


def sentence(variant: str, reference: str, baseline: Unnamed, layers: Unnamed) -> str:
    """`-conv and baseline are not coupled in …`; empty if all layers can be matched.

    variant, reference: their names. baseline: the unnamed layers of the reference. layers: those of the variant.
    """
    kinds = uncoupled(baseline, layers)
    if not kinds:
        return ""
    parts = []
    for kind, names in kinds.items():
        shown = list_with_more(names, SHOWN)
        parts.append(f"{plural(len(names), 'layer')} {kind} ({shown}; {variant} has {len(layers[kind])})")
    return (
        f"{variant} and {reference} are not coupled in {list_with_more(parts, SHOWN)}, which have automatic names, so "
        "they may start from different initial weights. Name these layers, for example name='conv1'"
    )
