"""Reads the contracts of the core: functions with their clauses, and the words that they use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

NAME = r"[A-Za-z_]\w*"
CLAUSES = ("requires", "assumes", "ensures", "assigns", "terminates", "exits", "complete", "disjoint")


class Unreadable(Exception):
    """The sources are not written as this reader expects."""


@dataclass(frozen=True)
class Word:
    """A predicate or logic function."""
    name: str
    labels: tuple[str, ...]
    parameters: tuple[str, ...]
    body: str


@dataclass(frozen=True)
class Clause:
    function: str
    behavior: str  # empty: of the contract as a whole
    kind: str  # one of CLAUSES
    name: str  # empty: it has none
    text: str
    line: int

    @property
    def id(self) -> str:
        parts = (self.function, self.behavior, self.kind, self.name)
        return ".".join(part for part in parts if part)


@dataclass
class Function:
    name: str
    file: str
    line: int
    head: str  # `static inline size_t persist_length(size_t size)`, ghost parameters among the others
    clauses: list[Clause] = field(default_factory=list)
    ghost: bool = False  # a proof step written as a function
    start: int = 0  # where in the file its head begins
    end: int = 0  # and where its body, or the head, ends
    body: int = 0  # where the body's brace is; 0: none

    @property
    def is_checked(self) -> bool:
        """Does the contract say anything that can be checked?"""
        return any(clause.kind in ("requires", "ensures") for clause in self.clauses)


def closing(text: str, at: int) -> int:
    """Where the bracket closes that opens there."""
    depth = 0
    for i in range(at, len(text)):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
            if depth == 0:
                return i
    raise Unreadable(f"a bracket does not close: {text[at:at + 60]}")


def split(text: str, separator: str) -> list[str]:
    """At the separators outside brackets."""
    parts, depth, start, i = [], 0, 0, 0
    while i < len(text):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
        elif depth == 0 and text.startswith(separator, i):
            parts.append(text[start:i])
            i += len(separator)
            start = i
            continue
        i += 1
    return [*parts, text[start:]]


def plain(text: str) -> str:
    """On one line."""
    return " ".join(text.split())


def statements(comment: str) -> Iterator[tuple[int, str]]:
    """What ends with a semicolon outside brackets, with its offset. (That of a quantifier's variables
    ends nothing.)"""
    depth, start = 0, 0
    for i, c in enumerate(comment):
        if c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == ";" and depth == 0 and not re.search(
                r"\\(forall|exists)\s+[\w *]+\Z", comment[start:i]):
            text = comment[start:i]
            yield start + len(text) - len(text.lstrip()), text.strip()
            start = i + 1


def without_comments(comment: str) -> str:
    return re.sub(r"//[^\n]*", lambda found: " " * len(found[0]), comment)


def comments(text: str) -> Iterator[tuple[int, int, str]]:
    """Annotations: where they begin, where they end, and what is in them."""
    for found in re.finditer(r"/\*@(.*?)\*/", text, re.S):
        yield found.start(), found.end(), without_comments(found[1])


def words(text: str) -> dict[str, Word]:
    found: dict[str, Word] = {}
    for _, _, comment in comments(text):
        if not re.match(r"\s*(predicate|logic)\b", comment):
            continue
        for _, statement in statements(comment):
            head = re.match(
                rf"(?:predicate|logic\s+\w+)\s+({NAME})\s*(?:\{{([\w,\s]*)\}})?\s*", statement)
            if not head:
                raise Unreadable(f"no predicate: {statement[:60]}")
            rest = statement[head.end():]
            parameters: tuple[str, ...] = ()
            if rest.startswith("("):
                end = closing(rest, 0)
                parameters = tuple(re.findall(NAME, part)[-1] for part in split(rest[1:end], ","))
                rest = rest[end + 1:]
            labels = tuple(re.findall(NAME, head[2] or ""))
            found[head[1]] = Word(head[1], labels, parameters, plain(rest.lstrip().removeprefix("=")))
    return found


def clauses_of(name: str, comment: str, line: int) -> Iterator[Clause]:
    behavior = ""
    for at, statement in statements(comment):
        begin = at
        if found := re.match(rf"behavior\s+({NAME})\s*:\s*", statement):
            behavior = found[1]
            begin += found.end()
            statement = statement[found.end():]
        kind = re.match(NAME, statement)
        if not kind or kind[0] not in CLAUSES:
            raise Unreadable(f"{name}: no clause: {statement[:60]}")
        text = statement[kind.end():].strip()
        label = re.match(rf"({NAME})\s*:", text)
        if kind[0] in ("complete", "disjoint"):
            behavior = ""
        yield Clause(name, behavior, kind[0], label[1] if label else "",
                     plain(text[label.end():] if label else text),
                     line + comment[:begin].count("\n"))


def functions(file: str, text: str) -> list[Function]:
    """Every function with a contract, in order."""
    found: list[Function] = []
    for start, end, comment in comments(text):
        if not re.match(r"\s*(requires|terminates|assigns|ensures)\b", comment):
            if re.match(r"\s*ghost\s*/@", comment):
                found += ghost_functions(file, comment, text[:start].count("\n") + 1)
            continue
        head = re.compile(r"\s*([^;{(]*\(.*?\)[^;{]*?)\s*([;{])", re.S).match(text, end)
        if not head:
            raise Unreadable(f"{file}: no function after a contract: {text[end:end + 60]}")
        declared = re.sub(r"#ifdef .*\Z", "", head[1], flags=re.S).strip()
        declared = re.sub(r"__attribute__\s*\(\(.*?\)\)\)?\s*", "", declared)
        name = re.search(rf"({NAME})\s*\(", declared)
        if not name or name[1].startswith("__"):
            raise Unreadable(f"{file}: which function is declared here? {declared[:60]}")
        function = Function(name[1], file, text[:end].count("\n") + 1, declared,
                            list(clauses_of(name[1], comment, text[:start].count("\n") + 1)))
        function.start = head.start(1)
        if head[2] == "{":
            function.body = head.start(2)
            function.end = closing(text, function.body) + 1
        else:
            function.end = head.end()
        found.append(function)
    return found


def ghost_functions(file: str, comment: str, line: int) -> Iterator[Function]:
    for contract in re.finditer(r"/@(\s*(?:requires|terminates).*?)@/\s*([^;{]*?)\s*\{", comment, re.S):
        name = re.search(rf"({NAME})\s*\(", contract[2])
        assert name
        at = line + comment[:contract.start()].count("\n")
        yield Function(name[1], file, at, contract[2],
                       list(clauses_of(name[1], contract[1], at)), ghost=True)
