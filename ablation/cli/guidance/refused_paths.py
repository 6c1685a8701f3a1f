"""The message for a path that the file system refuses, wherever in a command that happens."""

import os
import shlex
from collections.abc import Sequence

LONGEST_TO_LIST = 200  # characters of a path that somebody may look at with `ls`


def is_refused_path(error: BaseException) -> bool:
    """Return whether the file system refuses a path: no permission, a file in place of a folder, a disk that fails."""
    return isinstance(error, OSError) and error.errno is not None and error.filename is not None


def explain(error: OSError, words: Sequence[str]) -> str:
    """The message for such an error. words: of the command; one of them may contain the path."""
    path = os.fsdecode(error.filename)
    typed = next((word for word in words if path in word), None)
    remedy = f"ls -ld {shlex.quote(path)}, which shows what is there and whose it is"
    if typed is not None and len(path) > LONGEST_TO_LIST:
        key, equals, _ = typed.partition("=")
        remedy = f"for example {key}=/path/to/folder" if equals else "for example /path/to/folder"
    return (
        f"The file system refuses a path: {error.strerror or error}. Received {typed or path}. Allowed: a path that "
        f"exists or can be created, and that you may read. Type {remedy}"
    )
