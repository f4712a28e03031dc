"""What each clause of the contracts is good for. It is used if a proof fails without it, or with a
weaker one; or if it alone notices a mutant of the code, which would live without it. Else it is
idle."""
from __future__ import annotations

import json
from collections import defaultdict

from weakened import Clause
from model import ROOT, Mutant, Outcome
from report import Verdicts
from wp import clause_of

RESULT = "build/results/clauses.json"


def _alone(mutants: list[Mutant], verdicts: Verdicts) -> dict[str, list[str]]:
    """By clause, the mutants of the code that no goal but its own notices."""
    found: dict[str, list[str]] = defaultdict(list)
    for mutant in mutants:
        verdict = verdicts.get((mutant.id, "wp"))
        if verdict is None or verdict.outcome is not Outcome.KILLED:
            continue
        noticed = {clause_of(goal) for goal in verdict.detail.split()}
        if len(noticed) == 1:
            found[noticed.pop()].append(mutant.id)
    return found


class Table:
    def __init__(
        self, code: list[Mutant], contract: list[tuple[Clause, Mutant]], verdicts: Verdicts
    ) -> None:
        self._alone = _alone(code, verdicts)
        self._tried: dict[str, int] = defaultdict(int)
        self._needed: dict[str, int] = defaultdict(int)
        for clause, mutant in contract:
            self._tried[clause.name] += 1
            verdict = verdicts.get((mutant.id, "proof"))
            if verdict is not None and verdict.outcome is Outcome.KILLED:
                self._needed[clause.name] += 1

    def idle(self) -> list[str]:
        return [
            name
            for name in sorted(self._tried)
            if not self._needed[name] and not self._alone.get(name)
        ]

    def summary(self) -> dict[str, int]:
        return {
            "clauses": len(self._tried),
            "clause_mutants": sum(self._tried.values()),
            "clause_mutants_that_break_a_proof": sum(self._needed.values()),
            "clauses_that_a_proof_needs": sum(self._needed[name] > 0 for name in self._tried),
            "clauses_that_alone_notice": sum(bool(self._alone.get(n)) for n in self._tried),
            "clauses_idle": len(self.idle()),
        }

    def text(self) -> str:
        lines = ["weaker forms, those that break a proof, code mutants that only the clause notices"]
        order = sorted(self._tried, key=lambda n: (-len(self._alone.get(n, [])), -self._needed[n], n))
        for name in order:
            ids = self._alone.get(name, [])
            some = ", ".join(ids[:3]) + (", ..." if len(ids) > 3 else "")
            counts = f"{self._tried[name]:>3} {self._needed[name]:>3} {len(ids):>3}"
            lines.append(f"{counts}  {name}  {some}".rstrip())
        others = sorted(name for name in self._alone if name not in self._tried)
        lines += [f"        {len(self._alone[name]):>3}  {name} (no clause with a label)" for name in others]
        lines.append("idle: " + (", ".join(self.idle()) or "none"))
        lines += [f"{key} {value}" for key, value in self.summary().items()]
        return "\n".join(lines)

    def write(self) -> None:
        path = ROOT / RESULT
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "summary": self.summary(),
            "clauses": {
                name: {
                    "weaker_forms": self._tried[name],
                    "that_break_a_proof": self._needed[name],
                    "alone": self._alone.get(name, []),
                }
                for name in sorted(self._tried)
            },
            "idle": self.idle(),
        }
        path.write_text(json.dumps(content, indent=1) + "\n")
