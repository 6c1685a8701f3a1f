"""A job of either kind is executed by its own part."""

from ablation.config.program.spec import MetricSource, Program, ProgramConfig
from ablation.config.run_request import ProgramRequest
from ablation.run import jobs
from ablation.run.structure import PROGRAM, Kept, structure


def test_a_program_is_executed_and_keeps_nothing(tmp_path):
    command = ("sh", "-c", 'echo "acc=0.$1"', "-", "{seed}", "{args}")
    config = ProgramConfig(Program(command, MetricSource("acc", stdout="acc=(.*)")), {"x": 1}, str(tmp_path), seed=5)
    config.outputs = str(tmp_path / "outputs")
    kept = Kept()
    assert jobs.execute(ProgramRequest(config, ("x=1", "seed=5")), 1, kept) == 0
    assert kept.is_new and structure(config) == PROGRAM
    assert len(list((tmp_path / "outputs").glob("sh-s5-*/run.json"))) == 1
