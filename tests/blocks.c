#include "blocks.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void blocks_reserve(struct blocks *blocks, size_t most)
{
    blocks->block = realloc(blocks->block, most * sizeof *blocks->block);
    if (blocks->block == NULL) {
        abort();
    }
    blocks->most = most;
}

const char *blocks_add(struct blocks *blocks, void *start, size_t size, size_t align)
{
    unsigned char *bytes = start;
    size_t n = size == 0 ? 1 : size;
    if (bytes == NULL) {
        return "a block at NULL";
    }
    if ((uintptr_t)bytes % (align == 0 ? 8 : align) != 0) {
        return "a block is not aligned";
    }
    for (size_t i = 0; i < n; i++) {
        if (bytes[i] != 0) {
            return "a block is not zero";
        }
    }
    memset(bytes, blocks->mark, n);
    if (blocks->count == blocks->most) {
        blocks_reserve(blocks, blocks->most * 2 + 64);
    }
    blocks->block[blocks->count++] = (struct block){bytes, n};
    return NULL;
}

static int by_address(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)((const struct block *)a)->start;
    uintptr_t y = (uintptr_t)((const struct block *)b)->start;
    return (x > y) - (x < y);
}

static const char *still_filled(const struct blocks *blocks)
{
    for (size_t i = 0; i < blocks->count; i++) {
        for (size_t k = 0; k < blocks->block[i].size; k++) {
            if (blocks->block[i].start[k] != blocks->mark) {
                return "a block was written to by another";
            }
        }
    }
    return NULL;
}

const char *blocks_verify(struct blocks *blocks, size_t n)
{
    struct blocks all = {0};
    const char *wrong = NULL;
    for (size_t i = 0; i < n && wrong == NULL; i++) {
        wrong = still_filled(&blocks[i]);
        all.count += blocks[i].count;
    }
    all.block = calloc(all.count + 1, sizeof *all.block);
    if (all.block == NULL) {
        abort();
    }
    for (size_t i = 0, at = 0; i < n; at += blocks[i].count, i++) {
        if (blocks[i].count > 0) {
            memcpy(all.block + at, blocks[i].block, blocks[i].count * sizeof *all.block);
        }
    }
    qsort(all.block, all.count, sizeof *all.block, by_address);
    for (size_t i = 1; i < all.count && wrong == NULL; i++) {
        if (all.block[i - 1].size >
            (uintptr_t)all.block[i].start - (uintptr_t)all.block[i - 1].start) {
            wrong = "two blocks overlap";
        }
    }
    blocks_free(&all);
    return wrong;
}

void blocks_free(struct blocks *blocks)
{
    free(blocks->block);
    *blocks = (struct blocks){0};
}
