"""Which mutants are none: those that the optimiser makes the source's own code of, or another's."""
from __future__ import annotations

import dataclasses
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from model import LAYERS, ROOT, Mutant, Trouble
from source import plain, plain_file, with_headers
from store import Store, digest

PROBE = "mutants/probe.c"

# Each compiler is asked: what one of them sees to be the same is the same.
_COMPILERS = ("gcc", "clang-14")

# The builds in which a mutant can differ from the source. Without instrumentation, but for the
# memory orders that only ThreadSanitizer's calls still show.
BUILDS: dict[str, list[str]] = {
    "64": ["-m64"],
    "32": ["-m32"],
    "poison": ["-m64", "-D__SANITIZE_ADDRESS__=1"],
    "race": ["-m64", "-fsanitize=thread"],
}
_BUILDS_OF = {
    "core": ("64", "32", "poison"),
    "process": tuple(BUILDS),
    "fixalloc": ("64", "32", "poison"),
    "os": tuple(BUILDS),
}
_FLAGS = [
    "-std=c11",
    "-O2",
    "-S",
    "-Werror=int-conversion",
    "-Werror=incompatible-pointer-types",
    "-Werror=implicit-function-declaration",
    "-Werror=return-type",
]
_BROKEN = "does not compile"


@dataclasses.dataclass(frozen=True)
class Kind:
    """What a mutant is: "real", "equivalent", "duplicate" (of `twin`) or "broken"."""

    name: str
    twin: str
    differs: frozenset[str]  # the builds in which a real one differs from the source


class Objects:
    def __init__(self, store: Store, jobs: int) -> None:
        self._store = store
        self._jobs = jobs
        self._local = threading.local()
        self._scratch = pathlib.Path(tempfile.mkdtemp(prefix="persist-mutants-"))
        self._source = {
            f"src/{path.name}": path.read_bytes() for path in (ROOT / "src").glob("*.[ch]")
        }
        self._probe = plain((ROOT / PROBE).read_text())

    def close(self) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)

    # ---- compiling ----

    def _units(self, layer: str, file: str) -> list[str]:
        """The sources whose code the file gets into, as far as its layer goes."""
        if layer == "core":
            return [PROBE]
        if file.endswith(".c"):
            return [file]
        return [name for name in sorted(self._source) if name.endswith(".c") and self._includes(name, file)]

    def _includes(self, name: str, header: str, seen: tuple[str, ...] = ()) -> bool:
        for found in re.findall(rb'#include "(\w+\.h)"', self._source[name]):
            inner = f"src/{found.decode()}"
            if inner == header:
                return True
            if inner in self._source and inner not in seen and self._includes(inner, header, (*seen, inner)):
                return True
        return False

    def _place(self) -> pathlib.Path:
        """This thread's copy of src/."""
        if not hasattr(self._local, "place"):
            place = pathlib.Path(tempfile.mkdtemp(dir=self._scratch))
            shutil.copytree(ROOT / "src", place / "src")
            (place / "mutants").mkdir()
            shutil.copy(ROOT / PROBE, place / PROBE)
            self._local.place = place
        return pathlib.Path(self._local.place)

    def signature(self, mutant: Mutant | None, layer: str, file: str, compiler: str, build: str) -> str:
        """What stands for the code that the compiler makes."""
        units = self._units(layer, file)
        names = with_headers(*("src/persist.c" if unit == PROBE else unit for unit in units))
        texts = {name: plain_file(name) for name in names}
        if mutant is not None:
            texts[mutant.file] = plain(mutant.apply(self._source[mutant.file]).decode())
        parts = [compiler, build, *_FLAGS, *BUILDS[build], *units, self._probe]
        key = digest([*parts, *texts.values()])
        known = self._store.get(key)
        if known is None:
            known = self._compile(mutant, units, compiler, build)
            self._store.put(key, known)
        return str(known)

    def _compile(self, mutant: Mutant | None, units: list[str], compiler: str, build: str) -> str:
        place = self._place()
        if mutant is not None:
            (place / mutant.file).write_bytes(mutant.apply(self._source[mutant.file]))
        try:
            made: list[bytes] = []
            for unit in units:
                done = subprocess.run(
                    [compiler, *_FLAGS, *BUILDS[build], "-Isrc", unit, "-o", "-"],
                    cwd=place,
                    capture_output=True,
                )
                if done.returncode != 0:
                    if mutant is None:
                        raise Trouble(f"{compiler} cannot compile {unit}: {done.stderr.decode()}")
                    return _BROKEN
                made.append(done.stdout)
            return digest(made)
        finally:
            if mutant is not None:
                (place / mutant.file).write_bytes(self._source[mutant.file])

    # ---- comparing ----

    def _same(self, one: Mutant, other: Mutant | None, build: str) -> bool:
        return any(
            self.signature(one, one.layer, one.file, compiler, build)
            == self.signature(other, one.layer, one.file, compiler, build)
            for compiler in _COMPILERS
        )

    def _differs(self, mutant: Mutant) -> frozenset[str]:
        """One that differs in the plain build is taken to differ in all."""
        builds = _BUILDS_OF[mutant.layer]
        if not self._same(mutant, None, builds[0]):
            return frozenset(builds)
        return frozenset(build for build in builds[1:] if not self._same(mutant, None, build))

    def _twins(self, one: Mutant, other: Mutant) -> bool:
        units = self._units(one.layer, one.file) == self._units(other.layer, other.file)
        return units and all(self._same(one, other, build) for build in _BUILDS_OF[one.layer])

    def sort(self, mutants: list[Mutant], tell: Callable[[int], None]) -> dict[str, Kind]:
        """The kind of each; of mutants that are the same code, the first is the real one."""
        kinds: dict[str, Kind] = {}
        differs: dict[str, frozenset[str]] = {}
        with ThreadPoolExecutor(self._jobs) as pool:
            for done, (mutant, found) in enumerate(
                zip(mutants, pool.map(self._differs, mutants)), start=1
            ):
                differs[mutant.id] = found
                tell(done)
        heads: dict[tuple[str, str], list[Mutant]] = {}
        for mutant in mutants:
            plain_code = self._plain_code(mutant)
            if _BROKEN in plain_code:
                kinds[mutant.id] = Kind("broken", "", frozenset())
            elif not differs[mutant.id]:
                kinds[mutant.id] = Kind("equivalent", "", frozenset())
            else:
                rivals: Iterable[Mutant] = {
                    rival.id: rival
                    for index in enumerate(plain_code)
                    for rival in heads.get((str(index[0]), index[1]), [])
                }.values()
                twin = next((r for r in rivals if self._twins(mutant, r)), None)
                if twin is not None:
                    kinds[mutant.id] = Kind("duplicate", twin.id, frozenset())
                    continue
                kinds[mutant.id] = Kind("real", "", differs[mutant.id])
                for number, code in enumerate(plain_code):
                    heads.setdefault((str(number), code), []).append(mutant)
        return kinds

    def _plain_code(self, mutant: Mutant) -> list[str]:
        return [
            self.signature(mutant, mutant.layer, mutant.file, compiler, "64") for compiler in _COMPILERS
        ]
