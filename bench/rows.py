"""What is measured, and against what: the allocators, the rows of the table and their limits."""
from __future__ import annotations

from dataclasses import dataclass

TRACES = ("a", "b", "c", "d")
TRACE_TEXT = {
    "a": "symbol table: names of 5–80 bytes, align 1, and records, align 8",
    "b": "1–256 bytes, align 8",
    "c": "1–256 bytes, aligns 1–4096",
    "d": "as b, 1% of 64–256 KiB",
}


@dataclass(frozen=True)
class Peer:
    program: str
    label: str
    traces: tuple[str, ...] = TRACES
    notes: tuple[str, ...] = ()


NOTES = {
    "zero": "Does not promise zeroed memory; we do.",
    "one": "Serves one thread, as our arena does.",
    "free": "Can free what it hands out; we cannot.",
    "align": "Aligns to 8 or 16 and no further: timed on a and b alone.",
    "shared": "Debian has no static library of it: linked as a shared one.",
    "go": "Called from Go, each goroutine on a thread of its own, with the runtime's cheapest counter.",
    "ahead": "An option: what is unused of the last region is resident too.",
    "huge": "An option, which the system must allow (transparent_hugepage: madvise or always).",
    "bare": "One region mapped beforehand: no refill, no statistics, no check but for room.",
}

PEERS = {
    peer.program: peer
    for peer in (
        Peer("arena", "our arena, inlined"),
        Peer("arena_commit", "our arena, pages committed ahead", notes=("ahead",)),
        Peer("arena_huge", "our arena, huge pages committed ahead", notes=("ahead", "huge")),
        Peer("persistentalloc", "persistentalloc"),
        Peer("bump", "bare downward bump", notes=("bare", "one")),
        Peer("bump_up", "bare upward bump", notes=("bare", "one")),
        Peer("pmr", "std::pmr::monotonic_buffer_resource", notes=("zero", "one")),
        Peer("llvm", "LLVM BumpPtrAllocator, 256 KiB slabs", notes=("zero", "one")),
        Peer("obstack", "obstack, 256 KiB chunks", notes=("zero", "one")),
        Peer("bumpalo", "bumpalo", notes=("zero", "one")),
        Peer("go", "Go's runtime.persistentalloc", notes=("go",)),
        Peer("jemalloc", "jemalloc", ("a", "b"), ("zero", "free")),
        Peer("mimalloc", "mimalloc", ("a", "b"), ("zero", "free", "shared")),
        Peer("tcmalloc", "tcmalloc", ("a", "b"), ("zero", "free")),
        Peer("glibc", "glibc malloc", ("a", "b"), ("zero", "free")),
        Peer("apr", "APR pool", ("a", "b"), ("zero", "one", "align")),
        Peer("talloc", "talloc", ("a", "b"), ("zero", "free", "one", "align")),
        Peer("arena_shared", "our arena, inlined, shared library"),
        Peer("persistentalloc_shared", "persistentalloc, shared library"),
    )
}
# What the check must refuse on trace c, and how.
BROKEN = {"broken_skew": "misaligned", "broken_overlap": "overlap"}
OURS = ("arena", "persistentalloc")
BUMPS = ("bump", "bump_up")
HEAPS = ("jemalloc", "mimalloc", "tcmalloc", "glibc", "apr", "talloc")
SCALING = ("persistentalloc", "arena", "go", "jemalloc", "mimalloc", "tcmalloc", "glibc")
THREADS = (1, 2, 4, 8)


@dataclass(frozen=True)
class Sample:
    """One program run in a process of its own: what mode, which requests, in how many threads."""

    program: str
    mode: str
    trace: str
    requests: int
    threads: int = 1


@dataclass(frozen=True)
class Row:
    """Ours against the best of theirs, trace by trace; `figure` names what of a sample is compared.
    A trace without a limit has no verdict."""

    table: str
    label: str
    ours: dict[str, Sample]
    theirs: dict[str, tuple[Sample, ...]]
    limits: dict[str, float]
    figure: str = "ns"


@dataclass(frozen=True)
class Scale:
    """How many requests: of the bump allocators, of those that touch memory, of each thread."""

    bump: int
    touch: int
    thread: int
    rounds: int


FULL = Scale(bump=1 << 22, touch=1 << 18, thread=1 << 17, rounds=15)
QUICK = Scale(bump=1 << 19, touch=1 << 15, thread=1 << 15, rounds=5)

RUN_TIME = "Size and alignment known at run time only"
CALL_SITE = "The alignment known to the compiler at each call, as in most programs"
SHARED = "The shared library against the static one"

HEAP_TRACES = ("a", "b")
SITE_TRACES = ("a", "b", "d")
BARE_LIMITS = {"a": 1.10, "b": 1.10, "c": 1.10, "d": 1.15}
INLINED_LIMITS = {"pmr": 0.75, "llvm": 0.65, "obstack": 0.55, "bumpalo": 0.30}


def limits_of(limit: float, traces: tuple[str, ...]) -> dict[str, float]:
    return {trace: limit for trace in traces}


def timed(table: str, mode: str, ours: str, peer: str, limits: dict[str, float], n: int) -> Row:
    return Row(
        table,
        PEERS[peer].label,
        {trace: Sample(ours, mode, trace, n) for trace in limits},
        {trace: (Sample(peer, mode, trace, n),) for trace in limits},
        limits,
    )


def written(label: str, ours: str, limits: dict[str, float], n: int, figure: str) -> Row:
    traces = limits or (TRACES if figure == "ns" else HEAP_TRACES)
    return Row(
        RUN_TIME,
        f"{label}, {PEERS[ours].label} against the best bare bump",
        {trace: Sample(ours, "write", trace, n) for trace in traces},
        {trace: tuple(Sample(bump, "write", trace, n) for bump in BUMPS) for trace in traces},
        limits,
        figure,
    )


def two_threads(label: str, limits: dict[str, float], figure: str, n: int) -> Row:
    return Row(
        RUN_TIME,
        f"persistentalloc in two threads against one, {label}",
        {trace: Sample("persistentalloc", "time", trace, n, 2) for trace in TRACES},
        {trace: (Sample("persistentalloc", "time", trace, n),) for trace in TRACES},
        limits,
        figure,
    )


def shared(ours: str, n: int) -> Row:
    return Row(
        SHARED,
        PEERS[ours].label,
        {trace: Sample(ours + "_shared", "time", trace, n) for trace in TRACES},
        {trace: (Sample(ours, "time", trace, n),) for trace in TRACES},
        {},
    )


def rows(scale: Scale) -> list[Row]:
    bare = {trace: BARE_LIMITS[trace] for trace in SITE_TRACES}
    heap = limits_of(0.30, HEAP_TRACES)
    inlined = INLINED_LIMITS.items()
    return [
        timed(RUN_TIME, "time", "arena", "bump", BARE_LIMITS, scale.bump),
        *(
            timed(RUN_TIME, "time", "arena", peer, limits_of(limit, TRACES), scale.bump)
            for peer, limit in inlined
        ),
        timed(RUN_TIME, "time", "persistentalloc", "go", limits_of(0.15, TRACES), scale.bump),
        two_threads("wall time", limits_of(1.15, TRACES), "wall", scale.bump),
        two_threads("processor time", {}, "ns", scale.bump),
        *(timed(RUN_TIME, "time", "persistentalloc", peer, heap, scale.touch) for peer in HEAPS),
        *(
            written("writing every byte", ours, limits_of(1.03, TRACES), scale.touch, "ns")
            for ours in OURS
        ),
        *(
            written("resident memory", ours, limits_of(1.01, HEAP_TRACES), scale.touch, "resident")
            for ours in OURS
        ),
        written("writing every byte", "arena_commit", limits_of(0.90, TRACES), scale.touch, "ns"),
        written("writing every byte", "arena_huge", {}, scale.touch, "ns"),
        *(
            written("resident memory", ours, {}, scale.touch, "resident")
            for ours in ("arena_commit", "arena_huge")
        ),
        timed(CALL_SITE, "sites", "arena", "bump", bare, scale.bump),
        *(
            timed(CALL_SITE, "sites", "arena", peer, limits_of(limit, SITE_TRACES), scale.bump)
            for peer, limit in inlined
        ),
        *(shared(ours, scale.bump) for ours in OURS),
    ]


def scaling(scale: Scale) -> list[Sample]:
    """For the plot of time against threads."""
    return [
        Sample(peer, "time", "b", scale.thread, threads) for peer in SCALING for threads in THREADS
    ]


def memory(scale: Scale) -> list[Sample]:
    """For the plot of resident memory."""
    return [
        Sample(peer, "write", trace, scale.touch)
        for peer in PEERS
        for trace in HEAP_TRACES
        if not peer.endswith("_shared")
    ]
