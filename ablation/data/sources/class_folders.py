"""Folders that contain class folders, and the layout that a data set made of them has."""

from dataclasses import dataclass, field
from pathlib import Path

from ablation.data.sources.image_files import CYCLE, Listing, is_system, scan


@dataclass(frozen=True)
class ImageFile:
    """An image file and its class."""

    class_name: str
    path: Path


@dataclass
class Layout:
    """images: of each part, sorted by class and path. folders: of each part. excluded: {reason: paths} not used."""

    images: dict[str, list[ImageFile]] = field(default_factory=dict)
    folders: dict[str, Path] = field(default_factory=dict)
    excluded: dict[str, list[Path]] = field(default_factory=dict)

    def exclude(self, excluded: dict[str, list[Path]]) -> None:
        """Add paths that are not used. excluded: {reason: paths}."""
        for reason, paths in excluded.items():
            self.excluded.setdefault(reason, []).extend(paths)


@dataclass(frozen=True)
class ClassFolders:
    """A folder that contains class folders.

    listings: {class: its images and what else lies there}. loose: what lies beside the class folders.
    """

    path: Path
    listings: dict[str, Listing]
    loose: Listing

    @property
    def with_images(self) -> list[str]:
        return [name for name, listing in self.listings.items() if listing.images]

    @property
    def without_images(self) -> list[str]:
        return [name for name, listing in self.listings.items() if not listing.images]


def class_folders(folder: Path) -> ClassFolders:
    listings, loose = {}, Listing()
    resolved = folder.resolve()
    for path in sorted(folder.iterdir()):
        if not path.is_dir() or is_system(path.name):
            loose.add(path)
        elif path.resolve() in (resolved, *resolved.parents):
            loose.exclude(CYCLE, path)
        else:
            listings[path.name] = scan(path)
    return ClassFolders(folder, listings, loose)


def has_class_folders(folder: Path) -> bool:
    names = [path.name for path in folder.iterdir() if path.is_dir() and not is_system(path.name)]
    return len(names) > 1
