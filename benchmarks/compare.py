"""Time the comparison of many runs against a plain pandas loop and against TensorBoard's event reader.

    .venv/bin/python benchmarks/compare.py [--runs 10000] [--epochs 200] [--part 1000] [--rounds 3]

first:       read all runs without an index, build the table, draw the overlay (PNG, SVG): `all`; then build the report
second:      the same after one more run, with the index that the first comparison wrote
whole:       the whole command `ablate-compare`, with every output file, after one more run
histories:   read only the histories and verify their checksums, without an index
plain:       json.loads, pandas.read_csv and two plotted lines per run, one mean per variant, the same output files
tensorboard: EventAccumulator on event files with the same seven columns, for `part` of the runs

The arms alternate, each in its own process. Timing starts after the imports; all files are in the page cache. The times
of tensorboard are scaled by runs / part. Check: all arms read equal numbers, from event files as float32. Printed:
medians and ranges, ratios, and peak memory, for wall time and for processor time, which other load affects less.
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
    """Write completed runs, byte for byte as `rundir` does, but without an fsync for each."""
    for number in range(runs):
        write(outputs, number, epochs)


def write(outputs: Path, number: int, epochs: int) -> Path:
    """Write one run of a variant in WIDTHS, with a simulated history in full precision and correctness bits."""
    from ablation.rundir import files as rundir_files
    from ablation.rundir import layout, record

    seed, width = number // len(WIDTHS), WIDTHS[number % len(WIDTHS)]
    columns = history(number, width, epochs)
    fields = json.loads(template(width, epochs))
    started = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=number)
    fields["timings"] = {"started": started.isoformat(timespec="milliseconds"), "seconds": sum(columns["seconds"])}
    fields["seed"] = fields["config"]["seed"] = seed
    fields["fingerprint"] = hashlib.sha256(f"{width} {seed}".encode()).hexdigest()
    points = [{name: column[i] for name, column in columns.items()} for i in range(epochs)]
    best = max(points, key=lambda point: point["val_accuracy"])
    for name, point in (("final", points[-1]), ("best", best)):
        fields["metrics"][name] = {k: point[k] for k in ("epoch", "loss", "accuracy", "val_loss", "val_accuracy")}
    fields["metrics"]["test"] = {"loss": points[-1]["val_loss"], "accuracy": points[-1]["val_accuracy"]}
    directory = outputs / layout.run_name(fields["network"]["name"], "digits", seed, fields["fingerprint"])
    directory.mkdir(parents=True)
    rows = [",".join(map(repr, row)) for row in zip(*columns.values(), strict=True)]
    files = {
        layout.HISTORY: "\n".join([",".join(columns), *rows, ""]).encode(),
        layout.CORRECT: np.random.default_rng(number).bytes(905),
        layout.LOG: b"A line of some library.\n" * 6,
    }
    fields |= {"kind": record.KIND, "format": layout.FORMAT, "files": {}}
    for name, content in files.items():
        (directory / name).write_bytes(content)
        fields["files"][name] = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    fields["checksum"] = rundir_files.record_checksum(fields)
    (directory / layout.RECORD).write_bytes(json.dumps(fields, indent=1, allow_nan=False).encode())
    return directory


@functools.cache
def template(width: int, epochs: int) -> str:
    """Return a variant's record as JSON."""
    from support.fake_runs import config, record
    from support.fake_runs import history as smooth

    fields = record(config("resnet34", **{"model.width": width, "train.epochs": epochs}), smooth())
    return json.dumps(fields | {"code": "5cebd2785db28a0c", **provenance()})


def provenance() -> dict[str, dict]:
    """Return the machine's part of a record, as long as a real one."""
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
    """Return the columns of history.csv: simulated curves that converge to a value that depends on the width."""
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
    """Write the histories of `part` runs as event files."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    for run, columns in sampled_runs(outputs, part):
        writer = EventFileWriter(str(events / run.name))
        for epoch in range(len(columns["loss"])):
            values = [Summary.Value(tag=name, simple_value=column[epoch]) for name, column in columns.items()]
            for value in values:
                writer.add_event(Event(step=epoch + 1, wall_time=1e9 + epoch, summary=Summary(value=[value])))
        writer.close()


def sampled_runs(outputs: Path, part: int) -> Iterator[tuple[Path, dict[str, tuple[float, ...]]]]:
    """Yield evenly spaced runs with their columns, except the epoch."""
    from ablation.comparison.reading import parse_record
    from ablation.comparison.reading import run as reading_run
    from ablation.rundir import discovery

    directories = discovery.find([outputs])
    for run in directories[:: len(directories) // part][:part]:
        kept = parse_record.read(run).history
        yield run, {name: tuple(kept[name]) for name in reading_run.MEASURED}


# ---------------------------------------------------------------- the arms


class Watch:
    """A stopwatch for wall time and processor time in seconds, for each part and in total (`all`)."""

    def __init__(self):
        self.began = self.last = (time.perf_counter(), time.process_time())
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = (time.perf_counter(), time.process_time())
        for part, since in ((name, self.last), ("all", self.began)):
            self.laps |= {part: now[0] - since[0], f"{part} (processor)": now[1] - since[1]}
        self.last = now


def import_libraries() -> None:
    """Import what the command imports only when it needs it."""
    import jinja2  # noqa: F401
    import rich.table  # noqa: F401
    import scipy.stats  # noqa: F401
    from matplotlib.backends import backend_agg, backend_pdf, backend_svg  # noqa: F401

    from ablation.comparison.analysis import compare, learning_curves, time_to_threshold  # noqa: F401
    from ablation.report.figures import files  # noqa: F401
    from ablation.report.html import page  # noqa: F401
    from ablation.report.plots import build  # noqa: F401
    from ablation.report.tables import export, latex, markdown, terminal  # noqa: F401
    from ablation.report.wording import findings  # noqa: F401


def ours(outputs: Path, out: Path, _: int) -> dict[str, float]:
    """Do what the command does, without its terminal output: the same files as `plain`, then the report."""
    import_libraries()
    from ablation.comparison.analysis import compare
    from ablation.comparison.experiments import grouping
    from ablation.comparison.reading import load
    from ablation.report.figures import files
    from ablation.report.html.page import Experiment, pages
    from ablation.report.plots.build import plot_data
    from ablation.report.tables import export
    from ablation.report.tables.build import build_table
    from ablation.report.wording import findings

    measured = Watch()
    loaded = load.load([outputs])
    measured.lap("read")
    (found,) = grouping.find(loaded)
    compared = compare.compare(found)
    table = build_table(compared)
    (out / "summary.csv").write_text(export.csv(table))
    measured.lap("table")
    plots = plot_data(compared)
    for name, content in files.files(plots, formats=("png", "svg")).items():
        (out / name).write_bytes(content)
    measured.lap("draw")
    page = Watch()
    experiment = Experiment(compared, table, plots, findings.sentences(compared), ["ablate-compare"])
    for name, content in pages([experiment]).items():
        (out / name).write_bytes(content)
    page.lap("report")
    assert not loaded.excluded
    return page.laps | measured.laps | {"n": len(loaded.runs)}


def whole(outputs: Path, out: Path, _: int) -> dict[str, float]:
    import_libraries()
    from ablation.cli import ablate_compare
    from ablation.rundir import discovery

    measured = Watch()
    with contextlib.redirect_stdout(io.StringIO()):
        assert ablate_compare.main([str(outputs), "--out", str(out / "whole")]) == 0
    measured.lap("all")
    return measured.laps | {"n": len(discovery.find([outputs]))}


def histories(outputs: Path, out: Path, _: int) -> dict[str, float]:
    from ablation.comparison.reading import parse_record
    from ablation.rundir import discovery
    from ablation.rundir import record as rundir_record

    read = [(run, rundir_record.read_record(run)) for run in discovery.find([outputs])]
    measured = Watch()
    for run, record in read:
        parse_record.read_history(run, record)
    measured.lap("read")
    return measured.laps | {"n": len(read)}


def plain(outputs: Path, out: Path, _: int) -> dict[str, float]:
    """Compare as a notebook would."""
    import matplotlib.pyplot as plt
    import pandas as pd

    plt.switch_backend("agg")
    places = sorted(outputs.glob("*/run.json"))
    measured = Watch()
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
    measured.lap("read")
    pd.DataFrame(rows).groupby("width").agg(["mean", "std", "count"]).to_csv(out / "plain.csv")
    figure.savefig(out / "plain.png", dpi=150)
    figure.savefig(out / "plain.svg")
    measured.lap("draw")
    return measured.laps | {"n": len(rows)}


def tensorboard(outputs: Path, out: Path, part: int) -> dict[str, float]:
    import tensorflow  # noqa: F401, TensorBoard's reader is faster with it
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    places = sorted((out / "events").iterdir())
    measured = Watch()
    for place in places:
        reader = EventAccumulator(str(place), size_guidance={"scalars": 0})
        reader.Reload()
        columns = {tag: [event.value for event in reader.Scalars(tag)] for tag in reader.Tags()["scalars"]}
    measured.lap("read")
    assert len(columns) == 7
    return measured.laps | {"n": len(places)}


def gate(outputs: Path, out: Path, part: int) -> None:
    """Check that all arms read the same numbers. Raises AssertionError otherwise."""
    import pandas as pd
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    from ablation.comparison.reading import load

    for _ in range(2):  # without the index, and with it
        loaded = {run.path.name: run for run in load.load([outputs]).runs}
        for run, columns in islice(sampled_runs(outputs, part), 50):
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

    measured: dict[str, list[dict[str, float]]] = {arm: [] for arm in ARMS}
    for number in range(options.rounds):
        shutil.rmtree(outputs / layout.INDEX, ignore_errors=True)
        for arm in ARMS:
            if arm in ("second", "whole"):
                write(outputs, options.runs + len(measured["second"] + measured["whole"]), options.epochs)
            measured[arm].append(call(arm, outputs, out, options.part))
            print(f"round {number + 1}, {arm}: {measured[arm][-1]}", file=sys.stderr, flush=True)
    return measured


def report(options: argparse.Namespace, measured: dict[str, list[dict[str, float]]], outputs: Path) -> None:
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
    full = {arm: [scaled(timing, options.runs) for timing in rows] for arm, rows in measured.items()}
    for arm in ARMS:
        for part in sorted(name for name in full[arm][0] if name not in ("n", "memory")):
            values = [timing[part] for timing in full[arm]]
            print(f"{arm:12}{part:18}{statistics.median(values):9.2f} s   ({min(values):.2f} to {max(values):.2f})")
        print(f"{arm:12}{'memory':18}{max(timing['memory'] for timing in measured[arm]):9.0f} MiB")
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
    """Return the median and range of the ratios of all rounds."""
    rounds = zip(full[slow[0]], full[fast[0]], strict=True)
    ratios = [a[slow[1] + clock] / b[fast[1] + clock] for a, b in rounds]
    return f"{statistics.median(ratios):8.1f}   ({min(ratios):.1f} to {max(ratios):.1f})"


def scaled(measured: dict[str, float], runs: int) -> dict[str, float]:
    """Scale seconds that were measured on n runs to all runs."""
    factor = max(1.0, runs / measured["n"])  # each comparison has one run more than the previous one
    return {name: value * factor for name, value in measured.items()}


def peak() -> float:
    """Return the peak memory of this process in MiB. `ru_maxrss` would include the parent's memory at the fork."""
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
        measured = arm(options.outputs, options.out, options.part)
        print(json.dumps({**measured, "memory": peak()}))
        return
    with tempfile.TemporaryDirectory() as folder:
        outputs, out = Path(folder, "outputs"), Path(folder, "out")
        out.mkdir()
        make(outputs, options.runs, options.epochs)
        write_events(outputs, out / "events", options.part)
        time.sleep(3)  # runs that changed a moment ago are not indexed
        gate(outputs, out, options.part)
        report(options, rounds(options, outputs, out), outputs)


if __name__ == "__main__":
    main()
