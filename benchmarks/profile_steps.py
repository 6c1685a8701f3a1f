"""Profile one training step of each network of the benchmark: what bounds it.

    .venv/bin/python benchmarks/profile_steps.py [--steps 10] [--only NETWORK…]

Each network trains in its own process, in the engine of `ablate`, on batches of 128 images. TensorFlow's profiler
records every operation; nested ones count once. Two operations can run at a time, so their seconds add up to more than
the step: the table divides the step's milliseconds in proportion. Floor: each convolution and dense layer of the
network alone, forward and both gradients, in the same process. Printed: Markdown, for benchmarks/results/step.md.
"""

import argparse
import collections
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tabulate import tabulate

from benchmarks.bench import images, processes, table
from benchmarks.bench.arms.ablate import network_words
from benchmarks.bench.settings import BATCH, NETWORKS

WARM_UP = 3  # steps
REPEATS = 5  # of each layer alone
KINDS = (
    "convolution, forward",
    "convolution, gradient of the input",
    "convolution, gradient of the kernel",
    "dense layers",
    "batch norm",
    "optimizer",
    "bias, activation, sum, mix",
    "pooling and padding",
    "pipeline",
    "other",
)
TYPES = {  # part of an operation's type, in lower case: its kind. The first that fits counts.
    "backpropinput": "convolution, gradient of the input",
    "backpropfilter": "convolution, gradient of the kernel",
    "conv2d": "convolution, forward",
    "matmul": "dense layers",
    "batchnorm": "batch norm",
    "resourceapply": "optimizer",
    "bias": "bias, activation, sum, mix",
    "addn": "bias, activation, sum, mix",  # sums of gradients too, which have no layer in their path
    "pyfunc": "pipeline",
    "iterator": "pipeline",
    "dataset": "pipeline",
}
PATHS = {  # part of an operation's path, in lower case: its kind, where the type does not say it
    "norm": "batch norm",
    "sgd": "optimizer",
    "clip": "optimizer",
    "shortcut_sub": "pooling and padding",
    "pad": "pooling and padding",
    "pool": "pooling and padding",
    "_act": "bias, activation, sum, mix",
    "_out": "bias, activation, sum, mix",
    "_add": "bias, activation, sum, mix",
    "_concat": "bias, activation, sum, mix",
    "_shake": "bias, activation, sum, mix",
}


@dataclass(frozen=True)
class Event:
    """An operation on a thread. name: `path:Type`. Times in picoseconds."""

    name: str
    start: int
    duration: int


def kind(name: str) -> str:
    """The kind in KINDS of an operation named `path:Type`."""
    path, _, operation = name.lower().rpartition(":")
    for part, found in TYPES.items():
        if part in operation:
            return found
    for part, found in PATHS.items():
        if part in path:
            return found
    return "other"


def self_times(events: Iterable[Event]) -> Iterator[tuple[str, int]]:
    """The time of each operation of a thread, without that of the operations inside it."""
    open_events: list[list] = []  # [event, time of the events inside it], the innermost last
    for event in sorted(events, key=lambda each: (each.start, -each.duration)):
        while open_events and open_events[-1][0].start + open_events[-1][0].duration <= event.start:
            done, inside = open_events.pop()
            yield done.name, done.duration - inside
        if open_events:
            open_events[-1][1] += event.duration
        open_events.append([event, 0])
    for done, inside in open_events:
        yield done.name, done.duration - inside


def milliseconds_by_kind(threads: Iterable[Iterable[Event]], step: float) -> dict[str, float]:
    """Divide the milliseconds of a step among KINDS in proportion to the times of the operations."""
    times: collections.Counter[str] = collections.Counter()
    for events in threads:
        for name, duration in self_times(events):
            times[kind(name)] += duration
    total = sum(times.values())
    return {name: step * times[name] / total for name in KINDS}


def operations(folder: Path) -> list[list[Event]]:
    """The operations that the profiler recorded, for each thread that computes."""
    from tensorflow.tsl.profiler.protobuf import xplane_pb2

    (file,) = folder.rglob("*.xplane.pb")
    space: Any = xplane_pb2.XSpace.FromString(file.read_bytes())
    threads = []
    for plane in space.planes:
        names = {number: metadata.name for number, metadata in plane.event_metadata.items()}
        for line in plane.lines:
            if line.name.startswith(("tf_Compute", "tf_inter_op")):
                events = [Event(names[e.metadata_id], e.offset_ps, e.duration_ps) for e in line.events]
                threads.append([event for event in events if is_operation(event.name)])
    return threads


def is_operation(name: str) -> bool:
    """Whether the name is that of an operation, `path:Type`, and not of the executor's own work."""
    return ":" in name and "::" not in name


def profile(name: str, words: list[str], steps: int) -> dict[str, Any]:
    """Profile a network in this process: milliseconds of a step, by kind, and of the layers alone."""
    from ablation import data
    from ablation.cli import composition
    from ablation.runtime import backend, console, machine

    cfg = composition.compose(words).config
    with console.muted():
        backend.start(cfg, machine.cores())
    import tensorflow as tf

    from ablation.run.trial import Trial
    from ablation.training.checkpoint import Checkpoint

    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(cfg, data.load(cfg.data), Path(folder), Checkpoint(), xla=False)
        trial.engine.run(0, WARM_UP)
        seconds = []
        for first in range(WARM_UP, WARM_UP + steps):
            began = time.perf_counter()
            trial.engine.run(first, first + 1)
            seconds.append(time.perf_counter() - began)
        step = 1000 * statistics.median(seconds)
        options = tf.profiler.experimental.ProfilerOptions(2, 0, 0)  # operations, no Python calls
        with tf.profiler.experimental.Profile(folder, options):
            trial.engine.run(WARM_UP + steps, WARM_UP + 2 * steps)
        threads = operations(Path(folder))
    return {"step": step, "kinds": milliseconds_by_kind(threads, step), "floor": floor(trial.network)}


def floor(network: Any) -> float:
    """Milliseconds of the convolutions and dense layers alone, forward and gradients, one after another."""
    import keras

    milliseconds: dict[tuple, float] = {}
    total = 0.0
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Dense):
            shape = (BATCH, *layer.input.shape[1:])
            settings = (shape, layer.kernel.shape, getattr(layer, "strides", None), getattr(layer, "padding", None))
            if settings not in milliseconds:
                milliseconds[settings] = alone(layer, shape, is_first=layer.input.shape[-1] == 3)
            total += milliseconds[settings]
    return total


def alone(layer: Any, shape: tuple[int, ...], is_first: bool) -> float:
    """Milliseconds of a layer's forward and backward pass. is_first: no gradient of the input, which are images."""
    import tensorflow as tf

    inputs = tf.random.stateless_normal(shape, seed=(0, 0))
    kernel = layer.kernel.value

    @tf.function
    def both(inputs: tf.Tensor, kernel: tf.Tensor) -> list:
        with tf.GradientTape() as tape:
            tape.watch([inputs, kernel])
            if len(shape) == 4:
                outputs = tf.nn.conv2d(inputs, kernel, layer.strides, layer.padding.upper())
            else:
                outputs = tf.matmul(inputs, kernel)
        wanted = [kernel] if is_first else [inputs, kernel]
        return [outputs, *tape.gradient(outputs, wanted, output_gradients=tf.ones_like(outputs))]

    both(inputs, kernel)
    seconds = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        both(inputs, kernel)  # returns when it is done, on a CPU
        seconds.append(time.perf_counter() - began)
    return 1000 * statistics.median(seconds)


def page(found: dict[str, dict[str, Any]], words: str, source: str) -> str:
    """The result as Markdown: a column for each network, a row for each kind of operation."""
    rows = []
    for name in KINDS:
        rows.append([name, *(cell(profiled["kinds"][name], profiled["step"]) for profiled in found.values())])
    rows.append(["**whole step**", *(f"{profiled['step']:.0f}" for profiled in found.values())])
    rows.append(["floor: convolutions, dense", *(cell(each["floor"], each["step"]) for each in found.values())])
    header = ["milliseconds (share)", *(NETWORKS[name].label for name in found)]
    text = tabulate(rows, header, tablefmt="github", disable_numparse=True)
    return (
        f"# What bounds a training step\n\n    {words}\n\n{table.machine()}; batches of {BATCH}, {source}.\n\n{text}\n"
    )


def cell(value: float, whole: float) -> str:
    return f"{value:.1f} ({value / whole:.0%})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--only", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--child", nargs=argparse.REMAINDER, default=[], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        name, *words = options.child
        print(json.dumps(profile(name, words, options.steps)))
        return
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        source = images.find(Path(folder))
        for name in options.only:
            words = network_words(name, source, 8 * BATCH)
            command = [sys.executable, __file__, "--steps", str(options.steps), "--child", name, *words]
            found[name] = json.loads(processes.run(command).output.strip().splitlines()[-1])
    print(page(found, " ".join(["python benchmarks/profile_steps.py", *sys.argv[1:]]), source.words))


if __name__ == "__main__":
    main()
