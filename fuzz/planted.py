"""Planted defects: each is made in a copy of the tree, and must be found by replay of the corpus and
by both engines from nothing."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from place import BUILD, FUZZ, ROOT, Misuse, Trouble, properties, quiet_environment, seeds_of

FOLDER = FUZZ / "planted"
COPIED = ("src", "fuzz", "ci", "corpus", "meson.build", "meson_options.txt")
SECONDS = 60  # that an engine has for each


@dataclass(frozen=True)
class Defect:
    """A file in planted/: a line of what it is, the property that must break, the file, then the
    text that is replaced and, after a line `====`, the text in its place. `core` is the target unless
    a line names another one."""

    name: str
    target: str
    property: str
    file: str
    before: str
    after: str


def read(path: Path) -> Defect:
    head, _, body = path.read_text().partition("\n----\n")
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    before, mark, after = body.partition("\n====\n")
    if not mark or not {"breaks", "in"} <= fields.keys():
        raise Trouble(f"{path.name} is no planted defect")
    return Defect(path.name, fields.get("target", "core"), fields["breaks"], fields["in"], before,
                  after.removesuffix("\n"))


def choose(names: list[str]) -> list[Defect]:
    known = {path.name: path for path in sorted(FOLDER.iterdir()) if path.name != "README.md"}
    for name in names:
        if name not in known:
            raise Misuse(f"no planted defect '{name}'; there are: {', '.join(known)}")
    return [read(known[name]) for name in names or known]


class Copy:
    """A copy of what the harness is built from, to plant in; built incrementally."""

    def __init__(self, name: str) -> None:
        self.root = BUILD / "planted" / name
        self.root.mkdir(parents=True, exist_ok=True)

    def refresh(self) -> None:
        """As the tree is; files that are the same keep their times."""
        for name in COPIED:
            wanted = ROOT / name
            paths = [wanted] if wanted.is_file() else sorted(
                path for path in wanted.rglob("*")
                if path.is_file() and "__pycache__" not in path.parts)
            for path in paths:
                copy = self.root / path.relative_to(ROOT)
                if not copy.exists() or copy.read_bytes() != path.read_bytes():
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(path, copy)

    def plant(self, defect: Defect) -> None:
        self.refresh()
        file = self.root / defect.file
        text = file.read_text()
        if text.count(defect.before) != 1:
            raise Trouble(f"planted/{defect.name}: its text is in {defect.file} "
                          f"{text.count(defect.before)} times")
        file.write_text(text.replace(defect.before, defect.after))


def by_replay(copy: Copy, target: str) -> tuple[list[str], float]:
    done = subprocess.run([copy.root / "ci" / "build", "fuzz-address", f"fuzz/{target}_replay"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise Trouble(f"a planted defect does not build:\n{done.stdout}")
    began = time.monotonic()
    program = copy.root / "build" / "fuzz-address" / "fuzz" / f"{target}_replay"
    seeds = [copy.root / folder.relative_to(ROOT) for folder in seeds_of(target)]
    ran = subprocess.run([program, "--properties", *seeds], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True, timeout=300,
                         env=quiet_environment(), check=False)
    dead = ["memory"] if ran.returncode != 0 else []
    return [*ran.stdout.split(), *dead], time.monotonic() - began


def by_engine(copy: Copy, target: str, engine: str) -> tuple[list[str], float]:
    done = subprocess.run(
        [copy.root / "fuzz" / "run", "fuzz", "--target", target, "--engine", engine, "--time", str(SECONDS), "--jobs",
         "1", "--fresh", "--stop-at-first",
         "--sanitizer", "address" if engine == "libfuzzer" else "none"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    if done.returncode not in (0, 1):
        raise Trouble(f"fuzzing a planted defect fails:\n{done.stdout}")
    after = re.search(r"property [a-z-]+: found by \w+ after ([0-9.]+) s", done.stdout)
    found = sorted(set(re.findall(r"property ([a-z-]+):", done.stdout)))
    return found, float(after[1]) if after else SECONDS


def main(engine: str, defects: list[Defect]) -> int:
    lived = 0
    for defect in defects:
        copy = Copy(engine)
        copy.plant(defect)
        found, seconds = (by_replay(copy, defect.target) if engine == "replay"
                          else by_engine(copy, defect.target, engine))
        # An engine may meet another consequence of the same defect first.
        right = defect.property in found if engine == "replay" else bool(found)
        lived += not right
        how = f"properties: {', '.join(found)}" if found else "not found"
        if not right:
            how += f", must be {defect.property}"
        print(f"{'found' if right else 'LIVES'}  {defect.name:36} {seconds:6.2f} s  {how}",
              flush=True)
    unseen = set(properties()) - {defect.property for defect in choose([])}
    if unseen:
        raise Trouble(f"no planted defect breaks: {', '.join(sorted(unseen))}")
    print(f"{engine}: {len(defects) - lived} of {len(defects)} planted defects found")
    return 1 if lived else 0
