"""Studies of programs: run as planned, completed after kills, judged; broken programs are named and not judged."""

import json
import signal
import subprocess
import sys
import time

import psutil
import pytest
from support import commands

from ablation.rundir.record import read_record

pytestmark = pytest.mark.integration
PYTHON = sys.executable
SOUND = """
import argparse, json, os, random, time
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--mixup", action=argparse.BooleanOptionalAction)
parser.add_argument("--norm")
parser.add_argument("--seed", type=int)
parser.add_argument("--out")
parser.add_argument("--fast", action="store_true")
a = parser.parse_args()
print("training with", a.lr, a.mixup, a.norm)
score = 0.7 + 0.1 * a.mixup + 0.05 * (a.norm == "batch") + 0.02 * random.Random(a.seed).random()
if not a.fast:
    time.sleep(WAIT)
json.dump({"test": {"score": score}}, open(os.path.join(a.out, "result.json"), "w"))
"""
STUDY = {
    "command": [PYTHON, "train.py", "{args}", "--seed", "{seed}", "--out", "{dir}"],
    "metric": {"name": "score", "file": "{dir}/result.json", "key": "test.score"},
    "baseline": {"lr": 0.1, "mixup": True, "norm": "batch"},
    "components": {"mixup": {"mixup": False}, "norm": {"remove": {"norm": "none"}, "with": {"lr": 0.01}}},
    "code": ["train.py"],
    "smoke": ["--fast"],
    "seeds": 3,
}


def declare(folder, text, **study):
    """A study of a program with this text. Keys that are None are left out."""
    (folder / "my" / "study").mkdir(parents=True, exist_ok=True)
    (folder / "train.py").write_text(text)
    declared = {key: value for key, value in (STUDY | study).items() if value is not None}
    (folder / "my" / "study" / "s.yaml").write_text(f"# @package _global_\nstudy: {json.dumps(declared)}\n")


def call(folder, *words, command="ablate"):
    mode = ["-m"] if command == "ablate" else []
    return subprocess.run(
        [commands.BIN / command, *mode, "--config-dir", "my", "+study=s", *words],
        cwd=folder, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def test_a_program_of_several_files_has_the_environment_of_the_shell(tmp_path, monkeypatch):
    monkeypatch.setenv("MPLBACKEND", "svg")
    text = "import os, helper\nassert os.environ['MPLBACKEND'] == 'svg' and 'HYDRA_FULL_ERROR' not in os.environ\n"
    declare(tmp_path, text + SOUND.replace("WAIT", "0"))
    (tmp_path / "helper.py").write_text("")
    done = call(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    listed = subprocess.run([commands.BIN / "ablate-runs"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "Result" in listed.stdout and listed.stdout.count("score 0.") == 9


def test_without_code_the_script_that_the_command_names_decides(tmp_path):
    declare(tmp_path, SOUND.replace("WAIT", "0"), code=None)
    assert call(tmp_path).returncode == 0
    (tmp_path / "train.py").write_text(SOUND.replace("WAIT", "0").replace("0.7 +", "0.6 +"))
    again = call(tmp_path)
    assert again.returncode == 0 and "already done" not in again.stdout
    declare(tmp_path, SOUND.replace("WAIT", "0"), code=["."], smoke=None)  # without the outputs in it
    assert call(tmp_path).returncode == 0 and "9 runs, all already done" in call(tmp_path).stdout


def test_code_that_changes_meanwhile_is_named(tmp_path):
    text = SOUND.replace("WAIT", "0") + "\nopen('data.txt', 'a').write('x')\n"
    declare(tmp_path, text, data=["data.txt"], smoke=None)
    (tmp_path / "data.txt").write_text("")
    done = call(tmp_path, "n_jobs=1")
    assert done.returncode == 2 and "have changed since the command began (train.py and data.txt)" in said(done)


@pytest.mark.parametrize("command", ["ablate", pytest.param("ablate-plan", marks=pytest.mark.slow)])
def test_an_interrupted_preflight_check_leaves_nothing_running(tmp_path, command):
    slow = "import time\nfor _ in range(200): open('ticks', 'a').write('.'); time.sleep(0.1)\n"
    declare(tmp_path, slow, command=["sh", "run.sh", "{args}", "--seed", "{seed}", "--out", "{dir}"])
    (tmp_path / "run.sh").write_text(f"{PYTHON} train.py\necho done\n")
    for number, code in ((signal.SIGTERM, 143), (signal.SIGKILL, -9)):
        (tmp_path / "ticks").unlink(missing_ok=True)
        mode = ["-m"] if command == "ablate" else []
        words = [commands.BIN / command, *mode, "--config-dir", "my", "+study=s"]
        started = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        until = time.monotonic() + 60
        while not (tmp_path / "ticks").exists() and time.monotonic() < until:
            time.sleep(0.1)
        started.send_signal(number)
        output = started.communicate(timeout=60)[0].decode()
        assert started.returncode == code, output
        assert number == signal.SIGKILL or "Nothing was started" in output
        time.sleep(2)
        size = (tmp_path / "ticks").stat().st_size
        time.sleep(0.5)
        assert (tmp_path / "ticks").stat().st_size == size > 0


@pytest.mark.parametrize(
    ("text", "keys", "key"),
    [
        ("0.7 + 0.1 * a.mixup + 1e-9 * random.random()", {}, "metric over seeds"),
        ("0.7 + 0.01 * a.seed", {"margin": 0.05}, "metric by seed"),
    ],
)
def test_what_ignores_its_seed_or_its_flag_has_no_verdict(tmp_path, text, keys, key):
    whole = SOUND.replace("WAIT", "0")
    line = next(each for each in whole.splitlines() if each.startswith("score ="))
    declare(tmp_path, whole.replace(line, f"score = {text}"), components={"mixup": {"mixup": False}}, **keys)
    call(tmp_path)
    words = [commands.BIN / "ablate-compare", "outputs", "--json"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    (variant,) = json.loads(done.stdout)["experiments"][0]["variants"][1:]
    assert variant["verdict"] is None and any(key in each for each in variant["not_comparable"])


@pytest.mark.parametrize(
    ("style", "name", "baseline", "removed"),
    [("argparse", "lr", 0.1, "0.1"), ("switch", "mixup", None, False), ("value", "mixup", True, "True")],
)
def test_removals_that_change_no_word_of_the_command_are_refused(tmp_path, style, name, baseline, removed):
    study = {"flags": style, "baseline": {"norm": "batch", name: baseline}, "components": {"part": {name: removed}}}
    declare(tmp_path, SOUND.replace("WAIT", "0"), **study, smoke=None)
    done = call(tmp_path)
    assert done.returncode == 1 and "start the program alike, so nothing is removed" in said(done)


def test_max_hours_keeps_later_runs_from_starting_until_it_is_raised(tmp_path):
    declare(tmp_path, SOUND.replace("WAIT", "2"), smoke=None, max_hours=0.001)  # 3.6 s
    capped = call(tmp_path, "n_jobs=1")
    assert capped.returncode == 2
    assert "of its max_hours: 0.001, and 8 runs did not start" in said(capped)
    again = call(tmp_path, "n_jobs=1")
    assert again.returncode == 1 and "more than its max_hours" in said(again)
    done = call(tmp_path, "study.max_hours=1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((tmp_path / "outputs" / "studies" / "s").iterdir())) == 1  # the same plan


def said(done):
    assert "Traceback (most recent call last)" not in done.stderr, done.stderr
    return " ".join((done.stdout + done.stderr).split())


def table(folder):
    judged = commands.call(folder, "outputs", "--out", "compared", command="ablate-compare")
    assert judged.returncode in (0, 2), judged.stdout + judged.stderr
    rows = json.loads((folder / "compared" / "table.json").read_text())["variants"]
    return {row["variant"]: row for row in rows}


def processes(folder):
    """The command lines of live processes that mention a folder."""
    lines = []
    for process in psutil.process_iter(["cmdline", "status", "cwd"]):
        about = [*(process.info["cmdline"] or []), process.info["cwd"] or ""]
        if process.info["status"] != psutil.STATUS_ZOMBIE and any(str(folder) in word for word in about):
            lines.append(" ".join(about))
    return lines


def test_a_study_that_is_killed_twice_is_completed_by_the_same_command_and_judged(tmp_path):
    declare(tmp_path, SOUND.replace("WAIT", "0.5"))
    plan = call(tmp_path, command="ablate-plan")
    assert plan.returncode == 0 and "all 3 cells run; a brief run takes" in said(plan)
    assert "Equal initial weights" in said(plan)
    for number, least in ((signal.SIGKILL, 1), (signal.SIGTERM, 3)):
        words = [commands.BIN / "ablate", "-m", "--config-dir", "my", "+study=s"]
        driver = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        commands.wait_for(lambda least=least: len(completed(tmp_path)) >= least)
        before = completed(tmp_path)
        driver.send_signal(number)
        assert driver.wait() == (-9 if number == signal.SIGKILL else 143)
        commands.wait_for(lambda: not processes(tmp_path))
    done = call(tmp_path)
    assert done.returncode == 0, said(done)
    after = completed(tmp_path)
    assert {name: after[name] for name in before} == before  # none was repeated
    rows = table(tmp_path)
    assert [row["verdict"] for row in rows.values()] == [None, "worse", "worse"]
    assert rows["-mixup"]["difference"] == pytest.approx(-0.1) and rows["-norm"]["n"] == 3
    assert said(call(tmp_path)).count("all already done") == 1


def completed(folder):
    """The names and checksums of the runs that are completed."""
    runs = {}
    for run in commands.runs(folder / "outputs"):
        try:
            record = read_record(run)
        except Exception:  # it is being written for the first time
            continue
        if record.status == "completed":
            runs[run.name] = record.checksum
    return runs


def test_a_launcher_of_another_project_runs_it_too(tmp_path):
    declare(tmp_path, SOUND.replace("WAIT", "0"), seeds=2)
    done = call(tmp_path, "hydra/launcher=joblib", "hydra.launcher.n_jobs=2")
    assert done.returncode == 0 and len(completed(tmp_path)) == 6, said(done)
    (run, *_) = commands.runs(tmp_path / "outputs")
    assert call(tmp_path).returncode == 0 and read_record(run).attempt == 1


HEAD = """import json, os, subprocess, sys, time
fast, mixup = "--fast" in sys.argv, "--mixup" in sys.argv
args = [word for word in sys.argv if word != "--fast"]
out, seed = args[-1], int(args[-3])
"""
WRITE = "json.dump({'test': {'score': 0.5 + 0.1 * mixup + 0.001 * seed}}, open(out + '/result.json', 'w'))\n"
JUDGED = {"better", "worse", "equivalent", "inconclusive"}
# (program, changes of the study, words typed, exit code, what must be named)
BROKEN = {
    "unknown flag": (
        SOUND.replace("WAIT", "0"), {"components": {"ema": {"ema": 0.9}}}, [], 1, "unrecognized arguments",
    ),
    "import that fails": (HEAD + "import no_such_module", {}, [], 1, "No module named 'no_such_module'"),
    "missing key": (HEAD + WRITE.replace("score", "loss"), {}, [], 1, "no key test.score; it has loss"),
    "text for a number": (HEAD + WRITE.replace("0.5 +", "str(mixup) or"), {}, [], 1, "is not a number"),
    "no JSON": (HEAD + "open(out + '/result.json', 'w').write('score: 1')", {}, [], 1, "is not JSON"),
    "printed twice": (
        HEAD + "print('score=1\\nscore=2')", {"metric": {"name": "score", "stdout": "score=(.*)"}}, [], 1,
        "it printed 2 values",
    ),
    "needs a terminal": (HEAD + "open('/dev/tty')", {}, [], 1, "/dev/tty"),
    "reads input": (HEAD + "input('continue? ')", {}, [], 1, "EOFError"),
    "other folder": (HEAD + WRITE, {"cwd": "no/such/folder"}, [], 1, "there is no working folder"),
    "no such program": (HEAD, {"command": ["./train", "{args}", "{seed}"]}, [], 1, "is no program that is installed"),
    "deaf to the seed": (HEAD + WRITE.replace("seed", "0"), {}, [], 0, "whatever their seed"),
    "ignores a flag": (HEAD + WRITE.replace("mixup", "1"), {}, [], 0, "prints and measures the same as the baseline"),
    "writes NaN": (HEAD + WRITE.replace("0.001 * seed", "float('nan')"), {}, [], 2, "its metric is nan"),
    "infinite": (HEAD + WRITE.replace("0.001 * seed", "float('inf')"), {}, [], 2, "its metric is inf"),
    "fixed path": (HEAD + WRITE.replace("out + '/", "'"), {}, [], 2, "it left no file"),
    "exits before": (HEAD + "sys.exit(0)\n" + WRITE, {}, [], 2, "it exited with code 0, but it left no file"),
    "writes after its end": (
        HEAD + "if os.fork():\n    sys.exit(0)\nos.setsid()\ntime.sleep(1)\n" + WRITE, {}, [], 2, "it left no file",
    ),
    "fails late": (HEAD + "fast or sys.exit('out of luck')\n" + WRITE, {}, [], 2, "exited with code 1: out of luck"),
    "killed by a signal": (HEAD + "fast or os.kill(os.getpid(), 9)\n" + WRITE, {}, [], 2, "killed by SIGKILL"),
    "hangs": (HEAD + "fast or time.sleep(3600)\n" + WRITE, {"seeds": 1}, ["job_timeout=2"], 2, "job_timeout=2 s"),
    "hangs and ignores signals": (
        HEAD + "import signal; signal.signal(15, signal.SIG_IGN); fast or time.sleep(3600)\n" + WRITE,
        {"seeds": 1, "components": {"mixup": {"mixup": False}}}, ["job_timeout=1"], 2, "job_timeout=1 s",
    ),
    "leaves a child": (
        HEAD + WRITE + "subprocess.Popen(['sleep', '3600'], start_new_session=True)", {}, [], 0,
        "processes running (sleep), which were stopped",
    ),
    "prints a gigabyte": (
        HEAD + "for i in range(1 if fast else 10**5): print('x' * 10**4)\n" + WRITE, {"seeds": 1}, [], 0, "completed",
    ),
    "one file of two cells": (HEAD + WRITE + "open('log', 'a').write('x')", {}, [], 0, "several cells write log below"),
    "another result each time": (
        HEAD + WRITE.replace("0.001 * seed", "0.001 * (time.time() % 1)"), {}, [], 0, "not bit-exact",
    ),
    "a half-written file": (
        HEAD + "open(out + '/result.json', 'w').write('{\"test\": {' if not fast else '{\"test\": {\"score\": 1}}')",
        {}, [], 2, "is not JSON",
    ),
}  # fmt: skip
QUICK = {"unknown flag", "deaf to the seed", "writes NaN", "leaves a child"}


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in BROKEN]
)
def test_a_broken_program_is_named_and_gets_no_verdict(tmp_path, name):
    folder = tmp_path / "a folder" / "with spaces"
    folder.mkdir(parents=True)
    text, changes, words, code, named = BROKEN[name]
    declare(folder, text, **changes)
    began = time.monotonic()
    done = call(folder, *words)
    assert named in said(done), said(done)
    assert done.returncode == code and time.monotonic() - began < 240
    commands.wait_for(lambda: not processes(folder), 60)
    if code == 1:
        assert not list(folder.glob("outputs/train-*"))
        assert "Nothing was started." in said(done) or "brief run" not in said(done)
    elif name == "ignores a flag":
        assert table(folder)["-mixup"]["verdict"] not in JUDGED
    elif name not in ("leaves a child", "another result each time", "one file of two cells"):
        rows = table(folder) if any(completed(folder)) else {}
        assert not {row["verdict"] for row in rows.values()} & JUDGED
    logs = sum(path.stat().st_size for path in folder.glob("outputs/*/run.log"))
    assert logs < 100 * 2**20


def test_a_variable_of_the_environment_reaches_the_program_and_no_secret_the_record(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "hunter2hunter2")
    text = "import json, os, sys\n"
    text += "json.dump({'test': {'score': float(os.environ['LR'])}}, open(sys.argv[2] + '/result.json', 'w'))"
    declare(
        tmp_path, text, command=[PYTHON, "train.py", "{seed}", "{dir}"], flags="env", baseline={"LR": 0.5},
        components={"lr": {"LR": 0.25}}, seeds=1, smoke=None,
    )  # fmt: skip
    assert call(tmp_path).returncode == 0
    scores = sorted(read_record(run).metrics.scores["result"]["score"] for run in commands.runs(tmp_path / "outputs"))
    assert scores == [0.25, 0.5]
    files = [path for path in (tmp_path / "outputs").rglob("*") if path.is_file()]
    assert files and not any(b"hunter2" in path.read_bytes() for path in files)
