"""The words by which a folder's name states its split or its content."""

import re

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
ANNOTATION_NAMES = CONTENT_NAMES - {"image", "images", "imgs", "jpegimages", "jpg", "jpeg", "photos", "pictures", "png"}


def role(name: str) -> str | None:
    """The part that a folder's name states, such as `train` for `training_set`; None if it states none."""
    roles = {_role_of_word(word) for word in re.findall("[a-z]+", name.lower())} - {None}
    return roles.pop() if len(roles) == 1 else None


def _role_of_word(word: str) -> str | None:
    """The part that a word states, also with a filler at its end, such as `traindata`."""
    endings = [filler for filler in FILLERS if word.endswith(filler)]
    stems = [word, *(word.removesuffix(ending) for ending in endings)]
    return next((WORDS[stem] for stem in stems if stem in WORDS), None)


def names_a_split(name: str) -> bool:
    """Return whether a name says nothing but its split: `test1` and `training_set`, but not `test tubes`."""
    return all(_role_of_word(word) or word in FILLERS for word in re.findall("[a-z]+", name.lower()))
