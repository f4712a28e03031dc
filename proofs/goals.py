"""One run of Frama-C's WP on one file, and every goal of it by name."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sources import ROOT, Trouble, environment

OUTPUT = ROOT / "build" / "results" / "prove"

SMOKE = "smoke"  # the run of the smoke tests

# The one warning of a plain -wp; with run-time errors asked for there is none. One function alone may
# have nothing to smoke-test.
NO_RUN_TIME_ERRORS = ["[wp] Warning: Missing RTE guards"]
EXPECTED = {
    "plain": NO_RUN_TIME_ERRORS,
    "plain-lemmas": NO_RUN_TIME_ERRORS,
    SMOKE: ["[wp] Warning: No goal generated"],
}

_GOAL = re.compile(r"^\[wp\] \[([^]]+)\] Goal (\S+) : (\w+)(.*)$", re.M)
_SMOKE = re.compile(r"^\[wp\] \[(\w+)\] Smoke-test (\S+)", re.M)
_MADE = re.compile(r"^\[wp\] (?:\[\w+\] )?Goal (\S+) : ", re.M)
_BROKEN = re.compile(r"^  ([^:\n]+):.*\(failed: (\d+)\)", re.M)
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
    expected: frozenset[str] = frozenset()  # the names of the goals that must be there

    @property
    def named(self) -> frozenset[str]:
        return frozenset(_bare(goal.name) for goal in (*self.goals, *self.smoke))

    @property
    def failed(self) -> list[str]:
        """What keeps the run from being a proof, a line each."""
        said = [f"not proved: {goal.name}" for goal in self.goals if not goal.proved]
        said += [f"contradiction: {goal.name}" for goal in self.smoke if not goal.proved]
        said += [f"unexpected: {line}" for line in self.warnings]
        said += [f"left out: {name}" for name in sorted(self.expected - self.named)]
        named = len(self.goals) + len(self.smoke)
        if named != self.total or (self.total == 0 and self.name != SMOKE):
            said.append(f"{named} goals by name, but WP counts {self.total}")
        if self.proved != self.total and not said:
            said.append(f"WP counts {self.proved} of {self.total} goals as proved")
        return [f"{self.source}, {self.name}: {line}" for line in said]


def _bare(goal: str) -> str:
    return goal.removeprefix("typed_")


def owner(goal: str, functions: Iterable[str]) -> str:
    """The function that a goal's name begins with (WP drops the underscores before it): the longest
    that fits. Or the lemma, or nothing."""
    bare = _bare(goal)
    if bare.startswith("lemma_"):
        return ""
    fitting = [name for name in functions if f"{bare}_".startswith(f"{name.lstrip('_')}_")]
    return max(fitting, key=len, default="")


def _seconds(timing: str) -> float:
    return sum(float(n) / (1000 if unit == "ms" else 1) for n, unit in _TIME.findall(timing))


def read(name: str, source: str, functions: Iterable[str], output: str, seconds: float) -> Run:
    names = list(functions)
    hypotheses = _HYPOTHESES.findall(output)
    output = _HYPOTHESES.sub("", output)
    counts = _COUNT.search(output)
    goals = tuple(
        Goal(goal, owner(goal, names), prover, verdict == "Valid", _seconds(timing))
        for prover, goal, verdict, timing in _GOAL.findall(output)
    )
    smoke = tuple(
        Goal(goal, owner(goal, names), "smoke test", verdict == "Passed", 0.0)
        for verdict, goal in _SMOKE.findall(output)
    )
    warnings = tuple(
        line.strip()
        for line in output.splitlines()
        if "Warning" in line and line.strip() not in EXPECTED.get(name, [])
    )
    # A prover that dies lets every smoke test pass.
    warnings += tuple(f"{prover} failed {n} times" for prover, n in _BROKEN.findall(output))
    proved, total = (int(counts[1]), int(counts[2])) if counts else (0, 0)
    if name == SMOKE:  # the few other goals there are judged in other runs
        proved -= sum(goal.proved for goal in goals)
        total -= len(goals)
        goals = ()
    return Run(
        name, source, goals, smoke, warnings, tuple(sorted(set(hypotheses))), proved, total, seconds
    )


def _frama_c(name: str, source: str, options: Sequence[str]) -> tuple[str, float]:
    """What `frama-c -wp OPTIONS SOURCE` says, and how long it takes; build/results/prove keeps it."""
    OUTPUT.mkdir(parents=True, exist_ok=True)
    log = OUTPUT / f"{Path(source).stem}-{name}.txt"
    own = log.with_suffix(f".{os.getpid()}.{threading.get_ident()}")  # two may prove at once
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
    return output, time.monotonic() - started


def census(name: str, source: str, options: Sequence[str]) -> frozenset[str]:
    """The goals that there are to prove, by name: WP makes them all and calls no prover."""
    output, _ = _frama_c(f"{name}-census", source, [*options, "-wp-prover", "none"])
    names = frozenset(_bare(goal) for goal in _MADE.findall(output))
    if not names:
        raise Trouble(f"WP makes no goal of {source}", 1)
    return names


def prove(name: str, source: str, functions: Iterable[str], options: Sequence[str]) -> Run:
    output, seconds = _frama_c(name, source, options)
    return read(name, source, functions, output, seconds)


def joined(one: Run, more: Run) -> Run:
    """Two runs that share a file's goals, as one."""
    return replace(
        one, goals=(*one.goals, *more.goals), smoke=(*one.smoke, *more.smoke),
        warnings=(*one.warnings, *more.warnings),
        hypotheses=tuple(sorted({*one.hypotheses, *more.hypotheses})), proved=one.proved + more.proved,
        total=one.total + more.total, seconds=one.seconds + more.seconds,
    )
