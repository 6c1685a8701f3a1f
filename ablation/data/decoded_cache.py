"""Images decoded once and kept as plain arrays, keyed by the data's identity, so that the next run starts at once."""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock
from PIL import Image

from ablation.data.sources.base import Source
from ablation.errors import AblateError
from ablation.rundir import files
from ablation.runtime import console

FORMAT = 1
INDEX = "index.json"
TORN = (OSError, ValueError, KeyError, TypeError, EOFError, files.Unreadable)  # not there, or torn by a power cut


@dataclass(frozen=True)
class Part:
    """pixels uint8 (n, h, w, c); labels int32 (n,); sums int64 (n, 2, c): of each image's values and their squares."""

    pixels: np.ndarray
    labels: np.ndarray
    sums: np.ndarray


@dataclass(frozen=True)
class Decoded:
    parts: dict[str, Part]
    digest: str


def home() -> Path:
    """`$XDG_CACHE_HOME/ablate`, else `~/.cache/ablate`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ablate"


def decoded(source: Source, image_size: int, channels: int) -> Decoded:
    """Open the decoded images, decoding them first where no earlier run has; a second process waits for the first."""
    key = {"format": FORMAT, "data": source.identity(), "stamp": source.stamp(), "form": [image_size, channels]}
    place = home() / hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()[:16]
    shape = (image_size, image_size, channels)
    if not _writable(place.parent):
        parts = {name: _decode(source, name, np.empty((n, *shape), "uint8")) for name, n in source.counts().items()}
        return Decoded(parts, _digest(parts))
    with FileLock(f"{place}.lock"):
        try:
            return _open(place)
        except TORN:
            _store(place, source, shape)
            return _open(place)


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(folder, os.W_OK)


def _decode(source: Source, name: str, pixels: np.ndarray) -> Part:
    labels = np.empty(len(pixels), "int32")
    sums = np.empty((len(pixels), 2, pixels.shape[-1]), "int64")
    examples = console.track(source.examples(name), len(pixels), f"decoding {name} images")
    for i, (image, label) in enumerate(examples):
        pixels[i], labels[i] = fit(image, pixels.shape[1], pixels.shape[-1]), label
        sums[i] = _sums(pixels[i])
    return Part(pixels, labels, sums)


def fit(image: np.ndarray | Image.Image, size: int, channels: int) -> np.ndarray:
    """Resize to a square, antialiased, and to grey or RGB: uint8 (size, size, channels)."""
    if not isinstance(image, Image.Image):
        if image.shape == (size, size, channels):
            return image
        image = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (size, size):
        image = image.resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(image).reshape(size, size, channels)


def _sums(image: np.ndarray) -> np.ndarray:
    values = image.reshape(-1, image.shape[-1]).astype("int64")
    return np.stack([values.sum(axis=0), (values**2).sum(axis=0)])


def _digest(parts: dict[str, Part]) -> str:
    digest = hashlib.sha256()
    for name, part in sorted(parts.items()):
        digest.update(f"{name}{part.pixels.shape}".encode())
        digest.update(part.pixels)
        digest.update(part.labels.astype("<i4"))
    return digest.hexdigest()


def _store(place: Path, source: Source, shape: tuple[int, int, int]) -> None:
    """Decode straight onto the disk, for the pixels may be larger than memory; a directory appears whole or not."""
    try:
        with files.replacing_folder(place) as staged:
            parts = {}
            for name, count in source.counts().items():
                pixels = _reserved(staged / f"{name}.pixels.npy", (count, *shape))
                parts[name] = _decode(source, name, pixels)
                pixels.flush()
                np.save(staged / f"{name}.labels.npy", parts[name].labels)
                np.save(staged / f"{name}.sums.npy", parts[name].sums)
            index = json.dumps({"digest": _digest(parts), "parts": list(parts)})
            files.replace(staged / INDEX, index.encode(), lasting=False)
    except OSError as error:
        raise AblateError(
            f"Cannot keep the decoded images: {error.strerror}. Received {error.filename or place}. Allowed: a cache "
            "folder on a disk with room. Type for example XDG_CACHE_HOME=/path/with/room ablate …"
        ) from error


def _reserved(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """An array on the disk whose room is taken now: a mapped file that finds none later ends the process."""
    pixels = np.lib.format.open_memmap(path, "w+", "uint8", shape)
    if hasattr(os, "posix_fallocate"):
        with open(path, "rb+") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return pixels


def _open(place: Path) -> Decoded:
    index = json.loads(files.read_bounded(place / INDEX))

    def array(name: str, kind: str) -> np.ndarray:
        mode = "r" if kind == "pixels" else None  # pixels may be larger than memory
        return np.load(place / f"{name}.{kind}.npy", mmap_mode=mode, allow_pickle=False)

    parts = {n: Part(array(n, "pixels"), array(n, "labels"), array(n, "sums")) for n in index["parts"]}
    return Decoded(parts, index["digest"])
