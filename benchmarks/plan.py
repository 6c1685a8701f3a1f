"""Compare the training time that `ablate-plan --measure` estimates with the time that the study takes.

    .venv/bin/python benchmarks/plan.py

Each round plans and runs a study in a fresh folder. Printed: seconds estimated and taken, and the ratio estimated /
taken. Check: parameters and MACs in the plan equal those in the runs' records.
"""

import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ablation.rundir import discovery, record

BIN = Path(sys.executable).parent
ROUNDS = 3
STUDIES = {
    "quickstart": ["+study=quickstart"],
    "resnet_components": [
        "+study=resnet_components",
        "model.width=8",
        "data=digits",
        "train=quickstart",
        "study.seeds=1",
    ],
}
UNITS = {"s": 1, "min": 60, "h": 3600}


def main() -> None:
    print(f"{'study':20}{'estimated':>10}{'taken':>8}{'ratio':>8}")
    for name, words in STUDIES.items():
        ratios = []
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as folder:
                estimated, taken = estimated_and_taken(words, Path(folder))
            ratios.append(estimated / taken)
            print(f"{name:20}{estimated:>9.0f}s{taken:>7.0f}s{ratios[-1]:>8.2f}", flush=True)
        print(f"{name:20}{'median of the ratios':>26} {statistics.median(ratios):.2f}")


def estimated_and_taken(words: list[str], folder: Path) -> tuple[float, float]:
    """Return the seconds that the plan estimates, and those that the study then takes."""
    said = run("ablate-plan", *words, "--measure", folder=folder)
    duration = re.search(r"takes about (.*?) on this machine", said)[1].split()
    estimated = sum(float(number) * UNITS[unit] for number, unit in zip(duration[::2], duration[1::2], strict=True))
    began = time.monotonic()
    run("ablate", "-m", *words, folder=folder)
    taken = time.monotonic() - began
    gate(folder)
    return estimated, taken


def run(command: str, *words: str, folder: Path) -> str:
    return subprocess.run([BIN / command, *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def gate(folder: Path) -> None:
    recorded = [record.read_record(path).network for path in discovery.find([folder / "outputs"])]
    (place,) = (folder / "outputs" / "studies").glob("*/plan.json")
    sizes = ("trainable_parameters", "total_parameters", "macs")
    counted = {tuple(network[k] for k in sizes) for network in json.loads(place.read_text())["networks"].values()}
    assert counted == {tuple(getattr(network, k) for k in sizes) for network in recorded}


if __name__ == "__main__":
    main()
