"""What engines found: told apart by the property that broke, reproduced, made short, kept."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from place import BUILD, ROOT, Trouble, properties, quiet_environment

PATIENCE = 120  # seconds to make an input short


@dataclass
class Finding:
    property: str
    engine: str
    seconds: float  # into the campaign
    file: Path
    reproduced: bool

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
        self.properties = properties()
        self.list: list[Finding] = []
        self.seen: set[Path] = set()

    def ignored(self) -> int:
        """What need not be found again, as bits. What kills the process cannot be ignored."""
        return sum(1 << self.properties.index(finding.property) for finding in self.list
                   if finding.property in self.properties and finding.property != "memory")

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
        finding = Finding(kind, engine, seconds, self._keep(kind, path, reproduced), reproduced)
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
