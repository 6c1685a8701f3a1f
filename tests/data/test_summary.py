"""The line about the data that each run prints."""

from support import images
from support.datasets import folder, of

from ablation.data import dataset
from ablation.data.summary import summary


def test_counts_classes_and_size_are_in_one_line():
    loaded = dataset.load(of("digits"))
    assert summary(loaded) == (
        "digits: 1,797 images of 8x8x1 in 10 classes: 0, 1, 2, 3, 4 and 5 more; 1,078 train, 360 validation, 359 test"
    )


def test_a_class_too_small_for_a_split_is_told(tmp_path):
    root = images.folder(tmp_path, {"ant": 10, "bee": 2, "cow": 10})
    assert "; 18 train, 4 validation; validation has no image of bee" in summary(dataset.load(folder(root)))


def test_what_is_left_out_is_counted(tmp_path):
    root = images.folder(tmp_path, {"ant": 5, "bee": 5})
    for name in ("ant/a.txt", "ant/b.txt", "bee/c.heic"):
        (root / name).write_text("no image")
    line = summary(dataset.load(folder(root)))
    assert line == (
        "folder: 10 images of 8x8x3 in 2 classes: ant and bee; 8 train, 2 validation; "
        "3 files left out: 2 .txt and 1 .heic"
    )
