"""A disk that fills up at any moment: no committed epoch is lost, the message names the path, and once there is room
the run ends as the undisturbed one. A read-only place is refused before TensorFlow is imported.

On small tmpfs mounts in a mount namespace; skipped, saying so, where there are none.
"""

import json
import random
import re
import shlex
import subprocess
import sys
from pathlib import Path

from ablation.rundir import layout
from faults import arena

EPOCHS = 12
CASES, MUTANT, MUTANT_CASES = 30, "silent", 4
GOAL = "moments of a full disk with no committed epoch lost, the path named, and the same end once there is room"
TINY = [*arena.NETWORKS["residual"], *arena.QUICK, f"train.epochs={EPOCHS}"]
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
    draw, most, kept_epochs = random.Random(2), _commit_size(arena.only_run(whole / "outputs")), []
    after = [i % EPOCHS + 1 for i in range(cases)]  # with the last commit done, no room even for the weights
    planned = [(i, n, draw.randrange(most if n < EPOCHS else most // 3 - 2000)) for i, n in enumerate(after)]

    def one(case: tuple[int, int, int]) -> str | None:
        i, after, spare = case
        here = place / f"case_{i}"
        (here / "disk").mkdir(parents=True)
        script = _script(here, after, spare, hooks)
        done = subprocess.run(
            [*NAMESPACE, script], cwd=here, env=arena.environment(), capture_output=True, text=True, check=False
        )
        told = f"filled after {after} commits but for {spare} bytes"
        if done.returncode:
            return f"{told}: the script failed: {done.stderr[-300:]}"
        code, said = int((here / "code").read_text()), (here / "said").read_text()
        announced, kept = len(re.findall(r"epoch \d+/\d+ ", said)), int((here / "kept").read_text())
        kept_epochs.append(kept)
        if code != 2 or "Traceback" in said or f"{here}/disk" not in said:
            return f"{told}: code {code}: {said[-300:]}"
        if kept < max(announced, after):
            return f"{told}: {announced} epochs were told, {kept} kept"
        if (again := int((here / "again").read_text())) != 0:
            return f"{told}: with room it ended with {again}: {(here / 'said_again').read_text()[-300:]}"
        differs = arena.differences(expected, arena.result(arena.only_run(here / "kept_outputs"), here / "state.npz"))
        return differs and f"{told}: {differs}"

    outcome = arena.each(planned, one, "disk")
    outcome.notes["epochs kept"] = sorted(set(kept_epochs))
    if not mutant:
        outcome.count(_read_only(place))
    return outcome


def _commit_size(run: Path) -> int:
    """Bytes of a checkpoint: weights, momentum and best weights; with less than that to spare no commit succeeds."""
    return 3 * (run / layout.WEIGHTS).stat().st_size


def _script(here: Path, after: int, spare: int, hooks: dict) -> str:
    state, ballast = str(here / "state.npz"), f"{here}/disk/ballast"
    overrides = [*TINY, f"outputs={here}/disk/outputs"]
    fill = {"fill": ballast, "after": after, "spare": spare}
    first = shlex.join(arena.command(overrides, state=state, **fill, **hooks))
    second = shlex.join(arena.command(overrides, state=state))
    kept = shlex.join([sys.executable, "-m", "faults.disk", str(here / "disk")])
    return (
        f"mount -t tmpfs -o size=8m tmpfs {here}/disk && "
        f"{{ {first} > {here}/said 2>&1; echo $? > {here}/code; {kept} > {here}/kept; rm {ballast}; "
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
    from ablation.rundir import files, history, record
    from ablation.training import checkpoint

    epochs = 0
    for directory in (p for p in disk.glob("outputs/*") if p.is_dir() and not p.name.startswith(".")):
        try:
            standing = checkpoint.load_header(directory / layout.CHECKPOINT)
            epochs = max(epochs, len(standing.rows) if standing else 0)
        except files.Unreadable:
            pass
        try:
            epochs = max(epochs, len(history.read_history(directory, record.read_record(directory))))
        except (files.Unreadable, KeyError):
            pass
    return epochs


if __name__ == "__main__":
    print(_kept(Path(sys.argv[1])))
