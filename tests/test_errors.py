"""Errors that the user can fix: what they quote."""

from ablation.errors import LONGEST_WORD, AblateError


def test_a_word_that_nobody_would_read_is_quoted_in_part_with_its_length():
    typed = "model=" + "a" * 5000 + "the_end"
    text = str(AblateError(f"Unknown model. Received {typed}. Allowed: vgg16."))
    assert text.startswith("Unknown model. Received model=aaa") and "5,014 characters" in text  # with the full stop
    assert "the_end" in text and text.endswith("Allowed: vgg16.") and len(text) < 300


def test_a_long_path_and_a_long_text_stay_whole():
    path = "/" + "a" * (LONGEST_WORD - 1)
    text = f"Type mv {path} /elsewhere" + " to leave it out" * 200
    assert str(AblateError(text)) == text
