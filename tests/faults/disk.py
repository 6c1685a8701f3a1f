"""A disk that fills up at any moment: no committed epoch is lost, the message names the path, and once there is room
the run ends as the undisturbed one. A read-only place is refused before TensorFlow is imported.

On small tmpfs mounts in a mount namespace; skipped, saying so, where there are none.
"""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

from faults import arena

CASES, MUTANT, MUTANT_CASES = 30, "silent", 4
GOAL = "moments of a full disk with no committed epoch lost, the path named, and the same end once there is room"
TINY = [*arena.NETWORKS["residual"], *arena.QUICK, "train.epochs=12"]
NAMESPACE = ["unshare", "-rm", "sh", "-c"]


def available() -> bool:
    return subprocess.run([*NAMESPACE, "mount -t tmpfs tmpfs /mnt"], capture_output=True, check=False).returncode == 0


def prove(place: Path, cases: int, mutant: str | None) -> arena.Outcome:
    if not available():
        raise arena.Skipped("no mount namespaces here, which unshare makes")
    hooks = {"mutant": mutant} if mutant else {}
    whole = place / "whole"
    whole.mkdir()
    code, said = arena.call(whole, TINY, state=str(whole / "state.npz"))
    if code:
        raise RuntimeError(said)
    expected = arena.result(arena.only_run(whole / "outputs"), whole / "state.npz")
    most = _needed(arena.only_run(whole / "outputs")) / 1024
    sizes = [8 + round(i * (most - 8) / cases) for i in range(cases)]
    completed = []

    def one(size: int) -> str | None:
        here = place / f"size_{size}"
        (here / "disk").mkdir(parents=True)
        script = _script(here, size, hooks)
        done = subprocess.run(
            [*NAMESPACE, script], cwd=here, env=arena.environment(), capture_output=True, text=True, check=False
        )
        if done.returncode:
            return f"{size} KiB: the script failed: {done.stderr[-300:]}"
        code, said = int((here / "code").read_text()), (here / "said").read_text()
        told = len(re.findall(r"epoch \d+/\d+ ", said))
        kept = int((here / "kept").read_text())
        if code not in (0, 1, 2) or "Traceback" in said or (code and f"{here}/disk" not in said):
            return f"{size} KiB: code {code}: {said[-300:]}"
        completed.append(code == 0)
        if kept < told:
            return f"{size} KiB: {told} epochs were told, {kept} kept"
        if (again := int((here / "again").read_text())) != 0:
            return f"{size} KiB: with room it ended with {again}: {(here / 'said_again').read_text()[-300:]}"
        differs = arena.differences(expected, arena.result(arena.only_run(here / "kept_outputs"), here / "state.npz"))
        return differs and f"{size} KiB: {differs}"

    outcome = arena.each(sizes, one, "disk")
    outcome.notes["disks that had room after all"] = sum(completed)
    if not mutant:
        outcome.count(_read_only(place))
    return outcome


def _needed(run: Path) -> int:
    """Bytes while a checkpoint is written beside the last one; each holds weights, momentum and best weights."""
    weights = (run / arena.rundir.WEIGHTS).stat().st_size
    return sum(p.stat().st_size for p in run.rglob("*") if p.is_file()) - weights + 2 * 3 * weights


def _script(here: Path, size: int, hooks: dict) -> str:
    state = str(here / "state.npz")
    first = shlex.join(arena.command([*TINY, f"outputs={here}/disk/outputs"], state=state, **hooks))
    second = shlex.join(arena.command([*TINY, f"outputs={here}/disk/outputs"], state=state))
    kept = shlex.join([sys.executable, "-m", "faults.disk", str(here / "disk")])
    return (
        f"mount -t tmpfs -o size={size}k tmpfs {here}/disk && "
        f"{{ {first} > {here}/said 2>&1; echo $? > {here}/code; {kept} > {here}/kept; "
        f"mount -o remount,size=64m {here}/disk; "
        f"{second} > {here}/said_again 2>&1; echo $? > {here}/again; cp -r {here}/disk/outputs {here}/kept_outputs; }}"
    )


def _read_only(place: Path) -> str | None:
    here = place / "read_only"
    (here / "disk").mkdir(parents=True)
    report = here / "report.json"
    refused = shlex.join(arena.command([*TINY, f"outputs={here}/disk/outputs"], report=str(report)))
    script = f"mount -t tmpfs -o ro tmpfs {here}/disk && {refused}"
    done = subprocess.run([*NAMESPACE, script], env=arena.environment(), capture_output=True, text=True, check=False)
    right = done.returncode == 1 and f"{here}/disk" in done.stderr and "Traceback" not in done.stderr
    return None if right and not json.loads(report.read_text())["tensorflow"] else f"read-only: {done.stderr[-300:]}"


def _kept(disk: Path) -> int:
    """Epochs that the checkpoint, or a finished run, has."""
    from ablation import rundir
    from ablation.training import checkpoint

    epochs = 0
    for directory in (p for p in disk.glob("outputs/*") if p.is_dir() and not p.name.startswith(".")):
        try:
            standing = checkpoint.peek(directory)
            epochs = max(epochs, len(standing.rows) if standing else 0)
        except rundir.Unreadable:
            pass
        try:
            epochs = max(epochs, len(rundir.read_history(directory, rundir.read_record(directory))))
        except (rundir.Unreadable, KeyError):
            pass
    return epochs


if __name__ == "__main__":
    print(_kept(Path(sys.argv[1])))
