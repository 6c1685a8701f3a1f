"""Recognise how a folder of images is organised: class folders, within split folders or not.

An ambiguous layout is rejected with the line to type, so that a split is never taken for a class.
"""

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from ablation.data.sources.image_files import Listing, is_system, scan
from ablation.errors import AblateError
from ablation.text import list_with_more, plural

PARTS = ("train", "validation", "test")
WORDS = {
    **dict.fromkeys(("train", "training", "trainset", "trn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "valset", "dev", "eval", "evaluation"), "validation"),
    **dict.fromkeys(("test", "testing", "testset", "tst"), "test"),
}
FILLERS = frozenset(("data", "dataset", "images", "img", "imgs", "seg", "set", "split"))  # of a split's name
# Names of folders that hold pictures or annotations of all classes.
CONTENT_NAMES = frozenset(
    ("annotation", "annotations", "bboxes", "image", "images", "imgs", "jpegimages", "jpg", "jpeg", "label", "labels")
    + ("mask", "masks", "photos", "pictures", "png", "segmentation", "segmentations", "trimaps", "xml", "xmls")
)
OUTSIDE = "image outside the class folders"
CLASSES = "data.layout=classes"
MAX_LISTED = 5


@dataclass(frozen=True)
class ImageFile:
    """An image file and its class."""

    class_name: str
    path: Path


@dataclass
class Layout:
    """images: of each part, sorted by class and path. excluded: {reason: paths} of what is not used."""

    images: dict[str, list[ImageFile]] = field(default_factory=dict)
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


def read_layout(root: Path, may_have_splits: bool = True) -> Layout:
    """List the images of each part. may_have_splits: False if the folders in the root are classes.


    Raises AblateError for an ambiguous layout, OSError.
    """
    top = _class_folders(root)
    if not any(listing.images for listing in top.listings.values()):
        raise _no_class_folder(root, top)
    folders = _part_folders(root, top) if may_have_splits else {}
    if not folders:
        if len(top.with_images) == 1:
            raise _single_folder(root, root / top.with_images[0])
        if may_have_splits:
            _refuse_if_content(root, top.with_images)
            _refuse_if_splits(root, top)
        return _layout(root, {"train": top})
    parts = {part: _class_folders(folders[part]) for part in PARTS if part in folders}
    for part, classes in parts.items():
        _refuse_if_unlabelled(root, part, classes, folders["train"])
    layout = _layout(root, parts)
    for name in top.without_images:
        layout.exclude(top.listings[name].excluded)
    _add_loose(layout, top.loose)
    return layout


def _class_folders(folder: Path) -> ClassFolders:
    listings, loose = {}, Listing()
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not is_system(path.name):
            listings[path.name] = scan(path)
        else:
            loose.add(path)
    return ClassFolders(folder, listings, loose)


def _layout(root: Path, parts: dict[str, ClassFolders]) -> Layout:
    layout = Layout()
    for part in PARTS:
        if part not in parts:
            continue
        classes = parts[part]
        if classes.without_images:
            raise _empty_class(root, classes)
        layout.images[part] = []
        for name, listing in classes.listings.items():
            layout.images[part] += [ImageFile(name, path) for path in listing.images]
            layout.exclude(listing.excluded)
        _add_loose(layout, classes.loose)
    return layout


def counted(counts: Counter[str], limit: int) -> str:
    """`20 .tif and 3 dangling links`, most frequent first."""
    texts = []
    for reason, count in counts.most_common():
        is_plural = count > 1 and not reason.startswith(".")
        texts.append(f"{count:,} {reason}{'s' if is_plural else ''}")
    return list_with_more(texts, limit)


def _add_loose(layout: Layout, loose: Listing) -> None:
    if loose.images:
        layout.exclude({OUTSIDE: loose.images})
    layout.exclude(loose.excluded)


# Splits


def role(name: str) -> str | None:
    """The part that a folder's name states, such as `train` for `training_set`; None if it states none."""
    words = re.findall("[a-z]+", name.lower())
    roles = {WORDS[word] for word in words if word in WORDS}
    return roles.pop() if len(roles) == 1 else None


def _names_a_split(name: str) -> bool:
    """Return whether a name says nothing but its split: `test1` and `training_set`, but not `test tubes`."""
    return all(word in WORDS or word in FILLERS for word in re.findall("[a-z]+", name.lower()))


def _part_folders(root: Path, top: ClassFolders) -> dict[str, Path]:
    """The folder of each part; empty if the root contains classes. Raises AblateError if the layout is ambiguous."""
    roles = {name: role(name) for name in top.listings}
    stated = [name for name in roles if roles[name] is not None]
    others = [name for name in top.with_images if roles[name] is None]
    parts = set(roles.values()) - {None}
    is_nested = any(_has_class_folders(root / name) for name in stated)
    if not is_nested and not all(map(_names_a_split, top.with_images)):
        return {}  # classes, of which some are called like a split
    if "train" not in parts or not (len(parts) > 1 or _has_class_folders(root / stated[0])):
        return {}
    if others:
        raise _error(
            root,
            f"{root} contains split folders ({list_with_more(stated, MAX_LISTED)}) and other folders of images "
            f"({list_with_more(others, MAX_LISTED)})",
            "split folders alone, or class folders alone",
            f"mv {root / others[0]} /elsewhere, or data.root={root / stated[0]}, or {CLASSES} if all are classes",
        )
    for part, count in Counter(roles[name] for name in stated).items():
        if count > 1:
            names = [name for name in stated if roles[name] == part]
            raise _error(
                root,
                f"{count} folders are the {part} split: {list_with_more(names, MAX_LISTED)}",
                "one folder for each split",
                f"mv {root / names[1]} /elsewhere, or {CLASSES} if all are classes",
            )
    return {str(roles[name]): root / name for name in stated}


def _has_class_folders(folder: Path) -> bool:
    names = [path.name for path in folder.iterdir() if path.is_dir() and not is_system(path.name)]
    return len(names) > 1


def _refuse_if_unlabelled(root: Path, part: str, classes: ClassFolders, train: Path) -> None:
    """Raise AblateError if a part has no images, or no class folders. train: the folder of the training images."""
    remedy = f"mkdir {classes.path / 'CLASS'} and move the images of each class into a folder of its name"
    if part != "train":
        remedy = f"data.root={train} to use the training images alone"
    if classes.loose.images and not classes.with_images:
        raise _error(
            root,
            f"The {part} folder {classes.path} has {plural(len(classes.loose.images), 'image')} but no class folders, "
            "so they have no labels",
            "one folder per class in each split folder",
            remedy,
        )
    if not classes.with_images:
        raise _error(
            root,
            f"The {part} folder {classes.path} is empty",
            "at least one image of each class in each split folder",
            f"mv {classes.path} /elsewhere to hold out a part of the training images instead",
        )


# Classes


def _refuse_if_content(root: Path, names: list[str]) -> None:
    """Raise AblateError if a folder of the root is named like one with images or annotations of all classes."""
    content = [name for name in names if name.lower() in CONTENT_NAMES]
    if content:
        raise _error(
            root,
            f"{list_with_more(content, MAX_LISTED)} in {root} {'is' if len(content) == 1 else 'are'} not named like "
            "a class, but like a folder of images or annotations of all classes",
            "one folder per class",
            f"{_root_below(root / content[0])}, or {CLASSES} if they are classes",
        )


def _refuse_if_splits(root: Path, top: ClassFolders) -> None:
    """Raise AblateError if two folders of the root contain the same folders, as splits do."""
    names = top.with_images
    subfolders = {name: _subfolders_with_images(top.listings[name], root / name) for name in names}
    for first, second in combinations(names, 2):
        shared = sorted(subfolders[first] & subfolders[second])
        if len(shared) > 1:
            raise _error(
                root,
                f"{first} and {second} in {root} look like splits, because both have the folders "
                f"{list_with_more(shared, MAX_LISTED)}",
                "splits named train, validation and test, or classes",
                f"mv {root / first} {root / 'train'}, or {CLASSES} if they are classes",
            )


def _subfolders_with_images(listing: Listing, folder: Path) -> set[str]:
    names = set()
    for path in listing.images:
        parents = path.relative_to(folder).parts[:-1]
        names.update(parents[:1])
    return names


def _single_folder(root: Path, folder: Path) -> AblateError:
    """The error for a root with images in one folder only: its classes are one level down, or there is only one."""
    if _has_class_folders(folder):
        problem = f"{root} has only one folder of images, {folder.name}, which contains the class folders"
        return _error(root, problem, "the folder that contains the class folders", f"data.root={folder}")
    return _error(root, f"{root} has only one class: {folder.name}", "two or more classes", _root_below(folder))


def _root_below(folder: Path) -> str:
    return f"data.root={folder}" if _has_class_folders(folder) else "data.root=/path/to/images"


def _empty_class(root: Path, classes: ClassFolders) -> AblateError:
    """The error for class folders without a single image."""
    names = classes.without_images
    left_out: Counter[str] = Counter()
    for name in names:
        left_out.update({reason: len(paths) for reason, paths in classes.listings[name].excluded.items()})
    files = f" ({counted(left_out, 3)})" if left_out else ""
    subject = "The class folder" if len(names) == 1 else "The class folders"
    has = "has" if len(names) == 1 else "have"
    return _error(
        root,
        f"{subject} {list_with_more(names, MAX_LISTED)} in {classes.path} {has} no images{files}",
        "at least one image in each class folder",
        f"mv {classes.path / names[0]} /elsewhere to leave it out",
    )


def _no_class_folder(root: Path, top: ClassFolders) -> AblateError:
    """The error for a root without any image in a folder."""
    if top.loose.images:
        problem = f"{root} has {plural(len(top.loose.images), 'image')} but no class folders, so they have no labels"
    else:
        problem = f"{root} has no images"
    return _error(root, problem, "one folder of images per class, root/class/*.jpg", "data.root=/path/to/images")


def _error(root: Path, problem: str, allowed: str, typed: str) -> AblateError:
    return AblateError(f"{problem}. Received data.root={root}. Allowed: {allowed}. Type for example {typed}")
