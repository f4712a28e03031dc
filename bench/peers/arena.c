/* The arena of persist.h, inlined. OPTIONS: those of persist_posix.h. */
#include "sample.h"

#include <persist.h>
#include <persist_posix.h>
#include <stdlib.h>

#ifndef OPTIONS
#define OPTIONS 0
#endif

void *peer_start(void)
{
    persist_posix_options(OPTIONS);
    return calloc(1, sizeof(struct persist_arena));
}

static inline void *peer_alloc(void *peer, size_t size, size_t align)
{
    void *block;
    if (persist_arena_alloc(peer, size, align, &block) != PERSIST_OK) {
        abort();
    }
    return block;
}

#include "replay.h"
