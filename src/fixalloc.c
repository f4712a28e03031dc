/* Many slabs (fixslab.c) behind one allocator: which is tried, when the arena is asked, and for how
 * much. The slabs double the sum every second step, so that few are searched. */
#include "fixalloc.h"

#include "refill.h"

#ifdef FIXALLOC_CHECK
#define FLAG 1u /* a byte for each object, behind the slab's stack: 1 while it is free after use */
#else
#define FLAG 0u
#endif

#ifdef __FRAMAC__
/* A slab has handed out an object that this address lies in. */
#define HOLDS(f, i, address)                                                                       \
    ((uintptr_t)(f)->slab[i].base <= (address) &&                                                  \
     (address) < (uintptr_t)(f)->slab[i].base + (f)->slab[i].fresh)
/* What a call may change of the arena, and of the ghosts about the system. */
#define ARENA_CHANGES(a)                                                                           \
    (a)->base, (a)->off, (a)->current, (a)->requested, (a)->granted, (a)->tail, (a)->large,        \
        (a)->count, (a)->region[(a)->count].base, (a)->region[(a)->count].end, (a)->failures[1],   \
        (a)->failures[2], (a)->failures[3], (a)->failures[4], sys_calls, sys_minimum, sys_wanted,  \
        sys_next, sys_next_size
#endif

/*@ // Memory of the arena that it hands out no more.
    predicate in_a_region{L}(struct persist_arena *a, char *p, integer n) =
      \exists integer r; 0 <= r < a->count && within(p, n, a->region[r].base, a->region[r].end);
    predicate set_apart{L}(struct persist_arena *a, char *p, integer n) =
      in_a_region(a, p, n) && apart(p, n, a->base, a->off);

    // The block b of k bytes that a call serves, and what it leaves, are apart from that.
    lemma apart_from_top{L}: \forall struct persist_arena *a, char *p, integer n, k, off;
      set_apart(a, p, n) && 0 <= off && off + k <= a->off ==> apart(a->base + off, k, p, n);
    lemma apart_from_grant{L}: \forall struct persist_arena *a, char *p, *b, *grant, integer n, k, m;
      set_apart(a, p, n) && apart_from_regions(a, a->count, grant, m) && in_grant(b, k, grant, m) ==>
        apart(b, k, p, n);
    lemma rest_apart{A,B}: \forall struct persist_arena *a, char *p, *grant, integer n, m;
      set_apart{A}(a, p, n) && apart_from_regions{A}(a, \at(a->count,A), grant, m) &&
      unused_from{A,B}(a, grant, m) ==> apart(p, n, \at(a->base,B), \at(a->off,B));
*/

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
/*@ requires f: \valid_read(f) && 0 < f->stride <= 2 * FIXALLOC_SIZE_MOST;
    terminates \true; exits \false;
    assigns \result \from f->stride;
    ensures rule: \result == f->stride + FIXSLAB_ENTRY + FLAG;
*/
static size_t cost(const struct fixalloc *f)
{
    return f->stride + FIXSLAB_ENTRY + FLAG;
}

/* A block for a slab: apart from every older one. */
/*@ requires arena: \valid(arena) && sound(arena);
    requires size: 0 < size && 0 < align && good_alignment(align);
    requires block: \valid(block) && \separated(block, arena) &&
      \separated(block, arena->base + (0 .. arena->off - 1));
    terminates \true; exits \false;
    assigns *block, \result, ARENA_CHANGES(arena)
      \from *arena, size, align, sys_next, sys_next_size;
    ensures sound: sound(arena);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures apart_from_unused: \result == PERSIST_OK && size <= \old(arena->off) ==>
      \forall char *p, integer n; set_apart{Pre}(arena, p, n) ==>
        apart((char *)*block, size, p, n);
    ensures apart_from_grant: \result == PERSIST_OK && size > \old(arena->off) ==>
      \forall char *p, integer n; set_apart{Pre}(arena, p, n) ==>
        apart((char *)*block, size, p, n);
    ensures stays_apart: \forall char *p, integer n;
      set_apart{Pre}(arena, p, n) ==> set_apart{Post}(arena, p, n);
    ensures set_apart: \result == PERSIST_OK ==> set_apart(arena, (char *)*block, size);
    ensures aligned: \result == PERSIST_OK ==> aligned((char *)*block, align);
    ensures valid: \result == PERSIST_OK ==> \valid((char *)*block + (0 .. size - 1));
    ensures zeroed: \result == PERSIST_OK ==> zeroed((char *)*block, size);
    ensures counted: \result == PERSIST_OK ==>
      arena->requested == \old(arena->requested) + size;
    ensures no_room: \result != PERSIST_OK ==> arena->off < size;
    ensures same_books: \result != PERSIST_OK ==> SAME_BOOKS(arena);
*/
static enum persist_status take_block(struct persist_arena *arena, size_t size, size_t align,
                                      void **block)
{
    //@ assert served_as_is: length(size) == size && alignment(align) == align;
    enum persist_status status = persist_arena_alloc(arena, size, align, block);
    /*@ assert unused: status == PERSIST_OK && size <= \at(arena->off,Pre) ==>
          (char *)*block == \at(arena->base,Pre) + arena->off &&
          arena->base == \at(arena->base,Pre) && arena->off + size <= \at(arena->off,Pre); */
    /*@ assert grant: status == PERSIST_OK && size > \at(arena->off,Pre) ==>
          in_grant((char *)*block, size, \at(sys_next,Pre), \at(sys_next_size,Pre)) &&
          unused_from{Pre,Here}(arena, \at(sys_next,Pre), \at(sys_next_size,Pre)); */
    /*@ assert grant_apart: status == PERSIST_OK && size > \at(arena->off,Pre) ==>
          apart_from_regions{Pre}(arena, \at(arena->count,Pre), \at(sys_next,Pre),
                                  \at(sys_next_size,Pre)); */
    /*@ assert from_unused: status == PERSIST_OK && size <= \at(arena->off,Pre) ==>
          \forall char *p, integer n; set_apart{Pre}(arena, p, n) ==>
            apart((char *)*block, size, p, n); */
    /*@ assert from_grant: status == PERSIST_OK && size > \at(arena->off,Pre) ==>
          \forall char *p, integer n; set_apart{Pre}(arena, p, n) ==>
            apart((char *)*block, size, p, n); */
    /*@ assert in_a_region: \forall char *p, integer n;
          in_a_region{Pre}(arena, p, n) ==> in_a_region(arena, p, n); */
    /*@ assert rest_from_grant: status == PERSIST_OK && size > \at(arena->off,Pre) ==>
          \forall char *p, integer n; set_apart{Pre}(arena, p, n) ==>
            apart(p, n, arena->base, arena->off); */
    /*@ assert rest: status != PERSIST_OK || size <= \at(arena->off,Pre) ==>
          \forall char *p, integer n; set_apart{Pre}(arena, p, n) ==>
            apart(p, n, arena->base, arena->off); */
    return status;
}

static enum persist_status add_slab(struct fixalloc *f, size_t objects)
{
    void *block = NULL;
    enum persist_status status = take_block(f->arena, objects * cost(f), f->align, &block);
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

/* How many objects that cost `each` bytes fit, but one in any case. */
/*@ requires some: 0 < each;
    terminates \true; exits \false;
    assigns \result \from bytes, each;
    ensures some: 1 <= \result;
    ensures fit: each <= bytes ==> \result == bytes / each;
    ensures one: bytes < each ==> \result == 1;
*/
static size_t at_least_one(size_t bytes, size_t each)
{
    size_t fit = bytes / each;
    return fit == 0 ? 1u : fit;
}

/* Bytes to ask the arena for. */
/*@ terminates \true; exits \false;
    assigns \result \from taken;
    ensures most: \result <= FIXSLAB_MOST;
    behavior first:
      assumes taken / 2 < FIXALLOC_FIRST;
      ensures first: \result == FIXALLOC_FIRST;
    behavior half:
      assumes FIXALLOC_FIRST <= taken / 2 <= FIXSLAB_MOST;
      ensures half: \result == taken / 2;
    behavior largest:
      assumes taken / 2 > FIXSLAB_MOST;
      ensures largest: \result == FIXSLAB_MOST;
    complete behaviors; disjoint behaviors;
*/
static size_t next_step(size_t taken)
{
    size_t step = taken / 2u;
    step = step < FIXALLOC_FIRST ? FIXALLOC_FIRST : step;
    return step > FIXSLAB_MOST ? FIXSLAB_MOST : step;
}

static enum persist_status grow(struct fixalloc *f)
{
    struct persist_stats stats;
    if (f->count == FIXALLOC_SLABS) {
        return PERSIST_NO_MEMORY;
    }
    enum persist_status status = add_slab(f, at_least_one(next_step(f->taken), cost(f)));
    if (status != PERSIST_NO_MEMORY) {
        return status;
    }
    persist_arena_stats(f->arena, &stats);
    return add_slab(f, at_least_one(stats.free, cost(f)));
}

/* ---- handing out ---- */

/*@ requires s: \valid_read(s);
    terminates \true; exits \false;
    assigns \result \from s->free, s->fresh, s->bytes;
    ensures exact: \result != 0 <==> s->free > 0 || s->fresh < s->bytes;
*/
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
    size_t most = s->bytes / f->stride;
    return s->base + s->bytes + FIXSLAB_ENTRY * most + offset / f->stride;
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
/*@ requires f: \valid_read(f) && f->count <= FIXALLOC_SLABS;
    requires bases: \forall integer i; 0 <= i < f->count ==>
      0 <= (uintptr_t)f->slab[i].base && \valid_read(f->slab[i].base + 0);
    terminates \true; exits \false;
    assigns \result \from *f, address;
    behavior held:
      assumes \exists integer i; 0 <= i < f->count && HOLDS(f, i, address);
      ensures holder: 0 <= \result < f->count && HOLDS(f, \result, address);
      ensures largest: \forall integer i; \result < i < f->count ==> !HOLDS(f, i, address);
    behavior foreign:
      assumes \forall integer i; 0 <= i < f->count ==> !HOLDS(f, i, address);
      ensures none: \result == FIXALLOC_SLABS;
    complete behaviors; disjoint behaviors;
*/
static __attribute__((noinline)) size_t find_holder(const struct fixalloc *f, uintptr_t address)
{
    /*@ loop invariant range: 0 <= i <= f->count;
        loop invariant none: \forall integer j; i <= j < f->count ==> !HOLDS(f, j, address);
        loop assigns i; loop variant i; */
    for (size_t i = f->count; i > 0; i--) {
        if (fixslab_holds(&f->slab[i - 1u], address)) {
            return i - 1u;
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
    if (s->free == s->cut) {
        return FIXALLOC_DOUBLE_FREE; /* all are free: so this one is */
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
        used += f->slab[i].cut - f->slab[i].free;
    }
    return used;
}
