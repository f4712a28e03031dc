"""Frama-C/WP as a checker: goals of the mutated function that no longer prove."""
from __future__ import annotations

import dataclasses
import math
import re
import shutil
import sys
import threading
from collections.abc import Callable

from checker import Checker
from model import BUILD, LAYERS, ROOT, Mutant, Outcome, Trouble, Verdict
from process import Finished
from source import touched, with_headers, without_bodies
from store import Store, digest
from tree import Tree

sys.path.append(str(ROOT / "proofs"))
from strict import UNSIGNED_DOWNCAST, demanded

_GOAL = re.compile(r"^\[wp\] \[[^]]*\] Goal (\S+) : (\w+)(.*)$")
# Of what cannot but be wrong, as a sum of constants that wraps, WP makes no goal: it believes the
# assertion, and proves with it whatever else there is.
_SURELY_WRONG = re.compile(r"^\[rte\] (\S+): Warning: \n  guaranteed RTE", re.M)
_TIME = re.compile(r"\((?:Qed:)?([0-9.]+)(ms|s|')")
_LEAST_SECONDS = 2  # for a goal
_PATIENCE = 3  # times what the source's slowest goal of the function took
_SOURCE_SECONDS = 20
_LIMIT = 1800.0  # for a whole run of frama-c
_CACHE = BUILD / "wp-cache"  # what the provers said of the source's goals


@dataclasses.dataclass(frozen=True)
class Source:
    """What is known of a function before it is mutated."""

    slowest: float  # seconds of its slowest goal; negative: there is nothing to prove


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


def _unit(file: str) -> str:
    """The source that is proved with the file in it; "" if none is."""
    if file in LAYERS["core"]:
        return "src/persist.c"
    if file.startswith("src/fixslab."):
        return "src/fixslab.c"
    if file.startswith("src/fixalloc."):
        return "src/fixalloc.c"
    return file if file.endswith(".c") else ""


def _options(unit: str, bits: str) -> list[str]:
    return [option for option in demanded(unit, bits) if option != UNSIGNED_DOWNCAST]


class Wp(Checker):
    """A function's goals depend on its own body and on the contracts of what it calls: a mutant of
    a body can break the goals of that function alone. Its callers are proved from its contract."""

    name = "wp"
    version = "2"
    about = "Frama-C/WP on the mutated function, if it has a contract"
    layers = ("core", "process", "fixalloc", "os")
    sees = frozenset(("64", "32"))
    inputs = ()
    whole = False
    clauses = 1  # whose goals fail, until it is enough

    def reads(self, layer: str, mutant: Mutant | None) -> list[str]:
        if mutant is None or not _unit(mutant.file):
            return []
        keep = self.proved(mutant)
        return [without_bodies(f, mutant, keep) for f in with_headers(_unit(mutant.file))]

    def apart(self, layers: list[str]) -> list[str]:
        return []  # function by function, when the first of its mutants is tried

    def recipe(self) -> str:
        return f"{self.clauses} of {' '.join(_options('src/persist.c', '64'))}"

    def proved(self, mutant: Mutant) -> list[str]:
        """The functions whose goals it can break."""
        return touched(mutant)

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()

    def _frama_c(
        self,
        tree: Tree,
        unit: str,
        bits: str,
        functions: list[str],
        seconds: int,
        cache: str,
        enough: Callable[[str], bool] | None = None,
    ) -> Finished:
        """`cache`: "update" to keep the verdicts, "replay" to believe those that are kept."""
        _CACHE.mkdir(parents=True, exist_ok=True)
        command = ["frama-c", "-wp", *_options(unit, bits), "-wp-par", "1"]
        command += ["-wp-cache", cache, "-wp-cache-dir", str(_CACHE)]
        command += ["-wp-timeout", str(seconds), "-wp-fct", ",".join(functions)]
        return tree.run([*command, unit], _LIMIT, enough=enough)

    # ---- the source ----

    def _source(self, tree: Tree, unit: str, bits: str, function: str) -> Source:
        texts = [without_bodies(file, None, [function]) for file in with_headers(unit)]
        key = digest(["source", unit, *_options(unit, bits), function, *texts])
        with self._lock:
            known = self._store.get(key)
            if known is None:
                known = dataclasses.asdict(self._prove(tree, unit, bits, function))
                self._store.put(key, known)
        return Source(float(known["slowest"]))

    def _prove(self, tree: Tree, unit: str, bits: str, function: str) -> Source:
        done = self._frama_c(tree, unit, bits, [function], _SOURCE_SECONDS, "update")
        goals = [goal for line in done.output.splitlines() if (goal := goal_of(line))]
        unproved = tuple(goal.name for goal in goals if not goal.proved)
        if unproved:
            shutil.rmtree(_CACHE)  # a prover that had no luck is to be asked again
        if f"no function '{function}'" in done.output:
            return Source(-1.0)
        if done.status != 0 or not goals:
            raise Trouble(f"wp: frama-c proves nothing of {function}:\n{done.output[-2000:]}")
        if unproved:
            raise Trouble(
                f"wp: {function} is not proved ({bits} bits) without a mutation: "
                f"{', '.join(unproved[:5])}"
            )
        return Source(max((g.seconds for g in goals), default=0.0))

    # ---- a mutant ----

    def judge(
        self, tree: Tree, layer: str, mutant: Mutant | None, differs: frozenset[str]
    ) -> Verdict:
        assert mutant is not None
        unit = _unit(mutant.file)
        bits = "64" if "64" in differs else "32"
        functions = self.proved(mutant)
        if not unit or not functions:
            return Verdict(Outcome.BLIND, 0.0, "nothing is proved of it")
        with tree.unmutated(mutant):
            found = {function: self._source(tree, unit, bits, function) for function in functions}
        functions = [function for function in functions if found[function].slowest >= 0]
        if not functions:
            return Verdict(Outcome.BLIND, 0.0, "trusted: the prover sees no body or contract of it")
        slowest = max(found[function].slowest for function in functions)
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

        done = self._frama_c(tree, unit, bits, functions, patience, "replay", enough)
        if failed:
            return Verdict(Outcome.KILLED, done.seconds, " ".join(g.name for g in failed))
        if wrong := _SURELY_WRONG.search(done.output):
            return Verdict(Outcome.KILLED, done.seconds, f"guaranteed RTE at {wrong[1]}")
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
