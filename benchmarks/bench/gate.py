"""The correctness gate: `ablate`, plain Keras and PyTorch have equal losses on equal batches, before anything is timed.

    python -m benchmarks.bench.gate NETWORK FILE OVERRIDE…      one network in this process; FILE is for `gate_torch`

From the initial weights of `ablate`, its engine and Keras' `fit` take the same steps with the same batches. Shake-Shake
mixes evenly here, because each library draws its own coefficients.
"""

import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

from benchmarks.bench import processes
from benchmarks.bench.arms.ablate import network_words
from benchmarks.bench.images import Source
from benchmarks.bench.settings import BATCH

STEPS = 3
FIRST, LATER = 1e-4, 1e-3  # largest relative difference of the loss: before any update, and after updates
# ResNet-34's last batch norms see one pixel of each image and amplify the rounding of float32: its gradients differ by
# per cents between libraries, even between two runs of one. Smaller steps keep that out of the losses.
LEARNING_RATES = {"resnet_cifar": 1e-3, "resnet34": 1e-4, "shake26": 1e-3, "vgg16": 1e-3}
MODE = "even"
TRAINED_PARTS = ("kernel", "bias", "gamma", "beta")


def check(names: Sequence[str], source: Source, has_torch: bool) -> list[str]:
    """Check the networks, two at a time. Returns a line for each. Raises SystemExit if losses differ."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        return list(pool.map(partial(_check, source=source, has_torch=has_torch, place=Path(folder)), names))


def _check(name: str, source: Source, has_torch: bool, place: Path) -> str:
    words = [
        *network_words(name, source, STEPS * BATCH),
        f"train.learning_rate={LEARNING_RATES[name]}",
        f"train.steps={STEPS}",
    ]
    if name == "shake26":
        words += [f"model.shake_forward={MODE}", f"model.shake_backward={MODE}"]
    file = place / f"{name}.npz"
    module = [sys.executable, "-m", "benchmarks.bench.gate"]
    found = last_line(processes.run([*module, name, file, *words]).output)
    if has_torch:
        torch_module = [sys.executable, "-m", "benchmarks.bench.gate_torch"]
        found += f", {last_line(processes.run([*torch_module, name, file]).output)}"
    return f"{name}: {found}"


def last_line(output: str) -> str:
    return output.strip().splitlines()[-1]


def differences(losses: Sequence[float], expected: Sequence[float]) -> np.ndarray:
    """The relative difference of each step. Raises ValueError for losses that are not finite or of another number."""
    if len(losses) != len(expected) or not np.isfinite([*losses, *expected]).all():
        raise ValueError(f"Expected finite losses of the same steps. Received: {losses} and {expected}")
    return np.abs(np.subtract(losses, expected)) / np.abs(expected)


def require_equal(who: str, losses: Sequence[float], expected: Sequence[float]) -> str:
    """A line on the differences from the losses of `ablate`. Raises SystemExit beyond the tolerance."""
    found = differences(losses, expected)
    if found[0] > FIRST or (found[1:] > LATER).any():
        raise SystemExit(f"the losses of {who} differ from those of ablate: {list(losses)} and {list(expected)}")
    return f"{who} differs by at most {found.max():.0e}"


def main() -> None:
    name, file, *words = sys.argv[1:]
    from ablation import data
    from ablation.cli import composition
    from ablation.runtime import backend, console, machine

    cfg = composition.compose(words).config
    with console.muted():
        backend.start(cfg, machine.cores())
    from ablation.run.trial import Trial
    from ablation.training.checkpoint import Checkpoint

    with tempfile.TemporaryDirectory() as folder:
        trial = Trial(cfg, data.load(cfg.data), Path(folder), Checkpoint(), xla=False)
    state = trial.engine.get()
    ours = []
    for step in range(STEPS):
        trial.engine.reset_metrics()
        ours.append(trial.engine.run(step, step + 1).loss)
    batches = [trial.feed.batch(step) for step in range(STEPS)]
    mean, std = trial.images.mean, trial.images.std
    weights = {
        path: value
        for path, value in state.items()
        if path.rpartition("/")[2] in TRAINED_PARTS and "optimizer/" not in path
    }
    inputs = [((pixels.astype("float32") - mean) / std, labels) for pixels, labels in batches]
    print(require_equal("Keras", keras_losses(name, weights, inputs), ours))
    pixels, labels = (np.stack(arrays) for arrays in zip(*batches, strict=True))
    np.savez(file, losses=ours, pixels=pixels, labels=labels, mean=mean, std=std, **weights)


def keras_losses(name: str, weights: dict[str, np.ndarray], batches: list) -> list[float]:
    """The loss of each step of Keras' `fit`."""
    from benchmarks.bench.arms import keras_fit

    network = keras_fit.compiled(name, LEARNING_RATES[name], mode=MODE)
    variables = {variable.path: variable for variable in network.trainable_variables}
    if variables.keys() != weights.keys():
        raise SystemExit(f"the networks differ in {sorted(variables.keys() ^ weights.keys())[:5]}")
    for path, variable in variables.items():
        variable.assign(weights[path])
    losses = []
    for images, labels in batches:
        history = network.fit(images, labels, batch_size=len(labels), shuffle=False, verbose=0)
        losses.append(history.history["loss"][0])
    return losses


if __name__ == "__main__":
    main()
