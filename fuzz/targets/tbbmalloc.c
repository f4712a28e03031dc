/* oneTBB's scalable allocator. Quoted is oneapi/tbb/scalable_allocator.h of 2021.8, which calls each
 * function "the analogue" of another: here posix_memalign, of which POSIX.1-2017 is quoted. */
#include "adapter.h"

#include <oneapi/tbb/scalable_allocator.h>

static void *allocate(size_t size, size_t align)
{
    void *block = NULL;
    if (align < sizeof(void *)) {
        align = sizeof(void *);
    }
    return scalable_posix_memalign(&block, align, size) == 0 ? block : NULL;
}

const struct adapter adapter = {
    .name = "tbbmalloc",
    .allocate = allocate,
    .release = scalable_free,
    .align = {.always = sizeof(void *),
              .most = 1 << 20,
              .says = "\"Upon successful completion, the value pointed to by memptr shall be a "
                      "multiple of alignment.\""},
    .zero_size = {ZERO_UNSAID, NULL},
    .failure = {FAILS_NULL, "\"[ENOMEM] There is insufficient memory available with the requested "
                            "alignment.\""},
};
