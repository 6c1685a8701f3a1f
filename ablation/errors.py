"""Errors that a user can mend: one paragraph, no traceback, an exit code."""

import difflib
from collections.abc import Iterable

from ablation.redaction import printable, public


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
