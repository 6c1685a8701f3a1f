"""How fast many runs are compared: reading, table and overlay against a plain loop and against TensorBoard.

    .venv/bin/python benchmarks/compare.py [--runs 10000] [--epochs 200] [--part 1000] [--rounds 3]

first:       `load` of all runs without an index, the table, the overlay (PNG and SVG), which is `all`; then the report
second:      the same after one more run, with the index that the first look left
whole:       all that `ablate-compare` does then, with every file that it writes
histories:   the histories alone, checked against their checksums, without an index
plain:       json.loads and pandas.read_csv a run, two drawn lines a run, a mean a variant, the same files
tensorboard: of `part` runs: EventAccumulator over event files of the same seven columns

The arms take turns, each in a process of its own; seconds count from after the imports; files are in the page cache.
The slowest arm is scaled up by runs / part. The gate: equal numbers, those of the event files to float32. Printed:
medians with their range, ratios, peak memory; beside wall time the processor's, which other work does not stretch as
much.
"""

import argparse
import contextlib
import functools
import hashlib
import io
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

WIDTHS = range(8, 28)  # one variant each
ARMS = ("first", "second", "whole", "histories", "plain", "tensorboard")


# ---------------------------------------------------------------- the runs


def make(outputs: Path, runs: int, epochs: int) -> None:
    """Write completed runs, byte for byte as `rundir` does, but without waiting for the disk at each."""
    for number in range(runs):
        write(outputs, number, epochs)


def write(outputs: Path, number: int, epochs: int) -> Path:
    """Write one run: a variant of WIDTHS, a seed, a noisy history of full precision, correctness bits."""
    from ablation.rundir import files as rundir_files
    from ablation.rundir import layout, record

    seed, width = number // len(WIDTHS), WIDTHS[number % len(WIDTHS)]
    columns = history(number, width, epochs)
    made = json.loads(template(width, epochs))
    started = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    made["timings"] = {"started": started.isoformat(timespec="milliseconds"), "seconds": sum(columns["seconds"])}
    made["seed"] = made["config"]["seed"] = seed
    made["fingerprint"] = hashlib.sha256(f"{width} {seed}".encode()).hexdigest()
    points = [{name: column[i] for name, column in columns.items()} for i in range(epochs)]
    best = max(points, key=lambda point: point["val_accuracy"])
    for name, point in (("final", points[-1]), ("best", best)):
        made["metrics"][name] = {k: point[k] for k in ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")}
    made["metrics"]["test"] = {"loss": points[-1]["val_loss"], "accuracy": points[-1]["val_accuracy"]}
    directory = outputs / layout.run_name(made["network"]["name"], "digits", seed, made["fingerprint"])
    directory.mkdir(parents=True)
    rows = [",".join(map(repr, row)) for row in zip(*columns.values(), strict=True)]
    files = {
        layout.HISTORY: "\n".join([",".join(columns), *rows, ""]).encode(),
        layout.CORRECT: np.random.default_rng(number).bytes(905),
        layout.LOG: b"A line of some library.\n" * 6,
    }
    made |= {"kind": record.KIND, "format": layout.FORMAT, "files": {}}
    for name, content in files.items():
        (directory / name).write_bytes(content)
        made["files"][name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    made["checksum"] = rundir_files.record_checksum(made)
    (directory / layout.RECORD).write_bytes(json.dumps(made, indent=1, allow_nan=False).encode())
    return directory


@functools.cache
def template(width: int, epochs: int) -> str:
    """A record of the variant, as JSON."""
    from support.fake_runs import config, record
    from support.fake_runs import history as smooth

    made = record(config("resnet34", **{"model.width": width, "train.epochs": epochs}), smooth())
    return json.dumps(made | {"code": "5cebd2785db28a0c", **standing()})


def standing() -> dict[str, dict]:
    """What a record tells of its machine, as long as on a real one."""
    versions = {name: "2.21.0" for name in ("python", "ablation", "keras", "numpy", "tensorflow", "jax", "hydra-core")}
    machine = {"devices": ["cpu"], "processor": "AMD EPYC", "machine": "x86_64", "system": "Linux", "cores": 2}
    exactness = {
        "exact": True,
        "class": "4f9397f2a32f2219",
        "threads": 1,
        "versions": versions,
        "instructions": "avx" * 70,
    }
    return {
        "versions": versions,
        "hardware": machine,
        "exactness": exactness,
        "git": {"commit": "0" * 40, "dirty": False},
    }


def history(number: int, width: int, epochs: int) -> dict[str, list[float]]:
    """Curves that fall and rise towards a value of the width, with noise of the seed; columns as in history.csv."""
    random = np.random.default_rng(number)
    left = np.exp(-5 * np.arange(1, epochs + 1) / epochs)
    noise = random.normal(scale=0.01, size=(5, epochs))
    accuracy = 0.9 + width / 1000 + random.normal(scale=0.004)
    columns = {
        "epoch": np.arange(1, epochs + 1),
        "loss": 0.2 + 2 * left + abs(noise[0]),
        "accuracy": np.clip(1 - left + noise[1], 0, 1),
        "val_loss": 0.3 + 2 * left + abs(noise[2]),
        "val_accuracy": np.clip(accuracy - 0.8 * left + noise[3], 0, 1),
        "learning_rate": 0.05 * (1 + np.cos(np.pi * np.arange(epochs) / epochs)) / 2,
        "seconds": 0.4 + abs(noise[4]),
        "images_per_second": 1078 / (0.4 + abs(noise[4])),
    }
    return {name: values.tolist() for name, values in columns.items()}


def write_events(outputs: Path, events: Path, part: int) -> None:
    """The histories of some runs as event files."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    for run, columns in some(outputs, part):
        writer = EventFileWriter(str(events / run.name))
        for epoch in range(len(columns["loss"])):
            values = [Summary.Value(tag=name, simple_value=column[epoch]) for name, column in columns.items()]
            for value in values:
                writer.add_event(Event(step=epoch + 1, wall_time=1e9 + epoch, summary=Summary(value=[value])))
        writer.close()


def some(outputs: Path, part: int) -> Iterator[tuple[Path, dict[str, tuple[float, ...]]]]:
    """Evenly spread runs, and their columns but the epoch."""
    from ablation.comparison.reading import parse_record
    from ablation.comparison.reading import run as reading_run
    from ablation.rundir import discovery

    found = discovery.find([outputs])
    for run in found[:: len(found) // part][:part]:
        kept = parse_record.read(run).history
        yield run, {name: tuple(kept[name]) for name in reading_run.MEASURED}


# ---------------------------------------------------------------- the arms


class Watch:
    """Seconds of wall time and of this process's processor time, by part and of all."""

    def __init__(self):
        self.began = self.last = (time.perf_counter(), time.process_time())
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = (time.perf_counter(), time.process_time())
        for part, since in ((name, self.last), ("all", self.began)):
            self.laps |= {part: now[0] - since[0], f"{part} (processor)": now[1] - since[1]}
        self.last = now


def ours(outputs: Path, out: Path, _: int) -> dict[str, float]:
    """What the command does, but for the words on the terminal; the same files as the plain loop's, then the report."""
    import jinja2  # noqa: F401
    import rich.table  # noqa: F401

    from ablation.comparison.analysis import compare
    from ablation.comparison.reading import load
    from ablation.report.figures import files
    from ablation.report.html.page import Experiment, pages
    from ablation.report.plots.build import plot_data
    from ablation.report.tables import export
    from ablation.report.tables.build import build_table
    from ablation.report.wording import findings

    told = Watch()
    loaded = load.load([outputs])
    told.lap("read")
    compared = compare.compare(loaded)
    table = build_table(compared)
    (out / "summary.csv").write_text(export.csv(table))
    told.lap("table")
    plots = plot_data(compared)
    for name, content in files.files(plots, formats=("png", "svg")).items():
        (out / name).write_bytes(content)
    told.lap("draw")
    page = Watch()
    experiment = Experiment(compared, table, plots, findings.sentences(compared), ["ablate-compare"])
    for name, content in pages([experiment]).items():
        (out / name).write_bytes(content)
    page.lap("report")
    assert not loaded.excluded
    return page.laps | told.laps | {"n": len(loaded.runs)}


def whole(outputs: Path, out: Path, _: int) -> dict[str, float]:
    import jinja2  # noqa: F401
    import rich.table  # noqa: F401
    from matplotlib.backends import backend_agg, backend_pdf, backend_svg  # noqa: F401

    from ablation.cli import ablate_compare  # noqa: F401
    from ablation.rundir import discovery

    told = Watch()
    with contextlib.redirect_stdout(io.StringIO()):
        assert ablate_compare.main([str(outputs), "--out", str(out / "whole")]) == 0
    told.lap("all")
    return told.laps | {"n": len(discovery.find([outputs]))}


def histories(outputs: Path, out: Path, _: int) -> dict[str, float]:
    from ablation.comparison.reading import parse_record
    from ablation.rundir import discovery
    from ablation.rundir import record as rundir_record

    read = [(run, rundir_record.read_record(run)) for run in discovery.find([outputs])]
    told = Watch()
    for run, record in read:
        parse_record.read_history(run, record)
    told.lap("read")
    return told.laps | {"n": len(read)}


def plain(outputs: Path, out: Path, _: int) -> dict[str, float]:
    """What one writes in a notebook."""
    import matplotlib.pyplot as plt
    import pandas as pd

    plt.switch_backend("agg")
    places = sorted(outputs.glob("*/run.json"))
    told = Watch()
    figure, panels = plt.subplots(1, 2, figsize=(10, 4))
    rows = []
    for place in places:
        record = json.loads(place.read_text())
        curve = pd.read_csv(place.with_name("history.csv"))
        final = record["metrics"]["final"]
        rows.append({"width": record["config"]["model"]["width"], **final, **record["metrics"]["test"]})
        colour = f"C{record['config']['model']['width'] % 10}"
        for axes, column in zip(panels, ("loss", "val_accuracy"), strict=True):
            axes.plot(curve["epoch"], curve[column], color=colour, linewidth=0.5)
    told.lap("read")
    pd.DataFrame(rows).groupby("width").agg(["mean", "std", "count"]).to_csv(out / "plain.csv")
    figure.savefig(out / "plain.png", dpi=150)
    figure.savefig(out / "plain.svg")
    told.lap("draw")
    return told.laps | {"n": len(rows)}


def tensorboard(outputs: Path, out: Path, part: int) -> dict[str, float]:
    import tensorflow  # noqa: F401, its reader is the faster one
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    places = sorted((out / "events").iterdir())
    told = Watch()
    for place in places:
        reader = EventAccumulator(str(place), size_guidance={"scalars": 0})
        reader.Reload()
        columns = {tag: [event.value for event in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}
    told.lap("read")
    assert len(columns) == 7
    return told.laps | {"n": len(places)}


def gate(outputs: Path, out: Path, part: int) -> None:
    """All arms read the same numbers. Raises AssertionError."""
    import pandas as pd
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from ablation.comparison.reading import load

    for _ in range(2):  # without the index, and with it
        loaded = {run.path.name: run for run in load.load([outputs]).runs}
        for run, columns in islice(some(outputs, part), 50):
            table = pd.read_csv(run / "history.csv")
            assert all(tuple(table[name].tolist()) == column for name, column in columns.items())
            kept = {name: tuple(column) for name, column in loaded[run.name].history.items()}
            assert kept == {"epoch": tuple(table["epoch"].tolist()), **columns}
            reader = EventAccumulator(str(out / "events" / run.name), size_guidance={"scalars": 0})
            reader.Reload()
            for name, column in columns.items():
                assert [event.value for event in reader.Scalars(name)] == np.float32(column).tolist()


# ---------------------------------------------------------------- the rounds


def call(arm: str, outputs: Path, out: Path, part: int) -> dict[str, float]:
    words = [sys.executable, __file__, "--arm", arm, "--outputs", outputs, "--out", out, "--part", str(part)]
    done = subprocess.run(list(map(str, words)), check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def rounds(options: argparse.Namespace, outputs: Path, out: Path) -> dict[str, list[dict[str, float]]]:
    from ablation.rundir import layout

    told: dict[str, list[dict[str, float]]] = {arm: [] for arm in ARMS}
    for number in range(options.rounds):
        shutil.rmtree(outputs / layout.INDEX, ignore_errors=True)
        for arm in ARMS:
            if arm in ("second", "whole"):
                write(outputs, options.runs + len(told["second"] + told["whole"]), options.epochs)
            told[arm].append(call(arm, outputs, out, options.part))
            print(f"round {number + 1}, {arm}: {told[arm][-1]}", file=sys.stderr, flush=True)
    return told


def report(options: argparse.Namespace, told: dict[str, list[dict[str, float]]], outputs: Path) -> None:
    import matplotlib
    import pandas as pd

    size = sum(f.stat().st_size for f in outputs.rglob("*") if f.is_file() and f.parent.name != ".index")
    index = sum(f.stat().st_size for f in (outputs / ".index").iterdir())
    print(f"{options.runs} runs of {options.epochs} epochs, {len(WIDTHS)} variants, {size / 2**20:.0f} MiB;", end=" ")
    print(f"index {index / 2**20:.0f} MiB; event files of {options.part} runs; {options.rounds} rounds")
    print(
        f"{os.cpu_count()} cores of {processor()}, Python {platform.python_version()}, NumPy {np.__version__},", end=" "
    )
    print(f"pandas {pd.__version__}, Matplotlib {matplotlib.__version__}, {datetime.now():%Y-%m-%d}\n")
    full = {arm: [scaled(one, options.runs) for one in rows] for arm, rows in told.items()}
    for arm in ARMS:
        for part in sorted(name for name in full[arm][0] if name not in ("n", "memory")):
            values = [one[part] for one in full[arm]]
            print(f"{arm:12}{part:18}{statistics.median(values):9.2f} s   ({min(values):.2f} to {max(values):.2f})")
        print(f"{arm:12}{'memory':18}{max(one['memory'] for one in told[arm]):9.0f} MiB")
    print(f"\n{'ratios':42}{'wall':>8}{'':24}{'processor':>8}")
    for name, slow, fast in (
        ("table and overlay, plain / first look", ("plain", "all"), ("first", "all")),
        ("table and overlay, plain / second look", ("plain", "all"), ("second", "all")),
        ("histories, tensorboard / histories alone", ("tensorboard", "all"), ("histories", "all")),
        ("histories, tensorboard / second look's read", ("tensorboard", "all"), ("second", "read")),
        ("reading, first / second look", ("first", "read"), ("second", "read")),
        ("second look, report / table and overlay", ("second", "report"), ("second", "all")),
    ):
        cells = [ratio(full, slow, fast, clock) for clock in ("", " (processor)")]
        print(f"{name:42}{cells[0]:32}{cells[1]}")


def ratio(full: dict[str, list[dict[str, float]]], slow: tuple[str, str], fast: tuple[str, str], clock: str) -> str:
    """Median of the rounds' ratios, with their range."""
    rounds = zip(full[slow[0]], full[fast[0]], strict=True)
    ratios = [a[slow[1] + clock] / b[fast[1] + clock] for a, b in rounds]
    return f"{statistics.median(ratios):8.1f}   ({min(ratios):.1f} to {max(ratios):.1f})"


def scaled(told: dict[str, float], runs: int) -> dict[str, float]:
    """Seconds for all runs, of what was measured on n."""
    factor = max(1.0, runs / told["n"])  # each look has one more run than the one before
    return {name: value * factor for name, value in told.items()}


def peak() -> float:
    """MiB of this process; `ru_maxrss` would count what its parent held when it forked."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def processor() -> str:
    names = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return names[0].partition(": ")[2] if names else platform.processor()


def main() -> None:
    parser = argparse.ArgumentParser()
    for name, default in (("runs", 10_000), ("epochs", 200), ("part", 1000), ("rounds", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    for name in ("arm", "outputs", "out"):
        parser.add_argument(f"--{name}", type=Path if name != "arm" else str, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.arm:
        arm = {
            "first": ours,
            "second": ours,
            "whole": whole,
            "histories": histories,
            "plain": plain,
            "tensorboard": tensorboard,
        }[options.arm]
        told = arm(options.outputs, options.out, options.part)
        print(json.dumps({**told, "memory": peak()}))
        return
    with tempfile.TemporaryDirectory() as folder:
        outputs, out = Path(folder, "outputs"), Path(folder, "out")
        out.mkdir()
        make(outputs, options.runs, options.epochs)
        write_events(outputs, out / "events", options.part)
        time.sleep(3)  # what changed a moment ago is in no index
        gate(outputs, out, options.part)
        report(options, rounds(options, outputs, out), outputs)


if __name__ == "__main__":
    main()
