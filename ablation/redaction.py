"""What no record, log or message may repeat: passwords in URLs, values from the environment, control characters."""

import re
from collections.abc import Mapping

USERINFO = re.compile(r"(:/{1,2})[^\s'\"]*@")  # one slash where a path was made of a URL; a password may have an @


def without_userinfo(text: str) -> str:
    """The text without what stands before the @ of a URL: it may be a password."""
    return USERINFO.sub(r"\1", text)


class Hidden:
    """Values that a process's configs took from the environment; what stood in the config is shown instead.

    written: {value: `${oc.env:NAME}`}. A process that is started with such a config is given it.
    """

    def __init__(self):
        self.written: dict[str, str] = {}

    def hide(self, written: Mapping[str, str]) -> None:
        """Hide these values as well. written: as for the class."""
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
