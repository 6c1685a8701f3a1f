"""A user's own images: `root/class/*.jpg`, or `root/train/class/*.jpg` beside `validation` and `test`."""

import hashlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from PIL import Image

from ablation import config
from ablation.errors import AblateError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp"})
PARTS = ("train", "validation", "test")


class Folder:
    """See `ablation.data.cache.Source`. Classes are the folders' names in alphabetical order."""

    def __init__(self, cfg: config.Data):
        self.root = Path(cfg.root).expanduser()

    def prepare(self) -> None:
        """Raise AblateError for a folder that is not there, without images or with one class only."""
        if not self.root.is_dir():
            raise self._error("The folder is not there", "a folder with one folder of images per class")
        if not any(self._files.values()):
            raise self._error("The folder has no images", f"root/class/ with {', '.join(sorted(SUFFIXES))}")
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
        own = [p for p in PARTS if (self.root / p).is_dir()]
        split = "train" in own and len(own) > 1
        return {p: _images(self.root / p) for p in own} if split else {"train": _images(self.root)}

    def identity(self) -> dict[str, Any]:
        digest = hashlib.sha256()
        for part, files in self._files.items():
            for _, path in files:
                digest.update(f"{part}/{path.relative_to(self.root).as_posix()}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
        return {"name": "folder", "content": digest.hexdigest()}

    def counts(self) -> dict[str, int]:
        return {part: len(files) for part, files in self._files.items()}

    def examples(self, part: str) -> Iterator[tuple[Image.Image, int]]:
        for name, path in self._files[part]:
            yield _read(path), self.classes.index(name)


def _images(folder: Path) -> list[tuple[str, Path]]:
    """(class, path) of every image below the class folders, sorted by path."""
    if not folder.is_dir():
        return []
    paths = (p for p in folder.glob("*/**/*") if p.suffix.lower() in SUFFIXES and p.is_file())
    return sorted((p.relative_to(folder).parts[0], p) for p in paths)


def _read(path: Path) -> Image.Image:
    try:
        with Image.open(path) as image:
            image.load()
            return image.convert("RGB")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise AblateError(
            f"The image cannot be read: {error}. Received {path}. Allowed: a whole image file. "
            f"Repair it, or take it away: rm '{path}'"
        ) from error
