"""A line of figures for each campaign that came to its end, and what got worse since."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

from triage import is_open

RECENT = 7  # campaigns that the last one is compared with
SLOWER, SHRUNK, LONGER = 2 / 3, 0.98, 1.5
LONG = 0.5  # seconds of a proof, below which the machine's noise is all that one sees


def read(path: Path) -> list[dict[str, Any]]:
    """Without the line that a killed campaign was writing."""
    found = []
    for line in path.read_text().splitlines() if path.exists() else []:
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        if isinstance(entry, dict) and "id" in entry:
            found.append(entry)
    return found


def speeds(record: dict[str, Any]) -> dict[str, int]:
    return {f"{part['target']} {part['slice']} {engine['engine']}": engine["execs_per_second"]
            for part in record["slices"] for engine in part.get("engines") or []}


def figures(record: dict[str, Any], name: str) -> dict[str, Any]:
    """What a gate measured; empty when it did not run or came to no end."""
    for gate in record.get("gates", []):
        if gate["gate"] == name and gate.get("figures"):
            found: dict[str, Any] = gate["figures"]
            return found
    return {}


def goal_seconds(record: dict[str, Any]) -> dict[str, float]:
    """Seconds that the provers took, by goal and run; what they close at once is left out."""
    return {f"{goal} ({name})": float(seconds)
            for runs in figures(record, "prove").get("files", {}).values()
            for name, run in runs.items() for goal, seconds in run.get("slow_goals", {}).items()}


def survivors(record: dict[str, Any]) -> list[str]:
    return [str(name) for name in figures(record, "mutate").get("survivors", [])]


def unnoticed(record: dict[str, Any]) -> list[str]:
    """Mutants that no checker killed, though one could see them."""
    found = []
    for mutant in figures(record, "mutate").get("mutants", []):
        outcomes = {verdict["outcome"] for verdict in mutant.get("verdicts", {}).values()}
        if "survived" in outcomes and "killed" not in outcomes:
            found.append(str(mutant["id"]))
    return found


def line(record: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": record["id"], "commit": record["commit"],
        "seconds": round((record["ended"] or record["began"]) - record["began"]),
        "executions": sum(engine["executions"] for part in record["slices"]
                          for engine in part.get("engines") or []),
        "speeds": speeds(record),
        "corpus": {part["target"]: part["after"] for part in record.get("prune", [])},
        "coverage": {part["target"]: {kind: counts["covered"] for kind, counts in part["total"].items()}
                     for part in record.get("coverage", [])},
        "goal_seconds": goal_seconds(record),
        "survivors": survivors(record),
        "findings": sum(is_open(f) for f in record.get("findings", [])),
        "missed": record.get("missed", [])}


def append(path: Path, record: dict[str, Any]) -> None:
    # A line break first: a broken last line spoils itself alone.
    broken = path.exists() and not path.read_bytes().endswith(b"\n")
    with path.open("a") as file:
        file.write(("\n" if broken else "") + json.dumps(line(record)) + "\n")


def usual(values: list[float]) -> float | None:
    return statistics.median(values) if values else None


def alerts(record: dict[str, Any], before: list[dict[str, Any]]) -> list[str]:
    """What a person should look at though nothing failed."""
    now, recent = line(record), before[-RECENT:]
    found = []
    for name, speed in now["speeds"].items():
        was = usual([old["speeds"][name] for old in recent if name in old.get("speeds", {})])
        if was and speed < was * SLOWER:
            found.append(f"{name}: {speed:,} executions per second, {was:,.0f} before")
    last = recent[-1] if recent else {}
    for target, files in now["corpus"].items():
        was = last.get("corpus", {}).get(target)
        if was and files < was * SHRUNK:
            found.append(f"{target}: the corpus has {files} inputs, {was} before")
    for target, kinds in now["coverage"].items():
        for kind, covered in kinds.items():
            was = last.get("coverage", {}).get(target, {}).get(kind, 0)
            if covered < was:
                found.append(f"{target}: {covered} {kind} covered, {was} before")
    for name, seconds in now["goal_seconds"].items():
        was = usual([old["goal_seconds"][name] for old in recent if name in old.get("goal_seconds", {})])
        if was and seconds > max(was * LONGER, LONG):
            found.append(f"proof of {name}: {seconds:.2f} s, {was:.2f} s before")
    found += [f"mutant {name} is alive: no checker notices it" for name in unnoticed(record)]
    found += [f"mutant {name} is alive for one more checker than before" for name in now["survivors"]
              if last and name not in last.get("survivors", [])]
    return found
