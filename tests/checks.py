"""What is checked: a table of commands and of cmocka programs. To add a check, add a line to one of
the lists (and what it needs built to VARIANTS). Paths are seen from the repository's root; what the
checks themselves compile goes to build/tests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

OUT = "build/tests"


@dataclass(frozen=True)
class Command:
    """Command lines for bash. All but the last must succeed; the last must end with `status`, print
    exactly `out` and match `err` on standard error, where these are given."""

    name: str
    steps: Sequence[str]
    status: int = 0
    out: str | None = None
    err: str | None = None
    seconds: int = 300


@dataclass(frozen=True)
class Cmocka:
    """A cmocka program of a variant; each of its tests counts."""

    variant: str
    program: str
    tool: str = ""  # of Valgrind, to run it under
    seconds: int = 300

    @property
    def name(self) -> str:
        return f"{self.variant} {self.tool} {self.program}".replace("  ", " ")

    @property
    def command(self) -> str:
        under = f"{VALGRIND} --tool={self.tool}" if self.tool else ENVIRONMENT.get(self.variant, "")
        return f"{under} build/{self.variant}/tests/{self.program}".strip()


Check = Command | Cmocka

# ---- the cmocka programs ----

VARIANTS = ["gcc", "clang", "asan", "tsan", "release"]
SANITIZED = ["gcc", "clang", "asan", "tsan"]
VALGRIND = "valgrind -q --error-exitcode=9"
ENVIRONMENT = {"asan": "UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1"}


def cmocka(program: str, *variants: str) -> Iterator[Cmocka]:
    for variant in variants:
        yield Cmocka(variant, program)


CMOCKA: list[Check] = [
    # The slow ones first.
    # One thread runs at a time, which leaves nothing for a thread checker to see.
    Cmocka("gcc", "test_handover", seconds=1800),
    Cmocka("gcc", "test_fork_orders", seconds=1800),
    *cmocka("test_fork_instructions", "gcc", "clang"),
    *cmocka("test_fork", "gcc", "clang", "tsan"),  # not asan: its own heap deadlocks in the child
    Cmocka("gcc", "test_threads", "drd"),
    Cmocka("gcc", "test_few_arenas", "drd"),
    *cmocka("test_threads", *SANITIZED),
    *cmocka("test_few_arenas", *SANITIZED),
    *cmocka("test_no_keys", *SANITIZED),
    *cmocka("test_no_heap", "gcc", "clang"),
    *cmocka("test_signals", "gcc", "clang", "asan"),
    *cmocka("test_startup", *SANITIZED),
    *cmocka("test_dlopen", *SANITIZED),
    *cmocka("test_process", *SANITIZED),
    *cmocka("test_arena", "gcc", "clang", "asan"),
    *cmocka("test_fixalloc", "gcc", "clang", "asan"),
    *cmocka("test_fixalloc_check", "gcc", "clang", "asan"),
    *cmocka("test_throw", "gcc", "clang", "asan"),
    *cmocka("test_watch", "gcc", "clang"),  # not asan: it plays it
    Cmocka("gcc", "test_memcheck", "memcheck"),
    *cmocka("test_sys_posix", "gcc", "clang"),  # not asan: it plays the leak checker
    *cmocka("test_sys_static_0", "gcc", "clang", "asan"),
    *cmocka("test_sys_static_100", "gcc", "clang", "asan"),
    *cmocka("test_threads_posix", "gcc", "clang", "asan"),
    *cmocka("test_posix", "gcc", "clang", "asan"),
    *cmocka("test_device_0", "gcc", "clang", "asan"),
    *cmocka("test_device_100", "gcc", "clang", "asan"),
]

SHORT_CMPLOG = "fuzz/run fuzz --engine afl --cmplog --jobs 2 --time 5"

FULL: list[Check] = [
    Command("a proof with the packaged Alt-Ergo", ["proofs/check-setup packaged"], seconds=600),
    Cmocka("asan", "test_handover", seconds=1800),
    *(
        Cmocka("gcc", program, "memcheck", 1800)
        for program in [
            "test_arena",
            "test_process",
            "test_threads",
            "test_few_arenas",
            "test_startup",
            "test_dlopen",
        ]
    ),
    Command(
        "AFL++ leaves no target behind",
        [f"{SHORT_CMPLOG} >{OUT}/cmplog.txt"] * 4 + ["! pgrep -f 'afl-cmplog/fuzz/[c]ore'"],
    ),
    Command("defects planted in fork are found", ["tests/check-planted"], seconds=900),
    # What is done to nightly campaigns; what people read of them, in a browser.
    Command(
        "nightly campaigns survive",
        ["ci/need nightly", "tests/nightly/check-resilience"],
        seconds=2400,
    ),
    Command(
        "nightly triage",
        ["ci/need nightly", "tests/nightly/check-triage"],
        seconds=1800,
    ),
    Command(
        "CI services",
        ["ci/need nightly nightly-test lint mutate", "tests/nightly/check-workflows"],
        seconds=5400,
    ),
    Command("the contracts notice, searched anew", ["fuzz/run contracts"], seconds=2400),
    Command(
        "OSS-Fuzz builds",
        ["tests/nightly/check-oss-fuzz"],
        seconds=1800,
    ),
    Command(
        "nightly report",
        ["ci/need nightly nightly-test", "tests/nightly/check-report"],
        seconds=900,
    ),
]

# ---- tools that watch a program ----

STRICT = "-std=c11 -Wall -Wextra -Wconversion -Werror -Isrc"
NOTHING = r"\A\Z"
POISON = "AddressSanitizer: use-after-poison"
MEMCHECK = f"{VALGRIND} --leak-check=full --errors-for-leak-kinds=definite,possible"


def deed(where: str, what: str, program: str, status: int, err: str, *build: str) -> Command:
    """tests/loud.c doing one deed, which must be heard, or not."""
    return Command(f"{where}: {what}", [*build, f"{program} {what}"], status, err=err)


def deeds(where: str, program: str, status: int, unused: str, leak: str) -> Iterator[Command]:
    for what in ["good-process", "good-arena", "good-heap"]:
        yield deed(where, what, program, 0, NOTHING)
    for what in ["bad-process", "bad-process-large"]:
        yield deed(where, what, program, status, unused)
    yield deed(where, "bad-heap", program, status, leak)


def watched() -> Iterator[Command]:
    leak = "LeakSanitizer: detected memory leaks"
    yield from deeds("ASan in library and program", "build/asan/tests/loud", 1, POISON, leak)
    yield deed("ASan in library and program", "bad-arena", "build/asan/tests/loud", 1, POISON)
    for compiler in PLAIN_LIBRARY:
        program = f"{OUT}/loud-{compiler}"
        yield from deeds(f"ASan of {compiler} in the program alone", program, 1, POISON, leak)
    memcheck = f"{MEMCHECK} build/gcc/tests/loud"
    yield from deeds("memcheck", memcheck, 9, "Invalid write of size 1", "definitely lost")


# ---- without a system, and on 32 bits ----

# The optimizer must not turn a loop into a call of memset, which is not there.
FREESTANDING = f"{STRICT} -ffreestanding -nostdlib -static src/persist.c src/sys_static.c"
WHOLE = (
    "src/persist.c src/persistentalloc.c src/throw.c src/threads_posix.c src/sys_posix.c"
    " src/fixalloc.c src/fixslab.c"
)


def elsewhere() -> Iterator[Command]:
    for bits, start in (("64", ""), ("32", "ci/m32 ")):
        for level in ["-O0", "-Os", "-O3"]:
            program = f"{OUT}/freestanding-{bits}{level}"
            build = f"gcc -m{bits} {level} {FREESTANDING} tests/freestanding.c -o {program}"
            yield Command(f"freestanding, {bits} bits, {level}", [build, start + program])
    program = f"{OUT}/whole-32"
    build = f"gcc -m32 -O2 {STRICT} {WHOLE} {README} -o {program} -pthread"
    yield Command("whole library, 32 bits", [build, f"ci/m32 {program}"], out="main 1\n")


# Gigabytes of requests: an optimized build, and nothing but addresses.
GRANTS = f"gcc -O2 {STRICT} tests/grants.c src/persist.c"


def gigabytes() -> Iterator[Command]:
    for bits, start in (("64", ""), ("32", "ci/m32 ")):
        program = f"{OUT}/grants-{bits}"
        build = f"{GRANTS} -m{bits} -o {program}"
        yield Command(f"calls of the system and unused space, {bits} bits", [build, start + program])
    few = f"ulimit -v 1000000; {OUT}/grants-few"
    yield Command("the same with few addresses", [f"{GRANTS} -o {OUT}/grants-few", few])


# ---- the library as it is installed ----

PREFIX = f"{OUT}/prefix"
README = f"{OUT}/readme.c"  # the program in README.md
PKG_CONFIG = f"PKG_CONFIG_PATH={PREFIX}/lib/pkgconfig pkg-config --cflags --libs"
LIBRARY = f"{PREFIX}/lib/libpersist.so"

INSTALLED_FILES = """include/fixalloc.h
include/fixslab.h
include/persist.h
include/persist_posix.h
lib/libpersist.a
lib/libpersist.so
lib/libpersist.so.0
lib/libpersist.so.0.1.0
lib/pkgconfig/persist.pc
share/man/man3/fixalloc.3
share/man/man3/persistentalloc.3
"""

EXPORTED_SYMBOLS = """A PERSIST_0
T fixalloc_alloc
T fixalloc_free
T fixalloc_in_use
T fixalloc_init
T fixalloc_zalloc
T persist_arena_alloc_slow
T persist_arena_contains
T persist_arena_limit
T persist_arena_stats
T persist_array
T persist_contains
T persist_limit
T persist_message
T persist_on_throw
T persist_posix_options
T persist_statistics
T persistentalloc
"""


def outside(name: str, compiler: str, source: str, out: str) -> Command:
    program = f"{OUT}/outside-{re.sub('[^a-zA-Z0-9]+', '-', name)}"
    flags = f"-Wall -Wextra -Wconversion -Werror $({PKG_CONFIG} persist) -Wl,-rpath,{PREFIX}/lib"
    build = f"{compiler} {source} -o {program} {flags}"
    return Command(f"program outside, {name}", [build, program], out=out, err=NOTHING)


def installed() -> Iterator[Command]:
    undefined = "-fsanitize=undefined,alignment -fno-sanitize-recover=all"
    header = f"{PREFIX}/include/persist.h"
    static = f"{OUT}/static"
    for name, compiler in (
        ("gcc", "gcc -std=c11"),
        ("clang", "clang-14 -std=c11"),
        ("gcc -O3", "gcc -std=c99 -O3"),
        ("UBSan", f"clang-14 -std=c11 -O2 {undefined}"),
    ):
        yield outside(name, compiler, README, "main 1\n")
    for name, compiler in (
        ("g++", "g++ -std=c++17"),
        ("clang++", "clang++-14 -std=c++17"),
        ("C++ with UBSan", f"clang++-14 -std=c++17 -O2 {undefined}"),
    ):
        yield outside(name, compiler, "tests/outside.cpp", "main good\n")
    yield Command(
        "program outside, static",
        [f"gcc -static {README} -o {static} $({PKG_CONFIG} --static persist)", static],
        out="main 1\n",
    )
    yield Command(
        "header by itself, C99 and C++11",
        [
            f"gcc -std=c99 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c {header}",
            f"g++ -std=c++11 -pedantic -Wall -Wextra -Werror -fsyntax-only -x c++ {header}",
        ],
    )
    for name, directory in (("", PREFIX), (" with DESTDIR", f"{OUT}/stage/usr")):
        files = f"cd {directory} && find . ! -type d -printf '%P\\n' | LC_ALL=C sort"
        yield Command(f"installed files{name}", [files], out=INSTALLED_FILES)
    soname = f"readelf -d {LIBRARY} | sed -n 's/.*SONAME.*\\[\\(.*\\)\\]/\\1/p'"
    yield Command("soname", [soname], out="libpersist.so.0\n")
    yield Command("stays loaded", [f"readelf -d {LIBRARY} | grep -o NODELETE"], out="NODELETE\n")
    # A library loaded late takes this from the little that the C library has reserved.
    local = f"readelf -lW {LIBRARY} | awk '$1 == \"TLS\" {{ print $6 }}'"
    yield Command("at most 64 bytes for each thread", [f"[ $(($({local}))) -le 64 ]"])
    symbols = f"nm -D --defined-only {LIBRARY} | sed 's/^[^ ]* //; s/@.*//' | LC_ALL=C sort"
    yield Command("exported symbols", [symbols], out=EXPORTED_SYMBOLS)
    # A static program that never uses fixalloc does not carry it.
    members = "/\\.o / { ours = $1 !~ /^fix/ } ours && /^\\.text/ { sum += $2 }"
    text = f"size -A {PREFIX}/lib/libpersist.a | awk '{members} END {{ exit !sum || sum > 6144 }}'"
    yield Command("at most 6 KiB of code without fixalloc", [text])


# What the checks above share, made one after the other before any of them runs.
PLAIN_LIBRARY = ["gcc", "clang-14"]
PREPARE = [
    f"rm -rf {OUT} && mkdir -p {OUT}",
    f"sed -n '/^```c$/,/^```$/{{/^```/d;p}}' README.md >{README}",
    f"./build.sh install --prefix {PREFIX}",
    f"DESTDIR=$PWD/{OUT}/stage ./build.sh install --prefix /usr",
    *(
        f"{compiler} -g -fsanitize=address {STRICT} tests/loud.c build/release/src/libpersist.a"
        f" -o {OUT}/loud-{compiler}"
        for compiler in PLAIN_LIBRARY
    ),
]

# ---- the fuzzers: the committed corpus, what must be found, what they refuse ----

# Whoever asks for packages there fails.
KNOWS_NO_PACKAGE = "DPKG_ADMINDIR=/nowhere PERSIST_NO_INSTALL=1"
SMOKE = "fuzz/run fuzz --engine libfuzzer --jobs 1 --time 8 --fresh"

FUZZ: list[Check] = [
    *(
        Command(f"corpus replay, {how}", [f"fuzz/run replay --sanitizer {how}"], seconds=600)
        for how in ["address", "memory", "m32"]
    ),
    *(
        Command(
            f"corpus replay, fixalloc, {how}",
            [f"fuzz/run replay --target fixalloc --sanitizer {how}"],
            seconds=600,
        )
        for how in ["address", "memory", "m32"]
    ),
    Command("corpus covers src/", ["fuzz/run coverage"], seconds=600),
    Command("corpus finds the planted defects", ["fuzz/run planted --engine replay"], seconds=900),
    *(
        Command(f"fuzz {options}", [f"fuzz/run fuzz {options}"], status=2, err=r"\Afuzz: .*\n\Z")
        for options in ["--engine none", "--time soon", "--jobs 0", "--target nobody", "--bogus"]
    ),
    *(
        Command(f"libFuzzer, {how} sanitizer", [f"{SMOKE} --sanitizer {how}"])
        for how in ["address", "memory", "thread"]
    ),
    *(
        Command(
            f"{engine} of fixalloc",
            [f"fuzz/run fuzz --target fixalloc --engine {engine} --jobs 1 --time 8 --fresh"],
        )
        for engine in ["libfuzzer", "afl"]
    ),
    Command(
        "libFuzzer finds each defect of the original of 2013",
        ["fuzz/run defects --only libFuzzer --time 120"],
        seconds=600,
    ),
    # The contracts at run time: the corpus keeps them, a broken core breaks each, and the table of
    # both is that of the sources.
    Command("corpus replay, contracts", ["fuzz/run replay --target contracts"], seconds=600),
    Command("the contracts notice", ["fuzz/run contracts --again"], seconds=600),
    Command(
        "fuzz --target contracts --sanitizer thread",
        ["fuzz/run fuzz --target contracts --sanitizer thread"],
        status=2,
        err=r"\Afuzz: .*\n\Z",
    ),
    Command("listings are tests", ["fuzz/check-listings"], seconds=600),
    *(
        Command(f"{verb} --help", [f"{KNOWS_NO_PACKAGE} ./build.sh {verb} --help | grep -- --{option} > /dev/null"])
        for verb, option in [("fuzz", "engine"), ("mutate", "layer"), ("clean", "no-install")]
    ),
    Command("reproduce a file that is not there", ["fuzz/run reproduce nowhere"], status=2),
]

PROOFS: list[Check] = [
    Command("no division in the object code", ["tests/no-division"]),
    Command("an inlined call is short", ["bench/check-inlining"]),
    Command("less than 4 KiB of code at -Os", ["bench/check-size"]),
    Command("the proof's gate notices", ["proofs/check-gate"], seconds=1800),
    Command("a proof without Alt-Ergo", ["proofs/check-setup substitute"], seconds=300),
    *(
        Command(f"prove {options}", [f"proofs/run {options}"], status=2, err=r"\Aprove: .*\n\Z")
        for options in ["--bogus", "--repeat 0", "--repeat often", "--file src/none.c"]
    ),
]

EXAMPLES: list[Check] = [Command("examples", ["examples/check"], seconds=900)]

CHECKS: list[Check] = [*CMOCKA, *watched(), *elsewhere(), *gigabytes(), *installed(), *FUZZ, *PROOFS, *EXAMPLES]
