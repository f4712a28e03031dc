"""The hand-written mutants of seed.toml."""
from __future__ import annotations

import os
import tomllib
from typing import Any

from model import ROOT, Mutant, Trouble, layer_of

LIST = "mutants/seed.toml"
OPERATOR = "seed"


def _replaced(entry: dict[str, Any], text: str) -> str:
    pairs = [(entry["find"], entry["replace"]), *entry.get("also", [])]
    for find, replace in pairs:
        find, replace = find.strip("\n"), replace.strip("\n")
        if text.count(find) != 1:
            raise Trouble(
                f"{LIST}: {entry['name']}: `{find.strip()}` stands {text.count(find)} times in "
                f"{entry['file']}, must stand once"
            )
        text = text.replace(find, replace)
    return text


def _mutant(entry: dict[str, Any]) -> Mutant:
    original = (ROOT / entry["file"]).read_text()
    changed = _replaced(entry, original)
    start = len(os.path.commonprefix([original, changed]))
    tail = len(os.path.commonprefix([original[start:][::-1], changed[start:][::-1]]))
    end = len(original) - tail
    return Mutant(
        id=f"seed.{entry['row']:02}.{entry['name']}",
        layer=layer_of(entry["file"]),
        file=entry["file"],
        function=entry["function"],
        operator=OPERATOR,
        start=len(original[:start].encode()),
        end=len(original[:end].encode()),
        text=changed[start : len(changed) - tail],
        line=original.count("\n", 0, start) + 1,
        description=entry["description"],
    )


def mutants() -> list[Mutant]:
    entries = tomllib.loads((ROOT / LIST).read_text())["mutant"]
    return [_mutant(entry) for entry in entries]
