"""Files of results: every form that is read, and every file that is refused by its name."""

import gzip
import json
import os

import pandas as pd
import pytest
from support.results_tables import experiment, rows, text, write

from ablation.comparison.results_table.formats import delimited, files
from ablation.comparison.results_table.sheet import concatenated
from ablation.errors import AblateError


def values(path, **options):
    return [(run.variant, run.seed, run.metrics.value("result", "test_acc")) for run in experiment(path).runs.runs]


EXPECTED = [(row["variant"], row["seed"], row["test_acc"]) for row in rows()]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", text(rows())),
        ("a.csv", "\ufeff" + text(rows()).replace("\n", "\r\n")),  # as spreadsheets write
        ("a.csv", text(rows(), ";")),
        ("a.csv", text(rows(), "\t")),
        ("a.tsv", text(rows(), "\t")),
        ("a.tsv", text(rows(), ",")),
        ("a.csv", text(rows(), "|") + "\n\n"),
        ("a.CSV", text(rows()).replace("full,", '" full ",')),
        ("a.csv", pd.DataFrame(rows()).to_csv()),  # with pandas' row numbers
        ("a.jsonl", pd.DataFrame(rows()).to_json(orient="records", lines=True)),
        ("a.ndjson", "\n".join(json.dumps(row) for row in rows()) + "\n\n"),
        ("a.json", pd.DataFrame(rows()).to_json(orient="records")),
        ("a.json", pd.DataFrame(rows()).to_json(orient="columns")),
        ("a.json", pd.DataFrame(rows()).to_json(orient="split")),
        ("a.json", pd.DataFrame(rows()).to_json(orient="table")),
        ("a.json", json.dumps(pd.DataFrame(rows()).to_dict("list"))),
    ],
)
def test_every_form_of_text_gives_the_same_runs(tmp_path, name, content):
    assert values(write(tmp_path / name, content)) == EXPECTED


def test_utf_16_with_its_mark_is_read(tmp_path):
    (tmp_path / "a.csv").write_bytes(text(rows(), "\t").encode("utf-16"))
    assert values(tmp_path / "a.csv") == EXPECTED


@pytest.mark.parametrize("index", [None, "variant"])
def test_parquet_is_read_with_its_named_index(tmp_path, index):
    frame = pd.DataFrame(rows())
    (frame if index is None else frame.set_index(index)).to_parquet(tmp_path / "a.parquet")
    assert values(tmp_path / "a.parquet") == EXPECTED


def test_nested_objects_become_columns_with_dots(tmp_path):
    lines = [
        {"config": {"variant": r["variant"], "seed": r["seed"]}, "summary": {"test_acc": r["test_acc"]}} for r in rows()
    ]
    path = write(tmp_path / "a.jsonl", "\n".join(map(json.dumps, lines)))
    assert [run.metrics.value("result", "summary.test_acc") for run in experiment(path).runs.runs] == [
        v for *_, v in EXPECTED
    ]


def test_several_files_are_one_table_with_a_column_of_their_names(tmp_path):
    paths = []
    for variant in ("full", "-norm"):
        own = [{"seed": row["seed"], "test_acc": row["test_acc"]} for row in rows() if row["variant"] == variant]
        paths.append(write(tmp_path / f"{variant.strip('-')}.csv", own))
    runs = experiment(*paths, variant="file").runs.runs
    assert [(run.variant, run.seed) for run in runs] == [
        ("full", 0),
        ("full", 1),
        ("full", 2),
        *[("norm", s) for s in range(3)],
    ]
    assert concatenated([files.read_file(paths[0])]).columns == ["seed", "test_acc"]


REFUSED = [
    ("a.csv", "", "The table is empty. Received .*a.csv, without a line"),
    ("a.csv", " \n\n", "The table is empty"),
    ("a.csv", "variant,seed,test_acc\n", "The table has no rows. .* only the header variant, seed and test_acc"),
    ("a.csv", "full,0,0.93\nfull,1,0.94\n", "The first line is no header. .* the numbers 0 and 0.93"),
    ("a.csv", "variant,seed,acc,acc\nfull,0,0.9,0.8\n", "Several columns have one name. .* more than one column acc"),
    ("a.csv", "variant,seed,acc\nfull,0,0.9,7\n", "4 cells in line 2, where the lines before have 3"),
    ("a.csv", 'variant,seed,acc\nfull,0,"0.9\nfull,1,0.8\n', "a quotation mark is not closed"),
    ("a.csv", "PK\x03\x04rest", "The file is packed, whatever its suffix"),
    ("a.csv", "a,b\0,c\n1,2,3\n", "The file is no text. .* it contains NUL bytes"),
    ("a.xlsx", "x", "Unknown form of results. .* Allowed: files with the suffix .csv, .tsv, .log, .parquet, .jsonl"),
    ("a.parquet", "variant,seed\n", "cannot be read as Parquet"),
    ("a.jsonl", '{"variant": "full"}\n{"variant"\n', "cannot be read as JSON lines. .* line 2"),
    ("a.jsonl", "[1]\n", "line 1 is no object"),
    ("a.jsonl", "\n", "The table has no rows"),
    ("a.json", "{", "cannot be read as JSON with a list of rows"),
    ("a.json", "[]", "The table has no rows"),
    ("a.json", "[1]", "neither a list of objects nor an object of columns"),
    ("a.json", '{"a": 1}', "values beside its columns"),
    ("a.json", '{"columns": ["a", "a"], "data": [[1, 2]]}', "several columns a"),
]


@pytest.mark.parametrize(("name", "content", "words"), REFUSED)
def test_broken_files_are_refused(tmp_path, name, content, words):
    with pytest.raises(AblateError, match=words) as error:
        files.read_file(write(tmp_path / name, content))
    assert "Received" in str(error.value) and "Allowed" in str(error.value)


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "a.csv").write_bytes("variant,seed\nné,1\n".encode("latin-1"))
    with pytest.raises(AblateError, match="is not UTF-8"):
        files.read_file(tmp_path / "a.csv")
    (tmp_path / "b.csv").write_bytes(gzip.compress(b"variant,seed\n"))
    with pytest.raises(AblateError, match="The file is packed"):
        files.read_file(tmp_path / "b.csv")


def test_huge_and_missing_files_are_refused(tmp_path, monkeypatch):
    with (tmp_path / "a.csv").open("wb") as file:
        os.truncate(file.fileno(), files.MAX_BYTES + 1)  # takes no space
    with pytest.raises(AblateError, match="too large for one row per run. .* 500"):
        files.read_file(tmp_path / "a.csv")
    monkeypatch.setattr(files, "MAX_ROWS", 2)
    with pytest.raises(AblateError, match="with 9 rows"):
        files.read_file(write(tmp_path / "b.csv", rows()))
    with pytest.raises(AblateError, match="cannot be read: No such file"):
        files.read_file(tmp_path / "c.csv")


def test_parquet_needs_pyarrow(tmp_path, monkeypatch):
    def missing(path):
        raise ImportError("pyarrow")

    monkeypatch.setattr(pd, "read_parquet", missing)
    with pytest.raises(AblateError, match="without pyarrow.*pip install pyarrow"):
        files.read_file(write(tmp_path / "a.parquet", "x"))


def test_a_row_is_named_by_its_line(tmp_path):
    table = files.read_file(write(tmp_path / "a.csv", "variant,seed\n\nfull,0\n\nfull,1\n"))
    assert [place.name for place in table.places] == ["row 3", "row 5"]
    assert table.rows_at([0, 1]) == "row 3 and row 5"


def test_gzip_is_unpacked_whatever_it_contains(tmp_path):
    plain = write(tmp_path / "a.csv", rows())
    for name, content in (("a.csv.gz", plain.read_bytes()), ("a.tsv.gz", text(rows(), "\t").encode())):
        (tmp_path / name).write_bytes(gzip.compress(content))
        assert values(tmp_path / name) == values(plain)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(plain.read_bytes())[:-20])
    with pytest.raises(AblateError, match="cannot be read as gzip"):
        experiment(tmp_path / "b.csv.gz")
    (tmp_path / "c.bin.gz").write_bytes(gzip.compress(b"x"))
    with pytest.raises(AblateError, match="Unknown form of results"):
        experiment(tmp_path / "c.bin.gz")


def test_the_delimiter_is_that_of_all_lines(tmp_path):
    lines = text(rows(), ";").replace("test_acc", "test_acc, final").splitlines()
    path = write(tmp_path / "a.csv", "\n".join(lines))
    assert files.read_file(path).columns == ["variant", "seed", "test_acc, final"]
    assert delimited.BY_SUFFIX[".tsv"] == "\t"


def test_an_index_that_is_a_column_too_is_read_once(tmp_path):
    pd.DataFrame(rows()).set_index("seed", drop=False).to_parquet(tmp_path / "a.parquet")
    assert len(values(tmp_path / "a.parquet")) == 9
