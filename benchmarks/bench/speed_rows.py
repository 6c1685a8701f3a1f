"""The rows on training: images per second, memory, end to end, and the cost of bit-exact training."""

from dataclasses import replace

from benchmarks import exactness
from benchmarks.bench import processes
from benchmarks.bench.arms import ablate
from benchmarks.bench.bench import Bench
from benchmarks.bench.figures import Goal, Row, ratio_row
from benchmarks.bench.settings import BATCH, NETWORKS

KERAS_GOALS = {
    "resnet_cifar": Goal(1.40, 1.60),
    "resnet34": Goal(1.10, 1.20),
    "shake26": Goal(1.10, 1.20),
    "vgg16": Goal(1.05, 1.10),
}
TORCH_GOALS = {
    "resnet_cifar": Goal(1.10, 1.20),
    "resnet34": Goal(0.90, 1.00),
    "shake26": None,
    "vgg16": Goal(1.00, 1.10),
}
MEMORY = Goal(1.05, at_least=False)
NOTEBOOK = Goal(1.5, 2.0)
EXACTNESS = Goal(1.05, 1.02, at_least=False)
WITH_MEMORY = "resnet_cifar"
NOTEBOOK_EPOCHS = 2


def network_rows(bench: Bench, name: str) -> list[Row]:
    """C/B and C/D of a network, and for one of them the memory of C/B."""
    label, best = NETWORKS[name].label, bench.steps_per_execution
    workers = {"B": bench.keras_fit(name, best)}
    if bench.has_torch:
        workers["D"] = bench.torch_eager(name)
    details = {arm: worker.ask(epochs=0) for arm, worker in workers.items()}
    words = ablate.network_words(name, bench.source, bench.count(name))
    speeds: dict[str, list[float]] = {arm: [] for arm in "BCD"}
    peaks = []
    for _ in range(bench.length.rounds):
        for arm, worker in workers.items():
            speeds[arm] += worker.ask(epochs=bench.length.epochs)["speeds"]
        trained = ablate.train(words, 1 + bench.length.epochs)
        speeds["C"] += trained.speeds
        peaks.append(trained.peak)
        require_parameters(name, trained.parameters, details)
    memory = {arm: worker.close() for arm, worker in workers.items()}
    ours = ("C", speeds["C"])
    row = ratio_row(f"C/B {label}", ours, ("B", speeds["B"]), KERAS_GOALS[name], "images/s")
    rows = [replace(row, note=f"B with steps_per_execution={best}")]
    if bench.has_torch:
        row = ratio_row(f"C/D {label}", ours, ("D", speeds["D"]), TORCH_GOALS[name], "images/s")
        rows.append(replace(row, note=f"D {details['D']['best']}"))
    else:
        missing = "PyTorch is not installed; make bench installs it"
        rows.append(Row(f"C/D {label}", None, TORCH_GOALS[name], note=missing))
    if name == WITH_MEMORY:
        rows.append(ratio_row(f"peak memory C/B, {label}", ("C", peaks), ("B", [memory["B"]]), MEMORY, "MiB"))
    return rows


def require_parameters(name: str, expected: int, details: dict[str, dict]) -> None:
    """Raise SystemExit unless all arms have as many trainable parameters as `ablate`."""
    for arm, found in details.items():
        if found["parameters"] != expected:
            raise SystemExit(f"{name} has {found['parameters']} parameters in arm {arm}. Expected: {expected}")


def notebook_row(bench: Bench) -> list[Row]:
    """C/A: the seconds of the whole process, from start to end, with the same number of images."""
    label = f"C/A end to end with evaluation, {NETWORKS['resnet_cifar'].label}"
    if not bench.source.is_cifar:
        return [Row(label, None, NOTEBOOK, note="needs CIFAR-10 in TFDS_DATA_DIR")]
    count = bench.length.images
    words = ablate.notebook_words(bench.source, count)
    command = [processes.PYTHON, "-m", "benchmarks.bench.arms.notebook", str(count), str(NOTEBOOK_EPOCHS), str(BATCH)]
    seconds: dict[str, list[float]] = {"A": [], "C": []}
    for _ in range(bench.length.notebooks):
        seconds["A"].append(processes.run(command).seconds)
        seconds["C"].append(ablate.train(words, NOTEBOOK_EPOCHS).seconds)
    # A speed is the inverse of a time, so C/A in speed is A/C in seconds.
    row = ratio_row(label, ("A", seconds["A"]), ("C", seconds["C"]), NOTEBOOK, "s")
    return [replace(row, note=f"{NOTEBOOK_EPOCHS} epochs of {count} images")]


def exactness_row(bench: Bench) -> list[Row]:
    """The seconds of an epoch with bit-exact training over those without."""
    label = "bit-exact training against none, resnet_cifar 20"
    if not bench.source.is_cifar:
        return [Row(label, None, EXACTNESS, note="needs CIFAR-10 in TFDS_DATA_DIR")]
    count = bench.length.images
    seconds = exactness.measure(bench.length.exactness, count, bench.length.epochs)
    row = ratio_row(label, ("with", seconds["with"]), ("without", seconds["without"]), EXACTNESS, "s")
    return [replace(row, note=f"epochs of {count} images")]
