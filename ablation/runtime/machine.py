"""The machine: CPU, memory, GPUs."""

import contextlib
import itertools
import os
import platform
from pathlib import Path

INSTRUCTIONS = ("avx", "amx", "fma", "f16c", "sse4", "neon", "asimd", "sve", "bf16", "i8mm")


def cores() -> int:
    """The number of CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def gpus() -> list[str]:
    """The GPUs that this process may use, named as in CUDA_VISIBLE_DEVICES. Does not initialise any GPU."""
    if "CUDA_VISIBLE_DEVICES" in os.environ:
        names = [name.strip() for name in os.environ["CUDA_VISIBLE_DEVICES"].split(",")]
        return list(itertools.takewhile(lambda name: name not in ("", "-1"), names))
    driver = Path("/proc/driver/nvidia/gpus")
    return [str(i) for i in range(len(list(driver.iterdir())))] if driver.is_dir() else []


def memory() -> int:
    """Free memory in bytes, of the machine or, if it is less, within the container's limit."""
    import psutil  # imported here because only n_jobs=auto needs it

    available = psutil.virtual_memory().available
    with contextlib.suppress(OSError, ValueError):  # `max` means no limit
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


def features() -> list[str] | None:
    """The features of the CPU, sorted; None if the system does not list them."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return None
    return sorted(
        next((line.partition(":")[2].split() for line in lines if line.startswith(("flags", "Features"))), [])
    )


def vector_extensions() -> str:
    """The vector extensions of the CPU: they determine which kernels run, and thus the last bits of a result."""
    found = features()
    if found is None:
        return platform.machine()
    return " ".join(word for word in found if word.startswith(INSTRUCTIONS))
