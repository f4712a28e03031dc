/* fixalloc: objects of one size that can be freed, from memory that cannot.
 *
 * An allocator of objects of one size on an arena of its caller's: what is freed is handed out again.
 * It takes from the arena in small steps: 1 KiB at first, then half of what it already has. The free
 * list stands beside the objects, not in them: a program that writes to an object after freeing it
 * spoils no list. Not for two threads at once on one allocator.
 *
 * An object costs the arena its size, rounded up to the alignment, and 4 bytes. FIXALLOC_CHECK, defined
 * where fixalloc.c is compiled, makes the checking build: fixalloc_free tells a double free and a
 * foreign pointer, for one byte more an object. Callers are compiled the same.
 */
#ifndef FIXALLOC_H
#define FIXALLOC_H

#include "fixslab.h"
#include "persist.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FIXALLOC_FIRST 1024u        /* bytes of the first slab, if an object fits */
#define FIXALLOC_SIZE_MOST 1048576u /* bytes of the largest object */
#define FIXALLOC_SLABS 64u          /* half of the sum each, to 1 GiB: some 30 GiB together */

enum fixalloc_status {
    FIXALLOC_OK,
    FIXALLOC_DOUBLE_FREE, /* the object is free already */
    FIXALLOC_FOREIGN      /* no object that was ever handed out starts there */
};

/* The fields are for the functions below alone. */
struct fixalloc {
    struct persist_arena *arena;
    size_t stride; /* bytes from one object to the next */
    size_t align;
    size_t taken;   /* bytes, from the arena */
    size_t count;   /* slabs */
    size_t current; /* the slab that is tried first: where the last object came from or went to */
    struct fixslab slab[FIXALLOC_SLABS];
};

/* ---- what is proved: the words of the contracts ---- */

#ifdef __FRAMAC__
/* Predicates of values, so that a store to one field leaves what is known of the others as it is. */
#define SLAB_OF(s, stride, align)                                                                  \
    slab((s)->base, (s)->bytes, (s)->fresh, (s)->cut, (s)->free, stride, align)
#define SLAB(f, i) SLAB_OF(&(f)->slab[i], (f)->stride, (f)->align)
#define BASE(f) ((f)->slab[(f)->current].base)
/* A slab has handed out an object that this address lies in. */
#define HOLDS(f, i, address)                                                                       \
    ((uintptr_t)(f)->slab[i].base <= (address) &&                                                  \
     (address) < (uintptr_t)(f)->slab[i].base + (f)->slab[i].fresh)
/* What the arena's question to the system changes. */
#define SYSTEM_CHANGES sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size
#endif

/*@ // Memory of the arena that it hands out no more.
    predicate in_a_region{L}(struct persist_arena *a, char *p, integer n) =
      \exists integer r; 0 <= r < a->count && within(p, n, a->region[r].base, a->region[r].end);
    predicate set_apart{L}(struct persist_arena *a, char *p, integer n) =
      in_a_region(a, p, n) && apart(p, n, a->base, a->off);

    // A slab; what it takes of the arena, and of what that is apart.
    predicate slab{L}(char *base, integer bytes, integer fresh, integer cut, integer free,
                      integer stride, integer align) =
      slab_sizes(bytes, bytes / stride, fresh, cut, free, stride) &&
      slab_place(base, bytes, bytes / stride, align) && objects(base, bytes, free, fresh, stride) &&
      distinct(base, bytes, free) && zero_from(base, fresh, bytes);
    logic integer span(integer bytes, integer stride) = bytes + FIXSLAB_ENTRY * (bytes / stride);
    predicate place{L}(struct persist_arena *a, char *base, integer bytes, integer stride) =
      set_apart(a, base, span(bytes, stride));
    predicate blocks_apart(char *p, integer n, char *q, integer m, integer stride) =
      apart(p, span(n, stride), q, span(m, stride));

    // All slabs: each sound, in the arena, and apart from every other.
    predicate slab_of{L}(struct fixalloc *f, integer i) = SLAB(f, i);
    predicate place_of{L}(struct fixalloc *f, integer i) =
      place(f->arena, f->slab[i].base, f->slab[i].bytes, f->stride);
    predicate apart_slabs{L}(struct fixalloc *f, integer i, integer j) =
      blocks_apart(f->slab[i].base, f->slab[i].bytes, f->slab[j].base, f->slab[j].bytes, f->stride);
    predicate slabs{L}(struct fixalloc *f, integer n) =
      \forall integer i; 0 <= i < n ==> slab_of(f, i);
    predicate places{L}(struct fixalloc *f, integer n) =
      \forall integer i; 0 <= i < n ==> place_of(f, i);
    predicate disjoint{L}(struct fixalloc *f, integer n) =
      \forall integer i, j; 0 <= i < n && 0 <= j < n && i != j ==> apart_slabs(f, i, j);

    // What every function keeps.
    predicate sizes(integer stride, integer align) =
      0 < stride <= 2 * FIXALLOC_SIZE_MOST && 0 < align && stride % align == 0 &&
      good_alignment(align);
    predicate indices(integer count, integer current) =
      0 <= count <= FIXALLOC_SLABS && 0 <= current && (current < count || count == current == 0);
    predicate no_slab(char *base, integer bytes, integer fresh, integer cut, integer free) =
      base == \null && bytes == fresh == cut == free == 0;
    predicate table{L}(struct fixalloc *f) =
      sizes(f->stride, f->align) && indices(f->count, f->current) &&
      (f->count == 0 ==> no_slab(f->slab[0].base, f->slab[0].bytes, f->slab[0].fresh,
                                 f->slab[0].cut, f->slab[0].free)) &&
      slabs(f, f->count) && places(f, f->count) && disjoint(f, f->count);
    predicate arena_of{L}(struct fixalloc *f) =
      \valid(f->arena) && \separated(f, f->arena) && sound(f->arena) &&
      0 <= f->taken <= f->arena->requested;

    // An object, which is named by its slab and its offset there.
    predicate used_in{L}(char *base, integer bytes, integer fresh, integer free, integer stride,
                         integer o) =
      object_at(o, fresh, stride) && !listed(base, bytes, free, o);
    predicate now_used{A,B}(char *base, integer bytes, integer fresh_a, integer fresh_b,
                            integer free_a, integer free_b, integer stride, integer o) =
      !used_in{A}(base, bytes, fresh_a, free_a, stride, o) &&
      used_in{B}(base, bytes, fresh_b, free_b, stride, o) &&
      \forall integer q; q != o ==> (used_in{A}(base, bytes, fresh_a, free_a, stride, q) <==>
                                     used_in{B}(base, bytes, fresh_b, free_b, stride, q));
    predicate used{L}(struct fixalloc *f, integer i, integer o) =
      0 <= i < f->count && used_in(f->slab[i].base, f->slab[i].bytes, f->slab[i].fresh,
                                   f->slab[i].free, f->stride, o);
    predicate object_of(char *p, char *base, integer fresh, integer stride, integer align) =
      p == base + (p - base) && object_at(p - base, fresh, stride) && aligned(p, align);
    predicate same_others{A,B}(struct fixalloc *f, integer c, integer o) =
      \forall integer i, q; i != c || q != o ==> (used{A}(f, i, q) <==> used{B}(f, i, q));

    // The same of an address: an object is there, and in use; no object was ever handed out that it
    // lies in; the slab that it lies in has handed out objects, which all are free.
    predicate named{L}(struct fixalloc *f, char *p, integer i, integer o) =
      used(f, i, o) && p == f->slab[i].base + o;
    predicate in_use{L}(struct fixalloc *f, char *p) = \exists integer i, o; named(f, p, i, o);
    predicate same_in_use{A,B}(struct fixalloc *f, char *p) =
      \forall char *q; q != p ==> (in_use{A}(f, q) <==> in_use{B}(f, q));
    predicate all_in_use{A,B}(struct fixalloc *f) =
      \forall char *q; in_use{A}(f, q) <==> in_use{B}(f, q);
    predicate handed_out{A,B}(struct fixalloc *f, char *p) =
      in_use{B}(f, p) && !in_use{A}(f, p) && same_in_use{A,B}(f, p);
    // Counted: of the objects that a slab ever handed out, those that are nowhere on its stack.
    logic integer times_free{L}(char *base, integer at, integer n, integer o) =
      n <= 0 ? 0 : times_free(base, at, n - 1, o) + (entry_at(base, at, n - 1) == o ? 1 : 0);
    logic integer used_of{L}(char *base, integer at, integer n, integer stride, integer k) =
      k <= 0 ? 0 : used_of(base, at, n, stride, k - 1) +
                     (times_free(base, at, n, stride * (k - 1)) == 0 ? 1 : 0);
    logic integer some_in_use{L}(struct fixalloc *f, integer i) =
      used_of(f->slab[i].base, f->slab[i].bytes, f->slab[i].free, f->stride, f->slab[i].cut);
    logic integer many_in_use{L}(struct fixalloc *f, integer n) =
      n <= 0 ? 0 : many_in_use(f, n - 1) + some_in_use(f, n - 1);
    predicate holds{L}(struct fixalloc *f, integer i, integer address) =
      0 <= i < f->count && HOLDS(f, i, address);
    predicate outside{L}(struct fixalloc *f, integer address) =
      \forall integer i; !holds(f, i, address);
    predicate held{L}(struct fixalloc *f, char *p, integer i, integer o) =
      0 <= i < f->count && 0 <= o < f->slab[i].fresh && p == f->slab[i].base + o;
    predicate all_free{L}(struct fixalloc *f, char *p) =
      \exists integer i, o; held(f, p, i, o) && f->slab[i].free == f->slab[i].cut;
*/

/* Makes *f an empty allocator of objects of `size` bytes (0 is served as 1) at multiples of `align`
 * (0 stands for PERSIST_DEFAULT_ALIGN). Takes nothing from `arena` yet. Returns PERSIST_OK; or
 * PERSIST_NOT_POWER_OF_TWO, PERSIST_ALIGN_TOO_LARGE, or PERSIST_NO_MEMORY for a size above
 * FIXALLOC_SIZE_MOST, and *f is unchanged. */
/*@ requires f: \valid(f);
    requires arena: \valid(arena) && \separated(f, arena) && sound(arena);
    terminates \true; exits \false;
    assigns f->arena, f->stride, f->align, f->taken, f->count, f->current, f->slab[0], \result
      \from arena, size, align;
    behavior good:
      assumes good_alignment(align) && size <= FIXALLOC_SIZE_MOST;
      ensures status: \result == PERSIST_OK;
      ensures table: table(f) && arena_of(f);
      ensures arena: f->arena == arena;
      ensures empty: f->count == 0;
      ensures align: f->align == alignment(align);
      ensures fits: length(size) <= f->stride < length(size) + alignment(align);
    behavior not_power_of_two:
      assumes !power_of_two(alignment(align));
      assigns \result \from size, align;
      ensures status: \result == PERSIST_NOT_POWER_OF_TWO;
    behavior align_too_large:
      assumes power_of_two(alignment(align)) && alignment(align) > PERSIST_MAX_ALIGN;
      assigns \result \from size, align;
      ensures status: \result == PERSIST_ALIGN_TOO_LARGE;
    behavior too_large:
      assumes good_alignment(align) && size > FIXALLOC_SIZE_MOST;
      assigns \result \from size, align;
      ensures status: \result == PERSIST_NO_MEMORY;
    complete behaviors; disjoint behaviors;
*/
enum persist_status fixalloc_init(struct fixalloc *f, struct persist_arena *arena, size_t size,
                                  size_t align);

/* Stores in *out the address of an object that is not in use, its contents arbitrary; or returns
 * PERSIST_NO_MEMORY or PERSIST_BAD_MEMORY, and *out and the allocator are as before. When no object
 * is free the arena is asked: for the next step, and if it has no memory for that, once more for
 * what it has left, at least one object. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *f, *out, *f->arena, SYSTEM_CHANGES, \result
      \from *f, *f->arena, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same_arena: f->arena == \old(f->arena);
    ensures same_stride: f->stride == \old(f->stride);
    ensures same_align: f->align == \old(f->align);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures object: \result == PERSIST_OK ==> aligned((char *)*out, f->align) &&
      \valid((char *)*out + (0 .. f->stride - 1));
    ensures handed_out: \result == PERSIST_OK ==> handed_out{Pre,Post}(f, (char *)*out);
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
    ensures used: \result != PERSIST_OK ==> all_in_use{Pre,Post}(f);
*/
enum persist_status fixalloc_alloc(struct fixalloc *f, void **out);

/* The same, with every byte of the object zero. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *f, *out, *f->arena, SYSTEM_CHANGES, \result,
      f->slab[0 .. FIXALLOC_SLABS - 1].base[0 .. 2 * FIXSLAB_MOST]
      \from *f, *f->arena, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same_arena: f->arena == \old(f->arena);
    ensures same_stride: f->stride == \old(f->stride);
    ensures same_align: f->align == \old(f->align);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures object: \result == PERSIST_OK ==> aligned((char *)*out, f->align) &&
      \valid((char *)*out + (0 .. f->stride - 1));
    ensures handed_out: \result == PERSIST_OK ==> handed_out{Pre,Post}(f, (char *)*out);
    ensures zeroed: \result == PERSIST_OK ==> zeroed((char *)*out, f->stride);
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
    ensures used: \result != PERSIST_OK ==> all_in_use{Pre,Post}(f);
*/
enum persist_status fixalloc_zalloc(struct fixalloc *f, void **out);

/* Takes back an object of *f that is in use, and returns FIXALLOC_OK. For any other address the
 * behaviour is undefined; but the checking build changes nothing and returns FIXALLOC_DOUBLE_FREE or
 * FIXALLOC_FOREIGN, and so does every build where all objects that a slab ever handed out are free
 * already, so that no more of them are taken back than there are. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires object: in_use(f, (char *)object) || outside(f, (uintptr_t)object) ||
      all_free(f, (char *)object);
    requires address: 0 <= (uintptr_t)object <= UINTPTR_MAX;
    terminates \true; exits \false;
    assigns f->current, f->slab[0 .. FIXALLOC_SLABS - 1].free,
      ((char *)object)[-2 * FIXSLAB_MOST .. 2 * FIXSLAB_MOST], \result \from *f, object;
    ensures table: table(f);
    ensures arena: arena_of(f);
    behavior used:
      assumes in_use(f, (char *)object);
      ensures status: \result == FIXALLOC_OK;
      ensures free: !in_use(f, (char *)object);
      ensures others: same_in_use{Pre,Post}(f, (char *)object);
    behavior foreign:
      assumes outside(f, (uintptr_t)object);
      assigns \result \from *f, object;
      ensures status: \result == FIXALLOC_FOREIGN;
    behavior all_free:
      assumes all_free(f, (char *)object);
      assigns \result \from *f, object;
      ensures status: \result == FIXALLOC_DOUBLE_FREE;
    complete behaviors; // and disjoint, since each has a status of its own
*/
enum fixalloc_status fixalloc_free(struct fixalloc *f, void *object);

/* How many objects are in use; SIZE_MAX if they are more, which no memory has room for. */
/*@ requires f: \valid_read(f) && table(f);
    terminates \true; exits \false;
    assigns \result \from *f;
    behavior countable:
      assumes many_in_use(f, f->count) <= SIZE_MAX;
      ensures sum: \result == many_in_use(f, f->count);
    behavior more:
      assumes many_in_use(f, f->count) > SIZE_MAX;
      ensures most: \result == SIZE_MAX;
    complete behaviors; disjoint behaviors;
*/
size_t fixalloc_in_use(const struct fixalloc *f);

#ifdef __cplusplus
}
#endif

#endif
