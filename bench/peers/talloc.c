/* talloc: children of one context for each thread. */
#include "sample.h"

#include <stdlib.h>
#include <talloc.h>

void *peer_start(void)
{
    return talloc_new(NULL);
}

static inline void *peer_alloc(void *peer, size_t size, size_t align)
{
    (void)align;
    void *block = talloc_size(peer, size);
    if (block == NULL) {
        abort();
    }
    return block;
}

#include "replay.h"
