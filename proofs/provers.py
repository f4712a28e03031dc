"""Which provers close each goal on their own: a goal that only one of them believes may be that one's
mistake. Qed's goals need none: WP's own simplifier closes them."""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from goals import Run, owner, prove
from gate import AT_ONCE, LIMITS
from sources import ROOT, Inventory, Trouble, inventory, proved_elsewhere
from strict import demanded

PROVERS = ["alt-ergo", "z3", "cvc4", "cvc5"]
WANTED = 2
SECONDS = 5  # for a goal: what it costs where a prover does not close it
# For what too few close in that: some provers count the time that the machine spends on others.
LONGER = 40
OWN = ("Qed", "CFG")  # what WP closes without a prover
CONFIG = ROOT / "build" / "results" / "prove" / "why3.conf"

# Why3 1.5 does not know CVC5, which reads what is written for CVC4 1.6.
CVC5 = """
[prover]
name = "CVC5"
version = "{version}"
alternative = ""
shortcut = "cvc5"
command = "cvc5 --tlimit-per=%t000 --lang=smt2 %f"
command_steps = "cvc5 --tlimit-per=%t000 --lang=smt2 --rlimit=%S %f"
driver = "cvc4_16"
editor = ""
in_place = false
interactive = false
"""


def _configure() -> None:
    """A Why3 configuration of our own: the user's, and CVC5."""
    users = Path(os.environ.get("WHY3CONFIG", Path.home() / ".why3.conf"))
    text = users.read_text() if users.exists() else ""
    said = subprocess.run(["cvc5", "--version"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"version ([0-9.]+)", said)
    if version is None:
        raise Trouble("cvc5 does not run; ./build.sh deps installs it", 3)
    CONFIG.parent.mkdir(parents=True, exist_ok=True)
    CONFIG.write_text(text + CVC5.format(version=version[1]))
    os.environ["WHY3CONFIG"] = str(CONFIG)


def _closed(runs: dict[str, Run]) -> dict[str, list[str]]:
    """Each goal that WP leaves to provers, with those that close it."""
    found: dict[str, list[str]] = {}
    for prover, run in runs.items():
        for goal in run.goals:
            if goal.proved and goal.prover in OWN:
                continue
            closed = found.setdefault(goal.name, [])
            if goal.proved:
                closed.append(prover)
    return found


def _few(closed: dict[str, list[str]]) -> dict[str, list[str]]:
    return {goal: by for goal, by in closed.items() if len(by) < WANTED}


def _run(prover: str, one: Inventory, seconds: int, which: Sequence[str]) -> Run:
    options = [*demanded(one.source, "64"), *LIMITS, "-wp-timeout", str(seconds), *which]
    return prove(prover, one.source, one.defined, [*options, "-wp-prover", prover])


def _all_closed(source: str) -> dict[str, list[str]]:
    """The goals of a file, those of a header with the file of its name only; a function of which too
    few provers close a goal has longer, with one prover after the other while that is so."""
    one = inventory(source)
    elsewhere = proved_elsewhere(one) & one.defined.keys()
    skip = ["-wp-skip-fct", ",".join(sorted(elsewhere))] if elsewhere else []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        started = {prover: pool.submit(_run, prover, one, SECONDS, skip) for prover in PROVERS}
        runs = {prover: run.result() for prover, run in started.items()}
    for prover, run in runs.items():
        if not any(goal.proved and goal.prover not in OWN for goal in run.goals):
            raise Trouble(f"{prover} closed nothing of {source}: is it set up? ./build.sh deps", 4)
    closed = _closed(runs)
    for prover in sorted(PROVERS, key=lambda name: -sum(name in by for by in closed.values())):
        again = sorted({owner(goal, one.defined) for goal in _few(closed)} - {""})
        if again:
            run = _run(prover, one, LONGER, ["-wp-fct", ",".join(again)])
            for goal, by in _closed({prover: run}).items():
                closed[goal] = [name for name in PROVERS if name in (*closed[goal], *by)]
    return closed


def _one(source: str) -> int:
    closed = _all_closed(source)
    print(f"{source}: goals that are not WP's own".ljust(72) + "".join(p.rjust(9) for p in PROVERS))
    for goal, by in closed.items():
        cells = ("yes" if prover in by else "-" for prover in PROVERS)
        print(f"  {goal}".ljust(72) + "".join(cell.rjust(9) for cell in cells))
    sums = (str(sum(prover in by for by in closed.values())) for prover in PROVERS)
    print(f"{source}: {len(closed)} goals, closed by".ljust(72) + "".join(n.rjust(9) for n in sums))
    for number, goals in sorted(Counter(len(by) for by in closed.values()).items(), reverse=True):
        print(f"  by {number} of {len(PROVERS)} provers: {goals}")
    for goal, by in _few(closed).items():
        print(f"  fewer than {WANTED}: {goal}: {', '.join(by) or 'none'}")
    return 1 if _few(closed) else 0


def table(sources: Sequence[str]) -> int:
    _configure()
    return max([_one(source) for source in sources], default=0)
