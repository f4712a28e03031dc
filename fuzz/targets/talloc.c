/* talloc: a context, and its children. Quoted is talloc.h of 2.4, which promises no alignment. */
#include "adapter.h"

#include <stdarg.h>
#include <stdint.h>
#include <talloc.h>

static void *context;

static void create(void)
{
    context = talloc_new(NULL);
}

static void *allocate(size_t size, size_t align)
{
    (void)align;
    return talloc_zero_size(context, size);
}

static void destroy(void)
{
    talloc_free(context);
}

const struct adapter adapter = {
    .name = "talloc",
    .create = create,
    .allocate = allocate,
    .destroy = destroy,
    .align = {.always = 1},
    .zero_size = {ZERO_UNSAID, NULL},
    .failure = {FAILS_NULL, "talloc_size: \"The allocated memory chunk, NULL on error.\""},
    .zeroed = "talloc_zero_size: \"Allocate untyped, 0-initialized memory.\"",
};
