"""Errors that the user can fix: one paragraph, no traceback, and an exit code."""

import contextlib
import difflib
import re
from collections.abc import Iterable, Iterator, Sequence

from ablation.redaction import printable, public

LONGEST_WORD = 1000  # characters of a word that an error quotes whole: more than any path that people type


class AblateError(Exception):
    """The command or its input is wrong and nothing was started (exit code 1).

    The text says what is wrong, what was received, what is allowed and what to type.
    """

    code = 1

    def __init__(self, text: str):
        super().__init__(_without_long_words(printable(public(text), kept="\n\t")))


class Unread(AblateError):
    """A key was set that the configuration does not use (exit code 1). key: its path, such as `model.shortcut`."""

    def __init__(self, text: str, key: str):
        super().__init__(text)
        self.key = key


class Busy(AblateError):
    """Another process is executing the same run (exit code 75)."""

    code = 75


class Failed(AblateError):
    """Something ran and failed (exit code 2)."""

    code = 2


class Collected:
    """Errors that are collected, so that all are reported at once."""

    def __init__(self) -> None:
        self.errors: list[AblateError] = []

    @contextlib.contextmanager
    def collect(self) -> Iterator[None]:
        """Collect an AblateError that is raised in the context, and leave the context."""
        try:
            yield
        except AblateError as error:
            self.errors.append(error)

    def refuse(self) -> None:
        """Raise all errors as one, if there are any."""
        if self.errors:
            raise together(self.errors)


def _without_long_words(text: str) -> str:
    """The text with the middle of each longer word left out, and with its length."""
    return re.sub(
        rf"\S{{{LONGEST_WORD + 1},}}",
        lambda word: f"{word[0][:60]}… ({len(word[0]):,} characters) …{word[0][-20:]}",
        text,
    )


def together(errors: Sequence[AblateError]) -> AblateError:
    """One error with the paragraphs of all, each different one once; the error itself if it is the only one."""
    if len(errors) == 1:
        return errors[0]
    return AblateError("\n".join(dict.fromkeys(map(str, errors))))


def nearest(word: str, allowed: Iterable[str]) -> str:
    """The allowed word most similar to `word`; the first one if none is similar."""
    words = list(map(str, allowed))
    close = difflib.get_close_matches(str(word), words, n=1, cutoff=0.4)
    return close[0] if close else words[0]


def similar(word: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that `word` is probably a typing error of, or None."""
    close = difflib.get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return close[0] if close else None


def unknown(noun: str, received: object, allowed: Iterable[str], key: str) -> AblateError:
    """The error for a value that is not in a list of allowed words.

    noun: what the value names, such as "model". received: the value. key: the key that the user set.
    """
    words = list(map(str, allowed))
    return AblateError(
        f"Unknown {noun}. Received {key}={received}. Allowed: {', '.join(words)}. "
        f"Type for example {key}={nearest(str(received), words)}"
    )
