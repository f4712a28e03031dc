/* The core as one unit, with a caller for each inline function of its header that others call: what
 * the optimiser makes of a mutant is compared with what it makes of the source. */
#include "persist.c"

enum persist_status probe_alloc(struct persist_arena *arena, size_t size, size_t align, void **out);
enum persist_status probe_unsaid(struct persist_arena *arena, size_t size, void **out);
void *probe_bump(struct persist_arena *arena, size_t size, unsigned shift);
size_t probe_product(size_t n, size_t size);
unsigned probe_shift_hint(size_t align);

enum persist_status probe_alloc(struct persist_arena *arena, size_t size, size_t align, void **out)
{
    return persist_arena_alloc(arena, size, align, out);
}

enum persist_status probe_unsaid(struct persist_arena *arena, size_t size, void **out)
{
    return persist_arena_alloc(arena, size, 0, out);
}

void *probe_bump(struct persist_arena *arena, size_t size, unsigned shift)
{
    return persist_bump(arena, size, shift);
}

size_t probe_product(size_t n, size_t size)
{
    return persist_product(n, size);
}

unsigned probe_shift_hint(size_t align)
{
    return persist_shift_hint(align);
}
