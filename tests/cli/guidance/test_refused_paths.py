"""Paths that the file system refuses, in a folder of this test and on command lines."""

import pytest

from ablation.cli.guidance import refused_paths

LONG = "a" * 300


@pytest.mark.parametrize(
    ("error", "words", "said"),
    [
        (PermissionError(13, "Permission denied", "/a b"), ["data.root=/a b"], ("data.root=/a b", "ls -ld '/a b'")),
        (OSError(36, "File name too long", LONG), [f"outputs={LONG}"], (f"outputs={LONG}", "outputs=/path/to/folder")),
        (OSError(36, "File name too long", LONG), ["--out", LONG], ("Type for example /path/to/folder",)),
        (NotADirectoryError(20, "Not a directory", b"/x/y"), ["seed=1"], ("Received /x/y", "ls -ld /x/y")),
    ],
)
def test_the_word_with_the_path_is_named(error, words, said):
    assert refused_paths.is_refused_path(error)
    text = refused_paths.explain(error, words)
    assert error.strerror in text and "Allowed" in text and all(word in text for word in said)


def test_what_names_no_path_is_another_kind_of_error():
    assert not refused_paths.is_refused_path(OSError("out of luck"))
    assert not refused_paths.is_refused_path(ValueError("a"))
