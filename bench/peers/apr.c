/* A pool of the Apache Portable Runtime for each thread; it aligns to 8 and no further. */
#include "sample.h"

#include <apr_general.h>
#include <apr_pools.h>
#include <pthread.h>
#include <stdlib.h>

static void initialize(void)
{
    apr_initialize();
}

void *peer_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    apr_pool_t *pool = NULL;
    pthread_once(&once, initialize);
    apr_pool_create_unmanaged_ex(&pool, NULL, NULL);
    return pool;
}

static inline void *peer_alloc(void *peer, size_t size, size_t align)
{
    (void)align;
    void *block = apr_palloc(peer, size);
    if (block == NULL) {
        abort();
    }
    return block;
}

#include "replay.h"
