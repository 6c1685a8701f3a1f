"""TensorBoard event files as the writers of TensorFlow, Keras and PyTorch leave them, written without any of them."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def crc32c(data: bytes) -> int:
    """Bit by bit, unlike the program's table."""
    remainder = 0xFFFFFFFF
    for byte in data:
        remainder ^= byte
        for _ in range(8):
            remainder = (remainder >> 1) ^ (0x82F63B78 * (remainder & 1))
    return remainder ^ 0xFFFFFFFF


def masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return struct.pack("<I", (((crc >> 15) | (crc << 17 & 0xFFFFFFFF)) + 0xA282EAD8) & 0xFFFFFFFF)


def record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + masked(length) + data + masked(data)


def varint(value: int) -> bytes:
    written = b""
    while value > 127:
        written += bytes([value & 127 | 128])
        value >>= 7
    return written + bytes([value])


def part(number: int, content: bytes | str | int | float) -> bytes:
    """A field: a double for a float."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    if isinstance(content, float):
        return varint(number << 3 | 1) + struct.pack("<d", content)
    data = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(data)) + data


def event(step: int, *values: bytes) -> bytes:
    summary = b"".join(part(1, value) for value in values)
    return part(1, 1.7e9 + step) + (part(2, step) if step else b"") + part(5, summary)


def simple(tag: str, value: float) -> bytes:
    """As PyTorch writes a scalar."""
    return part(1, tag) + varint(2 << 3 | 5) + struct.pack("<f", value)


def tensor(tag: str, value: float, as_content: bool = True) -> bytes:
    """As TensorFlow 2 and Keras write a scalar."""
    data = struct.pack("<f", value)
    content = part(4, data) if as_content else part(5, data)
    metadata = part(1, part(1, "scalars"))
    return part(1, tag) + part(8, part(1, 1) + part(2, b"") + content) + part(9, metadata)


def image(tag: str) -> bytes:
    return part(1, tag) + part(4, part(1, 8) + part(4, b"\x89PNG" * 20))


def hparams(settings: Mapping[str, Any]) -> bytes:
    """As add_hparams and TensorBoard's plugin write the settings of a run."""
    entries = b""
    for key, value in settings.items():
        if isinstance(value, bool):
            of_value = part(4, int(value))
        elif isinstance(value, str):
            of_value = part(3, value)
        else:
            of_value = part(2, float(value))
        entries += part(1, part(1, key) + part(2, of_value))
    data = part(1, part(1, "hparams") + part(2, part(3, entries)))
    return part(1, "_hparams_/session_start_info") + part(9, data)


def ended(status: int) -> bytes:
    data = part(1, part(1, "hparams") + part(2, part(4, part(1, status))))
    return part(1, "_hparams_/session_end_info") + part(9, data)


def write(folder: Path, events: list[bytes], opened: int = 1700000000, cut: int = 0) -> Path:
    """Write an event file. opened: when, in its name. cut: bytes missing at its end, as after a kill."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"events.out.tfevents.{opened}.host.1.0"
    content = b"".join(map(record, [part(1, 1.7e9) + part(3, "brain.Event:2"), *events]))
    path.write_bytes(content[: len(content) - cut])
    return path


def scalars(tag: str, values: Mapping[int, float], form=simple) -> list[bytes]:
    return [event(step, form(tag, value)) for step, value in values.items()]
