"""How a run ended, in one sentence."""

import re

from ablation.redaction import public
from ablation.rundir.record import RunRecord

CODES = {"completed": 0, "diverged": 2, "failed": 2}


def outcome_sentence(record: RunRecord) -> str:
    """Say in a sentence what a run that ended has come to."""
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
    return text if record.is_exact else f"{text}; not bit-exact"


def one_line_error(error: BaseException) -> str:
    """One line; the traceback is in the log."""
    lines = (public(str(error)).strip() or type(error).__name__).splitlines()
    if lines[0].endswith(":"):  # a heading of Keras' or TensorFlow's, above a page whose last words are the cause
        told = [line.strip() for line in lines[1:] if line.strip() and line.strip()[0] not in "[<^"]
        named = [line for line in told if re.match(r"\w+(Error|Exception): ", line)]
        lines = (named or told or lines)[-1:]
    line = lines[0][:300]
    if "RESOURCE_EXHAUSTED" in line or "ResourceExhausted" in type(error).__name__ or isinstance(error, MemoryError):
        return f"out of memory ({line}). A smaller train.batch_size, model.width or data.image_size needs less"
    return f"{type(error).__name__}: {line}"
