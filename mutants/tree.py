"""A worker's own copy of the tree, in which one file at a time is mutated and built."""
from __future__ import annotations

import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess
from collections.abc import Iterator

from model import BUILD, ROOT, Mutant, Trouble
from process import Finished, run
from source import in_function

_COPIED = ("src", "fuzz", "tests", "ci", "corpus", "mutants", "meson.build", "meson_options.txt")
_SKIPPED = ("__pycache__",)
_BUILD_SECONDS = 300.0
# The headers that a harness is compiled with. What a mutant does within a function it does to the code
# under test alone, and the judge need not be compiled again.
_JUDGE = "judge"


def files_under(root: pathlib.Path, *places: str) -> list[str]:
    """Relative paths of all files in these folders, or of these files, sorted."""
    found: set[str] = set()
    for place in places:
        path = root / place
        if path.is_file():
            found.add(place)
        for at in path.rglob("*"):
            if at.is_file() and not any(part in _SKIPPED for part in at.parts):
                found.add(str(at.relative_to(root)))
    return sorted(found)


def _write(path: pathlib.Path, text: bytes) -> None:
    """What is as it was keeps its time."""
    if not path.exists() or path.read_bytes() != text:
        path.write_bytes(text)


class Tree:
    """Locked while in use: children hold the lock too, so what a killed run left running cannot
    share a tree with the next one."""

    def __init__(self) -> None:
        self.lock, self.root = self._claim()
        self._configured: set[str] = set()
        self._synchronise()

    @staticmethod
    def _claim() -> tuple[int, pathlib.Path]:
        number = 0
        while True:
            root = BUILD / f"tree-{number}"
            root.mkdir(parents=True, exist_ok=True)
            lock = os.open(BUILD / f"tree-{number}.lock", os.O_RDWR | os.O_CREAT, 0o644)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock, root
            except BlockingIOError:
                os.close(lock)
                number += 1

    def _synchronise(self) -> None:
        wanted = files_under(ROOT, *_COPIED)
        for name in set(files_under(self.root, *_COPIED)) - set(wanted):
            (self.root / name).unlink()
        for name in wanted:
            source, copy = ROOT / name, self.root / name
            if not copy.exists() or copy.read_bytes() != source.read_bytes():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, copy)
            shutil.copymode(source, copy)
        (self.root / _JUDGE).mkdir(exist_ok=True)
        for header in (self.root / "src").glob("*.h"):
            _write(self.root / _JUDGE / header.name, header.read_bytes())

    def release(self) -> None:
        os.close(self.lock)

    def run(self, command: list[str], seconds: float, **more: object) -> Finished:
        return run(command, self.root, seconds, keep_open=self.lock, **more)  # type: ignore[arg-type]

    @contextlib.contextmanager
    def mutated(self, mutant: Mutant | None) -> Iterator[None]:
        if mutant is None:
            yield
            return
        original = (ROOT / mutant.file).read_bytes()
        self._put(mutant, mutant.apply(original))
        try:
            yield
        finally:
            self._put(mutant, original)

    def _put(self, mutant: Mutant, text: bytes) -> None:
        (self.root / mutant.file).write_bytes(text)
        if mutant.file.endswith(".h") and not in_function(mutant):
            _write(self.root / _JUDGE / pathlib.Path(mutant.file).name, text)

    @contextlib.contextmanager
    def unmutated(self, mutant: Mutant) -> Iterator[None]:
        """The source again, for as long as it takes to compare with it."""
        path = self.root / mutant.file
        changed = path.read_bytes()
        path.write_bytes((ROOT / mutant.file).read_bytes())
        try:
            yield
        finally:
            path.write_bytes(changed)

    def build(self, variant: str, *targets: str) -> str:
        """What the compiler says if it does not build; "" if it does. Warnings are no errors here:
        a mutant is to be noticed by what it does."""
        directory = self.root / "build" / variant
        if variant not in self._configured:
            if not (directory / "build.ninja").exists():
                shutil.rmtree(directory, ignore_errors=True)
                self._configure(variant)
            self._configured.add(variant)
        done = self.run(["ci/build", variant, *targets], _BUILD_SECONDS)
        return "" if done.status == 0 else done.output or "the build was cut off"

    def _configure(self, variant: str) -> None:
        """As ci/build does it, but for the warnings."""
        done = self.run(["ci/build", variant, "build.ninja"], _BUILD_SECONDS)
        if done.status != 0:
            raise Trouble(f"ci/build {variant} cannot be set up:\n{done.output}")
        subprocess.run(
            ["meson", "configure", f"build/{variant}", "-Dwerror=false", f"-Djudge_headers={_JUDGE}"],
            cwd=self.root,
            check=True,
            stdout=subprocess.DEVNULL,
        )
