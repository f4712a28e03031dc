/* The arena of persist.h, inlined. */
#include "sample.h"

#include <persist.h>
#include <stdlib.h>

void *peer_start(void)
{
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
