import dataclasses

from ablation.config.program.spec import MetricSource, Program, ProgramConfig
from ablation.run.locator import RunLocator
from ablation.run.program import location

METRIC = MetricSource("m", file="{dir}/m")


def config(*command, **fields):
    return ProgramConfig(Program(command, METRIC), {"lr": 0.1}, "/", outputs="out", **fields)


def test_equal_runs_have_one_place_and_others_have_another():
    one = config("python", "my train.py", seed=3)
    where = location.locate(one)
    assert where.name == f"my_train-s3-{where.fingerprint[:10]}" and str(where.outputs) == "out"
    assert location.locate(dataclasses.replace(one, n_jobs=4)) == where
    assert location.locate(dataclasses.replace(one, flags={"lr": 0.2})).name != where.name
    assert RunLocator()(one).where == where and RunLocator()(one).problem is None
