"""The machine: cores, memory, GPUs."""

import contextlib
import itertools
import os
import platform
from pathlib import Path

INSTRUCTIONS = ("avx", "amx", "fma", "f16c", "sse4", "neon", "asimd", "sve", "bf16", "i8mm")


def cores() -> int:
    """Processor cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def gpus() -> list[str]:
    """The GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them; found without touching one."""
    if "CUDA_VISIBLE_DEVICES" in os.environ:
        names = [name.strip() for name in os.environ["CUDA_VISIBLE_DEVICES"].split(",")]
        return list(itertools.takewhile(lambda name: name not in ("", "-1"), names))
    driver = Path("/proc/driver/nvidia/gpus")
    return [str(i) for i in range(len(list(driver.iterdir())))] if driver.is_dir() else []


def memory() -> int:
    """Bytes that are free here: of the machine, or of the container where that has a limit."""
    import psutil  # only n_jobs=auto asks

    available = psutil.virtual_memory().available
    with contextlib.suppress(OSError, ValueError):  # a limit of `max` is none
        group = Path("/sys/fs/cgroup")
        used = int((group / "memory.current").read_text())
        available = min(available, int((group / "memory.max").read_text()) - used)
    return available


def processor_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor()


def vector_extensions() -> str:
    """The vector extensions of the processor, which decide the kernels and so the last bits."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    words = next((line.partition(":")[2].split() for line in lines if line.startswith(("flags", "Features"))), [])
    return " ".join(sorted(word for word in words if word.startswith(INSTRUCTIONS)))
