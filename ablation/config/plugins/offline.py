"""Code that may open no connection: the import of a plugin, and the building of its network."""

import contextlib
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

CONNECTIONS = {"socket.connect", "socket.getaddrinfo", "urllib.Request"}  # audit events of a download
_OFFLINE: ContextVar[bool] = ContextVar("offline", default=False)


class Download(Exception):
    """A connection was opened where none is allowed."""


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """Let code in this context open no connection. Raises Download."""
    _LISTENER.listen()
    token = _OFFLINE.set(True)
    try:
        yield
    finally:
        _OFFLINE.reset(token)


def _refuse_connection(event: str, arguments: tuple[Any, ...]) -> None:
    if event in CONNECTIONS and _OFFLINE.get():
        target = next((str(part) for part in arguments if isinstance(part, str | tuple)), event)
        raise Download(target)


class _Listener:
    """The audit hook of this process, which is added once: Python has no way to remove it."""

    def __init__(self) -> None:
        self._is_on = False

    def listen(self) -> None:
        if not self._is_on:
            self._is_on = True
            sys.addaudithook(_refuse_connection)


_LISTENER = _Listener()
