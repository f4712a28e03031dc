/* Many slabs (fixslab.c) behind one allocator: which is tried, when the arena is asked, and for how
 * much. The slabs double the sum every second step, so that few are searched. */
#include "fixalloc.h"

#include "refill.h"

#ifdef FIXALLOC_CHECK
#define FLAG 1u /* a byte for each object, behind the slab's stack: 1 while it is free after use */
#else
#define FLAG 0u
#endif

enum persist_status fixalloc_init(struct fixalloc *f, struct persist_arena *arena, size_t size,
                                  size_t align)
{
    unsigned shift = 0;
    size_t multiple = persist_alignment(align);
    enum persist_status status = persist_check_align(multiple, &shift);
    if (status != PERSIST_OK) {
        return status;
    }
    if (size > FIXALLOC_SIZE_MOST) {
        return PERSIST_NO_MEMORY;
    }
    *f = (struct fixalloc){
        .arena = arena,
        .stride = (persist_length(size) + multiple - 1u) / multiple * multiple,
        .align = multiple,
    };
    return PERSIST_OK;
}

/* ---- more memory ---- */

/* What an object takes of the arena. */
static size_t cost(const struct fixalloc *f)
{
    return f->stride + FIXSLAB_ENTRY + FLAG;
}

static enum persist_status add_slab(struct fixalloc *f, size_t objects)
{
    void *block = NULL;
    enum persist_status status = persist_arena_alloc(f->arena, objects * cost(f), f->align, &block);
    if (status != PERSIST_OK) {
        return status;
    }
    fixslab_open(&f->slab[f->count], block, objects, f->stride, f->align);
    PERSIST_UNUSED(block, f->slab[f->count].bytes);
    f->taken += objects * cost(f);
    f->current = f->count;
    f->count += 1u;
    return PERSIST_OK;
}

static size_t at_least_one(size_t bytes, size_t each)
{
    size_t fit = bytes / each;
    return fit == 0 ? 1u : fit;
}

static enum persist_status grow(struct fixalloc *f)
{
    size_t step = f->taken / 2u;
    struct persist_stats stats;
    if (f->count == FIXALLOC_SLABS) {
        return PERSIST_NO_MEMORY;
    }
    step = step < FIXALLOC_FIRST ? FIXALLOC_FIRST : step;
    step = step > FIXSLAB_MOST ? FIXSLAB_MOST : step;
    enum persist_status status = add_slab(f, at_least_one(step, cost(f)));
    if (status != PERSIST_NO_MEMORY) {
        return status;
    }
    persist_arena_stats(f->arena, &stats);
    return add_slab(f, at_least_one(stats.free, cost(f)));
}

/* ---- handing out ---- */

static int has_room(const struct fixslab *s)
{
    return s->free > 0 || s->fresh < s->bytes;
}

/* Makes a slab with an object to hand out the current one. */
static enum persist_status find_room(struct fixalloc *f)
{
    if (has_room(&f->slab[f->current])) {
        return PERSIST_OK;
    }
    for (size_t i = f->count; i-- > 0;) {
        if (has_room(&f->slab[i])) {
            f->current = i;
            return PERSIST_OK;
        }
    }
    return grow(f);
}

#ifdef FIXALLOC_CHECK
static char *flag(const struct fixalloc *f, const struct fixslab *s, size_t offset)
{
    return s->base + s->bytes + FIXSLAB_ENTRY * s->most + offset / f->stride;
}
#endif

/* Lets the caller have an object of a slab. */
static void *deliver(struct fixalloc *f, struct fixslab *s, char *object)
{
    PERSIST_HANDED_OUT(object, f->stride);
#ifdef FIXALLOC_CHECK
    *flag(f, s, (size_t)(object - s->base)) = 0;
#endif
    (void)f, (void)s;
    return object;
}

/* An object of the current slab, which has one. */
static void *hand_out(struct fixalloc *f, int zero)
{
    struct fixslab *s = &f->slab[f->current];
    int used_before = s->free > 0;
    char *object =
        used_before ? fixslab_reuse(s, f->stride, f->align) : fixslab_carve(s, f->stride, f->align);
    deliver(f, s, object);
    if (zero && used_before) {
        fixslab_clear(s, (size_t)(object - s->base), f->stride, f->align);
    }
    return object;
}

/* Out of the way of the fast path, which is to need no stack frame. */
static __attribute__((noinline)) enum persist_status search(struct fixalloc *f, void **out)
{
    enum persist_status status = find_room(f);
    if (status == PERSIST_OK) {
        *out = hand_out(f, 0);
    }
    return status;
}

enum persist_status fixalloc_alloc(struct fixalloc *f, void **out)
{
    struct fixslab *s = &f->slab[f->current];
    if (s->free == 0) {
        return search(f, out);
    }
    *out = deliver(f, s, fixslab_reuse(s, f->stride, f->align));
    return PERSIST_OK;
}

enum persist_status fixalloc_zalloc(struct fixalloc *f, void **out)
{
    enum persist_status status = find_room(f);
    if (status == PERSIST_OK) {
        *out = hand_out(f, 1);
    }
    return status;
}

/* ---- taking back ---- */

/* The slab that an object stands in, from the largest down; FIXALLOC_SLABS if there is none. */
static __attribute__((noinline)) size_t find_holder(const struct fixalloc *f, uintptr_t address)
{
    for (size_t i = f->count; i-- > 0;) {
        if (fixslab_holds(&f->slab[i], address)) {
            return i;
        }
    }
    return FIXALLOC_SLABS;
}

enum fixalloc_status fixalloc_free(struct fixalloc *f, void *object)
{
    uintptr_t address = (uintptr_t)object;
    size_t holder = f->current;
    if (!fixslab_holds(&f->slab[holder], address)) {
        holder = find_holder(f, address);
        if (holder == FIXALLOC_SLABS) {
            return FIXALLOC_FOREIGN;
        }
    }
    struct fixslab *s = &f->slab[holder];
    size_t offset = (size_t)(address - (uintptr_t)s->base);
#ifdef FIXALLOC_CHECK
    if (offset % f->stride != 0) {
        return FIXALLOC_FOREIGN;
    }
    if (*flag(f, s, offset) != 0) {
        return FIXALLOC_DOUBLE_FREE;
    }
#endif
    if (s->free == s->most) {
        return FIXALLOC_DOUBLE_FREE; /* all are free: the stack has no room for one more */
    }
#ifdef FIXALLOC_CHECK
    *flag(f, s, offset) = 1;
#endif
    f->current = holder;
    fixslab_give_back(s, offset, f->stride, f->align);
    PERSIST_UNUSED(object, f->stride);
    return FIXALLOC_OK;
}

size_t fixalloc_in_use(const struct fixalloc *f)
{
    size_t used = 0;
    for (size_t i = 0; i < f->count; i++) {
        used += f->slab[i].fresh / f->stride - f->slab[i].free;
    }
    return used;
}
