"""Cache of decoded images, and other examples, as plain arrays keyed by the fingerprint of the data."""

import contextlib
import fcntl
import hashlib
import json
import math
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock
from PIL import Image

from ablation import text
from ablation.data.reporter import Reporter
from ablation.data.sources.base import Source
from ablation.errors import AblateError
from ablation.rundir import files

FORMAT = 3
INDEX = "index.json"
PIXELS, LABELS, SUMS, HASHES = "pixels", "labels", "sums", "hashes"  # in file names such as `train.pixels.npy`
NO_HOME = "there is no home folder"
IN_USE: dict[tuple[int, int], int] = {}  # descriptors of the indexes that this process holds, by device and inode
MISSING = (OSError, ValueError, KeyError, TypeError, EOFError, files.Unreadable)  # or truncated by a power cut


@dataclass(frozen=True)
class Part:
    """A decoded part of a source.

    pixels: (n, *shape) in the form of the source, uint8 (n, h, w, c) of images. labels: int32 (n,). sums: (n, 2, c),
    each example's sum of values and of squares per channel (the last axis), int64 of integers and float64 of floats.
    hashes: uint64 (n,), of each example's values.
    """

    pixels: np.ndarray
    labels: np.ndarray
    sums: np.ndarray
    hashes: np.ndarray


@dataclass(frozen=True)
class Decoded:
    """All decoded parts of a source, by name. digest: SHA-256 of their pixels and labels."""

    parts: dict[str, Part]
    digest: str


def problem() -> str | None:
    """The reason why decoded images cannot be cached, in a few words; None if they can be."""
    cache = files.cache_home()
    if cache is None:
        return NO_HOME
    try:
        cache.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=cache).close()
    except OSError as error:
        return _unusable(cache, error)
    return None


def _unusable(cache: Path, error: OSError) -> str:
    return f"{cache} cannot be used ({error.strerror or error})"


def decoded(source: Source, reporter: Reporter) -> Decoded:
    """Open the decoded images from the cache; decode them first if they are not there.

    If two processes need them, the second waits for the first. If the cache cannot be used, the images are decoded
    into memory, and a line says so. Raises AblateError for an unreadable image, or if the images do not fit into memory
    either.
    """
    form = [*source.form.shape, source.form.dtype]
    key = {"format": FORMAT, "data": source.identity(), "stamp": source.stamp(), "form": form}
    cache = files.cache_home()
    if cache is None:
        return _decode_into_memory(source, reporter, NO_HOME)
    folder = cache / hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]
    with contextlib.suppress(*MISSING):
        return _open(folder)  # without the lock, which only a writable cache can hold
    try:
        return _open_or_store(folder, source, reporter)
    except OSError as error:  # read-only, full, not a folder, another user's, …
        return _decode_into_memory(source, reporter, _unusable(cache, error))


def _open_or_store(folder: Path, source: Source, reporter: Reporter) -> Decoded:
    """Open the decoded images, or decode them into the cache, while no other process does. Raises OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        with contextlib.suppress(*MISSING):
            return _open(folder)
        _store(folder, source, reporter)
        return _open(folder)


def _decode_into_memory(source: Source, reporter: Reporter, reason: str) -> Decoded:
    """Decode without a cache. reason: why it cannot be used. Raises AblateError if the memory is too small."""
    reporter.say(
        f"The decoded images are kept in memory only, because {reason}. To reuse them in later runs, set "
        "XDG_CACHE_HOME to a writable folder with free space"
    )
    parts, form = {}, source.form
    try:
        for name, count in source.counts().items():
            parts[name] = _decode(source, name, np.empty((count, *form.shape), form.dtype), reporter)
    except MemoryError as error:
        needed = text.size(sum(source.counts().values()) * math.prod(form.shape) * np.dtype(form.dtype).itemsize)
        raise AblateError(
            f"The decoded images do not fit into memory, and they cannot be cached, because {reason}. Received images "
            f"of {needed}. Allowed: a writable cache folder on a disk with enough free space. Type for example "
            "XDG_CACHE_HOME=/path/with/space ablate …"
        ) from error
    return Decoded(parts, _digest(parts))


def _decode(source: Source, name: str, pixels: np.ndarray, reporter: Reporter) -> Part:
    """Decode a part into `pixels`, (n, *shape)."""
    count, channels = len(pixels), pixels.shape[-1]
    labels = np.empty(count, "int32")
    sums = np.empty((count, 2, channels), "int64" if pixels.dtype.kind == "u" else "float64")
    hashes = np.empty(count, "uint64")
    examples = reporter.track(source.examples(name), count, f"decoding {name} images")
    for i, (image, label) in enumerate(examples):
        pixels[i], labels[i] = fit(image, pixels.shape[1:]) if source.form.is_image else image, label
        sums[i] = _sums(pixels[i])
        hashes[i] = _hash(pixels[i])
    return Part(pixels, labels, sums, hashes)


def fit(image: np.ndarray | Image.Image, shape: tuple[int, ...]) -> np.ndarray:
    """Resize with antialiasing and convert to greyscale or RGB: uint8 of this shape, (h, w, c)."""
    height, width, channels = shape
    if not isinstance(image, Image.Image):
        if image.shape == shape:
            return image
        image = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(image).reshape(shape)


def _sums(image: np.ndarray) -> np.ndarray:
    """The sums of an example's values and of their squares, per channel: int64 or float64 (2, c)."""
    values = image.reshape(-1, image.shape[-1]).astype("int64" if image.dtype.kind == "u" else "float64")
    return np.stack([values.sum(axis=0), (values**2).sum(axis=0)])


def _hash(image: np.ndarray) -> int:
    """64 bits of a cryptographic hash: among a million different images, two are equal once in 30 million data sets."""
    digest = hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _digest(parts: dict[str, Part]) -> str:
    digest = hashlib.sha256()
    for name, part in sorted(parts.items()):
        digest.update(f"{name}{part.pixels.shape}".encode())
        digest.update(np.ascontiguousarray(part.pixels).view("uint8").data)
        digest.update(part.labels.astype("<i4").data)
    return digest.hexdigest()


def _store(folder: Path, source: Source, reporter: Reporter) -> None:
    """Decode to disk, because the pixels may be larger than memory. Creates the folder atomically. Raises OSError."""
    with files.replacing_folder(folder) as staged:
        parts, form = {}, source.form
        for name, count in source.counts().items():
            pixels = _reserved(_array_path(staged, name, PIXELS), (count, *form.shape), form.dtype)
            parts[name] = _decode(source, name, pixels, reporter)
            pixels.flush()
            np.save(_array_path(staged, name, LABELS), parts[name].labels)
            np.save(_array_path(staged, name, SUMS), parts[name].sums)
            np.save(_array_path(staged, name, HASHES), parts[name].hashes)
        index = {"digest": _digest(parts), "parts": list(parts)}
        index |= {"data": source.identity()["name"], "images": sum(source.counts().values()), "form": list(form.shape)}
        files.replace(staged / INDEX, json.dumps(index).encode(), lasting=False)


def _array_path(folder: Path, part: str, kind: str) -> Path:
    return folder / f"{part}.{kind}.npy"


def _reserved(path: Path, shape: tuple[int, ...], dtype: str) -> np.memmap:
    """An array on disk whose space is allocated immediately.

    A memory-mapped file that runs out of space later would kill the process with SIGBUS.
    """
    pixels = np.lib.format.open_memmap(path, "w+", np.dtype(dtype), shape)
    if hasattr(os, "posix_fallocate"):
        with open(path, "rb+") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return pixels


def _open(folder: Path) -> Decoded:
    """Open the cached arrays. Raises one of MISSING."""
    _mark_used(folder / INDEX)
    index = json.loads(files.read_bounded(folder / INDEX))
    parts = {}
    for name in index["parts"]:
        parts[name] = Part(
            np.load(_array_path(folder, name, PIXELS), mmap_mode="r", allow_pickle=False),  # may be larger than memory
            np.load(_array_path(folder, name, LABELS), allow_pickle=False),
            np.load(_array_path(folder, name, SUMS), allow_pickle=False),
            np.load(_array_path(folder, name, HASHES), allow_pickle=False),
        )
    return Decoded(parts, index["digest"])


def _mark_used(index: Path) -> None:
    """Note that the images are used now, and hold them until the process ends, so that nobody deletes them.

    Neither is needed to read them: in a read-only cache, nothing happens.
    """
    with contextlib.suppress(OSError):
        os.utime(index)
    with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
        descriptor = os.open(index, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        stack.callback(os.close, descriptor)
        status = os.fstat(descriptor)
        key = (status.st_dev, status.st_ino)
        if key not in IN_USE:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            stack.pop_all()  # it stays open
            IN_USE[key] = descriptor
