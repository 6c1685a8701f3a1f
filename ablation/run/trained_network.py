"""Restore the network of a completed run from its directory. Imported late, because it needs Keras."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ablation.config import validation
from ablation.config.keys import keys_of
from ablation.config.plugins import choices, declarations, registry
from ablation.config.schema import GROUPS, Model
from ablation.data.normalization import NORMALIZATIONS
from ablation.errors import AblateError
from ablation.model import inference, keras_private, network
from ablation.redaction import printable
from ablation.run.weights import read_weights
from ablation.rundir import claim, discovery, layout
from ablation.rundir import record as rundir_record
from ablation.rundir.files import Unreadable
from ablation.rundir.record import COMMAND, RunRecord
from ablation.rundir.record_parts import DataRecord
from ablation.runtime import backend
from ablation.text import list_with_more, plural
from ablation.training import engine

SHOWN = 3  # runs or weights in a message
EXAMPLE = 'ablation.load("outputs/resnet34-digits-s0-1a2b3c4d5e")'


def load(directory: Path, plugins: Sequence[str] = ()) -> keras.Model:
    """The network of a completed run behind its normalisation, with the weights that were tested.

    plugins: files to run if the network needs them; nothing that the record names is ever run. Raises AblateError for
    anything but a completed run with its weights.
    """
    directory = directory.parent if directory.name == layout.RECORD else directory
    record = _completed(directory)
    _require_weights(directory, record)
    recipe = _recipe(directory, record, plugins)
    try:
        values = read_weights(directory, record)
    except Unreadable as error:
        raise _error(
            f"The weights of the run cannot be read: {error}",
            directory,
            f"the {layout.WEIGHTS} that the run wrote",
            "Copy it from where the run was, or type the run's command again with rerun=true",
        ) from error
    registry.take(plugins)
    with backend.neutral(recipe.precision):
        restored = _built(directory, recipe, values)
        return inference.from_pixels(restored, recipe.mean, recipe.std)


@dataclass(frozen=True)
class _Recipe:
    """What a record says about the network. mean, std: of the pixels, float32 (c,)."""

    model: Model
    input_shape: tuple[int, ...]
    classes: int
    precision: str
    mean: np.ndarray
    std: np.ndarray

    def outline(self) -> keras.Model:
        return network.outline(self.model, self.input_shape, self.classes)

    def built(self) -> keras.Model:
        return network.build(self.model, self.input_shape, self.classes)


def _error(problem: str, directory: Path, allowed: str, remedy: str) -> AblateError:
    return AblateError(f"{problem}. Received {printable(str(directory))}. Allowed: {allowed}. {remedy}")


# ---------------------------------------------------------------- the record


def _completed(directory: Path) -> RunRecord:
    """The record of a completed run. Raises AblateError for anything else."""
    if not (directory / layout.RECORD).exists():
        raise _no_run(directory)
    try:
        record = rundir_record.read_record(directory)
    except Unreadable as error:
        raise _error(
            f"The record of the run cannot be read: {error}",
            directory,
            f"a folder with the {layout.RECORD} of a completed run",
            "Copy it again, or type the run's command again with rerun=true",
        ) from error
    if record.kind == COMMAND:
        remedy = f"What the program wrote is in {layout.PROGRAM}/ of the run. Type for example {EXAMPLE}"
        raise _error("The run is one of another program", directory, "a run of a network that ablate trained", remedy)
    status = claim.status(directory, record)
    if status != "completed":
        remedy = "Type its command again with rerun=true" if record.is_final else "Type its command again to finish it"
        raise _error(f"The run has no result, because it is {status}", directory, "a completed run", remedy)
    return record


def _no_run(directory: Path) -> AblateError:
    if not directory.exists():
        problem = "There is no such folder"
    else:
        problem = f"This folder is not that of a run, because it has no {layout.RECORD}"
    runs = [shlex.quote(path.name) for path in discovery.find([directory])]
    if runs:
        problem += f". It contains {plural(len(runs), 'run')}: {list_with_more(runs, SHOWN)}"
    remedy = f"Type for example {EXAMPLE}; ablation.runs lists the runs below a folder"
    return _error(problem, directory, "the directory of one completed run", remedy)


def _require_weights(directory: Path, record: RunRecord) -> None:
    """Raise AblateError for a run that kept no weights."""
    if record.sha256(layout.WEIGHTS) is not None:
        return
    values = _group(record, "train")
    reason = ", because of train.keep_weights=false" if values.get("keep_weights") is False else ""
    raise _error(
        f"The run kept no weights{reason}",
        directory,
        f"a run with a {layout.WEIGHTS}",
        "Type its command again with train.keep_weights=true rerun=true",
    )


def _group(record: RunRecord, group: str) -> dict[str, Any]:
    values = (record.config or {}).get(group)
    return values if isinstance(values, dict) else {}


# ---------------------------------------------------------------- the network


def _recipe(directory: Path, record: RunRecord, plugins: Sequence[str]) -> _Recipe:
    """What the network is built from. Raises AblateError for a record that describes none."""
    if not plugins and _is_of_plugin(_group(record, "model")):
        raise _needs_plugins(directory, record)
    _require_same_plugins(directory, record, plugins)
    model = _checked(directory, record, "model", plugins)
    data = _checked(directory, record, "data", ())
    train = _checked(directory, record, "train", ())
    described = record.data
    if described is None or not described.classes or not described.mean or not described.std:
        raise _error(
            "The record does not describe the data that the network was trained on",
            directory,
            "a run whose record has the classes of its data and the statistics of their pixels",
            "Type its command again with rerun=true",
        )
    is_image = described.kind != "array"
    mean, std = np.array(described.mean, "float32"), np.array(described.std, "float32")
    scale = NORMALIZATIONS[data.normalize](mean, std, is_image)
    return _Recipe(
        model=model,
        input_shape=_shape(described, data.image_size),
        classes=len(described.classes),
        precision=train.precision,
        mean=scale.mean,
        std=scale.std,
    )


def _shape(described: DataRecord, image_size: int | None) -> tuple[int, ...]:
    """The shape of an example; an older record has that of square images only."""
    if described.shape is not None and all(isinstance(size, int) for size in described.shape):
        return tuple(described.shape)
    side, channels = image_size or 0, len(described.mean or ())
    return side, side, channels


READ = {"model": None, "data": ("normalize", "image_size"), "train": ("precision",)}  # the keys that matter; None: all


def _checked(directory: Path, record: RunRecord, group: str, plugins: Sequence[str]) -> Any:
    """The keys of a group that shape the network, as a value of its schema. Raises AblateError for invalid ones."""
    values, read = _group(record, group), READ[group]
    schema = choices.schema_of(group, values.get("family"), plugins) if group == "model" else GROUPS[group]
    chosen = {}
    for key in keys_of(schema):
        if key.name in values and (read is None or key.name in read):
            validation.check_value(f"{group}.{key.name}", values[key.name], key.limits, plugins)
            chosen[key.name] = values[key.name]
    unknown = sorted(set(values) - {key.name for key in keys_of(schema)})
    if group == "model" and unknown:
        raise _error(
            f"The record has keys of the network that this version does not know: {list_with_more(unknown, SHOWN)}",
            directory,
            f"keys of model={printable(str(values.get('family')))}",
            "Load the run with the version of ablation-study that its record names",
        )
    return schema(**chosen)


def _is_of_plugin(values: dict[str, Any]) -> bool:
    """Return whether a part of the network is none of this package's."""
    for key in keys_of(Model):
        is_choice = key.limits.plugin or key.name == "family"
        if is_choice and values.get(key.name) not in (None, *(key.limits.choices or ())):
            return True
    return False


def _needs_plugins(directory: Path, record: RunRecord) -> AblateError:
    recorded = (record.config or {}).get("plugins")
    files = [printable(str(file)) for file in recorded] if isinstance(recorded, list) else []
    return _error(
        "The network of this run is built by a plugin, and a record never makes ablation.load run a file. The record "
        f"names {list_with_more(files, SHOWN) or 'no file'}",
        directory,
        "plugins that you name, once you have read them",
        f"Type for example ablation.load({str(directory)!r}, plugins={files[:1] or ['my_net.py']})",
    )


def _require_same_plugins(directory: Path, record: RunRecord, plugins: Sequence[str]) -> None:
    """Raise AblateError for a plugin of the network that is not, to the byte, the one with which the run was made."""
    model = {f"model.{name}": value for name, value in _group(record, "model").items()}
    for file in plugins:
        if not set(declarations.digests([file], model)) <= set(record.plugins or ()):
            raise _error(
                f"The plugin {printable(file)} has changed since the run, so its network may be another one",
                directory,
                "the file as it was, whose SHA-256 is in the record",
                "Restore the file, for example with git, or type the run's command again",
            )


def _built(directory: Path, recipe: _Recipe, values: dict[str, np.ndarray]) -> keras.Model:
    """The network with these weights. Raises AblateError if they do not fit; nothing is allocated before that."""
    try:
        outline = recipe.outline()
        expected = _shapes(engine.weights(outline))
    except (TypeError, ValueError) as error:
        raise _error(
            f"The record describes a network that cannot be built ({type(error).__name__})",
            directory,
            "a record that a run wrote",
            "Type the run's command again with rerun=true",
        ) from error
    received = {path: (tuple(value.shape), value.dtype.name) for path, value in values.items()}
    different = sorted({path for path, _ in expected.items() ^ received.items()})
    if different:
        raise _error(
            f"The weights do not fit the network of the record: they differ in {list_with_more(different, SHOWN)}",
            directory,
            f"the {len(expected)} weights of {outline.name}",
            "Load the run with the version of ablation-study that its record names, or type its command again",
        )
    built = recipe.built()
    for path, variable in engine.weights(built).items():
        variable.assign(values[path])
    keras_private.finalize(built)
    return built


def _shapes(weights: dict[str, keras.Variable]) -> dict[str, tuple[tuple[int, ...], str]]:
    return {path: (tuple(weight.shape), str(weight.dtype)) for path, weight in weights.items()}
