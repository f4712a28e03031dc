/* mimalloc by its own names. */
#include "sample.h"

#include <mimalloc.h>
#include <stddef.h>
#include <stdlib.h>

void *peer_start(void)
{
    return NULL;
}

static inline void *peer_alloc(void *peer, size_t size, size_t align)
{
    (void)peer;
    void *block = align <= _Alignof(max_align_t) ? mi_malloc(size) : mi_malloc_aligned(size, align);
    if (block == NULL) {
        abort();
    }
    return block;
}

#include "replay.h"
