"""Data sets of the TFDS catalogue, in the form that TFDS prepares. TensorFlow is needed only to decode them."""

import json
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from ablation.config import libraries, schema
from ablation.data.reporter import SILENT, Reporter
from ablation.errors import AblateError

PARTS = ("train", "validation", "test")


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

    def __init__(self, cfg: schema.Data, reporter: Reporter = SILENT):
        self.name, self.expected_classes, self.reporter = cfg.name, cfg.classes, reporter
        folder = cfg.dir or os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
        self.dir = Path(os.path.expanduser(folder))

    @property
    def prepared(self) -> Path | None:
        """The folder of the newest prepared version; None if there is none."""
        versions: dict[tuple[int, ...], Path] = {}
        for path in self.dir.glob(f"{self.name}/*/dataset_info.json"):
            numbers = path.parent.name.split(".")
            if all(number.isdigit() for number in numbers):  # not incomplete.ABC_1.0.0
                versions[tuple(int(number) for number in numbers)] = path.parent
        return versions[max(versions)] if versions else None

    def prepare(self) -> None:
        """Download and prepare the data set if it is missing. Raises AblateError."""
        libraries.require(f"data={self.name}", libraries.SOURCES["tfds"])
        if self.prepared is None:
            self._require_home()
            self._download()
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
            with self.reporter.muted():
                import tensorflow_datasets as tfds
            builder = tfds.builder(self.name, data_dir=self.dir)
            _check_network(builder.url_infos or {})
            self.reporter.say(f"{self.name} is not in {self.dir}; downloading {builder.info.download_size}")
            _run_in_child(_download_and_prepare, self.name, self.dir, self.reporter)
        except Exception as error:  # network, checksums, disk, an unknown name: TFDS raises many types
            raise AblateError(
                f"The data set {self.name} is not prepared and could not be downloaded ({_first_line(error)}). Looked "
                f"in {self.dir} for {self.name}/VERSION/dataset_info.json. Allowed: a folder that TFDS prepared, or a "
                "network connection. Type data.dir=/path/to/tensorflow_datasets; or, with a network connection, "
                f"python -m tensorflow_datasets.scripts.cli.main build {self.name}; or data=digits, which needs neither"
            ) from error

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
            train = {"train": splits.pop("train")}
            return Description(str(info["version"]), train | splits)
        except (OSError, ValueError, TypeError, KeyError) as error:
            problem = f"dataset_info.json is damaged: {type(error).__name__} {error}"
            raise self._damaged(problem) from error

    @property
    def _folder(self) -> Path:
        """The prepared folder. Raises FileNotFoundError if there is none."""
        if self.prepared is None:
            raise FileNotFoundError(f"{self.dir / self.name} has no prepared version")
        return self.prepared

    def _damaged(self, problem: str) -> AblateError:
        """The error for a prepared folder that cannot be read: unreadable for this user, or else damaged."""
        for path in sorted(self._folder.iterdir()):
            if not os.access(path, os.R_OK):
                return AblateError(
                    f"The data set {self.name} cannot be read: you may not read {path}. Received {self.prepared}. "
                    f"Allowed: readable files. Type ls -l '{self.prepared}', which shows whose they are"
                )
        return AblateError(
            f"The data set {self.name} cannot be read ({problem}). Received {self.prepared}. Allowed: a folder that "
            f"TFDS prepared completely. To have it prepared again, type rm -r '{self.prepared}'"
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """The class names; numbers if the data set has no names or is not prepared; empty if their count is unknown."""
        if self.prepared is not None and (self.prepared / "label.labels.txt").is_file():
            return tuple((self.prepared / "label.labels.txt").read_text().rstrip("\n").split("\n"))
        return tuple(str(label) for label in range(self._class_count() or self.expected_classes or 0))

    def _class_count(self) -> int | None:
        """The number of classes that `features.json` states; None if it states none."""
        try:
            features = json.loads((self._folder / "features.json").read_text())["featuresDict"]["features"]
            counts = [
                int(feature["classLabel"]["numClasses"]) for feature in features.values() if "classLabel" in feature
            ]
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        return counts[0] if len(counts) == 1 else None

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

    def examples(self, part: str) -> Iterator[tuple[np.ndarray, int]]:
        with self.reporter.muted():
            import tensorflow_datasets as tfds
        try:
            builder: Any = tfds.builder_from_directory(self._folder)
            in_order = tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False)  # one shard after another
            rows = builder.as_dataset(split=part, shuffle_files=False, as_supervised=True, read_config=in_order)
            yield from rows.as_numpy_iterator()
        except Exception as error:
            raise self._damaged(_first_line(error)) from error


def _run_in_child(work: Callable[..., None], *arguments: Any) -> None:
    """Call work(*arguments) in a child process that ends when this process ends. Raises RuntimeError with its error.

    Preparing some data sets initialises TensorFlow, which must not happen here before the run sets its threads.
    """
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe()
    child = context.Process(target=_child, args=(sender, work, *arguments), daemon=True)
    child.start()
    sender.close()
    try:
        error = receiver.recv()
    except EOFError:
        error = "the process that was preparing it was killed"
    child.join()
    if error:
        raise RuntimeError(error)


def _child(sender: Connection, work: Callable[..., None], *arguments: Any) -> None:
    """Do the work, then send the error or an empty string. Exit when the parent has ended."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    try:
        work(*arguments)
        sender.send("")
    except BaseException as error:
        sender.send(_first_line(error))


def _download_and_prepare(name: str, folder: Path, reporter: Reporter) -> None:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with reporter.muted():
        import tensorflow_datasets as tfds
    config = tfds.download.DownloadConfig(try_download_gcs=False)
    tfds.builder(name, data_dir=folder).download_and_prepare(download_config=config)


def _check_network(urls: Iterable[str]) -> None:
    """Contact each host once, because TFDS retries for three minutes without a network. Raises ConnectionError."""
    import requests

    url_of_host = {}
    for url in urls:
        parts = urlsplit(url)
        if parts.netloc:
            url_of_host[parts.scheme, parts.netloc] = url
    for (_, host), url in url_of_host.items():
        try:
            requests.head(url, timeout=20)
        except requests.RequestException as error:
            raise ConnectionError(f"no answer from {host}") from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__
