"""Where things are, and how they are built."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUZZ = ROOT / "fuzz"
BUILD = ROOT / "build"
SEEDS = ROOT / "corpus" / "seeds"
REGRESSIONS = ROOT / "corpus" / "regressions"

SANITIZERS = ("address", "memory", "thread", "none")


class Misuse(Exception):
    """What was asked for cannot be: exit 2."""


class Trouble(Exception):
    """The machine, a tool or a build fails: exit 4."""


def targets() -> list[str]:
    return sorted(path.stem for path in (FUZZ / "targets").glob("*.c"))


def check_target(name: str) -> str:
    if name not in targets():
        raise Misuse(f"no target '{name}'; the targets are: {', '.join(targets())}")
    return name


def properties() -> list[str]:
    """The names of the oracle's properties, in the order of their bits."""
    names = re.findall(r'P\([A-Z_]+, "([a-z-]+)"', (FUZZ / "report.h").read_text())
    if len(names) < 2:
        raise Trouble("fuzz/report.h lists no properties")
    return names


def most_input() -> int:
    """Bytes of the longest input that the format allows."""
    text = (FUZZ / "format.h").read_text()
    found = re.search(r"OP_BYTES = (\d+),\s*MOST_OPS = (\d+)", text)
    if not found:
        raise Trouble("fuzz/format.h does not say how long an input may be")
    return 1 + int(found[1]) * int(found[2])


def build(variant: str, *names: str) -> Path:
    """Builds these of fuzz/meson.build and returns the folder that they are in."""
    done = subprocess.run(
        [ROOT / "ci" / "build", variant, *(f"fuzz/{name}" for name in names)],
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise Trouble(f"{variant} does not build:\n{done.stderr.strip()}")
    return BUILD / variant / "fuzz"


def need(*sets: str) -> None:
    done = subprocess.run([ROOT / "ci" / "need", *sets], check=False)
    if done.returncode != 0:
        raise SystemExit(done.returncode)


def quiet_environment() -> dict[str, str]:
    """Of a program under test: the sanitizers as the harness wants them, whatever the caller's are."""
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(("PERSIST_FUZZ_", "AFL_")) and not name.endswith("SAN_OPTIONS")}
    return environment


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """The first column left, the others right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) if i == 0 else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths)))
        print("  ".join(cells).rstrip())
