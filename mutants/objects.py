"""Which mutants are none: those that the optimiser makes the source's own code of, or another's."""
from __future__ import annotations

import dataclasses
import pathlib
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from model import ROOT, Mutant, Trouble
from source import called, functions, plain, with_headers, without_bodies
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
_PLAIN = "64"
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
_VARIABLE = re.compile(r"^static [^(;{]*[;={]", re.M)
_ALL_SEEN = ("-Dstatic=", "-Dinline=")
_BROKEN = "does not compile"


@dataclasses.dataclass(frozen=True)
class Kind:
    """What a mutant is: "real", "equivalent", "duplicate" (of `twin`) or "broken"."""

    name: str
    twin: str
    differs: frozenset[str]  # the builds in which a real one differs from the source


@dataclasses.dataclass(frozen=True)
class Setting:
    """What is compiled to see a change: of a function, that one and those that it calls; of anything
    else, all that the file gets into."""

    layer: str
    file: str
    function: str  # "": all
    units: tuple[str, ...]  # names of files, in the order of compiling
    keep: tuple[str, ...]  # functions whose bodies are compiled; if there is a function
    flags: tuple[str, ...] = ()

    def text(self, name: str, mutant: Mutant | None) -> str:
        if name == PROBE:
            return (ROOT / PROBE).read_text()
        if not self.function:
            content = (ROOT / name).read_bytes()
            if mutant is not None and mutant.file == name:
                content = mutant.apply(content)
            return content.decode()
        text = without_bodies(name, mutant, self.keep, b";")
        if name == self.file and name.endswith(".c"):
            text += _seen(self.function)
        return text


def _seen(function: str) -> str:
    """Keeps the compiler from dropping a function that nobody calls."""
    return f"\nvoid *const mutants_see = (void *){function};\n"


class Objects:
    def __init__(self, store: Store, jobs: int) -> None:
        self._store = store
        self._jobs = jobs
        self._local = threading.local()
        self._lock = threading.Lock()
        self._scratch = pathlib.Path(tempfile.mkdtemp(prefix="persist-mutants-"))
        self._settings: dict[tuple[str, str, str], Setting] = {}
        self._plain: dict[tuple[Setting, str], str] = {}

    def close(self) -> None:
        shutil.rmtree(self._scratch, ignore_errors=True)

    # ---- what is compiled ----

    def _setting(self, mutant: Mutant) -> Setting:
        inside = [
            name
            for name, (start, end) in functions(mutant.file).items()
            if start <= mutant.start and mutant.end <= end
        ]
        function = inside[0] if len(inside) == 1 else ""
        key = (mutant.layer, mutant.file, function)
        with self._lock:
            if key not in self._settings:
                self._settings[key] = self._reduced(*key) if function else self._whole(*key[:2])
            return self._settings[key]

    def _whole(self, layer: str, file: str) -> Setting:
        units: tuple[str, ...] = (PROBE,) if layer == "core" else (file,)
        if layer != "core" and file.endswith(".h"):
            sources = (f"src/{path.name}" for path in sorted((ROOT / "src").glob("*.c")))
            units = tuple(name for name in sources if file in with_headers(name))
        return Setting(layer, file, "", units, ())

    def _reduced(self, layer: str, file: str, function: str) -> Setting:
        keep = tuple(sorted(called(function, with_headers(file))))
        unit = file if file.endswith(".c") else "src/unit.c"
        # Nobody is left to read the file's own variables: what is stored there must count all the same.
        flags = _ALL_SEEN if _VARIABLE.search((ROOT / file).read_text()) else ()
        setting = Setting(layer, file, function, (unit,), keep, flags)
        if self._compile(setting, None, _COMPILERS[0], _PLAIN) == _BROKEN:
            return self._whole(layer, file)
        return setting

    def _names(self, setting: Setting) -> tuple[str, ...]:
        if setting.function:
            return with_headers(setting.file)
        return with_headers(*("src/persist.c" if u == PROBE else u for u in setting.units))

    # ---- compiling ----

    def _place(self) -> pathlib.Path:
        """This thread's folder to compile in."""
        if not hasattr(self._local, "place"):
            place = pathlib.Path(tempfile.mkdtemp(dir=self._scratch))
            (place / "src").mkdir()
            (place / "mutants").mkdir()
            self._local.place = place
        return pathlib.Path(self._local.place)

    def signature(self, setting: Setting, mutant: Mutant | None, compiler: str, build: str) -> str:
        """What stands for the code that the compiler makes."""
        flags = (*_FLAGS, *BUILDS[build], *setting.flags)
        parts = [compiler, build, *flags, *setting.units, setting.function]
        for name in (*self._names(setting), PROBE):
            if mutant is not None and mutant.file == name:
                parts.append(plain(setting.text(name, mutant)))
            else:
                if (setting, name) not in self._plain:
                    self._plain[setting, name] = plain(setting.text(name, None))
                parts.append(self._plain[setting, name])
        key = digest(parts)
        known = self._store.get(key)
        if known is None:
            known = self._compile(setting, mutant, compiler, build)
            # A build may lack the function; then no mutant of it is one there.
            if known == _BROKEN and mutant is None and build == _PLAIN:
                raise Trouble(f"{compiler} cannot compile {' '.join(setting.units)}")
            self._store.put(key, known)
        return str(known)

    def _compile(self, setting: Setting, mutant: Mutant | None, compiler: str, build: str) -> str:
        place = self._place()
        (place / "src" / "unit.c").write_text(
            f'#include "{pathlib.Path(setting.file).name}"\n{_seen(setting.function)}'
        )
        for name in (*self._names(setting), PROBE):
            (place / name).write_text(setting.text(name, mutant))
        made: list[bytes] = []
        for unit in setting.units:
            done = subprocess.run(
                [compiler, *_FLAGS, *BUILDS[build], *setting.flags, "-Isrc", unit, "-o", "-"],
                cwd=place,
                capture_output=True,
            )
            if done.returncode != 0:
                return _BROKEN
            made.append(done.stdout)
        return digest(made)

    # ---- comparing ----

    def _same(self, setting: Setting, one: Mutant, other: Mutant | None, build: str) -> bool:
        return any(
            self.signature(setting, one, compiler, build)
            == self.signature(setting, other, compiler, build)
            for compiler in _COMPILERS
        )

    def _differs(self, mutant: Mutant) -> frozenset[str]:
        """One that differs in the plain build is taken to differ in all."""
        builds = _BUILDS_OF[mutant.layer]
        setting = self._setting(mutant)
        if not self._same(setting, mutant, None, builds[0]):
            return frozenset(builds)
        return frozenset(b for b in builds[1:] if not self._same(setting, mutant, None, b))

    def same_in_whole(self, mutant: Mutant) -> bool:
        """Does nothing of the change get out of where its function is called? For survivors."""
        whole = self._whole(mutant.layer, mutant.file)
        return all(self._same(whole, mutant, None, build) for build in _BUILDS_OF[mutant.layer])

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
        heads: dict[tuple[Setting, int, str], list[Mutant]] = {}
        for mutant in mutants:
            setting = self._setting(mutant)
            codes = [self.signature(setting, mutant, compiler, "64") for compiler in _COMPILERS]
            if _BROKEN in codes:
                kinds[mutant.id] = Kind("broken", "", frozenset())
            elif not differs[mutant.id]:
                kinds[mutant.id] = Kind("equivalent", "", frozenset())
            else:
                places = [(setting, number, code) for number, code in enumerate(codes)]
                rivals = {r.id: r for place in places for r in heads.get(place, [])}.values()
                twin = next((r for r in rivals if self._twins(setting, mutant, r)), None)
                if twin is not None:
                    kinds[mutant.id] = Kind("duplicate", twin.id, frozenset())
                    continue
                kinds[mutant.id] = Kind("real", "", differs[mutant.id])
                for place in places:
                    heads.setdefault(place, []).append(mutant)
        return kinds

    def _twins(self, setting: Setting, one: Mutant, other: Mutant) -> bool:
        return all(self._same(setting, one, other, build) for build in _BUILDS_OF[one.layer])
