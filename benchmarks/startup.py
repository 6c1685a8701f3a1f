"""Time how fast the commands respond, relative to importing TensorFlow.

    .venv/bin/python benchmarks/startup.py

The commands alternate. Check: none of them imports TensorFlow, Keras or JAX. Printed: median and quartiles in seconds,
and the ratio of the median to that of the import.
"""

import dataclasses
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ablation.cli import composition
from ablation.run import place as run_place
from ablation.rundir import discovery
from ablation.rundir import record as rundir_record

ROUNDS = 7
BIN = Path(sys.executable).parent
REFERENCE = "import tensorflow"
RUNS = 200
TINY = ["model=resnet_cifar", "model.depth=8", "model.width=4", "data.limit=200", "train.epochs=1"]
SWEEP = ["-m", *TINY, f"seed={','.join(map(str, range(RUNS)))}"]
ARMS = {  # label: (command, exit code)
    REFERENCE: ([sys.executable, "-c", "import tensorflow"], 0),
    "ablate --help": ([BIN / "ablate", "--help"], 0),
    "ablate --cfg job": ([BIN / "ablate", "--cfg", "job"], 0),
    "ablate model=typo": ([BIN / "ablate", "model=typo"], 1),
    "ablate-compare --help": ([BIN / "ablate-compare", "--help"], 0),
    f"a sweep of {RUNS}, done": ([BIN / "ablate", *SWEEP], 0),
}


def finish(place: Path) -> None:
    """Train one run of the sweep, and copy it for the other seeds."""
    subprocess.run([BIN / "ablate", *TINY], cwd=place, check=True, capture_output=True)
    (original,) = discovery.find([place / "outputs"])
    record, config = rundir_record.read_record(original), composition.compose(TINY).config
    for seed in range(1, RUNS):
        where = run_place.locate(dataclasses.replace(config, seed=seed))
        copy = shutil.copytree(original, place / "outputs" / where.name)
        rundir_record.write_record(copy, dataclasses.replace(record, seed=seed, fingerprint=where.fingerprint))


def call(command: list, code: int, env: dict[str, str], place: Path) -> float:
    """Return the command's wall time in seconds. Raises SystemExit if the exit code is not `code`."""
    began = time.perf_counter()
    done = subprocess.run(command, env=env, cwd=place, capture_output=True, text=True)
    if done.returncode != code:
        raise SystemExit(f"{command} exited with {done.returncode}: {done.stderr}")
    return time.perf_counter() - began


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "place")
        place.mkdir()
        finish(place)
        for name in ("tensorflow", "keras", "jax"):  # check that no command imports them
            Path(folder, f"{name}.py").write_text(f"raise SystemExit('{name} was imported')")
        for command, code in [arm for name, arm in ARMS.items() if name != REFERENCE]:
            call(command, code, {**os.environ, "PYTHONPATH": folder}, place)
        seconds: dict[str, list[float]] = {name: [] for name in ARMS}
        for _ in range(ROUNDS):
            for name, (command, code) in ARMS.items():
                seconds[name].append(call(command, code, dict(os.environ), place))
    reference = statistics.median(seconds[REFERENCE])
    print(f"{'':24}{'median':>8}{'quartiles':>16}{'ratio':>8}")
    for name, values in seconds.items():
        low, median, high = statistics.quantiles(values, n=4)
        print(f"{name:24}{median:8.2f}{f'{low:.2f} – {high:.2f}':>16}{median / reference:8.2f}")


if __name__ == "__main__":
    main()
