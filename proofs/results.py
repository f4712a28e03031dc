"""What a proof came to: build/results/proofs.json, and the committed summary that it must agree
with, proofs/results/goals.txt. The summary has no times and no provers, which may differ."""

from __future__ import annotations

import difflib
import json
import re
import subprocess
from collections import Counter
from collections.abc import Sequence

from goals import Goal, Run
from sources import ROOT, Inventory, believed

DETAILS = ROOT / "build" / "results" / "proofs.json"
SUMMARY = ROOT / "proofs" / "results" / "goals.txt"

LEMMAS = "(lemmas)"
SLOW = 0.1  # seconds, from which a goal's own time is kept


def _function(goals: Sequence[Goal]) -> dict[str, object]:
    slowest = max(goals, key=lambda goal: goal.seconds)
    return {
        "goals": len(goals),
        "proved": sum(goal.proved for goal in goals),
        "by_prover": dict(sorted(Counter(goal.prover for goal in goals if goal.proved).items())),
        "slowest": {"goal": slowest.name, "seconds": round(slowest.seconds, 3)},
        "seconds": round(sum(goal.seconds for goal in goals), 3),
    }


def _by_function(goals: Sequence[Goal]) -> dict[str, list[Goal]]:
    found: dict[str, list[Goal]] = {}
    for goal in goals:
        found.setdefault(goal.function or LEMMAS, []).append(goal)
    return dict(sorted(found.items()))


def _run(run: Run) -> dict[str, object]:
    return {
        "proved": run.proved,
        "goals": run.total,
        "smoke_tests": len(run.smoke),
        "seconds": round(run.seconds, 1),
        "by_prover": dict(sorted(Counter(goal.prover for goal in run.goals if goal.proved).items())),
        "functions": {name: _function(goals) for name, goals in _by_function(run.goals).items()},
        "slow_goals": {goal.name: round(goal.seconds, 3) for goal in run.goals if goal.seconds >= SLOW},
    }


def _version(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0].strip() if lines else "none"


def _tools() -> dict[str, object]:
    provers = subprocess.run(
        ["why3", "config", "list-provers"], capture_output=True, text=True, check=False
    ).stdout
    return {
        "frama-c": _version("frama-c", "-version"),
        "why3": re.sub(r"^.*version ", "", _version("why3", "--version")),
        "provers": [line.strip() for line in provers.splitlines() if line.strip()],
    }


def details(runs: Sequence[Run], inventories: Sequence[Inventory], axioms: int) -> dict[str, object]:
    """What the nightly report reads."""
    files: dict[str, dict[str, object]] = {}
    for run in runs:
        files.setdefault(run.source, {})[run.name] = _run(run)
    return {
        "tools": _tools(),
        "files": files,
        "totals": {
            "goals": sum(run.total for run in runs),
            "proved": sum(run.proved for run in runs),
            "seconds": round(sum(run.seconds for run in runs), 1),
        },
        "axioms_and_admits": axioms + sum(len(one.admitted) for one in inventories),
        "trusted": believed(inventories),
    }


def write_details(runs: Sequence[Run], inventories: Sequence[Inventory], axioms: int) -> None:
    DETAILS.parent.mkdir(parents=True, exist_ok=True)
    DETAILS.write_text(json.dumps(details(runs, inventories, axioms), indent=1) + "\n")


def summary(runs: Sequence[Run], inventories: Sequence[Inventory], axioms: int) -> str:
    names = list(dict.fromkeys(run.name for run in runs))
    lines = [
        "# Goals of each function, by run: plain is `frama-c -wp FILE`; bits64 and bits32 also prove",
        "# that no run-time error, overflow or downcast is possible; smoke counts the tests that no",
        "# contract contradicts itself. `./build.sh prove` must find the same; --accept rewrites it.",
        "",
        "function".ljust(32) + "".join(name.rjust(8) for name in [*names, "smoke"]),
    ]
    for one in inventories:
        own = {run.name: run for run in runs if run.source == one.source}
        counts = {name: Counter(g.function or LEMMAS for g in own[name].goals) for name in own}
        smoke = Counter(g.function or LEMMAS for run in own.values() for g in run.smoke)
        functions = sorted({f for count in counts.values() for f in count})
        lines += ["", one.source]
        for function in functions:
            row = [counts[name][function] for name in names] + [smoke[function]]
            lines.append(f"  {function}".ljust(32) + "".join(str(n).rjust(8) for n in row))
        sums = [sum(counts[name].values()) for name in names] + [sum(smoke.values())]
        lines.append("  all".ljust(32) + "".join(str(n).rjust(8) for n in sums))
    trusted = believed(inventories)
    admits = axioms + sum(len(one.admitted) for one in inventories)
    lines += ["", f"axioms and admitted clauses: {admits}"]
    lines += [f"trusted, a contract without a body: {name}" for name in trusted]
    return "\n".join(lines) + "\n"


def differences(text: str) -> list[str]:
    """How the committed summary differs from this one."""
    committed = SUMMARY.read_text() if SUMMARY.exists() else ""
    lines = difflib.unified_diff(committed.splitlines(), text.splitlines(), "committed", "found", "", "", 0, "")
    return [line for line in lines if not line.startswith("@@")]
