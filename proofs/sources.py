"""What there is to prove: the files under src/, their functions, contracts and loops, and what is
taken on trust, all as Frama-C itself reads them."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORE = "src/persist.c"

ASSIGNS = "assigns clause"
CONTRACT = {"precondition", "postcondition", ASSIGNS, "termination clause"}
CASE = "behavior assumption"
CLAUSES = CONTRACT | {"from clause", CASE}
# A function's head as Frama-C prints it, with its ghost parameters; or a loop.
_HEAD_OR_LOOP = re.compile(
    r"^ *(?!while|if|switch|else)\w[\w *]*?\b(\w+)\([^;{}]*\)(?:\s*/\*@.*?\*/)?\s*\{|\bwhile \(",
    re.M | re.S,
)
# What the words of the contracts mean, as printed: a predicate, a type.
_MEANING = re.compile(
    r"^/\*@\s*((?:lemma|predicate|logic|inductive|type)\b[^=:]*)[=:].*?\*/|^((?:struct|enum|union) \w+ \{).*?^\};",
    re.M | re.S,
)
TRUST = "Considered valid"  # what Frama-C says of a clause that nothing proves


class Trouble(Exception):
    """One line for the user, and the status to exit with."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Loop:
    function: str
    invariant: bool
    variant: bool


@dataclass(frozen=True)
class Contract:
    """The clauses of a function in their order, as Frama-C prints them: what each is, and its text."""

    clauses: tuple[tuple[str, str], ...]

    def requires(self) -> list[str]:
        return [text for kind, text in self.clauses if kind == "precondition"]

    def promises(self) -> list[str]:
        """What holds in every case: what is said before the first case."""
        kinds = [kind for kind, _ in self.clauses]
        always = self.clauses[: kinds.index(CASE)] if CASE in kinds else self.clauses
        return [text for kind, text in always if kind in ("postcondition", "termination clause")]


@dataclass(frozen=True)
class Inventory:
    """One file with the headers that it includes."""

    source: str
    defined: dict[str, str]  # the functions with a body, and the file where each stands
    contracts: dict[str, Contract]
    trusted: dict[str, str]  # those of them without a body here, and the file of the contract
    admitted: tuple[str, ...]  # what is assumed inside a function: FILE:LINE, the clause
    loops: tuple[Loop, ...]
    bodies: dict[str, str]  # each function as Frama-C prints it, its contract included
    meanings: dict[str, str]  # the words that contracts use
    lemmas: frozenset[str]

    def reads_alike(self, other: Inventory) -> bool:
        """Whether a word of the contracts means the same in both."""
        shared = self.meanings.keys() & other.meanings.keys()
        return all(self.meanings[word] == other.meanings[word] for word in shared)

    def proved_with(self, other: Inventory) -> frozenset[str]:
        """The functions and lemmas of shared headers that the other file's proof covers: the same
        text with the same meaning."""
        if not self.reads_alike(other):
            return frozenset()
        functions = {
            name
            for name, file in self.defined.items()
            if file != self.source
            and other.defined.get(name) == file
            and self.bodies.get(name) is not None
            and self.bodies[name] == other.bodies.get(name)
        }
        return frozenset(functions | (self.lemmas & other.lemmas))


def environment() -> dict[str, str]:
    """For frama-c, which looks for files from PWD and not from where it runs; without what could
    point it to old verdicts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FRAMAC_")}
    return {**kept, "PWD": str(ROOT)}


def contracted() -> list[str]:
    """The files to prove: every C file under src/, the core first."""
    every = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "src").glob("*.c"))
    return sorted(every, key=lambda name: (name != CORE, name))


def axioms() -> list[str]:
    """Where an annotation under src/ states an axiom or admits something."""
    found = []
    for path in sorted((ROOT / "src").glob("*.[ch]")):
        text = path.read_text()
        for note in re.finditer(r"/\*@.*?\*/|//@[^\n]*", text, re.S):
            for word in re.finditer(r"\b(axiom|axiomatic|admit)\b", re.sub(r"//(?!@)[^\n]*", "", note[0])):
                line = text.count("\n", 0, note.start()) + 1
                found.append(f"{path.relative_to(ROOT)}:{line}: {word[1]}")
    return found


def _note_before(printed: str, place: int) -> str:
    before = printed[:place].rstrip()
    if not before.endswith(("*/", "@/")):
        return ""
    return before[max(before.rfind("/*@"), before.rfind("/@")) :]


def _bodies(printed: str) -> dict[str, str]:
    """From the blank line before a function's contract to the brace that ends it."""
    found = {}
    for head in _HEAD_OR_LOOP.finditer(printed):
        if not head[1]:
            continue
        indent = re.match(r"\s*", head[0].lstrip("\n"))
        end = re.compile(rf"^{indent[0] if indent else ''}\}}", re.M).search(printed, head.end())
        start = printed.rfind("\n\n", 0, head.start()) + 2
        found[head[1]] = printed[start : end.end() if end else len(printed)]
    return found


def _meanings(printed: str) -> dict[str, str]:
    return {word[1] or word[2]: word[0] for word in _MEANING.finditer(printed)}


def _loops(printed: str) -> list[Loop]:
    """Frama-C prints every loop as a `while`, straight after its annotation."""
    found = []
    function = ""
    endless = False  # its contract promises no end, so that its loops need no variant
    for place in _HEAD_OR_LOOP.finditer(printed):
        if place[1]:
            function = place[1]
            endless = "terminates \\false;" in _note_before(printed, place.start())
            continue
        note = _note_before(printed, place.start())
        found.append(Loop(function, "loop invariant" in note, endless or "loop variant" in note))
    return found


def _contract(clauses: Sequence[tuple[str, int, str, str]]) -> Contract:
    """Of what a function has anywhere. The `assigns` of its loops, which are of the same kind, stand
    further down, or in another file; one of nothing stands anywhere."""
    ends = [place for place, _, kind, _ in clauses if kind == "termination clause"]
    found: list[tuple[str, str]] = []
    for place, _, kind, said in sorted(clauses):
        known = kind == ASSIGNS and any(before == ASSIGNS for before, _ in found)
        if place in (ends or [place]) and not known and said != "assigns \\nothing;":
            found.append((kind, said))
    return Contract(tuple(found))


@lru_cache
def inventory(source: str) -> Inventory:
    with tempfile.TemporaryDirectory(prefix="persist-inventory.") as name:
        printed, table = Path(name, "printed.c"), Path(name, "table.csv")
        command = ["frama-c", source, "-metrics", "-metrics-by-function", "-no-unicode"]
        command += ["-print", "-ocode", str(printed), "-then", "-report-untried"]
        command += ["-report-csv", str(table)]
        done = subprocess.run(
            command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            raise Trouble(f"frama-c cannot read {source}:\n{done.stdout}{done.stderr}", 1)
        with table.open(newline="") as rows:
            clauses = list(csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE))
        text = printed.read_text()
    meanings = _meanings(text)
    defined = {f: file for file, f in re.findall(r"Stats for function <(\S+)/(\w+)>", done.stdout)}
    stated: dict[str, list[tuple[str, int, str, str]]] = {}
    trusted, admitted = {}, []
    for row in clauses:
        function, kind = row["function"], row["property kind"]
        place = f"{row['directory']}/{row['file']}"
        if kind in CLAUSES:
            stated.setdefault(function, []).append((place, int(row["line"]), kind, row["property"]))
        if row["status"] != TRUST:
            continue
        if function in defined or kind == "user hypothesis":
            admitted.append(f"{place}:{row['line']}: {row['property']}")
        else:
            trusted[function] = place
    contracts = {
        function: _contract(clauses)
        for function, clauses in stated.items()
        if any(kind in CONTRACT for _, _, kind, _ in clauses)
    }
    lemmas = frozenset(word.split()[1] for word in meanings if word.startswith("lemma"))
    return Inventory(
        source, defined, contracts, trusted, tuple(admitted), tuple(_loops(text)),
        _bodies(text), meanings, lemmas,
    )


def proved_elsewhere(one: Inventory) -> frozenset[str]:
    """What of the headers that a file includes is left to other files: to the core what it shares with
    that, and the inline functions of any header to the file of its name."""
    if one.source == CORE:
        return frozenset()
    found = set(one.proved_with(inventory(CORE)))
    for header in set(one.defined.values()) - {one.source}:
        home = str(Path(header).with_suffix(".c"))
        if home in contracted() and home != one.source:
            shared = one.proved_with(inventory(home))
            found |= {name for name in shared & one.defined.keys() if one.defined[name] == header}
    return frozenset(found)


def _servers(name: str, inventories: Sequence[Inventory]) -> list[Inventory]:
    """The files that define the function."""
    return [other for other in inventories if name in other.defined and name in other.contracts]


def believed(inventories: Sequence[Inventory]) -> list[str]:
    """The functions of which a caller believes a contract that no file proves to the letter."""
    return sorted({
        name
        for one in inventories
        for name in one.trusted
        if not any(
            other.contracts[name] == one.contracts[name]
            for other in _servers(name, inventories)
        )
    })


def unproved_requires(inventories: Sequence[Inventory]) -> list[str]:
    """What a file requires of the calls of a function beside what the callers see, and so no caller
    proves: FUNCTION.LABEL."""
    return sorted({
        f"{name}.{text.split(':')[0]}"
        for one in inventories
        for name in one.trusted
        for other in _servers(name, inventories)
        for text in set(other.contracts[name].requires()) - set(one.contracts[name].requires())
    })


def broken_promises(inventories: Sequence[Inventory]) -> list[str]:
    """What callers believe of a function that a file defines, and does not state in these words."""
    found = []
    for one in inventories:
        for name in sorted(one.trusted):
            for other in _servers(name, inventories):
                if other.contracts[name] == one.contracts[name]:
                    continue
                if not one.reads_alike(other):
                    found.append(f"{one.source} and {other.source} differ in their words, and in {name}")
                believed_cases = any(kind == CASE for kind, _ in one.contracts[name].clauses)
                missing = set(one.contracts[name].promises()) - set(other.contracts[name].promises())
                found += [f"{other.source}: {name} does not promise: {text}" for text in sorted(missing)]
                if believed_cases:
                    found.append(f"{other.source}: {name} has other cases than {one.source} believes")
    return found
