"""Mutants of the core's contracts: each clause dropped, and each weaker form of it."""
from __future__ import annotations

import dataclasses
import hashlib
import re
from collections.abc import Iterator

import source
from model import LAYERS, ROOT, Mutant, layer_of

_KIND = r"requires|ensures|exits|assert|loop\s+invariant"
_START = re.compile(rf"\b({_KIND})\s+(\w+)\s*:(?!:)\s*")
# What follows a clause's own semicolon; those inside of it follow a quantifier's variables.
_END = re.compile(
    r";(?=\s*(?:$|\*/|//|(?:requires|ensures|exits|assert|assigns|loop|variant|terminates|behavior"
    r"|assumes|complete|disjoint)\b))"
)
_ANNOTATION = re.compile(r"/\*@(.*?)\*/|//@([^\n]*)", re.S)
_CALLED = re.compile(r"\b(\w+)\(")
_WEAKER = {"<==>": ("==>", "<=="), "==": ("<=", ">=")}


@dataclasses.dataclass(frozen=True)
class Clause:
    file: str
    function: str
    kind: str  # "requires", "ensures", "exits", "assert" or "loop invariant"
    label: str
    behavior: str  # "" outside of behaviours
    start: int  # of its formula, in bytes
    end: int
    formula: str

    @property
    def name(self) -> str:
        """As clauses.clause_of names its goal."""
        kind = self.kind.replace(" ", "_")
        parts = [self.function, self.behavior, kind, self.label]
        return "_".join(part for part in parts if part)


def _owner(file: str, text: str, start: int, end: int) -> str:
    """The function that the annotation stands in, or the one that is declared after it."""
    at = len(text[:start].encode())
    for name, (first, last) in source.functions(file).items():
        if first <= at < last:
            return name
    match = _CALLED.search(re.sub(r"__attribute__", " ", text[end:]))
    return match.group(1) if match else ""


def clauses() -> list[Clause]:
    """All that have a label, of the files that hold the core's code."""
    found: list[Clause] = []
    for file in ("src/persist.c", "src/persist.h"):
        text = (ROOT / file).read_text()
        for note in _ANNOTATION.finditer(text):
            group = 1 if note.group(1) is not None else 2
            if re.match(r"\s*(?:predicate|logic|lemma|axiomatic|ghost)", note.group(group)):
                continue
            owner = _owner(file, text, note.start(), note.end())
            found += _in_note(file, owner, text, note.start(group), note.end(group))
    return found


def _in_note(file: str, owner: str, text: str, first: int, last: int) -> Iterator[Clause]:
    behavior = ""
    for start in _START.finditer(text, first, last):
        named = re.findall(r"\bbehavior\s+(\w+)\s*:", text[first : start.start()])
        behavior = named[-1] if named else ""
        end = _END.search(text[:last], start.end())
        if end is None:
            continue
        yield Clause(
            file,
            owner,
            " ".join(start.group(1).split()),
            start.group(2),
            behavior,
            len(text[: start.end()].encode()),
            len(text[: end.start()].encode()),
            text[start.end() : end.start()],
        )


def _split(formula: str, sign: str) -> list[str]:
    """At the sign, outside of parentheses and of quantifiers."""
    parts, depth, begun, at = [], 0, 0, 0
    while at < len(formula):
        if formula[at] in "([{":
            depth += 1
        elif formula[at] in ")]}":
            depth -= 1
        elif formula.startswith(("\\forall", "\\exists", "\\let"), at) and depth == 0:
            break
        elif depth == 0 and formula.startswith(sign, at):
            parts.append(formula[begun:at])
            at += len(sign)
            begun = at
            continue
        at += 1
    return [*parts, formula[begun:]]


def _weaker(formula: str) -> Iterator[str]:
    yield "\\true"
    sides = _split(formula, "<==>")
    if len(sides) == 2:
        for sign in _WEAKER["<==>"]:
            yield sign.join(sides) if sign == "==>" else f"({sides[1]}) ==> ({sides[0]})"
        return
    *given, then = _split(formula, "==>")
    before = "".join(part + "==>" for part in given)
    parts = _split(then, "&&")
    if len(parts) > 1:
        for i in range(len(parts)):
            yield before + "&&".join(parts[:i] + parts[i + 1 :])
        return
    sides = re.split(r"(?<![<=!>])==(?![=>])", then)
    if len(sides) == 2 and "(" not in then.split("==")[0].replace("\\old(", "").replace("\\at(", ""):
        for sign in _WEAKER["=="]:
            yield before + sign.join(sides)


def mutants() -> list[tuple[Clause, Mutant]]:
    found: list[tuple[Clause, Mutant]] = []
    for clause in clauses():
        text = (ROOT / clause.file).read_bytes()
        for new in _weaker(clause.formula):
            key = "\0".join((clause.file, clause.name, source.plain(clause.formula), new))
            how = "dropped" if new == "\\true" else "weaker"
            mutant = Mutant(
                id=f"{clause.name}.{how}.{hashlib.sha256(key.encode()).hexdigest()[:8]}",
                layer=layer_of(clause.file),
                file=clause.file,
                function=clause.function,
                operator=how,
                start=clause.start,
                end=clause.end,
                text=new,
                line=text.count(b"\n", 0, clause.start) + 1,
                description=f"`{source.plain(new)}` for `{source.plain(clause.formula)}`",
            )
            found.append((clause, mutant))
    return found


def believers(clause: Clause) -> list[str]:
    """The functions whose proof may use the clause."""
    if clause.kind not in ("ensures", "exits"):
        return [clause.function]
    word = re.compile(rb"\b%s\s*\(" % clause.function.encode())
    return [
        name
        for file in LAYERS["core"]
        for name, (start, end) in source.functions(file).items()
        if name != clause.function and word.search((ROOT / file).read_bytes()[start:end])
    ]
