"""What engines found: told apart by the property that broke, reproduced, made short, kept."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from place import BUILD, ROOT, Trouble, quiet_environment

PATIENCE = 120  # seconds to make an input short


@dataclass
class Finding:
    property: str
    engine: str
    seconds: float  # into the campaign
    file: Path
    reproduced: bool
    property_: str  # that breaks: the kind itself, or that of a defect with a name of its own
    promise: str  # in its makers' words, if it is not our own
    here: str  # what happens

    def shown(self) -> Path:
        return self.file.relative_to(ROOT) if self.file.is_relative_to(ROOT) else self.file

    def command(self) -> str:
        return f"./build.sh reproduce {self.shown()}"


def outcomes(replay: Path, paths: list[Path], seconds: float = 600) -> list[tuple[str, Path]]:
    """Each input with the property that it breaks, or `clean`."""
    try:
        done = subprocess.run(
            [replay, "--outcomes", *paths], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, errors="replace", timeout=seconds, env=quiet_environment(), check=False)
    except subprocess.TimeoutExpired as error:
        raise Trouble(f"{replay.name} takes more than {seconds:.0f} s") from error
    if done.returncode != 0:
        raise Trouble(f"{replay.name} fails:\n{done.stderr.strip()}")
    lines = (line.split("\t", 1) for line in done.stdout.splitlines())
    return [(name, Path(path)) for name, path in lines]


class Findings:
    """Those of one campaign; one of a kind is kept."""

    def __init__(self, target: str, replay: Path, folder: Path | None = None) -> None:
        self.folder = folder or BUILD / "findings" / target
        self.replay = replay
        self.kinds = subprocess.run(
            [replay, "--kinds"], stdout=subprocess.PIPE, text=True, env=quiet_environment(),
            check=True).stdout.split()
        self.list: list[Finding] = []
        self.seen: set[Path] = set()

    def ignored(self) -> int:
        """What need not be found again, as bits. What kills the process cannot be ignored."""
        return sum(1 << self.kinds.index(finding.property) for finding in self.list
                   if finding.property in self.kinds and finding.property != "memory")

    def add(self, engine: str, seconds: float, path: Path) -> Finding | None:
        """A crashing input that an engine left: a finding, if there is none of its kind yet."""
        if path in self.seen:
            return None
        self.seen.add(path)
        property_, _ = outcomes(self.replay, [path])[0]
        reproduced = property_ != "clean"
        kind = property_ if reproduced else "not-reproduced"
        if any(finding.property == kind for finding in self.list):
            return None
        kept = self._keep(kind, path, reproduced)
        said = show(self.replay, kept)
        finding = Finding(kind, engine, seconds, kept, reproduced, said.get("property", kind),
                          said.get("promised", ""), said.get("here", ""))
        self.list.append(finding)
        return finding

    def _keep(self, kind: str, path: Path, reproduced: bool) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        short = self.folder / f".{kind}.part"
        shutil.copyfile(path, short)
        if reproduced:
            minimize(self.replay, path, short)
        name = f"{kind}-{hashlib.sha256(short.read_bytes()).hexdigest()[:8]}"
        short.replace(self.folder / name)
        return self.folder / name


def show(replay: Path, path: Path) -> dict[str, str]:
    """What the oracle says of an input, by the word that each line begins with."""
    try:
        done = subprocess.run(
            [replay, "--show", path], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            errors="replace", timeout=PATIENCE, env=quiet_environment(), check=False)
    except subprocess.TimeoutExpired:
        return {}
    return dict(re.findall(r"^(property|promised|here): (.*)$", done.stderr, re.M))


def minimize(replay: Path, path: Path, short: Path) -> str:
    """Writes the shortest input found that breaks the same property, and returns that: or `clean`."""
    try:
        done = subprocess.run(
            [replay, "--minimize", path, short], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, timeout=PATIENCE, env=quiet_environment(), check=False)
    except subprocess.TimeoutExpired:
        return "clean"
    if done.returncode not in (0, 1):
        raise Trouble(f"{replay.name} fails:\n{done.stderr.strip()}")
    return done.stdout.strip()
