"""What each clause of the contracts is good for: the code mutants that no goal but its own notices,
and that would therefore live without it."""
from __future__ import annotations

import re
from collections import defaultdict

from model import LAYERS, ROOT, Mutant, Outcome
from report import Verdicts

_CLAUSE = re.compile(r"\b(?:ensures|exits|requires|assert|invariant)\s+([a-z]\w*)\s*:(?!:)")


def labels() -> list[str]:
    """All that the core's contracts have, sorted; one label may stand in several functions."""
    text = "".join((ROOT / file).read_text() for file in LAYERS["core"])
    return sorted(set(_CLAUSE.findall(text)))


def clause_of(goal: str) -> str:
    """The goal's name without the memory model, and without parts and doubles (`_part2`, `_2`)."""
    return re.sub(r"^typed_(ref_)?", "", re.sub(r"(_part\d+|_\d+)+$", "", goal))


def table(mutants: list[Mutant], verdicts: Verdicts) -> str:
    """For each clause of a function: mutants noticed by it, and by it alone. The last line: labels
    by which none of these mutants is noticed, in any function."""
    seen: dict[str, int] = defaultdict(int)
    alone: dict[str, list[str]] = defaultdict(list)
    for mutant in mutants:
        verdict = verdicts.get((mutant.id, "wp"))
        if verdict is None or verdict.outcome is not Outcome.KILLED:
            continue
        found = {clause_of(goal) for goal in verdict.detail.split()}
        for clause in found:
            seen[clause] += 1
        if len(found) == 1:
            alone[found.pop()].append(mutant.id)
    lines = ["clauses: noticed by it, by it alone (those mutants would live without it)"]
    for clause in sorted(seen, key=lambda name: (-len(alone[name]), -seen[name], name)):
        some = ", ".join(alone[clause][:3]) + (", ..." if len(alone[clause]) > 3 else "")
        lines.append(f"  {seen[clause]:>5} {len(alone[clause]):>5}  {clause}  {some}".rstrip())
    idle = [label for label in labels() if not any(name.endswith("_" + label) for name in seen)]
    lines.append("notice none of these mutants: " + (", ".join(idle) or "none"))
    return "\n".join(lines)
