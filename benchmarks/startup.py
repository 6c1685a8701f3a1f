"""How soon the commands answer, as shares of the time that importing TensorFlow takes.

    .venv/bin/python benchmarks/startup.py

The arms take turns in one run; printed are medians and the quartiles, in seconds, and the ratio to the import.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 7
BIN = Path(sys.executable).parent
REFERENCE = "import tensorflow"
ARMS = {  # what is typed: (command, exit code)
    REFERENCE: ([sys.executable, "-c", "import tensorflow"], 0),
    "ablate --help": ([BIN / "ablate", "--help"], 0),
    "ablate --cfg job": ([BIN / "ablate", "--cfg", "job"], 0),
    "ablate model=typo": ([BIN / "ablate", "model=typo"], 1),
    "ablate-compare --help": ([BIN / "ablate-compare", "--help"], 0),
}


def call(command: list, code: int, env: dict[str, str]) -> float:
    """Seconds of wall time. Raises SystemExit for another exit code."""
    began = time.perf_counter()
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    if done.returncode != code:
        raise SystemExit(f"{command} left with {done.returncode}: {done.stderr}")
    return time.perf_counter() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("tensorflow", "keras", "jax"):  # the gate: no command needs one of them
            Path(folder, f"{name}.py").write_text(f"raise SystemExit('{name} was imported')")
        for command, code in [arm for name, arm in ARMS.items() if name != REFERENCE]:
            call(command, code, {**os.environ, "PYTHONPATH": folder})
    seconds: dict[str, list[float]] = {name: [] for name in ARMS}
    for _ in range(ROUNDS):
        for name, (command, code) in ARMS.items():
            seconds[name].append(call(command, code, dict(os.environ)))
    reference = statistics.median(seconds[REFERENCE])
    print(f"{'':24}{'median':>8}{'quartiles':>16}{'ratio':>8}")
    for name, values in seconds.items():
        low, median, high = statistics.quantiles(values, n=4)
        print(f"{name:24}{median:8.2f}{f'{low:.2f} – {high:.2f}':>16}{median / reference:8.2f}")


if __name__ == "__main__":
    main()
