"""Refuse a folder of images whose layout is not certain, with the folder and the line to type."""

import shlex
from collections import Counter
from itertools import combinations
from pathlib import Path

from ablation.data.sources.class_folders import ClassFolders, Layout, has_class_folders
from ablation.data.sources.folder_names import ANNOTATION_NAMES, CONTENT_NAMES, names_a_split, role
from ablation.data.sources.image_files import Listing, counted, is_system
from ablation.errors import AblateError
from ablation.text import list_with_more, plural

CLASSES, SPLITS = "data.layout=classes", "data.layout=splits"
MAX_LISTED = 5


def refuse_if_unlabelled(root: Path, part: str, classes: ClassFolders, train: Path) -> None:
    """Raise AblateError if a part has no images, or no class folders. train: the folder of the training images."""
    remedy = f"mkdir {_quoted(classes.path / 'CLASS')} and move the images of each class into a folder of its name"
    if part != "train":
        remedy = f"{typed_root(train)} to use the training images alone"
    if classes.loose.images and not classes.with_images:
        raise layout_error(
            root,
            f"The {part} folder {classes.path} has {plural(len(classes.loose.images), 'image')} but no class folders, "
            "so they have no labels",
            "one folder per class in each split folder",
            remedy,
        )
    if not classes.with_images:
        raise layout_error(
            root,
            f"The {part} folder {classes.path} is empty",
            "at least one image of each class in each split folder",
            remedy if part == "train" else f"{move_away(classes.path)} to hold out training images instead",
        )


def refuse_if_not_classes(root: Path, classes: ClassFolders) -> None:
    """Raise AblateError if these folders, those of the root or of a split, are not certain to be classes."""
    override = CLASSES if classes.path == root else SPLITS
    subfolders = {}
    for name in classes.with_images:
        subfolders[name] = _subfolders_with_images(classes.listings[name], classes.path / name)
    _refuse_if_content(root, classes.path, classes.with_images, override)
    for name, below in subfolders.items():
        _refuse_if_split_within(root, classes.path / name, below, override)
        _refuse_if_content_within(root, classes.path / name, below, override)
    _refuse_if_splits(root, classes.path, subfolders, override)


def _refuse_if_content(root: Path, folder: Path, names: list[str], override: str) -> None:
    """Raise AblateError if one of the folders is named like one with images or annotations of all classes."""
    content = [name for name in names if name.lower() in CONTENT_NAMES]
    if content and len(names) > 1:
        raise layout_error(
            root,
            f"{list_with_more(content, MAX_LISTED)} in {folder} {'is' if len(content) == 1 else 'are'} not named like "
            "a class, but like a folder of images or annotations of all classes",
            "one folder per class",
            f"{_root_below(folder / content[0])}, or {override} if they are classes",
        )


def _refuse_if_split_within(root: Path, folder: Path, below: set[str], override: str) -> None:
    """Raise AblateError if a class contains splits, or is itself named like a split of the classes in it."""
    splits = sorted(name for name in below if role(name))
    if len(below) > 1 and len(splits) == len(below):
        raise layout_error(
            root,
            f"{folder} contains split folders: {list_with_more(splits, MAX_LISTED)}",
            "class folders in split folders, such as train/CLASS, not split folders in class folders",
            f"{move_away(folder / splits[0])} and so on, or {override} to use the images of all of them",
        )
    if len(below) > 1 and role(folder.name) and names_a_split(folder.name) and folder.parent != root:
        raise layout_error(
            root,
            f"{folder} is named like a split, but lies beside or in place of the classes",
            "split folders directly in data.root",
            f"{move_away(folder)}, or {override} if it is a class",
        )


def _refuse_if_content_within(root: Path, folder: Path, below: set[str], override: str) -> None:
    """Raise AblateError if a class contains both images and annotations as images, such as masks."""
    content = sorted(name for name in below if name.lower() in CONTENT_NAMES)
    annotations = [name for name in content if name.lower() in ANNOTATION_NAMES]
    if len(content) > 1 and annotations:
        raise layout_error(
            root,
            f"{folder} contains {list_with_more(content, MAX_LISTED)}, which are not all images of its class",
            "images of the class alone",
            f"{move_away(folder / annotations[0])}, or {override} to use all of them as images of the class",
        )


def _refuse_if_splits(root: Path, folder: Path, subfolders: dict[str, set[str]], override: str) -> None:
    """Raise AblateError if two folders contain the same folders, as splits do."""
    for first, second in combinations(subfolders, 2):
        shared = sorted(subfolders[first] & subfolders[second])
        if len(shared) > 1:
            raise layout_error(
                root,
                f"{first} and {second} in {folder} look like splits, because both have the folders "
                f"{list_with_more(shared, MAX_LISTED)}",
                "splits named train, validation and test, or classes",
                f"{override} if they are classes; if they are splits, rename the folder with the training images: "
                f"mv FOLDER {_quoted(root / 'train')}",
            )


def _subfolders_with_images(listing: Listing, folder: Path) -> set[str]:
    names = set()
    for path in listing.images:
        parents = path.relative_to(folder).parts[:-1]
        names.update(parents[:1])
    return names


def single_folder(root: Path, folder: Path) -> AblateError:
    """The error for images in one folder only: its classes are one level down or more, or there is only one."""
    inner = _innermost(folder)
    if has_class_folders(inner):
        problem = f"{folder.parent} has only one folder of images, {folder.name}, which contains the class folders"
        return layout_error(root, problem, "the folder that contains the class folders", typed_root(inner))
    problem = f"{folder.parent} has only one class: {folder.name}"
    return layout_error(root, problem, "two or more classes", "data.root=/path/to/images")


def _root_below(folder: Path) -> str:
    inner = _innermost(folder)
    return typed_root(inner) if has_class_folders(inner) else "data.root=/path/to/images"


def _innermost(folder: Path) -> Path:
    """The first folder at or below `folder` that does not contain one single folder and nothing else."""
    while True:
        content = [path for path in folder.iterdir() if not is_system(path.name)]
        if len(content) != 1 or not content[0].is_dir() or content[0].is_symlink():
            return folder
        folder = content[0]


def empty_class(root: Path, classes: ClassFolders) -> AblateError:
    """The error for class folders without a single image."""
    names = classes.without_images
    left_out: Counter[str] = Counter()
    for name in names:
        left_out.update({reason: len(paths) for reason, paths in classes.listings[name].excluded.items()})
    files = f" ({counted(left_out, 3)})" if left_out else ""
    subject = "The class folder" if len(names) == 1 else "The class folders"
    has = "has" if len(names) == 1 else "have"
    return layout_error(
        root,
        f"{subject} {list_with_more(names, MAX_LISTED)} in {classes.path} {has} no images{files}",
        "at least one image in each class folder",
        f"{move_away(classes.path / names[0])} to leave it out",
    )


def no_class_folder(root: Path, top: ClassFolders) -> AblateError:
    """The error for a root without any image in a folder."""
    if top.loose.images:
        problem = f"{root} has {plural(len(top.loose.images), 'image')} but no class folders, so they have no labels"
    else:
        problem = f"{root} has no images"
    return layout_error(root, problem, "one folder of images per class, root/class/*.jpg", "data.root=/path/to/images")


def no_splits(root: Path) -> AblateError:
    """The error for `data.layout=splits` without folders that are named like splits."""
    return layout_error(
        root, f"{root} has no folder of training images", "folders named train, validation and test", "data.layout=auto"
    )


def unknown_class(root: Path, part: str, layout: Layout, name: str) -> AblateError:
    """The error for a class that the training images lack. part: that has it."""
    return layout_error(
        root,
        f"The {part} folder {layout.folders[part]} has a class that the train folder {layout.folders['train']} lacks: "
        f"{name}",
        "the same classes in both folders",
        f"{typed_root(layout.folders['train'])} to use the training images alone",
    )


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def move_away(path: Path) -> str:
    return f"mv {_quoted(path)} /elsewhere"


def typed_root(folder: Path) -> str:
    return shlex.quote(f"data.root={folder}")


def layout_error(root: Path, problem: str, allowed: str, typed: str) -> AblateError:
    return AblateError(f"{problem}. Received data.root={root}. Allowed: {allowed}. Type for example {typed}")
