"""The list of mutants: every change of every source, under a name that stays."""
from __future__ import annotations

import collections
import hashlib

import operators
import source
from model import Mutant, layer_of
from operators import Change

_WIDTH = 70


def _short(text: str) -> str:
    text = source.plain(text)
    return text if len(text) <= _WIDTH else text[: _WIDTH - 3] + "..."


def _describe(change: Change, old: str) -> str:
    if change.start == change.end:
        return f"`{change.text.strip()}` before `{_short(change.context)}`"
    if change.operator == "deletion" and change.text == ";":
        return f"without `{_short(old)}`"
    if change.operator == "order" and not change.text.startswith("__ATOMIC"):
        return f"`{_short(change.text)}` in this order"
    return f"`{_short(change.text)}` for `{_short(old)}` in `{_short(change.context)}`"


def mutants() -> list[Mutant]:
    """In the order of the sources. Names depend on the changed statement and not on its line."""
    found: dict[str, Mutant] = {}
    for unit in source.units():
        seen: collections.Counter[tuple[str, ...]] = collections.Counter()
        for file, name, change in operators.changes(unit):
            text = unit.text[file]
            old = text[change.start : change.end].decode()
            key = (file, name, change.operator, change.context, old, change.text)
            digest = hashlib.sha256("\0".join((*key, str(seen[key]))).encode()).hexdigest()[:8]
            seen[key] += 1
            id = f"{name}.{change.operator}.{digest}"
            found.setdefault(
                id,
                Mutant(
                    id=id,
                    layer=layer_of(file),
                    file=file,
                    function=name,
                    operator=change.operator,
                    start=change.start,
                    end=change.end,
                    text=change.text,
                    line=text.count(b"\n", 0, change.start) + 1,
                    description=_describe(change, old),
                ),
            )
    return sorted(found.values(), key=lambda m: (m.file, m.line, m.start, m.id))
