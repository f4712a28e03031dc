"""What must hold of the contracts before anything is proved: every function has one, every loop ends
for a stated reason, and whatever is taken on trust is listed in SOUNDNESS.md."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sources import ROOT, Inventory, axioms, believed, excused_for_nothing

SOUNDNESS = ROOT / "SOUNDNESS.md"
_ROW = re.compile(r"^\| functions with a contract and no body \| (\d+): (.*) \|$", re.M)


def listed() -> list[str]:
    """The trusted functions by SOUNDNESS.md's own count."""
    row = _ROW.search(SOUNDNESS.read_text())
    if row is None:
        return []
    names = re.findall(r"`(\w+)`", row[2])
    return names if len(names) == int(row[1]) else []


def faults(inventories: Sequence[Inventory]) -> list[str]:
    said = [f"{line}: stated without proof" for line in axioms()]
    trusted = set(believed(inventories))
    for one in inventories:
        for function, file in sorted(one.defined.items()):
            if function not in one.contracts:
                said.append(f"{file}: {function} has no contract")
        for loop in one.loops:
            if not (loop.invariant and loop.variant):
                said.append(f"{one.source}: a loop of {loop.function} has no invariant or no variant")
        said += [f"{line}: assumed, not proved" for line in one.admitted]
    for name in sorted(trusted - set(listed())):
        said.append(f"SOUNDNESS.md does not list {name}, which has a contract and no body")
    for name in sorted(set(listed()) - trusted):
        said.append(f"SOUNDNESS.md lists {name} as a contract without a body, which it is not")
    for name in excused_for_nothing():
        said.append(f"{name} has all its contracts: take it off proofs/uncontracted")
    if not listed():
        said.append("SOUNDNESS.md: no row 'functions with a contract and no body' with its count")
    return list(dict.fromkeys(said))
