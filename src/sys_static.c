/* The seam on a machine without a system: one buffer, which the program (or its linker script, for
 * the address) defines and which is zero when the program starts:
 *
 *     _Alignas(4096) char persist_static_memory[16384];
 *     const size_t persist_static_size = sizeof persist_static_memory;
 *
 * A buffer that is not aligned works, less the bytes up to the first multiple of PERSIST_MAX_ALIGN.
 * The first arena that asks gets the whole; limit arenas (persist_arena_limit) that are to share.
 * Not for two threads at once. */
#include "persist.h"
#include "sys.h"

extern char persist_static_memory[];
extern const size_t persist_static_size;

static size_t given; /* bytes of the buffer that are no longer ours to give */

void *sys_alloc(size_t minimum, size_t wanted, size_t *granted)
{
    size_t misaligned = ((uintptr_t)persist_static_memory + given) % PERSIST_MAX_ALIGN;
    size_t skip = (PERSIST_MAX_ALIGN - misaligned) % PERSIST_MAX_ALIGN;
    size_t left = persist_static_size - given;
    if (left < skip || left - skip < minimum) {
        return NULL;
    }
    left -= skip;
    *granted = wanted < left ? wanted : left;
    char *grant = persist_static_memory + given + skip;
    given += skip + *granted;
    return grant;
}
