"""C sources as libclang sees them, with exact byte ranges."""
from __future__ import annotations

import ctypes
import functools
import pathlib
import re
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from clang import cindex  # type: ignore[import]

from model import LAYERS, ROOT, Mutant, Trouble

Cursor = Any  # clang.cindex.Cursor: the bindings carry no types
Span = tuple[int, int]

_MACRO = re.compile(rb"^[ \t]*#[ \t]*define[ \t]+(\w+)\((?:[^\n]*\\\n)*[^\n]*$", re.M)
# What a call passes to the prover alone belongs to the call.
_GHOST_ARGUMENTS = re.compile(rb"\s*/\*@\s*ghost\s*\((?:(?!\*/).)*\*/", re.S)
_SHIM = "shim.h"
_clang = threading.Lock()  # libclang's cursors are not for two threads at once


def _without_call_macros(text: bytes) -> tuple[bytes, set[str]]:
    """The text with its function-like macros blanked out, no byte moved, and their names.

    libclang tells no exact place inside a macro's arguments; inside a call's it does.
    """
    found = [match for match in _MACRO.finditer(text) if not _is_list(match.group(0))]
    for match in found:
        start, end = match.span()
        text = text[:start] + re.sub(rb"[^\n]", b" ", text[start:end]) + text[end:]
    return text, {match.group(1).decode() for match in found}


def _is_list(macro: bytes) -> bool:
    """Does it stand for several arguments? Then no function can stand for it."""
    body = macro[macro.index(b")") + 1 :]
    while re.search(rb"\([^()]*\)", body):
        body = re.sub(rb"\([^()]*\)", b"", body)
    return b"," in body


class Unit:
    """One translation unit: the cursors of its definitions in files under src/."""

    def __init__(self, main: str, root: pathlib.Path = ROOT) -> None:
        self.main = main
        self.text: dict[str, bytes] = {}
        unsaved: list[tuple[str, str]] = []
        macros: set[str] = set()
        for path in sorted((root / "src").glob("*.[ch]")):
            name = f"src/{path.name}"
            self.text[name] = path.read_bytes()
            blanked, names = _without_call_macros(self.text[name])
            macros |= names
            unsaved.append((str(path), blanked.decode()))
        shim = "".join(f"int {name}();\n" for name in sorted(macros))
        unsaved.append((str(root / _SHIM), shim))
        self._root = root
        self._tu = cindex.Index.create().parse(
            str(root / main),
            ["-std=c11", "-w", "-I", str(root / "src"), "-include", str(root / _SHIM)],
            unsaved,
            cindex.TranslationUnit.PARSE_DETAILED_PROCESSING_RECORD,
        )
        for problem in self._tu.diagnostics:
            if problem.severity >= cindex.Diagnostic.Error:
                raise Trouble(f"libclang cannot read {main}: {problem}")
        self._expanded = self._expansions()

    def file_of(self, cursor: Cursor) -> str | None:
        """Relative path of the file under src/ that the cursor starts in."""
        file = cursor.extent.start.file
        if file is None:
            return None
        path = pathlib.Path(file.name)
        name = f"src/{path.name}"
        return name if name in self.text and path.parent == self._root / "src" else None

    def _expansions(self) -> dict[str, list[Span]]:
        """Per file, where macros of the system's headers that look like calls are used."""
        found: dict[str, list[Span]] = {}
        for cursor in self._tu.cursor.get_children():
            if cursor.kind != cindex.CursorKind.MACRO_INSTANTIATION:
                continue
            file = self.file_of(cursor)
            if file is None:
                continue
            start, end = cursor.extent.start.offset, cursor.extent.end.offset
            if b"(" in self.text[file][start:end]:
                found.setdefault(file, []).append((start, end))
        return found

    def span(self, cursor: Cursor) -> Span | None:
        """The cursor's bytes in its file; None where a macro hides them."""
        file = self.file_of(cursor)
        start, end = cursor.extent.start.offset, cursor.extent.end.offset
        if file is None or start >= end or cursor.extent.end.file.name != cursor.extent.start.file.name:
            return None
        for first, last in self._expanded.get(file, []):
            if first <= start and end <= last and (start, end) != (first, last):
                return None
        ghost = _GHOST_ARGUMENTS.match(self.text[file], end)
        return start, ghost.end() if ghost else end

    def definitions(self) -> Iterator[tuple[str, Cursor]]:
        """(file, cursor) of each function with a body, variable and macro of our sources."""
        kinds = cindex.CursorKind
        for cursor in self._tu.cursor.get_children():
            file = self.file_of(cursor)
            if file is None:
                continue
            if cursor.kind == kinds.FUNCTION_DECL and cursor.is_definition():
                yield file, cursor
            elif cursor.kind in (kinds.VAR_DECL, kinds.MACRO_DEFINITION):
                yield file, cursor


@functools.cache
def units() -> list[Unit]:
    return [Unit(f"src/{path.name}") for path in sorted((ROOT / "src").glob("*.c"))]


def functions(file: str) -> dict[str, Span]:
    """Where the file's functions stand, from the result type to the closing brace."""
    with _clang:
        return _functions(file)


@functools.cache
def _functions(file: str) -> dict[str, Span]:
    found: dict[str, Span] = {}
    for unit in units():
        for name, cursor in unit.definitions():
            span = unit.span(cursor)
            if name == file and cursor.kind == cindex.CursorKind.FUNCTION_DECL and span:
                found[str(cursor.spelling)] = span
    return found


_INCLUDE = re.compile(rb'^#include "(\w+\.h)"', re.M)


@functools.cache
def with_headers(*names: str) -> tuple[str, ...]:
    """These files and what they include of src/, sorted."""
    found = set(names)
    todo = list(names)
    while todo:
        for inner in _INCLUDE.findall((ROOT / todo.pop()).read_bytes()):
            name = f"src/{inner.decode()}"
            if name not in found and (ROOT / name).exists():
                found.add(name)
                todo.append(name)
    return tuple(sorted(found))


def without_bodies(
    file: str, mutant: Mutant | None, keep: Iterable[str], instead: bytes = b""
) -> str:
    """The (mutated) file without the bodies of its functions, but for those to keep."""
    text = (ROOT / file).read_bytes()
    edits = [
        (text.index(b"{", start), end, instead)
        for name, (start, end) in functions(file).items()
        if name not in keep
    ]
    if mutant is not None and mutant.file == file:
        edits.append((mutant.start, mutant.end, mutant.text.encode()))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text.decode()


def called(function: str, files: Iterable[str]) -> set[str]:
    """The function, and those of the files that it calls, and those that they call."""
    bodies = {
        name: (ROOT / file).read_bytes()[start:end]
        for file in files
        for name, (start, end) in functions(file).items()
    }
    found = {function}
    todo = [function]
    while todo:
        words = {word.decode() for word in re.findall(rb"\w+", bodies.get(todo.pop(), b""))}
        new = (words & bodies.keys()) - found
        found |= new
        todo += new
    return found


def in_function(mutant: Mutant) -> bool:
    spans = functions(mutant.file).values()
    return any(start <= mutant.start and mutant.end <= end for start, end in spans)


def touched(mutant: Mutant) -> list[str]:
    """The functions that a mutant changes; those that name it if it is a variable or a macro."""
    inside = [
        name
        for name, (start, end) in functions(mutant.file).items()
        if start <= mutant.end and mutant.start < end
    ]
    if inside:
        return inside
    word = re.compile(rb"\b%s\b" % mutant.function.encode())
    return [
        name
        for file in LAYERS[mutant.layer]
        if (ROOT / file).exists()
        for name, (start, end) in functions(file).items()
        if word.search((ROOT / file).read_bytes()[start:end])
    ]


def is_call_macro(cursor: Cursor) -> bool:
    ask = cindex.conf.lib.clang_Cursor_isMacroFunctionLike
    ask.argtypes = [cindex.Cursor]
    ask.restype = ctypes.c_uint
    return bool(ask(cursor))


def plain(text: str) -> str:
    """The text without comments, white space made single blanks."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", " ", text, flags=re.S)
    return " ".join(text.split())


@functools.cache
def plain_file(name: str) -> str:
    return plain((ROOT / name).read_text())
