"""What the engines found: reproduced three times, told apart, compared with the campaigns before, and
written as something to commit.

    findings/TARGET/ID/input         the regression input
    findings/TARGET/ID/listing       what it does, as C, and the sanitizer's report
    findings/TARGET/ID/finding.json  property, stack, when first and last seen
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from findings import outcomes
from place import CORPUS, ROOT, quiet_environment, replay_of, seeds_of
from state import State, read_json, write, write_json

TIMES = 3
CLOSED = ("fixed", "gone")  # gone: it never happened every time, and now not at all
FRAMES = 5  # of a stack, that tell one defect from another


def stack(text: str) -> list[str]:
    """The functions under src/ and in the harness that a sanitizer names, innermost first."""
    return re.findall(r"^\s*#\d+ 0x[0-9a-f]+ in (\S+) [^\n]*/(?:src|fuzz)/", text, re.M)[:FRAMES]


def listing(program: Path, path: Path) -> str:
    done = subprocess.run([program, "--show", path], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=120,
                          env=quiet_environment(), check=False)
    return done.stdout


def fingerprint(target: str, property_: str, frames: list[str]) -> str:
    """Two inputs of one defect have the same: it breaks the same property in the same place."""
    return hashlib.sha256("\n".join([target, property_, *frames]).encode()).hexdigest()[:12]


def examine(target: str, sanitizer: str, path: Path) -> dict[str, Any]:
    program = replay_of(sanitizer, target)
    seen = [outcomes(program, [path])[0][0] for _ in range(TIMES)]
    broken = [name for name in seen if name != "clean"]
    text = listing(program, path)
    frames = stack(text)
    name = broken[0] if broken else "not-reproduced"
    return {
        "id": fingerprint(target, name, frames), "target": target, "sanitizer": sanitizer,
        "property": name, "reproduced": len(broken), "tried": TIMES, "stack": frames,
        "listing": text}


def regressions(target: str) -> Path:
    """Where its inputs are committed to."""
    return next(iter(reversed(seeds_of(target))), CORPUS / "regressions").relative_to(ROOT)


def is_open(finding: dict[str, Any]) -> bool:
    return finding["status"] not in CLOSED


def status_of(finding: dict[str, Any], before: dict[str, Any] | None) -> str:
    if finding["reproduced"] < TIMES:
        return "flaky"
    return "known" if before else "new"


def record(state: State, path: Path, finding: dict[str, Any], engine: str, campaign: str) -> dict[str, Any]:
    folder = state.findings / finding["target"] / finding["id"]
    before = read_json(folder / "finding.json")
    finding |= {
        "engine": engine, "status": status_of(finding, before),
        "first_seen": before["first_seen"] if before else campaign, "last_seen": campaign,
        "input": str(folder / "input"), "bytes": path.stat().st_size,
        "regression": f"{regressions(finding['target'])}/{finding['property']}-{finding['id']}",
        "repeat": f"./build.sh reproduce {folder / 'input'} --target {finding['target']} "
                  f"--sanitizer {finding['sanitizer']}"}
    write(folder / "input", path.read_bytes())
    write(folder / "listing", finding["listing"].encode())
    write_json(folder / "finding.json", finding)
    return finding


def again(state: State, seen: set[str]) -> list[dict[str, Any]]:
    """Findings of campaigns before that this one did not meet: do they still happen?"""
    results = []
    for file in sorted(state.findings.glob("*/*/finding.json")):
        old = read_json(file)
        if old is None or old["id"] in seen or not (file.parent / "input").is_file():
            continue
        now = examine(old["target"], old["sanitizer"], file.parent / "input")
        if now["reproduced"] == TIMES:
            old["status"] = "known"
        elif now["reproduced"]:
            old["status"] = "flaky"
        elif old["status"] in CLOSED:
            continue  # it was told of once
        else:
            old["status"] = "gone" if old["status"] == "flaky" else "fixed"
        write_json(file, old)
        results.append(old)
    return results


def run(state: State, slices: list[dict[str, Any]], campaign: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    work = state.folder / "work" / "findings"
    engines: dict[str, tuple[str, str]] = {}
    for part in slices:  # who met it first
        for told in part.get("findings") or []:
            engines.setdefault(Path(told["file"]).name, (told["engine"], part["sanitizer"]))
    for path in sorted(work.glob("*/*")):
        # A finding that a killed campaign left is in no slice's results.
        engine, sanitizer = engines.get(path.name, ("unknown", "address"))
        finding = examine(path.parent.name, sanitizer, path)
        if finding["id"] not in found:
            found[finding["id"]] = record(state, path, finding, engine, campaign)
    shutil.rmtree(work, ignore_errors=True)
    return [*found.values(), *again(state, set(found))]
