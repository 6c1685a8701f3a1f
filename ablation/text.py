"""Formatting of values, lists, durations, sizes and long names as text, shared by all rooms."""

import re
import shlex
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

SIZE_UNITS = ("B", "kB", "MB", "GB")
WORD, SHORT_WORD = 6, 3  # characters that remain at least of a word that is cut, if possible and in any case
PLAIN_WORD = re.compile(r"[A-Za-z][\w-]*")
READ_OTHERWISE = re.compile(r"true|false|null|inf|nan", re.IGNORECASE)  # Hydra reads these as no text
MANY = 100_000  # pairs of texts that are compared word by word


def typed_value(value: Any) -> str:
    """A config value as a user types it on the command line: `null`, `true`, `0.1`, `[3,4,6,3]`, `{a:1}`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        items = [f"{key}:{typed_value(value[key])}" for key in sorted(value, key=str)]
        return f"{{{','.join(items)}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{','.join(map(typed_value, value))}]"
    return str(value)


def hydra_text(text: str) -> str:
    """A text as Hydra reads it as one: in quotes where it would be read as a number, true, null, or more words."""
    if PLAIN_WORD.fullmatch(text) and not READ_OTHERWISE.fullmatch(text):
        return text
    escaped = re.sub(
        r"(\\*)('|\Z)", lambda end: end[1] * 2 + ("\\'" if end[2] else ""), text
    )  # \ counts before a quote
    return f"'{escaped}'"


def shell_text(text: str) -> str:
    """A text as it is typed in a shell, so that Hydra reads it as one: "'1'"."""
    word = hydra_text(text)
    if word == text:
        return text
    return shlex.quote(word) if re.search(r'[$`"\\!]', word) else f'"{word}"'


def list_with_more(items: Iterable[object], limit: int | None = None, separator: str = ", ") -> str:
    """Join items for a sentence: `a`, `a and b`, `a, b and c`; above `limit` items, `a, b and 3 more`."""
    texts = [str(item) for item in items]
    if limit is not None and len(texts) > limit:
        texts = [*texts[:limit], f"{len(texts) - limit:,} more"]
    if len(texts) < 2:
        return "".join(texts)
    last_separator = " and " if separator == ", " else f"{separator}and "
    return f"{separator.join(texts[:-1])}{last_separator}{texts[-1]}"


def first_line(error: BaseException, limit: int = 200) -> str:
    """The first line of an error's message, at most `limit` characters; its type if it has no message."""
    return str(error).strip().partition("\n")[0][:limit] or type(error).__name__


def gist(error: BaseException, limit: int = 300) -> str:
    """The type of an error, and the line of its message that states the cause: the last one below a heading."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    line = lines[-1] if lines[0].endswith(":") else lines[0]
    return f"{type(error).__name__}: {line[:limit]}" if line else type(error).__name__


def plural(count: int, noun: str) -> str:
    """`1 run`, `1,200 runs`."""
    ending = "" if count == 1 else "s"
    return f"{count:,} {noun}{ending}"


def capitalized(text: str) -> str:
    """The text with a capital first letter; the rest is unchanged, unlike `str.capitalize`."""
    return text[:1].upper() + text[1:]


def duration(seconds: float) -> str:
    """`0.5 s`, `42 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole_minutes, whole_seconds = divmod(round(seconds), 60)
    if whole_minutes == 0:
        return f"{whole_seconds} s"
    hours, minutes = divmod(whole_minutes, 60)
    return f"{minutes} min {whole_seconds} s" if hours == 0 else f"{hours:,} h {minutes} min"


def size(size_in_bytes: float) -> str:
    """`94 MB`: three significant digits and a decimal unit."""
    for unit in SIZE_UNITS:
        if size_in_bytes < 999.5:
            return f"{size_in_bytes:.3g} {unit}"
        size_in_bytes /= 1000
    return f"{size_in_bytes:.3g} TB"


def natural_sort_key(text: str) -> str:
    """A key that sorts resnet50 before resnet101, and lr=0.25 before lr=0.3."""
    return re.sub(r"(?<![\d.])\d+", lambda digits: digits[0].zfill(20), text)


def shorten(texts: Sequence[str], limit: int = 40) -> list[str]:
    """Shorten long labels to at most `limit` characters, with … for what is left out.

    Each result is unique and fits only its own label. Long words are cut, or the middle of the label if this would
    leave too little of them. Where neither distinguishes a label from the others, a number does.
    """
    distinct = list(dict.fromkeys(texts))
    short = _cut_words(distinct, limit, WORD)
    short = cut_in_middle(distinct, limit) | short
    short = _cut_words(distinct, limit, SHORT_WORD) | short
    rest = [text for text in distinct if len(text) > limit and text not in short]
    numbers: Counter[str] = Counter()
    for text in rest:
        digits = len(str(len(rest)))
        start = _cut(text, limit - digits - len(" ()"), limit // 3)
        numbers[start] += 1
        short[text] = f"{start} ({numbers[start]})"
    return number_duplicates([short.get(text, text) for text in texts], limit)


def cut_in_middle(texts: Collection[str], limit: int, ends: Sequence[int] | None = None) -> dict[str, str]:
    """Cut texts of more than `limit` characters to `start…end`, by text; without those that no cut distinguishes.

    What remains of a text fits no other. texts: distinct. ends: the lengths of the end that are considered, in order of
    preference; by default all, first a third of the limit.
    """
    room = limit - len("…")
    if ends is None:
        ends = by_preference(limit)
    waiting = [text for text in texts if len(text) > limit]
    cuts: dict[str, str] = {}
    for end in ends:
        if not waiting or end > room:
            break
        matches = Counter(_cut(text, limit, end) for text in texts if len(text) > room)
        for text in waiting:
            cut = _cut(text, limit, end)
            if matches[cut] == 1:
                cuts[text] = cut
        waiting = [text for text in waiting if text not in cuts]
    return cuts


def by_preference(limit: int) -> list[int]:
    """The possible lengths of the end in `cut_in_middle`, those near a third of the limit first."""
    return sorted(range(limit), key=lambda end: abs(end - limit // 3))


def _cut(text: str, limit: int, end: int) -> str:
    start = limit - len("…") - end
    return f"{text[:start]}…{text[len(text) - end :]}"


def _cut_words(texts: Sequence[str], limit: int, shortest: int) -> dict[str, str]:
    """Cut the longest words of long texts; without texts of which the same would remain as of another.

    texts: distinct. shortest: characters of a word that is cut, at least. Of very many texts, none is cut, because this
    takes time.
    """
    long = [text for text in texts if len(text) > limit and " " in text]
    if len(long) * len(texts) > MANY:
        return {}
    words_of_texts = [text.split(" ") for text in texts]
    cuts = {}
    for text in long:
        words = text.split(" ")
        lengths = _word_lengths(words, limit, shortest)
        for ends in ([0] * len(words), [length // 3 for length in lengths]):
            cut = []
            for word, length, end in zip(words, lengths, ends, strict=True):
                cut.append(word if length >= len(word) else _cut(word, length, end))
            if _length(lengths) <= limit and _fit_only_one(cut, words_of_texts):
                cuts.setdefault(text, " ".join(cut))
    return cuts


def _word_lengths(words: Sequence[str], limit: int, shortest: int) -> list[int]:
    """The lengths of the words if the longest are shortened, one character after the other, until the text fits."""
    lengths = [len(word) for word in words]
    if _length([min(length, shortest) for length in lengths]) > limit:
        return lengths
    while _length(lengths) > limit:
        lengths[lengths.index(max(lengths))] -= 1
    return lengths


def _length(words: Sequence[int]) -> int:
    """The length of a text with words of these lengths."""
    return sum(words) + len(words) - 1


def _fit_only_one(words: Sequence[str], texts: Iterable[Sequence[str]]) -> bool:
    """Return whether words of which parts are left out fit those of only one text."""
    patterns = [word.split("…") for word in words]
    matches = 0
    for text in texts:
        matches += len(text) == len(words) and all(map(_fits, patterns, text))
    return matches == 1


def _fits(parts: Sequence[str], word: str) -> bool:
    """Return whether the word begins and ends with the parts around …, or equals the only part."""
    if len(parts) == 1:
        return word == parts[0]
    start, end = parts[0], parts[-1]
    return len(word) >= len(start) + len(end) and word.startswith(start) and word.endswith(end)


def number_duplicates(texts: Sequence[str], limit: int | None = None) -> list[str]:
    """Append ` (1)`, ` (2)`, … to texts that occur more than once, without making them equal to another text.

    limit: characters of the result; texts are cut for the number.
    """
    numbered = list(texts)
    taken = set(texts)
    for positions in duplicates(texts):
        count = 0
        for position in positions:
            while numbered[position] in taken:
                count += 1
                numbered[position] = _numbered(texts[position], count, limit)
            taken.add(numbered[position])
    return numbered


def _numbered(text: str, count: int, limit: int | None) -> str:
    number = f" ({count})"
    if limit is not None and len(text) + len(number) > limit:
        text = text[: limit - len(number) - len("…")].rstrip("… ") + "…"
    return f"{text}{number}"


def duplicates(texts: Sequence[str]) -> list[list[int]]:
    """The positions of each text that occurs more than once."""
    return [positions for positions in positions_by_text(texts).values() if len(positions) > 1]


def positions_by_text(texts: Sequence[str]) -> dict[str, list[int]]:
    """The positions of each text."""
    positions_of: dict[str, list[int]] = {}
    for position, text in enumerate(texts):
        positions_of.setdefault(text, []).append(position)
    return positions_of
