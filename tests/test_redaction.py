"""What no record, log or message may repeat."""

import pytest

from ablation import redaction
from ablation.redaction import Hidden, printable, public, without_userinfo


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://me:secret@example.org/a", "https://example.org/a"),
        ("see 'https://token@example.org' and s3://k:v@b/c", "see 'https://example.org' and s3://b/c"),
        ("https://me:p@ss@example.org", "https://example.org"),
        ("https:/me:secret@example.org", "https:/example.org"),  # what pathlib makes of a URL
        ("https://example.org/a?b=c", "https://example.org/a?b=c"),
        ("mail me@example.org, or a: b@c", "mail me@example.org, or a: b@c"),
        ("https://example.org and me@example.org", "https://example.org and me@example.org"),
        ("", ""),
    ],
)
def test_what_stands_before_the_at_of_a_url_is_left_out(text, shown):
    assert without_userinfo(text) == shown


def test_values_of_the_environment_are_shown_as_they_were_written():
    hidden = Hidden()
    assert hidden.out_of("hunter2") == "hunter2"
    hidden.hide({"hunter2": "${oc.env:A}"})
    hidden.hide({"swordfish": "${oc.env:B}"})
    assert hidden.out_of("hunter2, swordfish and hunter22") == "${oc.env:A}, ${oc.env:B} and ${oc.env:A}2"
    assert hidden.written == {"hunter2": "${oc.env:A}", "swordfish": "${oc.env:B}"}


def test_what_is_public_has_neither(monkeypatch):
    monkeypatch.setattr(redaction, "HIDDEN", Hidden())
    redaction.HIDDEN.hide({"hunter2": "${oc.env:A}"})
    assert public("hunter2 at https://me:secret@example.org") == "${oc.env:A} at https://example.org"


@pytest.mark.parametrize(
    ("text", "kept", "shown"),
    [
        ("résumé 日本 🙂", "", "résumé 日本 🙂"),
        ("a\x1b[2Jb", "", "a�[2Jb"),
        ("a\nb\tc", "", "a�b�c"),
        ("a\nb\tc", "\n", "a\nb�c"),
        ("\ud800 \x00 \x7f \x9b \u202e \u2028", "", "� � � � � �"),
    ],
)
def test_what_would_steer_a_terminal_is_replaced(text, kept, shown):
    assert printable(text, kept) == shown
