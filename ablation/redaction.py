"""Redaction of records, logs and messages: passwords in URLs, values from the environment, control characters."""

import contextlib
import re
from collections.abc import Iterator, Mapping

USERINFO = re.compile(r"(:/{1,2})[^\s'\"]*@")  # a URL parsed as a path has one slash; a password may contain an @
SHORTEST_SECRET = 4  # characters of a hidden value; a shorter one occurs in ordinary words


def without_userinfo(text: str) -> str:
    """The text without the user name and password of URLs."""
    return USERINFO.sub(r"\1", text)


class Hidden:
    """Values that configs took from the environment, and the text from the config to show instead.

    written: {value: `${oc.env:NAME}`}. It is passed on to child processes that get such a config.
    """

    def __init__(self):
        self.written: dict[str, str] = {}

    def hide(self, written: Mapping[str, str]) -> None:
        """Hide these values too. written: as for the class."""
        self.written.update(written)

    @contextlib.contextmanager
    def restored(self) -> Iterator[None]:
        """Forget on exit what the context hides."""
        before = dict(self.written)
        try:
            yield
        finally:
            self.written = before

    def out_of(self, text: str) -> str:
        """The text with every hidden value replaced by its expression from the config."""
        for value, written in self.written.items():
            text = text.replace(value, written)
        return text


HIDDEN = Hidden()  # one per process


def public(text: str) -> str:
    """The text without passwords in URLs and without values of `${oc.env:…}`."""
    return without_userinfo(HIDDEN.out_of(text))


def printable(text: str, kept: str = "") -> str:
    """Replace characters that could control a terminal or break an SVG: control characters, surrogates, line ends."""
    return "".join(c if c.isprintable() or c in kept else "\N{REPLACEMENT CHARACTER}" for c in text)
