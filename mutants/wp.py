"""Frama-C/WP as a checker: goals of the mutated function that no longer prove."""
from __future__ import annotations

import dataclasses
import math
import re
import shutil
import threading
from collections.abc import Callable

from checker import Checker
from model import BUILD, LAYERS, ROOT, Mutant, Outcome, Trouble, Verdict
from process import Finished
from source import without_bodies, touched
from store import Store, digest
from tree import Tree

_GOAL = re.compile(r"^\[wp\] \[[^]]*\] Goal (\S+) : (\w+)(.*)$")
_TIME = re.compile(r"\((?:Qed:)?([0-9.]+)(ms|s|')")
_MACHINE = {"64": "gcc_x86_64", "32": "gcc_x86_32"}
_LEAST_SECONDS = 2  # for a goal
_PATIENCE = 3  # times what the source's slowest goal of the function took
_SOURCE_SECONDS = 20
_LIMIT = 1800.0  # for a whole run of frama-c
_CACHE = BUILD / "wp-cache"  # what the provers said of the source's goals


def clause_of(goal: str) -> str:
    """The clause that the goal is of, as its function's name, behaviour, kind and label; of a call's
    goal, the callee's."""
    name = re.sub(r"^typed_(ref_)?", "", re.sub(r"(_part\d+|_\d+)+$", "", goal))
    name = re.sub(r"(?<=_)loop_invariant_(\w+?)_(established|preserved)$", r"loop_invariant_\1", name)
    return re.sub(r"^\w+_call_", "", name)


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


class Wp(Checker):
    """A function's goals depend on its own body and on the contracts of what it calls: a mutant of
    a body can break the goals of that function alone. Its callers are proved from its contract."""

    name = "wp"
    about = "Frama-C/WP on the mutated function"
    layers = ("core",)
    sees = frozenset(("64", "32"))
    inputs = ()
    clauses = 1  # whose goals fail, until it is enough

    def reads(self, layer: str, mutant: Mutant | None) -> list[str]:
        keep = self.proved(mutant) if mutant is not None else []
        return [without_bodies(file, mutant, keep) for file in LAYERS["core"]]

    def recipe(self) -> str:
        return "" if self.clauses == 1 else f"{self.clauses} clauses"

    def proved(self, mutant: Mutant) -> list[str]:
        """The functions whose goals it can break."""
        return touched(mutant)

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()

    def _frama_c(
        self,
        tree: Tree,
        bits: str,
        functions: list[str],
        seconds: int,
        cache: str,
        enough: Callable[[str], bool] | None = None,
    ) -> Finished:
        """`cache`: "update" to keep the verdicts, "replay" to believe those that are kept."""
        _CACHE.mkdir(parents=True, exist_ok=True)
        command = ["frama-c", "-machdep", _MACHINE[bits], "-wp", "-wp-rte", "-wp-par", "1"]
        command += ["-wp-cache", cache, "-wp-cache-dir", str(_CACHE)]
        command += ["-wp-timeout", str(seconds), "-wp-fct", ",".join(functions)]
        return tree.run([*command, "src/persist.c"], _LIMIT, enough=enough)

    # ---- the source ----

    def _slowest(self, tree: Tree, bits: str, function: str) -> float:
        """How long the source's slowest goal of the function takes; all of them must prove.
        Negative: the prover sees no body of it, and trusts its contract."""
        texts = [without_bodies(file, None, [function]) for file in LAYERS["core"]]
        key = digest(["slowest goal", bits, function, *texts])
        with self._lock:
            known = self._store.get(key)
            if known is None:
                known = self._prove(tree, bits, function)
                self._store.put(key, known)
        return float(known)

    def _prove(self, tree: Tree, bits: str, function: str) -> float:
        done = self._frama_c(tree, bits, [function], _SOURCE_SECONDS, "update")
        goals = [goal for line in done.output.splitlines() if (goal := goal_of(line))]
        if f"no function '{function}'" in done.output:
            return -1.0
        unproved = [goal.name for goal in goals if not goal.proved]
        if unproved:
            shutil.rmtree(_CACHE)  # a prover that had no luck is to be asked again
        if done.status != 0 or not goals:
            raise Trouble(f"wp: frama-c proves nothing of {function}:\n{done.output[-2000:]}")
        if unproved:
            raise Trouble(
                f"wp: {function} is not proved ({bits} bits) without a mutation: "
                f"{', '.join(unproved[:5])}"
            )
        return max(goal.seconds for goal in goals)

    # ---- a mutant ----

    def judge(
        self, tree: Tree, layer: str, mutant: Mutant | None, differs: frozenset[str]
    ) -> Verdict:
        if mutant is None:  # function by function, when the first of its mutants is tried
            return Verdict(Outcome.SURVIVED, 0.0, "")
        bits = "64" if "64" in differs else "32"
        functions = self.proved(mutant)
        if not functions:
            return Verdict(Outcome.SURVIVED, 0.0, "no function is touched")
        with tree.unmutated(mutant):
            times = {function: self._slowest(tree, bits, function) for function in functions}
        functions = [function for function in functions if times[function] >= 0]
        if not functions:
            return Verdict(Outcome.SURVIVED, 0.0, "trusted: the prover sees no body of it")
        slowest = max(times[function] for function in functions)
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
            return len({clause_of(goal.name) for goal in failed}) >= self.clauses

        done = self._frama_c(tree, bits, functions, patience, "replay", enough)
        if failed:
            return Verdict(Outcome.KILLED, done.seconds, " ".join(g.name for g in failed))
        if done.cut:
            return Verdict(Outcome.SURVIVED, done.seconds, "no verdict in time")
        if done.status != 0 or seen == 0:
            error = re.search(r"^\[(?:kernel|wp)[^]]*\].*error.*$", done.output, re.M | re.I)
            detail = error.group(0) if error else "frama-c failed"
            return Verdict(Outcome.SURVIVED, done.seconds, detail)
        return Verdict(Outcome.SURVIVED, done.seconds, "")


class Proof(Wp):
    """What a mutant of a contract is tried by: the proofs that may use the clause."""

    name = "proof"
    about = "Frama-C/WP on what may use the clause"

    def __init__(self, store: Store, believers: dict[str, list[str]]) -> None:
        super().__init__(store)
        self._believers = believers

    def proved(self, mutant: Mutant) -> list[str]:
        return self._believers[mutant.id]
