import pytest

from ablation.config.program.spec import MetricSource, Program, ProgramConfig, program_name
from ablation.config.schema import flat


def test_a_metric_is_in_one_place_under_its_key_or_name():
    assert MetricSource("acc", file="r.json").path == "r.json" and MetricSource("acc", lines="l.csv").path == "l.csv"
    assert MetricSource("acc", stdout="(.)").path is None
    assert MetricSource("acc", file="r").column == "acc" and MetricSource("acc", file="r", key="a.b").column == "a.b"


def test_the_settings_of_a_run_are_its_flags():
    config = ProgramConfig(Program(("a",), MetricSource("m")), {"lr": 0.1, "seed_everything": True}, "/work")
    assert flat(config) == {"lr": 0.1, "seed_everything": True}


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("python3", "-u", "examples/main.py", "{args}"), "main"),
        (("./run.sh", "{args}"), "run"),
        (("/usr/bin/my prog", "{args}"), "my prog"),
        (("torchrun", "train_net.py"), "train_net"),
    ],
)
def test_a_run_is_named_after_the_script(command, name):
    assert program_name(command) == name
