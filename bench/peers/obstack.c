/* glibc's obstack with chunks as large as ours. */
#include "sample.h"

#include <obstack.h>
#include <stdlib.h>

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

void *peer_start(void)
{
    struct obstack *stack = malloc(sizeof *stack);
    obstack_begin(stack, 256 * 1024);
    return stack;
}

/* An object is aligned when the one before it is finished: the manual's way to have a new alignment
 * hold from now on is to finish an empty object. */
static inline void *peer_alloc(void *peer, size_t size, size_t align)
{
    struct obstack *stack = peer;
    if (obstack_alignment_mask(stack) != (int)align - 1) {
        obstack_alignment_mask(stack) = (int)align - 1;
        (void)obstack_finish(stack);
    }
    return obstack_alloc(stack, (int)size);
}

#include "replay.h"
