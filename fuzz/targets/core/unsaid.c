/* Compiled apart, without sanitizers: with them clang looks whether the alignment is known before it
 * has inlined the call, and never takes the fast path of this call. */
#define persist_arena_alloc_slow counted_alloc_slow
#include "unsaid.h"
#undef persist_arena_alloc_slow

enum persist_status alloc_unsaid(struct persist_arena *arena, size_t size, void **out)
{
    return persist_arena_alloc(arena, size, 0, out);
}
