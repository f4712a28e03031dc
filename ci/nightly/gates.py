"""The checks that are not fuzzing: each a command of this repository, with its verdict and figures."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import process
from place import BUILD, ROOT
from state import State, read_json

VARIANTS = ("fuzz-address", "fuzz-memory", "fuzz-thread", "fuzz-none", "fuzz-m32", "fuzz-coverage",
            "fuzz-mcdc", "fuzz-address-contracts", "afl-address", "afl-none", "afl-cmplog")


@dataclass(frozen=True)
class Gate:
    name: str
    command: tuple[str | Path, ...]
    seconds: int
    figures: tuple[Path, ...]  # JSON that it writes: the first that is new
    needs: tuple[str, ...]  # sets of ci/packages, to be told of what is missing before hours of fuzzing


RESULTS = BUILD / "results"

# Each has several times what it takes on two idle cores: replay 20 s, prove 5 min, test 25 min,
# mutate 2 min.
GATES = {gate.name: gate for gate in (
    Gate("replay-32", (ROOT / "fuzz" / "run", "replay", "--sanitizer", "m32"), 600, (), ()),
    Gate("prove", (ROOT / "build.sh", "prove"), 1800, (RESULTS / "proofs.json",), ("prove",)),
    Gate("mutate", (ROOT / "build.sh", "mutate", "--subset"), 1800,
         (RESULTS / "mutation-subset.json", RESULTS / "mutation.json"), ("build", "prove", "mutate")),
    Gate("test", (ROOT / "build.sh", "test", "--full"), 6000, (),
         ("build", "prove", "mutate", "lint", "nightly-test")),
)}


def builds(state: State, environment: dict[str, str]) -> list[dict[str, Any]]:
    """Each variant once; one that does not build does not keep the others."""
    results = []
    for variant in VARIANTS:
        ended = process.run([ROOT / "ci" / "build", variant], state.logs / f"build-{variant}.log",
                            1800, environment)
        results.append({"variant": variant, "built": ended.status == 0,
                        "seconds": round(ended.seconds, 1),
                        "said": "" if ended.status == 0 else f"{ended.how}: {ended.last()}"})
    return results


def counts(text: str) -> dict[str, int]:
    """Of tests and of goals, where the output has them."""
    tests = re.findall(r"^(\d+) passed, (\d+) failed$", text, re.M)
    goals = re.findall(r"^\S+, \w+: Proved goals: (\d+) / (\d+)", text, re.M)
    found: dict[str, int] = {}
    if tests:
        found |= {"tests_passed": int(tests[-1][0]), "tests_failed": int(tests[-1][1])}
    if goals:
        found |= {"proved": sum(int(proved) for proved, _ in goals),
                  "goals": sum(int(all_) for _, all_ in goals)}
    return found


def run(state: State, gate: Gate, environment: dict[str, str],
        say: Callable[[str], None]) -> dict[str, Any]:
    before = {path: path.stat().st_mtime_ns for path in gate.figures if path.exists()}
    ended = process.run(gate.command, state.logs / f"{gate.name}.log", gate.seconds,
                        environment, say)
    state.end_orphans()  # of its grandchildren some lead groups of their own
    text = ended.log.read_text(errors="replace")
    fresh = [path for path in gate.figures
             if path.exists() and path.stat().st_mtime_ns != before.get(path)]
    return {
        "gate": gate.name, "passed": ended.status == 0, "status": ended.status,
        "command": " ".join(str(word) for word in gate.command).replace(f"{ROOT}/", "./"),
        "seconds": round(ended.seconds, 1), **counts(text),
        "failures": re.findall(r"^FAIL  (.*)$", text, re.M)[:50],
        "said": "" if ended.status == 0 else f"{ended.how}: {ended.last()}",
        "figures": read_json(fresh[0]) if fresh else None}
