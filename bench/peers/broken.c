/* Two allocators that the check must refuse: SKEW misaligns, OVERLAP hands bytes out twice. */
#include "sample.h"

#include <stdlib.h>

void *peer_start(void)
{
    static char *next;
    next = malloc((size_t)1 << 30);
    return &next;
}

static inline void *peer_alloc(void *peer, size_t size, size_t align)
{
    char **next = peer;
    char *block = (char *)(((uintptr_t)*next + align - 1u) & -align);
#ifdef SKEW
    block += align == 4096 ? 2048 : 0;
#endif
#ifdef OVERLAP
    size -= size == 200 ? 1u : 0u;
#endif
    *next = block + size;
    return block;
}

#include "replay.h"
