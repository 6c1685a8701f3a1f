"""A short selection of the proofs that `make faults` runs whole."""

from pathlib import Path

import pytest
from faults import commit, kill, pair, starts, sweep


@pytest.mark.parametrize("mutant", [None, "plain_write"])
def test_one_in_nine_crash_points_of_a_commit(tmp_path, mutant):
    """Restore a whole standing; and a plain write in place of the staged one is found out."""
    outcome = commit.points(tmp_path, 9, mutant)
    assert outcome.cases > 20 and bool(outcome.wrong) == bool(mutant), outcome.wrong


SOME = {kill: 1, starts: 6, sweep: 12, pair: 6}


@pytest.mark.parametrize("proof", SOME, ids=lambda proof: proof.__name__)
def test_some_cases_of(proof, tmp_path: Path):
    outcome = proof.prove(tmp_path, SOME[proof], None)
    assert outcome.wrong == [] and outcome.right == outcome.cases


def test_two_runs_at_once_are_found_out(tmp_path):
    assert starts.prove(tmp_path, 4, starts.MUTANT).wrong
