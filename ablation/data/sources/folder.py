"""A folder of images: `root/class/*.jpg`, or `root/train/class/*.jpg` and likewise for `validation` and `test`."""

import hashlib
import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from ablation.config import schema
from ablation.data import file_hashes
from ablation.data.reporter import SILENT, Reporter
from ablation.errors import AblateError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp"})
PARTS = ("train", "validation", "test")
ALIASES = {"val": "validation", "valid": "validation"}  # names used by ImageNet, torchvision and Keras


class UnreadableImage(Exception):
    """An image file that cannot be decoded."""


@dataclass(frozen=True)
class ImageFile:
    """An image file and its class."""

    class_name: str
    path: Path


class Folder:
    """A folder of images as a `Source`. The classes are the folder names in alphabetical order."""

    def __init__(self, cfg: schema.Data, reporter: Reporter = SILENT):
        if cfg.root is None:  # validation of the config refuses this earlier
            raise ValueError("Expected root to be a folder. Received: root=None")
        self.root = Path(cfg.root).expanduser()
        self.reporter = reporter

    def prepare(self) -> None:
        """Raise AblateError if the folder is missing, has no images, or its classes are fewer than two or differ."""
        if len(self.classes) < 2:
            raise self._error(f"The folder has only one class: {', '.join(self.classes)}", "two or more classes")
        for part, images in self._parts.items():
            unknown = {image.class_name for image in images} - set(self.classes)
            if unknown:
                raise self._error(
                    f"The {part} folder has a class that the train folder lacks: {min(unknown)}",
                    "the same classes in both folders",
                )

    def _error(self, problem: str, allowed: str) -> AblateError:
        return AblateError(
            f"{problem}. Received data.root={self.root}. Allowed: {allowed}. "
            "Type for example data=folder data.root=/path/to/images"
        )

    @cached_property
    def classes(self) -> tuple[str, ...]:
        return tuple(sorted({image.class_name for image in self._parts["train"]}))

    @cached_property
    def _parts(self) -> dict[str, list[ImageFile]]:
        """The images of each part, sorted. Raises AblateError if there are none."""
        if not self.root.is_dir():
            raise self._error("The folder does not exist", "a folder that contains one folder of images per class")
        folders = self._part_folders() or {"train": self.root}
        parts = {part: _images(folders[part]) for part in PARTS if part in folders}
        if not parts["train"]:
            raise self._error("The folder has no images", f"root/class/ with {', '.join(sorted(SUFFIXES))}")
        return parts

    def _part_folders(self) -> dict[str, Path]:
        """The folders of the parts; empty if the root has no folder `train` beside another part."""
        folders = {}
        for path in sorted(self.root.iterdir()):
            name = path.name.lower()
            if path.is_dir():
                folders[ALIASES.get(name, name)] = path
        parts = {part: folders[part] for part in PARTS if part in folders}
        return parts if "train" in parts and len(parts) > 1 else {}

    def identity(self) -> dict[str, Any]:
        """The fingerprint of the images. Raises OSError if an image was deleted after it was listed."""
        digest, hashes = hashlib.sha256(), file_hashes.below(self.root)
        for part, images in self._parts.items():
            for image in images:
                name = f"{part}/{image.path.relative_to(self.root).as_posix()}\0"
                digest.update(os.fsencode(name))
                digest.update(bytes.fromhex(hashes.sha256(image.path)))
        hashes.save()
        return {"name": "folder", "content": digest.hexdigest()}

    def stamp(self) -> list[Any]:
        return []  # the fingerprint already covers the content

    def counts(self) -> dict[str, int]:
        return {part: len(images) for part, images in self._parts.items()}

    def examples(self, part: str) -> Iterator[tuple[Image.Image, int]]:
        for file in self._parts[part]:
            try:
                image = read(file.path)
            except UnreadableImage:
                raise self._unreadable_images() from None
            yield image, self.classes.index(file.class_name)

    def _unreadable_images(self) -> AblateError:
        """The error that names every unreadable image, so that the user can repair all of them at once."""
        paths = [image.path for images in self._parts.values() for image in images]
        errors: dict[Path, UnreadableImage] = {}
        for path in self.reporter.track(paths, len(paths), "searching for more unreadable images"):
            try:
                read(path)
            except UnreadableImage as error:
                errors[path] = error
        first, reason = next(iter(errors.items()))
        subject = "An image" if len(errors) == 1 else f"{len(errors)} of {len(paths)} images"
        return AblateError(
            f"{subject} cannot be read: {reason} ({first}). Received data.root={self.root}. Allowed: intact image "
            f"files. Repair or remove the damaged ones: rm {shlex.join(map(str, errors))}"
        )


def _images(folder: Path) -> list[ImageFile]:
    """All images below the class folders, sorted by path, without hidden folders and files."""
    images = []
    for path in folder.glob("*/**/*"):
        names = path.relative_to(folder).parts
        is_hidden = any(name.startswith(".") for name in names)
        if path.suffix.lower() in SUFFIXES and not is_hidden and path.is_file():
            images.append(ImageFile(names[0], path))
    return sorted(images, key=lambda image: (image.class_name, image.path))


def read(path: Path) -> Image.Image:
    """Read an image file as RGB. Raises UnreadableImage."""
    try:
        with Image.open(path) as image:
            image.load()
            if image.mode.startswith("I"):  # 16-bit greyscale, which convert("RGB") would clip at 255
                return Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype("uint8")).convert("RGB")
            return image.convert("RGB")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:  # depends on the file format
        raise UnreadableImage(str(error)) from error
