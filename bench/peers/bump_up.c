/* As bump.c, upward. */
#define _DEFAULT_SOURCE
#include "sample.h"

#include <stdlib.h>
#include <sys/mman.h>

#define REGION ((size_t)16 << 30)

struct bump {
    char *next, *end;
};

void *peer_start(void)
{
    struct bump *bump = malloc(sizeof *bump);
    bump->next = mmap(NULL, REGION, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    bump->end = bump->next + REGION;
    return bump->next == MAP_FAILED ? NULL : bump;
}

static inline void *peer_alloc(void *peer, size_t size, size_t align)
{
    struct bump *bump = peer;
    char *block = (char *)(((uintptr_t)bump->next + align - 1u) & -align);
    if (size > (size_t)(bump->end - block)) {
        abort();
    }
    bump->next = block + size;
    return block;
}

#include "replay.h"
