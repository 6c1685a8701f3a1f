"""A short selection of the proofs that `make faults` runs whole."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from faults import arena, drive, pair, starts, sweep
from support import hooks

from ablation.cli import ablate, arguments
from ablation.rundir import claim
from ablation.training import checkpoint

pytestmark = pytest.mark.integration


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
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    cases, wrong = map(int, done.stdout.split()[-2:])
    assert cases > 20 and bool(wrong) == bool(mutant), done.stderr


SOME = {starts: 6, sweep: 8, pair: 6}  # a kill in training is in test_runs and test_launchers


@pytest.mark.parametrize(
    "proof", [starts, pytest.param(sweep, marks=pytest.mark.slow), pair], ids=lambda proof: proof.__name__
)
def test_some_cases_of(proof, tmp_path: Path):
    outcome = arena.prove(proof, tmp_path, SOME[proof])
    assert outcome.wrong == [] and outcome.right == outcome.cases


def test_two_runs_at_once_are_found_out(tmp_path):
    assert arena.prove(starts, tmp_path, 2, starts.MUTANT).wrong


def test_a_hook_at_what_the_program_does_not_have_is_told():
    with pytest.raises(hooks.Gone, match="Checkpoint has no commits"):
        hooks.hook(checkpoint.Checkpoint, "commits", lambda self: None)


def test_a_hook_that_is_called_with_other_arguments_is_told():
    with pytest.raises(hooks.Gone, match="claim.claim takes outputs, run"):
        hooks.hook(claim, "claim", lambda outputs: None)
    assert hooks.hook(claim, "claim", claim.claim) is claim.claim


def test_a_hook_that_would_not_reach_every_caller_is_told():
    """A module that has imported a function by its name goes on with what was there."""
    assert arguments.options_first is ablate.options_first
    with pytest.raises(hooks.Gone, match="ablation.cli.ablate calls ablation.cli.arguments.options_first by a name"):
        hooks.hook(arguments, "options_first", lambda words: words)


@pytest.mark.parametrize("mutant", drive.MUTANTS)
def test_every_mutant_finds_what_it_breaks(mutant):
    program = f"from faults import drive; drive.MUTANTS[{mutant!r}]()"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    subprocess.run([sys.executable, "-c", program], env=environment, check=True)


class Idle:
    """A proof whose process hooks nothing."""

    def prove(self, place, cases, mutant):
        code, said = arena.call(place, ["seed=1"], idle=True, **({"mutant": mutant} if mutant else {}))
        return arena.Outcome(1, 1, [], {"code": code, "said": said})


def test_a_proof_whose_seam_is_gone_fails(tmp_path, monkeypatch):
    """Not only its run, which a mutant's run may do as well."""
    gone = tmp_path / "sitecustomize.py"
    gone.write_text("from ablation.rundir import claim\ndel claim.claim\n")
    monkeypatch.setattr(arena, "TESTS", f"{tmp_path}{os.pathsep}{arena.TESTS}")
    with pytest.raises(hooks.Gone, match="ablation.rundir.claim has no claim"):
        arena.prove(Idle(), tmp_path, 1, "no_lock")


def test_a_mutant_that_no_process_applied_proves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(Idle, "prove", lambda *_: arena.Outcome(1, 1))
    with pytest.raises(hooks.Gone, match="no process applied the mutant no_lock"):
        arena.prove(Idle(), tmp_path, 1, "no_lock")
