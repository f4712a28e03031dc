/* A pool of the Apache Portable Runtime. Quoted are apr_pools.h and apr_general.h of 1.7. */
#include "adapter.h"

#include <apr_general.h>
#include <apr_pools.h>

static apr_pool_t *pool;

static void create(void)
{
    static int started;
    if (!started) {
        started = 1;
        apr_initialize();
    }
    apr_pool_create(&pool, NULL);
}

static void *allocate(size_t size, size_t align)
{
    (void)align;
    return apr_pcalloc(pool, size);
}

static void destroy(void)
{
    apr_pool_destroy(pool);
}

const struct adapter adapter = {
    .name = "apr",
    .create = create,
    .allocate = allocate,
    .destroy = destroy,
    .align = {.always = 8, .says = "\"Default alignment\": APR_ALIGN_DEFAULT, 8"},
    .zero_size = {ZERO_UNSAID, NULL},
    .failure = {FAILS_NULL, "apr_pool_abort_set: \"If this function is not called, then APR will "
                            "return an error and expect the calling program to deal with the error "
                            "accordingly.\""},
    .zeroed = "\"Allocate a block of memory from a pool and set all of the memory to 0\"",
};
