"""Coverage of src/ by replay of corpus/ alone, summed over the ways in which the code can be built
and watched: each has lines or branches that only it can reach."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from place import BUILD, ROOT, Trouble, build, print_table, quiet_environment, seeds_of

CORE = seeds_of("core")
ONE = [ROOT / "corpus" / "seeds" / "process-fit"]
PROFDATA = "llvm-profdata-14"
COV = "llvm-cov-14"


@dataclass(frozen=True)
class Way:
    name: str
    variant: str
    program: str
    under: tuple[str | Path, ...]
    inputs: list[Path]
    why: str


WAYS = (
    Way("plain", "fuzz-coverage", "core_replay", (), CORE, "nearly everything"),
    Way("32 bits", "fuzz-coverage-m32", "core_replay", (ROOT / "ci" / "m32",), CORE,
        "log2_exact stops at the width of a size"),
    Way("watched", "fuzz-coverage", "core_watched", (), CORE,
        "the program has AddressSanitizer and the library has not (watch.h)"),
    Way("memcheck", "fuzz-coverage", "core_replay",
        ("valgrind", "-q", "--error-exitcode=9"), ONE,
        "under_memcheck is true; one input, for memcheck copies the pool's bits"),
    Way("valgrind", "fuzz-coverage", "core_replay", ("valgrind", "-q", "--tool=none"),
        ONE, "a Valgrind tool that is not memcheck"),
    Way("fixalloc", "fuzz-coverage", "fixalloc_replay", (), seeds_of("fixalloc"),
        "both builds of it"),
)

Place = tuple[str, int, int]  # file, line, column


@dataclass
class Counts:
    lines: dict[tuple[str, int], int] = field(default_factory=dict)
    branches: dict[Place, tuple[int, int]] = field(default_factory=dict)

    def add_line(self, place: tuple[str, int], count: int) -> None:
        self.lines[place] = self.lines.get(place, 0) + count

    def add_branch(self, place: Place, taken: int, not_taken: int) -> None:
        before = self.branches.get(place, (0, 0))
        self.branches[place] = before[0] + taken, before[1] + not_taken


def run(command: list[str | Path], what: str, **environment: str) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          errors="replace", env=quiet_environment() | environment, check=False)
    if done.returncode != 0:
        raise Trouble(f"{what} fails (exit {done.returncode}):\n{done.stderr[-2000:]}")
    return done.stdout


def source(path: str) -> str | None:
    """As seen from the root, if it is under src/."""
    resolved = Path(path).resolve()
    return (str(resolved.relative_to(ROOT)) if resolved.is_relative_to(ROOT / "src") else None)


def add_lines(counts: Counts, lcov: str) -> None:
    name: str | None = None
    for text in lcov.splitlines():
        if text.startswith("SF:"):
            name = source(text[3:])
        elif text.startswith("DA:") and name:
            line, count = text[3:].split(",")[:2]
            counts.add_line((name, int(line)), int(count))


def add_branches(counts: Counts, exported: str) -> None:
    for file in json.loads(exported)["data"][0]["files"]:
        name = source(file["filename"])
        if name:
            for line, column, _, _, taken, not_taken, *_ in file["branches"]:
                counts.add_branch((name, line, column), taken, not_taken)


def measure(way: Way, scratch: Path, counts: Counts) -> None:
    program = build(way.variant, way.program) / way.program
    raw, merged = scratch / "raw", scratch / "merged"
    run([*way.under, program, *way.inputs], f"replay ({way.name})", LLVM_PROFILE_FILE=str(raw))
    run([PROFDATA, "merge", "-o", merged, raw], PROFDATA)
    export: list[str | Path] = [COV, "export", program, f"-instr-profile={merged}"]
    add_lines(counts, run([*export, "-format=lcov"], COV))
    add_branches(counts, run([*export, "-format=text"], COV))


def percent(part: int, whole: int) -> str:
    return "100%" if part == whole else f"{min(100 * part / whole, 99.99):.2f}%"


def table(counts: Counts) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("file", "lines", "covered", "branches", "covered")]
    for name in sorted({name for name, _ in counts.lines}):
        lines = [count for (file, _), count in counts.lines.items() if file == name]
        sides = [side for (file, _, _), both in counts.branches.items() if file == name
                 for side in both]
        rows.append((name, str(len(lines)), percent(sum(map(bool, lines)), len(lines)),
                     str(len(sides)), percent(sum(map(bool, sides)), len(sides))))
    return rows


def missing(counts: Counts) -> list[str]:
    found = [f"{file}:{line}: not reached" for (file, line), count in counts.lines.items()
             if not count]
    for (file, line, column), (taken, not_taken) in counts.branches.items():
        for count, side in ((taken, "true"), (not_taken, "false")):
            if not count:
                found.append(f"{file}:{line}:{column}: never {side}")
    return sorted(found)


def main() -> int:
    counts = Counts()
    scratch = BUILD / "fuzz" / "coverage"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    for way in WAYS:
        measure(way, scratch, counts)
    if not counts.lines or not counts.branches:
        raise Trouble("the coverage builds measure nothing under src/")
    rows = table(counts)
    print_table(rows)
    gaps = missing(counts)
    for gap in gaps:
        print(gap)
    return 1 if gaps else 0
