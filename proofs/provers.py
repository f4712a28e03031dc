"""Which provers close each goal on their own: a goal that only one of them believes may be that one's
mistake. Qed's goals need none: WP's own simplifier closes them."""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from goals import Run, prove
from gate import LIMITS, RUN_TIME_ERRORS
from sources import ROOT, Trouble, inventory

PROVERS = ["alt-ergo", "z3", "cvc4", "cvc5"]
WANTED = 2
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


def _one(source: str) -> int:
    functions = inventory(source).defined
    options = [*RUN_TIME_ERRORS, *LIMITS, "-wp-timeout", "10"]
    runs = {
        prover: prove(prover, source, functions, [*options, "-wp-prover", prover])
        for prover in PROVERS
    }
    for prover, run in runs.items():
        if not any(goal.proved and goal.prover not in OWN for goal in run.goals):
            raise Trouble(f"{prover} closed nothing of {source}: is it set up? ./build.sh deps", 4)
    closed = _closed(runs)
    few = {goal: by for goal, by in closed.items() if len(by) < WANTED}
    print(f"{source}: {len(closed)} goals that are not WP's own")
    for prover in PROVERS:
        print(f"  {prover:9} closes {sum(prover in by for by in closed.values()):5}")
    for n, goals in sorted(Counter(len(by) for by in closed.values()).items(), reverse=True):
        print(f"  {n} provers   {goals:5}")
    for goal, by in few.items():
        print(f"  {goal}: {', '.join(by) or 'none'}")
    return 1 if few else 0


def table(sources: Sequence[str]) -> int:
    _configure()
    return max([_one(source) for source in sources], default=0)
