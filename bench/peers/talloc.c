/* talloc: pools as large as our chunk, one after the other, as its manual advises for many small
 * objects. A pool that is full lets its children go to malloc, so its room is counted here. */
#include "sample.h"

#include <stdlib.h>
#include <talloc.h>

#define POOL ((size_t)256 * 1024)
#define HEADER ((size_t)128) /* more than talloc puts before a child */

struct pool {
    void *context;
    size_t room;
};

void *peer_start(void)
{
    return calloc(1, sizeof(struct pool));
}

static inline void *peer_alloc(void *peer, size_t size, size_t align)
{
    (void)align;
    struct pool *pool = peer;
    size_t need = size + HEADER;
    if (need > pool->room) {
        pool->context = talloc_pool(NULL, POOL);
        pool->room = POOL;
    }
    void *block = talloc_size(pool->context, size);
    if (block == NULL) {
        abort();
    }
    pool->room -= need;
    return block;
}

#include "replay.h"
