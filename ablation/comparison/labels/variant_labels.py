"""Label each variant by what the user varied, in at most 40 characters.

Labels that would be longer are shortened, by no more of these steps than necessary:
1. The keys in all labels have abbreviations, such as `lr`.
2. Values that more than half of the variants have are left out of all labels. With more than three keys, this is done
   in any case.
3. Long values are cut, in the labels that need it.
4. The last settings are left out of these labels.
What remains of a label fits no other variant; where it would, a number follows.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain

from ablation.comparison.labels.abbreviations import ABBREVIATIONS
from ablation.comparison.labels.value_cuts import cut_values
from ablation.comparison.labels.varied import DIGEST, NETWORK, Row, Varied, varied
from ablation.comparison.reading.run import Diverged, Run
from ablation.redaction import printable
from ablation.text import duplicates, number_duplicates, positions_by_text

LONGEST = 40  # characters of a label
MAX_KEYS = 3  # that all labels show with any value
CUTS = (24, 16, 12, 10, 8, 7)  # characters of a value, in this order
SHORT_CUTS, FEW = (6, 5, 4, 3), 4  # the same for labels of so few settings, so that none is left out
SHORTEST_NETWORK = 10  # characters of a network's name
Keys = list[list[str]]  # of each label


@dataclass(frozen=True)
class Label:
    """The label of a variant.

    text: unique, printable, at most LONGEST characters. full: the same settings, with full names and values.
    """

    text: str
    full: str


def labels(runs: Sequence[Run | Diverged]) -> list[Label]:
    """Label distinct variants, each given by one of its runs: `plain34`, `resnet34 width=8`, `norm=batch lr=0.1`, …

    The labels are in the order of the runs. One without a setting is the name of the variant's network.
    """
    wording = _Wording(runs)
    style = wording.style()
    texts = number_duplicates(wording.short_texts(style), LONGEST)
    full = wording.texts(_Style(style.keys, wording.names))
    return [Label(text, unabbreviated) for text, unabbreviated in zip(texts, full, strict=True)]


@dataclass(frozen=True)
class _Style:
    """How labels are written. keys: that each shows. names: of the keys. cuts: by key, what is shown of its values."""

    keys: Keys
    names: dict[str, str]
    cuts: dict[str, dict[str, str]] = field(default_factory=dict)


class _Wording:
    """What labels can say about each variant."""

    def __init__(self, runs: Sequence[Run | Diverged]) -> None:
        self.table = varied(runs)
        self.names = _names(runs)
        self.networks = [printable(run.network) for run in runs]
        self.values: list[Row] = []
        for facts, row in zip(self.table.facts, self.table.rows, strict=True):
            self.values.append(facts | row)

    def style(self) -> _Style:
        """The first style without cuts in which all labels fit, otherwise the shortest."""
        complete = self._keys({})
        unusual = self._keys(_usual_values(self.table))
        keys = unusual if len(self.table.shown) > MAX_KEYS else complete
        abbreviated = self.names | ABBREVIATIONS
        for style in (_Style(keys, self.names), _Style(keys, abbreviated)):
            if max(map(len, self.texts(style))) <= LONGEST:
                return style
        return _Style(unusual, abbreviated)

    def texts(self, style: _Style) -> list[str]:
        """`resnet34 width=8 norm=none` for each variant."""
        texts = []
        for keys, values, network in zip(style.keys, self.values, self.networks, strict=True):
            words = []
            for key in keys:
                value = style.cuts.get(key, {}).get(values[key], values[key])
                words.append(value if key == NETWORK else f"{style.names.get(key, key)}={value}")
            texts.append(" ".join(words) or network)
        return texts

    def short_texts(self, style: _Style) -> list[str]:
        """The labels in a style, shortened where they are too long."""
        texts = self.texts(style)
        waiting = {position for position, text in enumerate(texts) if len(text) > LONGEST}
        for length in CUTS:
            self._cut(texts, waiting, style, length)
        many = {position for position in waiting if len(style.keys[position]) > FEW}
        self._leave_out(texts, many, style, CUTS[-1])
        waiting -= many
        for length in SHORT_CUTS:
            self._cut(texts, waiting, style, length)
        self._leave_out(texts, waiting, style, SHORT_CUTS[-1])
        return texts

    def _cut(self, texts: list[str], waiting: set[int], style: _Style, length: int) -> None:
        """Cut the values in waiting labels, unless these would still be too long.

        All labels of which the same remains become equal, so that they get numbers.
        """
        if not waiting:
            return
        cut = self.texts(replace(style, cuts=self._cuts(style.keys, length)))
        for text, positions in positions_by_text(cut).items():
            if len(text) <= LONGEST and not waiting.isdisjoint(positions):
                waiting.difference_update(positions)
                for position in positions:
                    texts[position] = text

    def _leave_out(self, texts: list[str], positions: Collection[int], style: _Style, length: int) -> None:
        """Leave out the last settings of labels. length: to which the values are cut."""
        if not positions:
            return
        cut = self.texts(replace(style, cuts=self._cuts(style.keys, length)))
        starts = {position: _first_words(cut[position], LONGEST) for position in positions}
        occurrences: Counter[str] = Counter()
        for length in {len(start) for start in starts.values()}:
            occurrences.update(text[: length - len("…")] for text in cut)
        numbers: Counter[str] = Counter()
        for position, start in starts.items():
            texts[position] = start
            if occurrences[start.removesuffix("…")] > 1:
                start = _first_words(cut[position], LONGEST - len(f" ({len(positions)})"))
                numbers[start] += 1
                texts[position] = f"{start} ({numbers[start]})"

    def _keys(self, usual: Row) -> Keys:
        """The keys that each label shows: those without the usual value. Equal labels get further keys."""
        chosen = []
        for row in self.table.rows:
            chosen.append([key for key in self.table.shown if key in row and row[key] != usual.get(key)])
        for key in self.table.facts[0]:
            equal = duplicates(self.texts(_Style(chosen, self.names)))
            if not equal:
                break
            for positions in equal:
                if len({self.values[position][key] for position in positions}) > 1:
                    _add_key(key, [chosen[position] for position in positions])
        return chosen

    def _cuts(self, keys: Keys, length: int) -> dict[str, dict[str, str]]:
        """What remains of the values of the keys that are shown."""
        cuts = {}
        for key in dict.fromkeys(chain.from_iterable(keys)):
            cuts[key] = cut_values(self._distinct[key], max(length, SHORTEST_NETWORK) if key == NETWORK else length)
        return cuts

    @cached_property
    def _distinct(self) -> dict[str, dict[str, None]]:
        """The values of each key that a label can show."""
        values: dict[str, dict[str, None]] = {}
        for row in self.values:
            for key, value in row.items():
                values.setdefault(key, {})[value] = None
        return values


def _add_key(key: str, labels: Sequence[list[str]]) -> None:
    for keys in labels:
        if key not in keys:
            keys.append(key)


def _usual_values(table: Varied) -> Row:
    """The value of each key shown that more than half of the variants with this key have, if there is one.

    The network is always shown.
    """
    usual = {}
    for key in table.shown:
        counts = Counter(row[key] for row in table.rows if key in row)
        value, count = counts.most_common(1)[0]
        if key != NETWORK and 2 * count > counts.total():
            usual[key] = value
    return usual


def _names(runs: Sequence[Run | Diverged]) -> dict[str, str]:
    """The short name of each key: `width` for `model.width`, unless another key ends in `.width` too."""
    keys: dict[str, None] = {}
    for run in runs:
        keys |= dict.fromkeys([*run.config, DIGEST])
    counts = Counter(_last_part(key) for key in keys)
    return {key: _last_part(key) for key in keys if counts[_last_part(key)] == 1}


def _last_part(key: str) -> str:
    return key.rpartition(".")[2]


def _first_words(text: str, length: int) -> str:
    """`a=1 b=2 …`: the whole words at the start of a longer text; without a whole word, its first characters."""
    words, space, _ = text[: length - len("…")].rpartition(" ")
    return f"{words}{space}…" if space else f"{text[: length - len('…')]}…"
