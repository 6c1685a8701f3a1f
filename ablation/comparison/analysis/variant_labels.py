"""Name each variant by what differs between the variants at hand, and by nothing else."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ablation.comparison.reading.run import Diverged, Run
from ablation.config.applicability import reader_of, reads
from ablation.redaction import printable
from ablation.text import duplicates, number_duplicates, typed_value

NETWORK, DATA, DIGEST = "network", "data", "data.digest"
# What a network's name stands for, and what a data set's name does.
NAMED = frozenset({"model.family", "model.block", "model.repeats", "model.depth", "model.residual"})
OF_DATA = frozenset(
    {
        "data.source",
        "data.name",
        "data.image_size",
        "data.channels",
        "data.classes",
        "data.holdout",
        "data.holdout_test",
    }
)
MANY = 3  # keys that vary, beyond which labels say only what differs from the usual
Facts = dict[str, Any]


def labels(runs: Sequence[Run | Diverged]) -> list[str]:
    """Label distinct variants, each given by one of its runs: `plain34`, `resnet34 width=8`, `data=cifar10`, …

    Labels are unique, whole and printable; their order is that of the runs. Where much varies, and one run has what
    most have in all of it, as in an ablation, the others are labelled by what they have instead.
    """
    if len(runs) == 1:
        return [printable(runs[0].network)]
    everything = _facts(runs)
    said = [_said(facts) for facts in everything]
    shown, _ = _divide(said)
    if len(shown) > MANY and (middle := _middle(said, shown)) is not None:
        return _from(runs[middle], runs)
    short = _short_keys(list(everything[0]))
    texts = [" ".join(_item(facts, k, short) for k in shown if k in facts) for facts in said]
    return _separate(texts, everything, [k for k in everything[0] if k not in shown], short)


def _middle(said: list[Facts], shown: list[str]) -> int | None:
    """The run that has the most frequent value of each key."""
    usual = {k: Counter(typed_value(facts.get(k)) for facts in said).most_common(1)[0][0] for k in shown}
    for i, facts in enumerate(said):
        if all(typed_value(facts.get(k)) == usual[k] for k in shown):
            return i
    return None


def relative(base: Run | Diverged, runs: Sequence[Run | Diverged]) -> list[str]:
    """What runs, of which one is the base, are called beside it: the same as without it, so that each is found again.

    Where that would tell much of each, others are called by what differs from the base.
    """
    said = [_said(facts) for facts in _facts(runs)]
    shown, called = _divide(said)[0], labels(runs)
    if len(shown) <= MANY or _middle(said, shown) is not None:
        return called
    apart = _from(base, runs)
    return number_duplicates([own if run is base else text for run, own, text in zip(runs, called, apart, strict=True)])


def _from(base: Run | Diverged, runs: Sequence[Run | Diverged]) -> list[str]:
    """Label runs by what differs from a base: its own label is its network's name."""
    everything = _facts([base, *runs])
    said = [_said(facts) for facts in everything]
    shown = list(dict.fromkeys([NETWORK, *_divide(said)[0]]))
    short = _short_keys(list(everything[0]))
    own = [[k for k in shown if _apart(k, facts, said[0])] for facts in said[1:]]
    texts = [" ".join(_item(facts, k, short) for k in keys) for facts, keys in zip(said[1:], own, strict=True)]
    return _separate(texts, everything[1:], [k for k in everything[0] if k not in shown], short)


def _apart(key: str, facts: Facts, base: Facts) -> bool:
    """Is it worth saying? The network always; of others what differs, and is read."""
    if key == NETWORK or key not in facts:
        return key == NETWORK
    unread = facts[key] is None and key.startswith("model.") and not reads(facts, key)
    return typed_value(facts[key]) != typed_value(base.get(key)) and not unread


def unlabelled_model_keys(runs: Sequence[Run | Diverged]) -> list[str]:
    """The model keys that differ between the variants but are in no label, since they come with the network family."""
    _, hidden = _divide([_said(facts) for facts in _facts(runs)])
    return sorted(k.rpartition(".")[2] for k in hidden if k.startswith("model.") and k not in NAMED)


def _facts(runs: Sequence[Run | Diverged]) -> list[Facts]:
    """What may tell the runs apart, in the order of telling; the same keys for all."""
    keys = dict.fromkeys(k for run in runs for k in run.config)
    return [
        {NETWORK: run.network, DATA: run.data, **{k: run.config.get(k) for k in keys}, DIGEST: run.digest[:8]}
        for run in runs
    ]


def _said(facts: Facts) -> Facts:
    """Leave out what says nothing about this run: keys that it does not read, and shake's width, part of its name."""
    of_name = "model.width" if facts.get("model.family") == "shake" else None
    return {k: v for k, v in facts.items() if k != of_name and not (v is None and reader_of(k) is not None)}


def _divide(said: list[Facts]) -> tuple[list[str], list[str]]:
    """The keys that vary: those to show, and those that a name stands for (and the digest, which says little)."""
    keys = [k for k in dict.fromkeys(k for facts in said for k in facts) if _varies(said, k)]
    hidden = [k for k in keys if k == DIGEST or ((leader := _leader(k)) and _follows(said, k, leader))]
    return [k for k in keys if k not in hidden], hidden


def _leader(key: str) -> str | None:
    if key in NAMED:
        return NETWORK
    if key in OF_DATA:
        return DATA
    return "model.family" if key.startswith("model.") else None


def _follows(said: list[Facts], key: str, leader: str) -> bool:
    pairs = {(typed_value(facts.get(leader)), typed_value(facts[key])) for facts in said if key in facts}
    return len(pairs) == len({first for first, _ in pairs})


def _varies(facts: Sequence[Facts], key: str) -> bool:
    return len({typed_value(f[key]) for f in facts if key in f}) > 1


def _short_keys(keys: list[str]) -> dict[str, str]:
    """`width` for `model.width`, unless another key ends alike."""
    ends = Counter(k.rpartition(".")[2] for k in keys)
    return {k: end if ends[end := k.rpartition(".")[2]] == 1 else k for k in keys}


def _item(facts: Facts, key: str, short: dict[str, str]) -> str:
    text = typed_value(facts.get(key))
    return printable(text if key == NETWORK else f"{short.get(key, key)}={text}")


def _separate(texts: list[str], facts: list[Facts], keys: list[str], short: dict[str, str]) -> list[str]:
    """Tell equal labels apart by the keys left out so far; by the data's digest where only that differs."""
    for key in keys:
        for group in duplicates(texts):
            if _varies([facts[i] for i in group], key):
                for i in group:
                    texts[i] = f"{texts[i]} {_item(facts[i], key, short)}".strip()
    return number_duplicates(texts)
