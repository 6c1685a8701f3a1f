"""Data sets of the TFDS catalogue, read in TFDS's own prepared form; TensorFlow is needed only to decode them."""

import json
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from ablation.config import schema
from ablation.errors import AblateError
from ablation.runtime import console

PARTS = ("train", "validation", "test")


class Tfds:
    """See `ablation.data.cache.Source`."""

    def __init__(self, cfg: schema.Data):
        self.name, self._count = cfg.name, cfg.classes
        place = cfg.dir or os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets"
        self.dir = Path(place).expanduser()

    @property
    def prepared(self) -> Path | None:
        """The directory of the newest prepared version; None when there is none."""
        versions = [p.parent for p in self.dir.glob(f"{self.name}/*/dataset_info.json")]
        whole = [p for p in versions if all(n.isdigit() for n in p.name.split("."))]  # not incomplete.ABC_1.0.0
        return max(whole, key=lambda p: [int(n) for n in p.name.split(".")], default=None)

    def prepare(self) -> None:
        """Download and prepare the data set where it is not yet. Raises AblateError."""
        if self.prepared is None:
            self._download()
        if self._count not in (None, len(self.classes)):
            raise AblateError(
                f"The data set {self.name} has another number of classes. Received data.classes={self._count}. "
                f"Allowed: {len(self.classes)}, as in {self.prepared}, or null. Type data.classes={len(self.classes)}"
            )

    def _download(self) -> None:
        try:
            with console.muted():
                import tensorflow_datasets as tfds
            builder = tfds.builder(self.name, data_dir=self.dir)
            _reach(builder.url_infos)
            console.say(f"{self.name} is not in {self.dir}: downloading {builder.info.download_size}")
            _in_a_child(_download_and_prepare, self.name, self.dir)
        except Exception as error:  # network, checksums, disk, an unknown name: TFDS raises many types
            reason = _reason(error)
            raise AblateError(
                f"The data set {self.name} is not prepared and could not be downloaded ({reason}). Looked in "
                f"{self.dir} for {self.name}/VERSION/dataset_info.json. Allowed: a folder that TFDS prepared, or a "
                f"network. Type data.dir=/path/to/tensorflow_datasets, or, where there is a network, "
                f"python -m tensorflow_datasets.scripts.cli.main build {self.name}, or data=digits, which needs none"
            ) from error

    @cached_property
    def _info(self) -> tuple[str, dict[str, tuple[int, int]]]:
        """The version, and the images and bytes of each split."""
        try:
            info = json.loads((self.prepared / "dataset_info.json").read_text())
            splits = {
                s["name"]: (sum(int(n) for n in s["shardLengths"]), int(s["numBytes"]))
                for s in info["splits"]
                if s["name"] in PARTS
            }
            return str(info["version"]), {name: splits[name] for name in ("train", *(splits.keys() - {"train"}))}
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise self._damaged(f"dataset_info.json is no description: {type(error).__name__} {error}") from error

    def _damaged(self, what: str) -> AblateError:
        return AblateError(
            f"The data set {self.name} cannot be read ({what}). Received {self.prepared}. Allowed: a folder that TFDS "
            f"prepared whole. Take it away and let it be prepared again: rm -r '{self.prepared}'"
        )

    @property
    def classes(self) -> tuple[str, ...]:
        """The names in the prepared data; numbers where it has none or is not there."""
        if self.prepared is None or not (names := self.prepared / "label.labels.txt").is_file():
            return tuple(str(i) for i in range(self._count or 0))
        return tuple(names.read_text().rstrip("\n").split("\n"))

    def identity(self) -> dict[str, Any]:
        version, splits = self._info
        return {"name": self.name, "version": version, "splits": {name: list(sizes) for name, sizes in splits.items()}}

    def stamp(self) -> list[Any]:
        shards = sorted(self.prepared.glob("*.tfrecord*"))
        return [[p.name, p.stat().st_size, p.stat().st_mtime_ns] for p in shards]

    def counts(self) -> dict[str, int]:
        return {name: images for name, (images, _) in self._info[1].items()}

    def examples(self, part: str) -> Iterator[tuple[np.ndarray, int]]:
        try:
            with console.muted():
                import tensorflow_datasets as tfds
            builder = tfds.builder_from_directory(self.prepared)
            order = tfds.ReadConfig(interleave_cycle_length=1, try_autocache=False)  # as stored, shard after shard
            rows = builder.as_dataset(split=part, shuffle_files=False, as_supervised=True, read_config=order)
            yield from rows.as_numpy_iterator()
        except Exception as error:
            raise self._damaged(_reason(error)) from error


def _in_a_child(work: Callable[..., None], *arguments: Any) -> None:
    """Some data sets start TensorFlow while they are prepared, and this run has not set its threads yet.

    Raises RuntimeError with the child's reason. The child ends with this process.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_tell, args=(theirs, work, *arguments), daemon=True)
    child.start()
    theirs.close()
    try:
        reason = ours.recv()
    except EOFError:
        reason = "the process that prepared it was ended"
    child.join()
    if reason:
        raise RuntimeError(reason)


def _tell(connection: Connection, work: Callable[..., None], *arguments: Any) -> None:
    """Work, then send the reason why it failed, or nothing; leave when nobody waits any more."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    try:
        work(*arguments)
        connection.send("")
    except BaseException as error:
        connection.send(_reason(error))


def _download_and_prepare(name: str, folder: Path) -> None:
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    with console.muted():
        import tensorflow_datasets as tfds
    tfds.builder(name, data_dir=folder).download_and_prepare(
        download_config=tfds.download.DownloadConfig(try_download_gcs=False)
    )


def _reach(urls: Iterable[str]) -> None:
    """Ask each host once: without a network TFDS itself tries for three minutes. Raises OSError."""
    import requests

    for url in {f"{p.scheme}://{p.netloc}": url for url in urls if (p := urlsplit(url)).netloc}.values():
        try:
            requests.head(url, timeout=20)
        except requests.RequestException as error:
            raise ConnectionError(f"no answer from {urlsplit(url).netloc}") from error


def _reason(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0][:200] or type(error).__name__
