"""Ablation studies of Keras models: identical initial weights and batches, checked removals, statistics over seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence
    from typing import Unpack

    import keras
    import pandas

    from ablation.api.comparison import CompareOptions, Comparison

__all__ = ["__version__", "build", "compare", "load", "runs"]
__version__ = "0.1.0"


def build(
    overrides: Sequence[str], input_shape: tuple[int, ...] | None = None, classes: int | None = None
) -> keras.Model:
    """Build the network that `ablate` would train with these overrides, with the initial weights of its seed.

    overrides: the arguments of `ablate`, for example `["model=resnet34", "data=cifar10", "seed=1"]`.
    input_shape: (height, width, channels) in pixels, or the shape of one example; None takes it from the data set.
    classes: the number of classes; None takes it from the data set.
    Returns an uncompiled model on the Keras backend of this process. It maps float32 images of shape (batch, height,
    width, channels), or examples of shape (batch, *input_shape), normalised as configured by `data.normalize`, to
    float32 logits of shape (batch, classes).
    Raises AblateError for overrides that the command would refuse.
    The settings of Hydra, OmegaConf and Keras in this process stay unchanged.
    """
    from ablation.api import networks

    return networks.build(overrides, input_shape, classes)


def load(
    run: str | os.PathLike[str], plugins: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] = ()
) -> keras.Model:
    """Load the trained network of a completed run.

    run: the directory of the run, such as `outputs/resnet34-digits-s0-1a2b3c4d5e`.
    plugins: the plugin file or files of the network, if it has any. A record on disk never causes the execution of a
    file, so they are run only if they are given here, and only if they are those of the run to the byte.
    Returns an uncompiled model on the Keras backend of this process, in the precision of the run. It maps images as
    they are stored, uint8 or float32 of shape (batch, height, width, channels) from 0 to 255, or arrays as they are
    stored, to float32 logits of shape (batch, classes): its first layer normalises them as in training. The weights are
    those after the last epoch, or their moving averages if the recipe keeps any, with which the recorded test accuracy
    was measured.
    The model consists of Keras' own layers, so that `model.save("network.keras")` can be read without this package, and
    `model.export("folder")` writes a SavedModel. At inference they compute the same; in further training, Shake-Shake
    is the mean of its branches. Layers of a plugin stay as they are.
    Raises AblateError for a folder that is not that of a completed run, for a run without weights
    (`train.keep_weights=false`), and for a file that is damaged or does not fit.
    The settings of Keras in this process stay unchanged.
    """
    from ablation.api import networks

    return networks.load(run, plugins)


def runs(paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = "outputs") -> pandas.DataFrame:
    """List all runs at or below the paths as a table, as `ablate-runs` does, whatever has become of them.

    paths: a run directory, or a folder with runs at any depth, or several of them.
    Returns a row for each run, the newest first:

    - `path`, `status` (`running`, `completed`, `failed`, `diverged`, `interrupted` or `unreadable`) and its `reason`;
    - `experiment`, `variant`, `studies` (a tuple), `network`, `data`, `seed` (Int64), `name`, `tags` (a tuple),
      `started` (UTC), `size` in bytes (Int64), `fingerprint`;
    - of completed runs the metrics (float64), accuracies as fractions of 1: `loss`, `accuracy`, `val_loss` and
      `val_accuracy` after the last epoch, the same of the best validation epoch (`best_val_accuracy`, …), and
      `test_accuracy` and `test_loss` of the last weights, `test_best_accuracy` and `test_best_loss` of the best ones;
      `epochs` (Int64) and `best_epoch` (Int64); `parameters` and `macs` (Int64); `seconds` of training (float64);
    - the configuration: `model.width`, `train.learning_rate` and every other key that shapes the result.

    What is unknown is a missing value. Raises AblateError if there is no run. Does not import Keras.
    """
    from ablation.api import run_frame

    return run_frame.runs(paths)


def compare(
    paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]] = "outputs", **options: Unpack[CompareOptions]
) -> Comparison:
    """Compare the completed runs at or below the paths, as `ablate-compare` does, and write nothing.

    paths: a run directory, or a folder with runs at any depth, or several of them.
    options: the options of the command under their names, such as `baseline="resnet34"`, `study="mine"`, `where=
    ["model.width=16"]`, `metric="val_loss"` or `margin=0.01`; see `CompareOptions`.
    Returns a comparison that shows itself in a notebook: verdicts and table. Its methods give a DataFrame, Markdown,
    LaTeX and Matplotlib figures; see `Comparison`.
    Raises AblateError if there is nothing to compare, if the paths contain several experiments (choose one with `study`
    or `experiment`, or compare all runs with `together=True`), and for what the command would refuse.
    Does not import Keras.
    """
    from ablation.api import comparison

    return comparison.compare(paths, **options)
