"""Commands and workers of the benchmark, and the clock that reads a first step from outside."""

import subprocess
import sys
import time

import pytest

from benchmarks.bench import processes

ENGINE = """
import time

class TensorFlowEngine:
    def run(self, first, last):
        time.sleep(0.2)
"""


def test_a_command_s_time_memory_and_output_are_noted(tmp_path):
    finished = processes.run([sys.executable, "-c", "import os; print(os.getcwd())"], tmp_path)
    assert finished.output.strip() == str(tmp_path)
    assert finished.seconds > 0
    assert finished.peak > 1


def test_a_larger_process_has_a_larger_peak():
    """Measured from a new process, because a command's peak is never less than that of the process that starts it."""
    code = (
        "import sys; from benchmarks.bench import processes\n"
        "for size in (1, 300 * 2**20): print(processes.run([sys.executable, '-c', f'bytearray({size})']).peak)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=processes.ROOT, check=True)
    small, large = map(float, done.stdout.split())
    assert small < 200 and 300 < large < 400


def test_a_command_that_fails_stops_the_benchmark_with_its_output():
    with pytest.raises(SystemExit, match="exited with 3:\nwhy"):
        processes.run([sys.executable, "-c", "import sys; print('why'); sys.exit(3)"])


def test_a_worker_that_ends_stops_the_benchmark_with_its_output():
    worker = processes.Worker("no_such_module")
    with pytest.raises(SystemExit, match="no_such_module"):
        worker.ask(epochs=1)


def test_requests_are_answered_in_turn_whatever_else_is_printed():
    code = "from benchmarks.bench import processes; print('noise'); processes.serve(lambda epochs: {'n': epochs})"
    asked = '{"epochs": 2}\n{"epochs": 5}\n'
    done = subprocess.run([sys.executable, "-c", code], input=asked, text=True, capture_output=True, cwd=processes.ROOT)
    replies = [line for line in done.stdout.splitlines() if line.startswith(processes.REPLY)]
    assert replies == ['reply {"n": 2}', 'reply {"n": 5}']


def test_the_first_step_is_timed_in_any_version_and_ends_the_process(tmp_path):
    package = tmp_path / "ablation" / "training"
    package.mkdir(parents=True)
    for folder in (package.parent, package):
        (folder / "__init__.py").touch()
    (package / "tensorflow_engine.py").write_text(ENGINE)
    noted = tmp_path / "noted"
    env = processes.hooked(BENCH_FIRST_STEP=noted)
    code = (
        "from ablation.training.tensorflow_engine import TensorFlowEngine as E; E().run(0, 1); raise SystemExit('late')"
    )
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", code], env=env, check=True, cwd=tmp_path)  # which has the engine
    assert 0.2 < float(noted.read_text()) - began < 30
