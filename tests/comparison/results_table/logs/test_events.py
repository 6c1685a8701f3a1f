"""Event files: framing, checksums, the forms of scalars, hyperparameters, resumed runs."""

import pytest
from support import event_files
from support.event_files import event, hparams, image, scalars, simple, tensor, write

from ablation.comparison.results_table.logs import events, records
from ablation.errors import AblateError
from ablation.rundir.files import Unreadable


def series(*paths):
    return {tag: each.by_step for tag, each in events.read_events(paths).series.items()}


def test_the_checksum_is_crc_32c():
    assert event_files.crc32c(b"123456789") == 0xE3069283  # RFC 3720, appendix B.4
    for data in (b"", b"123456789", bytes(range(256))):
        assert records.masked_crc(data).to_bytes(4, "little") == event_files.masked(data)


def test_every_form_of_a_scalar(tmp_path):
    path = write(
        tmp_path,
        [
            event(0, simple("a", 0.5)),
            event(3, tensor("b", 0.25), simple("a", 0.75)),
            event(300, tensor("b", 0.125, as_content=False), image("c")),
        ],
    )
    assert series(path) == {"a": {0: 0.5, 3: 0.75}, "b": {3: 0.25, 300: 0.125}}


def test_hyperparameters_and_the_state_of_the_run(tmp_path):
    settings = {"lr": 0.1, "model": "full", "norm": True, "seed": 3}
    log = events.read_events([write(tmp_path, [event(0, hparams(settings)), event(0, event_files.ended(2))])])
    assert log.settings == settings
    assert log.status == "failure"


def test_a_killed_writer_leaves_a_part_of_a_record(tmp_path):
    whole = scalars("a", {1: 0.5, 2: 0.75})
    for cut in (1, 5, 20):
        assert series(write(tmp_path / str(cut), whole, cut=cut)) == {"a": {1: 0.5}}
    assert series(write(tmp_path / "empty", [], cut=10**6)) == {}


@pytest.mark.parametrize("place", [2, 14])
def test_damage_is_refused_by_the_file(tmp_path, place):
    path = write(tmp_path, scalars("a", {1: 0.5}))
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    with pytest.raises(AblateError, match="An event file is damaged. .*tfevents.* a checksum does not match at byte 0"):
        series(path)


def test_a_resumed_run_replaces_what_it_repeats(tmp_path):
    first = write(tmp_path, scalars("a", {1: 0.1, 2: 0.2, 3: 0.3}) + scalars("b", {9: 1.0}), opened=1700000000)
    second = write(tmp_path, scalars("a", {2: 0.25, 4: 0.4}), opened=1700000900)
    assert series(first, second) == {"a": {1: pytest.approx(0.1), 2: 0.25, 4: pytest.approx(0.4)}, "b": {9: 1.0}}


def test_records_of_other_kinds_are_passed_over(tmp_path):
    path = write(tmp_path, [b"\xff\xff\xff", event(1, simple("a", 0.5))])
    assert series(path) == {"a": {1: 0.5}}
    with pytest.raises(Unreadable):
        list(records.fields(b"\x0a\x7f"))


def test_large_and_missing_files_are_refused(tmp_path, monkeypatch):
    path = write(tmp_path, scalars("a", {1: 0.5}))
    monkeypatch.setattr(records, "MAX_FILE", 10)
    with pytest.raises(AblateError, match="An event file is too large"):
        series(path)
    with pytest.raises(AblateError, match="cannot be read: No such file"):
        series(tmp_path / "missing")
