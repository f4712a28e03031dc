/* jemalloc by a name that no other allocator has. Quoted is the manual page jemalloc(3) of
 * 5.3.0, as the package libjemalloc-dev has it. */
#include "adapter.h"

#include <jemalloc/jemalloc.h>

static void *allocate(size_t size, size_t align)
{
    return mallocx(size, MALLOCX_ZERO | (align == 0 ? 0 : MALLOCX_ALIGN(align)));
}

static void release(void *block)
{
    dallocx(block, 0);
}

const struct adapter adapter = {
    .name = "jemalloc",
    .allocate = allocate,
    .release = release,
    .align = {.always = 1,
              .most = 1 << 20,
              .says = "MALLOCX_ALIGN(a): \"Align the memory allocation to start at an address that "
                      "is a multiple of a, where a is a power of two.\""},
    .zero_size = {ZERO_UNSAID, "\"Behavior is undefined if size is 0.\""},
    .failure = {FAILS_NULL,
                "\"The mallocx() and rallocx() functions return a pointer to the "
                "allocated memory if successful; otherwise a NULL pointer is returned to indicate "
                "insufficient contiguous memory was available to service the allocation "
                "request.\""},
    .zeroed = "MALLOCX_ZERO: \"Initialize newly allocated memory to contain zero bytes.\"",
};
