"""Find the image files below a folder, and name everything else that lies there."""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from PIL import Image

from ablation.text import list_with_more

# Written by operating systems and file managers; names in lower case. Hidden files and folders are treated alike.
SYSTEM_NAMES = frozenset(
    {
        "__macosx",
        "@eadir",
        "$recycle.bin",
        "system volume information",
        "lost+found",
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
    }
)
STUBS = frozenset({"BUFR", "EPS", "GRIB", "HDF5", "MPEG", "WMF"})  # recognised by Pillow, but not decoded
HIDDEN = "hidden or system file"
DANGLING = "dangling link"
CYCLE = "link to a folder above it"
SPECIAL = "special file"
NO_SUFFIX = "file without suffix"


@dataclass
class Listing:
    """The content of a folder. images: sorted. excluded: {reason: paths}, of files and folders that are not used."""

    images: list[Path] = field(default_factory=list)
    excluded: dict[str, list[Path]] = field(default_factory=dict)

    def add(self, path: Path) -> None:
        """Add a path that is no folder: as an image, or with the reason why it is none."""
        reason = _reason_to_exclude(path)
        if reason is None:
            self.images.append(path)
        else:
            self.exclude(reason, path)

    def exclude(self, reason: str, path: Path) -> None:
        self.excluded.setdefault(reason, []).append(path)


def scan(folder: Path) -> Listing:
    """List a folder and all folders below it, also those behind links. Raises OSError if one cannot be listed."""
    listing = Listing()
    resolved = folder.resolve()
    _scan(folder, listing, (resolved, *resolved.parents))
    listing.images.sort()
    return listing


def _scan(folder: Path, listing: Listing, ancestors: tuple[Path, ...]) -> None:
    """ancestors: `folder` and the folders that contain it, resolved."""
    for path in sorted(folder.iterdir()):
        if is_system(path.name) or not path.is_dir():
            listing.add(path)
        elif path.resolve() in ancestors:
            listing.exclude(CYCLE, path)
        else:
            _scan(path, listing, (*ancestors, path.resolve()))


def counted(counts: Counter[str], limit: int) -> str:
    """`20 .tif and 3 dangling links`, most frequent first."""
    texts = []
    for reason, count in counts.most_common():
        noun = reason if count == 1 else re.sub(r"(?<!\.)\b(file|image|link)\b", r"\1s", reason, count=1)
        texts.append(f"{count:,} {noun}")
    return list_with_more(texts, limit)


def is_system(name: str) -> bool:
    """Return whether a file or folder of this name belongs to the system rather than to the data."""
    return name.startswith(".") or name.lower() in SYSTEM_NAMES


def _reason_to_exclude(path: Path) -> str | None:
    """Why a path is not an image file; None if it is one."""
    if is_system(path.name):
        return HIDDEN
    if path.is_file():
        return None if _is_image(path) else path.suffix.lower() or NO_SUFFIX
    return DANGLING if path.is_symlink() else SPECIAL


def _is_image(path: Path) -> bool:
    """Return whether Pillow can decode the format: judged by the suffix, or else by the first bytes."""
    if path.suffix.lower() in _image_suffixes():
        return True
    try:
        with Image.open(path) as image:
            return image.format not in STUBS
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):  # no image, whatever its first bytes
        return False


@cache
def _image_suffixes() -> frozenset[str]:
    Image.init()
    suffixes = set()
    for suffix, name in Image.registered_extensions().items():
        if name in Image.OPEN and name not in STUBS:
            suffixes.add(suffix)
    return frozenset(suffixes)
