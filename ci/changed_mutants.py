#!/usr/bin/python3
"""Mutants of the lines under src/ that a change touched: each must be noticed by some checker.

Usage: changed_mutants.py [--base COMMIT] [--most N]
  --base  what the change is compared with (default: the branch that a CI service names, else HEAD~1)
  --most  how many are tried, spread over the change (default 24)

Exit: 0 all noticed, or nothing to try; 1 one is alive; 2 misuse; 4 no such commit, or no answer.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "mutants"))

CHECKERS = "wp,replay,libfuzzer,unit"
RESULTS = ROOT / "build" / "results" / "mutation-full-part.json"


def named_base() -> str:
    """By GitHub of a pull request, by GitLab of a merge request."""
    branch = os.environ.get("GITHUB_BASE_REF")
    return f"origin/{branch}" if branch else os.environ.get("CI_MERGE_REQUEST_DIFF_BASE_SHA") or "HEAD~1"


def changed_lines(base: str) -> set[tuple[str, int]]:
    done = subprocess.run(["git", "-C", ROOT, "diff", "--unified=0", "--no-renames", f"{base}...HEAD",
                           "--", "src"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        print(f"changed-mutants: cannot compare with '{base}': {done.stderr.strip().splitlines()[-1]}; "
              "fetch it, or give another commit with --base", file=sys.stderr)
        sys.exit(4)
    found: set[tuple[str, int]] = set()
    file = ""
    for line in done.stdout.splitlines():
        if line.startswith("+++ "):
            file = line.removeprefix("+++ b/")
        elif hunk := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            first, count = int(hunk[1]), int(hunk[2] or 1)
            found |= {(file, number) for number in range(first, first + count)}
    return found


def spread(ids: list[str], most: int) -> list[str]:
    return ids if len(ids) <= most else [ids[i * len(ids) // most] for i in range(most)]


def alive(figures: dict[str, Any]) -> list[str]:
    """Those that a checker looked at and none killed."""
    found = []
    for mutant in figures["mutants"]:
        outcomes = {verdict["outcome"] for verdict in mutant.get("verdicts", {}).values()}
        if "survived" in outcomes and "killed" not in outcomes:
            found.append(f"{mutant['file']}:{mutant['line']}: {mutant['id']}: {mutant['description']}")
    return found


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="changed-mutants", usage="see ci/changed_mutants.py",
                                     allow_abbrev=False)
    parser.add_argument("--base", default=named_base())
    parser.add_argument("--most", type=int, default=24)
    given = parser.parse_args(words)
    lines = changed_lines(given.base)
    if not lines:
        print(f"nothing under src/ changed since {given.base}: no mutant to try")
        return 0
    need = subprocess.run([ROOT / "ci" / "need", "mutate"], check=False)
    if need.returncode != 0:
        return need.returncode
    import generate
    import handmade
    ids = [mutant.id for mutant in [*handmade.mutants(), *generate.mutants()]
           if (mutant.file, mutant.line) in lines]
    tried = spread(ids, max(1, given.most))
    if not ids:
        print(f"{len(lines)} lines changed since {given.base}, none of which has a mutant")
        return 0
    print(f"{len(ids)} mutants of {len(lines)} lines that changed since {given.base}, "
          f"{len(tried)} are tried", flush=True)
    RESULTS.unlink(missing_ok=True)
    done = subprocess.run([ROOT / "build.sh", "mutate", "--checker", CHECKERS, "--only", ",".join(tried)],
                          check=False)
    if done.returncode not in (0, 1) or not RESULTS.exists():
        print(f"changed-mutants: the analysis ended with {done.returncode}", file=sys.stderr)
        return 4
    left = alive(json.loads(RESULTS.read_text()))
    for line in left:
        print(f"alive: {line}\n       ./build.sh mutate --show {line.split(': ')[1]}")
    print(f"{len(left)} of {len(tried)} mutants are noticed by no checker")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
