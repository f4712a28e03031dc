"""The file that a harness and its driver both map: see control.h."""

from __future__ import annotations

import mmap
import struct
from pathlib import Path

FIELDS = ("executions", "calls", "throws", "ignored")
KINDS = 1024
SIZE = 8 * (len(FIELDS) - 1) + KINDS // 8


class Control:
    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(bytes(SIZE))
        with path.open("r+b") as file:
            self.map = mmap.mmap(file.fileno(), SIZE)

    def read(self, field: str) -> int:
        value: int = struct.unpack_from("<Q", self.map, 8 * FIELDS.index(field))[0]
        return value

    def ignore(self, bits: int) -> None:
        """From now on an input that breaks one of these properties ends quietly."""
        at = 8 * FIELDS.index("ignored")
        self.map[at:at + KINDS // 8] = bits.to_bytes(KINDS // 8, "little")
