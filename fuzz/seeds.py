#!/usr/bin/env python3
"""Writes corpus/seeds: boundary inputs made by hand, each named for what it is.

Usage: seeds.py [DIRECTORY]    the names of files that are no longer made are removed
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

VERSION = 1

# The operations and their parts, as in format.h.
ARENA, OTHER, PROCESS = 0, 1, 2
ARRAY, REPEAT, SYSTEM, LIMIT, CONTAINS, LOOK, THREAD = range(9, 16)
(TINY, SMALL, BOUNDARY, POWER, FREE, ROOM, LEAVE, GROWTH, TOP, PAGES, MOST, RAW_ALIGN) = range(12)
(WANTED, MINIMUM, BETWEEN, WHOLE_PAGES, REFUSE, TOO_SMALL, TOO_BIG, ENORMOUS, SKEWED, WRAPS,
 WRAPS_FAR, HIGHEST, NOTHING, EMPTY) = range(14)
ABOVE, ADJACENT, BELOW, ODD, UNTOUCHED, BOTTOM = range(6)
STATISTICS, CONTENTS, MESSAGE, HANDLER, AGED, TORN = range(6)
SWITCH, END, FORK, HOOK, MEANWHILE = range(5)
LEAVES, RETURNS, NONE = range(3)

# Alignments: byte 1 of an allocation.
ALIGN_0, ALIGN_8192, ALIGN_3 = 13, 14, 15
POWER_OF_TWO, LESS_ONE, PLUS_ONE, THREE_TIMES, ALL_ONES = 128, 192, 208, 224, 240

# Boundaries of SIZE_BOUNDARY.
(AT_32, AT_4096, AT_LARGE, AT_CHUNK, AT_8192, AT_CHUNK_LESS_PAGE, AT_8_CHUNKS, AT_LARGE_AND_CHUNK,
 AT_2_CHUNKS, AT_16_MIB, AT_EIGHTH, AT_MOST, AT_MOST_LESS_CHUNK, AT_SIZE_MAX_LESS_CHUNK,
 AT_SIZE_MAX_LESS_PAGE, AT_SIZE_MAX) = range(16)

Op = bytes


def op(kind: int, variant: int, which: int, number: int) -> Op:
    return bytes([kind | variant << 4, which, number & 255, number >> 8])


def align(exponent: int) -> int:
    return exponent


def alloc(user: int, size_kind: int, number: int, which: int = 3) -> Op:
    return op(user, size_kind, which, number)


def small(user: int, size: int, which: int = 3) -> Op:
    return alloc(user, SMALL, size, which)


def near(user: int, boundary: int, delta: int, which: int = 3) -> Op:
    return alloc(user, BOUNDARY, boundary << 6 | 32 + delta, which)


def power(user: int, exponent: int, delta: int, which: int = 3) -> Op:
    return alloc(user, POWER, exponent << 6 | 32 + delta, which)


def fit(user: int, delta: int, which: int = 0) -> Op:
    """All that the current region has left, and so many bytes more."""
    return alloc(user, FREE, 128 + delta, which)


def array(count: int, size_kind: int, number: int, which: int = 3) -> Op:
    return op(ARRAY, size_kind, count << 4 | which, number)


def repeat(times: int) -> Op:
    return op(REPEAT, 0, times - 1 if times <= 4 else 191 + (times + 3) // 4, 0)


def system(answer: int, place: int = ABOVE, call: int | None = 0, number: int = 0) -> Op:
    """What the nth next call answers; call None: every one from now on."""
    return op(SYSTEM, answer, place << 4 | (8 if call is None else call), number)


def limit(user: int, size_kind: int, number: int) -> Op:
    return op(LIMIT, size_kind, user, number)


def limit_granted(user: int, delta: int) -> Op:
    """The limit at what is granted, give or take."""
    return op(LIMIT, FREE, user, 128 + delta)


def limit_refill(user: int, delta: int) -> Op:
    """The limit at what the next refill takes, give or take."""
    return op(LIMIT, GROWTH, user, 128 + delta)


def contains(user: int, what: int, number: int = 0) -> Op:
    return op(CONTAINS, what, user, number)


def look(what: int, user: int = ARENA, number: int = 0) -> Op:
    return op(LOOK, what, user, number)


def thread(what: int, number: int = 0, which: int = 0) -> Op:
    return op(THREAD, what, which, number)


def meanwhile(operations: int, number: int) -> Op:
    return op(THREAD, MEANWHILE, operations - 1, number)


USER_NAMES = {ARENA: "arena", PROCESS: "process"}


def of_each_user() -> Iterator[tuple[str, list[Op]]]:
    """What an arena and the process do alike."""
    for user, name in USER_NAMES.items():
        yield from ((f"{name}-{what}", ops) for what, ops in of_user(user))


def of_user(u: int) -> Iterator[tuple[str, list[Op]]]:
    look_now = look(STATISTICS, u)
    yield "size-0-first", [small(u, 0), small(u, 0), small(u, 1), look_now]
    yield "size-0-after-1", [small(u, 1, 0), small(u, 0, 0), small(u, 0, 0), look_now]
    yield "sizes-1-to-9-align-1", [small(u, n, 0) for n in range(1, 10)] + [look(CONTENTS)]
    yield "large-less-1", [near(u, AT_LARGE, -1), look_now]
    yield "large", [near(u, AT_LARGE, 0), look_now]
    yield "large-from-region", [small(u, 8), near(u, AT_LARGE, 0), near(u, AT_LARGE, 1), look_now]
    yield "large-less-1-from-region", [small(u, 8), near(u, AT_LARGE, -1), look_now]
    yield "chunk-less-1", [near(u, AT_CHUNK, -1, 0), small(u, 1, 0), small(u, 1, 0), look_now]
    yield "chunk", [near(u, AT_CHUNK, 0), small(u, 1), look_now]
    yield "chunk-plus-1", [near(u, AT_CHUNK, 1), small(u, 1), look_now]
    yield "chunk-plus-4095", [alloc(u, PAGES, 64), alloc(u, PAGES, 65), look_now]
    yield "fit", [small(u, 1), fit(u, 0), look_now, small(u, 1), look_now]
    yield "fit-less-1", [small(u, 1), fit(u, -1), fit(u, 0), small(u, 1), look_now]
    yield "fit-plus-1", [small(u, 1), fit(u, 1), look_now]
    yield "fit-small", [small(u, 60000), repeat(4), fit(u, 0), look_now, small(u, 1), look_now]
    yield "fit-small-plus-1", [small(u, 60000), repeat(4), fit(u, 1), look_now]
    yield "fit-align-4096", [small(u, 1, 0), fit(u, 0, 12), look_now]
    yield "fit-leaves-less-than-align", [small(u, 1, 0), alloc(u, LEAVE, 4095, 12), look_now]
    yield "fit-leaves-align", [small(u, 1, 0), alloc(u, LEAVE, 4096, 12), look_now]
    for exponent in range(13):
        yield f"align-{1 << exponent}", [small(u, 5, exponent), small(u, 5, exponent), look_now]
    yield "align-0", [small(u, 5, 0), small(u, 5, ALIGN_0), small(u, 0, ALIGN_0), look_now]
    yield "align-8192", [small(u, 5, ALIGN_8192), small(u, 5), look_now]
    yield "align-3", [small(u, 5, ALIGN_3), small(u, 5), look_now]
    yield "align-4095", [small(u, 5, LESS_ONE + 3), small(u, 5), look_now]
    yield "align-4097", [small(u, 5, PLUS_ONE + 3), small(u, 5), look_now]
    yield "align-12288", [small(u, 5, THREE_TIMES + 3), small(u, 5), look_now]
    yield "align-largest-power", [small(u, 5, POWER_OF_TWO + 63), small(u, 5), look_now]
    yield "align-2-to-13-up", [small(u, 5, POWER_OF_TWO + n) for n in range(13, 64, 5)] + [look_now]
    yield "align-size-max", [small(u, 5, ALL_ONES), small(u, 5), look_now]
    yield "align-odd-large", [small(u, 5, ALL_ONES + 8), look_now]
    yield "align-bad-with-room", [
        small(u, 8), *(small(u, 5, which) for which in (
            ALIGN_3, ALIGN_8192, LESS_ONE + 3, PLUS_ONE + 3, THREE_TIMES + 3, POWER_OF_TWO + 63,
            ALL_ONES, ALL_ONES + 1, ALL_ONES + 8, THREE_TIMES, THREE_TIMES + 1, PLUS_ONE + 1)),
        small(u, 0, ALIGN_3), near(u, AT_LARGE, 0, ALIGN_3), small(u, 8), look_now]
    yield "align-bad-with-room-small", [
        small(u, 8), *(op(u, RAW_ALIGN, a & 255, a >> 8 << 8 | 5) for a in (
            3, 5, 6, 7, 9, 12, 24, 40, 48, 96, 4095, 4097, 6144, 8191, 8192, 12288, 65535)),
        look_now]
    # 19 remainders decide the shift of an alignment (persist.h): numbers that share one.
    yield "align-same-remainder", [
        op(u, RAW_ALIGN, a & 255, a >> 8 << 8 | 5)
        for a in (20, 21, 23, 27, 35, 16 + 19, 32 + 19, 64 + 19, 128 + 19, 256 + 19, 512 + 19,
                  1024 + 19, 2048 + 19, 4096 + 19, 19, 38, 5, 22)] + [look_now]
    yield "align-bad-size-0", [small(u, 0, ALIGN_3), small(u, 0, ALIGN_8192), look_now]
    yield "align-bad-and-no-memory", [
        system(REFUSE, call=None), small(u, 5, ALIGN_3), small(u, 5, ALIGN_8192), small(u, 5),
        look_now]
    yield "align-bad-size-max", [
        alloc(u, TOP, 0, ALIGN_3), alloc(u, TOP, 0, ALIGN_8192), alloc(u, TOP, 0), look_now]
    yield "size-max", [alloc(u, TOP, 0), alloc(u, TOP, 0, 12), small(u, 1), look_now]
    yield "size-max-with-region", [small(u, 1), alloc(u, TOP, 0), alloc(u, TOP, 4095), look_now]
    yield "failure-in-an-odd-place", [
        small(u, 3, 0), alloc(u, TOP, 0), look_now, small(u, 2, 0), system(REFUSE), fit(u, 1),
        look_now, limit_granted(u, 0), fit(u, 1), small(u, 1, 0), look_now]
    yield "size-max-down", [alloc(u, TOP, n) for n in (1, 4094, 4095, 4096, 65535)] + [look_now]
    yield "most", [alloc(u, MOST, 0), look_now, small(u, 1), look_now]
    yield "most-plus-1", [near(u, AT_MOST, 1), look_now, small(u, 1)]
    yield "most-less-1", [near(u, AT_MOST, -1), look_now, small(u, 1), small(u, 1), look_now]
    yield "most-with-region", [small(u, 1), alloc(u, ROOM, 128), look_now, fit(u, 0), small(u, 1)]
    yield "most-with-region-plus-1", [small(u, 1), alloc(u, ROOM, 129), small(u, 1), look_now]
    yield "growth", [near(u, AT_16_MIB, 0), small(u, 1), look_now, fit(u, 1), look_now]
    yield "growth-begins", [near(u, AT_8_CHUNKS, 0), small(u, 1), look_now]
    yield "growth-begins-plus-1", [near(u, AT_8_CHUNKS, 1), small(u, 1), look_now]
    yield "growth-exact", [near(u, AT_16_MIB, 0), alloc(u, GROWTH, 128), look_now]
    yield "growth-plus-1", [near(u, AT_16_MIB, 0), alloc(u, GROWTH, 129), look_now]
    yield "growth-large-block", [near(u, AT_16_MIB, 0), near(u, AT_16_MIB, 31), look_now]
    yield "keeps-region-that-has-more", [
        small(u, 8), near(u, AT_CHUNK, 0), look_now, small(u, 8), look_now]
    yield "keeps-region-by-1", [
        near(u, AT_CHUNK, -9, 0), near(u, AT_CHUNK, -8, 0), look_now, small(u, 1, 0), look_now]
    yield "switches-region-that-has-as-much", [
        near(u, AT_CHUNK, -8, 0), near(u, AT_CHUNK, -8, 0), look_now, small(u, 8, 0), look_now]
    yield "switches-region-that-has-less", [
        near(u, AT_CHUNK, -8, 0), near(u, AT_CHUNK, -9, 0), look_now, small(u, 1, 0), look_now]
    yield "whole-grant-aligned", [
        small(u, 8), system(MINIMUM, ADJACENT), near(u, AT_CHUNK, 5, 12), look_now]
    # Just large enough that the grant is large and the block is not.
    yield "whole-grant-not-large", [
        small(u, 8), alloc(u, LEAVE, 60000, 0), system(BETWEEN, number=1400), small(u, 60001, 0),
        look_now, small(u, 8, 0), look(CONTENTS), look_now]
    yield "whole-grant-large", [small(u, 8), near(u, AT_CHUNK, 0), near(u, AT_CHUNK, 1), look_now]
    # The system.
    yield "refused-first", [system(REFUSE), small(u, 8), look_now, small(u, 8), look_now]
    yield "refused-second", [
        small(u, 8), system(REFUSE), fit(u, 1), look_now, small(u, 8), fit(u, 1), look_now]
    yield "refused-third", [
        near(u, AT_CHUNK, 0), system(REFUSE, call=1), near(u, AT_CHUNK, 0), near(u, AT_CHUNK, 0),
        look_now, near(u, AT_CHUNK, 0), look_now]
    yield "refused-seventh", [
        system(REFUSE, call=6), near(u, AT_CHUNK, 0), repeat(4), repeat(3), look_now, small(u, 1)]
    yield "refused-large", [system(REFUSE), near(u, AT_LARGE, 0), small(u, 8), look_now]
    yield "refused-always", [
        system(REFUSE, call=None), small(u, 8), small(u, 0), near(u, AT_CHUNK, 0), look_now]
    yield "refused-but-says-granted", [system(NOTHING), small(u, 8), small(u, 8), look_now]
    yield "granted-minimum", [
        system(MINIMUM), small(u, 9), look_now, system(MINIMUM), small(u, 9), look_now]
    yield "granted-minimum-large", [
        system(MINIMUM, call=None), near(u, AT_LARGE, 0, 0), near(u, AT_CHUNK, 1, 0), look_now]
    yield "granted-minimum-keeps", [small(u, 8), system(MINIMUM), near(u, AT_CHUNK, 0), look_now]
    yield "granted-minimum-below-blocks", [
        small(u, 8), fit(u, 0), system(MINIMUM, BELOW), small(u, 9), look(CONTENTS), look_now]
    yield "granted-between", [
        system(BETWEEN, number=1), small(u, 9, 0), fit(u, 0), look_now,
        system(BETWEEN, number=9999), small(u, 9, 0), fit(u, 0), look_now]
    yield "granted-pages", [
        system(WHOLE_PAGES, call=None), small(u, 5000), small(u, 3000), small(u, 200), look_now]
    yield "granted-minimum-page-multiple", [
        system(MINIMUM), small(u, 4096, 12), system(MINIMUM, ADJACENT), small(u, 4096, 12),
        look_now]
    for name, answer in (("too-small", TOO_SMALL), ("too-big", TOO_BIG), ("enormous", ENORMOUS),
                         ("skewed", SKEWED), ("wraps", WRAPS), ("wraps-far", WRAPS_FAR),
                         ("empty", EMPTY)):
        yield f"grant-{name}", [
            system(answer), small(u, 8), look_now, small(u, 8), look_now]
        yield f"grant-{name}-second", [
            small(u, 8), system(answer), fit(u, 1), look_now, small(u, 8), fit(u, 1), look_now]
        yield f"grant-{name}-large", [
            small(u, 8), system(answer), near(u, AT_CHUNK, 0), look_now, near(u, AT_CHUNK, 0)]
    yield "grant-skewed-by-8", [system(SKEWED, number=7), small(u, 8), look_now]
    yield "grant-skewed-by-2048", [system(SKEWED, number=2047), small(u, 8), look_now]
    yield "grant-skewed-by-4095", [system(SKEWED, number=4094), small(u, 8), look_now]
    yield "grant-too-small-by-16", [system(TOO_SMALL, number=15), small(u, 40), look_now]
    yield "grant-too-big-by-4096", [system(TOO_BIG, number=4095), small(u, 40), look_now]
    yield "grant-highest", [system(HIGHEST), small(u, 8), fit(u, 0), look_now]
    yield "grant-highest-whole", [small(u, 8), system(HIGHEST), near(u, AT_CHUNK, -4, 0), look_now]
    yield "grant-lowest", [system(WANTED, BOTTOM), small(u, 8), fit(u, 0), small(u, 8), look_now]
    yield "grant-untouched", [system(WANTED, UNTOUCHED), small(u, 8), fit(u, 0), look_now]
    for name, place in (("above", ABOVE), ("adjacent", ADJACENT), ("below", BELOW), ("odd", ODD)):
        yield f"placed-{name}", [
            system(WANTED, place, None), near(u, AT_CHUNK, 0), small(u, 8), fit(u, 1, 12),
            small(u, 8, 12), look(CONTENTS), look_now]
    # The limit.
    yield "limit-0", [limit(u, SMALL, 0), small(u, 1), small(u, 0), look_now]
    yield "limit-1", [limit(u, SMALL, 1), small(u, 1), look_now, small(u, 1), look_now]
    yield "limit-4095", [limit(u, SMALL, 4095), small(u, 1), look_now, fit(u, 0), small(u, 1)]
    yield "limit-chunk-less-1", [limit_refill(u, -1), small(u, 8), look_now, fit(u, 0), look_now]
    yield "limit-chunk", [limit_refill(u, 0), small(u, 8), fit(u, 0), small(u, 1), look_now]
    yield "limit-chunk-plus-1", [
        limit_refill(u, 1), small(u, 8), fit(u, 0), small(u, 1), small(u, 1), look_now]
    yield "limit-at-granted", [small(u, 8), limit_granted(u, 0), fit(u, 1), fit(u, 0), look_now]
    yield "limit-below-granted", [small(u, 8), limit_granted(u, -100), fit(u, 1), small(u, 8)]
    yield "limit-1-above-granted", [
        small(u, 8), limit_granted(u, 1), fit(u, 0), small(u, 2), small(u, 1), look_now]
    yield "limit-for-large", [limit_refill(u, 0), near(u, AT_CHUNK, 1), near(u, AT_CHUNK, 0)]
    yield "limit-raised", [
        limit(u, SMALL, 8), small(u, 8), small(u, 8), limit(u, TOP, 0), small(u, 8), look_now]
    yield "limit-most", [limit(u, MOST, 0), alloc(u, MOST, 0), small(u, 1), look_now]
    yield "limit-most-less-1", [limit(u, MOST, 1), alloc(u, MOST, 0), alloc(u, MOST, 1), look_now]
    yield "limit-most-plus-1", [limit(u, BOUNDARY, AT_MOST << 6 | 33), alloc(u, MOST, 0), look_now]
    yield "limit-with-growth", [
        near(u, AT_16_MIB, 0), limit_granted(u, 100), small(u, 101), small(u, 100), look_now]
    # The table.
    yield "table-full", [
        system(MINIMUM, call=None), small(u, 1, 0), repeat(256), look_now, small(u, 1, 0),
        small(u, 5, ALIGN_3), contains(u, 8), contains(u, 9), look_now]
    yield "table-full-room-left", [
        system(MINIMUM, call=None), small(u, 1, 0), repeat(196), small(u, 1, 0),
        system(WANTED, call=None), repeat(3), look_now, small(u, 100), fit(u, 1), fit(u, 0),
        small(u, 1), look_now]
    yield "table-full-whole", [
        small(u, 8), system(MINIMUM, call=None), near(u, AT_CHUNK, 0), repeat(252), look_now,
        small(u, 8), look_now]
    # Failures are counted no further than a counter goes.
    yield "failures-saturate", [
        look(AGED, u, 1), small(u, 8, ALIGN_3), small(u, 8, ALIGN_3), small(u, 8, ALIGN_8192),
        small(u, 8, ALIGN_8192), system(REFUSE), small(u, 8), system(REFUSE), small(u, 8),
        system(EMPTY), small(u, 8), system(EMPTY), small(u, 8), look_now]
    yield "contains-nothing", [contains(u, n) for n in range(11)]
    yield "contains", [small(u, 100)] + [
        contains(u, n) for n in range(11)] + [near(u, AT_CHUNK, 0), near(u, AT_CHUNK, 0)] + [
            contains(u, n, m) for n in range(8) for m in range(3)]
    yield "contains-adjacent", [
        system(WANTED, ADJACENT, None), near(u, AT_CHUNK, 0), near(u, AT_CHUNK, 0),
        near(u, AT_CHUNK, 0)] + [contains(u, n, m) for n in range(8) for m in range(3)]
    yield "contains-highest", [
        system(HIGHEST), small(u, 8), fit(u, 0), contains(u, 5), contains(u, 6), contains(u, 9)]
    yield "contains-lowest", [
        system(WANTED, BOTTOM), small(u, 8), fit(u, 0), contains(u, 4), contains(u, 7),
        contains(u, 8)]


def of_arenas() -> Iterator[tuple[str, list[Op]]]:
    """Users beside each other."""
    both = [small(ARENA, 8), small(OTHER, 8), small(PROCESS, 8)]
    yield "arenas-take-turns", [
        system(WANTED, ADJACENT, None), *both, *both, fit(ARENA, 0), fit(OTHER, 0),
        fit(PROCESS, 0), *both, look(CONTENTS)]
    # Of an alignment of 0 the compiler knows in one of them alone.
    unsaid = [small(user, 5, ALIGN_0) for user in (ARENA, OTHER)]
    yield "arenas-align-0", [*both, *unsaid, *unsaid, look(STATISTICS), look(STATISTICS, OTHER)]
    yield "arenas-take-turns-below", [system(WANTED, BELOW, None), *both, fit(OTHER, 1), *both]
    yield "arenas-contain-their-own", [
        system(WANTED, ADJACENT, None), *both,
        *(contains(user, what, n) for user in (0, 1, 2) for what in range(4) for n in range(3))]
    yield "arenas-limits-are-their-own", [
        limit(ARENA, SMALL, 0), *both, limit(PROCESS, SMALL, 0), fit(OTHER, 1), fit(PROCESS, 1)]
    yield "version-only", []


def of_arrays() -> Iterator[tuple[str, list[Op]]]:
    look_now = look(STATISTICS, PROCESS)
    names = ("1", "2", "0", "5", "16", "255", "free", "free-plus-1", "large", "size-max-over",
             "size-max-over-plus-1", "size-max", "half-plus-1", "root", "room", "most-over")
    for count, name in enumerate(names):
        yield f"array-{name}-of-24", [
            small(PROCESS, 8), array(count, SMALL, 24), look_now]
    yield "array-of-0", [array(count, SMALL, 0) for count in (0, 2, 5, 11)] + [look_now]
    yield "array-of-root", [
        array(13, POWER, 32 << 6 | 32), array(13, POWER, 32 << 6 | 31),
        array(13, POWER, 16 << 6 | 32), array(13, POWER, 16 << 6 | 31), look_now]
    yield "array-of-size-max", [array(count, TOP, 0) for count in (0, 1, 2, 11)] + [look_now]
    yield "array-overflow-bad-align", [array(11, SMALL, 24, 15), array(11, SMALL, 24, 14)]


def of_throws() -> Iterator[tuple[str, list[Op]]]:
    for handler, name in ((RETURNS, "handler-returns"), (NONE, "uncaught")):
        yield f"throw-{name}", [
            look(HANDLER, number=handler), small(PROCESS, 5, ALIGN_3), small(PROCESS, 0, ALIGN_8192),
            alloc(PROCESS, TOP, 0), system(REFUSE), small(PROCESS, 12345), system(EMPTY),
            small(PROCESS, 54321), array(11, SMALL, 24), small(PROCESS, 8),
            look(HANDLER, number=LEAVES), small(PROCESS, 5, ALIGN_3), look(STATISTICS, PROCESS)]
    yield "messages", [look(MESSAGE, number=n) for n in range(6)]
    yield "throw-meanwhile", [
        look(HANDLER, number=NONE), meanwhile(2, 1), system(REFUSE), small(PROCESS, 8),
        small(PROCESS, 8, ALIGN_3), system(REFUSE), small(PROCESS, 8)]


def of_threads() -> Iterator[tuple[str, list[Op]]]:
    p = PROCESS
    look_now = look(STATISTICS, p)
    here = small(p, 8)
    yield "thread-second", [here, thread(SWITCH, 1), here, thread(SWITCH, 0), here, look_now]
    yield "thread-arena-is-handed-on", [
        here, thread(END), thread(SWITCH, 1), here, look_now, fit(p, 0), look_now]
    yield "thread-arena-handed-on-has-just-enough", [
        here, thread(END), thread(SWITCH, 1), near(p, AT_CHUNK, -8, 0), look_now]
    yield "thread-allocates-after-its-end", [
        here, thread(END), here, here, look_now, thread(SWITCH, 1), here, thread(SWITCH, 0), here]
    yield "thread-ends-twice", [here, thread(END), thread(END), here, thread(END), look_now]
    yield "thread-ends-without-arena", [thread(END), here, look_now]
    yield "thread-more-than-arenas", [
        step for n in range(6) for step in (thread(SWITCH, n), here)] + [
            step for n in range(6) for step in (thread(SWITCH, n), here, thread(END))] + [look_now]
    yield "thread-ends-hooked-without-arena", [small(p, 8, ALIGN_3), thread(END), here, look_now]
    yield "thread-others-blocks-are-contained", [
        here, thread(SWITCH, 1), here, *(contains(p, n, m) for n in range(8) for m in range(2))]
    yield "thread-hook-fails", [
        thread(HOOK, 1), here, here, thread(SWITCH, 1), here, thread(END), thread(HOOK, 0),
        thread(SWITCH, 1), here, look_now]
    yield "thread-bad-align-first", [small(p, 8, ALIGN_3), here, look_now]
    yield "thread-second-refused", [
        here, thread(SWITCH, 1), system(REFUSE), here, look_now, here, look_now]
    for name, answer in (("too-small", TOO_SMALL), ("skewed", SKEWED), ("too-big", TOO_BIG),
                         ("minimum", MINIMUM), ("wraps", WRAPS)):
        yield f"thread-second-{name}", [
            here, thread(SWITCH, 1), system(answer), here, look_now, here, look_now]
    yield "thread-second-large", [
        here, thread(SWITCH, 1), near(p, AT_CHUNK, 0), look_now, here, look_now]
    yield "thread-second-size-max", [
        here, thread(SWITCH, 1), alloc(p, TOP, 0), alloc(p, MOST, 0), alloc(p, MOST, 4000),
        near(p, AT_MOST, 1), here, look_now]
    yield "thread-second-at-limit", [
        here, limit_granted(p, 100), thread(SWITCH, 1), here, look_now, thread(SWITCH, 0), here]
    yield "thread-second-align-4096", [
        here, thread(SWITCH, 1), small(p, 8, 12), small(p, 8, 12), look_now, look(CONTENTS)]
    yield "thread-first-refused-keeps-arena", [system(REFUSE), here, here, look_now]
    yield "fork-alone", [here, thread(FORK), here, look_now]
    yield "fork-others-vanish", [
        here, thread(SWITCH, 1), here, thread(SWITCH, 2), here, thread(FORK), look_now, here,
        thread(SWITCH, 1), here, thread(SWITCH, 0), here, look_now]
    yield "fork-before-first-block", [thread(FORK), here, look_now]
    yield "fork-after-end", [here, thread(END), thread(FORK), here, look_now]
    yield "fork-with-limit", [
        here, thread(SWITCH, 1), here, limit_granted(p, 0), thread(FORK), fit(p, 1), here]
    # Others, while the system is asked.
    yield "meanwhile-second-thread", [here, meanwhile(1, 1), fit(p, 1), here, here, look_now]
    yield "meanwhile-first-arena", [meanwhile(1, 1), here, here, look_now, here]
    yield "meanwhile-limit-reserved", [
        limit_refill(p, 0), meanwhile(1, 1), here, here, look_now, here]
    yield "meanwhile-limit-given-back", [
        limit_refill(p, 0), meanwhile(1, 1), system(MINIMUM), here, here, here, look_now]
    yield "meanwhile-refused-gives-back", [
        limit_refill(p, 0), meanwhile(1, 1), system(REFUSE), here, here, here, look_now]
    yield "meanwhile-limit-lowered", [
        meanwhile(1, 1), here, limit(p, SMALL, 0), look_now, fit(p, 1), here]
    yield "meanwhile-statistics", [
        here, meanwhile(3, 1), fit(p, 1), look_now, contains(p, 0), contains(p, 4, 1), look_now]
    yield "meanwhile-thread-ends", [
        here, thread(SWITCH, 1), here, thread(SWITCH, 0), meanwhile(2, 1), fit(p, 1), here,
        thread(END), here, thread(SWITCH, 2), here, look_now]
    yield "meanwhile-three-deep", [
        meanwhile(4, 1), here, meanwhile(3, 2), here, meanwhile(2, 3), here, here, look_now]
    yield "meanwhile-waits-for-arena", [
        here, thread(SWITCH, 1), here, thread(SWITCH, 2), here, thread(SWITCH, 3), meanwhile(2, 4),
        here, here, look_now, look_now]
    yield "meanwhile-makes-two", [
        here, thread(SWITCH, 1), meanwhile(1, 2), here, here, look_now, thread(SWITCH, 2), here]
    yield "meanwhile-arena", [
        small(ARENA, 8), meanwhile(3, 0), fit(ARENA, 1), small(OTHER, 8), here, small(ARENA, 8)]
    yield "torn-statistics", [
        look(TORN, number=5), here, look(TORN, number=0), look(TORN, number=8), fit(p, -100, 0),
        look(TORN, number=65535), small(p, 8, 12), look(TORN, number=100), look_now]


def all_seeds() -> dict[str, bytes]:
    seeds: dict[str, bytes] = {}
    groups: tuple[Callable[[], Iterator[tuple[str, list[Op]]]], ...] = (
        of_each_user, of_arenas, of_arrays, of_throws, of_threads)
    for group in groups:
        for name, ops in group():
            if name in seeds:
                raise ValueError(f"two seeds are named {name}")
            if len(ops) > 48:
                raise ValueError(f"{name} has more than 48 operations")
            seeds[name] = bytes([VERSION]) + b"".join(ops)
    seeds["version-unknown"] = bytes([255]) + small(ARENA, 8)
    seeds["empty"] = b""
    seeds["half-an-operation"] = bytes([VERSION]) + small(ARENA, 8) + small(ARENA, 9)[:2]
    seeds["one-operation-too-many"] = bytes([VERSION]) + small(ARENA, 8) * 49
    return seeds


def save(seeds: dict[str, bytes], directory: Path) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.iterdir():
        if old.name not in seeds and old.name != "README.md":
            old.unlink()
    for name, data in seeds.items():
        path = directory / name
        if not path.exists() or path.read_bytes() != data:
            path.write_bytes(data)


if __name__ == "__main__":
    save(all_seeds(), Path(sys.argv[1]) if len(sys.argv) > 1
         else Path(__file__).resolve().parent.parent / "corpus" / "seeds")
