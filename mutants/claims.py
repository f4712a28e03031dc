"""The claimed equivalents of equivalent.toml: each with a reason, and a check that is run."""
from __future__ import annotations

import pathlib
import subprocess
import tempfile
import tomllib

from model import ROOT, Mutant, Trouble
from objects import Kind
from store import Store, digest

LIST = "mutants/equivalent.toml"
_PRELUDE = """
#include "persist.h"
#include <stdio.h>
int differs(void);
int main(void) { return differs(); }
"""


def _check(id: str, code: str, store: Store) -> None:
    read = [path.read_text() for path in sorted((ROOT / "src").glob("*.[ch]"))]  # it may include any
    key = digest(["claim", _PRELUDE, code, *read])
    if store.get(key) == "holds":
        return
    with tempfile.TemporaryDirectory(prefix="persist-claim-") as scratch:
        program = pathlib.Path(scratch) / "claim"
        source = program.with_suffix(".c")
        source.write_text(_PRELUDE + code)
        flags = ["-std=c11", "-O2", "-Wall", "-Werror", "-fsanitize=undefined"]
        built = subprocess.run(
            ["gcc", *flags, "-I", str(ROOT / "src"), str(source), "-o", str(program)],
            capture_output=True,
            text=True,
        )
        if built.returncode != 0:
            raise Trouble(f"{LIST}: {id}: the check does not compile:\n{built.stderr}")
        if subprocess.run([str(program)], timeout=60).returncode != 0:
            raise Trouble(f"{LIST}: {id}: the check says that they differ")
    store.put(key, "holds")


def claimed(mutants: list[Mutant], kinds: dict[str, Kind], store: Store) -> dict[str, str]:
    """Id and reason of each; an entry that names no mutant, or one that needs none, is an error."""
    known = {mutant.id: mutant for mutant in mutants}
    found: dict[str, str] = {}
    for entry in tomllib.loads((ROOT / LIST).read_text()).get("equivalent", []):
        for id in entry["ids"]:
            if id not in known:
                raise Trouble(f"{LIST}: there is no mutant {id}: drop the entry")
            if id in kinds and kinds[id].name == "real":
                _check(id, entry["check"], store)
                found[id] = entry["reason"]
    return found
