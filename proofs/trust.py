"""What must hold of the contracts before anything is proved: every function has one, every loop ends
for a stated reason, and whatever is taken on trust is listed in SOUNDNESS.md."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sources import ROOT, Inventory, axioms, believed, broken_promises, unproved_requires

SOUNDNESS = ROOT / "SOUNDNESS.md"
TRUSTED = "contracts believed, not proved to the letter"
REQUIRED = "requirements that no caller proves"


def listed(what: str) -> list[str]:
    """The names in SOUNDNESS.md's row, if they are as many as it says."""
    row = re.search(rf"^\| {what} \| (\d+): (.*) \|$", SOUNDNESS.read_text(), re.M)
    if row is None:
        return []
    names = re.findall(r"`([\w.]+)`", row[2])
    return names if len(names) == int(row[1]) else []


def _unlisted(what: str, found: Sequence[str], how: str) -> list[str]:
    """How the row differs from what is there."""
    said = [
        f"SOUNDNESS.md does not list {name}, {how}" for name in sorted(set(found) - set(listed(what)))
    ]
    said += [
        f"SOUNDNESS.md lists {name} among the {what}, where it is not"
        for name in sorted(set(listed(what)) - set(found))
    ]
    if found and not listed(what):
        said.append(f"SOUNDNESS.md: no row '{what}' with its count")
    return said


def faults(inventories: Sequence[Inventory]) -> list[str]:
    said = [f"{line}: stated without proof" for line in axioms()]
    for one in inventories:
        for function, file in sorted(one.defined.items()):
            if function not in one.contracts:
                said.append(f"{file}: {function} has no contract")
        for loop in one.loops:
            if not (loop.invariant and loop.variant):
                said.append(f"{one.source}: a loop of {loop.function} has no invariant or no variant")
        said += [f"{line}: assumed, not proved" for line in one.admitted]
    said += _unlisted(TRUSTED, believed(inventories), "whose contract no file proves")
    said += _unlisted(REQUIRED, unproved_requires(inventories), "which no caller proves")
    said += broken_promises(inventories)
    return list(dict.fromkeys(said))
