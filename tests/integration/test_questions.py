"""Every question of docs/questions.md is answered by its command, on a folder of some weeks."""

import json
import re
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support import lived_in

from ablation.cli import ablate_compare
from ablation.cli.runs import ablate_runs
from ablation.report.figures import files as figures
from ablation.rundir import discovery

pytestmark = pytest.mark.integration  # whole commands

PAGE = Path(__file__).resolve().parents[2] / "docs" / "questions.md"
ROW = re.compile(r"^\| (?P<question>[^|]+?) \| `(?P<command>[^`]+)` \|$", re.MULTILINE)
QUESTIONS = {match["question"]: match["command"] for match in ROW.finditer(PAGE.read_text())}
MAINS = {"ablate-compare": ablate_compare.main, "ablate-runs": ablate_runs.main}


@dataclass
class Answer:
    """What a command said. code: its exit code. text: standard output."""

    code: int
    text: str

    def variants(self, folder: str = "comparison") -> dict[str, dict]:
        return {each["variant"]: each for each in json.loads(Path(folder, "table.json").read_text())["variants"]}


@pytest.fixture
def answer(quick, tmp_path, monkeypatch, capsys):
    """Answer a question of the page in the folder, from the folder above `outputs`."""
    today = datetime.now(UTC)
    lived_in.make(quick, tmp_path / "outputs", today)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(figures, "files", lambda plots, **_: {})  # drawing takes most of the time

    def answered(question: str) -> Answer:
        program, *words = shlex.split(QUESTIONS[question])
        if "--delete" in words:
            words.append("--yes")  # there is no terminal to ask
        capsys.readouterr()
        code = MAINS[program](words)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Answer(code, said.out)

    with lived_in.running(tmp_path / "outputs", today):
        yield answered


def runs() -> set[str]:
    return {path.name for path in discovery.find([Path("outputs")])}


def test_the_page_has_more_than_twenty_questions():
    assert len(QUESTIONS) > 20


def test_results(answer):
    said = answer("What have I run so far, and what came out?")
    index = json.loads(Path("comparison/index.json").read_text())
    listed = [each["path"] for each in (*index["runs"], *index["excluded"])]
    assert len(listed) == len(set(listed)) == 166 and said.text.startswith("10 experiments, the newest first.")
    assert Path("comparison/index.html").is_file()

    answer("Which component makes it work?")
    found = Answer(0, "").variants()
    assert {label for label, each in found.items() if each["verdict"] == "worse"} == {
        "-shortcut",
        "-norm",
        "-activation",
    }

    said = answer("Are plain and residual networks different on CIFAR-10?")
    assert Answer(0, "").variants()["resnet34"]["verdict"] == "better" and "Left out" in said.text

    answer("What came out of the sweep that I tagged?")
    assert len(Answer(0, "").variants()) == 10

    answer("Which learning rate is best with group norm?")
    assert len(Answer(0, "").variants()) == 3

    said = answer("Do two components interact?")
    assert "interaction" in said.text and "shortcut × norm" in said.text

    answer("Is a removal harmless within one percentage point?")
    assert Answer(0, "").variants()["-dropout"]["verdict"] == "equivalent"

    assert "would detect 0.005" in answer("How many seeds would detect half a percentage point?").text
    assert "Epochs to 0.4" in answer("How soon does each variant reach 40 %?").text
    answer("How do all runs compare in one table?")
    assert len(Answer(0, "").variants()) > 20


def test_the_demo(answer):
    said = answer("What does it look like, before I have run anything?")
    assert said.code == 0 and "-shortcut is worse" in said.text and Path("ablate-demo/report.html").is_file()


def test_for_a_paper(answer):
    answer("The table of a study in percent for LaTeX?")
    table = Path("paper/table.tex").read_text()
    assert r"\toprule" in table and re.search(r"9\d\.\d", table) and "digits" in table
    assert answer("Does the table in the paper still match the runs?").text.endswith("matches the runs.\n")
    Path("paper/table.tex").write_text(table.replace("worse", "better"))
    assert answer("Does the table in the paper still match the runs?").code == 2

    said = answer("Only the verdicts, the most harmful removal first?")
    lines = [line.split()[0] for line in said.text.splitlines() if line.startswith("-")]
    assert lines[:2] == ["-shortcut", "-activation"] and "Params" not in said.text

    answer("What do I write in the methods section?")
    assert "seed" in Path("paper/quickstart/methods.md").read_text()
    answer("Figures without captions, for captions of my own?")
    assert Path("comparison/report.html").is_file()


def test_runs(answer):
    said = answer("Which runs failed, and why?")
    assert "No space left on device" in said.text and "1 failed" in said.text
    assert "1 running" in answer("What is running now?").text
    assert "resnet50" in answer("What have I run in the last three days?").text
    assert "15 completed" in answer("Which runs of ResNet-34 have group norm?").text
    assert answer("What takes the most space?").code == 0
    answer("Which runs belong to the paper? First mark them.")
    assert "56 completed" in answer("Then list them.").text or "57 completed" in answer("Then list them.").text
    assert len(json.loads(answer("All runs for a script of mine?").text)["runs"]) == 166
    assert answer("How large is the cache of decoded images and compiled programs?").code == 0


def test_deleting(answer):
    before = runs()
    answer("Delete everything of last week's sweep.")
    assert len(before) - len(runs()) == 46  # with the run that diverged
    answer("Delete what failed or was stopped.")
    assert len(before) - len(runs()) == 48
    answer("Which component makes it work?")
    assert Answer(0, "").variants()["-norm"]["verdict"] == "worse"
