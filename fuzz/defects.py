"""The defects that a target names: each must be found by every engine from nothing; in what time."""

from __future__ import annotations

import contextlib
import io
import math
import re
import statistics
import subprocess
from dataclasses import dataclass
from pathlib import Path

from campaign import Campaign, Options
from findings import show
from place import FUZZ, Misuse, Trouble, print_table, quiet_environment, replay_of

SEEDS = 5
MARKS = ("<!-- measured by: fuzz/run defects --write -->\n", "<!-- end -->\n")


@dataclass(frozen=True)
class Way:
    name: str
    engine: str
    sanitizer: str


WAYS = (Way("libFuzzer", "libfuzzer", "address"), Way("AFL++", "afl", "none"),
        Way("libFuzzer, 32 bits", "libfuzzer", "m32"))

Times = dict[tuple[str, str], list[float]]  # by way and defect; one for each seed that found it


def names_of(target: str) -> list[str]:
    """The target's own, which come after the properties; `memory` is the last of these."""
    kinds = subprocess.run([replay_of("address", target), "--kinds"], stdout=subprocess.PIPE,
                           text=True, env=quiet_environment(), check=True).stdout.split()
    names = kinds[kinds.index("memory") + 1:]
    if not names:
        raise Misuse(f"the target '{target}' names no defects")
    return names


def measure(target: str, seconds: float, names: list[str], ways: tuple[Way, ...],
            seeds: int) -> tuple[Times, dict[str, Path]]:
    times: Times = {}
    inputs: dict[str, Path] = {}
    for way in ways:
        for seed in range(1, seeds + 1):
            campaign = Campaign(Options((way.engine,), seconds, 1, way.sanitizer, target, fresh=True,
                                        stop_at_first=False, stop_at=frozenset(names), seed=seed))
            with contextlib.redirect_stdout(io.StringIO()):
                campaign.run()
            if campaign.stopped_by:
                raise Trouble(f"stopped by {campaign.stopped_by}")
            for finding in campaign.findings.list:
                times.setdefault((way.name, finding.property), []).append(finding.seconds)
                old = inputs.get(finding.property)
                if old is None or finding.file.stat().st_size < old.stat().st_size:
                    inputs[finding.property] = finding.file
            print(f"{way.name}, seed {seed}: {len(campaign.findings.list)} of {len(names)}",
                  flush=True)
    return times, inputs


def cell(times: list[float]) -> str:
    """A seed that did not find it counts as longer than any that did."""
    if not times:
        return "not found"
    every = times + [math.inf] * (SEEDS - len(times))
    most = f"{max(times):.1f}" if len(times) == SEEDS else f"not found, {len(times)} of {SEEDS} do"
    median = statistics.median(every)
    middle = "not found" if math.isinf(median) else f"{median:.1f}"
    return f"{middle} ({min(times):.1f} to {most})"


def table(target: str, names: list[str], times: Times,
          inputs: dict[str, Path]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("defect", "property", "bytes", *(way.name for way in WAYS))]
    replay = replay_of("address", target)
    for name in names:
        size = f"{inputs[name].stat().st_size}" if name in inputs else "-"
        broken = show(replay, inputs[name]).get("property", "-") if name in inputs else "-"
        rows.append((name, broken, size, *(cell(times.get((way.name, name), [])) for way in WAYS)))
    return rows


def listings(target: str, names: list[str], inputs: dict[str, Path]) -> str:
    parts = []
    for name in names:
        if name in inputs:
            done = subprocess.run([replay_of("address", target), "--show", inputs[name]],
                                  stderr=subprocess.PIPE, text=True, env=quiet_environment(),
                                  check=False)
            body = done.stderr.partition("adapter.create();\n")[2].partition("    return 0;")[0]
            here = re.search(r"^here: (.*)$", done.stderr, re.M)
            said = here[1] if here else ""
            parts.append(f"{name}:\n\n```c\n{body.rstrip()}\n    /* {said} */\n```\n")
    return "\n".join(parts)


def write(target: str, text: str) -> None:
    path = FUZZ / "targets" / f"{target}.md"
    head, _, rest = path.read_text().partition(MARKS[0])
    tail = rest.partition(MARKS[1])[2]
    path.write_text(head + MARKS[0] + text + MARKS[1] + tail)


def check(target: str, seconds: float, way: str) -> int:
    """Once, one way: are all found?"""
    chosen = tuple(each for each in WAYS if each.name == way)
    if not chosen:
        raise Misuse(f"--only takes one of: {'; '.join(each.name for each in WAYS)}")
    names = names_of(target)
    times, _ = measure(target, seconds, names, chosen, 1)
    missed = [name for name in names if (way, name) not in times]
    for name in missed:
        print(f"not found: {name}")
    return 1 if missed else 0


def main(target: str, seconds: float, to_file: bool) -> int:
    names = names_of(target)
    times, inputs = measure(target, seconds, names, WAYS, SEEDS)
    rows = table(target, names, times, inputs)
    print_table(rows)
    if to_file:
        lines = ["| " + " | ".join(row) + " |\n" for row in rows]
        lines.insert(1, "|---" * len(rows[0]) + "|\n")
        write(target, "\n" + "".join(lines) + "\n" + listings(target, names, inputs) + "\n")
    missed = [name for name in names for way in WAYS if not times.get((way.name, name))]
    return 1 if missed else 0
