"""Odd names and folders go from the command line to the record unchanged, and to the table as it writes any text; bad
overrides are refused in one paragraph, without a traceback and before TensorFlow.
"""

import csv
import dataclasses
import json
import random
import subprocess
import sys
from pathlib import Path

from PIL import Image

from ablation.config.schema import Config
from ablation.report.wording.escaping import for_csv
from ablation.rundir import record as rundir_record
from faults import arena

CASES, MUTANT, MUTANT_CASES = 200, "unquoted", 1
GOAL = "odd names and folders that round-trip, and generated bad overrides that are refused"
NAMES = [
    *("two words", " leading", "trailing ", "it's", 'say "hi"', "both ' and \"", "back\\slash", "end\\", "\\'"),
    *("$HOME", "$(date)", "`date`", "a,b", "a=b", "a==b", "[1,2]", "{a: b}", "(x)", "<b>", "&amp;"),
    *("für Bär", "学習", "🙂 smile", "é", "#hash", "%s %d", "a:b", "x@y", "-dash", "_under", "*", "?", "~", "!", "|"),
    *("null-ish", "true", "1.5", "tab\there", "line\nbreak", "x" * 300),
]
FOLDERS = [
    *("2024_10_07", "1e3", "true", "a,b", "two words", "it's", 'say "hi"', "$HOME", "a=b", "[1]", "für Bär", "学習"),
    *("🙂", "#x", "%s", "x" * 200),
]
FINE = [*arena.NETWORKS["residual"], *arena.QUICK, "train.epochs=1"]
JUNK = [
    *(
        "[",
        "{",
        "}",
        "]",
        "'",
        '"',
        "${",
        "${x}",
        "@",
        "!!",
        "[1,",
        "{a:",
        "nan",
        "inf",
        "-inf",
        "\\",
        "${oc.env:NOPE}",
    ),
    *("choice(1", "range(", "glob(", "[[[[", "{{{{", "0x1g", "1e", "1e999", "-1", "_target_=os.system"),
]


def prove(place: Path, cases: int, mutant: str | None) -> arena.Outcome:
    hooks = {"mutant": mutant} if mutant else {}
    outcome = arena.each(NAMES, lambda name: _name(place, name, hooks), "names")
    if mutant:
        return outcome
    for part in (arena.each(FOLDERS, lambda name: _folder(place, name), "folders"), _refusals(place, cases)):
        outcome.cases, outcome.right = outcome.cases + part.cases, outcome.right + part.right
        outcome.wrong += part.wrong
    outcome.notes = {"names": len(NAMES), "folders": len(FOLDERS), "bad overrides": cases}
    return outcome


def _name(place: Path, name: str, hooks: dict) -> str | None:
    here = place / f"name_{NAMES.index(name)}"
    here.mkdir()
    code, said = arena.call(here, [*FINE, f"name={name}"], idle=True, **hooks)
    if code:
        return f"{name!r}: {said[-200:]}"
    recorded = rundir_record.read_record(arena.only_run(here / "outputs")).name
    shown = _compared(here, "outputs")
    return None if recorded == name and shown == for_csv(name) else f"{name!r}: recorded {recorded!r}, shown {shown!r}"


def _folder(place: Path, name: str) -> str | None:
    here = place / f"folder_{FOLDERS.index(name)}"
    here.mkdir()
    code, said = arena.call(here, [*FINE, f"outputs={name}", "name=x"], idle=True)
    if code:
        return f"outputs={name!r}: {said[-200:]}"
    if [p.name for p in here.iterdir()] != [name] or _compared(here, name) != "x":
        return f"outputs={name!r}"
    for i in range(8):
        (here / f"{name} images" / "ab"[i % 2]).mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 8), (20 * i, 0, 0)).save(here / f"{name} images" / "ab"[i % 2] / f"{i}.png")
    code, said = arena.call(here, [*FINE, "data=folder", "data.image_size=8", f"data.root={name} images"], idle=True)
    if code:
        return f"data.root={name!r}: {said[-200:]}"
    root = rundir_record.read_record(arena.only_run(here / "outputs")).config["data"]["root"]
    return None if root == f"{name} images" else f"data.root={name!r}: recorded {root!r}"


def _compared(here: Path, outputs: str) -> str:
    """What the comparison's table calls the run."""
    compare = Path(sys.executable).parent / "ablate-compare"
    subprocess.run([compare, outputs, "--out", here.with_suffix(".out")], cwd=here, capture_output=True, check=True)
    with open(here.with_suffix(".out") / "summary.csv", newline="") as file:
        return next(csv.DictReader(file))["name"]


def _refusals(place: Path, cases: int) -> arena.Outcome:
    here = place / "refusals"
    here.mkdir()
    draw = random.Random(3)
    keys = [f.name for f in dataclasses.fields(Config) if not dataclasses.is_dataclass(f.type)]
    for group in ("model", "data", "train"):
        keys += [
            f"{group}.{f.name}" for f in dataclasses.fields({f.name: f.type for f in dataclasses.fields(Config)}[group])
        ]
    switches = {
        "deterministic",
        "model.residual",
        "model.zero_init_last",
        "model.conv_bias",
        "train.nesterov",
        "train.xla",
        "train.keep_weights",
    }
    free = {"name", "outputs", "data.root", "data.dir", "data.name", "tags"}  # take any text

    def typo(word: str) -> str:
        i = draw.randrange(1, len(word))
        return word[:i] + draw.choice("qxz") + word[i:]

    def bad() -> str:
        kind = draw.randrange(5)
        if kind == 0:
            return f"{typo(draw.choice(keys))}=1"
        if kind == 1:
            key, junk = draw.choice([k for k in keys if k not in free]), draw.choice(JUNK)
            return f"{key}={'maybe' if key in switches else junk}"  # any number is a yes or a no
        if kind == 2:
            return f"{draw.choice(('model', 'data', 'train'))}={typo(draw.choice(('resnet34', 'cifar10', 'sgd')))}"
        if kind == 3:
            return f"{draw.choice(('+', '++', '~'))}{typo(draw.choice(keys))}"
        return draw.choice(JUNK[:12])

    def one(case: tuple[int, str]) -> str | None:
        i, override = case
        report = here / f"{i}.json"
        code, said = arena.call(here, [*FINE, override], idle=True, report=str(report))
        paragraph = said.startswith("ablate: ") and said.count("\n") == 1 and "Received" in said and "Allowed" in said
        heavy = json.loads(report.read_text())["tensorflow"]
        return None if code == 1 and paragraph and not heavy else f"{override!r}: code {code}, {said[-200:]!r}"

    drawn = {}
    while len(drawn) < cases:
        override = bad()
        if override not in drawn.values():
            drawn[len(drawn)] = override
    outcome = arena.each(drawn.items(), one, "bad overrides")
    left = [p for p in here.iterdir() if p.suffix != ".json"]
    outcome.count(f"left behind: {left}" if left else None)
    return outcome
