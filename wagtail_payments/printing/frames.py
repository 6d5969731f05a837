"""The language between a site and its drawing process: frames of bytes, each after its length."""

from __future__ import annotations

import json
import struct
from typing import Any, BinaryIO

LENGTH = struct.Struct(">I")


class Broken(EOFError):
    """The other side went away in the middle of a frame, or before it."""


def write(stream: BinaryIO, content: bytes) -> None:
    """Send one frame."""
    stream.write(LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def read(stream: BinaryIO) -> bytes:
    """Receive one frame; raises ``Broken`` when the other side is gone."""
    (length,) = LENGTH.unpack(_exactly(stream, LENGTH.size))
    return _exactly(stream, length)


def write_json(stream: BinaryIO, content: dict[str, Any]) -> None:
    """Send a frame that holds a JSON object."""
    write(stream, json.dumps(content).encode())


def read_json(stream: BinaryIO) -> dict[str, Any]:
    """Receive a frame that holds a JSON object; raises ``Broken``."""
    content: dict[str, Any] = json.loads(read(stream))
    return content


def _exactly(stream: BinaryIO, length: int) -> bytes:
    content = stream.read(length)
    if content is None or len(content) < length:
        raise Broken
    return content
