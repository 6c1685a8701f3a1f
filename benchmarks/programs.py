"""Time what a study of a program adds to each run of the program.

    .venv/bin/python benchmarks/programs.py [--runs 200] [--rounds 3]

alone:    the program, once for each run, one after another, from a loop in Python
study:    `ablate -m` with a study of as many runs, one at a time: the whole command, with its start and its table
again:    the same command when all runs are done

The program is a shell script that writes one number. The arms alternate. Check: every run has completed, and its value
is that of the program alone. Printed: medians and ranges of wall time in seconds, and (study - alone) / runs.
"""

import argparse
import json
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

BIN = Path(sys.executable).parent
CELLS = 4
SCRIPT = '#!/bin/sh\n# DIR SEED flags\necho "{\\"score\\": 0.5$2}" > "$1/r.json"\n'


def declare(folder: Path, runs: int) -> None:
    """Write the program and its study."""
    script = folder / "score.sh"
    script.write_text(SCRIPT)
    script.chmod(0o755)
    study = {
        "command": ["./score.sh", "{dir}", "{seed}", "{args}"],
        "metric": {"name": "score", "file": "{dir}/r.json"},
        "baseline": {"a": 1, "b": 1, "c": 1},
        "components": {name: {name: 2} for name in "abc"},
        "seeds": runs // CELLS,
    }
    (folder / "my" / "study").mkdir(parents=True)
    (folder / "my" / "study" / "speed.yaml").write_text(f"# @package _global_\nstudy: {json.dumps(study)}\n")


def alone(folder: Path, runs: int) -> float:
    """The seconds of the program alone."""
    place = folder / "alone"
    place.mkdir(exist_ok=True)
    began = time.monotonic()
    for seed in range(runs):
        subprocess.run(["./score.sh", place, str(seed), "-a", "1"], cwd=folder, check=True, stdin=subprocess.DEVNULL)
    return time.monotonic() - began


def study(folder: Path) -> float:
    """The seconds of the command of the study."""
    words = [BIN / "ablate", "-m", "--config-dir", "my", "+study=speed", "n_jobs=1"]
    began = time.monotonic()
    subprocess.run(words, cwd=folder, check=True, capture_output=True)
    return time.monotonic() - began


def gate(folder: Path, runs: int) -> None:
    """Check that every run has completed with the program's value. Raises AssertionError otherwise."""
    records = [json.loads(path.read_text()) for path in folder.glob("outputs/*/run.json")]
    assert len(records) == runs, len(records)
    for record in records:
        assert record["status"] == "completed"
        assert record["metrics"]["result"]["score"] == float(f"0.5{record['seed']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    times: dict[str, list[float]] = {"alone": [], "study": [], "again": []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        declare(folder, options.runs)
        for _ in range(options.rounds):
            shutil.rmtree(folder / "outputs", ignore_errors=True)
            times["alone"].append(alone(folder, options.runs))
            times["study"].append(study(folder))
            gate(folder, options.runs)
            times["again"].append(study(folder))
    today = datetime.now(UTC).date()
    print(f"{options.runs} runs, {options.rounds} rounds; Python {platform.python_version()}, {today}\n")
    for arm, seconds in times.items():
        print(f"{arm:8} {statistics.median(seconds):7.2f} s   ({min(seconds):.2f} to {max(seconds):.2f})")
    added = [(long - short) / options.runs for long, short in zip(times["study"], times["alone"], strict=True)]
    low, middle, high = (1000 * each for each in (min(added), statistics.median(added), max(added)))
    print(f"\nadded to each run: {middle:.0f} ms ({low:.0f} to {high:.0f})")


if __name__ == "__main__":
    main()
