"""The reporter that says nothing."""

import pickle

from ablation.data.reporter import SILENT


def test_a_silent_reporter_prints_nothing_and_passes_everything_on(capsys):
    SILENT.say("a line")
    assert list(SILENT.track([1, 2, 3], 3, "counting")) == [1, 2, 3]
    with SILENT.muted():
        pass
    assert capsys.readouterr() == ("", "")


def test_it_can_be_sent_to_another_process():
    assert type(pickle.loads(pickle.dumps(SILENT))) is type(SILENT)
