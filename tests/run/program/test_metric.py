"""Metrics: the right number from each place that a program may leave it, or the reason why there is none."""

import json
import math
import os
import time
from pathlib import Path

import pytest

from ablation.config.program.spec import MetricSource
from ablation.run.program import metric
from ablation.run.program.metric import NoMetric, Run, WrongMetric


def of_file(tmp_path, text, source, name="r.json", age=0.0):
    path = tmp_path / name
    path.write_text(text)
    os.utime(path, (time.time() - age,) * 2)
    return metric.read(source, path, Run(path.parent / "files", time.time(), ""))


FILE = MetricSource("accuracy", file="r.json", key="test.scores.1")


@pytest.mark.parametrize(
    ("document", "key"),
    [
        ({"test": {"scores": [0.1, 0.25]}}, "test.scores.1"),
        ({"test": {"scores": [0.1, 0.25]}}, "test.scores.-1"),
        ({"test.scores": 0.25}, "test.scores"),
        ({"test": {"top.1": 0.25}}, "test.top.1"),
        ({"accuracy": 0.25}, None),
        ([{"accuracy": 0.25}], "0.accuracy"),
    ],
)
def test_a_key_path_leads_to_the_value(tmp_path, document, key):
    source = MetricSource("accuracy", file="r.json", key=key)
    assert of_file(tmp_path, json.dumps(document), source).value == 0.25


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ('{"test": {"loss": 1}}', WrongMetric, "no key test.scores.1; it has loss"),
        ('{"test": {"scores": [1]}}', WrongMetric, "it has a list of 1"),
        ('{"test": 3}', WrongMetric, "it has the value 3 there"),
        ('{"test": {"scores": [1, "0.5"]}}', WrongMetric, 'test.scores.1 is not a number but "0.5"'),
        ('{"test": {"scores": [1, true]}}', WrongMetric, "is not a number but true"),
        ('{"test": ', WrongMetric, "r.json is not JSON"),
        ("", WrongMetric, "r.json is not JSON"),
    ],
)
def test_a_file_without_the_value_is_named(tmp_path, text, error, words):
    with pytest.raises(error) as raised:
        of_file(tmp_path, text, FILE)
    assert words in str(raised.value)


def test_a_file_older_than_the_run_is_not_read(tmp_path):
    with pytest.raises(NoMetric, match="older than the run"):
        of_file(tmp_path, '{"test": {"scores": [1, 2]}}', FILE, age=60)


def test_no_file_and_no_text_are_named(tmp_path):
    with pytest.raises(NoMetric, match="it left no file .*gone.json"):
        metric.read(FILE, tmp_path / "gone.json", Run(tmp_path, 0.0, ""))
    (tmp_path / "r.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(WrongMetric, match="is not text in UTF-8"):
        metric.read(FILE, tmp_path / "r.json", Run(tmp_path, 0.0, ""))
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    for name in ("folder.json", "pipe.json"):
        with pytest.raises(WrongMetric, match="is no regular file"):
            metric.read(FILE, tmp_path / name, Run(tmp_path, 0.0, ""))


def test_a_link_is_followed_and_a_copy_in_the_folder_of_the_run_may_have_an_old_time(tmp_path):
    inside, outside = tmp_path / "files" / "best.json", tmp_path / "old.json"
    inside.parent.mkdir()
    for path in (inside, outside):
        path.write_text('{"accuracy": 0.5}')
        os.utime(path, (0, 0))
    source, link, old = MetricSource("accuracy", file="x"), inside.parent / "link.json", inside.parent / "old.json"
    link.symlink_to("best.json")
    old.symlink_to(outside)
    assert metric.read(source, link, Run(inside.parent, time.time(), "")).value == 0.5
    with pytest.raises(NoMetric, match="older than the run"):
        metric.read(source, old, Run(inside.parent, time.time(), ""))


def test_marks_separators_and_huge_numbers(tmp_path):
    plain = MetricSource("acc", file="r.json")
    assert of_file(tmp_path, '\ufeff{"acc": 0.5}', plain).value == 0.5
    with pytest.raises(WrongMetric, match="integer beyond the largest float"):
        of_file(tmp_path, f'{{"acc": {10**400}}}', plain)
    lines = MetricSource("acc", lines="l.jsonl", take="last")
    assert of_file(tmp_path, '{"text": "a\u2028b", "acc": 0.25}\n', lines, "l.jsonl").value == 0.25
    assert of_file(tmp_path, "\ufeffepoch;acc\r\n1;0.5\r\n", lines, "l.csv").value == 0.5


@pytest.mark.parametrize("token", ["NaN", "Infinity", "-Infinity"])
def test_a_value_that_is_not_finite_is_read_as_such(tmp_path, token):
    read = of_file(tmp_path, f'{{"test": {{"scores": [0, {token}]}}}}', FILE)
    assert not read.is_finite


SERIES = '{"epoch": 1, "acc": 0.5, "note": "x"}\n{"step": 3}\n\n{"epoch": 2, "acc": 0.75}\n{"epoch": 3, "acc": 0.625}\n'


@pytest.mark.parametrize(("take", "value"), [("last", 0.625), ("max", 0.75), ("min", 0.5)])
def test_the_value_of_a_series_is_the_one_that_counts(tmp_path, take, value):
    source = MetricSource("acc", lines="log.jsonl", take=take)
    read = of_file(tmp_path, SERIES, source, "log.jsonl")
    assert read.value == value and read.series == {"epoch": [1, 2, 3], "acc": [0.5, 0.75, 0.625]}


@pytest.mark.parametrize(("suffix", "delimiter"), [(".csv", ","), (".tsv", "\t")])
def test_a_table_with_empty_cells_is_a_series(tmp_path, suffix, delimiter):
    """Lightning's CSVLogger leaves a cell empty where a row does not log the metric."""
    lines = ["epoch,train_loss,val_acc", "0,1.5,", "0,,0.25", "1,1.25,", "1,,0.5"]
    source = MetricSource("accuracy", lines="x", key="val_acc", take="last")
    read = of_file(tmp_path, "\n".join(lines).replace(",", delimiter), source, f"metrics{suffix}")
    assert read.value == 0.5 and read.series == {"epoch": [0, 1], "val_acc": [0.25, 0.5]}


def test_a_series_with_a_value_that_is_not_finite_has_no_best(tmp_path):
    text = '{"acc": 0.5}\n{"acc": NaN}\n{"acc": 0.25}\n'
    assert math.isnan(of_file(tmp_path, text, MetricSource("acc", lines="l", take="max"), "l.jsonl").value)
    assert of_file(tmp_path, text, MetricSource("acc", lines="l", take="last"), "l.jsonl").value == 0.25


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "it is empty"), ('{"loss": 1}\n', "it has loss"), ("[1]\n", "line 1 of l.jsonl is not an object")],
)
def test_a_series_without_the_metric_is_named(tmp_path, text, words):
    with pytest.raises(NoMetric) as raised:
        of_file(tmp_path, text, MetricSource("acc", lines="l", take="max"), "l.jsonl")
    assert words in str(raised.value)


OUTPUT = "epoch 1\r\x1b[32macc=0.5\x1b[0m\repoch 2\racc=0.75\nTest: 9,512/10,000\n"


def printed(pattern, take=None):
    return metric.read(MetricSource("acc", stdout=pattern, take=take), None, Run(Path(), 0.0, OUTPUT)).value


def test_a_printed_value_is_found_between_colours_and_progress_bars():
    assert printed(r"acc=([0-9.]+)", "last") == 0.75 and printed(r"acc=([0-9.]+)", "min") == 0.5
    assert printed(r"Test: ([\d,]+)/") == 9512 and printed(r"^epoch (\d)", "max") == 2


def test_a_value_that_is_printed_twice_or_not_at_all_is_named():
    with pytest.raises(WrongMetric, match="it printed 2 values"):
        printed(r"acc=([0-9.]+)")
    with pytest.raises(NoMetric, match="nothing that it printed matches loss"):
        printed(r"loss=(.*)")
    with pytest.raises(WrongMetric, match="epoch 1.*is not a number|is not a number"):
        printed(r"(epoch .)", "last")


@pytest.mark.parametrize(
    ("output", "pattern", "words"),
    [
        ("acc = 0,90", r"acc = ([0-9.,]+)", "has a decimal comma"),
        ("acc = 0,850", r"acc = ([0-9.,]+)", "has a decimal comma"),
        ("acc: 5e-05", r"acc: ([0-9.]+)", "matches only 5 of 5e-0"),
        ("acc: 0.91", r"acc: ([0-9])", "matches only 0 of 0.9"),
        ("acc: 0,91", r"acc: ([0-9])", "matches only 0 of 0,9"),
    ],
)
def test_a_number_is_read_whole_or_not_at_all(output, pattern, words):
    with pytest.raises(WrongMetric, match=words):
        metric.read(MetricSource("acc", stdout=pattern), None, Run(Path(), 0.0, output))


def test_whole_printed_numbers():
    for text, value in (("5.1e-05", 5.1e-05), ("-1,234.5", -1234.5), ("12,345", 12345), ("0.5, done", 0.5)):
        source = MetricSource("acc", stdout=r"acc: ([-+.0-9e]+(?:,[0-9]{3})*(?:[.][0-9]+)?)")
        assert metric.read(source, None, Run(Path(), 0.0, f"acc: {text}")).value == value


def test_of_a_long_output_only_the_last_value_is_sure():
    run = Run(Path(), 0.0, "acc=0.5", left_out=1000)
    assert metric.read(MetricSource("acc", stdout="acc=(.*)", take="last"), None, run).value == 0.5
    for take in (None, "max", "min"):
        with pytest.raises(WrongMetric, match="1,000 bytes more than run.log keeps"):
            metric.read(MetricSource("acc", stdout="acc=(.*)", take=take), None, run)
