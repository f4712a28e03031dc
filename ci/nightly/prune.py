"""The corpus merged to what covers something of its own for one engine or the other (their compilers
split a condition differently), and no file leaves before that is certain."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from place import build, most_input, quiet_environment
from state import State

SECONDS = 1800


def merge(program: Path, into: Path, source: Path) -> bool:
    """Copies the files of `source` that cover what `into` does not."""
    done = subprocess.run(
        [program, "-merge=1", "-detect_leaks=0", f"-max_len={most_input()}", into, source],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS,
        env=quiet_environment(), cwd=into.parent, check=False)
    return done.returncode == 0


def minimised(program: Path, into: Path, source: Path) -> bool:
    """AFL++'s choice, likewise."""
    environment = quiet_environment() | {"AFL_ALLOW_TMP": "1", "AFL_QUIET": "1"}
    done = subprocess.run(["afl-cmin", "-i", source, "-o", into, "--", program],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=SECONDS,
                          env=environment, cwd=into.parent, check=False)
    return done.returncode == 0 and into.is_dir()


def count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir())


def run(state: State, target: str) -> dict[str, Any]:
    corpus = state.corpus(target)
    scratch = state.folder / "work" / "merge"
    shutil.rmtree(scratch, ignore_errors=True)
    merged = scratch / "merged"
    merged.mkdir(parents=True)
    before = count(corpus)
    program = build("fuzz-address", target) / target
    chosen = scratch / "chosen"
    try:
        # The second merge finds nothing when the first lost nothing; what it finds is kept.
        if before == 0 or not (merge(program, merged, corpus) and merge(program, merged, corpus)
                               and minimised(build("afl-none", target) / target, chosen, corpus)):
            return {"target": target, "before": before, "after": before, "done": before == 0}
        for path in corpus.iterdir():
            if not ((merged / path.name).exists() or (chosen / path.name).exists()):
                path.unlink()
        # A file that the merge cut to the longest input is new.
        for path in merged.iterdir():
            state.keep(target, path.read_bytes())
    except subprocess.TimeoutExpired:
        return {"target": target, "before": before, "after": count(corpus), "done": False}
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return {"target": target, "before": before, "after": count(corpus), "done": True}
