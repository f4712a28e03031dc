/* malloc of the C library, or of whatever the program is linked with in its place. */
#include "sample.h"

#include <stddef.h>
#include <stdlib.h>

void *peer_start(void)
{
    return NULL;
}

static inline void *peer_alloc(void *peer, size_t size, size_t align)
{
    (void)peer;
    void *block = align <= _Alignof(max_align_t) ? malloc(size) : aligned_alloc(align, size);
    if (block == NULL) {
        abort();
    }
    return block;
}

#include "replay.h"
