"""The matrix mutant x checker: what is known is taken from the store, the rest is tried."""
from __future__ import annotations

import dataclasses
import queue
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from checker import Checker
from model import ROOT, Mutant, Outcome, Trouble, Verdict
from objects import Kind
from report import Verdicts
from store import Store, digest
from tree import Tree, files_under

_TELL_SECONDS = 10.0
_OTHER_TARGETS = re.compile(rb"^if get_option\('targets'\)$.*?^endif$", re.M | re.S)
Job = TypeVar("Job")


class Matrix:
    def __init__(
        self,
        store: Store,
        checkers: list[Checker],
        jobs: int,
        tell: Callable[[str], None],
    ) -> None:
        self._store = store
        self._checkers = checkers
        self._jobs = jobs
        self._tell = tell
        self._inputs = {
            (checker.name, layer): digest(
                name.encode() + b"\0" + _OTHER_TARGETS.sub(b"", (ROOT / name).read_bytes())
                for name in files_under(ROOT, *checker.inputs, *checker.own_inputs.get(layer, ()))
            )
            for checker in checkers
            for layer in checker.layers
        }
        self._verdicts: Verdicts = {}
        self._lock = threading.Lock()

    # ---- what is known ----

    def _key(
        self, checker: Checker, layer: str, mutant: Mutant | None, differs: frozenset[str]
    ) -> str:
        parts = [checker.name, checker.version, checker.recipe(), self._inputs[checker.name, layer]]
        return digest([*parts, layer, *sorted(differs), *checker.reads(layer, mutant)])

    def _known(self, key: str) -> Verdict | None:
        value = self._store.get(key)
        if value is None:
            return None
        return Verdict(
            Outcome(value["outcome"]), value["seconds"], value["detail"], value["cost"]
        )

    def _keep(self, key: str, verdict: Verdict) -> None:
        self._store.put(
            key,
            {
                "outcome": verdict.outcome.value,
                "seconds": round(verdict.seconds, 3),
                "detail": verdict.detail,
                "cost": round(verdict.cost, 3),
            },
        )

    # ---- the source itself ----

    def check_checkers(self, layers: list[str]) -> None:
        """Each checker must let the source live, or what it says of mutants means nothing."""
        todo: queue.SimpleQueue[tuple[Checker, str, str]] = queue.SimpleQueue()
        for checker in self._checkers:
            for layer in checker.apart(sorted(set(checker.layers) & set(layers))):
                key = self._key(checker, layer, None, frozenset())
                known = self._known(key)
                if known is None:
                    todo.put((checker, layer, key))
                else:
                    checker.learn(layer, known.seconds)
        self._each(todo, self._try_source)

    def _try_source(self, tree: Tree, job: tuple[Checker, str, str]) -> None:
        checker, layer, key = job
        self._tell(f"{checker.name} on the source itself")
        verdict = checker.judge(tree, layer, None, frozenset())
        if verdict.outcome is Outcome.KILLED:
            raise Trouble(f"{checker.name} fails on the source: {verdict.detail}")
        self._keep(key, verdict)
        checker.learn(layer, verdict.seconds)

    # ---- the mutants ----

    def fill(
        self,
        mutants: list[Mutant],
        kinds: dict[str, Kind],
        same: Callable[[Mutant], bool] = lambda _: False,
        only_known: bool = False,
    ) -> Verdicts:
        """`same`: is the whole program the same? Asked of one that lived, before it takes minutes."""
        todo: queue.SimpleQueue[tuple[Mutant, list[Checker]]] = queue.SimpleQueue()
        total = 0
        # In an order that has nothing to do with the source's, so that a part tells of the whole;
        # but those of headers, of which much is built, after the others.
        for mutant in sorted(mutants, key=lambda m: (m.file.endswith(".h"), digest([m.id]))):
            missing = self._missing(mutant, kinds[mutant.id].differs)
            if missing:
                todo.put((mutant, missing))
                total += 1
        if total and not only_known:
            self._work(todo, total, kinds, same)
        return self._verdicts

    def _missing(self, mutant: Mutant, differs: frozenset[str]) -> list[Checker]:
        missing: list[Checker] = []
        for checker in self._checkers:
            if mutant.layer not in checker.layers:
                continue
            seen = differs & checker.sees
            verdict: Verdict | None = Verdict(Outcome.BLIND, 0.0, "")
            if seen:
                verdict = self._known(self._key(checker, mutant.layer, mutant, seen))
            if verdict is None:
                missing.append(checker)
            else:
                self._verdicts[mutant.id, checker.name] = verdict
        return missing

    def _killed(self, mutant: Mutant) -> bool:
        """By a checker that sees the whole."""
        names = [checker.name for checker in self._checkers if checker.whole]
        with self._lock:
            found = [self._verdicts.get((mutant.id, name)) for name in names]
        return any(verdict and verdict.outcome is Outcome.KILLED for verdict in found)

    def _work(
        self,
        todo: queue.SimpleQueue[tuple[Mutant, list[Checker]]],
        total: int,
        kinds: dict[str, Kind],
        same: Callable[[Mutant], bool],
    ) -> None:
        done = 0
        started = time.monotonic()

        def one(tree: Tree, job: tuple[Mutant, list[Checker]]) -> None:
            nonlocal done
            mutant, checkers = job
            with tree.mutated(mutant):
                for checker in checkers:
                    if checker.patient and not self._killed(mutant) and same(mutant):
                        break  # those that are left see the whole too
                    self._try(tree, checker, mutant, kinds[mutant.id].differs)
            with self._lock:
                done += 1

        def tell() -> None:
            left = (time.monotonic() - started) / done * (total - done) if done else 0.0
            estimate = f", about {left / 60:.0f} min left" if done else ""
            self._tell(f"{done} of {total} mutants{estimate}")

        self._each(todo, one, tell)

    def _each(
        self,
        todo: queue.SimpleQueue[Job],
        one: Callable[[Tree, Job], None],
        tell: Callable[[], None] = lambda: None,
    ) -> None:
        """Does all of the jobs, so many at a time, each worker in a tree of its own. The first that
        goes wrong ends it."""
        stop = threading.Event()

        def worker() -> None:
            if todo.empty():
                return
            tree = Tree()
            try:
                while not stop.is_set():
                    try:
                        job = todo.get_nowait()
                    except queue.Empty:
                        return
                    one(tree, job)
            except BaseException:
                stop.set()
                raise
            finally:
                tree.release()

        with ThreadPoolExecutor(self._jobs) as pool:
            futures = [pool.submit(worker) for _ in range(self._jobs)]
            while wait(futures, _TELL_SECONDS).not_done:
                tell()
            for future in futures:
                future.result()

    def _try(
        self, tree: Tree, checker: Checker, mutant: Mutant, differs: frozenset[str]
    ) -> None:
        seen = differs & checker.sees
        started = time.monotonic()
        verdict = checker.judge(tree, mutant.layer, mutant, seen)
        verdict = dataclasses.replace(verdict, cost=time.monotonic() - started)
        self._keep(self._key(checker, mutant.layer, mutant, seen), verdict)
        with self._lock:
            self._verdicts[mutant.id, checker.name] = verdict
