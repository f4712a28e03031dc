"""The report for people: one HTML file that asks nothing of a network."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import jinja2

import formats
import history
import plots
from place import ROOT

Record = dict[str, Any]
MOST_MUTANTS = 60  # that are shown one by one; of more only those alive


def duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def when(moment: float) -> str:
    return time.strftime("%-d %B %Y, %H:%M UTC", time.gmtime(moment))


def gate(record: Record, name: str) -> Record | None:
    return next((result for result in record.get("gates", []) if result["gate"] == name), None)


def proof_files(record: Record) -> list[Record]:
    """By file: the counts of each run, and each function over all runs."""
    found = []
    for file, runs in history.figures(record, "prove").get("files", {}).items():
        functions: dict[str, Record] = {}
        for run, told in runs.items():
            for name, one in told["functions"].items():
                row = functions.setdefault(name, {"runs": {}, "provers": {}, "seconds": 0.0})
                row["runs"][run] = (one["proved"], one["goals"])
                row["seconds"] += one["seconds"]
                for prover, goals in one["by_prover"].items():
                    row["provers"][prover] = row["provers"].get(prover, 0) + goals
        found.append({
            "file": file, "runs": runs, "functions": functions,
            "whole": all(told["proved"] == told["goals"] for told in runs.values()),
            "seconds": sum(told["seconds"] for told in runs.values())})
    return found


def trusted() -> list[tuple[str, str]]:
    """SOUNDNESS.md's numbered list: the bold head of each item, and its first sentence."""
    text = (ROOT / "SOUNDNESS.md").read_text()
    section = text.split("## Trusted", 1)[-1].split("\n## ", 1)[0]
    found = []
    for item in re.findall(r"^\d+\. (.*?)(?=^\d+\. |\Z)", section, re.M | re.S):
        head, _, rest = " ".join(item.split()).removeprefix("**").partition("**")
        rest = re.sub(r"^ *\([^)]*\)", "", rest).strip(" .:")
        first = re.split(r"\. (?=[A-Z`])", rest, maxsplit=1)[0]
        found.append((plain(head).rstrip("."), plain(first)))
    return found


def plain(text: str) -> str:
    """Without Markdown's marks; a pointer's star stays."""
    return re.sub(r"\*\*|(?<=\s)\*(?=\w)|(?<=\w)\*(?=\W)|`", "", text)


def matrix(record: Record) -> Record | None:
    """Killed of seen, by layer and checker; and each mutant, which a subset has few of."""
    figures = history.figures(record, "mutate")
    if not figures:
        return None
    rows: dict[str, dict[str, dict[str, int]]] = {}
    checkers: list[str] = []
    tried = [mutant for mutant in figures.get("mutants", []) if mutant.get("verdicts")]
    for mutant in tried:
        for checker, verdict in mutant["verdicts"].items():
            if checker not in checkers:
                checkers.append(checker)
            cell = rows.setdefault(mutant["layer"], {}).setdefault(checker, {"killed": 0, "seen": 0})
            cell["seen"] += verdict["outcome"] != "blind"
            cell["killed"] += verdict["outcome"] == "killed"
    for cells in rows.values():
        for checker in checkers:
            cells.setdefault(checker, {"killed": 0, "seen": 0})
    survivors = figures.get("survivors", [])
    killed = sum(any(verdict["outcome"] == "killed" for verdict in mutant["verdicts"].values())
                 for mutant in tried)
    return {"checkers": checkers, "rows": rows, "survivors": survivors, "killed": killed, "tried": len(tried),
            "mutants": [m for m in tried if len(tried) <= MOST_MUTANTS or m["id"] in survivors]}


def page_of(folder: Path, file: str) -> str:
    """Where llvm-cov put the page of a source file."""
    found = next(iter(sorted(folder.glob(f"coverage/**/{file}.html"))), None)
    return str(found.relative_to(folder)) if found else "index.html"


def render(record: Record, past: list[Record], folder: Path) -> str:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True)
    environment.filters |= {"duration": duration, "when": when}
    return environment.get_template("report.html").render(
        r=record, past=past, verdict=formats.verdict(record), open=formats.open_findings(record),
        executions=sum(engine["executions"] for part in record["slices"]
                       for engine in part.get("engines") or []),
        prove=gate(record, "prove"), tests=gate(record, "test"),
        proofs=history.figures(record, "prove"), files=proof_files(record), trusted=trusted(),
        matrix=matrix(record),
        pages={part["target"]: {file: page_of(folder / "coverage" / part["target"], file)
                                for file in part["files"]} for part in record.get("coverage", [])},
        plots=plots.all_plots(record, past)) + "\n"
