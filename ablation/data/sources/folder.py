"""A folder of images: `root/class/*.jpg`, or `root/train/class/*.jpg` and likewise for `validation` and `test`."""

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
from ablation.data.reporter import SILENT, Reporter
from ablation.data.sources.base import Exclusion, Form
from ablation.data.sources.class_folders import ImageFile, Layout
from ablation.data.sources.folder_layout import read_layout
from ablation.data.sources.image_reading import DamagedImage, UnreadableImage, decode, is_deep, visible, white_level
from ablation.data.sources.layout_refusals import layout_error, move_away, unknown_class
from ablation.errors import AblateError

RGB = 3
MAX_EXAMPLES = 5  # paths that are named for each reason to exclude files
MAX_DAMAGED = 50  # paths in the command that moves damaged files


class Folder:
    """A folder of images as a `Source`. The classes are the folder names in alphabetical order."""

    needs_download = False
    notes = ()

    def __init__(self, cfg: schema.Data, reporter: Reporter = SILENT):
        if cfg.root is None or cfg.image_size is None:  # validation of the config refuses this earlier
            raise ValueError(f"Expected a folder and a size. Received: root={cfg.root} image_size={cfg.image_size}")
        self.form = Form((cfg.image_size, cfg.image_size, cfg.channels or RGB))
        self.root, self.layout = Path(os.path.expanduser(cfg.root)), cfg.layout
        self.reporter = reporter

    def prepare(self) -> None:
        """Raise AblateError for a folder that is missing or unreadable, or whose layout is ambiguous."""
        for part, images in self._parts.items():
            unknown = {image.class_name for image in images} - set(self.classes)
            if unknown:
                raise unknown_class(self.root, part, self._layout, min(unknown))
        self.identity()
        self._hashes.save()

    def _error(self, problem: str, allowed: str) -> AblateError:
        return layout_error(self.root, problem, allowed, "data=folder data.root=/path/to/images")

    @cached_property
    def classes(self) -> tuple[str, ...]:
        return tuple(sorted({image.class_name for image in self._parts["train"]}))

    @property
    def excluded(self) -> tuple[Exclusion, ...]:
        exclusions = []
        for reason, paths in self._layout.excluded.items():
            names = [os.fsencode(path.relative_to(self.root)).decode(errors="replace") for path in paths[:MAX_EXAMPLES]]
            exclusions.append(Exclusion(reason, len(paths), tuple(names)))
        return tuple(sorted(exclusions, key=lambda exclusion: -exclusion.count))

    @property
    def _parts(self) -> dict[str, list[ImageFile]]:
        return self._layout.images

    @cached_property
    def _layout(self) -> Layout:
        """Raises AblateError, also if there are no images."""
        if not self.root.is_dir():
            raise self._error("The folder does not exist", "a folder that contains one folder of images per class")
        try:
            return read_layout(self.root, self.layout)
        except OSError as error:
            raise self._error(
                f"A folder cannot be listed: {error.strerror} ({error.filename})", "folders that you may read"
            ) from error

    @cached_property
    def _hashes(self) -> file_hashes.FileHashes:
        return file_hashes.below(self.root)

    def identity(self) -> dict[str, Any]:
        """The fingerprint of the images. Raises AblateError if one cannot be read."""
        digest = hashlib.sha256()
        try:
            for part, images in self._parts.items():
                for image in images:
                    name = f"{part}/{image.path.relative_to(self.root).as_posix()}\0"
                    digest.update(os.fsencode(name))
                    digest.update(bytes.fromhex(self._hashes.sha256(image.path)))
        except OSError as error:
            raise self._error(
                f"An image cannot be read: {error.strerror} ({error.filename})", "readable files"
            ) from error
        return {"name": "folder", "content": digest.hexdigest()}

    def stamp(self) -> list[Any]:
        return []  # the fingerprint already covers the content

    def counts(self) -> dict[str, int]:
        return {part: len(images) for part, images in self._parts.items()}

    def examples(self, part: str) -> Iterator[tuple[Image.Image, int]]:
        for file in self._parts[part]:
            try:
                image = decode(file.path)
                image = visible(image, self._white if is_deep(image) else 255)
            except UnreadableImage as error:
                raise self._unreadable_images(file.path, error) from None
            yield image, self.classes.index(file.class_name)

    @property
    def _files(self) -> list[Path]:
        return [image.path for images in self._parts.values() for image in images]

    @cached_property
    def _white(self) -> float:
        """The value of white in all images of more than 8 bits. Raises AblateError, UnreadableImage."""
        lowest, highest = 0.0, 0.0
        for path in self.reporter.track(self._files, len(self._files), "measuring the range of high-bit-depth images"):
            image = decode(path)
            if is_deep(image):
                values = np.asarray(image)
                if not np.isfinite(values).all():
                    problem = f"An image has values that are no numbers ({path})"
                    raise layout_error(self.root, problem, "finite pixel values", move_away(path))
                lowest, highest = min(lowest, float(values.min())), max(highest, float(values.max()))
        white = white_level(lowest, highest)
        if white is None:
            raise self._error(
                f"Images of more than 8 bits have values from {lowest:g} to {highest:g}, so black and white are not "
                "certain",
                "pixel values from 0, or images of 8 bits",
            )
        return white

    def _unreadable_images(self, found: Path, reason: UnreadableImage) -> AblateError:
        """The error that names every unreadable image, so that the user can repair all of them at once.

        found: the first one, which may be readable again by now. reason: why it was not.
        """
        errors = {found: reason}
        for path in self.reporter.track(self._files, len(self._files), "searching for more unreadable images"):
            try:
                decode(path)
            except UnreadableImage as error:
                errors[path] = error
        subject = "An image" if len(errors) == 1 else f"{len(errors)} of {len(self._files)} images"
        damaged = [str(path) for path, error in errors.items() if isinstance(error, DamagedImage)]
        if damaged:
            more = f" and {len(damaged) - MAX_DAMAGED:,} more" if len(damaged) > MAX_DAMAGED else ""
            remedy = f"Repair them or move them away. Type mv {shlex.join(damaged[:MAX_DAMAGED])} /elsewhere{more}"
        else:
            remedy = f"{reason.remedy}. Type for example ls -l {shlex.quote(str(found))}"
        return AblateError(
            f"{subject} cannot be read: {reason} ({found}). Received data.root={self.root}. Allowed: intact image "
            f"files. {remedy}"
        )
