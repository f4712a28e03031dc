"""The outcome of a run: a table, the survivors, and build/results/mutation.json."""
from __future__ import annotations

import dataclasses
import difflib
import json
import pathlib
import statistics
from collections.abc import Iterable, Mapping
from typing import Any

from checker import Checker
from model import LAYERS, ROOT, Mutant, Outcome, Verdict
from objects import Kind

Verdicts = dict[tuple[str, str], Verdict]  # by mutant and checker


def diff(mutant: Mutant) -> str:
    source = (ROOT / mutant.file).read_bytes()
    return "".join(
        difflib.unified_diff(
            source.decode().splitlines(keepends=True),
            mutant.apply(source).decode().splitlines(keepends=True),
            mutant.file,
            f"{mutant.file} ({mutant.id})",
            n=1,
        )
    )


@dataclasses.dataclass(frozen=True)
class Row:
    """How one checker did on one layer."""

    layer: str
    checker: str
    about: str
    killed: int
    seen: int
    median: float
    slowest: float
    cost: float  # seconds that all trials took, building included

    @property
    def score(self) -> float:
        return round(100.0 * self.killed / self.seen, 2) if self.seen else 100.0


class Report:
    def __init__(
        self,
        mutants: list[Mutant],
        kinds: Mapping[str, Kind],
        claims: Mapping[str, str],
        checkers: list[Checker],
        verdicts: Verdicts,
    ) -> None:
        self.mutants = mutants
        self.kinds = kinds
        self.claims = claims
        self.checkers = checkers
        self.verdicts = verdicts
        self.real = [m for m in mutants if kinds[m.id].name == "real" and m.id not in claims]
        self.layers = [layer for layer in LAYERS if any(m.layer == layer for m in mutants)]
        self.rows = [row for layer in self.layers for row in self._rows(layer)]

    # ---- figures ----

    def _rows(self, layer: str) -> list[Row]:
        mutants = [m for m in self.real if m.layer == layer]
        checkers = [c for c in self.checkers if layer in c.layers]
        rows = [self._row(layer, checker, mutants) for checker in checkers]
        union = [self._best(m, [c for c in checkers if c.counts]) for m in mutants]
        rows.append(_row_of(layer, "any", "at least one of those that count", union))
        return rows

    def _row(self, layer: str, checker: Checker, mutants: list[Mutant]) -> Row:
        found = [self.verdicts.get((m.id, checker.name)) for m in mutants]
        return _row_of(layer, checker.name, checker.about, found)

    def _best(self, mutant: Mutant, checkers: list[Checker]) -> Verdict | None:
        found = [v for c in checkers if (v := self.verdicts.get((mutant.id, c.name)))]
        killed = [v for v in found if v.outcome is Outcome.KILLED]
        best = min(killed or found, key=lambda v: v.seconds, default=None)
        return best

    def summary(self) -> dict[str, float]:
        figures: dict[str, float] = {}
        for layer in self.layers:
            kinds = [self.kinds[m.id].name for m in self.mutants if m.layer == layer]
            figures[f"mutants_{layer}"] = sum(m.layer == layer for m in self.real)
            for kind in ("equivalent", "duplicate", "broken"):
                figures[f"{kind}_{layer}"] = kinds.count(kind)
            figures[f"claimed_{layer}"] = sum(
                m.layer == layer and m.id in self.claims for m in self.mutants
            )
        for row in self.rows:
            figures[f"score_{row.layer}_{row.checker}"] = row.score
            figures[f"tried_{row.layer}_{row.checker}"] = row.seen
            figures[f"median_seconds_{row.layer}_{row.checker}"] = round(row.median, 2)
        return figures

    def survivors(self) -> list[tuple[Mutant, list[str]]]:
        """With the checkers that count and let it live."""
        found: list[tuple[Mutant, list[str]]] = []
        for mutant in self.real:
            names = [c.name for c in self.checkers if c.counts and self._lives(mutant, c)]
            if names:
                found.append((mutant, names))
        return found

    def _lives(self, mutant: Mutant, checker: Checker) -> bool:
        verdict = self.verdicts.get((mutant.id, checker.name))
        return verdict is not None and verdict.outcome is Outcome.SURVIVED

    def unnoticed(self) -> list[Mutant]:
        """Those that no checker kills."""
        return [
            m
            for m in self.real
            if not any(
                v.outcome is Outcome.KILLED
                for c in self.checkers
                if (v := self.verdicts.get((m.id, c.name)))
            )
        ]

    # ---- output ----

    def table(self) -> str:
        lines = []
        for layer in self.layers:
            figures = self.summary()
            lines.append(
                f"{layer}: {figures[f'mutants_{layer}']:.0f} mutants; and "
                f"{figures[f'equivalent_{layer}']:.0f} equivalent, "
                f"{figures[f'claimed_{layer}']:.0f} claimed equivalent, "
                f"{figures[f'duplicate_{layer}']:.0f} duplicates, "
                f"{figures[f'broken_{layer}']:.0f} that do not compile"
            )
            lines.append(
                f"  {'checker':<11} {'of tried':>11} {'score':>8} {'median':>8} {'slowest':>8} {'all':>9}"
            )
            for row in self.rows:
                if row.layer == layer and row.seen:
                    lines.append(
                        f"  {row.checker:<11} {row.killed:>5}/{row.seen:<5} {row.score:>6.2f} % "
                        f"{row.median:>6.2f} s {row.slowest:>6.1f} s {row.cost / 60:>5.1f} min"
                        f"  {row.about}"
                    )
            lines.append("")
        return "\n".join(lines)

    def save(self, path: pathlib.Path, chosen: str) -> None:
        """The table, for readers of the tree."""
        head = (
            f"What was known of the mutants when `./build.sh mutate {chosen}` wrote this.\n"
            "score: killed, of the mutants that the checker tried; median, slowest: seconds to a kill;\n"
            "all: what the trials took on one core, building included.\n\n"
        )
        lines = [line.rstrip() for line in self.table().splitlines()]
        path.write_text(head + "\n".join(lines).rstrip() + "\n")

    def survivor_text(self) -> str:
        parts = []
        for mutant, names in self.survivors():
            details = {self.verdicts[mutant.id, name].detail for name in names} - {""}
            note = f" ({'; '.join(sorted(details))})" if details else ""
            parts.append(
                f"{mutant.file}:{mutant.line}: {mutant.id}: survives {', '.join(names)}{note}\n"
                f"{diff(mutant)}"
            )
        return "\n".join(parts)

    def _entry(self, mutant: Mutant) -> dict[str, Any]:
        kind = self.kinds[mutant.id]
        entry: dict[str, Any] = {
            "id": mutant.id,
            "layer": mutant.layer,
            "file": mutant.file,
            "line": mutant.line,
            "function": mutant.function,
            "operator": mutant.operator,
            "description": mutant.description,
            "kind": "claimed" if mutant.id in self.claims else kind.name,
        }
        if kind.twin:
            entry["twin"] = kind.twin
        if mutant.id in self.claims:
            entry["reason"] = self.claims[mutant.id]
        if kind.differs:
            entry["differs"] = sorted(kind.differs)
        verdicts = {
            c.name: {"outcome": v.outcome.value, "seconds": round(v.seconds, 3), "detail": v.detail}
            for c in self.checkers
            if (v := self.verdicts.get((mutant.id, c.name)))
        }
        if verdicts:
            entry["verdicts"] = verdicts
        return entry

    def write(self, name: str) -> str:
        path = ROOT / "build" / "results" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "summary": self.summary(),
            "survivors": [m.id for m, _ in self.survivors()],
            "mutants": [self._entry(m) for m in self.mutants],
        }
        path.write_text(json.dumps(content, indent=1) + "\n")
        return str(path.relative_to(ROOT))


def _row_of(layer: str, checker: str, about: str, verdicts: Iterable[Verdict | None]) -> Row:
    seen = [v for v in verdicts if v is not None and v.outcome is not Outcome.BLIND]
    times = [v.seconds for v in seen if v.outcome is Outcome.KILLED]
    return Row(
        layer,
        checker,
        about,
        len(times),
        len(seen),
        statistics.median(times) if times else 0.0,
        max(times, default=0.0),
        sum(v.cost for v in seen),
    )
