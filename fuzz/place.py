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
CORPUS = ROOT / "corpus"
# Inputs made by hand, by target: boundaries of one allocator are none of another one.
SEEDED = {
    "core": [CORPUS / "seeds", CORPUS / "regressions"],
    "contracts": [CORPUS / "seeds", CORPUS / "regressions"],
    "fixalloc": [CORPUS / "fixalloc" / "seeds", CORPUS / "fixalloc" / "regressions"],
}

OWN = ("core", "fixalloc", "seed2013")  # targets that need no packages of their own
CONTRACTS = "contracts"  # the core again, behind the checks of its contracts

SANITIZERS = ("address", "memory", "thread", "none")


class Misuse(Exception):
    """What was asked for cannot be: exit 2."""


class Trouble(Exception):
    """The machine, a tool or a build fails: exit 4."""


def targets() -> list[str]:
    return sorted(path.stem for path in (FUZZ / "targets").iterdir()
                  if path.suffix in (".c", ".cc"))


def check_target(name: str) -> str:
    if name not in targets():
        raise Misuse(f"no target '{name}'; the targets are: {', '.join(targets())}; or all")
    return name


def is_own(target: str) -> bool:
    """Made of sources that are here; the others are libraries of other people."""
    return target in OWN or target == CONTRACTS


def seeds_of(target: str) -> list[Path]:
    return SEEDED.get(target, [])


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


def build_target(engine: str, sanitizer: str, target: str, *names: str) -> Path:
    """Builds these, which belong to the target, and returns the folder that they are in."""
    if target == CONTRACTS:
        need(CONTRACTS)
        return build(f"{engine}-{sanitizer}-contracts", *names)
    if is_own(target):
        return build(f"{engine}-{sanitizer}", *names)
    need("targets")
    return build(f"{engine}-{sanitizer}-targets", *names)


def replay_of(sanitizer: str, target: str) -> Path:
    """Builds the program that replays inputs of the target."""
    return runnable(build_target("fuzz", sanitizer, target, f"{target}_replay") / f"{target}_replay")


def runnable(program: Path) -> Path:
    """The program; of 32 bits, a script that knows how this machine runs it."""
    if program.parent.parent.name != "fuzz-m32":
        return program
    script = program.with_name(program.name + ".run")
    script.write_text(f'#!/bin/sh\nexec "{ROOT}/ci/m32" "{program}" "$@"\n')
    script.chmod(0o755)
    return script


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


def print_table(rows: Sequence[tuple[str, ...]], left: tuple[int, ...] = (0,)) -> None:
    """These columns left, the others right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) if i in left else cell.rjust(width)
                 for i, (cell, width) in enumerate(zip(row, widths)))
        print("  ".join(cells).rstrip())
