/* Many slabs (fixslab.c) behind one allocator: which is tried, when the arena is asked, and for how
 * much. The slabs double the sum every second step, so that few are searched. */
#include "fixalloc.h"

#include "fixalloc_lemmas.h"
#include "fixslab_count.h"
#include "refill.h"

#ifdef FIXALLOC_CHECK
#define FLAG 1u /* a byte for each object, behind the slab's stack: 1 while it is free after use */
#else
#define FLAG 0u
#endif

/* The least multiple of an alignment that an object fits into. */
/*@ requires size: 0 < size <= FIXALLOC_SIZE_MOST;
    requires multiple: 0 < multiple <= PERSIST_MAX_ALIGN;
    terminates \true; exits \false;
    assigns \result \from size, multiple;
    ensures fits: size <= \result < size + multiple;
    ensures multiple: \result % multiple == 0;
*/
static size_t round_up(size_t size, size_t multiple)
{
    size_t sum = size + multiple - 1u;
    //@ assert sum: sum == size + multiple - 1;
    //@ assert remainder: 0 <= sum % multiple < multiple;
    //@ assert whole: sum / multiple * multiple == sum - sum % multiple;
    //@ assert multiple: (multiple * (sum / multiple)) % multiple == 0;
    return sum / multiple * multiple;
}

/*@ ghost
    /@ requires arena: \valid(f->arena) && \separated(f, f->arena) && sound(f->arena);
       requires sizes: sizes(f->stride, f->align);
       requires none: f->count == 0 && f->current == 0 && f->taken == 0;
       requires no_slab: no_slab(f->slab[0].base, f->slab[0].bytes, f->slab[0].fresh, f->slab[0].cut,
                                 f->slab[0].free);
       terminates \true; exits \false;
       assigns \nothing;
       ensures table: table(f);
       ensures arena: arena_of(f);
    @/
    static inline void empty_table(const struct fixalloc *f)
    {
    }
*/

/* The first slab is looked at before there is one. */
/*@ requires f: \valid(f);
    terminates \true; exits \false;
    assigns f->slab[0].base, f->slab[0].bytes, f->slab[0].fresh, f->slab[0].cut, f->slab[0].free
      \from \nothing;
    ensures none: no_slab(f->slab[0].base, f->slab[0].bytes, f->slab[0].fresh, f->slab[0].cut,
                          f->slab[0].free);
    ensures numbers: one_allocator{Pre,Post}(f);
    ensures pointers: pointers_of{Pre,Post}(f);
*/
static void no_objects(struct fixalloc *f)
{
    f->slab[0].base = NULL;
    f->slab[0].bytes = 0;
    f->slab[0].fresh = 0;
    f->slab[0].cut = 0;
    f->slab[0].free = 0;
}

/*@ requires f: \valid(f);
    terminates \true; exits \false;
    assigns f->stride, f->align, f->taken, f->count, f->current \from stride, multiple;
    ensures sizes: f->stride == stride && f->align == multiple;
    ensures empty: f->count == 0 && f->current == 0 && f->taken == 0;
    ensures numbers: one_allocator{Pre,Post}(f);
*/
static void no_slabs(struct fixalloc *f, size_t stride, size_t multiple)
{
    f->stride = stride;
    f->align = multiple;
    f->taken = 0;
    f->count = 0;
    f->current = 0;
}

/*@ requires f: \valid(f);
    requires arena: \valid(arena) && \separated(f, arena) && sound(arena);
    requires sizes: sizes(stride, multiple);
    terminates \true; exits \false;
    assigns f->arena, f->stride, f->align, f->taken, f->count, f->current, f->slab[0]
      \from arena, stride, multiple;
    ensures table: table(f);
    ensures arena: f->arena == arena && arena_of(f);
    ensures sizes: f->stride == stride && f->align == multiple;
    ensures empty: f->count == 0 && f->taken == 0;
*/
static void begin(struct fixalloc *f, struct persist_arena *arena, size_t stride, size_t multiple)
{
    //@ assert few: arena->count <= PERSIST_REGIONS;
    f->arena = arena;
    no_slabs(f, stride, multiple);
    no_objects(f);
    //@ assert numbers: one_allocator{Pre,Here}(f);
    //@ assert pointers: pointers_of{Pre,Here}(f);
    //@ assert fields: same_fields{Pre,Here}(arena);
    //@ assert regions: same_regions{Pre,Here}(arena, PERSIST_REGIONS);
    //@ assert same_arena: same_arena{Pre,Here}(arena);
    //@ assert old_regions: same_regions{Pre,Here}(arena, arena->count);
    //@ assert all_regions: regions(arena, arena->count);
    //@ assert sound: sound(arena);
    //@ ghost empty_table(f);
}

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
    begin(f, arena, round_up(persist_length(size), multiple), multiple);
    return PERSIST_OK;
}

/*@ ghost
    /@ requires entry: \valid(f) && i < FIXALLOC_SLABS;
       terminates \true; exits \false;
       assigns \nothing;
       ensures valid: \valid(&f->slab[i]) && \object_pointer(&f->slab[i]);
    @/
    static inline void entry_is_valid(struct fixalloc *f, size_t i)
    {
    }

    /@ requires table: table(f);
       requires index: i < f->count;
       terminates \true; exits \false;
       assigns \nothing;
       ensures base: \object_pointer(f->slab[i].base);
    @/
    static inline void base_is_valid(struct fixalloc *f, size_t i)
    {
        /@ assert slab: slab_of(f, i) && SLAB(f, i); @/
    }

    /@ requires table: table(f);
       requires index: i < f->count;
       terminates \true; exits \false;
       assigns \nothing;
       ensures slab: slab_of(f, i);
       ensures apart: others_apart(f, f->count, i);
       ensures block: \valid(f->slab[i].base + (0 .. f->slab[i].bytes - 1));
       ensures sizes: 0 <= f->slab[i].fresh <= f->slab[i].bytes <= 2 * FIXSLAB_MOST && 0 < f->stride;
    @/
    static inline void table_at(const struct fixalloc *f, size_t i)
    {
        /@ assert slab: slab_of(f, i) && SLAB(f, i); @/
    }

    /@ requires table: slabs(f, f->count);
       terminates \true; exits \false;
       assigns \nothing;
       ensures used: in_use(f, p) ==> !outside(f, (uintptr_t)p);
       ensures all_free: all_free(f, p) ==> !outside(f, (uintptr_t)p);
    @/
    static inline void not_outside(const struct fixalloc *f, char *p)
    {
        /@ assert sound: sound_named_held(f, p) && sound_holds(f, p); @/
        /@ assert named: each_named_held(f, p); @/
        /@ assert holds: each_holds(f, p); @/
    }

    /@ requires table: table(f);
       requires held: held(f, p, h, o);
       terminates \true; exits \false;
       assigns \nothing;
       ensures only: held_only(f, p, h, o);
       ensures used: in_use(f, p) ==> named(f, p, h, o);
       ensures all_free: all_free(f, p) ==> f->slab[h].free == f->slab[h].cut;
    @/
    static inline void only_here(const struct fixalloc *f, char *p, size_t h, size_t o)
    {
        /@ assert slab: slab_of(f, h); @/
        /@ assert apart: others_apart(f, f->count, h); @/
        /@ assert each: each_held_once(f, p, h, o); @/
        /@ assert only: held_only(f, p, h, o); @/
        /@ assert named: each_named_held(f, p); @/
    }
*/

/*@ ghost
    /@ requires table: \valid_read(f) && table(f);
       requires holds: holds(f, h, (uintptr_t)p);
       requires offset: o == (uintptr_t)p - (uintptr_t)f->slab[h].base;
       terminates \true; exits \false;
       assigns \nothing;
       ensures held: held(f, p, h, o);
       ensures inside: o < f->slab[h].bytes && SPAN(&f->slab[h], f->stride) <= 2 * FIXSLAB_MOST;
       ensures numbers: 0 <= f->slab[h].free <= f->slab[h].cut;
       ensures used: in_use(f, p) ==> named(f, p, h, o);
       ensures room: in_use(f, p) ==> f->slab[h].free < f->slab[h].cut;
       ensures all_free: all_free(f, p) ==> f->slab[h].free == f->slab[h].cut;
    @/
    static inline void held_here(const struct fixalloc *f, char *p, size_t h, size_t o)
    {
        /@ assert slab: slab_of(f, h) && SLAB(f, h); @/
        only_here(f, p, h, o);
        room_for_used(f->slab[h].base, f->slab[h].bytes, f->slab[h].free, f->slab[h].fresh,
                      f->slab[h].cut, f->stride, o);
    }
*/

/* What a caller relies on most, although no function here calls it: no two objects in use overlap. */
/*@ ghost
    /@ requires table: table(f) && used(f, i, o);
       terminates \true; exits \false;
       assigns \nothing;
       ensures object: 0 < f->stride && 0 <= o && o % f->stride == 0;
       ensures inside: o + f->stride <= span(f->slab[i].bytes, f->stride);
    @/
    static inline void object_inside(const struct fixalloc *f, size_t i, size_t o)
    {
        /@ assert slab: slab_of(f, i); @/
        /@ assert fresh: f->slab[i].fresh <= span(f->slab[i].bytes, f->stride); @/
    }

    /@ requires blocks: blocks_apart(p, n, q, m, stride);
       requires inside: 0 <= o && o + stride <= span(n, stride) && 0 <= d &&
         d + stride <= span(m, stride);
       terminates \true; exits \false;
       assigns \nothing;
       ensures apart: apart(p + o, stride, q + d, stride);
    @/
    static inline void parts_apart(char *p, size_t n, size_t o, char *q, size_t m, size_t d,
                                   size_t stride)
    {
    }

    /@ requires table: \valid_read(f) && table(f);
       requires objects: named(f, p, i, o) && named(f, q, j, d);
       requires two: p != q;
       terminates \true; exits \false;
       assigns \nothing;
       ensures apart: apart(p, f->stride, q, f->stride);
    @/
    static inline void objects_apart(const struct fixalloc *f, char *p, size_t i, size_t o, char *q,
                                     size_t j, size_t d)
    {
        object_inside(f, i, o);
        object_inside(f, j, d);
        multiples_apart(o, d, f->stride);
        multiples_apart(d, o, f->stride);
        /@ assert one_slab: i == j ==> apart(p, f->stride, q, f->stride); @/
        if (i != j) {
            /@ assert slabs: apart_slabs(f, i, j); @/
            parts_apart(f->slab[i].base, f->slab[i].bytes, o, f->slab[j].base, f->slab[j].bytes, d,
                        f->stride);
        }
    }
*/

/* ---- more memory ---- */

#ifdef __FRAMAC__
#define COST(f) ((f)->stride + FIXSLAB_ENTRY + FLAG)
/* What no call changes. */
#define SAME_KIND(f)                                                                               \
    ((f)->stride == \old((f)->stride) && (f)->align == \old((f)->align) &&                         \
     (f)->arena == \old((f)->arena))
#endif

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
    assigns *block, *arena, SYSTEM_CHANGES, \result
      \from *arena, size, align, sys_next, sys_next_size;
    ensures sound: sound(arena);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures apart: \result == PERSIST_OK ==> block_apart{Pre}(arena, (char *)*block, size);
    ensures stays_apart: stay_apart{Pre,Post}(arena);
    ensures set_apart: \result == PERSIST_OK ==> set_apart(arena, (char *)*block, size);
    ensures aligned: \result == PERSIST_OK ==> aligned((char *)*block, align);
    ensures valid: \result == PERSIST_OK ==> \valid((char *)*block + (0 .. size - 1));
    ensures zeroed: \result == PERSIST_OK ==> zeroed((char *)*block, size);
    ensures counted: \result == PERSIST_OK ==>
      arena->requested == \old(arena->requested) + size;
    ensures no_room: \result != PERSIST_OK ==> arena->off < size;
    ensures kept: \result != PERSIST_OK ==> *block == \old(*block);
    ensures same_books: \result != PERSIST_OK ==> SAME_BOOKS(arena);
*/
static enum persist_status take_block(struct persist_arena *arena, size_t size, size_t align,
                                      void **block)
{
    //@ assert served_as_is: length(size) == size && alignment(align) == align;
    //@ assert few: 0 <= arena->count <= PERSIST_REGIONS;
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
    //@ assert apart: status == PERSIST_OK ==> block_apart{Pre}(arena, (char *)*block, size);
    /*@ assert all_rest: \forall char *p, integer n; set_apart{Pre}(arena, p, n) ==>
          apart(p, n, arena->base, arena->off); */
    //@ assert stays: stay_apart{Pre,Here}(arena);
    return status;
}

/* The first entry that is not in use. */
/*@ requires f: \valid(f) && c == f->count < FIXALLOC_SLABS;
    requires sizes: sizes(f->stride, f->align);
    requires objects: 0 < objects &&
      f->stride * objects + FIXSLAB_ENTRY * objects <= 2 * FIXSLAB_MOST;
    requires block: slab_place(block, f->stride * objects, objects, f->align) &&
      zero_from(block, 0, f->stride * objects);
    terminates \true; exits \false;
    assigns f->slab[c] \from *f, block, objects;
    ensures slab: SLAB(f, c);
    ensures head: same_head{Pre,Post}(f);
    ensures block: f->slab[c].base == block && f->slab[c].bytes == f->stride * objects;
    ensures empty: f->slab[c].fresh == 0 && f->slab[c].free == 0;
    ensures numbers: one_entry{Pre,Post}(f, c);
    ensures pointers: new_base{Pre,Post}(f, c);
*/
static void open_slab(struct fixalloc *f, char *block, size_t objects) /*@ ghost (size_t c) */
{
    fixslab_open(&f->slab[f->count], block, objects, f->stride, f->align);
    //@ assert entry: one_entry{Pre,Here}(f, c);
    //@ assert base: new_base{Pre,Here}(f, c);
    //@ assert head: same_head{Pre,Here}(f);
    //@ assert opened: SOUND_SLAB(&f->slab[c], f->stride, f->align);
    PERSIST_UNUSED(block, f->slab[f->count].bytes);
}

/*@ requires f: \valid(f) && c == f->count < FIXALLOC_SLABS;
    requires taken: f->taken + size <= SIZE_MAX;
    terminates \true; exits \false;
    assigns f->taken, f->current, f->count \from *f, size;
    ensures taken: f->taken == \old(f->taken) + size;
    ensures current: f->count == \old(f->count) + 1 && f->current == \old(f->count);
    ensures numbers: counts{Pre,Post}(f);
    ensures sizes: f->stride == \old(f->stride) && f->align == \old(f->align) &&
      f->arena == \old(f->arena);
    ensures entry: f->slab[c].base == \old(f->slab[c].base) &&
      f->slab[c].bytes == \old(f->slab[c].bytes) && f->slab[c].fresh == \old(f->slab[c].fresh) &&
      f->slab[c].cut == \old(f->slab[c].cut) && f->slab[c].free == \old(f->slab[c].free);
*/
static void count_slab(struct fixalloc *f, size_t size) /*@ ghost (size_t c) */
{
    f->taken += size;
    f->current = f->count;
    f->count += 1u;
}

/*@ requires f: \valid(f) && c == f->count < FIXALLOC_SLABS;
    requires sizes: sizes(f->stride, f->align);
    requires objects: 0 < objects &&
      f->stride * objects + FIXSLAB_ENTRY * objects <= 2 * FIXSLAB_MOST;
    requires taken: f->taken + size <= SIZE_MAX;
    requires block: slab_place(block, f->stride * objects, objects, f->align) &&
      zero_from(block, 0, f->stride * objects);
    terminates \true; exits \false;
    assigns *f \from *f, block, objects, size;
    ensures slab: SLAB(f, c);
    ensures block: f->slab[c].base == block && f->slab[c].bytes == f->stride * objects;
    ensures empty: f->slab[c].fresh == 0 && f->slab[c].free == 0;
    ensures sizes: f->stride == \old(f->stride) && f->align == \old(f->align) &&
      f->arena == \old(f->arena);
    ensures taken: f->taken == \old(f->taken) + size;
    ensures current: f->count == c + 1 && f->current == c;
    ensures older: same_slabs{Pre,Post}(f, c, c);
    ensures allocator: one_allocator{Pre,Post}(f) && pointers_of{Pre,Post}(f);
*/
static void append_slab(struct fixalloc *f, char *block, size_t objects, size_t size)
/*@ ghost (size_t c) */
{
    open_slab(f, block, objects) /*@ ghost (c) */;
    count_slab(f, size) /*@ ghost (c) */;
    //@ assert numbers: new_numbers{Pre,Here}(f, c);
    //@ assert base: new_base{Pre,Here}(f, c);
    //@ assert older: same_slabs{Pre,Here}(f, c, c);
    //@ assert allocator: one_allocator{Pre,Here}(f) && pointers_of{Pre,Here}(f);
}

/*@ ghost
    /@ requires f: \valid_read(f) && sizes(f->stride, f->align) && indices(f->count, f->current);
       requires some: 0 < f->count;
       requires slabs: slabs(f, f->count) && places(f, f->count) && disjoint(f, f->count);
       terminates \true; exits \false;
       assigns \nothing;
       ensures table: table(f);
    @/
    static inline void full_table(const struct fixalloc *f)
    {
    }
*/

/*@ ghost
    /@ requires arena: \valid(f->arena) && \separated(f, f->arena) && sound(f->arena);
       requires taken: 0 <= f->taken <= f->arena->requested;
       terminates \true; exits \false;
       assigns \nothing;
       ensures arena: arena_of(f);
    @/
    static inline void sound_arena(const struct fixalloc *f)
    {
    }
*/

/* Enters a block of `size` bytes that is apart from every slab into the table. */
/*@ requires f: \valid(f) && table(f) && arena_of(f) && f->count < FIXALLOC_SLABS;
    requires objects: 0 < objects &&
      f->stride * objects + FIXSLAB_ENTRY * objects <= 2 * FIXSLAB_MOST;
    requires taken: f->taken + size <= f->arena->requested;
    requires block: slab_place(block, f->stride * objects, objects, f->align) &&
      zero_from(block, 0, f->stride * objects);
    requires set_apart: place(f->arena, block, f->stride * objects, f->stride);
    requires new: apart_from_slabs(f, f->count, block, f->stride * objects);
    terminates \true; exits \false;
    assigns *f \from *f, block, objects, size;
    ensures table: table(f);
    ensures arena: arena_of(f) && f->arena == \old(f->arena);
    ensures sizes: f->stride == \old(f->stride) && f->align == \old(f->align);
    ensures current: f->count == \old(f->count) + 1 && f->current == \old(f->count);
    ensures fresh: f->slab[f->current].fresh == 0 < f->slab[f->current].bytes;
    ensures empty: f->slab[f->current].free == 0;
    ensures older: older_used{Pre,Post}(f, \old(f->count));
    ensures blocks: same_blocks{Pre,Post}(f, \old(f->count));
*/
static void enter_slab(struct fixalloc *f, char *block, size_t objects, size_t size)
{
    //@ ghost size_t c = f->count;
    //@ assert few: f->arena->count <= PERSIST_REGIONS;
    //@ assert sizes: sizes(f->stride, f->align);
    append_slab(f, block, objects, size) /*@ ghost (c) */;
    //@ assert same_arena: same_arena{Pre,Here}(f->arena);
    //@ assert in_arena: place(f->arena, block, f->stride * objects, f->stride);
    //@ assert same_chars: same_chars{Pre,Here} && still_valid{Pre,Here};
    //@ assert blocks: same_blocks{Pre,Here}(f, c);
    //@ assert slabs_stay: slabs_stay{Pre,Here}(f, c, c);
    //@ assert slabs: slabs(f, c + 1);
    //@ assert pairs_stay: pairs_stay{Pre,Here}(f, c);
    //@ assert new_stays: new_stays{Pre,Here}(f, c, block, f->slab[c].bytes);
    //@ assert new: apart_from_slabs(f, c, f->slab[c].base, f->slab[c].bytes);
    //@ assert disjoint: disjoint(f, c + 1);
    //@ assert requested: f->taken <= f->arena->requested;
    //@ assert regions_stay: regions_stay{Pre,Here}(f->arena, f->arena->count);
    //@ assert regions: regions(f->arena, f->arena->count);
    //@ assert bytes: same_bytes{Pre,Here}(f->arena->base, 0, f->arena->off);
    //@ assert sound: sound(f->arena);
    //@ ghost sound_arena(f);
    //@ assert place: place_of(f, c);
    //@ assert places_stay: places_stay{Pre,Here}(f, c);
    //@ assert places: places(f, c + 1);
    //@ ghost full_table(f);
    //@ assert stacks: same_stacks{Pre,Here}(f, c, c);
    //@ assert older_used: older_used{Pre,Here}(f, c);
}

/* The same, with what that means to a caller. */
/*@ requires f: \valid(f) && table(f) && arena_of(f) && f->count < FIXALLOC_SLABS;
    requires objects: 0 < objects &&
      f->stride * objects + FIXSLAB_ENTRY * objects <= 2 * FIXSLAB_MOST;
    requires taken: f->taken + size <= f->arena->requested;
    requires block: slab_place(block, f->stride * objects, objects, f->align) &&
      zero_from(block, 0, f->stride * objects);
    requires set_apart: place(f->arena, block, f->stride * objects, f->stride);
    requires new: apart_from_slabs(f, f->count, block, f->stride * objects);
    terminates \true; exits \false;
    assigns *f \from *f, block, objects, size;
    ensures table: table(f);
    ensures arena: arena_of(f) && f->arena == \old(f->arena);
    ensures sizes: f->stride == \old(f->stride) && f->align == \old(f->align);
    ensures current: f->count == \old(f->count) + 1 && f->current == \old(f->count);
    ensures room: f->slab[f->current].fresh < f->slab[f->current].bytes;
    ensures empty: f->slab[f->current].free == 0;
    ensures used: all_in_use{Pre,Post}(f);
*/
static void enter_block(struct fixalloc *f, char *block, size_t objects, size_t size)
{
    //@ ghost size_t c = f->count;
    enter_slab(f, block, objects, size);
    //@ assert entered: entered{Pre,Here}(f, c);
    //@ assert used: same_used{Pre,Here}(f);
    //@ assert names: all_names{Pre,Here}(f);
}

/*@ ghost
    /@ requires factors: 0 < a && 0 < b;
       terminates \true; exits \false;
       assigns \nothing;
       ensures sign: 0 < a * b;
    @/
    static inline void product_is_positive(size_t a, size_t b)
    {
        product_is_not_negative(a, b - 1);
        /@ assert sum: a * b == a * (b - 1) + a; @/
    }

    /@ requires same: a == b;
       terminates \true; exits \false;
       assigns \nothing;
       ensures product: objects * a == objects * b;
    @/
    static inline void same_product(size_t objects, size_t a, size_t b)
    {
    }

    /@ requires size: size == objects * (stride + FIXSLAB_ENTRY);
       terminates \true; exits \false;
       assigns \nothing;
       ensures sum: size == stride * objects + FIXSLAB_ENTRY * objects;
    @/
    static inline void size_is_sum(size_t size, size_t objects, size_t stride)
    {
    }

    /@ requires some: 0 < objects && 0 < stride;
       terminates \true; exits \false;
       assigns \nothing;
       ensures span:
         span(stride * objects, stride) == stride * objects + FIXSLAB_ENTRY * objects;
    @/
    static inline void span_is_sum(size_t objects, size_t stride)
    {
        /@ assert quotient: (stride * objects) / stride == objects; @/
    }

    /@ requires arena: sound(arena) && sizes(stride, align) && 0 < objects;
       requires size: size == stride * objects + FIXSLAB_ENTRY * objects;
       requires block: set_apart(arena, p, size);
       requires aligned: aligned(p, align);
       requires valid: \valid(p + (0 .. size - 1));
       requires zeroed: zeroed(p, size);
       requires few: size <= 2 * FIXSLAB_MOST;
       terminates \true; exits \false;
       assigns \nothing;
       ensures span: size == span(stride * objects, stride);
       ensures few: stride * objects + FIXSLAB_ENTRY * objects <= 2 * FIXSLAB_MOST;
       ensures place: slab_place(p, stride * objects, objects, align);
       ensures zero: zero_from(p, 0, stride * objects);
       ensures in_arena: place(arena, p, stride * objects, stride);
    @/
    static inline void block_is_place(const struct persist_arena *arena, char *p, size_t size,
                                      size_t objects, size_t stride, size_t align)
    {
        span_is_sum(objects, stride);
        /@ assert regions: regions(arena, arena->count); @/
        /@ assert flat: flat(p, size) && 0 <= (uintptr_t)p && (uintptr_t)p + size <= UINTPTR_MAX; @/
    }
*/

/* Takes a block for a slab from the arena. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires size: 0 < objects && 0 < size <= 2 * FIXSLAB_MOST && size == objects * COST(f);
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *out, *f->arena, SYSTEM_CHANGES, \result
      \from *f, *f->arena, size, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f) && f->count == \old(f->count);
    ensures used: all_in_use{Pre,Post}(f);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures few: \result == PERSIST_OK ==>
      f->stride * objects + FIXSLAB_ENTRY * objects <= 2 * FIXSLAB_MOST;
    ensures place: \result == PERSIST_OK ==>
      slab_place((char *)*out, f->stride * objects, objects, f->align);
    ensures zero: \result == PERSIST_OK ==> zero_from((char *)*out, 0, f->stride * objects);
    ensures in_arena: \result == PERSIST_OK ==>
      place(f->arena, (char *)*out, f->stride * objects, f->stride);
    ensures new: \result == PERSIST_OK ==>
      apart_from_slabs(f, f->count, (char *)*out, f->stride * objects);
    ensures counted: \result == PERSIST_OK ==> f->taken + size <= f->arena->requested;
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
    ensures unused: \result != PERSIST_OK ==>
      f->arena->off == \old(f->arena->off) && f->arena->base == \old(f->arena->base);
    ensures no_room: \result != PERSIST_OK ==> f->arena->off < size;
*/
static enum persist_status take_for(struct fixalloc *f, size_t size, void **out)
/*@ ghost (size_t objects) */
{
    //@ ghost size_t n = f->count, stride = f->stride;
    //@ ghost size_is_sum(size, objects, stride);
    //@ assert place: table(f) && places(f, n) && n <= FIXALLOC_SLABS;
    enum persist_status status = take_block(f->arena, size, f->align, out);
    //@ assert beside: beside(f, \at(f->arena,Pre), out);
    //@ assert numbers: numbers_but{Pre,Here}(\at(f->arena,Pre));
    //@ assert addresses: addresses_but{Pre,Here}(\at(f->arena,Pre), out);
    //@ assert arenas: arenas_but{Pre,Here}(\at(f->arena,Pre), out);
    //@ assert same: f->arena == \at(f->arena,Pre);
    //@ assert kind: f->stride == \at(f->stride,Pre) && f->align == \at(f->align,Pre);
    //@ assert counts: f->taken == \at(f->taken,Pre) && f->count == \at(f->count,Pre);
    //@ assert current: f->current == \at(f->current,Pre);
    //@ assert head: same_head{Pre,Here}(f);
    //@ assert all: slabs_same_to{Pre,Here}(f, FIXALLOC_SLABS);
    //@ assert each: slabs_same_to{Pre,Here}(f, n);
    //@ assert fields: same_slabs{Pre,Here}(f, n, n);
    //@ assert first: same_slab{Pre,Here}(f, 0);
    //@ assert blocks: same_blocks{Pre,Here}(f, n);
    //@ assert arena: arena_of(f);
    //@ assert same_chars: same_chars{Pre,Here} && still_valid{Pre,Here};
    //@ assert slabs_stay: slabs_stay{Pre,Here}(f, n, n);
    //@ assert slabs: slabs(f, n);
    //@ assert places_stay: places_stay{Pre,Here}(f, n);
    //@ assert places: places(f, n);
    //@ assert pairs_stay: pairs_stay{Pre,Here}(f, n);
    //@ assert disjoint: disjoint(f, n);
    //@ assert table: table(f);
    //@ assert stacks: same_stacks{Pre,Here}(f, n, n);
    //@ assert others: others_stay{Pre,Here}(f, n);
    //@ assert used: same_used{Pre,Here}(f);
    //@ assert names: all_names{Pre,Here}(f);
    if (status == PERSIST_OK) {
        //@ ghost same_product(objects, stride, f->stride);
        //@ ghost block_is_place(f->arena, (char *)*out, size, objects, f->stride, f->align);
        /*@ assert places_apart:
              places_apart{Pre}(f, n, (char *)\at(*out,Here), f->stride * objects); */
        /*@ assert apart:
              apart_from_slabs{Pre}(f, n, (char *)\at(*out,Here), f->stride * objects); */
        //@ assert new_stays: new_stays{Pre,Here}(f, n, (char *)*out, f->stride * objects);
        //@ assert new: apart_from_slabs(f, n, (char *)*out, f->stride * objects);
    }
    return status;
}

/* One more slab: the current one. Its block's address passes through *out. */
/*@ requires f: \valid(f) && table(f) && arena_of(f) && f->count < FIXALLOC_SLABS;
    requires objects: 0 < objects && objects * COST(f) <= 2 * FIXSLAB_MOST;
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *f, *out, *f->arena, SYSTEM_CHANGES, \result
      \from *f, *f->arena, objects, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures used: all_in_use{Pre,Post}(f);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures room: \result == PERSIST_OK ==>
      f->current < f->count && f->slab[f->current].fresh < f->slab[f->current].bytes;
    ensures empty: \result == PERSIST_OK ==> f->slab[f->current].free == 0;
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out) && f->count == \old(f->count);
    ensures unused: \result != PERSIST_OK ==>
      f->arena->off == \old(f->arena->off) && f->arena->base == \old(f->arena->base);
    ensures no_room: \result != PERSIST_OK ==> f->arena->off < objects * \old(COST(f));
*/
static enum persist_status add_slab(struct fixalloc *f, size_t objects, void **out)
{
    size_t each = cost(f);
    //@ ghost product_is_positive(objects, each);
    size_t size = objects * each;
    enum persist_status status = take_for(f, size, out) /*@ ghost (objects) */;
    if (status != PERSIST_OK) {
        return status;
    }
    //@ assert used: all_in_use{Pre,Here}(f);
    enter_block(f, (char *)*out, objects, size);
    return PERSIST_OK;
}

/* How many objects that cost `each` bytes fit, but one in any case. */
/*@ requires some: 0 < each;
    terminates \true; exits \false;
    assigns \result \from bytes, each;
    ensures some: 1 <= \result;
    ensures fit: each <= bytes ==> \result == bytes / each;
    ensures one: bytes < each ==> \result == 1;
    ensures most: \result * each <= (bytes < each ? each : bytes);
*/
static size_t at_least_one(size_t bytes, size_t each)
{
    size_t fit = bytes / each;
    //@ assert whole: fit * each <= bytes;
    return fit == 0 ? 1u : fit;
}

/*@ terminates \true; exits \false;
    assigns \result \from a, b;
    ensures smaller: \result == (a < b ? a : b);
*/
static inline size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
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
    return smaller(step, FIXSLAB_MOST);
}

/* What the arena has left. */
/*@ requires arena: \valid_read(arena) && BALANCED(arena);
    terminates \true; exits \false;
    assigns \result \from *arena;
    ensures rule: \result == arena->off;
*/
static size_t unused_bytes(const struct persist_arena *arena)
{
    struct persist_stats stats;
    persist_arena_stats(arena, &stats);
    return stats.free;
}

/* What the arena has left becomes a slab, or one object if that is less. */
/*@ requires f: \valid(f) && table(f) && arena_of(f) && f->count < FIXALLOC_SLABS;
    requires little: f->arena->off < 2 * FIXSLAB_MOST;
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *f, *out, *f->arena, SYSTEM_CHANGES, \result
      \from *f, *f->arena, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures used: all_in_use{Pre,Post}(f);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures room: \result == PERSIST_OK ==>
      f->current < f->count && f->slab[f->current].fresh < f->slab[f->current].bytes;
    ensures empty: \result == PERSIST_OK ==> f->slab[f->current].free == 0;
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
*/
static enum persist_status add_rest(struct fixalloc *f, void **out)
{
    //@ assert sound: sound(f->arena) && BALANCED(f->arena);
    return add_slab(f, at_least_one(unused_bytes(f->arena), cost(f)), out);
}

/* The next step of memory becomes a slab, or what the arena has left. */
/*@ requires f: \valid(f) && table(f) && arena_of(f) && f->count < FIXALLOC_SLABS;
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *f, *out, *f->arena, SYSTEM_CHANGES, \result
      \from *f, *f->arena, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures used: all_in_use{Pre,Post}(f);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures room: \result == PERSIST_OK ==>
      f->current < f->count && f->slab[f->current].fresh < f->slab[f->current].bytes;
    ensures empty: \result == PERSIST_OK ==> f->slab[f->current].free == 0;
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
*/
static enum persist_status add_next(struct fixalloc *f, void **out)
{
    enum persist_status status = add_slab(f, at_least_one(next_step(f->taken), cost(f)), out);
    /*@ assert same: f->stride == \at(f->stride,Pre) && f->align == \at(f->align,Pre) &&
          f->arena == \at(f->arena,Pre); */
    //@ assert used: all_in_use{Pre,Here}(f);
    if (status != PERSIST_NO_MEMORY) {
        return status;
    }
    status = add_rest(f, out);
    /*@ assert still_same: f->stride == \at(f->stride,Pre) && f->align == \at(f->align,Pre) &&
          f->arena == \at(f->arena,Pre); */
    //@ assert still_used: all_in_use{Pre,Here}(f);
    return status;
}

/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *f, *out, *f->arena, SYSTEM_CHANGES, \result
      \from *f, *f->arena, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures used: all_in_use{Pre,Post}(f);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures room: \result == PERSIST_OK ==>
      f->current < f->count && f->slab[f->current].fresh < f->slab[f->current].bytes;
    ensures empty: \result == PERSIST_OK ==> f->slab[f->current].free == 0;
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
*/
static enum persist_status grow(struct fixalloc *f, void **out)
{
    return f->count == FIXALLOC_SLABS ? PERSIST_NO_MEMORY : add_next(f, out);
}

/* ---- handing out ---- */

/* Another slab becomes the one that is tried first. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires slab: 0 <= i < f->count;
    terminates \true; exits \false;
    assigns f->current \from i;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures current: f->current == i;
    ensures slabs: same_slabs{Pre,Post}(f, f->count, f->count) && same_blocks{Pre,Post}(f, f->count);
    ensures used: same_used{Pre,Post}(f);
    ensures entry: same_slab{Pre,Post}(f, i);
*/
static inline void turn_to(struct fixalloc *f, size_t i)
{
    //@ assert few: f->arena->count <= PERSIST_REGIONS;
    //@ ghost size_t n = f->count;
    f->current = i;
    //@ assert turned: turned{Pre,Here}(f) && same_pointers{Pre,Here};
    //@ assert head: same_head{Pre,Here}(f);
    //@ assert fields: same_slabs{Pre,Here}(f, n, n);
    //@ assert blocks: same_blocks{Pre,Here}(f, n);
    //@ assert allocator: one_allocator{Pre,Here}(f) && pointers_of{Pre,Here}(f);
    //@ assert same_arena: same_arena{Pre,Here}(f->arena);
    //@ assert regions: regions(f->arena, f->arena->count);
    //@ assert arena: arena_of(f);
    //@ assert slabs_stay: slabs_stay{Pre,Here}(f, n, n);
    //@ assert slabs: slabs(f, n);
    //@ assert places_stay: places_stay{Pre,Here}(f, n);
    //@ assert places: places(f, n);
    //@ assert pairs_stay: pairs_stay{Pre,Here}(f, n);
    //@ assert disjoint: disjoint(f, n);
    //@ ghost full_table(f);
    //@ assert stacks: same_stacks{Pre,Here}(f, n, n);
    //@ assert others: others_stay{Pre,Here}(f, n);
}

/*@ ghost
    /@ requires multiples: 0 < stride && fresh < bytes && bytes % stride == 0 && fresh % stride == 0;
       terminates \true; exits \false;
       assigns \nothing;
       ensures room: fresh + stride <= bytes;
    @/
    static inline void room_is_whole(size_t bytes, size_t fresh, size_t stride)
    {
        /@ assert bytes: bytes == stride * (bytes / stride); @/
        /@ assert fresh: fresh == stride * (fresh / stride); @/
        /@ assert product: stride * (bytes / stride - fresh / stride) == bytes - fresh; @/
        /@ assert positive: 1 <= bytes / stride - fresh / stride; @/
        /@ assert one: stride <= stride * (bytes / stride - fresh / stride); @/
    }
*/

/*@ requires s: \valid_read(s);
    terminates \true; exits \false;
    assigns \result \from s->free, s->fresh, s->bytes;
    ensures exact: \result != 0 <==> s->free > 0 || s->fresh < s->bytes;
*/
static int has_room(const struct fixslab *s)
{
    return s->free > 0 || s->fresh < s->bytes;
}

#ifdef FIXALLOC_CHECK
static char *flag(const struct fixalloc *f, const struct fixslab *s, size_t offset)
{
    size_t most = s->bytes / f->stride;
    return s->base + s->bytes + FIXSLAB_ENTRY * most + offset / f->stride;
}
#endif

/* Lets the caller have an object of a slab. */
/*@ requires object: \object_pointer(object);
    terminates \true; exits \false;
    assigns \result \from object;
    ensures same: \result == object;
*/
static void *deliver(struct fixalloc *f, struct fixslab *s, char *object)
{
    PERSIST_HANDED_OUT(object, f->stride);
#ifdef FIXALLOC_CHECK
    *flag(f, s, (size_t)(object - s->base)) = 0;
#endif
    (void)f, (void)s;
    return object;
}

/*@ requires slab: \valid(s) && SLAB_OF(s, stride, align) && sizes(stride, align);
    requires some: 0 < s->free;
    terminates \true; exits \false;
    assigns s->free \from s->free;
    assigns \result \from s->base, s->bytes, s->free, s->base[0 .. SPAN(s, stride) - 1];
    ensures slab: SLAB_OF(s, stride, align);
    ensures one_less: s->free == \old(s->free) - 1;
    ensures object: object_of(\result, s->base, s->fresh, stride, align);
    ensures now_used: now_used{Pre,Post}(s->base, s->bytes, \old(s->fresh), s->fresh,
                                         \old(s->free), s->free, stride, \result - s->base);
*/
static inline char *reuse(struct fixslab *s, size_t stride, size_t align)
{
    //@ assert sizes: slab_sizes(s->bytes, MOST(s, stride), s->fresh, s->cut, s->free, stride);
    char *object = fixslab_reuse(s, stride, align);
    //@ assert slab: SLAB_OF(s, stride, align);
    return object;
}

/*@ requires slab: \valid(s) && SLAB_OF(s, stride, align) && sizes(stride, align);
    requires none: s->free == 0 && s->fresh < s->bytes;
    terminates \true; exits \false;
    assigns s->fresh, s->cut \from s->fresh, s->cut, stride;
    assigns \result \from s->base, s->fresh;
    ensures slab: SLAB_OF(s, stride, align);
    ensures next: s->cut == \old(s->cut) + 1;
    ensures object: object_of(\result, s->base, s->fresh, stride, align);
    ensures zero: zero_from(s->base, \result - s->base, \result - s->base + stride);
    ensures now_used: now_used{Pre,Post}(s->base, s->bytes, \old(s->fresh), s->fresh,
                                         \old(s->free), s->free, stride, \result - s->base);
*/
static inline char *carve(struct fixslab *s, size_t stride, size_t align)
{
    //@ assert sizes: slab_sizes(s->bytes, MOST(s, stride), s->fresh, s->cut, s->free, stride);
    //@ ghost room_is_whole(s->bytes, s->fresh, stride);
    char *object = fixslab_carve(s, stride, align);
    //@ assert slab: SLAB_OF(s, stride, align);
    //@ assert offset: object - s->base == \at(s->fresh,Pre);
    return object;
}

/* An object of a slab: from its stack, or one that was never handed out. */
/*@ requires slab: \valid(s) && SLAB_OF(s, stride, align) && sizes(stride, align);
    requires some: 0 < s->free || s->fresh < s->bytes;
    terminates \true; exits \false;
    assigns s->free, s->fresh, s->cut \from s->free, s->fresh, s->cut, stride;
    assigns \result \from *s, s->base[0 .. SPAN(s, stride) - 1];
    ensures slab: SLAB_OF(s, stride, align);
    ensures object: object_of(\result, s->base, s->fresh, stride, align);
    ensures zero: \old(s->free) == 0 ==>
      zero_from(s->base, \result - s->base, \result - s->base + stride);
    ensures now_used: now_used{Pre,Post}(s->base, s->bytes, \old(s->fresh), s->fresh,
                                         \old(s->free), s->free, stride, \result - s->base);
*/
static inline char *take(struct fixslab *s, size_t stride, size_t align)
{
    return s->free == 0 ? carve(s, stride, align) : reuse(s, stride, align);
}

/* The same of the current slab. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires room: f->current < f->count &&
      (0 < f->slab[f->current].free || f->slab[f->current].fresh < f->slab[f->current].bytes);
    terminates \true; exits \false;
    assigns f->slab[f->current].free, f->slab[f->current].fresh, f->slab[f->current].cut \from *f;
    assigns \result \from *f, f->slab[f->current].base[0 .. f->slab[f->current].bytes - 1];
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures object: object_of(\result, BASE(f), f->slab[f->current].fresh, f->stride, f->align);
    ensures zero: \old(f->slab[f->current].free) == 0 ==>
      zero_from(BASE(f), \result - BASE(f), \result - BASE(f) + f->stride);
    ensures was_free: !used{Pre}(f, f->current, \result - BASE(f));
    ensures used: used(f, f->current, \result - BASE(f));
    ensures others: same_others{Pre,Post}(f, f->current, \result - BASE(f));
    ensures current: f->current == \old(f->current);
    ensures blocks: same_blocks{Pre,Post}(f, f->count) && f->count == \old(f->count);
*/
static inline char *from_slab(struct fixalloc *f)
{
    //@ assert few: f->arena->count <= PERSIST_REGIONS;
    //@ ghost size_t c = f->current;
    //@ ghost entry_is_valid(f, c);
    //@ assert slab: c < f->count <= FIXALLOC_SLABS && SLAB(f, c) && sizes(f->stride, f->align);
    char *object = take(&f->slab[f->current], f->stride, f->align);
    //@ assert one_slab: one_slab{Pre,Here}(f, c) && same_pointers{Pre,Here};
    //@ assert current: f->current == c;
    //@ assert head: same_head{Pre,Here}(f);
    //@ assert fields: same_slabs{Pre,Here}(f, f->count, c);
    //@ assert blocks: same_blocks{Pre,Here}(f, f->count);
    //@ assert allocator: one_allocator{Pre,Here}(f);
    //@ assert arena_fields: same_fields{Pre,Here}(f->arena);
    //@ assert arena_regions: same_regions{Pre,Here}(f->arena, PERSIST_REGIONS);
    //@ assert same_arena: same_arena{Pre,Here}(f->arena);
    //@ assert regions: regions(f->arena, f->arena->count);
    //@ assert arena: arena_of(f);
    //@ assert slab: slab_of(f, c);
    //@ assert slabs_stay: slabs_stay{Pre,Here}(f, f->count, c);
    //@ assert slabs: slabs(f, f->count);
    //@ assert places_stay: places_stay{Pre,Here}(f, f->count);
    //@ assert places: places(f, f->count);
    //@ assert pairs_stay: pairs_stay{Pre,Here}(f, f->count);
    //@ assert disjoint: disjoint(f, f->count);
    //@ assert table: table(f);
    //@ assert stacks: same_stacks{Pre,Here}(f, f->count, c);
    //@ assert others: others_stay{Pre,Here}(f, c);
    return object;
}

/* The same, with what that means to a caller. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires room: f->current < f->count &&
      (0 < f->slab[f->current].free || f->slab[f->current].fresh < f->slab[f->current].bytes);
    terminates \true; exits \false;
    assigns f->slab[f->current].free, f->slab[f->current].fresh, f->slab[f->current].cut \from *f;
    assigns \result \from *f, f->slab[f->current].base[0 .. f->slab[f->current].bytes - 1];
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures object: aligned(\result, f->align) && \valid(\result + (0 .. f->stride - 1));
    ensures place: \result == BASE(f) + (\result - BASE(f)) &&
      object_at(\result - BASE(f), f->slab[f->current].fresh, f->stride);
    ensures handed_out: handed_out{Pre,Post}(f, \result);
    ensures current: f->current == \old(f->current);
    ensures block: BASE(f) == \old(BASE(f)) &&
      f->slab[f->current].bytes == \old(f->slab[f->current].bytes);
    ensures zeroed: \old(f->slab[f->current].free) == 0 ==> zeroed(\result, f->stride);
*/
static char *hand_out(struct fixalloc *f)
{
    //@ ghost size_t c = f->current;
    char *object = from_slab(f);
    //@ assert current: c == f->current < f->count;
    //@ ghost table_at(f, c);
    //@ assert held: held(f, object, c, object - f->slab[c].base);
    //@ assert others: same_others{Pre,Here}(f, c, object - f->slab[c].base);
    //@ assert each: each_held_once(f, object, c, object - f->slab[c].base);
    //@ assert only: held_only(f, object, c, object - f->slab[c].base);
    //@ assert sound: sound_named_held(f, object);
    //@ assert named_held: each_named_held(f, object);
    //@ assert stay: names_stay{Pre,Here}(f, object, c, object - f->slab[c].base);
    //@ assert free_before: !used{Pre}(f, c, \at(object - f->slab[c].base,Here));
    //@ assert unnamed: unnamed{Pre}(f, \at(object,Here));
    //@ assert was_free: !in_use{Pre}(f, \at(object,Here));
    //@ assert named: named(f, object, c, object - f->slab[c].base);
    //@ assert used: in_use(f, object);
    //@ assert valid: \valid(object + (0 .. f->stride - 1));
    //@ assert same: same_names{Pre,Here}(f, object);
    //@ assert same_in_use: same_in_use{Pre,Here}(f, object);
    //@ assert at: each_at(object, f->slab[c].base, object - f->slab[c].base);
    return object;
}

/*@ requires f: \valid(f) && table(f);
    requires object: c == f->current < f->count && object_at(o, f->slab[c].fresh, f->stride);
    terminates \true; exits \false;
    assigns f->slab[c].base[o .. o + f->stride - 1] \from \nothing;
    ensures bytes: chars_but{Pre,Post}(f->slab[c].base, span(f->slab[c].bytes, f->stride));
    ensures slab: slab_of(f, c);
    ensures same: same_entries{Pre,Post}(f->slab[c].base, f->slab[c].bytes, f->slab[c].free);
    ensures zero: zero_from(f->slab[c].base, o, o + f->stride);
*/
static inline void clear_object(struct fixalloc *f, size_t o) /*@ ghost (size_t c) */
{
    //@ ghost entry_is_valid(f, c);
    //@ assert slab: c < f->count && SLAB(f, c) && sizes(f->stride, f->align);
    fixslab_clear(&f->slab[f->current], o, f->stride, f->align);
    //@ assert sound: SLAB(f, c);
}

/* Makes the bytes of an object of the current slab zero. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires object: c == f->current < f->count && object_at(o, f->slab[c].fresh, f->stride);
    terminates \true; exits \false;
    assigns f->slab[c].base[o .. o + f->stride - 1] \from \nothing;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures used: all_in_use{Pre,Post}(f);
    ensures zero: zero_from(f->slab[c].base, o, o + f->stride);
*/
static void wipe(struct fixalloc *f, size_t o) /*@ ghost (size_t c) */
{
    //@ assert few: f->arena->count <= PERSIST_REGIONS;
    //@ ghost size_t n = f->count;
    clear_object(f, o) /*@ ghost (c) */;
    //@ assert still_valid: still_valid{Pre,Here};
    //@ assert fields: same_slabs{Pre,Here}(f, n, c);
    //@ assert place: place_of{Pre}(f, c);
    //@ assert unused: same_bytes{Pre,Here}(f->arena->base, 0, f->arena->off);
    //@ assert regions: regions(f->arena, f->arena->count);
    //@ assert same_arena: same_arena{Pre,Here}(f->arena);
    //@ assert sound: sound(f->arena);
    //@ assert arena: arena_of(f);
    //@ assert contents: same_contents{Pre,Here}(f, n, c);
    //@ assert kept: each_kept{Pre,Here}(f, n, c);
    //@ assert stacks_stay: stacks_stay{Pre,Here}(f, n, c);
    //@ assert slabs_stay: slabs_stay{Pre,Here}(f, n, c);
    //@ assert slabs: slabs(f, n);
    //@ assert places: places(f, n);
    //@ assert table: table(f);
    //@ assert stacks: same_stacks{Pre,Here}(f, n, c);
    //@ assert others: others_stay{Pre,Here}(f, c);
    //@ assert used: same_used{Pre,Here}(f);
    //@ assert names: all_names{Pre,Here}(f);
}

/* An object from the current slab's stack, with every byte zero. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires some: f->current < f->count && 0 < f->slab[f->current].free;
    terminates \true; exits \false;
    assigns f->slab[f->current].free, f->slab[f->current].fresh, f->slab[f->current].cut,
      f->slab[f->current].base[0 .. f->slab[f->current].bytes - 1] \from *f;
    assigns \result \from *f, f->slab[f->current].base[0 .. f->slab[f->current].bytes - 1];
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures object: aligned(\result, f->align) && \valid(\result + (0 .. f->stride - 1));
    ensures handed_out: handed_out{Pre,Post}(f, \result);
    ensures zeroed: zeroed(\result, f->stride);
*/
static char *take_cleared(struct fixalloc *f)
{
    char *object = hand_out(f);
    //@ ghost size_t c = f->current;
    //@ ghost table_at(f, c);
    //@ ghost base_is_valid(f, c);
    //@ ghost entry_is_valid(f, c);
    //@ assert place: 0 <= object - f->slab[c].base <= f->slab[c].bytes - f->stride;
    PERSIST_HANDED_OUT(object, f->stride); /* before it is written to */
    wipe(f, (size_t)(object - f->slab[f->current].base)) /*@ ghost (c) */;
    //@ assert at: each_at(object, f->slab[c].base, object - f->slab[c].base);
    return object;
}

/* A store through a caller's pointer, apart from the rest: the proof that it leaves the table alone
 * is made once. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena);
    terminates \true; exits \false;
    assigns *out \from object;
    ensures out: *out == object;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures used: all_in_use{Pre,Post}(f);
*/
static inline void give(struct fixalloc *f, void **out, void *object)
{
    (void)f; /* the contract's */
    //@ assert few: f->arena->count <= PERSIST_REGIONS;
    //@ ghost size_t n = f->count;
    *out = object;
    //@ assert pointers: pointers_but{Pre,Here}(out) && same_numbers{Pre,Here};
    //@ assert head: same_head{Pre,Here}(f) && f->current == \at(f->current,Pre);
    //@ assert fields: same_slabs{Pre,Here}(f, n, n);
    //@ assert first: same_slab{Pre,Here}(f, 0);
    //@ assert blocks: same_blocks{Pre,Here}(f, n);
    //@ assert arena_fields: same_fields{Pre,Here}(f->arena);
    //@ assert arena_regions: same_regions{Pre,Here}(f->arena, PERSIST_REGIONS);
    //@ assert same_arena: same_arena{Pre,Here}(f->arena);
    //@ assert same_chars: same_chars{Pre,Here} && still_valid{Pre,Here};
    //@ assert regions_stay: regions_stay{Pre,Here}(f->arena, f->arena->count);
    //@ assert regions: regions(f->arena, f->arena->count);
    //@ assert bytes: same_bytes{Pre,Here}(f->arena->base, 0, f->arena->off);
    //@ assert sound: sound(f->arena);
    //@ assert arena: arena_of(f);
    //@ assert slabs_stay: slabs_stay{Pre,Here}(f, n, n);
    //@ assert slabs: slabs(f, n);
    //@ assert places_stay: places_stay{Pre,Here}(f, n);
    //@ assert places: places(f, n);
    //@ assert pairs_stay: pairs_stay{Pre,Here}(f, n);
    //@ assert disjoint: disjoint(f, n);
    //@ assert table: table(f);
    //@ assert stacks: same_stacks{Pre,Here}(f, n, n);
    //@ assert others: others_stay{Pre,Here}(f, n);
    //@ assert used: same_used{Pre,Here}(f);
    //@ assert names: all_names{Pre,Here}(f);
}

/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires some: f->current < f->count &&
      (0 < f->slab[f->current].free || f->slab[f->current].fresh < f->slab[f->current].bytes);
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena);
    terminates \true; exits \false;
    assigns *out, *f
      \from *f, f->slab[f->current].base[0 .. f->slab[f->current].bytes - 1];
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures object: aligned((char *)*out, f->align) && \valid((char *)*out + (0 .. f->stride - 1));
    ensures handed_out: handed_out{Pre,Post}(f, (char *)*out);
    ensures zeroed: \old(f->slab[f->current].free) == 0 ==> zeroed((char *)*out, f->stride);
*/
static inline void serve(struct fixalloc *f, void **out)
{
    //@ ghost entry_is_valid(f, f->current);
    struct fixslab *s = &f->slab[f->current];
    char *object = hand_out(f);
    //@ assert object: handed_out{Pre,Here}(f, object);
    give(f, out, deliver(f, s, object));
}

/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires some: f->current < f->count && 0 < f->slab[f->current].free;
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena);
    terminates \true; exits \false;
    assigns *out, *f,
      f->slab[f->current].base[0 .. f->slab[f->current].bytes - 1]
      \from *f, f->slab[f->current].base[0 .. f->slab[f->current].bytes - 1];
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures object: aligned((char *)*out, f->align) && \valid((char *)*out + (0 .. f->stride - 1));
    ensures handed_out: handed_out{Pre,Post}(f, (char *)*out);
    ensures zeroed: zeroed((char *)*out, f->stride);
*/
static inline void serve_cleared(struct fixalloc *f, void **out)
{
    //@ ghost entry_is_valid(f, f->current);
    struct fixslab *s = &f->slab[f->current];
    char *object = take_cleared(f);
    //@ assert object: handed_out{Pre,Here}(f, object);
    give(f, out, deliver(f, s, object));
}

/* Makes a slab with an object to hand out the current one. A new slab's address passes through
 * *out. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *f, *out, *f->arena, SYSTEM_CHANGES, \result
      \from *f, *f->arena, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures used: all_in_use{Pre,Post}(f);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures room: \result == PERSIST_OK ==> f->current < f->count &&
      (0 < f->slab[f->current].free || f->slab[f->current].fresh < f->slab[f->current].bytes);
    ensures old: \result == PERSIST_OK && 0 < f->slab[f->current].free ==>
      BASE(f) == \old(f->slab[\at(f->current,Post)].base);
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
*/
static enum persist_status find_room(struct fixalloc *f, void **out)
{
    //@ assert few: f->count <= FIXALLOC_SLABS && f->current < FIXALLOC_SLABS;
    if (has_room(&f->slab[f->current])) {
        //@ assert some: f->current < f->count;
        return PERSIST_OK;
    }
    /*@ loop invariant range: 0 <= i <= f->count;
        loop assigns i; loop variant i; */
    for (size_t i = f->count; i > 0; i--) {
        if (has_room(&f->slab[i - 1u])) {
            turn_to(f, i - 1u);
            //@ assert names: all_names{Pre,Here}(f);
            return PERSIST_OK;
        }
    }
    return grow(f, out);
}

/* Out of the way of the fast path, which is to need no stack frame. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *f, *out, *f->arena, SYSTEM_CHANGES, \result
      \from *f, *f->arena, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures object: \result == PERSIST_OK ==> aligned((char *)*out, f->align) &&
      \valid((char *)*out + (0 .. f->stride - 1));
    ensures handed_out: \result == PERSIST_OK ==> handed_out{Pre,Post}(f, (char *)*out);
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
    ensures used: \result != PERSIST_OK ==> all_in_use{Pre,Post}(f);
*/
static __attribute__((noinline)) enum persist_status search(struct fixalloc *f, void **out)
{
    enum persist_status status = find_room(f, out);
    if (status == PERSIST_OK) {
        //@ assert index: f->current < FIXALLOC_SLABS;
        serve(f, out);
        //@ assert handed_out: handed_out{Pre,Here}(f, (char *)*out);
    }
    return status;
}

enum persist_status fixalloc_alloc(struct fixalloc *f, void **out)
{
    //@ assert few: f->current < FIXALLOC_SLABS;
    //@ ghost entry_is_valid(f, f->current);
    struct fixslab *s = &f->slab[f->current];
    if (s->free == 0) {
        return search(f, out);
    }
    char *object = hand_out(f);
    //@ assert object: handed_out{Pre,Here}(f, object);
    give(f, out, deliver(f, s, object));
    return PERSIST_OK;
}

enum persist_status fixalloc_zalloc(struct fixalloc *f, void **out)
{
    enum persist_status status = find_room(f, out);
    if (status != PERSIST_OK) {
        return status;
    }
    //@ assert index: f->current < FIXALLOC_SLABS;
    //@ ghost entry_is_valid(f, f->current);
    if (f->slab[f->current].free == 0) {
        serve(f, out);
        //@ assert fresh: handed_out{Pre,Here}(f, (char *)*out);
        /*@ assert same: f->stride == \at(f->stride,Pre) && f->align == \at(f->align,Pre) &&
              f->arena == \at(f->arena,Pre); */
        return PERSIST_OK;
    }
    //@ ghost table_at(f, f->current);
    //@ assert old: BASE(f) == \at(f->slab[\at(f->current,Here)].base,Pre);
    serve_cleared(f, out);
    //@ assert cleared: handed_out{Pre,Here}(f, (char *)*out);
    /*@ assert still_same: f->stride == \at(f->stride,Pre) && f->align == \at(f->align,Pre) &&
          f->arena == \at(f->arena,Pre); */
    return PERSIST_OK;
}

/* ---- taking back ---- */

/* The slab that an object stands in, from the largest down; FIXALLOC_SLABS if there is none. */
/*@ requires f: \valid_read(f) && f->count <= FIXALLOC_SLABS;
    requires bases: bases(f, f->count);
    terminates \true; exits \false;
    assigns \result \from *f, address;
    behavior held:
      assumes !outside(f, address);
      ensures holder: holds(f, \result, address);
      ensures largest: \forall integer i; \result < i ==> !holds(f, i, address);
    behavior foreign:
      assumes outside(f, address);
      ensures none: \result == FIXALLOC_SLABS;
    complete behaviors; disjoint behaviors;
*/
static __attribute__((noinline)) size_t find_holder(const struct fixalloc *f, uintptr_t address)
{
    /*@ loop invariant range: 0 <= i <= f->count;
        loop invariant none: \forall integer j; i <= j ==> !holds(f, j, address);
        loop assigns i; loop variant i; */
    for (size_t i = f->count; i > 0; i--) {
        //@ assert base: good_base(f, i - 1);
        if (fixslab_holds(&f->slab[i - 1u], address)) {
            //@ assert found: holds(f, i - 1, address);
            return i - 1u;
        }
    }
    return FIXALLOC_SLABS;
}

/*@ requires slab: \valid(s) && SLAB_OF(s, stride, align) && sizes(stride, align);
    requires used: used_in(s->base, s->bytes, s->fresh, s->free, stride, o);
    terminates \true; exits \false;
    assigns s->free, s->base[s->bytes .. SPAN(s, stride) - 1] \from s->free, o;
    ensures slab: SLAB_OF(s, stride, align);
    ensures one_more: s->free == \old(s->free) + 1;
    ensures now_free: now_used{Post,Pre}(s->base, s->bytes, s->fresh, \old(s->fresh), s->free,
                                         \old(s->free), stride, o);
*/
static inline void give_back(struct fixslab *s, size_t o, size_t stride, size_t align)
{
    //@ assert sizes: slab_sizes(s->bytes, MOST(s, stride), s->fresh, s->cut, s->free, stride);
    //@ ghost room_for_used(s->base, s->bytes, s->free, s->fresh, s->cut, stride, o);
    fixslab_give_back(s, o, stride, align);
    //@ assert slab: SLAB_OF(s, stride, align);
}

/*@ requires f: \valid(f) && table(f);
    requires used: c == f->current && used(f, c, o);
    terminates \true; exits \false;
    assigns f->slab[c].free, f->slab[c].base[f->slab[c].bytes .. SPAN(&f->slab[c], f->stride) - 1]
      \from *f, o;
    ensures one_slab: one_slab{Pre,Post}(f, c);
    ensures bytes: chars_but{Pre,Post}(f->slab[c].base, span(f->slab[c].bytes, f->stride));
    ensures slab: slab_of(f, c);
    ensures now_free: now_used{Post,Pre}(f->slab[c].base, f->slab[c].bytes, f->slab[c].fresh,
                                         \old(f->slab[c].fresh), f->slab[c].free,
                                         \old(f->slab[c].free), f->stride, o);
*/
static inline void push_object(struct fixalloc *f, size_t o) /*@ ghost (size_t c) */
{
    //@ ghost entry_is_valid(f, c);
    //@ assert slab: c < f->count <= FIXALLOC_SLABS && SLAB(f, c) && sizes(f->stride, f->align);
    give_back(&f->slab[f->current], o, f->stride, f->align);
    //@ assert sound: SLAB(f, c);
}

/* Takes back an object of the current slab. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires used: c == f->current && used(f, c, o);
    terminates \true; exits \false;
    assigns f->slab[c].free, f->slab[c].base[f->slab[c].bytes .. SPAN(&f->slab[c], f->stride) - 1]
      \from *f, o;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures free: !used(f, c, o);
    ensures others: same_others{Pre,Post}(f, c, o);
    ensures slabs: same_slabs{Pre,Post}(f, f->count, c) && same_blocks{Pre,Post}(f, f->count);
    ensures fresh: f->slab[c].fresh == \old(f->slab[c].fresh);
*/
static inline void take_back(struct fixalloc *f, size_t o) /*@ ghost (size_t c) */
{
    //@ assert few: f->arena->count <= PERSIST_REGIONS;
    //@ ghost size_t n = f->count;
    //@ assert sizes: c < n <= FIXALLOC_SLABS && sizes(f->stride, f->align);
    push_object(f, o) /*@ ghost (c) */;
    //@ assert one_slab: one_slab{Pre,Here}(f, c) && same_pointers{Pre,Here};
    //@ assert head: same_head{Pre,Here}(f) && f->current == c;
    //@ assert still_valid: still_valid{Pre,Here};
    //@ assert fields: same_slabs{Pre,Here}(f, n, c);
    //@ assert blocks: same_blocks{Pre,Here}(f, n);
    //@ assert allocator: one_allocator{Pre,Here}(f) && pointers_of{Pre,Here}(f);
    //@ assert same_arena: same_arena{Pre,Here}(f->arena);
    //@ assert regions: regions(f->arena, f->arena->count);
    //@ assert place: place_of{Pre}(f, c);
    //@ assert unused: same_bytes{Pre,Here}(f->arena->base, 0, f->arena->off);
    //@ assert sound: sound(f->arena);
    //@ assert arena: arena_of(f);
    //@ assert contents: same_contents{Pre,Here}(f, n, c);
    //@ assert kept: each_kept{Pre,Here}(f, n, c);
    //@ assert slabs_stay: slabs_stay{Pre,Here}(f, n, c);
    //@ assert slabs: slabs(f, n);
    //@ assert places_stay: places_stay{Pre,Here}(f, n);
    //@ assert places: places(f, n);
    //@ assert pairs_stay: pairs_stay{Pre,Here}(f, n);
    //@ assert disjoint: disjoint(f, n);
    //@ assert table: table(f);
    //@ assert stacks_stay: stacks_stay{Pre,Here}(f, n, c);
    //@ assert stacks: same_stacks{Pre,Here}(f, n, c);
    //@ assert others: others_stay{Pre,Here}(f, c);
    //@ assert free: !used(f, c, o) && same_others{Here,Pre}(f, c, o);
}

/* Takes an object of a slab back. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires used: named(f, object, h, o);
    terminates \true; exits \false;
    assigns f->current, f->slab[h].free,
      f->slab[h].base[f->slab[h].bytes .. SPAN(&f->slab[h], f->stride) - 1] \from *f, h, o;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures free: !in_use(f, object);
    ensures others: same_in_use{Pre,Post}(f, object);
*/
static inline void return_object(struct fixalloc *f, size_t h, size_t o)
/*@ ghost (char *object) */
{
    turn_to(f, h);
    //@ assert used: used(f, h, o);
    take_back(f, o) /*@ ghost (h) */;
    //@ assert others: same_others{Pre,Here}(f, h, o);
    //@ assert blocks: same_blocks{Pre,Here}(f, f->count);
    //@ assert same_names: same_names{Pre,Here}(f, object);
    //@ assert held: held(f, object, h, o);
    //@ ghost only_here(f, object, h, o);
}

enum fixalloc_status fixalloc_free(struct fixalloc *f, void *object)
{
    uintptr_t address = (uintptr_t)object;
    size_t holder = f->current;
    //@ assert few: f->count <= FIXALLOC_SLABS && holder < FIXALLOC_SLABS;
    //@ assert bases: bases(f, f->count);
    //@ assert current: f->count != 0 ==> good_base(f, holder);
    //@ ghost not_outside(f, (char *)object);
    //@ ghost entry_is_valid(f, holder);
    if (!fixslab_holds(&f->slab[holder], address)) {
        holder = find_holder(f, address);
        if (holder == FIXALLOC_SLABS) {
            return FIXALLOC_FOREIGN;
        }
    }
    //@ assert holds: holds(f, holder, address);
    //@ ghost entry_is_valid(f, holder);
    //@ ghost base_is_valid(f, holder);
    struct fixslab *s = &f->slab[holder];
    size_t offset = (size_t)(address - (uintptr_t)s->base);
    //@ assert inside: 0 <= address - (uintptr_t)f->slab[holder].base < f->slab[holder].fresh;
    //@ assert offset: offset == address - (uintptr_t)f->slab[holder].base;
    //@ ghost held_here(f, (char *)object, holder, offset);
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
    return_object(f, holder, offset) /*@ ghost ((char *)object) */;
    PERSIST_UNUSED(object, f->stride);
    return FIXALLOC_OK;
}

/* ---- counting ---- */

/*@ ghost
    /@ requires slabs: \valid_read(f) && f->count <= FIXALLOC_SLABS && slabs(f, f->count);
       requires index: i < f->count;
       terminates \true; exits \false;
       assigns \nothing;
       ensures numbers: 0 <= f->slab[i].free <= f->slab[i].cut;
       ensures counted: some_in_use(f, i) == f->slab[i].cut - f->slab[i].free;
    @/
    static inline void slab_counts(const struct fixalloc *f, size_t i)
    {
        /@ assert slab: slab_of(f, i) && SLAB(f, i); @/
        used_are_cut_less_free(f->slab[i].base, f->slab[i].bytes, f->slab[i].fresh, f->slab[i].cut,
                               f->slab[i].free, f->stride, f->align);
    }
*/

size_t fixalloc_in_use(const struct fixalloc *f)
{
    size_t used = 0;
    //@ assert few: f->count <= FIXALLOC_SLABS && slabs(f, f->count);
    /*@ loop invariant range: 0 <= i <= f->count;
        loop invariant sum: used == many_in_use(f, i) ||
          (used == SIZE_MAX && many_in_use(f, i) > SIZE_MAX);
        loop assigns i, used; loop variant f->count - i; */
    for (size_t i = 0; i < f->count; i++) {
        //@ ghost slab_counts(f, i);
        size_t here = f->slab[i].cut - f->slab[i].free;
        //@ assert next: many_in_use(f, i + 1) == many_in_use(f, i) + here;
        used += smaller(here, SIZE_MAX - used);
    }
    return used;
}
