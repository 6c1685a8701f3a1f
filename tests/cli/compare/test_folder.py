"""The output folder: what is written, and what earlier comparisons left there."""

import json

import pytest

from ablation.cli.compare import folder
from ablation.errors import AblateError
from ablation.report.tables.export import FORMAT

TABLE = json.dumps({"format": FORMAT, "variants": []}).encode()
ONE = {"table.json": TABLE, "forest.png": b"picture", "report.html": b"page"}


def several(*names: str) -> dict[str, bytes]:
    index = {"format": FORMAT, "experiments": [{"folder": name} for name in names]}
    contents = {"index.html": b"index", "index.json": json.dumps(index).encode()}
    for name in names:
        contents |= {f"{name}/{file}": content for file, content in ONE.items()}
    return contents


def files(place) -> set[str]:
    return {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ONE, several("a", "b")),
        (several("a", "b"), ONE),
        (several("a", "b"), several("b", "c")),
        (ONE, {"table.json": TABLE}),
    ],
)
def test_only_the_last_comparison_is_left(tmp_path, before, after):
    folder.write(tmp_path / "out", before)
    folder.write(tmp_path / "out", after)
    assert files(tmp_path / "out") == after.keys()
    folders = {path.name for path in (tmp_path / "out").iterdir() if path.is_dir()}
    assert folders == {name.partition("/")[0] for name in after if "/" in name}


def test_what_no_comparison_wrote_stays(tmp_path):
    own = {"index.html": b"my site", "index.json": b'{"experiments": [{"folder": "src"}]}', "table.md": b"mine"}
    (tmp_path / "src").mkdir()
    for name, content in {**own, "src/report.html": b"mine"}.items():
        (tmp_path / name).write_bytes(content)
    folder.write(tmp_path, {"report.html": b"page"})
    assert files(tmp_path) == {*own, "src/report.html", "report.html"}


@pytest.mark.parametrize("name", ["..", "../elsewhere", "/tmp", "", ".", 7, None])
def test_no_index_leads_out_of_the_folder(tmp_path, name):
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "report.html").write_text("kept")
    (tmp_path / "report.html").write_text("kept")
    out = tmp_path / "out"
    out.mkdir()
    (out / "index.json").write_text(json.dumps({"format": FORMAT, "experiments": [{"folder": name}, 3]}))
    folder.write(out, ONE)
    assert (outside / "report.html").exists() and (tmp_path / "report.html").exists() and files(out) == ONE.keys()


def test_a_folder_that_is_a_link_is_not_emptied(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "report.html").write_text("kept")
    folder.write(tmp_path / "out", several("b"))
    index = json.loads((tmp_path / "out" / "index.json").read_text())
    index["experiments"].append({"folder": "a"})
    (tmp_path / "out" / "index.json").write_text(json.dumps(index))
    (tmp_path / "out" / "a").symlink_to(tmp_path / "mine")
    folder.write(tmp_path / "out", ONE)
    assert (tmp_path / "mine" / "report.html").read_text() == "kept"


def test_a_folder_that_cannot_be_written_says_what_to_type(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(AblateError, match=r"Cannot write the comparison.*--out /tmp/comparison"):
        folder.write(tmp_path / "file" / "out", ONE)


def test_what_another_program_wrote_is_not_replaced_by_several_experiments(tmp_path):
    for name, content in {"index.html": "my site", "a/report.html": "mine"}.items():
        out = tmp_path / name.partition(".")[0].replace("/", "-")
        (out / name).parent.mkdir(parents=True)
        (out / name).write_text(content)
        with pytest.raises(AblateError, match=r"is not of ablate-compare.*--out comparison"):
            folder.write(out, several("a"))
        assert (out / name).read_text() == content and len(files(out)) == 1
    (tmp_path / "mine").mkdir()
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "a").symlink_to(tmp_path / "mine")
    with pytest.raises(AblateError, match="is not of ablate-compare"):
        folder.write(tmp_path / "linked", several("a"))
    assert not list((tmp_path / "mine").iterdir())


def test_files_are_named_by_their_stems(tmp_path):
    text = folder.describe(tmp_path / "out", ["table.md", "report.html", "table.json"])
    assert text == f"Written to {tmp_path / 'out'}: report.html, table.{{json,md}}."


def test_one_folder_is_singular(tmp_path):
    assert folder.describe_several(tmp_path, 1).endswith("index.html, index.json and a folder for one experiment.")
    assert folder.describe_several(tmp_path, 3).endswith("a folder for each of 3 experiments.")
