"""No traceback is reachable by input: whatever is typed, or stands in a file, a command ends with a paragraph or a run.

Nothing is trained: configurations are composed, checked and planned. Some cases run always, all of them in `make slow`.
"""

import shutil
import time
import warnings

import pytest
from support import odd_input
from support.odd_input import Case

from ablation.cli import ablate, ablate_compare, ablate_plan

pytestmark = pytest.mark.integration  # whole commands

MAINS = {"ablate": ablate.main, "ablate-plan": ablate_plan.plan, "ablate-compare": ablate_compare.main}
CHUNK = 50  # cases of one test
SAMPLED_LINES, SAMPLED_FILES = range(0, odd_input.LINES, 50), range(0, odd_input.FILES, 15)
LONGEST = 30.0  # seconds of processor time for one command


@pytest.fixture
def failures(untrained, monkeypatch, tmp_path, capfd):
    """Run cases in a folder with odd things in it; returns what is wrong with them."""
    from hydra.core.global_hydra import GlobalHydra

    monkeypatch.setattr(GlobalHydra.instance(), "hydra", None)
    monkeypatch.chdir(tmp_path)
    odd_input.prepare(tmp_path)
    present = set(tmp_path.iterdir())

    def of(case: Case) -> str | None:
        for name, content in case.files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.mkdir() if content is None else path.write_bytes(content)
        monkeypatch.setattr("sys.argv", [case.command, *case.words])
        capfd.readouterr()
        began = time.process_time()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("default")  # as in a process of its own
                code = MAINS[case.command]()
        except SystemExit as ended:
            code = ended.code
        except Exception as error:
            return f"{type(error).__name__}: {str(error)[:300]}"
        finally:
            shutil.rmtree(tmp_path / "given", ignore_errors=True)
        said = capfd.readouterr()
        left = set(tmp_path.iterdir()) - present
        for path in left:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if time.process_time() - began > LONGEST:
            return f"it took {time.process_time() - began:.0f} s"
        if code and left:  # a study that is accepted leaves its plan
            return f"left {sorted(path.name for path in left)}"
        return wrong(case, code, said.err)

    return lambda numbered: {number: problem for number, case in numbered if (problem := of(case))}


def wrong(case: Case, code: object, error: str) -> str | None:
    """What is wrong with how a command has ended; None if nothing is."""
    if "Traceback" in error or code not in (0, 1, 2, None):
        return f"code {code}: {error[-400:]}"
    is_refusal = error.startswith(f"{case.command}: ") and error.endswith("\n") and error.count(". ") > 0
    if code in (1, 2) and not is_refusal:
        return f"code {code}: {error[-400:]!r}"
    return None


def numbered(kind, numbers):
    return [(f"{kind.__name__} {number}", kind(number)) for number in numbers]


def test_some_odd_command_lines_end_with_a_paragraph_or_a_run(failures):
    assert not failures(numbered(odd_input.command_line, SAMPLED_LINES))


def test_some_odd_files_end_with_a_paragraph_or_a_run(failures):
    assert not failures(numbered(odd_input.file, SAMPLED_FILES))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, odd_input.LINES, CHUNK))
def test_all_odd_command_lines_end_with_a_paragraph_or_a_run(failures, first):
    assert not failures(numbered(odd_input.command_line, range(first, first + CHUNK)))


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, odd_input.FILES, CHUNK))
def test_all_odd_files_end_with_a_paragraph_or_a_run(failures, first):
    assert not failures(numbered(odd_input.file, range(first, first + CHUNK)))


def test_a_traceback_is_noticed():
    case = Case("ablate", ["seed=1"])
    assert wrong(case, 0, "") is None and wrong(case, 1, "ablate: It is wrong. Type seed=0\n") is None
    assert (
        wrong(case, 1, "Traceback (most recent call last):\n")
        and wrong(case, 1, "")
        and wrong(case, 3, "ablate: a. b\n")
    )
