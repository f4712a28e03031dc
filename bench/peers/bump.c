/* The least an allocator can do: one region mapped beforehand, bumped downward. */
#define _DEFAULT_SOURCE
#include "sample.h"

#include <stdlib.h>
#include <sys/mman.h>

#define REGION ((size_t)16 << 30)

struct bump {
    char *base;
    size_t off;
};

void *peer_start(void)
{
    struct bump *bump = malloc(sizeof *bump);
    bump->base = mmap(NULL, REGION, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    bump->off = REGION;
    return bump->base == MAP_FAILED ? NULL : bump;
}

static inline void *peer_alloc(void *peer, size_t size, size_t align)
{
    struct bump *bump = peer;
    if (size > bump->off) {
        abort();
    }
    bump->off = (bump->off - size) & -align;
    return bump->base + bump->off;
}

#include "replay.h"
