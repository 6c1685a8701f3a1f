"""A short selection of the proofs that `make faults` runs whole."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from faults import kill, pair, starts, sweep


@pytest.mark.parametrize("mutant", [None, "plain_write"])
def test_one_in_nine_crash_points_of_a_commit(tmp_path, mutant):
    """Restore a whole standing; and a plain write in place of the staged one is found out.

    In a process of its own, for it forks: a fork of one where TensorFlow's threads are may wait for ever.
    """
    program = (
        "import pathlib, sys; from faults import commit; "
        f"found = commit.points(pathlib.Path(sys.argv[1]), 9, {mutant!r}); print(found.cases, len(found.wrong))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    cases, wrong = map(int, done.stdout.split()[-2:])
    assert cases > 20 and bool(wrong) == bool(mutant), done.stderr


SOME = {kill: 1, starts: 6, sweep: 12, pair: 6}


@pytest.mark.parametrize("proof", SOME, ids=lambda proof: proof.__name__)
def test_some_cases_of(proof, tmp_path: Path):
    outcome = proof.prove(tmp_path, SOME[proof], None)
    assert outcome.wrong == [] and outcome.right == outcome.cases


def test_two_runs_at_once_are_found_out(tmp_path):
    assert starts.prove(tmp_path, 4, starts.MUTANT).wrong
