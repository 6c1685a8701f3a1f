"""Records of an event file, and the fields of the protocol buffers in them, without TensorFlow.

A record is: its length (uint64), a checksum of the length, the data, a checksum of the data; all little-endian. The
checksum is a rotated CRC-32C. Sources: TensorFlow's record_writer.h; the encoding guide of Protocol Buffers.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

from ablation.errors import AblateError
from ablation.redaction import printable
from ablation.rundir.files import Unreadable
from ablation.text import size

HEADER, FOOTER = 12, 4  # bytes: length with its checksum, checksum of the data
MAX_FILE = 500 * 10**6  # bytes
MAX_CHECKED = 2**16  # bytes of data whose checksum is verified: scalars are far smaller, images far larger
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types
POLYNOMIAL = 0x82F63B78  # Castagnoli's, reflected
MASK_DELTA = 0xA282EAD8


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        remainder = byte
        for _ in range(8):
            remainder = (remainder >> 1) ^ (POLYNOMIAL if remainder & 1 else 0)
        table.append(remainder)
    return tuple(table)


CRC_TABLE = _crc_table()


def masked_crc(data: bytes) -> int:
    """The rotated CRC-32C that stands behind data in a record."""
    remainder = 0xFFFFFFFF
    for byte in data:
        remainder = CRC_TABLE[(remainder ^ byte) & 0xFF] ^ (remainder >> 8)
    remainder ^= 0xFFFFFFFF
    return (((remainder >> 15) | (remainder << 17)) + MASK_DELTA) & 0xFFFFFFFF


def records(path: Path) -> Iterator[bytes]:
    """The data of each record. A last record that was not written to its end is left out, as after a kill.

    Raises AblateError for a damaged file and for one larger than MAX_FILE.
    """
    content = _content(path)
    start = 0
    while start + HEADER <= len(content):
        length, checksum = struct.unpack_from("<QI", content, start)
        if masked_crc(content[start : start + 8]) != checksum:
            raise _damaged(path, start)
        first, end = start + HEADER, start + HEADER + length
        if end + FOOTER > len(content):
            return
        data = content[first:end]
        if length <= MAX_CHECKED and masked_crc(data) != struct.unpack_from("<I", content, end)[0]:
            raise _damaged(path, start)
        yield data
        start = end + FOOTER


def _content(path: Path) -> bytes:
    try:
        length = path.stat().st_size
        if length > MAX_FILE:
            raise AblateError(
                f"An event file is too large. Received {printable(str(path))}, with {size(length)}. Allowed: at most "
                f"{size(MAX_FILE)}. Write the scalars without images and graphs, or export them as CSV"
            )
        return path.read_bytes()
    except OSError as error:
        raise AblateError(
            f"An event file cannot be read: {error.strerror}. Received {printable(str(path))}. Allowed: readable "
            "files. Change its permissions, or leave its folder out"
        ) from error


def _damaged(path: Path, start: int) -> AblateError:
    return AblateError(
        f"An event file is damaged. Received {printable(str(path))}, where a checksum does not match at byte "
        f"{start:,}. Allowed: files as TensorBoard's writers leave them. Copy the file again, or leave its folder out"
    )


# ---------------------------------------------------------------- protocol buffers


def fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The number and value of each field: an int for VARINT, bytes for the others. Raises Unreadable."""
    place = 0
    while place < len(message):
        key, place = _varint(message, place)
        number, wire_type = key >> 3, key & 7
        if wire_type == VARINT:
            value, place = _varint(message, place)
            yield number, value
            continue
        length = {FIXED64: 8, FIXED32: 4}.get(wire_type)
        if wire_type == BYTES:
            length, place = _varint(message, place)
        if length is None or place + length > len(message):
            raise Unreadable("not a protocol buffer")
        yield number, message[place : place + length]
        place += length


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(message) and shift < 64:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if not byte & 0x80:
            return value, place
    raise Unreadable("not a protocol buffer")


def number_of(value: int | bytes) -> float:
    """A float or double; nan for a field of another type."""
    if isinstance(value, bytes) and len(value) in (4, 8):
        return float(struct.unpack("<f" if len(value) == 4 else "<d", value)[0])
    return float("nan")
