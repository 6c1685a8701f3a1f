"""A user's own images: `root/class/*.jpg`, or `root/train/class/*.jpg` beside `validation` and `test`."""

import hashlib
import os
import shlex
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ablation.config import schema
from ablation.data import file_hashes
from ablation.errors import AblateError
from ablation.runtime import console

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp"})
PARTS = ("train", "validation", "test")
ALIASES = {"val": "validation", "valid": "validation"}  # as ImageNet, torchvision and Keras call it


class Folder:
    """See `ablation.data.cache.Source`. Classes are the folders' names in alphabetical order."""

    def __init__(self, cfg: schema.Data):
        self.root = Path(cfg.root).expanduser()

    def prepare(self) -> None:
        """Raise AblateError for a folder that is not there, without images or with one class only."""
        if len(self.classes) < 2:
            raise self._error(f"The folder has one class only, {self.classes[0]}", "two classes or more")
        for part, files in self._files.items():
            if unknown := {c for c, _ in files} - set(self.classes):
                raise self._error(f"{part} has a class that train has not: {sorted(unknown)[0]}", "the same classes")

    def _error(self, what: str, allowed: str) -> AblateError:
        return AblateError(
            f"{what}. Received data.root={self.root}. Allowed: {allowed}. "
            "Type for example data=folder data.root=/path/to/images"
        )

    @cached_property
    def classes(self) -> tuple[str, ...]:
        return tuple(sorted({name for name, _ in self._files["train"]}))

    @cached_property
    def _files(self) -> dict[str, list[tuple[str, Path]]]:
        if not self.root.is_dir():
            raise self._error("The folder is not there", "a folder with one folder of images per class")
        own = {ALIASES.get(p.name.lower(), p.name.lower()): p for p in sorted(self.root.iterdir()) if p.is_dir()}
        split = "train" in own and len(own.keys() & set(PARTS)) > 1
        files = {p: _images(own[p]) for p in PARTS if p in own} if split else {"train": _images(self.root)}
        if not files["train"]:
            raise self._error("The folder has no images", f"root/class/ with {', '.join(sorted(SUFFIXES))}")
        return files

    def identity(self) -> dict[str, Any]:
        digest, known = hashlib.sha256(), file_hashes.under(self.root)
        for part, files in self._files.items():
            for _, path in files:
                digest.update(os.fsencode(f"{part}/{path.relative_to(self.root).as_posix()}\0"))
                digest.update(bytes.fromhex(known.of(path)))
        known.keep()
        return {"name": "folder", "content": digest.hexdigest()}

    def stamp(self) -> list[Any]:
        return []  # the identity is of the content itself

    def counts(self) -> dict[str, int]:
        return {part: len(files) for part, files in self._files.items()}

    def examples(self, part: str) -> Iterator[tuple[Image.Image, int]]:
        for name, path in self._files[part]:
            try:
                image = read(path)
            except Corrupt:
                raise self._corrupt() from None
            yield image, self.classes.index(name)

    def _corrupt(self) -> AblateError:
        """All of them, so that they are mended in one go."""
        every = [path for files in self._files.values() for _, path in files]
        found = {}
        for path in console.track(every, len(every), "looking for more images that cannot be read"):
            try:
                read(path)
            except Corrupt as error:
                found[path] = error
        (first, why), paths = next(iter(found.items())), " ".join(shlex.quote(str(p)) for p in found)
        one = "An image" if len(found) == 1 else f"{len(found)} of {len(every)} images"
        return AblateError(
            f"{one} cannot be read: {why} ({first}). Received data.root={self.root}. Allowed: whole image files. "
            f"Repair, or take away: rm {paths}"
        )


def _images(folder: Path) -> list[tuple[str, Path]]:
    """(class, path) of every image below the class folders, sorted by path; hidden folders and files are none."""
    inside = ((p.relative_to(folder).parts, p) for p in folder.glob("*/**/*") if p.suffix.lower() in SUFFIXES)
    return sorted((parts[0], p) for parts, p in inside if not any(x[0] == "." for x in parts) and p.is_file())


class Corrupt(Exception):
    """An image that cannot be read."""


def read(path: Path) -> Image.Image:
    """An image file as RGB. Raises Corrupt."""
    try:
        with Image.open(path) as image:
            image.load()
            if image.mode.startswith("I"):  # 16 bits of grey, which convert("RGB") would cut off at 255
                image = Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype("uint8"))
            return image.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:  # Pillow's, by its kind of file
        raise Corrupt(str(error)) from error
