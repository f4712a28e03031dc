"""What each clause of the contracts is good for: the code mutants that no goal but its own notices,
and that would therefore live without it."""
from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from model import LAYERS, ROOT, Mutant, Outcome
from report import Verdicts

_CLAUSE = re.compile(r"\b(?:ensures|exits|requires|assert|invariant)\s+([a-z]\w*)\s*:(?!:)")
# Goals that no label stands for.
_UNNAMED = "(unnamed: variants, assigns, run-time errors)"


def labels() -> list[str]:
    """All that the core's contracts have, sorted; one label may stand in several functions."""
    text = "".join((ROOT / file).read_text() for file in LAYERS["core"])
    return sorted(set(_CLAUSE.findall(text)))


def clause_of(goal: str, known: Iterable[str]) -> str:
    """The label that the goal's name ends with, parts (`_part2`) and doubles (`_2`) aside."""
    name = re.sub(r"(_part\d+|_\d+)+$", "", goal)
    ends = [label for label in known if name.endswith("_" + label)]
    return max(ends, key=len, default=_UNNAMED)


def table(mutants: list[Mutant], verdicts: Verdicts) -> str:
    """For each label: mutants noticed by it, and by it alone. The last lines: labels that notice
    none of these mutants."""
    known = labels()
    seen: dict[str, int] = defaultdict(int)
    alone: dict[str, list[str]] = defaultdict(list)
    for mutant in mutants:
        verdict = verdicts.get((mutant.id, "wp"))
        if verdict is None or verdict.outcome is not Outcome.KILLED:
            continue
        found = {clause_of(goal, known) for goal in verdict.detail.split()}
        for label in found:
            seen[label] += 1
        if len(found) == 1:
            alone[found.pop()].append(mutant.id)
    lines = ["clauses: noticed by it, by it alone (those mutants would live without it)"]
    for label in sorted(seen, key=lambda name: (-len(alone[name]), -seen[name], name)):
        some = ", ".join(alone[label][:3]) + (", ..." if len(alone[label]) > 3 else "")
        lines.append(f"  {label:<24} {seen[label]:>5} {len(alone[label]):>5}  {some}")
    idle = [label for label in known if label not in seen]
    lines.append("notice none of these mutants: " + (", ".join(idle) or "none"))
    return "\n".join(lines)
