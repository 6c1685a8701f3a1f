"""Time `ablate-runs` on many runs, as a user waits for it: the whole command in its own process, with its imports.

    .venv/bin/python benchmarks/runs.py [--runs 10000] [--epochs 200] [--rounds 5]

first:    list the runs without an index
list:     list the runs, with the index that the first command wrote, after one more run
all:      the same, printing every run instead of the newest 50
filter:   the runs that meet two conditions
json:     every run with its configuration, as JSON
failed:   the reasons of the failed runs, a tenth of which are in addition to the others
plain:    json.loads on every run.json, and one line per run; the same imports of Python alone
help:     `ablate-runs --help`

The arms alternate, each in its own process; all files are in the page cache. Check: list, JSON and a plain loop over
the records name the same runs with the same values. Printed: medians and ranges of wall time and processor time in
seconds.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import compare as runs_of  # the runs of benchmarks/compare.py

BIN = Path(sys.executable).parent
PLAIN = """
import json, sys
from pathlib import Path
for place in sorted(Path(sys.argv[1]).glob("*/run.json")):
    record = json.loads(place.read_text())
    size = sum(entry["size"] for entry in record.get("files", {}).values())
    print(record["status"], record["config"]["model"]["width"], record["seed"], record["metrics"]["test"], size, place)
"""
CONDITIONS = ["--where", "width=8,9", "--where", "test_accuracy>0.9"]


def arms(outputs: Path, failed: Path) -> dict[str, list[str]]:
    """Return the command of each arm."""
    program = str(BIN / "ablate-runs")
    return {
        "first": [program, str(outputs)],
        "list": [program, str(outputs)],
        "all": [program, str(outputs), "--all"],
        "filter": [program, str(outputs), *CONDITIONS],
        "json": [program, str(outputs), "--json"],
        "failed": [program, str(outputs), str(failed), "--status", "failed"],
        "plain": [sys.executable, "-c", PLAIN, str(outputs)],
        "help": [program, "--help"],
    }


def make_failed(outputs: Path, runs: int) -> None:
    """Write runs that failed, byte for byte as `rundir` does."""
    from support.fake_runs import config, write

    for seed in range(runs):
        write(outputs, config("resnet34", seed=seed), status="failed", error="ResourceExhaustedError: out of memory")


def gate(outputs: Path, failed: Path) -> None:
    """Check that the command finds what a plain loop over the records finds. Raises AssertionError otherwise."""
    expected = {}
    for place in outputs.glob("*/run.json"):
        record = json.loads(place.read_text())
        size = sum(file.stat().st_size for file in place.parent.iterdir())
        expected[str(place.parent)] = (record["status"], record["seed"], record["metrics"]["test"]["accuracy"], size)
    for _ in range(2):  # without the index, and with it
        runs = json.loads(output(arms(outputs, failed)["json"]))["runs"]
        values = {}
        for run in runs:
            values[run["path"]] = (run["status"], run["seed"], run["metrics"]["test"]["accuracy"], run["size"])
        assert values == expected
    lines = output(arms(outputs, failed)["all"]).splitlines()
    assert {line.split()[-1] for line in lines if line.startswith("completed")} == set(expected)
    matching = json.loads(output([*arms(outputs, failed)["json"], *CONDITIONS]))["runs"]
    wanted = {path for path, (_, _, accuracy, _) in expected.items() if accuracy > 0.9 and width(path) in (8, 9)}
    assert {run["path"] for run in matching} == wanted and wanted
    assert output(arms(outputs, failed)["failed"]).count("ResourceExhaustedError") > 0


def width(path: str) -> int:
    return json.loads(Path(path, "run.json").read_text())["config"]["model"]["width"]


def output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def call(command: list[str]) -> tuple[float, float]:
    """Run a command to its end. Returns its wall time and its processor time in seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (("runs", 10_000), ("epochs", 200), ("rounds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    from ablation.rundir import layout

    with tempfile.TemporaryDirectory() as folder:
        outputs, failed = Path(folder, "outputs"), Path(folder, "failed")
        runs_of.make(outputs, options.runs, options.epochs)
        make_failed(failed, options.runs // 10)
        time.sleep(3)  # runs that changed a moment ago are not indexed
        gate(outputs, failed)
        measured: dict[str, list[tuple[float, float]]] = {name: [] for name in arms(outputs, failed)}
        for number in range(options.rounds):
            shutil.rmtree(outputs / layout.INDEX, ignore_errors=True)
            for name, command in arms(outputs, failed).items():
                if name == "list":
                    runs_of.write(outputs, options.runs + number, options.epochs)
                measured[name].append(call(command))
    print(
        f"{options.runs} runs of {options.epochs} epochs, {options.rounds} rounds; {os.cpu_count()} cores of", end=" "
    )
    print(f"{runs_of.processor()}, Python {sys.version.split()[0]}, {datetime.now():%Y-%m-%d}\n")
    print(f"{'':10}{'wall':>8}{'':20}{'processor':>10}")
    for name, times in measured.items():
        cells = []
        for values in zip(*times, strict=True):
            cells.append(f"{statistics.median(values):6.2f} s   ({min(values):.2f} to {max(values):.2f})")
        print(f"{name:10}{cells[0]:28}{cells[1]}")


if __name__ == "__main__":
    main()
