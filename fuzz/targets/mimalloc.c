/* mimalloc by its own names. Quoted is its documentation of 2.0, "Aligned
 * Allocation"; the largest alignment is MI_ALIGNMENT_MAX there, 1 MiB, exclusive. */
#include "adapter.h"

#include <mimalloc.h>

static void *allocate(size_t size, size_t align)
{
    return align == 0 ? mi_malloc(size) : mi_malloc_aligned(size, align);
}

const struct adapter adapter = {
    .name = "mimalloc",
    .allocate = allocate,
    .release = mi_free,
    .align = {.always = 8,
              .most = 1 << 19,
              .says =
                  "\"The returned pointer is aligned by alignment, i.e. (uintptr_t)p % alignment "
                  "== 0.\""},
    .zero_size = {ZERO_BLOCK, "\"Returns a unique pointer if called with size 0.\""},
    .failure = {FAILS_NULL, "\"Returns pointer to the allocated memory or NULL if out of memory\""},
};
