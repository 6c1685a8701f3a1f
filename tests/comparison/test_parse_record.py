import pytest
from support.fake_runs import config, history, write

from ablation.comparison.reading.load import load


@pytest.mark.parametrize("told", [None, "word", 3, {"a": "b"}, [["deep"]], [1, None, True]], ids=repr)
def test_tags_of_another_type_are_none(tmp_path, told):
    write(tmp_path, config(), history(1), tags=told)
    assert load([tmp_path]).runs[0].tags == ()


def test_of_very_many_tags_and_long_ones_some_are_kept(tmp_path):
    write(tmp_path, config(), history(1), tags=[f"{i} {'x' * 1000}" for i in range(1000)])
    (run,) = load([tmp_path]).runs
    assert len(run.tags) == 32 and {len(tag) for tag in run.tags} == {200}
