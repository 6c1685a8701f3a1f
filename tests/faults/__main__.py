"""python -m faults [ONLY …]: run the proofs, append a line for each to the scorecard, and print it as a table."""

import argparse
import hashlib
import importlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from faults import arena

PROOFS = ("kill", "commit", "starts", "term", "disk", "words", "equal", "sweep", "pair", "stop", "study")
CARD = Path("outputs/faults.jsonl")
READERS = {"comparison", "report"}  # rooms that only read runs


def main() -> int:
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("only", nargs="*", choices=[[], *PROOFS], help="proofs to run; all that the card lacks")
    parser.add_argument("--cases", type=int, help="how many, instead of the proof's own number")
    options = parser.parse_args()
    for name in options.only or [p for p in PROOFS if p not in _card()]:
        try:
            _write(row := prove(name, options.cases))
            print(json.dumps(row))
        except arena.Skipped as reason:
            print(f"{name}: skipped, {reason}", file=sys.stderr)
    return _print(options.only or PROOFS)


def prove(name: str, cases: int | None = None) -> dict:
    """Run one proof and its mutant; the line for the scorecard."""
    proof = importlib.import_module(f"faults.{name}")
    began = time.monotonic()
    outcome = _in_a_folder(proof, cases or proof.CASES, None)
    for wrong in outcome.wrong[:10]:
        print(f"{name}: {wrong}", file=sys.stderr)
    mutants = [proof.MUTANT] if isinstance(proof.MUTANT, str) else list(proof.MUTANT)
    few = min(cases or proof.MUTANT_CASES, proof.MUTANT_CASES)
    found = {mutant: _in_a_folder(proof, few, mutant).wrong[:1] for mutant in mutants}
    return {
        "proof": name,
        "goal": proof.GOAL,
        "cases": outcome.cases,
        "right": outcome.right,
        "mutant": ", ".join(mutants),
        "seen": all(found.values()),
        "found": found,
        "notes": outcome.notes,
        "minutes": round((time.monotonic() - began) / 60, 1),
        "whole": cases in (None, proof.CASES),
        "code": _code(name),
    }


def _code(name: str) -> str:
    """Of the package, without what only reads runs, and of the proof: a line of the card holds for nothing else."""
    faults = Path(__file__).resolve().parent
    package = faults.parents[1] / "ablation"
    proof = [faults / f"{part}.py" for part in ("arena", "drive", name)] + [faults.parent / "support" / "hooks.py"]
    used = [path for path in package.rglob("*.py") if READERS.isdisjoint(path.parts)]
    digest = hashlib.sha256()
    for path in sorted([*used, *proof]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _in_a_folder(proof, cases: int, mutant: str | None):
    place = Path(tempfile.mkdtemp(prefix="faults_"))
    try:
        return arena.prove(proof, place, cases, mutant)
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _card() -> dict[str, dict]:
    """The newest line of each proof of this very code."""
    lines = CARD.read_text().splitlines() if CARD.is_file() else []
    rows = [json.loads(line) for line in lines]
    return {row["proof"]: row for row in rows if row["code"] == _code(row["proof"]) and row["whole"]}


def _write(row: dict) -> None:
    CARD.parent.mkdir(exist_ok=True)
    with open(CARD, "a") as file:
        file.write(json.dumps(row) + "\n")


def _print(wanted: Sequence[str]) -> int:
    card, out = _card(), Console(width=200, highlight=False)
    out.print(f"{'proof':8}{'right':>10}  {'mutant seen':24}{'minutes':>7}  what is counted")
    for name in (p for p in PROOFS if p in card):
        row = card[name]
        seen = f"{row['mutant']}: {'yes' if row['seen'] else 'NO'}"
        out.print(
            f"{name:8}{row['right']:>4} of {row['cases']:<3} {seen:24}{row['minutes']:>7}  {row['goal']}",
            soft_wrap=True,
        )
    proved = [name for name, row in card.items() if row["right"] == row["cases"] and row["seen"]]
    return 0 if set(proved) >= set(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())
