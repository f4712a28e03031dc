#!/usr/bin/python3
"""Prints addresses of code, drawn evenly from the executable sections of an ELF file: the same ones
each time. Usage: addresses.py FILE COUNT"""
from __future__ import annotations

import random
import subprocess
import sys


def code(path: str) -> list[tuple[int, int]]:
    """The executable sections: address and size."""
    text = subprocess.run(["readelf", "-SW", path], check=True, capture_output=True, text=True).stdout
    sections: list[tuple[int, int]] = []
    for line in text.splitlines():
        # [Nr] Name Type Address Offset Size EntrySize Flags ...
        fields = line.partition("]")[2].split()
        if len(fields) >= 7 and "X" in fields[6]:
            sections.append((int(fields[2], 16), int(fields[4], 16)))
    return sections


def draw(path: str, count: int) -> list[int]:
    sections = code(path)
    dice = random.Random(1)
    starts = dice.choices(sections, weights=[size for _, size in sections], k=count)
    return [address + dice.randrange(size) for address, size in starts]


if __name__ == "__main__":
    for drawn in draw(sys.argv[1], int(sys.argv[2])):
        print(f"{drawn:#x}")
