/* What a test remembers of the blocks it was given, to check each new one against: a model of its
 * own, which asks the allocator nothing. */
#ifndef BLOCKS_H
#define BLOCKS_H

#include <stddef.h>

struct blocks {
    struct block {
        unsigned char *start;
        size_t size;
    } * block;
    size_t count, most;
    unsigned char mark; /* what the blocks are filled with once they are checked */
};

/* Room for `most` blocks at once, so that blocks_add() asks malloc for nothing until there are more:
 * the child of a fork may not wait for a lock of malloc's that a vanished thread held, and
 * ThreadSanitizer's malloc does not mind forks. */
void blocks_reserve(struct blocks *blocks, size_t most);

/* NULL, or what is wrong with a block of `size` bytes that was asked for with `align`: it must be
 * aligned and zero. Then fills and remembers it. Sizes of 0 count as 1. */
const char *blocks_add(struct blocks *blocks, void *start, size_t size, size_t align);

/* NULL, or what is wrong with all together: none may overlap another (of any of the `n` sets), and
 * each must still hold what it was filled with. */
const char *blocks_verify(struct blocks *blocks, size_t n);

void blocks_free(struct blocks *blocks);

#endif
