"""Label each variant by the settings that differ between the compared variants."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from ablation.comparison.reading.run import Diverged, Run
from ablation.config.applicability import reader_of, reads
from ablation.redaction import printable
from ablation.text import duplicates, number_duplicates, typed_value

NETWORK, DATA, DIGEST = "network", "data", "data.digest"
# The keys that a network's name and a data set's name stand for.
NETWORK_KEYS = frozenset({"model.family", "model.block", "model.repeats", "model.depth", "model.residual"})
DATA_KEYS = frozenset(
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
MAX_KEYS = 3  # in a label; if more of them vary, labels show only differences from the most frequent values
Facts = dict[str, Any]  # network, data set, config and digest of a run, by key


def labels(runs: Sequence[Run | Diverged]) -> list[str]:
    """Label distinct variants, each given by one of its runs: `plain34`, `resnet34 width=8`, `data=cifar10`, …

    Labels are unique, complete and printable, in the order of the runs. If many keys vary and one run has the most
    frequent value of each, as the baseline of an ablation does, labels show the differences from that run.
    """
    if len(runs) == 1:
        return [printable(runs[0].network)]
    table = _FactTable(runs)
    if len(table.shown) > MAX_KEYS:
        usual = table.usual_run()
        if usual is not None:
            return _labels_against(runs[usual], runs)
    texts = []
    for facts in table.relevant:
        texts.append(table.text_of(facts, [key for key in table.shown if key in facts]))
    return table.separated(texts, table.facts, table.shown)


def relative(baseline: Run | Diverged, runs: Sequence[Run | Diverged]) -> list[str]:
    """Label runs, one of which is the baseline.

    The labels are the same as without a baseline, so that readers recognise them. If they would be long, all runs but
    the baseline are labelled by their differences from it.
    """
    own_labels = labels(runs)
    table = _FactTable(runs)
    if len(table.shown) <= MAX_KEYS or table.usual_run() is not None:
        return own_labels
    chosen = _labels_against(baseline, runs)
    for position, run in enumerate(runs):
        if run is baseline:
            chosen[position] = own_labels[position]
    return number_duplicates(chosen)


def _labels_against(baseline: Run | Diverged, runs: Sequence[Run | Diverged]) -> list[str]:
    """Label runs by their differences from a baseline, whose own label is the name of its network."""
    table = _FactTable([baseline, *runs])
    baseline_facts, *relevant = table.relevant
    keys = list(dict.fromkeys([NETWORK, *table.shown]))
    texts = []
    for facts in relevant:
        differing = [key for key in keys if _differs(key, facts, baseline_facts)]
        texts.append(table.text_of(facts, differing))
    return table.separated(texts, table.facts[1:], keys)


def _differs(key: str, facts: Facts, baseline: Facts) -> bool:
    """Return whether a label includes the key: the network, or a key that differs from the baseline and is used."""
    if key == NETWORK:
        return True
    if key not in facts:
        return False
    is_unread = facts[key] is None and key.startswith("model.") and not reads(facts, key)
    return not is_unread and typed_value(facts[key]) != typed_value(baseline.get(key))


def unlabelled_model_keys(runs: Sequence[Run | Diverged]) -> list[str]:
    """The model keys that differ between variants but are in no label, because the network family implies them."""
    names = []
    for key in _FactTable(runs).hidden:
        if key.startswith("model.") and key not in NETWORK_KEYS:
            names.append(_last_part(key))
    return sorted(names)


class _FactTable:
    """The facts of several runs, and the keys that their labels show.

    facts: of each run, with the same keys in order of importance. relevant: without facts that do not matter for their
    run. shown: varying keys that labels include. hidden: varying keys that they omit.
    """

    def __init__(self, runs: Sequence[Run | Diverged]):
        self.facts = _facts(runs)
        self.relevant = [_without_silent_facts(facts) for facts in self.facts]
        self.shown: list[str] = []
        self.hidden: list[str] = []
        for key in self._varying_keys():
            if self._is_hidden(key):
                self.hidden.append(key)
            else:
                self.shown.append(key)
        self.short_keys = _short_keys(list(self.facts[0]))

    def _varying_keys(self) -> list[str]:
        keys: dict[str, None] = {}
        for facts in self.relevant:
            keys |= dict.fromkeys(facts)
        return [key for key in keys if _varies(key, self.relevant)]

    def _is_hidden(self, key: str) -> bool:
        """Return whether labels omit the key because another key determines its value, or because it is a hash."""
        leader = _leader(key)
        return key == DIGEST or (leader is not None and self._is_determined(key, leader))

    def _is_determined(self, key: str, leader: str) -> bool:
        """Return whether runs with equal values of the leader have equal values of the key."""
        value_of_leader: dict[str, str] = {}
        for facts in self.relevant:
            if key not in facts:
                continue
            value = typed_value(facts[key])
            if value_of_leader.setdefault(typed_value(facts.get(leader)), value) != value:
                return False
        return True

    def usual_run(self) -> int | None:
        """The position of the first run that has the most frequent value of each key shown."""
        usual = {}
        for key in self.shown:
            counts = Counter(typed_value(facts.get(key)) for facts in self.relevant)
            usual[key] = counts.most_common(1)[0][0]
        for position, facts in enumerate(self.relevant):
            if all(typed_value(facts.get(key)) == value for key, value in usual.items()):
                return position
        return None

    def text_of(self, facts: Facts, keys: Sequence[str]) -> str:
        """`resnet34 width=8 norm=none`."""
        return " ".join([self._item(facts, key) for key in keys])

    def _item(self, facts: Facts, key: str) -> str:
        value = typed_value(facts.get(key))
        if key == NETWORK:
            return printable(value)
        return printable(f"{self.short_keys.get(key, key)}={value}")

    def separated(self, texts: Sequence[str], facts: Sequence[Facts], used_keys: Sequence[str]) -> list[str]:
        """Make equal labels different by adding unused keys or, as a last resort, numbers.

        facts: of the run of each label.
        """
        unique = list(texts)
        for key in facts[0]:
            if key in used_keys:
                continue
            for positions in duplicates(unique):
                if _varies(key, [facts[position] for position in positions]):
                    for position in positions:
                        item = self._item(facts[position], key)
                        unique[position] = f"{unique[position]} {item}".strip()
        return number_duplicates(unique)


def _facts(runs: Sequence[Run | Diverged]) -> list[Facts]:
    """The facts that may distinguish the runs, with the same keys for all."""
    config_keys: dict[str, None] = {}
    for run in runs:
        config_keys |= dict.fromkeys(run.config)
    facts = []
    for run in runs:
        config = {key: run.config.get(key) for key in config_keys}
        facts.append({NETWORK: run.network, DATA: run.data, **config, DIGEST: run.digest[:8]})
    return facts


def _without_silent_facts(facts: Facts) -> Facts:
    """Leave out facts that do not matter for this run: unused keys, and the width of shake, which is in its name."""
    is_shake = facts.get("model.family") == "shake"
    relevant = {}
    for key, value in facts.items():
        is_unread = value is None and reader_of(key) is not None
        if not is_unread and not (is_shake and key == "model.width"):
            relevant[key] = value
    return relevant


def _leader(key: str) -> str | None:
    """The key whose value may determine this key's value."""
    if key in NETWORK_KEYS:
        return NETWORK
    if key in DATA_KEYS:
        return DATA
    return "model.family" if key.startswith("model.") else None


def _varies(key: str, facts: Sequence[Facts]) -> bool:
    values = {typed_value(each[key]) for each in facts if key in each}
    return len(values) > 1


def _short_keys(keys: list[str]) -> dict[str, str]:
    """`width` for `model.width`, unless another key ends in `.width` too."""
    counts = Counter([_last_part(key) for key in keys])
    return {key: _last_part(key) for key in keys if counts[_last_part(key)] == 1}


def _last_part(key: str) -> str:
    return key.rpartition(".")[2]
