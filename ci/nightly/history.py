"""A line of figures for each campaign that came to its end, and what got worse since."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

from triage import is_open

RECENT = 7  # campaigns that the last one is compared with
SLOWER, SHRUNK, LONGER = 2 / 3, 0.98, 1.5


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


def goal_seconds(record: dict[str, Any]) -> dict[str, float]:
    """Seconds of proof by function or goal, from whatever the proof's figures have of it."""
    for gate in record.get("gates", []):
        figures = gate.get("figures") or {}
        if gate["gate"] == "prove" and isinstance(figures, dict):
            entries = figures.get("goals") or figures.get("functions") or []
            if isinstance(entries, list):
                return {str(e.get("name") or e.get("goal")): float(e.get("seconds") or e.get("time") or 0)
                        for e in entries if isinstance(e, dict)}
    return {}


def survivors(record: dict[str, Any]) -> list[str]:
    for gate in record.get("gates", []):
        if gate["gate"] == "mutate" and gate.get("figures"):
            return [str(name) for name in gate["figures"].get("survivors", [])]
    return []


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
        if was and seconds > max(was * LONGER, 0.2):
            found.append(f"proof of {name}: {seconds:.2f} s, {was:.2f} s before")
    found += [f"mutant {name} is alive and was not before" for name in now["survivors"]
              if last and name not in last.get("survivors", [])]
    return found
