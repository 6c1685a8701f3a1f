"""python benchmarks/plan.py: the hours that `ablate-plan --measure` estimates against those that a study takes.

Each round plans and runs a study in a fresh folder, with the seconds of both; the ratio is estimated / taken. The gate:
the parameters and MACs in the plan equal those in the runs' records.
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
    print(f"{'study':20}{'told':>8}{'taken':>8}{'ratio':>8}")
    for name, words in STUDIES.items():
        ratios = []
        for _ in range(ROUNDS):
            with tempfile.TemporaryDirectory() as folder:
                told, taken = told_and_taken(words, Path(folder))
            ratios.append(told / taken)
            print(f"{name:20}{told:>7.0f}s{taken:>7.0f}s{ratios[-1]:>8.2f}", flush=True)
        print(f"{name:20}{'median of the ratios':>24} {statistics.median(ratios):.2f}")


def told_and_taken(words: list[str], folder: Path) -> tuple[float, float]:
    """Seconds that the plan tells, and that the study then takes."""
    said = run("ablate-plan", *words, "--measure", folder=folder)
    found = re.search(r"takes about (.*?) on this machine", said)[1].split()
    told = sum(float(number) * UNITS[unit] for number, unit in zip(found[::2], found[1::2], strict=True))
    began = time.monotonic()
    run("ablate", "-m", *words, folder=folder)
    taken = time.monotonic() - began
    gate(folder)
    return told, taken


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
