"""Data sets of the TFDS catalogue, in the form that TFDS prepares. TensorFlow is needed only to decode them."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ablation.config import libraries, schema
from ablation.data.reporter import SILENT, Reporter
from ablation.data.sources.base import Form
from ablation.data.sources.image_reading import visible
from ablation.data.sources.tfds_download import download
from ablation.errors import AblateError
from ablation.text import first_line

PARTS = ("train", "validation", "test")
RGB = 3
VISIBLE = {1: 1, 3: 3, 4: 3}  # channels as stored, and without opacity


@dataclass(frozen=True)
class SplitSize:
    """The size of a prepared split: number of images, and bytes."""

    images: int
    bytes: int


@dataclass(frozen=True)
class Description:
    """The content of `dataset_info.json`: the version, and the size of each split, `train` first."""

    version: str
    splits: dict[str, SplitSize]


class Tfds:
    """A TFDS data set as a `Source`."""

    excluded = ()
    notes = ()

    def __init__(self, cfg: schema.Data, reporter: Reporter = SILENT):
        self.name, self.expected_classes, self.reporter = cfg.name, cfg.classes, reporter
        self.image_size, self.channels = cfg.image_size, cfg.channels
        folder = cfg.dir or os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
        self.dir = Path(os.path.expanduser(folder))

    @property
    def prepared(self) -> Path | None:
        """The folder of the newest prepared version; None if there is none."""
        versions: dict[tuple[int, ...], Path] = {}
        for path in self.dir.glob(f"{self.name}/*/dataset_info.json"):
            if _is_version(path.parent.name):
                versions[tuple(int(number) for number in path.parent.name.split("."))] = path.parent
        return versions[max(versions)] if versions else None

    def _refuse_lack_of_config(self) -> None:
        """Raise AblateError if the data set has prepared configurations, and the name is of none of them."""
        paths = self.dir.glob(f"{self.name}/*/*/dataset_info.json")
        names = sorted({f"{self.name}/{path.parents[1].name}" for path in paths if _is_version(path.parent.name)})
        if self.prepared is None and names:
            raise AblateError(
                f"The data set {self.name} has configurations, and the name is of none. Received "
                f"data.name={self.name}. Allowed: {', '.join(names)} (prepared in {self.dir}), or another "
                f"configuration of TFDS. Type for example data.name={names[0]}"
            )

    @property
    def needs_download(self) -> bool:
        return self.prepared is None

    def prepare(self) -> None:
        """Download and prepare the data set if it is missing. Raises AblateError."""
        libraries.require(f"data={self.name}", libraries.SOURCES["tfds"])
        if self.needs_download:
            self._require_home()
            self._refuse_lack_of_config()
            self._download()
            self._refuse_lack_of_config()  # TFDS adds its default one to the name
        self._check_features()
        self.form  # noqa: B018  # raises AblateError if it is not known
        if not self.classes:
            raise AblateError(
                f"The data set {self.name} has no class names, so the number of its classes is unknown. Received "
                "data.classes=null. Allowed: the number of classes. Type for example data.classes=10"
            )
        if self.expected_classes not in (None, len(self.classes)):
            raise AblateError(
                f"The data set {self.name} has a different number of classes. Received data.classes="
                f"{self.expected_classes}. Allowed: {len(self.classes)}, as in {self.prepared}, or null. "
                f"Type data.classes={len(self.classes)}"
            )

    def _check_features(self) -> None:
        """Raise AblateError if the data set is not one of images of 8 bits with one label each."""
        features = self._features
        if features is None:
            return  # damaged, which decoding reports
        if self._image_and_label is None:
            raise AblateError(
                f"The data set {self.name} is not one of images with one class label each, so nothing can be "
                f"classified. Received the features {', '.join(features) or 'none'} in {self.prepared}. Allowed: a "
                "data set of TFDS with one image and one label, a ClassLabel or an integer called label, or a folder "
                "of images. Type for example data=folder data.root=/path/to/images"
            )
        image = features[self._image_and_label[0]]["image"]
        if (dtype := image.get("dtype", "uint8")) != "uint8":
            raise AblateError(
                f"The images of the data set {self.name} do not have 8 bits per channel, so which values are black and "
                f"white is unknown. Received {dtype} in {self.prepared}. Allowed: uint8. Type data=folder "
                "data.root=/path/to/images once they are saved there in 8 bits, with one folder per class"
            )

    @cached_property
    def form(self) -> Form:
        """The stored size and channels, as far as the config sets no others. Raises AblateError."""
        height, width, stored = self._stored_shape
        channels = self.channels or VISIBLE.get(stored, RGB)
        if self.image_size is not None:
            return Form((self.image_size, self.image_size, channels))
        if height < 1 or width < 1:
            raise AblateError(
                f"The images of the data set {self.name} have different sizes. Received data.image_size=null. Allowed: "
                "a size to which they are resized. Type for example data.image_size=96"
            )
        return Form((height, width, channels))

    @property
    def _stored_shape(self) -> tuple[int, int, int]:
        """Height, width and channels as `features.json` states them; 0 where it does not, or they differ."""
        try:
            name, _ = self._image_and_label or ("", "")
            height, width, channels = (self._features or {})[name]["image"]["shape"]["dimensions"]
            return int(height), int(width), int(channels)
        except (KeyError, TypeError, ValueError):
            return 0, 0, 0

    def _require_home(self) -> None:
        """Raise AblateError if the folder is below a home folder that does not exist."""
        if str(self.dir).startswith("~"):
            raise AblateError(
                f"The data set {self.name} has no folder, because there is no home folder. Received {self.dir}. "
                "Allowed: a folder that TFDS prepared, or one for the download. Type for example "
                "data.dir=/path/to/tensorflow_datasets"
            )

    def _download(self) -> None:
        try:
            download(self.name, self.dir, self.reporter)
        except Exception as error:  # network, checksums, disk, an unknown name: TFDS raises many types
            raise AblateError(
                f"The data set {self.name} is not prepared and could not be downloaded ({first_line(error)}). Looked "
                f"in {self.dir} for {self.name}/VERSION/dataset_info.json. Allowed: a folder that TFDS prepared, or a "
                "network connection. Type data.dir=/path/to/tensorflow_datasets; or, with a network connection, "
                f"python -m tensorflow_datasets.scripts.cli.main build {self.name}; or data=digits, which needs neither"
            ) from error

    @cached_property
    def _features(self) -> dict[str, dict[str, Any]] | None:
        """What `features.json` states of each feature, by name; None if it cannot be read."""
        try:
            features = json.loads((self._folder / "features.json").read_text())["featuresDict"]["features"]
            return {name: dict(feature) for name, feature in features.items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None

    @cached_property
    def _image_and_label(self) -> tuple[str, str] | None:
        """The features that hold the image and its label: the supervised ones, or else the only ones; None if none."""
        features = self._features or {}
        images = [name for name, feature in features.items() if "image" in feature]
        labels = [name for name, feature in features.items() if "classLabel" in feature]
        numbers = [name for name, feature in features.items() if _is_integer(feature)]
        try:
            info = json.loads((self._folder / "dataset_info.json").read_text())
            items = [item["featureKey"] for item in info["supervisedKeys"]["tuple"]["items"]]
        except (OSError, ValueError, TypeError, KeyError):
            items = []
        if len(items) == 2 and items[0] in images and items[1] in labels + numbers:
            return items[0], items[1]
        if not labels and "label" in numbers:  # any other integer may be anything, such as an identifier
            labels = ["label"]
        return (images[0], labels[0]) if len(images) == len(labels) == 1 else None

    @cached_property
    def _description(self) -> Description:
        """The parsed `dataset_info.json`. Raises AblateError if it is damaged."""
        try:
            info = json.loads((self._folder / "dataset_info.json").read_text())
            splits = {}
            for split in info["splits"]:
                if split["name"] in PARTS:
                    images = sum(int(length) for length in split["shardLengths"])
                    splits[split["name"]] = SplitSize(images, int(split["numBytes"]))
            if info["splits"] and "train" not in splits:
                raise self._no_train_split([split["name"] for split in info["splits"]])
            train = {"train": splits.pop("train")}
            return Description(str(info["version"]), train | splits)
        except OSError as error:
            raise self._unreadable(first_line(error)) from error
        except (ValueError, TypeError, KeyError) as error:
            problem = f"dataset_info.json is damaged: {type(error).__name__} {error}"
            raise self._damaged(problem) from error

    def _no_train_split(self, names: list[str]) -> AblateError:
        return AblateError(
            f"The data set {self.name} has no split train, so nothing can be trained with it. Received the splits "
            f"{', '.join(names)} in {self.prepared}. Allowed: a data set with train and, if present, validation and "
            "test. Type for example data=folder data.root=/path/to/images once its images are saved there, with one "
            "folder per class"
        )

    @property
    def _folder(self) -> Path:
        """The prepared folder. Raises FileNotFoundError if there is none."""
        if self.prepared is None:
            raise FileNotFoundError(f"{self.dir / self.name} has no prepared version")
        return self.prepared

    def _unreadable(self, problem: str) -> AblateError:
        """The error for files that the machine does not let this process read, whatever is in them."""
        for path in [self._folder, *sorted(self._folder.glob("*"))]:
            if not os.access(path, os.R_OK):
                return AblateError(
                    f"The data set {self.name} cannot be read: you may not read {path}. Received {self.prepared}. "
                    f"Allowed: readable files. Type ls -l '{self.prepared}', which shows whose they are"
                )
        return AblateError(
            f"The data set {self.name} cannot be read ({problem}). Received {self.prepared}. Allowed: a folder on a "
            "disk that answers, and enough memory and open files. Type ulimit -a, which shows the limits, and repeat "
            "the command"
        )

    def _damaged(self, problem: str) -> AblateError:
        """The error for a prepared folder whose content is wrong; see `_unreadable` for one that is out of reach."""
        if not all(os.access(path, os.R_OK) for path in [self._folder, *self._folder.glob("*")]):
            return self._unreadable(problem)
        return AblateError(
            f"The data set {self.name} cannot be read ({problem}). Received {self.prepared}. Allowed: a folder that "
            f"TFDS prepared completely. To have it prepared again, type rm -r '{self.prepared}'"
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names; numbers if the data set has no names or is not prepared; empty if their count is unknown."""
        label = (self._image_and_label or ("image", "label"))[1]
        if self.prepared is not None and (file := self.prepared / f"{label}.labels.txt").is_file():
            return tuple(file.read_text("utf-8", errors="replace").rstrip("\n").split("\n"))
        return tuple(str(label) for label in range(self._class_count() or self.expected_classes or 0))

    def _class_count(self) -> int | None:
        """The number of classes that `features.json` states; None if it states none."""
        if self._features is None or self._image_and_label is None:
            return None
        try:
            return int(self._features[self._image_and_label[1]]["classLabel"]["numClasses"])
        except (ValueError, TypeError, KeyError):
            return None

    def identity(self) -> dict[str, Any]:
        splits = {name: [split.images, split.bytes] for name, split in self._description.splits.items()}
        return {"name": self.name, "version": self._description.version, "splits": splits}

    def stamp(self) -> list[Any]:
        stamps = []
        for path in sorted(self._folder.glob("*.tfrecord*")):
            status = path.stat()
            stamps.append([path.name, status.st_size, status.st_mtime_ns])
        return stamps

    def counts(self) -> dict[str, int]:
        return {name: split.images for name, split in self._description.splits.items()}

    def examples(self, part: str) -> Iterator[tuple[np.ndarray | Image.Image, int]]:
        with self.reporter.muted():
            import tensorflow as tf
            import tensorflow_datasets as tfds
        out_of_reach = (
            *(MemoryError, tf.errors.PermissionDeniedError, tf.errors.ResourceExhaustedError),
            *(tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.UnknownError),
        )
        try:
            builder: Any = tfds.builder_from_directory(self._folder)
            image, label = self._image_and_label or ("image", "label")
            rows = builder.as_dataset(
                split=part,
                shuffle_files=False,
                decoders=tfds.decode.PartialDecoding({image: True, label: True}),
                read_config=tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False),  # shard after shard
            )
            for row in rows.as_numpy_iterator():
                yield _opaque(row[image]), row[label]
        except out_of_reach as error:
            raise self._unreadable(first_line(error)) from error
        except Exception as error:
            raise self._damaged(first_line(error)) from error


def _is_version(folder: str) -> bool:
    """Whether a folder is called as a version, 1.0.0, and not incomplete.ABC_1.0.0."""
    return all(number.isdigit() for number in folder.split("."))


def _is_integer(feature: dict[str, Any]) -> bool:
    """Whether a feature of `features.json` is one integer, which may be a label without names."""
    tensor = feature.get("tensor") or {}
    return "int" in str(tensor.get("dtype")) and not (tensor.get("shape") or {}).get("dimensions")


def _opaque(pixels: np.ndarray) -> np.ndarray | Image.Image:
    """An image as a viewer shows it: with a fourth channel, which is opacity, on white."""
    return visible(Image.fromarray(pixels, "RGBA"), 255) if pixels.shape[-1] == 4 else pixels
