/* glibc's posix_memalign. Quoted is POSIX.1-2017, posix_memalign(): the alignment "shall be
 * a power of two multiple of sizeof(void *)". */
#include "adapter.h"

#include <stdlib.h>

static void *allocate(size_t size, size_t align)
{
    void *block = NULL;
    if (align < sizeof(void *)) {
        align = sizeof(void *);
    }
    return posix_memalign(&block, align, size) == 0 ? block : NULL;
}

const struct adapter adapter = {
    .name = "glibc",
    .allocate = allocate,
    .release = free,
    .align = {.always = sizeof(void *),
              .most = 1 << 20,
              .refused = 0,
              .says = "\"The posix_memalign() function shall allocate size bytes aligned on a "
                      "boundary specified by alignment, and shall return a pointer to the "
                      "allocated memory in memptr.\""},
    .zero_size =
        {ZERO_OR_NULL,
         "\"If the size of the space requested is 0, the behavior is "
         "implementation-defined: either a null pointer shall be returned in memptr, or the "
         "behavior shall be as if the size were some non-zero value\""},
    .failure = {FAILS_NULL, "\"[ENOMEM] There is insufficient memory available with the requested "
                            "alignment.\""},
};
