"""Records of programs' runs as runs that a comparison judges."""

import dataclasses
import sys

import pytest

from ablation.comparison.reading import program_record, read_run
from ablation.comparison.reading.run import Diverged, Run, Unfinished
from ablation.config.program.spec import MetricSource, Program, ProgramConfig
from ablation.errors import Failed
from ablation.run.program import execution, location
from ablation.rundir.files import Unreadable
from ablation.rundir.record import COMMAND, read_record, write_record


@pytest.fixture
def ended(tmp_path):
    """Run a program that writes a value, and read its directory."""

    def run(value, flags=None, seed=0, better="higher"):
        metric = MetricSource("val_loss", better, file="{dir}/r.json")
        command = (sys.executable, "-c", "import sys; open(sys.argv[1], 'w').write(sys.argv[2])", "{dir}/r.json", value)
        config = ProgramConfig(Program((*command, "{seed}", "{args}"), metric), flags or {"lr": 0.1}, "/", seed=seed)
        config.outputs = str(tmp_path)
        try:
            execution.execute(config)
        except Failed:
            pass
        return location.locate(config).last

    return run


def test_a_completed_run_has_its_flags_and_metric(ended):
    run = read_run.read(ended('{"val_loss": 0.25}', {"lr": 0.1, "norm": None}, seed=3, better="lower"))
    assert isinstance(run, Run) and run.kind == COMMAND and not run.is_own
    assert (run.config, run.seed, run.parameters, run.data) == ({"lr": 0.1, "norm": None}, 3, None, "")
    assert run.metric is not None and not run.metric.higher and run.metrics.value("result", "val_loss") == 0.25
    assert run.metric.caption.startswith("Validation loss, as the program measures it")


def test_runs_of_one_variant_differ_in_their_seed_alone(ended):
    one, same, other = (
        read_run.read(ended('{"val_loss": 0.25}', {"lr": lr}, seed)) for lr, seed in ((1, 0), (1, 1), (2, 0))
    )
    assert one.variant == same.variant != other.variant


def test_other_ends_are_no_results(ended):
    assert isinstance(read_run.read(ended('{"val_loss": NaN}')), Diverged)
    failed = read_run.read(ended("{}"))
    assert isinstance(failed, Unfinished) and failed.status == "failed" and "no key val_loss" in failed.error


def test_a_damaged_record_is_unreadable(ended):
    directory = ended('{"val_loss": 0.25}')
    record = read_record(directory)
    for config in ({}, {"flags": [], "program": {}}, {"flags": {}, "program": {"metric": 3}}):
        write_record(directory, dataclasses.replace(record, config=config))
        with pytest.raises(Unreadable):
            read_run.read(directory)
    write_record(directory, dataclasses.replace(record, metrics=type(record.metrics)({"result": {"other": 1.0}})))
    with pytest.raises(Unreadable, match=f"metrics.{program_record.RESULT}.val_loss"):
        read_run.read(directory)
