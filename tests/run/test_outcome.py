"""The outcome of a run in one sentence."""

import pytest

from ablation.run.outcome import MAX_LENGTH, one_line_error, outcome_sentence
from ablation.rundir.record import RunRecord
from ablation.rundir.record_parts import Exactness, Metrics

SCORES = {"final": {"epoch": 3, "val_accuracy": 0.5}, "best": {"epoch": 2, "val_accuracy": 0.75}}


def completed(exact: bool = True, **scores) -> RunRecord:
    return RunRecord("completed", metrics=Metrics({**SCORES, **scores}), exactness=Exactness(exact=exact))


def test_a_completed_run_says_what_it_reached():
    reached = "val_accuracy 0.5000 (best 0.7500 in epoch 2)"
    assert outcome_sentence(completed()) == reached
    assert outcome_sentence(completed(test={"accuracy": 0.25})) == f"{reached}, test accuracy 0.2500"
    assert outcome_sentence(completed(exact=False)) == f"{reached}; not bit-exact"


def test_a_run_without_an_epoch_and_an_interrupted_one_say_what_to_do():
    assert "train.learning_rate" in outcome_sentence(RunRecord("diverged"))
    assert outcome_sentence(RunRecord("interrupted")) == "Run the same command to resume."


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("no"), "ValueError: no"),
        (ValueError("first\nsecond"), "ValueError: first"),
        (ValueError(""), "ValueError: ValueError"),
        (
            RuntimeError("Exception encountered:\n\nTypeError: the cause\nmore\n[drawing]"),
            "RuntimeError: TypeError: the cause",
        ),
        (RuntimeError("Graph execution error:\n\n<box>\nthe last words"), "RuntimeError: the last words"),
        (RuntimeError("A heading alone:"), "RuntimeError: A heading alone:"),
        (ValueError("see https://me:secret@example.org"), "ValueError: see https://example.org"),
    ],
)
def test_an_error_is_one_line_with_its_cause(error, line):
    assert one_line_error(error) == line


def test_a_long_message_is_cut():
    assert len(one_line_error(ValueError("x" * 10**6))) == MAX_LENGTH + len("ValueError: ")


@pytest.mark.parametrize("error", [MemoryError("x"), RuntimeError("RESOURCE_EXHAUSTED: failed to allocate")])
def test_too_little_memory_says_what_needs_less(error):
    line = one_line_error(error)
    assert line.startswith("out of memory (") and "train.batch_size" in line


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("in user code:\n\n    File x.py, line 4\n\n    TypeError: no shape\n", "KeyError: TypeError: no shape"),
        ("Graph execution error:\n\nDetected at\n<stack>\n2 is not 3\n\t [[{{node}}]]", "KeyError: 2 is not 3"),
        ("plain words\nand more", "KeyError: plain words"),
        ("a heading alone:", "KeyError: a heading alone:"),
    ],
)  # fmt: skip
def test_the_reason_of_a_failure_is_its_cause(text, told):
    class Shown(KeyError):
        __str__ = Exception.__str__

    Shown.__name__ = "KeyError"
    assert one_line_error(Shown(text)) == told
