"""The outcome of a run in one sentence."""

import re

from ablation.redaction import public
from ablation.rundir.record import COMMAND, RESULT, RunRecord

CODES = {"completed": 0, "diverged": 2, "failed": 2}  # exit codes
MAX_LENGTH = 300


def outcome_sentence(record: RunRecord) -> str:
    """The outcome of a run that has ended, as a sentence."""
    if record.kind == COMMAND:
        return _sentence_of_program(record)
    if record.status == "interrupted":
        return "Run the same command to resume."
    metrics = record.metrics
    final, best = metrics.value("final", "val_accuracy"), metrics.value("best", "val_accuracy")
    if final is None or best is None:
        return "The loss became NaN or infinite before the first epoch ended. A smaller train.learning_rate may help."
    text = f"val_accuracy {final:.4f} (best {best:.4f} in epoch {metrics.value('best', 'epoch')})"
    test = metrics.value("test", "accuracy")
    if test is not None:
        text += f", test accuracy {test:.4f}"
    if not record.is_exact:
        text += "; not bit-exact"
    return text


def _sentence_of_program(record: RunRecord) -> str:
    if record.status == "interrupted":
        return "Run the same command to begin it again."
    texts = [f"{name} {value:.6g}" for name, value in (record.metrics.scores.get(RESULT) or {}).items()]
    return "; ".join([*texts, *([record.error] if record.error else [])])


def one_line_error(error: BaseException) -> str:
    """The error in one line, with at most MAX_LENGTH characters of its message. The traceback goes to the log."""
    lines = (public(str(error)).strip() or type(error).__name__).splitlines()
    line = lines[0]
    if line.endswith(":"):  # a heading from Keras or TensorFlow; the cause is at the end of the message
        line = _cause(lines[1:]) or line
    line = line[:MAX_LENGTH]
    if "RESOURCE_EXHAUSTED" in line or "ResourceExhausted" in type(error).__name__ or isinstance(error, MemoryError):
        return f"out of memory ({line}). A smaller train.batch_size, model.width or data.image_size needs less memory"
    return f"{type(error).__name__}: {line}"


def _cause(lines: list[str]) -> str:
    """The last line that names an exception, or else the last line of text; empty if there is none."""
    texts = [line.strip() for line in lines if line.strip() and line.strip()[0] not in "[<^"]
    for text in reversed(texts):
        if re.match(r"\w+(Error|Exception): ", text):
            return text
    return texts[-1] if texts else ""
