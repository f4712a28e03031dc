"""What a proof came to: build/results/proofs.json, and the committed summary that it must agree
with, proofs/results/goals.txt. The summary has no times and no provers, which may differ."""

from __future__ import annotations

import difflib
import json
import re
import subprocess
from collections import Counter
from collections.abc import Sequence

from goals import SMOKE, Goal, Run
from sources import CORE, ROOT, Inventory, axioms, believed, proved_elsewhere, unproved_requires

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
    slowest = max(run.goals, key=lambda goal: goal.seconds, default=None)
    return {
        "proved": run.proved,
        "goals": run.total,
        "smoke_tests": len(run.smoke),
        "seconds": round(run.seconds, 1),
        "slowest": slowest and {"goal": slowest.name, "seconds": round(slowest.seconds, 3)},
        "by_prover": dict(sorted(Counter(goal.prover for goal in run.goals if goal.proved).items())),
        "functions": {
            name: _function(goals) for name, goals in _by_function((*run.goals, *run.smoke)).items()
        },
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


def stated(inventories: Sequence[Inventory]) -> tuple[int, int]:
    """The axioms and the admitted clauses: in the text of the annotations, and as Frama-C reads them."""
    found = axioms()
    admits = sum(line.endswith("admit") for line in found)
    return len(found) - admits, max(admits, sum(len(one.admitted) for one in inventories))


def details(
    runs: Sequence[Run], inventories: Sequence[Inventory], assumed: tuple[int, int]
) -> dict[str, object]:
    """What the nightly report reads."""
    files: dict[str, dict[str, object]] = {}
    for run in runs:
        files.setdefault(run.source, {})[run.name] = _run(run)
    real = [run for run in runs if run.name != SMOKE]
    return {
        "tools": _tools(),
        "files": files,
        "proved_elsewhere": {
            one.source: sorted(proved_elsewhere(one)) for one in inventories if one.source != CORE
        },
        "totals": {
            "goals": sum(run.total for run in real),
            "proved": sum(run.proved for run in real),
            "smoke_tests": sum(run.total for run in runs if run.name == SMOKE),
            "seconds": round(sum(run.seconds for run in runs), 1),
        },
        "axioms": assumed[0],
        "admits": assumed[1],
        "trusted": believed(inventories),
    }


def write_details(runs: Sequence[Run], inventories: Sequence[Inventory]) -> None:
    DETAILS.parent.mkdir(parents=True, exist_ok=True)
    told = details(runs, inventories, stated(inventories))
    DETAILS.write_text(json.dumps(told, indent=1) + "\n")


def _row(name: str, counts: Sequence[int | None]) -> str:
    cells = ["-" if count is None else str(count) for count in counts]
    return f"  {name}".ljust(32) + "".join(cell.rjust(8) for cell in cells)


def summary(runs: Sequence[Run], inventories: Sequence[Inventory]) -> str:
    names = list(dict.fromkeys(run.name for run in runs))
    lines = [
        "# Goals of each function, by run: plain is `frama-c -wp FILE`; bits64 and bits32 also prove",
        "# that no run-time error, overflow or downcast is possible; smoke counts the tests that no",
        "# contract contradicts itself. A header's functions are proved with the file of its name.",
        "# `./build.sh prove` must find the same; --accept rewrites it.",
        "",
        "function".ljust(32) + "".join(name.rjust(8) for name in names),
    ]
    for one in inventories:
        own = {run.name: run for run in runs if run.source == one.source}
        counts = {
            name: Counter(goal.function or LEMMAS for goal in (*run.goals, *run.smoke))
            for name, run in own.items()
        }
        lines += ["", one.source]
        for function in sorted({f for count in counts.values() for f in count}):
            lines.append(_row(function, [counts[n][function] if n in own else None for n in names]))
        lines.append(_row("all", [counts[n].total() if n in own else None for n in names]))
    assumed, admits = stated(inventories)
    lines += ["", f"axioms: {assumed}", f"admitted clauses: {admits}"]
    lines += [f"believed, not proved to the letter: {name}" for name in believed(inventories)]
    lines += [f"required, and proved of no call: {name}" for name in unproved_requires(inventories)]
    return "\n".join(lines) + "\n"


def differences(text: str) -> list[str]:
    """How the committed summary differs from this one."""
    committed = SUMMARY.read_text() if SUMMARY.exists() else ""
    lines = difflib.unified_diff(committed.splitlines(), text.splitlines(), "committed", "found", "", "", 0, "")
    return [line for line in lines if not line.startswith("@@")]
