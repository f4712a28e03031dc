"""The unit tests as a checker: plain, under AddressSanitizer, ThreadSanitizer and Valgrind's tools."""
from __future__ import annotations

import re

from checker import Checker
from model import Mutant, Outcome, Trouble, Verdict
from tree import Tree

# A mutant hangs in a program that takes so many times what all take on the source, but these seconds
# at least.
_PATIENCE = 5
_LEAST_SECONDS = 20.0
_SOURCE_SECONDS = 300.0
_LIBRARY = ("src/persist.c", "src/persistentalloc.c", "src/throw.c", "src/threads_posix.c")
_LOADS = {"test_dlopen": ("tests/libplugin.so", "src/libpersist.so.0.1.0")}  # while it runs
_ENVIRONMENT = {
    "UBSAN_OPTIONS": "halt_on_error=1",
    "TSAN_OPTIONS": "die_after_fork=0:halt_on_error=1",
}


def _fails(line: str) -> bool:
    """The rest of the program says nothing new."""
    return line.startswith("[  FAILED  ]")


def _failed_test(output: str) -> str:
    match = re.search(r"^\[  FAILED  \] (\w+)", output, re.M)
    if match:
        return match.group(1)
    match = re.search(r"^SUMMARY: (\w+: [\w -]+)|^==\d+== (Conflicting.*)$", output, re.M)
    return (match.group(1) or match.group(2)) if match else ""


class Programs(Checker):
    """Runs test programs in turn; the first that fails decides."""

    inputs = ("tests", "ci/build", "meson.build", "meson_options.txt")
    code = {
        "core": (*_LIBRARY, "src/sys_posix.c"),
        "process": (*_LIBRARY, "src/sys_posix.c"),
        "fixalloc": ("src/persist.c", "src/fixalloc.c", "src/fixslab.c"),
        "os": (*_LIBRARY, "src/sys_posix.c", "src/sys_static.c"),
    }
    programs: dict[str, dict[str, tuple[str, ...]]]  # by layer and variant
    wrapper: tuple[str, ...] = ()

    def __init__(self) -> None:
        self._limits: dict[str, float] = {}

    def learn(self, layer: str, seconds: float) -> None:
        self._limits[layer] = max(_LEAST_SECONDS, _PATIENCE * seconds)

    def apart(self, layers: list[str]) -> list[str]:
        return layers  # each has programs of its own

    def recipe(self) -> str:
        return f"{self.programs} {self.wrapper}"

    def judge(
        self, tree: Tree, layer: str, mutant: Mutant | None, differs: frozenset[str]
    ) -> Verdict:
        seconds = 0.0
        limit = self._limits.get(layer, _SOURCE_SECONDS)
        for variant, programs in self.programs[layer].items():
            targets = [f"tests/{program}" for program in programs]
            loaded = [file for program in programs for file in _LOADS.get(program, ())]
            if error := tree.build(variant, *targets, *loaded):
                if mutant is None:
                    raise Trouble(f"the tests do not build as {variant}:\n{error}")
                return Verdict(Outcome.KILLED, seconds, "does not build: " + error.strip()[-200:])
            for target in targets:
                command = [*self.wrapper, f"build/{variant}/{target}"]
                done = tree.run(command, limit, environment=_ENVIRONMENT, enough=_fails)
                seconds += done.seconds
                if done.cut or done.status != 0:
                    detail = _failed_test(done.output) or ("hangs" if done.cut else "died")
                    return Verdict(Outcome.KILLED, seconds, f"{variant} {target[6:]}: {detail}")
        return Verdict(Outcome.SURVIVED, seconds, "")


class Unit(Programs):
    name = "unit"
    about = "unit tests, plain and under ASan and UBSan"
    layers = ("core", "process", "fixalloc", "os")
    sees = frozenset(("64", "poison"))
    programs = {
        "core": {
            "gcc": ("test_arena", "test_process", "test_fork_instructions"),
            "asan": ("test_arena", "test_process"),
        },
        "process": {
            "gcc": (
                "test_process",
                "test_throw",
                "test_watch",
                "test_few_arenas",
                "test_startup",
                "test_no_keys",
                "test_handover",
                "test_fork",
            ),
            "asan": ("test_process", "test_throw", "test_few_arenas"),
        },
        "fixalloc": {
            "gcc": ("test_fixalloc", "test_fixalloc_check"),
            "asan": ("test_fixalloc", "test_fixalloc_check"),
        },
        "os": {
            "gcc": (
                "test_sys_posix",
                "test_sys_static_0",
                "test_sys_static_100",
                "test_threads_posix",
                "test_device_0",
                "test_device_100",
                "test_startup",
                "test_no_keys",
                "test_threads",
                "test_fork",
                "test_dlopen",
            ),
            "asan": ("test_device_0", "test_device_100", "test_startup"),
        },
    }


class Tsan(Programs):
    name = "tsan"
    about = "unit tests under ThreadSanitizer, interleavings forced"
    layers = ("process", "os")
    sees = frozenset(("64", "race"))
    programs = {
        "process": {"tsan": ("test_few_arenas", "test_threads", "test_fork")},
        "os": {"tsan": ("test_few_arenas", "test_threads", "test_fork")},
    }


class Drd(Programs):
    name = "drd"
    about = "unit tests under Valgrind's DRD, interleavings forced"
    layers = ("process", "os")
    sees = frozenset(("64",))
    programs = {
        "process": {"gcc": ("test_few_arenas", "test_threads")},
        "os": {"gcc": ("test_few_arenas", "test_threads")},
    }
    wrapper = ("valgrind", "-q", "--tool=drd", "--error-exitcode=9")


class Memcheck(Programs):
    name = "memcheck"
    about = "a unit test of what Valgrind's memcheck is told"
    layers = ("process",)
    sees = frozenset(("64",))
    programs = {"process": {"gcc": ("test_memcheck",)}}
    wrapper = ("valgrind", "-q", "--error-exitcode=9")
