"""Recognise how a folder of images is organised: class folders, within split folders or not.

An ambiguous layout is rejected with the line to type, so that a split is never taken for a class.
"""

from collections import Counter
from pathlib import Path

from ablation.data.sources.class_folders import ClassFolders, ImageFile, Layout, class_folders, has_class_folders
from ablation.data.sources.folder_names import names_a_split, role
from ablation.data.sources.image_files import Listing
from ablation.data.sources.layout_refusals import (
    CLASSES,
    MAX_LISTED,
    empty_class,
    layout_error,
    move_away,
    no_class_folder,
    no_splits,
    refuse_if_not_classes,
    refuse_if_unlabelled,
    single_folder,
    typed_root,
)
from ablation.text import list_with_more

PARTS = ("train", "validation", "test")
OUTSIDE = "image outside the class folders"


def read_layout(root: Path, layout: str = "auto") -> Layout:
    """List the images of each part. layout: a value of `data.layout`; with `auto`, only what is certain is accepted.

    Raises AblateError for an ambiguous layout, OSError.
    """
    top = class_folders(root)
    if not any(listing.images for listing in top.listings.values()):
        raise no_class_folder(root, top)
    folders = _part_folders(root, top) if layout != "classes" else {}
    if not folders and layout == "splits":
        raise no_splits(root)
    if not folders:
        if len(top.with_images) == 1:
            raise single_folder(root, root / top.with_images[0])
        if layout == "auto":
            refuse_if_not_classes(root, top)
        return _layout(root, {"train": top})
    parts = {part: class_folders(folders[part]) for part in PARTS if part in folders}
    for part, classes in parts.items():
        refuse_if_unlabelled(root, part, classes, folders["train"])
        if layout == "auto":
            refuse_if_not_classes(root, classes)
    if len(parts["train"].with_images) == 1:
        raise single_folder(root, folders["train"] / parts["train"].with_images[0])
    found = _layout(root, parts)
    for name in top.without_images:
        found.exclude(top.listings[name].excluded)
    _add_loose(found, top.loose)
    return found


def _layout(root: Path, parts: dict[str, ClassFolders]) -> Layout:
    layout = Layout()
    for part in PARTS:
        if part not in parts:
            continue
        classes = parts[part]
        if classes.without_images:
            raise empty_class(root, classes)
        layout.images[part], layout.folders[part] = [], classes.path
        for name, listing in classes.listings.items():
            layout.images[part] += [ImageFile(name, path) for path in listing.images]
            layout.exclude(listing.excluded)
        _add_loose(layout, classes.loose)
    return layout


def _add_loose(layout: Layout, loose: Listing) -> None:
    if loose.images:
        layout.exclude({OUTSIDE: loose.images})
    layout.exclude(loose.excluded)


def _part_folders(root: Path, top: ClassFolders) -> dict[str, Path]:
    """The folder of each part; empty if the root contains classes. Raises AblateError if the layout is ambiguous."""
    roles = {name: role(name) for name in top.listings}
    stated = [name for name in roles if roles[name] is not None]
    others = [name for name in top.with_images if roles[name] is None]
    parts = set(roles.values()) - {None}
    is_nested = any(has_class_folders(root / name) for name in stated)
    if not is_nested and not all(map(names_a_split, top.with_images)):
        return {}  # classes, of which some are called like a split
    if "train" not in parts or not (len(parts) > 1 or has_class_folders(root / stated[0])):
        return {}
    train = next(name for name in stated if roles[name] == "train")
    if others:
        raise layout_error(
            root,
            f"{root} contains split folders ({list_with_more(stated, MAX_LISTED)}) and other folders of images "
            f"({list_with_more(others, MAX_LISTED)})",
            "split folders alone, or class folders alone",
            f"{move_away(root / others[0])}, or {typed_root(root / train)}, or {CLASSES} if all are classes",
        )
    for part, count in Counter(roles[name] for name in stated).items():
        if count > 1:
            names = [name for name in stated if roles[name] == part]
            raise layout_error(
                root,
                f"{count} folders are the {part} split: {list_with_more(names, MAX_LISTED)}",
                "one folder for each split",
                f"{move_away(root / names[1])}, or {CLASSES} if all are classes",
            )
    return {str(roles[name]): root / name for name in stated}
