"""One run of Frama-C's WP on one file, and every goal of it by name."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sources import ROOT, Trouble, environment

OUTPUT = ROOT / "build" / "results" / "prove"

# The one warning of a plain -wp; with run-time errors asked for there is none. One function alone may
# have nothing to smoke-test.
EXPECTED = {
    "plain": ["[wp] Warning: Missing RTE guards"],
    "smoke": ["[wp] Warning: Missing RTE guards", "[wp] Warning: No goal generated"],
}

_GOAL = re.compile(r"^\[wp\] \[([^]]+)\] Goal (\S+) : (\w+)(.*)$", re.M)
_SMOKE = re.compile(r"^\[wp\] \[(\w+)\] Smoke-test (\S+)", re.M)
_COUNT = re.compile(r"Proved goals:\s+(\d+) / (\d+)")
_HYPOTHESES = re.compile(
    r"^\[wp\] \S+: Warning: \n  Memory model hypotheses for function '(\w+)':$", re.M
)
_TIME = re.compile(r"\((?:Qed:)?([0-9.]+)(ms|s|')")


@dataclass(frozen=True)
class Goal:
    name: str
    function: str  # "" for a lemma
    prover: str
    proved: bool
    seconds: float


@dataclass(frozen=True)
class Run:
    name: str
    source: str
    goals: tuple[Goal, ...]
    smoke: tuple[Goal, ...]  # proved: no contradiction was found
    warnings: tuple[str, ...]
    hypotheses: tuple[str, ...]  # functions whose pointers are taken not to reach a static variable
    proved: int  # as WP counts them
    total: int
    seconds: float

    @property
    def failed(self) -> list[str]:
        """What keeps the run from being a proof, a line each."""
        said = [f"not proved: {goal.name}" for goal in self.goals if not goal.proved]
        said += [f"contradiction: {goal.name}" for goal in self.smoke if not goal.proved]
        said += [f"unexpected: {line}" for line in self.warnings]
        named = len(self.goals) + len(self.smoke)
        if named != self.total or (self.total == 0 and self.name != "smoke"):
            said.append(f"{named} goals by name, but WP counts {self.total}")
        if self.proved != self.total and not said:
            said.append(f"WP counts {self.proved} of {self.total} goals as proved")
        return [f"{self.source}, {self.name}: {line}" for line in said]


def _owner(goal: str, functions: Iterable[str]) -> str:
    """The function that a goal's name begins with: the longest that fits."""
    bare = goal.removeprefix("typed_")
    fitting = [name for name in functions if bare == name or bare.startswith(f"{name}_")]
    return max(fitting, key=len, default="")


def _seconds(timing: str) -> float:
    return sum(float(n) / (1000 if unit == "ms" else 1) for n, unit in _TIME.findall(timing))


def read(name: str, source: str, functions: Iterable[str], output: str, seconds: float) -> Run:
    names = list(functions)
    hypotheses = _HYPOTHESES.findall(output)
    output = _HYPOTHESES.sub("", output)
    counts = _COUNT.search(output)
    goals = tuple(
        Goal(goal, _owner(goal, names), prover, verdict == "Valid", _seconds(timing))
        for prover, goal, verdict, timing in _GOAL.findall(output)
    )
    smoke = tuple(
        Goal(goal, _owner(goal, names), "", verdict == "Passed", 0.0)
        for verdict, goal in _SMOKE.findall(output)
    )
    warnings = tuple(
        line.strip()
        for line in output.splitlines()
        if "Warning" in line and line.strip() not in EXPECTED.get(name, [])
    )
    proved, total = (int(counts[1]), int(counts[2])) if counts else (0, 0)
    return Run(
        name, source, goals, smoke, warnings, tuple(sorted(set(hypotheses))), proved, total, seconds
    )


def prove(name: str, source: str, functions: Iterable[str], options: Sequence[str]) -> Run:
    """Runs `frama-c -wp OPTIONS SOURCE`; its output stays in build/results/prove."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    log = OUTPUT / f"{Path(source).stem}-{name}.txt"
    own = log.with_suffix(f".{os.getpid()}")  # two may prove at once
    started = time.monotonic()
    with own.open("w") as file:
        done = subprocess.run(
            ["frama-c", "-wp", *options, source],
            cwd=ROOT, env=environment(), stdout=file, stderr=subprocess.STDOUT, check=False,
        )
    output = own.read_text()
    own.replace(log)
    if done.returncode != 0:
        raise Trouble(f"frama-c ended with {done.returncode}: see {log.relative_to(ROOT)}", 1)
    return read(name, source, functions, output, time.monotonic() - started)
