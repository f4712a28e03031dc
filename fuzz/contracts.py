"""The table of the contracts at run time, proofs/results/executed.txt: every clause of the core, how it
is executed or why not, and a change of the core that it was seen to notice."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from place import CONTRACTS, FUZZ, ROOT, SEEDED, Trouble, build_target, quiet_environment

sys.path.insert(0, str(FUZZ / "executed"))

import translate  # noqa: E402

TABLE = ROOT / "proofs" / "results" / "executed.txt"

ABOUT = """\
The contracts of the core at run time (fuzz/executed; `fuzz/run contracts` writes this).
Each clause is translated by E-ACSL. Beside it:
  validity  \\valid and \\valid_read: a grant of the harness, or memory that AddressSanitizer knows
  zero      zero bytes: up to 128 all, of more 32 at both ends and 32 between, which move
            (all, with PERSIST_FUZZ_EVERY_BYTE=1); of a grant without memory behind it none
  regions   of all regions the first four, the last, and one that moves with each block
  answer    the system's next answer, which the contract foretells, is read when it was given
\\separated is the comparison of addresses; an address is flat if it is at both ends of its block.
Of an input's calls the first {first} are checked, then one in {each} (all, with PERSIST_FUZZ_EVERY_BYTE=1).
The last column is how the clause was seen breaking: function, 0 (as it begins) or 1 (as it ends), which
value there, its change, after how many calls, and the input; `first`: before any other clause,
`after`: in the same function, another clause was broken already by the same change.
"""

# Inputs that are searched one group after the other: some clauses want a case of their own.
GROUPS = ("[a-z]*-[a-z]*", "*align-*", "*bad*", "*limit*", "array-*", "*contains*", "*refused*", "*second*", "*large*")

# No core can break these: they are about the contract, or true of every address.
ALWAYS = ("complete", "disjoint")
EVERY_ADDRESS = ("sys_alloc.ensures.address", "persist_accept.requires.address")


def rows_of(lines: list[str]) -> dict[str, tuple[str, ...]]:
    """What was seen, by clause: first or after, and the change."""
    seen = {}
    for line in lines:
        fields = line.rstrip("\n").split("\t")
        if len(fields) == 8:
            seen[fields[1]] = tuple(fields)
    return seen


def seen_before() -> dict[str, tuple[str, ...]]:
    seen = {}
    for line in TABLE.read_text().splitlines() if TABLE.exists() else []:
        cells = line.split()
        if len(cells) >= 8 and cells[-7] in ("first", "after"):
            seen[cells[0]] = (cells[-7], cells[0], *cells[-6:])
    return seen


def table(seen: dict[str, tuple[str, ...]]) -> str:
    contracts = translate.read(ROOT / "src")
    contracts.file((ROOT / "src" / "persist.h").read_text())
    lines = []
    alive: Counter[str] = Counter()
    for check in contracts.checks:
        how = check.how or "-"
        change = seen.get(check.clause.id)
        always = check.clause.kind in ALWAYS or check.clause.id in EVERY_ADDRESS
        none = "by no core" if always else "never"
        alive[change[0] if change else none] += 1
        told = " ".join((change[0], *change[2:])) if change else none
        lines.append(f"{check.clause.id:58} {how:28} {told}")
    reasons = Counter(reason for _, reason in contracts.skipped)
    skipped = [f"{count:4}  {reason}" for reason, count in sorted(reasons.items())]
    total = len(contracts.checks) + len(contracts.skipped)
    head = [
        f"clauses        {total}",
        f"executed       {len(contracts.checks)}: {alive['first']} seen breaking first, "
        f"{alive['after']} after another, {alive['never']} never,",
        f"               and {alive['by no core']} that no core can break: of the cases of a contract "
        "alone, or true of every address",
        f"not executed   {len(contracts.skipped)}, and why:", *skipped]
    sampled = re.search(r"CALLS_FIRST = (\d+), CALLS_EACH = (\d+)",
                        (FUZZ / "executed" / "ghost.h").read_text())
    if not sampled:
        raise Trouble("fuzz/executed/ghost.h does not say which calls are checked")
    about = ABOUT.format(first=sampled[1], each=sampled[2])
    return about + "\n" + "\n".join(head) + "\n\n" + "\n".join(lines) + "\n"


def program() -> Path:
    return build_target("fuzz", "address", CONTRACTS, "executed/alive") / "executed" / "alive"


def run(arguments: list[str | Path]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program(), *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True,
                          env=quiet_environment(), check=False)


def repeat(seen: dict[str, tuple[str, ...]]) -> subprocess.CompletedProcess[str]:
    """Each change once more: says which clauses do not break by it."""
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.writelines("\t".join(row) + "\n" for row in seen.values())
        file.flush()
        return run(["--again", file.name])


def again() -> int:
    """Every line of the table once more: seconds."""
    seen = seen_before()
    if TABLE.read_text() != table(seen):
        raise Trouble(f"{TABLE.relative_to(ROOT)} is not what the sources say: fuzz/run contracts --write")
    done = repeat(seen)
    print(done.stdout.strip())
    return done.returncode


def still_seen() -> dict[str, tuple[str, ...]]:
    """The changes of the table that are noticed as before. What a change makes of a pointer can depend
    on where the harness's variables lie."""
    seen = {name: row for name, row in seen_before().items() if (ROOT / row[-1]).exists()}
    done = repeat(seen)
    if done.returncode not in (0, 1):
        raise Trouble("the changes of the table could not be made again")
    gone = set(re.findall(r"^(\S+) breaks no more", done.stdout, re.M))
    return {name: row for name, row in seen.items() if name not in gone}


def search(write: bool) -> int:
    """Every change over the corpus: minutes."""
    seen: dict[str, tuple[str, ...]] = {}
    folder = SEEDED[CONTRACTS][0]
    for pattern in GROUPS:
        done = run(sorted(path.relative_to(ROOT) for path in folder.glob(pattern)))
        if done.returncode not in (0, 1):
            raise Trouble("the search for changes that break clauses failed")
        for name, row in rows_of(done.stdout.splitlines()).items():
            if name not in seen or seen[name][0] != "first" and row[0] == "first":
                seen[name] = row
    for name, row in still_seen().items():
        if name not in seen or row[0] == seen[name][0]:
            seen[name] = row
    text = table(seen)
    if write:
        TABLE.write_text(text)
    print(text, end="")
    return 0
