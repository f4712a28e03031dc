/* APR 1.7's apr_pcalloc does not return an error when there is no memory: it zeroes what is not there.
 * cc apr.c $(pkg-config --cflags --libs apr-1): dies of SIGSEGV if so. */
#include <apr_general.h>
#include <apr_pools.h>
#include <stdint.h>

int main(void)
{
    volatile size_t much = SIZE_MAX / 2 + 1;
    apr_pool_t *pool = NULL;
    apr_initialize();
    apr_pool_create(&pool, NULL);
    return apr_pcalloc(pool, much) != NULL;
}
