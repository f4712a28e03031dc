"""Frama-C/WP as a checker: goals of the mutated function that no longer prove."""
from __future__ import annotations

import dataclasses
import math
import re
from collections.abc import Callable

from checker import Checker
from model import Mutant, Outcome, Trouble, Verdict
from process import Finished
from store import Store
from tree import Tree

_GOAL = re.compile(r"^\[wp\] \[[^]]*\] Goal (\S+) : (\w+)(.*)$")
_TIME = re.compile(r"\((?:Qed:)?([0-9.]+)(ms|s|')")
_MACHINE = {"64": "gcc_x86_64", "32": "gcc_x86_32"}
_LEAST_SECONDS = 2  # for a goal
_PATIENCE = 3  # times what the source's slowest goal of the function took
_LIMIT = 1800.0  # for a whole run of frama-c


@dataclasses.dataclass(frozen=True)
class Goal:
    name: str
    proved: bool
    seconds: float


def goal_of(line: str) -> Goal | None:
    match = _GOAL.match(line)
    if match is None:
        return None
    seconds = 0.0
    for number, unit in _TIME.findall(match.group(3)):
        seconds += float(number) / (1000 if unit == "ms" else 1)
    return Goal(match.group(1), match.group(2) == "Valid", seconds)


def function_of(goal: str, functions: list[str]) -> str:
    """The function that a goal is about: names nest (persist_arena_alloc, ..._slow)."""
    fits = [f for f in functions if re.match(rf"typed(?:_\w+?)?_{re.escape(f)}_", goal)]
    return max(fits, key=len, default="")


class Wp(Checker):
    name = "wp"
    about = "Frama-C/WP on the mutated function"
    layers = ("core",)
    sees = frozenset(("64", "32"))
    inputs = ()
    budget = _LIMIT

    def __init__(self, store: Store) -> None:
        self._store = store
        self._slowest: dict[tuple[str, str], float] = {}

    # ---- one run of frama-c ----

    def _frama_c(
        self,
        tree: Tree,
        bits: str,
        functions: list[str],
        seconds: int,
        enough: Callable[[str], bool] | None,
    ) -> Finished:
        command = [
            "frama-c",
            "-machdep",
            _MACHINE[bits],
            "-wp",
            "-wp-rte",
            "-wp-cache",
            "none",
            "-wp-par",
            "1",
            "-wp-timeout",
            str(seconds),
        ]
        if functions:
            command += ["-wp-fct", ",".join(functions)]
        return tree.run([*command, "src/persist.c"], _LIMIT, enough=enough)

    # ---- the source ----

    def _measure(self, tree: Tree, bits: str) -> None:
        """Proves the source, and learns how long each function's goals take."""
        done = self._frama_c(tree, bits, [], 10, None)
        goals = [goal for line in done.output.splitlines() if (goal := goal_of(line))]
        unproved = [goal.name for goal in goals if not goal.proved]
        if done.status != 0 or not goals:
            raise Trouble(f"wp: frama-c cannot read the source:\n{done.output[-2000:]}")
        if unproved:
            raise Trouble(
                f"wp: the source itself is not proved ({bits} bits): {', '.join(unproved[:5])}"
            )
        for goal in goals:
            key = (bits, function_of(goal.name, self._functions(tree)))
            self._slowest[key] = max(self._slowest.get(key, 0.0), goal.seconds)

    def _functions(self, tree: Tree) -> list[str]:
        text = "".join((tree.root / f).read_text() for f in ("src/persist.h", "src/persist.c"))
        return re.findall(r"^[a-z][^\n;=(]*?\*?(\w+)\((?:[^;{}]|\n)*?\n\{", text, re.M)

    # ---- a mutant ----

    def judge(
        self, tree: Tree, layer: str, mutant: Mutant | None, differs: frozenset[str]
    ) -> Verdict:
        if mutant is None:
            for bits in _MACHINE:
                self._measure(tree, bits)
            return Verdict(Outcome.SURVIVED, 0.0, "")
        bits = "64" if "64" in differs else "32"
        functions = self._touched(tree, mutant)
        slowest = max((self._slowest.get((bits, f), 0.0) for f in functions), default=2.0)
        patience = max(_LEAST_SECONDS, math.ceil(_PATIENCE * slowest))
        failed: list[Goal] = []
        seen = 0

        def enough(line: str) -> bool:
            nonlocal seen
            goal = goal_of(line)
            if goal is not None:
                seen += 1
                if not goal.proved:
                    failed.append(goal)
            return bool(failed)

        done = self._frama_c(tree, bits, functions, patience, enough)
        if failed:
            return Verdict(Outcome.KILLED, done.seconds, failed[0].name)
        if done.cut:
            return Verdict(Outcome.SURVIVED, done.seconds, "no verdict in time")
        if done.status != 0 or seen == 0:
            error = re.search(r"^\[(?:kernel|wp)[^]]*\].*error.*$", done.output, re.M | re.I)
            return Verdict(
                Outcome.SURVIVED, done.seconds, error.group(0) if error else "frama-c failed"
            )
        return Verdict(Outcome.SURVIVED, done.seconds, "")

    def _touched(self, tree: Tree, mutant: Mutant) -> list[str]:
        """A function's own goals are all that depend on its body: its callers know its contract.
        A variable's are those of the functions that read it; a macro's may be any."""
        functions = self._functions(tree)
        if mutant.function in functions:
            return [mutant.function]
        return []
