#!/usr/bin/env python3
"""Writes corpus/fixalloc/seeds: boundary inputs of the target `fixalloc` made by hand, each named for
what it is. What the operations mean is at the top of objects.c.

Usage: seeds_fixalloc.py [DIRECTORY]    the names of files that are no longer made are removed
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from seeds import (ABOVE, ADJACENT, ALIGN_0, ALIGN_3, ALIGN_8192, ALL_ONES, ARRAY, BELOW, BETWEEN,
                   CONTAINS, EMPTY, ENORMOUS, FREE, GROWTH, LESS_ONE, LIMIT, LOOK, MINIMUM, NOTHING,
                   POWER, REFUSE, SKEWED, SMALL, THREAD, TOO_BIG, TOO_SMALL, TOP, VERSION,
                   WHOLE_PAGES, WRAPS, Op, op, repeat, save, system)

ALLOC, ZALLOC, GIVE = 0, 3, 5
PLAIN, CHECKING, PLAIN_2, CHECKING_2 = range(4)
KEEP_ABOVE = 11  # of LIMIT: from the last size kind on
(FREED, LAST, SECOND, AFTER, BEFORE, REGION, BEHIND, OTHERS, NULL, HIGHEST, IN_SLAB) = range(11)
ALL, SCRIBBLE, BESIDE, FREE_ALL = range(4)
TIMES = {1: 0, 2: 2, 3: 3, 5: 5, 8: 6, 16: 7, 40: 8, 85: 9, 170: 10, 255: 15}  # variants


def make(size: int, align: int = 3) -> Op:
    return op(ARRAY, SMALL, align, size)


def make_near_power(exponent: int, delta: int, align: int = 3) -> Op:
    return op(ARRAY, POWER, align, exponent << 6 | 32 + delta)


def get(times: int = 1, zero: bool = False) -> Op:
    return op(ZALLOC if zero else ALLOC, TIMES[times], 0, 0)


def put(which: int = 0, times: int = 1) -> Op:
    return op(GIVE, TIMES[times], 0, which)


def use(allocator: int) -> Op:
    return op(THREAD, 0, 0, allocator)


def wrong(what: int, number: int = 0) -> Op:
    return op(CONTAINS, what, 0, number)


def look(what: int = ALL, number: int = 0) -> Op:
    return op(LOOK, what, 0, number)


def limit_bytes(size: int) -> Op:
    return op(LIMIT, SMALL, 0, size)


def limit_granted(delta: int) -> Op:
    return op(LIMIT, FREE, 0, 128 + delta)


def keep_above(bytes_: int) -> Op:
    return op(LIMIT, KEEP_ABOVE, 0, bytes_ // 16)


def of_each_build() -> Iterator[tuple[str, list[Op]]]:
    for allocator, name in ((PLAIN, "plain"), (CHECKING, "checking")):
        yield from ((f"{name}-{what}", [use(allocator), *ops]) for what, ops in of_build(allocator))


def of_build(allocator: int) -> Iterator[tuple[str, list[Op]]]:
    beside = 5 if allocator == CHECKING else 4
    for size in (0, 1, 2, 7, 8, 9, 63, 64, 65, 255, 256, 257, 1019, 1020, 1021, 4095, 4096, 4097,
                 65535):
        yield f"size-{size}", [make(size, 0), get(3), put(1), get(2, True), look()]
    for exponent in range(13):
        yield f"align-{1 << exponent}", [make(5, exponent), get(5), put(2, 3), get(5, True), look()]
    yield "align-0", [make(5, ALIGN_0), get(3), put(), get()]
    yield "align-bad", [
        make(24), get(2), *(make(24, which) for which in (ALIGN_3, ALIGN_8192, LESS_ONE + 3,
                                                          ALL_ONES, ALL_ONES + 8)), get(2), look()]
    yield "size-most", [make_near_power(20, 0), get(3), put(1), get(), put(), look()]
    yield "size-most-less-1", [make_near_power(20, -1, 0), get(2), put(), get()]
    yield "size-above-most", [
        make(24), get(), make_near_power(20, 1), op(ARRAY, TOP, 3, 0), op(ARRAY, TOP, 0, 7),
        op(ARRAY, TOP, ALIGN_3, 0), op(ARRAY, TOP, ALIGN_8192, 0), get(2), look()]
    yield "made-again", [make(24), get(5), put(1), make(40), get(5), put(2), get(2, True), look()]
    # The first slab: 1024 bytes, if an object fits.
    for cost in (1023, 1024, 1025, 512, 341):
        yield f"cost-{cost}", [make(cost - beside, 0), get(3), put(), get(2), look()]
    yield "slab-full", [make(8), get(85), get(5), put(0, 5), get(8), look()]
    yield "slabs", [make(8), get(255), get(255), put(100, 85), get(85, True), look()]
    yield "slabs-of-large", [make_near_power(17, 0), get(40), put(7, 16), get(16), look()]
    yield "slabs-as-large-as-any", [make_near_power(20, 0), get(16), get(8), put(3, 8), get(8), look()]
    yield "table-full", [
        make_near_power(18, -beside, 12), keep_above(0x42000), get(40), get(16), get(8), get(3),
        put(5), get(2), put(63), get(2), look()]
    # Reuse: of each slab, in each order, while others are in use.
    yield "freed-all", [make(24), get(170), look(FREE_ALL), look(), get(170, True), look()]
    yield "freed-all-from-the-end", [make(24), get(170), look(FREE_ALL, 65535), get(255), look()]
    yield "freed-in-the-middle", [
        make(7, 0), get(40), *(step for n in range(0, 35, 5) for step in (put(n), put(n + 1))),
        get(8, True), get(16), look()]
    yield "freed-is-dirty", [make(33, 0), get(5), put(0, 5), get(5, True), look()]
    yield "zeroed-from-the-start", [make(300, 0), get(5, True), put(0, 3), get(8, True), look()]
    yield "written-after-free", [
        make(16), get(5), put(0), put(1), look(SCRIBBLE), look(SCRIBBLE, 1), get(3, True), put(2),
        look(SCRIBBLE), get(2), look()]
    # The system and the arena.
    yield "refused-first", [make(64), system(REFUSE), get(), system(REFUSE, call=1), get(), get(3),
                            look()]
    yield "refused-twice", [make(64), system(REFUSE), system(REFUSE, call=1), get(), get(), look()]
    yield "refused-always", [make(64), system(REFUSE, call=None), get(), get(2, True), look()]
    yield "refused-later", [
        make(1020), get(170), get(85), system(REFUSE, call=None), get(85), put(3), get(2), put(200),
        get(2, True), look()]
    for name, answer in (("too-small", TOO_SMALL), ("too-big", TOO_BIG), ("enormous", ENORMOUS),
                         ("skewed", SKEWED), ("wraps", WRAPS), ("empty", EMPTY),
                         ("nothing", NOTHING)):
        yield f"grant-{name}", [make(24), system(answer), get(), get(2, True), look()]
    yield "granted-minimum", [make(100), system(MINIMUM, call=None), get(85), put(3), get(5), look()]
    yield "granted-pages", [
        make(100), system(WHOLE_PAGES, ADJACENT, None), get(85), put(3), get(5), look()]
    yield "granted-below", [make(100), system(BETWEEN, BELOW, None, 9), get(170), put(3), get(5)]
    yield "limit-0", [limit_bytes(0), make(24), get(), get(2, True), limit_bytes(65535), get(), look()]
    yield "limit-fills", [
        limit_bytes(8192), make(40), get(85), get(85), get(40), put(1), get(2), look(), put(99),
        limit_granted(1), get(3)]
    yield "limit-one-object-more", [make(1000), get(), limit_granted(0), get(85), get(85), get(170)]
    yield "limit-as-first-slab", [limit_bytes(1024), make(60), get(16), get(5), look()]
    yield "step-is-refused-and-less-will-do", [
        make(48), get(170), get(85), keep_above(4096), get(255), look()]
    yield "beside", [
        make(24), look(BESIDE, 9), get(40), look(BESIDE, 8000), get(85), put(3, 16),
        look(BESIDE, 1), get(40, True), look()]
    yield "beside-takes-all", [
        limit_bytes(65535), make(24), get(3), *[look(BESIDE, 8191)] * 8, get(85), look()]
    yield "two-on-one-arena", [
        make(24), get(40), use(allocator + 2), make(24), get(40), use(allocator), put(3, 8), get(85),
        use(allocator + 2), put(1, 8), get(16, True), look()]
    yield "as-it-is", [get(5), put(1), get(2, True), op(GIVE, 0, 0, 0), repeat(4), look()]


def of_misuse() -> Iterator[tuple[str, list[Op]]]:
    everything = [wrong(what, n) for what in range(11) for n in (0, 1)]
    yield "misuse-of-none", [use(CHECKING), make(24), *everything]
    yield "misuse", [use(CHECKING), make(24), get(5), put(1), put(2), *everything, get(3), look()]
    yield "misuse-of-1", [use(CHECKING), make(1, 0), get(5), put(1), put(2), *everything, get(3)]
    yield "misuse-of-two-slabs", [use(CHECKING), make(24), get(85), put(1), put(50), *everything,
                                  get(3), look()]
    yield "double-free-at-once", [use(CHECKING), make(24), get(), put(), wrong(FREED), get(2), look()]
    yield "double-free-later", [
        use(CHECKING), make(24), get(85), put(3), put(40), put(1), *(wrong(FREED, n) for n in range(3)),
        get(2, True), *(wrong(FREED, n) for n in range(3)), get(2), look()]
    for allocator, name in ((PLAIN, "plain"), (CHECKING, "checking")):
        yield f"double-free-of-all-{name}", [
            use(allocator), make(300), get(3), look(FREE_ALL), wrong(FREED), wrong(FREED, 1),
            get(3), look(FREE_ALL), wrong(FREED, 2), get(16), look(FREE_ALL),
            *(wrong(FREED, n) for n in range(16)), get(16), look()]
    yield "double-free-of-each-slab", [
        use(CHECKING), make(8), get(255), *(step for n in range(0, 240, 30)
                                            for step in (put(n), wrong(FREED, n))), get(8), look()]
    yield "foreign-of-another", [
        use(CHECKING), make(24), get(5), use(PLAIN), make(24), get(5), use(CHECKING_2), make(24),
        get(), *(wrong(OTHERS, n) for n in range(12)), use(CHECKING),
        *(wrong(OTHERS, n) for n in range(8)), get(3), look()]
    yield "foreign-of-before", [
        use(CHECKING), make(24), get(5), put(1), make(24), get(2),
        *(wrong(OTHERS, n) for n in range(5)), get(2), look()]
    yield "foreign-in-slab", [
        use(CHECKING), make(24), get(3), *(wrong(IN_SLAB, n) for n in (0, 8, 23, 25, 48, 71, 72, 73, 96,
                                                                      840, 841, 845, 867)), get(2)]
    yield "foreign-behind", [
        use(CHECKING), make(24), get(170), wrong(BEHIND), wrong(BEHIND, 1), wrong(BEHIND, 2),
        wrong(HIGHEST), wrong(NULL), get(3), look()]
    yield "grown-by-limit", [op(LIMIT, GROWTH, 0, 128), make(24), get(170), look()]
    yield "placed-above", [system(MINIMUM, ABOVE, None), make(3, 12), get(16), put(3), get(), look()]


def all_seeds() -> dict[str, bytes]:
    seeds: dict[str, bytes] = {}
    for group in (of_each_build, of_misuse):
        for name, ops in group():
            if name in seeds or len(ops) > 48:
                raise ValueError(f"{name}: twice, or of more than 48 operations")
            seeds[name] = bytes([VERSION]) + b"".join(ops)
    return seeds


if __name__ == "__main__":
    save(all_seeds(), Path(sys.argv[1]) if len(sys.argv) > 1
         else Path(__file__).resolve().parent.parent / "corpus" / "fixalloc" / "seeds")
