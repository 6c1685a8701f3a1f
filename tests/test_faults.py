"""A short selection of the proofs that `make faults` runs whole."""

from pathlib import Path

import pytest
from faults import kill, pair, starts, sweep
from faults.__main__ import prove


def test_every_crash_point_of_a_commit_restores_a_whole_standing():
    row = prove("commit")
    assert row["right"] == row["cases"] > 100
    assert row["seen"]  # and a plain write in place of the staged one is found out


SOME = {kill: 2, starts: 6, sweep: 12, pair: 6}


@pytest.mark.parametrize("proof", SOME, ids=lambda proof: proof.__name__)
def test_some_cases_of(proof, tmp_path: Path):
    outcome = proof.prove(tmp_path, SOME[proof], None)
    assert outcome.wrong == [] and outcome.right == outcome.cases


def test_two_runs_at_once_are_found_out(tmp_path):
    assert starts.prove(tmp_path, 4, starts.MUTANT).wrong
