"""The gate: the plain command on the core; every file with run-time errors, for machines of 64 and of
32 bits; and the tests that no contract contradicts itself. No run may prove less than WP makes of the
file when nothing is skipped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import lru_cache

import results
import second
import trust
from goals import SMOKE, Run, census, joined, owner, prove
from sources import CORE, ROOT, Inventory, Trouble, contracted, inventory, proved_elsewhere
from strict import demanded

# Time limits with slack: the slowest goal takes a second or two on an idle machine.
LIMITS = ["-wp-cache", "none", "-wp-par", "2", "-wp-timeout", "20"]
# WP's ground simplification takes a third of what its simplifier costs in the largest functions, and
# closes no goal that is not closed without it. The plain command has it.
LIMITS += ["-wp-no-ground"]
# A smoke test passes when its prover gives up. Alt-Ergo hardly ever does and spends its whole limit;
# CVC4 finds the contradictions that check-gate plants within 33 000 of its own steps, which are the
# same on any machine, and two that were tried in the layer within 41 000 wherever they reach (20 000
# of them are spent on reading the goal). A third, behind a quantifier, it does not find.
SMOKE_LIMITS = ["-wp-prover", "cvc4", "-wp-steps", "80000", "-wp-smoke-timeout", "2"]
SMOKE_LIMITS += ["-wp-cache", "none", "-wp-par", "2"]
# WP tests no function of which it proves nothing: what ends a function stays in, which is cheap.
JUDGED_ELSEWHERE = ["requires", "ensures", "assigns", "assert", "invariant", "variant"]
JUDGED_ELSEWHERE += ["complete_behaviors", "disjoint_behaviors"]
LITTLE_ELSE = "-wp-prop=" + ",".join(f"-@{category}" for category in JUDGED_ELSEWHERE)

# What a run is to prove...
MADE: dict[str, Callable[[str], list[str]]] = {
    "plain": lambda source: [],
    "bits64": lambda source: demanded(source, "64"),
    "bits32": lambda source: demanded(source, "32"),
    SMOKE: lambda source: [*demanded(source, "64"), "-wp-smoke-tests"],
}
# ... and the limits that it keeps while it does.
KEPT: dict[str, list[str]] = {
    "plain": [],
    "bits64": LIMITS,
    "bits32": LIMITS,
    SMOKE: [*SMOKE_LIMITS, LITTLE_ELSE],
}
AT_ONCE = 3  # on two processors: WP itself runs on one, and waits a third of its time


def no_cache() -> None:
    if (ROOT / ".frama-c").exists():
        raise Trouble(".frama-c would let the prover believe old verdicts; remove it", 4)


def chosen(source: str | None) -> list[str]:
    sources = contracted()
    if source is None:
        return sources
    if source not in sources:
        raise Trouble(f"no contracts to prove in '{source}'; there are: {' '.join(sources)}", 2)
    return [source]


@lru_cache
def _goals(name: str, source: str) -> frozenset[str]:
    """What there is to prove in a file, headers included, with nothing left to another file. The
    stricter runs owe whatever the plain command makes."""
    every = census(name, source, MADE[name](source))
    if name == SMOKE:
        return frozenset(goal for goal in every if "_wp_smoke_" in goal)
    return every if name == "plain" else every | _goals("plain", source)


def _expected(name: str, one: Inventory, elsewhere: frozenset[str]) -> frozenset[str]:
    """What of that is not left to other files. The test whether a call returns is named after the one who
    is called: if that one has no body here, nothing tells which file's call it is."""
    left = elsewhere | {f"lemma_{lemma}" for lemma in elsewhere}
    calls = one.trusted.keys() if elsewhere else frozenset()
    found = set()
    for goal in _goals(name, one.source):
        whose = owner(goal, [*one.defined, *one.trusted]) or goal
        if whose not in left and not ("_wp_smoke_dead_call_" in goal and whose in calls):
            found.add(goal)
    return frozenset(found)


def _run(name: str, one: Inventory, whole: bool) -> Run:
    """A header's functions are proved once (proved_elsewhere); but `whole` leaves nothing out."""
    elsewhere = frozenset() if whole else proved_elsewhere(one)
    options = [*MADE[name](one.source), *KEPT[name]]
    called = [*one.defined, *one.trusted]
    functions = sorted(elsewhere & one.defined.keys())
    if not functions:
        run = prove(name, one.source, called, options)
    else:
        skip = ["-wp-skip-fct", ",".join(functions)]
        run = prove(name, one.source, called, [*options, *skip])
        if one.lemmas - elsewhere and name != SMOKE:  # -wp-skip-fct skips lemmas too
            lemmas = prove(f"{name}-lemmas", one.source, called, [*options, "-wp-prop=@lemma"])
            run = joined(run, lemmas)
    run = replace(run, expected=_expected(name, one, elsewhere))
    show(run)
    return run


def all_runs(inventories: Sequence[Inventory], names: Sequence[str]) -> list[Run]:
    """The plain command is run on the core alone, whose claim it is, unless nothing else is asked
    for: in the other files the stricter runs prove its goals by name. Of one file alone it is what
    its reader runs, whole."""
    alone = list(names) == ["plain"]
    whole = alone and len(inventories) == 1
    asked = [
        (name, one)
        for one in inventories
        for name in names
        if alone or name != "plain" or one.source == CORE
    ]
    with ThreadPoolExecutor(1 if alone else AT_ONCE) as pool:
        # The longest first, so that the processors end together.
        longest = sorted(asked, key=lambda it: -len(it[1].bodies))
        started = {(name, one.source): pool.submit(_run, name, one, whole) for name, one in longest}
        return [started[name, one.source].result() for name, one in asked]


def one_function(function: str, names: Sequence[str]) -> int:
    for source in contracted():
        one = inventory(source)
        if function in one.defined:
            runs = []
            for name in names:
                options = [*MADE[name](source), *KEPT[name], "-wp-fct", function]
                runs.append(prove(name, source, one.defined, options))
                show(runs[-1])
            failed = [line for run in runs for line in run.failed]
            say(failed)
            print("one function: not the gate")
            return 1 if failed else 0
    every = sorted({f for source in contracted() for f in inventory(source).defined})
    raise Trouble(f"no function '{function}' with contracts; there are: {' '.join(every)}", 2)


def show(run: Run) -> None:
    print(
        f"{run.source}, {run.name}: Proved goals: {run.proved} / {run.total},"
        f" in {run.seconds:.0f} s",
        flush=True,
    )


def say(lines: Sequence[str]) -> None:
    for line in lines:
        print(line)


def plain(source: str | None) -> int:
    """The plain command alone, which needs no limits with slack: what a reader of the README runs on
    the core, and the same on the other files."""
    runs = all_runs([inventory(name) for name in chosen(source)], ["plain"])
    failed = [line for run in runs for line in run.failed]
    say(failed)
    return 1 if failed else 0


def gate(source: str | None, accept: bool) -> int:
    inventories = [inventory(name) for name in chosen(source)]
    runs = all_runs(inventories, [*MADE])
    failed = [line for run in runs for line in run.failed]
    failed += trust.faults([inventory(name) for name in contracted()])
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for lines in pool.map(second.opinion, second.MACHINES):
            failed += lines
    results.write_details(runs, inventories)
    if source is None and not failed:
        text = results.summary(runs, inventories)
        if accept:
            results.SUMMARY.parent.mkdir(exist_ok=True)
            results.SUMMARY.write_text(text)
        changed = results.differences(text)
        failed += [f"proofs/results/goals.txt: {line}" for line in changed]
        if changed:
            failed.append("the goals are others than committed: look, then `./build.sh prove --accept`")
    say(failed)
    if source is not None:
        print("one file: not the gate")
    return 1 if failed else 0
