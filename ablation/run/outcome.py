"""How a run ended, in one sentence."""

import re
from typing import Any

from ablation.redaction import public

CODES = {"completed": 0, "diverged": 2, "failed": 2}


def outcome_sentence(record: dict[str, Any]) -> str:
    """What a run that ended has come to, in a sentence."""
    if record["status"] == "interrupted":
        return "The same command goes on from here."
    metrics = record.get("metrics") or {}
    final, best, test = (metrics.get(name) for name in ("final", "best", "test"))
    if not final or not best:
        return "The loss was no number before the first epoch ended. A smaller train.learning_rate may help."
    text = f"val_accuracy {final['val_accuracy']:.4f} (best {best['val_accuracy']:.4f} in epoch {best['epoch']})"
    text += f", test accuracy {test['accuracy']:.4f}" if test else ""
    return text if (record.get("exactness") or {}).get("exact") else f"{text}; not exact"


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
