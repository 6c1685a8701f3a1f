"""Where a run starts, and whether it stays exact."""

from dataclasses import replace

import numpy as np
import pytest

from ablation.errors import AblateError
from ablation.run.place import RunLocation
from ablation.run.resumption import StartingPoint, load_checkpoint, resumed_exactness, starting_point
from ablation.rundir import layout
from ablation.rundir.record_parts import Exactness
from ablation.runtime import provenance
from ablation.training import checkpoint
from ablation.training.checkpoint import Checkpoint

BEFORE = Exactness(exact=True, environment_class="1", threads=2, backend="jax")


@pytest.fixture
def where(tmp_path):
    return RunLocation(tmp_path, "run", "f" * 64)


def save(where, attempt: str, code: str, step: int = 7):
    """A checkpoint of some steps in a directory of the run."""
    directory = where.outputs / attempt
    directory.mkdir()
    progress = Checkpoint(step=step, code=code, state={"a": np.arange(3.0)}, best={"a": np.zeros(3)})
    checkpoint.save(directory / layout.CHECKPOINT, progress)
    return directory


def test_a_run_that_nobody_began_starts_in_its_first_directory(where):
    start = starting_point(where, is_rerun=False)
    assert start.directory == where.outputs / "run" and start.checkpoint.step == 0
    assert load_checkpoint(start).state is None


def test_a_run_resumes_from_its_checkpoint(where):
    directory = save(where, "run", provenance.code())
    start = starting_point(where, is_rerun=False)
    assert (start.directory, start.checkpoint.step, start.checkpoint.state) == (directory, 7, None)
    assert np.array_equal(load_checkpoint(start).state["a"], [0, 1, 2])


def test_a_rerun_starts_beside_the_run(where):
    save(where, "run", provenance.code())
    start = starting_point(where, is_rerun=True)
    assert start.directory == where.outputs / "run.2" and start.checkpoint.step == 0


def test_what_other_code_began_stays_and_a_new_directory_is_used(where, capsys):
    save(where, "run", "other")
    assert starting_point(where, is_rerun=False).directory == where.outputs / "run.2"
    assert "run was started by a different version of the code" in capsys.readouterr().out
    directory = save(where, "run.2", provenance.code())
    assert starting_point(where, is_rerun=False).directory == directory
    save(where, "run.3", "other")
    assert starting_point(where, is_rerun=False).directory == directory


def test_a_damaged_checkpoint_starts_from_the_beginning(where, capsys):
    path = save(where, "run", provenance.code()) / layout.CHECKPOINT
    path.write_bytes(path.read_bytes()[:-50])
    start = starting_point(where, is_rerun=False)
    assert start.directory == path.parent and start.checkpoint.step == 0
    assert load_checkpoint(StartingPoint(path.parent, Checkpoint(step=7))).step == 0
    assert capsys.readouterr().out.count("starting from the beginning") == 2


def test_a_run_stays_exact_in_the_same_environment():
    assert resumed_exactness(Exactness(), BEFORE, "required") == BEFORE
    assert resumed_exactness(BEFORE, replace(BEFORE), "required") == BEFORE


def test_a_changed_environment_marks_the_run_and_a_mark_stays(capsys):
    now = replace(BEFORE, environment_class="2", threads=4)
    marked = resumed_exactness(BEFORE, now, "mark")
    assert marked == replace(now, exact=False) and "(threads)" in capsys.readouterr().out
    assert resumed_exactness(marked, now, "mark").exact is False


@pytest.mark.parametrize(
    ("before", "received"),
    [
        (BEFORE, "exact=required, and threads: 2 then, 4 now."),
        (replace(BEFORE, threads=4, exact=False), "a run that is not bit-exact already."),
    ],
)
def test_a_run_that_must_be_exact_is_refused_in_another_environment(before, received):
    with pytest.raises(AblateError) as error:
        resumed_exactness(before, replace(BEFORE, threads=4), "required")
    assert received in str(error.value) and "Type exact=mark" in str(error.value)
