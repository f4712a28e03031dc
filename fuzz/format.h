/* The input format, version 1: one byte FORMAT_VERSION, then operations of OP_BYTES each (a shorter
 * rest is ignored). Whatever the bytes, they mean something: a mutation never makes an input void.
 *
 *   byte 0   low half: the operation (enum kind)   high half: its variant
 *   byte 1   alignment, count, or which
 *   byte 2,3 a number, little-endian
 *
 * How they are read is in decode.c; fuzz/README.md has the table. A change of meaning is a new
 * version: corpora outlive the harness.
 */
#ifndef FUZZ_FORMAT_H
#define FUZZ_FORMAT_H

#include <stddef.h>
#include <stdint.h>

enum {
    FORMAT_VERSION = 1,
    OP_BYTES = 4,
    MOST_OPS = 48,
    MOST_INPUT = 1 + MOST_OPS * OP_BYTES,
    MOST_CALLS = 640 /* of one input, repeats counted: enough to fill three region tables */
};

/* Nine of the sixteen allocate, so that inputs of a mutator that knows nothing do so too. */
enum kind {
    KIND_ALLOC, /* 0 to 8: allocate; the user (arena, arena, process) is kind % 3 */
    KIND_ALLOC_LAST = 8,
    KIND_ARRAY,    /* persist_array */
    KIND_REPEAT,   /* the last allocation again, some times */
    KIND_SYSTEM,   /* plan what the system answers to its next, or its nth next call */
    KIND_LIMIT,    /* set a user's limit */
    KIND_CONTAINS, /* ask a user whether it contains an address */
    KIND_LOOK,     /* statistics, contents, messages */
    KIND_THREAD,   /* switch to another thread, or end this one */
    KINDS
};

/* How an allocation's variant and number make its size. */
enum size_kind {
    SIZE_TINY,     /* 0 to 255 */
    SIZE_SMALL,    /* the number: 0 to 65535 */
    SIZE_BOUNDARY, /* a boundary of the rules, give or take 32 */
    SIZE_POWER,    /* a power of two, give or take 32 */
    SIZE_FREE,     /* what the current region has left, give or take 128 */
    SIZE_LIMIT,    /* what the limit leaves, give or take 128 */
    SIZE_LEAVE,    /* all that the current region has left but the number */
    SIZE_GROWTH,   /* what a refill would ask for, give or take 128 */
    SIZE_TOP,      /* SIZE_MAX less the number */
    SIZE_PAGES,    /* the number in pages: to 256 MiB */
    SIZE_MOST,     /* SIZE_MAX / 2 less the number */
    SIZE_KINDS     /* further variants are SIZE_TINY */
};

/* What the system answers. */
enum answer {
    ANSWER_WANTED,
    ANSWER_MINIMUM,
    ANSWER_BETWEEN, /* minimum and wanted: chosen by the number */
    ANSWER_PAGES,   /* the minimum, rounded up to pages */
    ANSWER_REFUSE,
    ANSWER_TOO_SMALL, /* less than the minimum, by 1 to 16 */
    ANSWER_TOO_BIG,   /* more than wanted, by 1 to 65536 */
    ANSWER_ENORMOUS,  /* says that it granted SIZE_MAX */
    ANSWER_SKEWED,    /* 1 to 4095 bytes past a multiple of 4096 */
    ANSWER_WRAPS,     /* the last page of memory: its end is address 0 */
    ANSWER_WRAPS_FAR, /* goes on past address 0 */
    ANSWER_TOP,       /* ends at the last address but one: the highest that is good */
    ANSWER_NOTHING,   /* NULL, but says that it granted what was wanted */
    ANSWER_EMPTY,     /* an address, and no byte */
    ANSWERS           /* further variants are ANSWER_WANTED */
};

enum { ANSWER_STICKY = 8, ANSWER_WHEN = 7 }; /* byte 1: for all calls; or for the nth next */

/* Where a grant is placed: byte 1, high half. */
enum placement {
    PLACE_ABOVE,     /* a page above the highest so far */
    PLACE_ADJACENT,  /* right above the highest so far */
    PLACE_BELOW,     /* right below the lowest so far */
    PLACE_ODD,       /* above; a multiple of 4096 and not of 8192 */
    PLACE_UNTOUCHED, /* address space without memory behind it, as are all grants too big */
    PLACE_BOTTOM,    /* the second page of the address space, once */
    PLACEMENTS       /* further ones are PLACE_ABOVE */
};

enum contains {
    CONTAINS_FIRST, /* of the block that the number picks: its first byte */
    CONTAINS_LAST,
    CONTAINS_AFTER, /* the byte after its last */
    CONTAINS_BEFORE,
    CONTAINS_REGION_FIRST, /* of the grant that the number picks */
    CONTAINS_REGION_LAST,
    CONTAINS_REGION_AFTER,
    CONTAINS_REGION_BEFORE,
    CONTAINS_NULL,
    CONTAINS_TOP,
    CONTAINS_POOL, /* where memory comes from, plus the number in pages */
    CONTAINS_KINDS
};

enum look {
    LOOK_STATISTICS,
    LOOK_CONTENTS, /* of every block */
    LOOK_MESSAGE,  /* the text of a reason */
    LOOK_HANDLER,  /* how throws are taken from now on */
    LOOK_AGED,     /* as if nearly SIZE_MAX calls had failed before */
    LOOK_TORN,     /* statistics while a thread is within an allocation */
    LOOKS
};

enum thread_kind {
    THREAD_SWITCH,
    THREAD_END,
    THREAD_FORK,
    THREAD_HOOK,
    THREAD_MEANWHILE,
    THREAD_KINDS
};

enum { THREADS = 6 };

struct op {
    enum kind kind;
    unsigned variant;
    unsigned which;
    unsigned number;
};

static inline struct op op_read(const uint8_t *bytes)
{
    return (struct op){(enum kind)(bytes[0] & 15u), (unsigned)bytes[0] >> 4, bytes[1],
                       bytes[2] | (unsigned)bytes[3] << 8};
}

static inline void op_write(uint8_t *bytes, struct op op)
{
    bytes[0] = (uint8_t)((unsigned)op.kind | op.variant << 4);
    bytes[1] = (uint8_t)op.which;
    bytes[2] = (uint8_t)op.number;
    bytes[3] = (uint8_t)(op.number >> 8);
}

#endif
