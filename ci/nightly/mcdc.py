"""Coverage of src/ by replay of what the campaign has: lines, branches and MC/DC, which clang 19
counts, and llvm-cov's pages."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from coverage import run as tool
from coverage import source
from place import Trouble, build, seeds_of
from state import State

PROFDATA = "llvm-profdata-19"
COV = "llvm-cov-19"
KINDS = ("lines", "branches", "mcdc")


def percent(covered: int, count: int) -> float:
    return round(100 * covered / count, 2) if count else 0.0


def measure(state: State, target: str, pages: Path) -> dict[str, Any]:
    program = build("fuzz-mcdc", f"{target}_replay") / f"{target}_replay"
    scratch = state.folder / "work" / "coverage"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    raw, merged = scratch / "raw", scratch / "merged"
    folders = [folder for folder in (*seeds_of(target), state.corpus(target)) if folder.is_dir()]
    tool([program, *folders], "replay", LLVM_PROFILE_FILE=str(raw))
    tool([PROFDATA, "merge", "-o", merged, raw], PROFDATA)
    exported = tool([COV, "export", program, f"-instr-profile={merged}", "-summary-only"], COV)
    files = {}
    for file in json.loads(exported)["data"][0]["files"]:
        name = source(file["filename"])
        if name:
            files[name] = {kind: {key: file["summary"][kind][key] for key in ("count", "covered")}
                           for kind in KINDS}
    shutil.rmtree(pages, ignore_errors=True)
    wanted = [str(path) for path in sorted({Path(name).resolve() for name in files})]
    tool([COV, "show", program, f"-instr-profile={merged}", "-format=html", "-show-mcdc",
          "-show-branches=count", f"-output-dir={pages}", *wanted], COV)
    shutil.rmtree(scratch, ignore_errors=True)
    total = {kind: {key: sum(file[kind][key] for file in files.values())
                    for key in ("count", "covered")} for kind in KINDS}
    for counts in [total, *files.values()]:
        for kind in KINDS:
            counts[kind]["percent"] = percent(counts[kind]["covered"], counts[kind]["count"])
    if not total["lines"]["count"] or not total["mcdc"]["count"]:
        raise Trouble("the coverage build counts no lines or no conditions under src/")
    return {"target": target, "total": total, "files": files}
