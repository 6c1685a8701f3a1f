"""Code that may open no connection: the import of a plugin, and the building of its network."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Any

CONNECTIONS = {"socket.connect", "socket.getaddrinfo", "urllib.Request"}  # audit events of a download


class Download(Exception):
    """A connection was opened where none is allowed."""


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """Let code in this context open no connection. Raises Download."""
    _LISTENER.listen()
    _LISTENER.depth += 1
    try:
        yield
    finally:
        _LISTENER.depth -= 1


def _refuse_connection(event: str, arguments: tuple[Any, ...]) -> None:
    if event in CONNECTIONS and _LISTENER.depth:
        target = next((str(part) for part in arguments if isinstance(part, str | tuple)), event)
        raise Download(target)


class _Listener:
    """The audit hook of this process, which is added once: Python has no way to remove it.

    depth: the number of contexts that allow no connection, to any thread: code in them may start one.
    """

    def __init__(self) -> None:
        self._is_on, self.depth = False, 0

    def listen(self) -> None:
        if not self._is_on:
            self._is_on = True
            sys.addaudithook(_refuse_connection)


_LISTENER = _Listener()
