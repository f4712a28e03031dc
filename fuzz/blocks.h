/* The blocks handed out in this input, and the marks that the program left at their ends. */
#ifndef FUZZ_BLOCKS_H
#define FUZZ_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

struct block {
    uintptr_t start;
    size_t size;
    unsigned user;
    unsigned char mark; /* in its first and last byte; 0: nobody may touch it */
};

/* What may be done to a block. */
enum access {
    ACCESS_NONE,  /* there is no memory behind it */
    ACCESS_MARKS, /* its ends are written; what it holds is unsaid */
    ACCESS_ZERO   /* the same, and it must be zero before */
};

/* Remembers a block; breaks `disjoint` if it overlaps an earlier one. */
void blocks_add(uintptr_t start, size_t size, unsigned user, enum access access);

/* Are the marks still there? */
void blocks_check(void);

/* Forgets all, and makes zero again what was marked. */
void blocks_reset(void);

/* The nth, modulo their count; NULL if there is none. The order is of no meaning. */
const struct block *blocks_pick(unsigned n);

/* The block of this user that contains the address, or NULL. */
const struct block *blocks_find(uintptr_t address, unsigned user);

#endif
