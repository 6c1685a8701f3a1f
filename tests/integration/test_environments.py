"""The first commands of the README, wherever they are typed."""

import re
import shlex
from pathlib import Path

import pytest
from support.commands import runs
from support.environments import Environment, Place, has_unknown_user, lines, make_private, make_read_only

from ablation.rundir import layout
from ablation.rundir import record as rundir_record

ROOT = Path(__file__).resolve().parents[2]
WRONG = re.compile(r"Traceback|Warning|warning|Error|WARN|temporary cache|fontconfig", re.IGNORECASE)
SHORTER = {"train=quickstart": "train=quickstart train.epochs=1", "seed=0,1,2": "seed=0,1"}


def quickstart() -> list[list[str]]:
    """The two commands of `make quickstart`, shortened."""
    found = re.findall(
        r"^\t\$\(BIN\)/(ablate(?:-compare)? .*outputs/quickstart.*)$", (ROOT / "Makefile").read_text(), re.M
    )
    assert len(found) == 2
    text = "\n".join(found)
    for old, new in SHORTER.items():
        assert old in text
        text = text.replace(old, new)
    return [shlex.split(line) for line in text.splitlines()]


def read_only_home(place: Place) -> None:
    make_read_only(place.home)


def read_only_cache(place: Place) -> None:
    make_read_only(place.cache)


def anothers_cache(place: Place) -> None:
    """Another user has run the same command with umask 077."""
    first = Environment({"XDG_CACHE_HOME": "{cache}"})
    assert first.run(place, *SMALL, "outputs={}".format(place.root / "theirs")).returncode == 0
    assert list((place.cache / "ablate").iterdir())
    make_private(place.cache / "ablate")


SMALL = ["ablate", "model=resnet_cifar", "model.depth=8", "model.width=4", "train=quickstart", "train.epochs=1"]
ENVIRONMENTS = {
    "as usual": Environment(),
    "no HOME": Environment({"HOME": None}),
    "an unknown user": Environment(unknown=True),
    "an unknown user without HOME": Environment({"HOME": None}, unknown=True),
    "read-only HOME": Environment(unknown=True, prepare=read_only_home),
    "read-only cache": Environment({"XDG_CACHE_HOME": "{cache}"}, unknown=True, prepare=read_only_cache),
    "two users of one cache": Environment({"XDG_CACHE_HOME": "{cache}"}, unknown=True, prepare=anothers_cache),
    "MPLBACKEND of a notebook": Environment({"MPLBACKEND": "module://matplotlib_inline.backend_inline"}),
    "MPLBACKEND of windows": Environment({"MPLBACKEND": "TkAgg"}),
    "MPLBACKEND mistyped": Environment({"MPLBACKEND": "nonsense"}),
    "LC_ALL=C": Environment({"LC_ALL": "C", "LANG": None}),
    "ASCII alone": Environment({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}),
    "no TTY": Environment({"TERM": None}),
    "a terminal": Environment(columns=120),
    "TERM=dumb": Environment({"TERM": "dumb"}, columns=80),
    "60 columns": Environment(columns=60),
    "spaces and other letters in the working folder": Environment(folder="größe und 学習 'x'"),
}


def environment(name: str) -> Environment:
    if ENVIRONMENTS[name].unknown and not has_unknown_user():
        pytest.skip("no user namespaces here")
    return ENVIRONMENTS[name]


def check(place: Place, columns: int | None, output: str) -> None:
    """What holds after every command: nothing wrong on the screen, nothing half made or left anywhere."""
    shown = lines(output)
    assert not WRONG.search(output), output
    assert "\N{REPLACEMENT CHARACTER}" not in output
    if columns is not None:
        assert max(map(len, shown)) <= columns, max(shown, key=len)
    left = [path for path in place.work.rglob("*") if path.name.endswith(layout.STAGED) or path.name == "~"]
    assert not left
    assert {path.name for path in place.work.iterdir()} <= {"outputs", "comparison"}
    assert list(place.temporary.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_the_quickstart_works(name, tmp_path):
    where = environment(name)
    place = where.place(tmp_path)
    (_, *sweep), (_, *compare) = quickstart()
    done = where.run(place, "ablate", *sweep)
    print(done.stdout + done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
    check(place, where.columns, done.stdout + done.stderr)
    assert [rundir_record.read_record(run).status for run in runs(place.work)] == ["completed"] * 4
    done = where.run(place, "ablate-compare", *compare)
    print(done.stdout + done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
    check(place, where.columns, done.stdout + done.stderr)
    assert "plain34" in done.stdout and "resnet34" in done.stdout
    assert {"report.html", "table.json", "overlay.png"} <= {
        p.name for p in (place.work / "comparison/quickstart").iterdir()
    }


@pytest.mark.integration
def test_a_run_works_for_an_unknown_user_without_a_home(tmp_path):
    """The sample of the above that every run of the tests has."""
    where = environment("an unknown user without HOME")
    place = where.place(tmp_path)
    done = where.run(place, *SMALL)
    assert done.returncode == 0, done.stdout + done.stderr
    check(place, None, done.stdout + done.stderr)
    assert (done.stdout + done.stderr).count("there is no home folder") == 1
    done = where.run(place, "ablate-compare", "outputs")
    assert done.returncode == 0, done.stdout + done.stderr
    check(place, None, done.stdout + done.stderr)
