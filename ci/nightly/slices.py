"""The time of a campaign, shared out: which engine runs under which sanitizer for how long.

A slice that fails is tried once more with the time that it has left; then the others go on and the
campaign says which one did not run."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import process
from place import FUZZ
from state import State, read_json

TRIES = 2
MARGIN = 300  # seconds beside the fuzzing: to build, to replay what is known, to make findings short


@dataclass(frozen=True)
class Slice:
    name: str
    share: float  # of the time of the campaign
    words: tuple[str, ...]  # what `fuzz/run fuzz` is told
    why: str
    target: str = ""  # fuzzed in the place of `core`, with its corpus: the same inputs


SLICES = (
    Slice("address", 0.50, ("--engine", "all", "--sanitizer", "address"),
          "both engines side by side, AddressSanitizer and UBSan"),
    Slice("cmplog", 0.15, ("--engine", "afl", "--sanitizer", "none", "--cmplog"),
          "AFL++ at full speed, a main worker and one that logs comparisons"),
    Slice("contracts", 0.10, ("--engine", "libfuzzer", "--sanitizer", "address"),
          "the core behind the checks of its own contracts", "contracts"),
    Slice("memory", 0.10, ("--engine", "libfuzzer", "--sanitizer", "memory"),
          "MemorySanitizer"),
    Slice("thread", 0.10, ("--engine", "libfuzzer", "--sanitizer", "thread"),
          "ThreadSanitizer"),
    Slice("none", 0.05, ("--engine", "libfuzzer", "--sanitizer", "none"),
          "libFuzzer at full speed"),
)


def shared(changes: dict[str, float]) -> tuple[Slice, ...]:
    """The table with other shares; they need not add up to anything, and 0 leaves a slice out."""
    parts = [replace(part, share=changes.get(part.name, part.share)) for part in SLICES]
    whole = sum(part.share for part in parts)
    return tuple(replace(part, share=part.share / whole) for part in parts if part.share > 0)


def seconds_of(part: Slice, total: float, targets: int) -> float:
    return max(2.0, total * part.share / targets)


def fuzz(state: State, part: Slice, target: str, seconds: float, jobs: int, foreign: list[Path],
         environment: dict[str, str]) -> dict[str, Any]:
    """What `fuzz/run` tells of it, and how many inputs the corpus won."""
    before = sum(1 for _ in state.corpus(target).iterdir())
    result: dict[str, Any] = {
        "slice": part.name, "target": target, "about": part.why, "asked_seconds": round(seconds, 1),
        "trouble": []}
    began = time.monotonic()
    for _ in range(TRIES):
        left = seconds - (time.monotonic() - began)
        if left < 1:
            break
        ended, told = once(state, part, target, left, jobs, foreign, environment)
        if ended.status in (0, 1) and told is not None:
            result |= {key: told.get(key) for key in ("sanitizer", "engines", "series", "findings")}
            break
        result["trouble"].append(f"{ended.how}: {ended.last(4)}")
        if ended.status == 2:
            break
    result["ran"] = "engines" in result
    result["corpus_before"] = before
    result["corpus_after"] = sum(1 for _ in state.corpus(target).iterdir())
    return result


def once(state: State, part: Slice, target: str, seconds: float, jobs: int, foreign: list[Path],
         environment: dict[str, str]) -> tuple[process.Ended, Any]:
    results = state.folder / "work" / "fuzz.json"
    results.unlink(missing_ok=True)
    corpus = state.lend(target)
    others = [word for folder in foreign for word in ("--foreign", str(folder / "corpus" / target))
              if (folder / "corpus" / target).is_dir()]
    try:
        ended = process.run(
            [FUZZ / "run", "fuzz", *part.words, "--target", part.target or target, "--time", f"{max(seconds, 1)}",
             "--jobs", str(jobs), "--corpus", corpus, "--results", results,
             "--findings", state.folder / "work" / "findings" / (part.target or target), *others],
            state.logs / f"fuzz-{part.name}-{target}.log", seconds + MARGIN, environment)
    finally:
        state.harvest(target)
    return ended, read_json(results)
