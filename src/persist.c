/* The arena: the proved core. No lock, no global state, no throw, nothing of the system but the one
 * call in sys.h. Memory is handed out from the top of the current region downwards on an integer
 * offset: one comparison decides, and nothing can wrap. */
#include "persist.h"

#include "refill.h"
#include "sys.h"

/* The base-2 logarithm of `align`, or 64. */
static unsigned log2_exact(size_t align)
{
    unsigned shift = 0;
    while (shift < 64u && (shift >= 8u * sizeof(size_t) || (size_t)1 << shift != align)) {
        shift++;
    }
    return shift;
}

enum persist_status persist_check_align(size_t align, unsigned *shift)
{
    unsigned hint = persist_shift_hint(align);
    if ((size_t)1 << hint == align) {
        *shift = hint;
        return PERSIST_OK;
    }
    return log2_exact(align) == 64u ? PERSIST_NOT_POWER_OF_TWO : PERSIST_ALIGN_TOO_LARGE;
}

size_t persist_room(const struct persist_arena *arena)
{
    size_t most = PERSIST_MOST - arena->withheld;
    return arena->granted < most ? most - arena->granted : 0;
}

size_t persist_wanted(const struct persist_arena *arena, size_t size, size_t room)
{
    size_t want = arena->granted / 8u;
    if (arena->count == PERSIST_REGIONS || size > room) {
        return 0;
    }
    if (want < PERSIST_CHUNK) {
        want = PERSIST_CHUNK;
    }
    if (want < size) {
        want = size;
    }
    want += (PERSIST_MAX_ALIGN - want % PERSIST_MAX_ALIGN) % PERSIST_MAX_ALIGN;
    return want < room ? want : room;
}

static int good_grant(const char *grant, size_t granted, size_t wanted, size_t size)
{
    return size <= granted && granted <= wanted && (uintptr_t)grant % PERSIST_MAX_ALIGN == 0 &&
           (uintptr_t)grant <= UINTPTR_MAX - granted;
}

static void append(struct persist_arena *arena, char *base, size_t size)
{
    arena->region[arena->count].base = base;
    arena->region[arena->count].size = size;
    arena->count += 1u;
    arena->granted += size;
}

/* A new region that would leave less than the current one has: used for this block alone. */
static void *serve_whole(struct persist_arena *arena, char *base, size_t region, size_t size)
{
    append(arena, base, region);
    arena->tail += region - size;
    PERSIST_STORE(arena->requested, arena->requested + size);
    PERSIST_HANDED_OUT(base, size);
    return base;
}

static void make_current(struct persist_arena *arena, char *base, size_t size)
{
    arena->current = arena->count;
    append(arena, base, size);
    arena->tail += arena->off;
    arena->base = base;
    PERSIST_STORE(arena->off, size);
}

static void count_large(struct persist_arena *arena, size_t size)
{
    if (size >= PERSIST_LARGE) {
        PERSIST_STORE(arena->large, arena->large + 1u);
    }
}

void *persist_serve(struct persist_arena *arena, size_t size, unsigned shift)
{
    count_large(arena, size);
    return persist_bump(arena, size, shift);
}

enum persist_status persist_accept(struct persist_arena *arena, char *grant, size_t granted,
                                   size_t wanted, size_t size, unsigned shift, void **out)
{
    if (grant == NULL) {
        return PERSIST_NO_MEMORY;
    }
    if (!good_grant(grant, granted, wanted, size)) {
        return PERSIST_BAD_MEMORY;
    }
    PERSIST_UNUSED(grant, granted);
    if (granted - size < arena->off) {
        count_large(arena, size);
        *out = serve_whole(arena, grant, granted, size);
    } else {
        make_current(arena, grant, granted);
        *out = persist_serve(arena, size, shift);
    }
    return PERSIST_OK;
}

static enum persist_status refill(struct persist_arena *arena, size_t size, unsigned shift,
                                  void **out)
{
    size_t wanted = persist_wanted(arena, size, persist_room(arena));
    size_t granted = 0;
    if (wanted < size) {
        return PERSIST_NO_MEMORY;
    }
    char *grant = sys_alloc(size, wanted, &granted);
    return persist_accept(arena, grant, granted, wanted, size, shift, out);
}

static enum persist_status try_alloc(struct persist_arena *arena, size_t size, size_t align,
                                     void **out)
{
    unsigned shift = 0;
    enum persist_status status = persist_check_align(align, &shift);
    if (status != PERSIST_OK) {
        return status;
    }
    if (size > arena->off) {
        return refill(arena, size, shift, out);
    }
    *out = persist_serve(arena, size, shift);
    return PERSIST_OK;
}

enum persist_status persist_arena_alloc_slow(struct persist_arena *arena, size_t size, size_t align,
                                             void **out)
{
    enum persist_status status =
        try_alloc(arena, size == 0 ? 1u : size, align == 0 ? PERSIST_DEFAULT_ALIGN : align, out);
    if (status != PERSIST_OK && arena->failures[status] < SIZE_MAX) {
        PERSIST_STORE(arena->failures[status], arena->failures[status] + 1u);
    }
    return status;
}

int persist_arena_contains(const struct persist_arena *arena, const void *address)
{
    uintptr_t x = (uintptr_t)address;
    size_t i = 0;
    while (i < arena->count) {
        uintptr_t base = (uintptr_t)arena->region[i].base;
        if (base <= x && x - base < arena->region[i].size) {
            return 1;
        }
        i++;
    }
    return 0;
}

void persist_arena_limit(struct persist_arena *arena, size_t bytes)
{
    arena->withheld = bytes < PERSIST_MOST ? PERSIST_MOST - bytes : 0;
}

void persist_arena_stats(const struct persist_arena *arena, struct persist_stats *stats)
{
    stats->requested = arena->requested;
    stats->tail = arena->tail;
    stats->free = arena->off;
    stats->granted = arena->granted;
    stats->padding = arena->granted - arena->tail - arena->off - arena->requested;
    stats->regions = arena->count;
    stats->large = arena->large;
    for (unsigned i = 0; i < PERSIST_STATUSES; i++) {
        stats->failures[i] = arena->failures[i];
    }
}
