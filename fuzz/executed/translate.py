#!/usr/bin/env python3
"""Compiles the contracts of the core into checks: E-ACSL does, and this prepares and sorts.

Usage: translate.py sources SRC OUT           SRC: the folder src/; OUT: where the files go
       translate.py declared SRC OUT
       translate.py contracts SRC OUT
       translate.py checks CONTRACTS OUT

`sources` writes
  persist.h refill.h sys.h persist.c persistentalloc.c   as they are, but each call of a function with a
                contract goes to its checks, and these call the function itself, `plain_NAME`
  clauses.h     the clauses that are checked, in order
  places.h      what alive.h can change in each function
`declared` writes
  persist.h refill.h sys.h   these, without the bodies of functions
`contracts` writes
  contracts.c   them, for E-ACSL
and `checks`, from that,
  checks.c      the checks: what E-ACSL made of each clause
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import lower
from acsl import Clause, Function, Unreadable, Word, functions, plain, words
from rewrite import OLD, Rewriter

HERE = Path(__file__).resolve().parent
HEADERS = ("persist.h", "refill.h", "sys.h")
FILES = (*HEADERS, "persist.c")
OPTIONS = ("-machdep", "gcc_x86_64", "-no-frama-c-stdlib", "-variadic-no-translation")
SECONDS = 240  # a plug-in that hangs is an error

# Why a kind of clause is not executed.
NOT_A_STATE = {
    "assigns": "what else stays as it was: about all of the memory, which no check can compare",
    "terminates": "that a call ends: an engine's time-out sees it not ending, no check can",
    "exits": "that a call is not left otherwise: the core calls nothing that could",
}
GHOST = "of a proof step, about numbers alone: no code of the library runs in it"
WITHIN = "of a case: executed within each of its ensures, and in complete and disjoint"
FORETOLD = "what is called the next answer is the answer that was given: true by that"

# What stands beside E-ACSL, by the word that tells that it is used.
HELPERS = {"validity": "memory_valid(", "zero": "memory_zero(", "regions": "chosen_region",
           "answer": "sys_answer"}


@dataclass
class Check:
    """A clause as it is executed."""
    clause: Clause
    file: str
    how: str  # with which of HELPERS


# ---- ghost code that runs ----

def with_ghosts(text: str) -> str:
    """Ghost parameters and arguments among the others; ghost declarations as declarations. Lines stay."""
    text = re.sub(r"\)(\s*)/\*@ ghost \((.*?)\) \*/", r",\1 \2)", text, flags=re.S)
    text = re.sub(r"\(\s*,", "(", text)
    text = re.sub(r"//@ ghost ((?:size_t|unsigned|uintptr_t) \w+ = .*)", r"\1", text)
    return re.sub(r"#ifdef __FRAMAC__\n    ;\n#else\n(.*?)#endif", r"\n\n\n\1", text, flags=re.S)


def prototype(function: Function) -> str:
    head = re.sub(r"\b(static|inline)\s+", "", function.head)
    return plain(re.sub(r"__attribute__\(\(.*\)\)", "", head))


def symbol(function: Function) -> str:
    """Apart from functions of the harness that have the same name."""
    return f'__asm__("checked_{function.name}")'


def renamed(function: Function) -> str:
    return re.sub(rf"\b{function.name}\s*\(", f"plain_{function.name}(", prototype(function), count=1)


def checked_source(file: str, text: str, bodies: bool = True) -> str:
    """The file with its functions behind their checks."""
    out, at = "", 0
    for function in functions(file, text):
        if function.ghost or not function.is_checked:
            continue
        out += text[at:function.start]
        at = function.end
        declared = f"{prototype(function)} {symbol(function)};"
        if not function.body or not bodies:
            out += f"{declared} {renamed(function)};"
            continue
        body = text[function.body:function.end]
        after = text[:function.end].count("\n") + 1
        here = text[:function.body].count("\n") + 1
        out += (f"\n{declared}\n#ifdef PLAIN_BODIES\n{renamed(function)};\n{renamed(function)}\n"
                f'#line {here} "src/{file}"\n{body}\n#endif\n#line {after} "src/{file}"\n')
    out += text[at:]
    if file == "persist.c":
        # Its functions that other files call are declared with a contract in a header.
        out = f'#define PLAIN_BODIES\n#line 1 "src/{file}"\n{bodies_of_declared(out)}'
    return out


def bodies_of_declared(text: str) -> str:
    return re.sub(r"^([a-z][\w ]*[ *])(persist_\w+)(\([^;{]*\)\n\{)", r"\1plain_\2\3", text, flags=re.M)


# ---- what E-ACSL reads ----

INTEGERS = ("size_t", "unsigned", "uintptr_t")
POINTER_FIELDS = ("base", "end")


def typed(function: Function, text: str) -> str:
    """Values of the entry are cast to the type that they have: else E-ACSL gives one and the same value
    two types, by where it stands, and crashes."""
    inside = prototype(function)
    inside = inside[inside.index("(") + 1:]
    formals = {name: type_ for type_, name in re.findall(
        rf"\b({'|'.join(INTEGERS)}) (\w+)(?=[,)])", inside)}
    if formals:
        text = re.sub(rf"(?<![\w.>\\])({'|'.join(formals)})\b(?!\s*\()",
                      lambda f: f"(({formals[f[1]]}){f[1]})", text)
    return re.sub(r"\\old\((\w+->(\w+)(?:\[\w+\])?|sys_\w+)\)",
                  lambda f: f[0] if f[2] in POINTER_FIELDS else f"((size_t){f[0]})", text)


class Contracts:
    def __init__(self, functions_: list[Function], words_: dict[str, Word]) -> None:
        self.functions = [function for function in functions_ if not function.ghost]
        self.proof_steps = [function for function in functions_ if function.ghost]
        self.rewriter = Rewriter(words_)
        self.words = words_
        self.file_of = {function.name: function.file for function in functions_}
        self.checks: list[Check] = []  # by the line that they stand on in the file for E-ACSL
        self.skipped: list[tuple[str, str]] = []  # clause, reason

    def written(self) -> list[str]:
        lines: list[str] = []
        for step in self.proof_steps:
            self.skipped += [(clause.id, GHOST) for clause in step.clauses]
        for function in self.functions:
            self.one(function, lines)
        return lines

    def check(self, lines: list[str], clause: Clause, said: str) -> None:
        kind = "requires" if clause.kind == "requires" else "ensures"
        how = " ".join(word for word, sign in HELPERS.items() if sign in said)
        lines.append(f"{kind} {said}; //@{len(self.checks)}")
        self.checks.append(Check(clause, self.file_of[clause.function], how))

    def one(self, function: Function, lines: list[str]) -> None:
        behaviors: dict[str, list[Clause]] = {}
        for clause in function.clauses:
            if clause.behavior:
                behaviors.setdefault(clause.behavior, []).append(clause)
        lines.append("/*@")
        assumed = {name: [c for c in clauses if c.kind == "assumes"]
                   for name, clauses in behaviors.items()}
        for clause in function.clauses:
            reason = NOT_A_STATE.get(clause.kind, "")
            if function.name == "sys_alloc" and clause.name == "foretold":
                reason = FORETOLD
            if reason:
                self.skipped.append((clause.id, reason))
            elif clause.behavior == "" and clause.kind == "requires":
                said = self.rewriter.clause(clause.text)
                self.check(lines, clause, said)
            elif clause.behavior == "" and clause.kind == "ensures":
                said = typed(function, self.rewriter.ensured(clause.text))
                self.check(lines, clause, said)
        if not function.is_checked:
            del lines[-1]
            return
        self.cases(function, behaviors, assumed, lines)
        lines.append("*/")
        lines.append(f"extern {renamed(function)};")

    def cases(self, function: Function, behaviors: dict[str, list[Clause]],
                       assumed: dict[str, list[Clause]], lines: list[str]) -> None:
        case = {name: " && ".join(self.rewriter.assumption(c.text) for c in clauses)
                for name, clauses in assumed.items()}
        for name, clauses in behaviors.items():
            for clause in clauses:
                if clause.kind == "assumes":
                    self.skipped.append((clause.id, WITHIN))
                elif clause.kind == "ensures":
                    said = f"{case[name]} ==> ({self.rewriter.ensured(clause.text)})"
                    said = typed(function, said)
                    self.check(lines, clause, said)
        for clause in function.clauses:
            if clause.kind == "complete":
                said = typed(function, " || ".join(f"({text})" for text in case.values()))
                self.check(lines, clause, said)
            elif clause.kind == "disjoint":
                cases = [f"({text})" for text in case.values()]
                said = " && ".join(f"({case_} ==> !({' || '.join(cases[i + 1:])}))"
                                   for i, case_ in enumerate(cases[:-1]))
                said = typed(function, said)
                self.check(lines, clause, said)

    # ---- the file ----

    def file(self, header: str) -> str:
        """Types and macros of the header, words without labels, and every contract."""
        types = re.sub(r"/\*@.*?\*/", lambda f: "\n" * f[0].count("\n"), header, flags=re.S)
        types = types[:types.index("/* ---- arenas ---- */")]
        kept = []
        for word in self.words.values():
            if not self.rewriter.is_inlined(word.name):
                kept.append(self.definition(word))
        head = "\n".join([
            types.replace("#ifdef __cplusplus", "#if 0"),
            "extern int memory_valid(void *p, size_t n);",
            "extern int memory_zero(void *p, size_t n);",
            "extern char *bystander, *sys_answer;",
            "extern size_t bystander_size, sys_answer_size, sys_calls, sys_minimum, sys_wanted, "
            "chosen_region;",
            "#define SIZE_BITS (8u * (unsigned)sizeof(size_t))",
            "/*@", *kept, "*/", "#endif", ""])
        body = self.written()
        return head + "\n".join(body) + "\n"

    heads: dict[str, str] = {}

    def definition(self, word: Word) -> str:
        return f"{self.heads[word.name]} = {word.body};"


def heads_of_words(text: str) -> dict[str, str]:
    return {found[2]: plain(found[1]) for found in re.finditer(
        r"((?:predicate|logic\s+\w+)\s+(\w+)(?:\([^=]*?\))?)\s*=", text)}


def read(source: Path) -> Contracts:
    all_: list[Function] = []
    for file in FILES:
        all_ += functions(file, with_ghosts((source / file).read_text()))
    header = (source / "persist.h").read_text()
    contracts = Contracts(all_, words(header))
    contracts.heads = heads_of_words(header)
    return contracts


def write(path: Path, text: str) -> None:
    """What is as it was keeps its time, and what is built from it need not be built again."""
    if not path.exists() or path.read_text() != text:
        path.write_text(text)


def sources(source: Path, out: Path) -> None:
    for file in FILES:
        write(out / file, checked_source(file, with_ghosts((source / file).read_text())))
    write(out / "persistentalloc.c", with_ghosts((source / "persistentalloc.c").read_text()))
    contracts = read(source)
    contracts.file((source / "persist.h").read_text())
    write(out / "clauses.h", clause_list(contracts.checks))
    write(out / "places.h", place_list([f for f in contracts.functions if f.is_checked]))


def declared(source: Path, out: Path) -> None:
    for file in HEADERS:
        write(out / file, checked_source(file, with_ghosts((source / file).read_text()), bodies=False))


def contracts(source: Path, out: Path) -> None:
    write(out / "contracts.c", read(source).file((source / "persist.h").read_text()))


def checks(file: Path, out: Path) -> None:
    index = {number: int(found[1]) for number, line in enumerate(
        file.read_text().splitlines(), 1) if (found := re.search(r" //@(\d+)$", line))}
    write(out / "checks.c", '#include "executed/checks.h"\n\n'
          + lower.lowered(by_e_acsl(file.resolve(), out.resolve()), index))


def main(arguments: list[str]) -> int:
    what, given, out = arguments[0], Path(arguments[1]), Path(arguments[2])
    out.mkdir(parents=True, exist_ok=True)
    {"sources": sources, "declared": declared, "contracts": contracts, "checks": checks}[what](given, out)
    return 0


def by_e_acsl(contracts: Path, out: Path) -> str:
    """What E-ACSL makes of the contracts."""
    printed = out / "e-acsl.c"
    done = subprocess.run(
        ["frama-c", *OPTIONS, "-cpp-extra-args=-w", contracts, "-e-acsl", "-e-acsl-builtins",
         "memory_valid,memory_zero", "-e-acsl-no-assert-print-data", "-then-last", "-print",
         "-ocode", printed],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS,
        check=False)
    if done.returncode != 0 or not printed.exists():
        raise Unreadable(f"E-ACSL does not translate the contracts:\n{done.stdout[-2000:]}")
    if found := re.search(r"contracts\.c:(\d+): Warning:\s*E-ACSL construct.*?not yet supported", done.stdout, re.S):
        raise Unreadable(f"E-ACSL leaves out what should be checked:\n{found[0]}")
    text = printed.read_text()
    printed.unlink()
    return text


def clause_list(checks: list[Check]) -> str:
    names = " \\\n".join(f'    "{check.clause.id}",' for check in checks)
    rows = " \\\n".join(
        f'    {{"src/{check.file}", {check.clause.line}, "{escaped(check.clause.text)}"}},'
        for check in checks)
    return f"#define CLAUSE_NAMES \\\n{names}\n\n#define CLAUSES \\\n{rows}\n"


def place_list(functions_: list[Function]) -> str:
    """What can be spoiled in each function, for alive.h."""
    lines = []
    for function in functions_:
        head = prototype(function)
        inside = head[head.index("(") + 1:head.rindex(")")]
        names = [re.findall(r"\w+", part)[-1] for part in inside.split(",")]
        gives = 0 if re.match(r"void \w", head) else 1
        lines += [
            f"#define PLACES_{function.name} {' '.join(f'PLACE({name}),' for name in names)}",
            f"#define COUNT_{function.name} {len(names)}",
            f"#define RESULT_{function.name} {'PLACE(__retres)' if gives else ''}",
            f"#define GIVES_{function.name} {gives}"]
    names_ = ", ".join(f'"{function.name}"' for function in functions_)
    return "\n".join(lines) + f"\n#define CHECKED_FUNCTIONS {names_}\n"


def escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Unreadable, OSError, subprocess.TimeoutExpired) as error:
        print(f"translate: {error}", file=sys.stderr)
        sys.exit(4)
