/* The arena: the proved core. No lock, no global state, no throw, nothing of the system but the one
 * call in sys.h. Memory is handed out from the top of the current region downwards on an integer
 * offset: one comparison decides, and nothing can wrap. */
#include "persist.h"

#include "refill.h"
#include "sys.h"

#define SIZE_BITS (8u * (unsigned)sizeof(size_t))

/* The base-2 logarithm of `align`, or SIZE_BITS. */
/*@ terminates \true; exits \false;
    assigns \result \from align;
    ensures small: \result <= PERSIST_MAX_SHIFT ==> small_power(align);
    ensures large: PERSIST_MAX_SHIFT < \result < SIZE_BITS ==> align > PERSIST_MAX_ALIGN;
    behavior power:
      assumes power_of_two(align);
      ensures found: \result < SIZE_BITS && align == (1 << \result);
    behavior none:
      assumes !power_of_two(align);
      ensures none: \result == SIZE_BITS;
    complete behaviors; disjoint behaviors;
*/
static unsigned log2_exact(size_t align)
{
    unsigned shift = 0;
    /*@ loop invariant range: 0 <= shift <= SIZE_BITS;
        loop invariant tried: \forall integer j; 0 <= j < shift ==> align != (1 << j);
        loop invariant large: PERSIST_MAX_SHIFT < shift ==> (1 << shift) >= 8192;
        loop invariant positive: shift < SIZE_BITS ==> 1 <= (1 << (SIZE_BITS - 1 - shift));
        loop invariant top: shift < SIZE_BITS ==>
          (1 << shift) * (1 << (SIZE_BITS - 1 - shift)) == SIZE_MAX / 2 + 1;
        loop invariant fits: shift < SIZE_BITS ==> 1 <= (1 << shift) <= SIZE_MAX / 2 + 1;
        loop assigns shift; loop variant SIZE_BITS - shift; */
    while (shift < SIZE_BITS && (size_t)1 << shift != align) {
        //@ assert next: ((1 << shift) << 1) == (1 << (shift + 1));
        //@ assert twice: (1 << (shift + 1)) == 2 * (1 << shift);
        //@ assert page: shift == PERSIST_MAX_SHIFT ==> (1 << shift) == PERSIST_MAX_ALIGN;
        //@ assert back: shift < SIZE_BITS - 1 ==> ((1 << (SIZE_BITS - 2 - shift)) << 1) == (1 << (SIZE_BITS - 1 - shift));
        //@ assert half: shift < SIZE_BITS - 1 ==> (1 << (SIZE_BITS - 1 - shift)) == 2 * (1 << (SIZE_BITS - 2 - shift));
        //@ assert top: shift < SIZE_BITS - 1 ==> (2 * (1 << shift)) * (1 << (SIZE_BITS - 2 - shift)) == SIZE_MAX / 2 + 1;
        shift++;
    }
    //@ assert s0: shift == 0 ==> align == 1;
    //@ assert s1: shift == 1 ==> align == 2;
    //@ assert s2: shift == 2 ==> align == 4;
    //@ assert s3: shift == 3 ==> align == 8;
    //@ assert s4: shift == 4 ==> align == 16;
    //@ assert s5: shift == 5 ==> align == 32;
    //@ assert s6: shift == 6 ==> align == 64;
    //@ assert s7: shift == 7 ==> align == 128;
    //@ assert s8: shift == 8 ==> align == 256;
    //@ assert s9: shift == 9 ==> align == 512;
    //@ assert s10: shift == 10 ==> align == 1024;
    //@ assert s11: shift == 11 ==> align == 2048;
    //@ assert s12: shift == 12 ==> align == 4096;
    return shift;
}

enum persist_status persist_check_align(size_t align, unsigned *shift)
{
    unsigned found = log2_exact(align);
    if (found == SIZE_BITS) {
        return PERSIST_NOT_POWER_OF_TWO;
    }
    if (found > PERSIST_MAX_SHIFT) {
        return PERSIST_ALIGN_TOO_LARGE;
    }
    *shift = found;
    return PERSIST_OK;
}

size_t persist_room(const struct persist_arena *arena)
{
    size_t most = PERSIST_MOST - arena->withheld;
    return arena->granted < most ? most - arena->granted : 0;
}

/*@ requires most: granted <= PERSIST_MOST && 0 < size <= PERSIST_MOST;
    terminates \true; exits \false;
    assigns \result \from granted, size;
    ensures rule: \result == growth(granted, size);
    ensures enough: size <= \result;
*/
static size_t growth(size_t granted, size_t size)
{
    size_t want = granted / 8u;
    if (want < PERSIST_CHUNK) {
        want = PERSIST_CHUNK;
    }
    if (want < size) {
        want = size;
    }
    return want + (PERSIST_MAX_ALIGN - 1u - (want - 1u) % PERSIST_MAX_ALIGN);
}

size_t persist_wanted(const struct persist_arena *arena, size_t size, size_t room)
{
    if (arena->count == PERSIST_REGIONS || size > room) {
        return 0;
    }
    size_t want = growth(arena->granted, size);
    return want < room ? want : room;
}

/*@ requires grant: grant != \null && 0 <= (uintptr_t)grant <= UINTPTR_MAX;
    terminates \true; exits \false;
    assigns \result \from grant, granted, wanted, size;
    ensures exact: \result != 0 <==> good_answer(grant, granted, size, wanted);
*/
static int good_grant(const char *grant, size_t granted, size_t wanted, size_t size)
{
    return size <= granted && granted <= wanted && (uintptr_t)grant % PERSIST_MAX_ALIGN == 0 &&
           (uintptr_t)grant <= UINTPTR_MAX - granted;
}

/*@ requires arena: \valid(arena) && regions(arena, arena->count);
    requires slot: 0 <= arena->count < PERSIST_REGIONS;
    requires memory: memory(base, size);
    terminates \true; exits \false;
    assigns arena->region[arena->count].base, arena->region[arena->count].end
      \from arena->count, base, size;
    ensures regions: regions(arena, arena->count + 1);
    ensures same_regions: same_regions{Pre,Post}(arena, arena->count);
    ensures same_base: arena->base == \old(arena->base);
    ensures entry: entry(arena, arena->count, base, size);
*/
static void record(struct persist_arena *arena, char *base, size_t size)
{
    struct persist_region *region = &arena->region[arena->count];
    region->base = base;
    region->end = base + size;
    //@ assert same: same_regions{Pre,Here}(arena, arena->count);
    //@ assert last: region(arena->region[arena->count].base, arena->region[arena->count].end);
}

/* After the request itself: what a fork sees of another thread's arena is counted too low, if at all. */
/*@ requires arena: \valid(arena);
    requires sum: arena->large * PERSIST_LARGE + size <= arena->requested;
    terminates \true; exits \false;
    assigns arena->large \from arena->large, size;
    ensures counted: arena->large == \old(arena->large) + (size >= 65536 ? 1 : 0);
*/
static void count_large(struct persist_arena *arena, size_t size)
{
    if (size >= PERSIST_LARGE) {
        PERSIST_STORE(arena->large, arena->large + 1u);
    }
}

/* A new region that would leave less than the current one has: used for this block alone. */
/*@ requires arena: \valid(arena) && sound(arena);
    requires slot: arena->count < PERSIST_REGIONS;
    requires sum: arena->granted + granted <= PERSIST_MOST;
    requires region: memory(grant, granted) && zeroed(grant, granted);
    requires apart: apart_from_regions(arena, arena->count, grant, granted);
    requires size: 0 < size <= granted;
    requires less: granted - size < arena->off;
    requires shift: shift <= PERSIST_MAX_SHIFT;
    terminates \true; exits \false;
    assigns arena->region[arena->count].base, arena->region[arena->count].end, arena->count,
      arena->granted, arena->tail, arena->requested, arena->large
      \from arena->count, arena->granted, arena->tail, arena->requested, arena->large,
        grant, granted, size;
    assigns \result \from grant;
    ensures block: \result == grant;
    ensures sound: sound(arena);
    ensures served: served(arena, grant, size, 1 << shift);
    ensures booked: booked{Pre,Post}(arena, size, 1 << shift);
    ensures served_from: served_from{Pre,Post}(arena, grant, size, grant, granted);
    ensures same_regions: same_regions{Pre,Post}(arena, \old(arena->count));
    ensures same_base: arena->base == \old(arena->base);
*/
static void *serve_whole(struct persist_arena *arena, char *grant, size_t granted,
                         size_t size) /*@ ghost (unsigned shift) */
{
    //@ assert sums: arena->requested + arena->tail + arena->off <= arena->granted;
    //@ assert large: 0 <= arena->large && arena->large * PERSIST_LARGE <= arena->requested;
    //@ ghost page_is_aligned((uintptr_t)grant, shift);
    //@ assert zeroed: zeroed(grant, size);
    /*@ assert current: apart(grant, granted, arena->region[arena->current].base,
          arena->region[arena->current].end - arena->region[arena->current].base); */
    //@ assert given_up: apart(grant, size, arena->base, arena->off);
    record(arena, grant, granted);
    arena->count += 1u;
    arena->granted += granted;
    arena->tail += granted - size;
    PERSIST_STORE(arena->requested, arena->requested + size);
    count_large(arena, size);
    PERSIST_HANDED_OUT(grant, size);
    /*@ assert same: arena->region[arena->current].base == arena->base &&
          arena->region[arena->current].end == \at(arena->region[arena->current].end,Pre); */
    //@ assert books: SHAPED(arena) && BALANCED(arena) && COUNTED_LARGE(arena);
    //@ assert padding: padding(arena) == padding{Pre}(arena);
    return grant;
}

/* A store of a pointer beside the table of pointers: that it leaves the table alone is proved once. */
/*@ requires arena: \valid(arena);
    terminates \true; exits \false;
    assigns arena->base \from base;
    ensures base: arena->base == base;
    ensures same_regions: same_regions{Pre,Post}(arena, PERSIST_REGIONS);
*/
static void set_base(struct persist_arena *arena, char *base)
{
    arena->base = base;
}

/*@ requires arena: \valid(arena) && regions(arena, arena->count);
    requires slot: 0 <= arena->count < PERSIST_REGIONS;
    requires memory: memory(grant, granted);
    requires sums: arena->granted + granted <= PERSIST_MOST && arena->tail + arena->off <= PERSIST_MOST;
    terminates \true; exits \false;
    assigns arena->base, arena->off, arena->current, arena->granted, arena->tail, arena->count,
      arena->region[arena->count].base, arena->region[arena->count].end
      \from arena->off, arena->granted, arena->tail, arena->count, grant, granted;
    ensures regions: regions(arena, arena->count);
    ensures entry: entry(arena, arena->current, grant, granted);
    ensures same_regions: same_regions{Pre,Post}(arena, \old(arena->count));
    ensures base: arena->base == grant;
    ensures off: arena->off == granted;
    ensures current: arena->current == \old(arena->count);
    ensures sums: arena->count == \old(arena->count) + 1 &&
      arena->granted == \old(arena->granted) + granted &&
      arena->tail == \old(arena->tail) + \old(arena->off);
*/
static void make_current(struct persist_arena *arena, char *grant, size_t granted)
{
    record(arena, grant, granted);
    set_base(arena, grant);
    arena->current = arena->count;
    arena->count += 1u;
    arena->granted += granted;
    arena->tail += arena->off;
    PERSIST_STORE(arena->off, granted);
}

void *persist_serve(struct persist_arena *arena, size_t size, unsigned shift)
{
    void *block = persist_bump(arena, size, shift);
    count_large(arena, size);
    //@ ghost is_sound(arena);
    return block;
}

/* A new region that becomes the current one, whose rest is given up. */
/*@ requires arena: \valid(arena) && sound(arena);
    requires slot: arena->count < PERSIST_REGIONS;
    requires sum: arena->granted + granted <= PERSIST_MOST;
    requires region: memory(grant, granted) && zeroed(grant, granted);
    requires apart: apart_from_regions(arena, arena->count, grant, granted);
    requires size: 0 < size <= granted;
    requires more: arena->off <= granted - size;
    requires shift: shift <= PERSIST_MAX_SHIFT;
    terminates \true; exits \false;
    assigns arena->base, arena->off, arena->current, arena->requested, arena->granted, arena->tail,
      arena->large, arena->count, arena->region[arena->count].base,
      arena->region[arena->count].end, \result
      \from *arena, grant, granted, size, shift;
    ensures sound: sound(arena);
    ensures served: served(arena, (char *)\result, size, 1 << shift);
    ensures overlaps_nothing: clear(grant, granted) ==> clear((char *)\result, size);
    ensures booked: booked{Pre,Post}(arena, size, 1 << shift);
    ensures served_from: served_from{Pre,Post}(arena, (char *)\result, size, grant, granted);
    ensures same_regions: same_regions{Pre,Post}(arena, \old(arena->count));
    ensures same_tail: \old(arena->off) == 0 ==> arena->tail == \old(arena->tail);
*/
static void *serve_current(struct persist_arena *arena, char *grant, size_t granted, size_t size,
                           unsigned shift)
{
    //@ assert sums: arena->requested + arena->tail + arena->off <= arena->granted;
    //@ assert large: 0 <= arena->large && arena->large * PERSIST_LARGE <= arena->requested;
    make_current(arena, grant, granted);
    //@ assert books: SHAPED(arena) && BALANCED(arena) && COUNTED_LARGE(arena);
    //@ assert padding: padding(arena) == padding{Pre}(arena);
    /*@ assert counts: arena->requested == \at(arena->requested,Pre) &&
          arena->large == \at(arena->large,Pre); */
    void *block = persist_serve(arena, size, shift);
    //@ assert entry: entry(arena, \at(arena->count,Pre), grant, granted);
    return block;
}

/*@ requires arena: \valid(arena) && sound(arena);
    requires slot: arena->count < PERSIST_REGIONS;
    requires sum: arena->granted + granted <= PERSIST_MOST;
    requires region: memory(grant, granted) && zeroed(grant, granted);
    requires apart: apart_from_regions(arena, arena->count, grant, granted);
    requires size: 0 < size <= granted;
    requires shift: shift <= PERSIST_MAX_SHIFT;
    terminates \true; exits \false;
    assigns arena->base, arena->off, arena->current, arena->requested, arena->granted, arena->tail,
      arena->large, arena->count, arena->region[arena->count].base,
      arena->region[arena->count].end, \result
      \from *arena, grant, granted, size, shift;
    ensures sound: sound(arena);
    ensures served: served(arena, (char *)\result, size, 1 << shift);
    ensures overlaps_nothing: clear(grant, granted) ==> clear((char *)\result, size);
    ensures stays_clear: \old(unused_clear(arena)) && clear(grant, granted) ==> unused_clear(arena);
    ensures booked: booked{Pre,Post}(arena, size, 1 << shift);
    ensures served_from: served_from{Pre,Post}(arena, (char *)\result, size, grant, granted);
    ensures same_regions: same_regions{Pre,Post}(arena, \old(arena->count));
    ensures same_tail: \old(arena->off) == 0 ==> arena->tail == \old(arena->tail);
*/
static void *serve_grant(struct persist_arena *arena, char *grant, size_t granted, size_t size,
                         unsigned shift)
{
    if (granted - size < arena->off) {
        return serve_whole(arena, grant, granted, size) /*@ ghost (shift) */;
    }
    return serve_current(arena, grant, granted, size, shift);
}

struct persist_reply persist_accept(struct persist_arena *arena, char *grant, size_t granted,
                                    size_t wanted, size_t size, unsigned shift)
{
    if (grant == NULL) {
        return (struct persist_reply){PERSIST_NO_MEMORY, NULL};
    }
    if (!good_grant(grant, granted, wanted, size)) {
        return (struct persist_reply){PERSIST_BAD_MEMORY, NULL};
    }
    PERSIST_UNUSED(grant, granted);
    return (struct persist_reply){PERSIST_OK, serve_grant(arena, grant, granted, size, shift)};
}

/* Counts the failure, and is it. */
/*@ requires arena: \valid(arena) && sound(arena);
    requires status: 0 < status < PERSIST_STATUSES;
    terminates \true; exits \false;
    assigns arena->failures[1], arena->failures[2], arena->failures[3], arena->failures[4]
      \from arena->failures[1 .. 4], status;
    assigns \result \from status;
    ensures status: \result.status == status && \result.block == \null;
    ensures sound: sound(arena);
    ensures failure_counted: failure_counted{Pre,Post}(arena, status);
*/
static __attribute__((noinline)) struct persist_reply fail(struct persist_arena *arena,
                                                           enum persist_status status)
{
    if (arena->failures[status] < SIZE_MAX) {
        PERSIST_STORE(arena->failures[status], arena->failures[status] + 1u);
    }
    //@ assert balance: BALANCED(arena);
    return (struct persist_reply){status, NULL};
}

/*@ requires arena: \valid(arena) && sound(arena);
    requires size: arena->off < size && shift <= PERSIST_MAX_SHIFT;
    terminates \true; exits \false;
    assigns arena->base, arena->off, arena->current, arena->requested, arena->granted, arena->tail,
      arena->large, arena->count, NEXT_ENTRY(arena).base, NEXT_ENTRY(arena).end,
      arena->failures[1], arena->failures[2], arena->failures[3], arena->failures[4],
      sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size, \result
      \from *arena, size, shift, sys_next, sys_next_size;
    ensures sound: sound(arena);
    ensures served: \result.status == PERSIST_OK ==> served(arena, (char *)\result.block, size, 1 << shift);
    ensures overlaps_nothing: \result.status == PERSIST_OK ==>
      \old(unused_clear(arena)) ==> clear((char *)\result.block, size);
    ensures stays_clear: \old(unused_clear(arena)) ==> unused_clear(arena);
    ensures booked: \result.status == PERSIST_OK ==> booked{Pre,Post}(arena, size, 1 << shift);
    ensures same_regions: same_regions{Pre,Post}(arena, \old(arena->count));
    ensures failed: \result.status != PERSIST_OK ==> \result.block == \null && SAME_BOOKS(arena) &&
      failure_counted{Pre,Post}(arena, \result.status);
    behavior no_room:
      assumes !asks(arena, size);
      ensures not_asked: \result.status == PERSIST_NO_MEMORY && not_asked{Pre,Post};
    behavior refused:
      assumes asks(arena, size) && sys_next == \null;
      ensures asked_once: \result.status == PERSIST_NO_MEMORY &&
        asked_once{Pre,Post}(size, \old(wanted(arena, size, room(arena))));
    behavior bad_memory:
      assumes asks(arena, size) && sys_next != \null && !answered(arena, size);
      ensures asked_once: \result.status == PERSIST_BAD_MEMORY &&
        asked_once{Pre,Post}(size, \old(wanted(arena, size, room(arena))));
    behavior granted:
      assumes asks(arena, size) && answered(arena, size);
      ensures asked_once: \result.status == PERSIST_OK &&
        asked_once{Pre,Post}(size, \old(wanted(arena, size, room(arena))));
      ensures served_from:
        served_from{Pre,Post}(arena, (char *)\result.block, size, \old(sys_next), \old(sys_next_size));
      ensures within_limit: arena->granted <= PERSIST_MOST - arena->withheld;
      ensures grant_apart:
        apart_from_regions(arena, \old(arena->count), \old(sys_next), \old(sys_next_size));
    complete behaviors; disjoint behaviors;
*/
static struct persist_reply refill(struct persist_arena *arena, size_t size, unsigned shift)
{
    size_t wanted = persist_wanted(arena, size, persist_room(arena));
    size_t granted = 0;
    if (wanted < size) {
        return fail(arena, PERSIST_NO_MEMORY);
    }
    //@ assert within_limit: arena->granted + wanted <= PERSIST_MOST - arena->withheld;
    char *grant = sys_alloc(size, wanted, &granted) /*@ ghost (arena) */;
    /*@ assert apart: good_answer(grant, granted, size, wanted) ==>
          apart_from_regions(arena, arena->count, grant, granted); */
    /*@ assert apart_before: good_answer(grant, granted, size, wanted) ==>
          \forall integer i; 0 <= i < \at(arena->count,Pre) ==> apart(grant, granted, \at(arena->region[i].base,Pre),
            \at(arena->region[i].end,Pre) - \at(arena->region[i].base,Pre)); */
    struct persist_reply reply = persist_accept(arena, grant, granted, wanted, size, shift);
    //@ assert same: same_regions{Pre,Here}(arena, \at(arena->count,Pre));
    /*@ assert still_apart: good_answer(grant, granted, size, wanted) ==>
          apart_from_regions(arena, \at(arena->count,Pre), grant, granted); */
    if (reply.status != PERSIST_OK) {
        //@ assert same_failures: same_failures{Pre,Here}(arena);
        return fail(arena, reply.status);
    }
    return reply;
}

struct persist_reply persist_arena_alloc_slow(struct persist_arena *arena, size_t size,
                                              size_t align)
{
    unsigned shift = 0;
    size_t length = persist_length(size);
    enum persist_status status = persist_check_align(persist_alignment(align), &shift);
    if (status != PERSIST_OK) {
        return fail(arena, status);
    }
    if (length > arena->off) {
        return refill(arena, length, shift);
    }
    return (struct persist_reply){PERSIST_OK, persist_serve(arena, length, shift)};
}

int persist_arena_contains(const struct persist_arena *arena, const void *address)
{
    uintptr_t x = (uintptr_t)address;
    size_t i = 0;
    /*@ loop invariant range: 0 <= i <= arena->count;
        loop invariant outside: \forall integer j; 0 <= j < i ==> !in_region(arena, j, x);
        loop assigns i; loop variant arena->count - i; */
    while (i < arena->count) {
        //@ assert region: region(arena->region[i].base, arena->region[i].end);
        //@ assert base: \valid(arena->region[i].base + 0);
        if ((uintptr_t)arena->region[i].base <= x && x < (uintptr_t)arena->region[i].end) {
            //@ assert inside: in_region(arena, i, x);
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

/*@ requires arena: \valid_read(arena);
    requires stats: \valid(stats) && \separated(stats, arena);
    terminates \true; exits \false;
    assigns stats->failures[0 .. 4] \from arena->failures[0 .. 4];
    ensures failures:
      \forall integer i; 0 <= i < 5 ==> stats->failures[i] == arena->failures[i];
*/
static void copy_failures(const struct persist_arena *arena, struct persist_stats *stats)
{
    /*@ loop invariant range: 0 <= i <= PERSIST_STATUSES;
        loop invariant copied:
          \forall integer j; 0 <= j < i ==> stats->failures[j] == arena->failures[j];
        loop assigns i, stats->failures[0 .. PERSIST_STATUSES - 1];
        loop variant PERSIST_STATUSES - i; */
    for (unsigned i = 0; i < PERSIST_STATUSES; i++) {
        stats->failures[i] = arena->failures[i];
    }
}

/*@ requires arena: \valid_read(arena) && BALANCED(arena);
    requires stats: \valid(stats) && \separated(stats, arena);
    terminates \true; exits \false;
    assigns stats->requested, stats->tail, stats->free, stats->granted, stats->padding \from *arena;
    ensures balance: stats->requested + stats->padding + stats->tail + stats->free == stats->granted;
    ensures requested: stats->requested == arena->requested;
    ensures tail: stats->tail == arena->tail;
    ensures free: stats->free == arena->off;
    ensures granted: stats->granted == arena->granted;
*/
static void copy_sums(const struct persist_arena *arena, struct persist_stats *stats)
{
    stats->requested = arena->requested;
    stats->tail = arena->tail;
    stats->free = arena->off;
    stats->granted = arena->granted;
    stats->padding = arena->granted - arena->tail - arena->off - arena->requested;
}

/*@ requires arena: \valid_read(arena);
    requires stats: \valid(stats) && \separated(stats, arena);
    terminates \true; exits \false;
    assigns stats->regions, stats->large \from arena->count, arena->large;
    ensures counts: stats->regions == arena->count && stats->large == arena->large;
*/
static void copy_counts(const struct persist_arena *arena, struct persist_stats *stats)
{
    stats->regions = arena->count;
    stats->large = arena->large;
}

void persist_arena_stats(const struct persist_arena *arena, struct persist_stats *stats)
{
    copy_sums(arena, stats);
    copy_counts(arena, stats);
    copy_failures(arena, stats);
}
