"""The report for people: one HTML file that asks nothing of a network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import jinja2

import formats
import plots
from place import ROOT

Record = dict[str, Any]


def duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def figure(value: object) -> str:
    if value is None or isinstance(value, jinja2.Undefined):
        return "–"
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, dict):
        return ", ".join(f"{name} {figure(each)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(map(figure, value))
    return str(value)


def gate(record: Record, name: str) -> Record | None:
    return next((result for result in record.get("gates", []) if result["gate"] == name), None)


def functions(prove: Record | None) -> list[Record]:
    """The proof's figures by function, whatever of them there is."""
    entries = ((prove or {}).get("figures") or {}).get("functions") or []
    if isinstance(entries, dict):
        entries = [{"name": name, **(each if isinstance(each, dict) else {"goals": each})}
                   for name, each in entries.items()]
    return [entry for entry in entries if isinstance(entry, dict) and "name" in entry]


def columns(rows: list[Record]) -> list[str]:
    wanted = ("goals", "proved", "provers", "prover", "seconds", "time", "slowest")
    return [name for name in wanted if any(name in row for row in rows)]


def trusted() -> list[str]:
    """The bold heads of SOUNDNESS.md's numbered list, with their first sentence."""
    text = (ROOT / "SOUNDNESS.md").read_text()
    section = text.split("## Trusted", 1)[-1].split("\n## ", 1)[0]
    items = re.findall(r"^\d+\. (.*?)(?=^\d+\. |\Z)", section, re.M | re.S)
    plain = [re.sub(r"[*`]", "", " ".join(item.split())) for item in items]
    return [re.split(r"(?<=[a-z])\. (?=[A-Z])", item.replace("). ", "): ", 1), maxsplit=1)[0]
            for item in plain]


def matrix(record: Record) -> Record | None:
    figures = (gate(record, "mutate") or {}).get("figures")
    if not figures:
        return None
    rows: dict[str, dict[str, dict[str, int]]] = {}
    checkers: list[str] = []
    for mutant in figures.get("mutants", []):
        for checker, verdict in mutant.get("verdicts", {}).items():
            if checker not in checkers:
                checkers.append(checker)
            cell = rows.setdefault(mutant["layer"], {}).setdefault(checker, {"killed": 0, "seen": 0})
            cell["seen"] += verdict["outcome"] != "blind"
            cell["killed"] += verdict["outcome"] == "killed"
    for cells in rows.values():
        for checker in checkers:
            cells.setdefault(checker, {"killed": 0, "seen": 0})
    return {"checkers": checkers, "rows": rows, "survivors": figures.get("survivors", [])}


def page_of(folder: Path, file: str) -> str:
    """Where llvm-cov put the page of a source file."""
    found = next(iter(sorted(folder.glob(f"coverage/**/{file}.html"))), None)
    return str(found.relative_to(folder)) if found else "index.html"


def render(record: Record, past: list[Record], folder: Path) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True)
    environment.filters |= {"duration": duration, "figure": figure}
    rows = functions(gate(record, "prove"))
    return environment.get_template("report.html").render(
        r=record, past=past, verdict=formats.verdict(record), open=formats.open_findings(record),
        executions=sum(engine["executions"] for part in record["slices"]
                       for engine in part.get("engines") or []),
        prove=gate(record, "prove"), tests=gate(record, "test"), functions=rows,
        columns=columns(rows), trusted=trusted(), matrix=matrix(record),
        pages={part["target"]: {file: page_of(folder / "coverage" / part["target"], file)
                                for file in part["files"]} for part in record.get("coverage", [])},
        plots=plots.all_plots(record, past)) + "\n"
