"""What the strict proof demands beyond the plain one: that no run-time error is possible, on machines
of 64 and of 32 bits. The gate proves the sources so, and the mutants are tried so."""

from __future__ import annotations

MACHINES = {"64": "gcc_x86_64", "32": "gcc_x86_32"}

INVALID_POINTER = "-warn-invalid-pointer"
# To WP no object stands behind a `void *`, so that this check cannot hold of one that is read from
# memory. (Where it is off, every access is checked all the same.)
READS_VOID_POINTERS = {"src/persistentalloc.c", "src/fixalloc.c"}

# With this, WP takes it that any value converted to an unsigned type fits, and Frama-C 25 asks so of a
# narrower type alone, not of an int that becomes a size_t. (No source converts a signed value: the
# compilers' -Wconversion refuses it.) Mutants do, so that they are tried without.
UNSIGNED_DOWNCAST = "-warn-unsigned-downcast"

RUN_TIME_ERRORS = [
    "-wp-rte",
    "-warn-unsigned-overflow",
    UNSIGNED_DOWNCAST,
    "-warn-pointer-downcast",
    INVALID_POINTER,
]


def demanded(source: str, bits: str) -> list[str]:
    return ["-machdep", MACHINES[bits]] + [
        option for option in RUN_TIME_ERRORS
        if option != INVALID_POINTER or source not in READS_VOID_POINTERS
    ]
