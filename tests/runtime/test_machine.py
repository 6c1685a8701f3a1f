"""What the machine has: cores, memory, processor, GPUs."""

import os
import platform
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from ablation.runtime import machine

X86 = "processor\t: 0\nmodel name\t: Xeon 8481C\nflags\t\t: fpu sse2 avx2 fma avx avx512f sse4_2\n\nflags\t: none\n"
ARM = "processor\t: 0\nFeatures\t: fp asimd sve i8mm crc32\n"


@pytest.mark.parametrize(
    ("visible", "expected"),
    [("0,1", ["0", "1"]), ("", []), ("-1", []), ("2,-1,3", ["2"]), ("GPU-8932f937, MIG-1", ["GPU-8932f937", "MIG-1"])],
)
def test_gpus_are_those_that_cuda_would_show(monkeypatch, visible, expected):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert machine.gpus() == expected


@pytest.fixture
def files(monkeypatch):
    """The content of files that the machine would have, by path; any other is missing."""
    content = {}

    def read_text(path, *arguments, **keywords):
        if str(path) not in content:
            raise FileNotFoundError(path)
        return content[str(path)]

    monkeypatch.setattr(Path, "read_text", read_text)
    return content


@pytest.mark.parametrize("count", [0, 3])
def test_without_the_variable_all_gpus_of_the_driver_are_seen(monkeypatch, tmp_path, count):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for i in range(count):
        (tmp_path / f"0000:{i}").mkdir()
    monkeypatch.setattr(machine, "Path", lambda path: {"/proc/driver/nvidia/gpus": tmp_path}[path])
    assert machine.gpus() == [str(i) for i in range(count)]
    monkeypatch.setattr(machine, "Path", lambda path: tmp_path / "missing")
    assert machine.gpus() == []


def test_cores_are_those_that_this_process_may_use(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 3, 7}, raising=False)
    assert machine.cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert machine.cores() == 1


@pytest.mark.parametrize(
    ("limit", "used", "free"),
    [("1000", "400", 600), ("9000", "400", 5000), ("max", "400", 5000), (None, "400", 5000), ("1000", None, 5000)],
)
def test_memory_is_the_machine_s_or_what_a_container_s_limit_leaves(monkeypatch, files, limit, used, free):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=5000))
    for name, text in (("max", limit), ("current", used)):
        if text is not None:
            files[f"/sys/fs/cgroup/memory.{name}"] = f"{text}\n"
    assert machine.memory() == free


@pytest.mark.parametrize(("cpuinfo", "name"), [(X86, "Xeon 8481C"), (ARM, "other"), (None, "other")])
def test_the_processor_has_its_name(monkeypatch, files, cpuinfo, name):
    monkeypatch.setattr(platform, "processor", lambda: "other")
    if cpuinfo is not None:
        files["/proc/cpuinfo"] = cpuinfo
    assert machine.processor_name() == name


@pytest.mark.parametrize(
    ("cpuinfo", "extensions"),
    [(X86, "avx avx2 avx512f fma sse4_2"), (ARM, "asimd i8mm sve"), ("processor: 0\n", ""), (None, "arm64")],
)
def test_vector_extensions_are_sorted_and_those_of_the_first_core(monkeypatch, files, cpuinfo, extensions):
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    if cpuinfo is not None:
        files["/proc/cpuinfo"] = cpuinfo
    assert machine.vector_extensions() == extensions
