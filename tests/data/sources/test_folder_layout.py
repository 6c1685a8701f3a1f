"""How folders of images are organised: recognised rightly, or refused with the folder and what to type."""

import subprocess
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image
from support import images
from support.datasets import folder, is_paragraph

from ablation import data
from ablation.data.sources import folder_layout, folder_names, image_files
from ablation.data.sources.class_folders import has_class_folders
from ablation.data.sources.layout_refusals import move_away
from ablation.errors import AblateError

TRAINED = {  # layout: (folders of images, other files, root, classes, images per part of the source)
    "classes": ({"ant": 8, "bee": 8}, (), ".", ["ant", "bee"], {"train": 16}),
    "cars, one class of which is called train": ({"bus": 8, "train": 8}, (), ".", ["bus", "train"], {"train": 16}),
    "shoes": ({"test tubes": 8, "training shoes": 8}, (), ".", ["test tubes", "training shoes"], {"train": 16}),
    "nested below a class": ({"ant/images": 8, "bee/images": 8}, (), ".", ["ant", "bee"], {"train": 16}),
    "Tiny ImageNet, train": ({"n1/images": 8, "n2/images": 8}, ("n1/boxes.txt",), ".", ["n1", "n2"], {"train": 16}),
    "Caltech-101": ({"accordion": 8, "BACKGROUND": 8}, (), ".", ["BACKGROUND", "accordion"], {"train": 16}),
    "EuroSAT": ({"2750/AnnualCrop": 8, "2750/Forest": 8}, (), "2750", ["AnnualCrop", "Forest"], {"train": 16}),
    "Food-101": ({"images/pie": 8, "images/soup": 8}, ("meta/train.txt",), "images", ["pie", "soup"], {"train": 16}),
    "Chest X-ray": (
        {f"{part}/{name}": 4 for part in ("train", "val", "test") for name in ("NORMAL", "PNEUMONIA")},
        ("__MACOSX/train/._x.jpeg",),
        ".",
        ["NORMAL", "PNEUMONIA"],
        {"train": 8, "validation": 8, "test": 8},
    ),
    "ImageNet": (
        {f"{part}/{name}": 4 for part in ("train", "val") for name in ("n01440764", "n01443537")},
        (),
        ".",
        ["n01440764", "n01443537"],
        {"train": 8, "validation": 8},
    ),
    "words for the splits": (
        {f"{part}/{name}": 4 for part in ("Training", "Testing") for name in ("glioma", "no")},
        (),
        ".",
        ["glioma", "no"],
        {"train": 8, "test": 8},
    ),
    "words with more around them": (
        {f"{part}/{name}": 4 for part in ("training_set", "test_set") for name in ("cats", "dogs")},
        (),
        ".",
        ["cats", "dogs"],
        {"train": 8, "test": 8},
    ),
    "seg_train": (
        {f"{part}/{name}": 4 for part in ("seg_train", "seg_test") for name in ("sea", "street")},
        (),
        ".",
        ["sea", "street"],
        {"train": 8, "test": 8},
    ),
    "train and eval": (
        {f"{part}/{name}": 4 for part in ("train", "eval") for name in ("a", "b")},
        (),
        ".",
        ["a", "b"],
        {"train": 8, "validation": 8},
    ),
    "CUB-200": ({"images/001.Auk": 8, "images/002.Crow": 8}, (), "images", ["001.Auk", "002.Crow"], {"train": 16}),
    "Stanford Dogs, images": ({"Images/n1": 8, "Images/n2": 8}, (), "Images", ["n1", "n2"], {"train": 16}),
    "PetImages, its folder": ({"PetImages/Cat": 8, "PetImages/Dog": 8}, (), "PetImages", ["Cat", "Dog"], {"train": 16}),
    "Places365, one letter": ({"a/abbey": 4, "a/airport": 4, "b/bar": 8}, (), "a", ["abbey", "airport"], {"train": 8}),
    "groups of classes": ({"cat/persian": 8, "dog/pug": 4, "dog/boxer": 4}, (), ".", ["cat", "dog"], {"train": 16}),
    "numbers": ({"0": 8, "1": 8, "10": 8}, (), ".", ["0", "1", "10"], {"train": 24}),
    "one word for each split": (
        {f"{part}/{name}": 4 for part in ("traindata", "testdata") for name in ("a", "b")},
        (),
        ".",
        ["a", "b"],
        {"train": 8, "test": 8},
    ),
    "numbered classes with views": (
        {f"{part}/001/{view}": 2 for part in ("train", "val") for view in ("left", "right")}
        | {f"{part}/002": 4 for part in ("train", "val")},
        (),
        ".",
        ["001", "002"],
        {"train": 8, "validation": 8},
    ),
    "train alone": ({"train/cats": 8, "train/dogs": 8}, (), ".", ["cats", "dogs"], {"train": 16}),
    "annotations beside the splits": (
        {f"{part}/{name}": 4 for part in ("train", "val") for name in ("a", "b")},
        ("annotations/a.json",),
        ".",
        ["a", "b"],
        {"train": 8, "validation": 8},
    ),
}  # fmt: skip


def make(root: Path, folders: dict[str, int], others: tuple[str, ...] = ()) -> Path:
    images.folder(root, folders)
    for name in others:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("no image")
    return root


@pytest.mark.parametrize("layout", TRAINED)
def test_a_layout_is_recognised(tmp_path, layout):
    folders, others, root, classes, counts = TRAINED[layout]
    make(tmp_path, folders, others)
    cfg = folder(tmp_path / root)
    data.prepare(cfg)
    loaded = data.load(cfg)
    assert list(loaded.classes) == classes
    rows = {"train": len(loaded.train.labels), "validation": len(loaded.validation.labels)}
    if "validation" not in counts:  # held out of the training images
        assert rows["train"] == rows["validation"] == counts["train"]
    else:
        assert rows == {part: counts[part] for part in rows}
    assert (len(loaded.test) if loaded.test else None) == counts.get("test")
    assert sum(exclusion.count for exclusion in loaded.excluded) == len([o for o in others if root in (".", o)])


SPLIT = {f"{part}/{name}": 2 for part in ("first", "second") for name in ("a", "b")}
REFUSED = {  # layout: (folders of images, other files, words of the error)
    "splits of unknown names": (SPLIT, (), ["first", "second", "look like splits", "a and b"]),
    "two folders of one split": (
        {f"{part}/{name}": 2 for part in ("train", "val", "validation") for name in ("a", "b")},
        (),
        ["2 folders are the validation split", "val and validation"],
    ),
    "images and masks": ({"images": 4, "masks": 4}, (), ["images and masks", "not named like a class"]),
    "Oxford Pets": ({"images": 8, "annotations/trimaps": 8}, (), ["annotations and images"]),
    "Stanford Dogs": ({"Images/n1": 4, "Images/n2": 4}, ("Annotation/n1/x",), ["data.root=", "/Images"]),
    "Flowers-102": ({"jpg": 8}, ("imagelabels.mat",), ["only one class", "jpg"]),
    "PetImages": ({"PetImages/Cat": 4, "PetImages/Dog": 4}, (), ["only one folder of images", "/PetImages"]),
    "an unlabelled test split": ({"Training/a": 4, "Training/b": 4, "test": 4}, (), ["no labels", "/Training to use"]),
    "Tiny ImageNet": (
        {"train/n1/images": 4, "train/n2/images": 4, "val/images": 4, "test/images": 4},
        (),
        ["validation", "images"],
    ),
    "an empty validation split": ({"train/a": 4, "train/b": 4, "val": 0}, (), ["validation folder", "val", "is empty"]),
    "splits of empty classes": ({"train/a": 4, "train/b": 4, "val/a": 0, "val/b": 0}, (), ["validation", "empty"]),
    "dogs against cats, flat": ({"train": 8, "test1": 4}, (), ["train", "no class folders", "/train/CLASS"]),
    "images without a folder": ({".": 4}, (), ["4 images", "no class folders"]),
    "a class without images": ({"ant": 4, "bee": 4, "cow": 0}, ("cow/a.heic", "cow/b.heic"), ["cow", "2 .heic"]),
    "GTSRB": ({"Train/0": 4, "Train/1": 4, "Test": 4}, ("Train.csv",), ["Test", "no labels", "/Train to use"]),
    "a course's cats and dogs": (
        {"training_set/cat": 2, "training_set/dog": 2, "test_set/cat": 2, "test_set/dog": 2, "single_prediction": 2},
        (),
        ["training_set", "single_prediction"],
    ),
    "ten monkey species": (
        {"training/training/n0": 4, "training/training/n1": 4, "validation/validation/n0": 4},
        (),
        ["training/training is named like a split"],
    ),
    "DTD": ({"images/banded": 4, "images/dotted": 4, "labels": 0}, ("labels/train1.txt",), ["/images"]),
    "two views of each class": (
        {f"{name}/{view}": 4 for name in ("cat", "dog") for view in ("left", "right")},
        (),
        ["cat and dog", "data.layout=classes if they are classes"],
    ),
    "one class in splits": ({"train/ant": 4, "test/ant": 4}, (), ["only one class: ant"]),
    "classes one level below the splits": (
        {f"{part}/images/{name}": 2 for part in ("train", "val") for name in ("ant", "bee")},
        (),
        ["only one folder of images, images", "data.root=", "/train/images"],
    ),
    "a split within a split": (
        {"train/ant": 4, "train/bee": 4, "train/val/ant": 2, "train/val/bee": 2},
        (),
        ["train/val is named like a split", "/train/val /elsewhere"],
    ),
    "a folder called train around the splits": (
        {f"train/{part}/{name}": 2 for part in ("train", "test") for name in ("ant", "bee")},
        (),
        ["named like a split"],
    ),
    "unknown words for splits": (
        {f"{part}/{name}": 2 for part in ("augmented", "original") for name in ("ant", "bee")},
        (),
        ["look like splits", "mv FOLDER", "data.layout=classes"],
    ),
    "splits in classes": (
        {f"{name}/{part}": 2 for name in ("ant", "bee") for part in ("train", "test")},
        (),
        ["ant contains split folders: test and train", "/ant/test /elsewhere", "data.layout=classes"],
    ),
    "splits in one class": ({"ant/train": 2, "ant/test": 2, "bee": 4}, (), ["ant contains split folders"]),
    "masks in one class": (
        {"COVID/images": 4, "COVID/masks": 4, "Normal/images": 4},
        (),
        ["COVID contains images and masks", "/COVID/masks /elsewhere"],
    ),
    "an unlabelled part of another name": (
        {f"{part}/{name}": 2 for part in ("train", "test") for name in ("ant", "bee")} | {"unsup": 4},
        (),
        ["other folders of images (unsup)", "/train, or data.layout=classes"],
    ),
    "empty training images": (
        {"train": 0, "test/ant": 2, "test/bee": 2},
        (),
        ["train folder", "is empty", "/train/CLASS"],
    ),
    "a class that training lacks": (
        {"train/ant": 2, "train/bee": 2, "test/ant": 2, "test/cow": 2},
        (),
        ["/test has a class", "lacks: cow", "/train to use the training images alone"],
    ),
    "classes two levels down": ({"a/b/ant": 4, "a/b/bee": 4}, (), ["only one folder of images, a", "/a/b"]),
    "one class": ({"ant": 4}, (), ["only one class", "ant"]),
    "splits beside classes": (
        {"train/a": 2, "train/b": 2, "val/a": 2, "val/b": 2, "more/a": 2, "more/b": 2},
        (),
        ["train and val", "other folders of images (more)"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", REFUSED)
def test_a_layout_that_is_not_certain_is_refused(tmp_path, layout):
    folders, others, words = REFUSED[layout]
    make(tmp_path, folders, others)
    with pytest.raises(AblateError) as error:
        data.prepare(folder(tmp_path))
    is_paragraph(error, str(tmp_path), *words)


CLASSES = {  # layout: (folders of images, classes), where the folders are said to be classes
    "views": ({f"{name}/{view}": 4 for name in ("cat", "dog") for view in ("left", "right")}, ["cat", "dog"]),
    "called like splits": ({f"{name}/{part}": 4 for name in ("test", "train") for part in "ab"}, ["test", "train"]),
    "called like content": ({"images": 8, "masks": 8}, ["images", "masks"]),
    "called like one split": ({"val": 4, "validation": 8, "train": 4}, ["train", "val", "validation"]),
}


@pytest.mark.parametrize("layout", CLASSES)
def test_folders_that_are_said_to_be_classes_are_classes(tmp_path, layout):
    folders, classes = CLASSES[layout]
    make(tmp_path, folders)
    loaded = data.load(folder(tmp_path, layout="classes"))
    assert list(loaded.classes) == classes and len(loaded.train.labels) == sum(folders.values())


def test_a_class_in_a_split_has_an_override_of_its_own(tmp_path):
    """`data.layout=classes` would make the splits classes."""
    folders = {f"{part}/{name}/{view}": 2 for part in ("train", "val") for name in ("ant", "bee") for view in "ab"}
    make(tmp_path, folders)
    with pytest.raises(AblateError, match="look like splits") as error:
        data.prepare(folder(tmp_path))
    assert "data.layout=splits" in str(error.value) and "data.layout=classes" not in str(error.value)
    loaded = data.load(folder(tmp_path, layout="splits"))
    assert loaded.classes == ("ant", "bee") and (len(loaded.train), len(loaded.validation)) == (8, 8)


def test_splits_that_are_not_there(tmp_path):
    make(tmp_path, {"ant": 4, "bee": 4})
    with pytest.raises(AblateError) as error:
        data.prepare(folder(tmp_path, layout="splits"))
    is_paragraph(error, "no folder of training images", "data.layout=auto")


def test_a_single_folder_is_no_choice_of_classes_whatever_is_said(tmp_path):
    make(tmp_path, {"ant": 4})
    with pytest.raises(AblateError, match="only one class: ant"):
        data.prepare(folder(tmp_path, layout="classes"))


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *(("train", "train"), ("Training", "train"), ("training_set", "train"), ("seg_train", "train")),
        *(("train2017", "train"), ("val", "validation"), ("eval", "validation"), ("Validation-Set", "validation")),
        *(("test1", "test"), ("TEST", "test"), ("test_set", "test"), ("testing data", "test")),
        *(("trained", None), ("contest", None), ("evaluator", None), ("cat", None), ("train_test", None)),
    ],
)
def test_a_name_states_its_split_by_whole_words(name, part):
    assert folder_names.role(name) == part


def test_what_is_to_be_typed_can_be_typed(tmp_path):
    """The command that an error names works in a shell, whatever the folder is called."""
    root = make(tmp_path / "my (new) data's", {"train (1)/ant": 2, "train (1)/bee": 2, "val 1/ant": 2, "val/bee": 2})
    (tmp_path / "elsewhere").mkdir()
    with pytest.raises(AblateError) as error:
        data.prepare(folder(root))
    command = str(error.value).partition("Type for example ")[2].partition(", or ")[0]
    subprocess.run(command.replace(" /elsewhere", f" {tmp_path}/elsewhere"), shell=True, check=True)
    assert sorted(path.name for path in root.iterdir()) in (["train (1)", "val"], ["train (1)", "val 1"])


def test_the_folder_of_each_part_is_known(tmp_path):
    make(tmp_path, {f"{part}/{name}": 2 for part in ("Train", "val") for name in ("a", "b")})
    assert folder_layout.read_layout(tmp_path).folders == {"train": tmp_path / "Train", "validation": tmp_path / "val"}


def test_one_folder_is_not_class_folders_and_its_path_is_quoted(tmp_path):
    make(tmp_path, {"ant": 1, ".cache/bee": 1})
    assert not has_class_folders(tmp_path)
    assert move_away(tmp_path / "a b") == f"mv '{tmp_path}/a b' /elsewhere"


def test_a_link_to_the_root_is_no_class(tmp_path):
    root = make(tmp_path, {"ant": 4, "bee": 4})
    (root / "loop").symlink_to(root)
    loaded = data.load(folder(root))
    assert loaded.classes == ("ant", "bee") and [each.reason for each in loaded.excluded] == [
        "link to a folder above it"
    ]


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ("link to a folder above it", "2 links to a folder above it"),
        ("image outside the class folders", "2 images outside the class folders"),
        ("file without suffix", "2 files without suffix"),
        ("dangling link", "2 dangling links"),
        (".file", "2 .file"),
    ],
)
def test_two_of_a_reason_are_plural(reason, text):
    assert image_files.counted(Counter({reason: 2}), 3) == text
    assert image_files.counted(Counter({reason: 1}), 3) == text.replace("2 ", "1 ").replace("links", "link").replace(
        "images", "image"
    ).replace("files", "file")


def test_everything_that_is_not_used_is_counted_by_reason(tmp_path):
    root = make(tmp_path / "root", {"ant": 5, "bee": 5}, ("ant/a.txt", "ant/b.txt", "bee/notes", ".DS_Store"))
    images.folder(tmp_path / "elsewhere", {"more": 3})
    Image.new("RGB", (8, 8)).save(root / "stray.png")
    (root / "ant" / "gone.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (root / "bee" / "up").symlink_to(root)
    (root / "bee" / "linked").symlink_to(tmp_path / "elsewhere" / "more")
    loaded = data.load(folder(root))
    assert len(loaded.train.labels) == 13
    assert {exclusion.reason: exclusion.count for exclusion in loaded.excluded} == {
        ".txt": 2,
        "dangling link": 1,
        "file without suffix": 1,
        "hidden or system file": 1,
        "image outside the class folders": 1,
        "link to a folder above it": 1,
    }
    line = data.summary(loaded)
    assert line.startswith(
        "folder: 13 images of 8x8x3 in 2 classes: ant and bee; 10 train, 3 validation; 7 files left out"
    )
    assert "2 .txt" in line


@pytest.mark.parametrize("suffix", ["jfif", "jpe", "tif", "tiff", "webp", "ppm", "tga", "ico", "jp2", "dds"])
def test_what_pillow_reads_is_an_image(tmp_path, suffix):
    root = images.folder(tmp_path, {"ant": 4, "bee": 4})
    kind = {"jfif": "JPEG", "jpe": "JPEG"}.get(suffix)
    Image.new("RGB", (16, 16), "red").save(root / "ant" / f"x.{suffix}", kind)
    loaded = data.load(folder(root))
    assert len(loaded.train.labels) == 9 and not loaded.excluded


def test_an_image_is_known_by_its_content_where_its_name_says_nothing(tmp_path):
    root = images.folder(tmp_path, {"ant": 4, "bee": 4})
    Image.new("RGB", (8, 8), "red").save(root / "ant" / "without", "PNG")
    Image.new("RGB", (8, 8), "red").save(root / "ant" / "x.dat", "JPEG")
    assert len(data.load(folder(root)).train.labels) == 10
