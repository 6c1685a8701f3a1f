"""Errors that a user can mend: one paragraph, no traceback, an exit code."""

import difflib
import re
from collections.abc import Iterable, Mapping

USERINFO = re.compile(r"(:/{1,2})[^\s'\"]*@")  # one slash where a path was made of a URL; a password may have an @


def without_userinfo(text: str) -> str:
    """The text without what stands before the @ of a URL: it may be a password."""
    return USERINFO.sub(r"\1", text)


class Hidden:
    """What came out of the environment into a process's configs, and how it was written there, which is shown instead.

    written: {value: `${oc.env:NAME}`}; a process that is started with such a config is given it.
    """

    def __init__(self):
        self.written: dict[str, str] = {}

    def hide(self, written: Mapping[str, str]) -> None:
        """Hide more."""
        self.written.update(written)

    def out_of(self, text: str) -> str:
        """The text as it was written."""
        for value, written in self.written.items():
            text = text.replace(value, written)
        return text


HIDDEN = Hidden()  # of this process


def public(text: str) -> str:
    """The text without passwords in URLs and without what `${oc.env:…}` stood for."""
    return without_userinfo(HIDDEN.out_of(text))


def printable(text: str, kept: str = "") -> str:
    """Replace what would steer a terminal or break an SVG: control characters, lone surrogates, line ends."""
    return "".join(c if c.isprintable() or c in kept else "\N{REPLACEMENT CHARACTER}" for c in text)


class AblateError(Exception):
    """The command or its input is wrong and nothing was started (exit code 1).

    The text says what is wrong, what was received, what is allowed and what to type.
    """

    code = 1

    def __init__(self, text: str):
        super().__init__(printable(public(text), kept="\n\t"))


class Unread(AblateError):
    """Nothing reads a key that was set."""

    def __init__(self, text: str, key: str):
        super().__init__(text)
        self.key = key


class Busy(AblateError):
    """Another process is running this very run (exit code 75)."""

    code = 75


class Failed(AblateError):
    """Something ran and failed (exit code 2)."""

    code = 2


def nearest(word: str, allowed: Iterable[str]) -> str:
    """The allowed word that looks most like `word`; the first one where none does."""
    allowed = [str(a) for a in allowed]
    close = difflib.get_close_matches(str(word), allowed, n=1, cutoff=0.4)
    return close[0] if close else allowed[0]


def unknown(what: str, received: object, allowed: Iterable[str], key: str) -> AblateError:
    """The paragraph for a word outside a list: `key` is what the user types before the equals sign."""
    allowed = [str(a) for a in allowed]
    return AblateError(
        f"Unknown {what}. Received {key}={received}. Allowed: {', '.join(allowed)}. "
        f"Type for example {key}={nearest(str(received), allowed)}"
    )
