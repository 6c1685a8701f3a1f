"""The names of experiments and of their folders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.comparisons import run

from ablation.comparison.experiments.basis import BasisReader
from ablation.comparison.experiments.naming import MAX_NAME, Subject, folders, names


def subject(*networks: str, **changes) -> Subject:
    runs = [run(network, **changes) for network in networks]
    return Subject(runs, basis=BasisReader().basis(runs[0]))


def test_runs_are_called_by_their_networks_and_data():
    found = names([subject("resnet34"), subject("plain34", "resnet34", data="cifar10"), subject(*"abcd")])
    assert found == ["resnet34 on digits", "plain34 and resnet34 on cifar10", "4 networks on digits"]


def test_runs_that_the_user_gave_one_name_have_it():
    assert names([subject("resnet34", "vgg16", name="trial")]) == ["trial"]
    assert names([Subject([run("a", name="x"), run("b", name="y")])]) == ["a and b on digits"]


def test_equal_names_get_what_differs():
    shorter = subject("resnet34", config={"train.epochs": 5, "data.limit": 100})
    longer = subject("resnet34", config={"train.epochs": 20, "data.limit": 100})
    assert names([shorter, longer]) == ["resnet34 on digits, 5 epochs", "resnet34 on digits, 20 epochs"]


def test_as_little_as_needed_is_added():
    settings = [(5, 100), (5, 200), (20, 100)]
    subjects = [subject("a", config={"train.epochs": epochs, "data.limit": limit}) for epochs, limit in settings]
    assert names(subjects) == [
        "a on digits, 5 epochs, limit=100", "a on digits, 5 epochs, limit=200", "a on digits, 20 epochs, limit=100",
    ]  # fmt: skip


def test_what_nothing_tells_apart_is_numbered():
    assert names([subject("a"), subject("a")]) == ["a on digits (1)", "a on digits (2)"]


@pytest.mark.parametrize("name", ["x" * 300, "a\x1b[2Jb\nc", "學習", "\ud800", "../../etc", "a/b", ".", "con "])
def test_an_odd_name_is_printable_and_its_folder_stays_within(name):
    (text,) = names([subject("resnet34", name=name)])
    (folder,) = folders([text])
    assert text.isprintable() and len(text) <= MAX_NAME + 10
    assert folder and "/" not in folder and "." not in folder and folder == folder.strip("-")


@given(st.lists(st.text(max_size=80), max_size=8))
def test_folders_are_unique_whatever_the_case(texts):
    found = folders(texts)
    assert len(set(found)) == len(texts) and all(name == name.lower() for name in found)
