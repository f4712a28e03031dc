/* GLib's GStringChunk: strings of zeros, and the zero that ends them. Quoted is GLib's reference
 * manual of 2.74. GLib aborts when there is no memory, so what cannot be had is never asked for. */
#include "adapter.h"

#include <glib.h>

enum { LONGEST = 1 << 20 };

static GStringChunk *chunk;

static void create(void)
{
    chunk = g_string_chunk_new(4096);
}

static void *allocate(size_t size, size_t align)
{
    static const char zeros[LONGEST];
    (void)align;
    return g_string_chunk_insert_len(chunk, zeros, (gssize)size);
}

static void destroy(void)
{
    g_string_chunk_free(chunk);
}

const struct adapter adapter = {
    .name = "gstringchunk",
    .create = create,
    .allocate = allocate,
    .destroy = destroy,
    .align = {.always = 1},
    .zero_size = {ZERO_BLOCK, "\"The copy is nul-terminated\": its own byte"},
    .failure = {FAILS_LOUDLY, "Memory Allocation: \"If any call to allocate memory using functions "
                              "g_new(), ... g_malloc(), ... fails, the application is "
                              "terminated.\""},
    .zeroed = "\"Adds a copy of the first len bytes of string to the GStringChunk.\"",
    .most = LONGEST,
};
