/* The steps of a refill, for the two who compose them: the core (persist.c) and the process-wide
 * layer (persistentalloc.c), which takes them with its lock released around the system's call. */
#ifndef PERSIST_REFILL_H
#define PERSIST_REFILL_H

#include "persist.h"

/* Decides an alignment (not 0): PERSIST_OK and its base-2 logarithm in *shift, or what is wrong. */
/*@ requires shift: \valid(shift);
    terminates \true; exits \false;
    assigns \result, *shift \from align, *shift;
    behavior good:
      assumes power_of_two(align) && align <= 4096;
      ensures status: \result == PERSIST_OK;
      ensures shift: *shift <= PERSIST_MAX_SHIFT && align == (1 << *shift);
    behavior too_large:
      assumes power_of_two(align) && align > 4096;
      ensures status: \result == PERSIST_ALIGN_TOO_LARGE;
    behavior no_power:
      assumes !power_of_two(align);
      ensures status: \result == PERSIST_NOT_POWER_OF_TWO;
    complete behaviors; disjoint behaviors;
*/
enum persist_status persist_check_align(size_t align, unsigned *shift) __attribute__((noinline));

/* How many bytes to ask the system for so that `size` can be served, when `room` is what the limit
 * leaves. Less than `size`: do not ask, there is no memory. */
/*@ requires arena: \valid_read(arena) && arena->granted <= PERSIST_MOST && room <= PERSIST_MOST;
    requires size: 0 < size;
    terminates \true; exits \false;
    assigns \result \from arena->granted, arena->count, size, room;
    ensures rule: \result == wanted(arena, size, room);
    ensures room: \result <= room;
*/
size_t persist_wanted(const struct persist_arena *arena, size_t size, size_t room)
    __attribute__((noinline));

/* What the arena's own limit leaves. */
/*@ requires arena: \valid_read(arena) && 0 <= arena->withheld <= PERSIST_MOST;
    terminates \true; exits \false;
    assigns \result \from arena->granted, arena->withheld;
    ensures rule: \result == room(arena);
    ensures most: \result <= PERSIST_MOST;
*/
size_t persist_room(const struct persist_arena *arena);

/* Serves from the current region, which has room; counts a large request. */
/*@ requires arena: \valid(arena) && sound(arena);
    requires fits: 0 < size <= arena->off;
    requires shift: shift <= PERSIST_MAX_SHIFT;
    terminates \true; exits \false;
    assigns arena->off, arena->requested, arena->large
      \from arena->off, arena->requested, arena->large, arena->base, size, shift;
    assigns \result \from arena->off, arena->base, size, shift;
    ensures sound: sound(arena);
    ensures served: served(arena, (char *)\result, size, 1 << shift);
    ensures overlaps_nothing: \old(unused_clear(arena)) ==> clear((char *)\result, size);
    ensures stays_clear: \old(unused_clear(arena)) ==> unused_clear(arena);
    ensures counted: counted{Pre,Post}(arena, size);
    ensures padded: padded{Pre,Post}(arena, 1 << shift);
    ensures same_regions: same_regions{Pre,Post}(arena, PERSIST_REGIONS);
    ensures below: arena->off + size <= \old(arena->off);
    ensures block: (char *)\result == arena->base + arena->off;
*/
void *persist_serve(struct persist_arena *arena, size_t size, unsigned shift)
    __attribute__((noinline));

/* Takes the system's answer (`grant`, NULL if it refused) to a request for `wanted` bytes into the
 * region table and serves `size` bytes from it; or changes nothing and says why not. */
/*@ requires arena: \valid(arena) && sound(arena);
    requires shift: shift <= PERSIST_MAX_SHIFT;
    requires question: 0 < size <= wanted && arena->count < PERSIST_REGIONS &&
      arena->granted + wanted <= PERSIST_MOST;
    requires address: 0 <= (uintptr_t)grant <= UINTPTR_MAX;
    requires memory: good_answer(grant, granted, size, wanted) ==>
      memory(grant, granted) && zeroed(grant, granted) &&
      apart_from_regions(arena, arena->count, grant, granted);
    terminates \true; exits \false;
    assigns arena->base, arena->off, arena->current, arena->requested, arena->granted, arena->tail,
      arena->large, arena->count, NEXT_ENTRY(arena).base, NEXT_ENTRY(arena).end,
      \result \from *arena, grant, granted, wanted, size, shift;
    ensures sound: sound(arena);
    ensures stays_clear: \old(unused_clear(arena)) && clear(grant, granted) ==> unused_clear(arena);
    ensures same_regions: same_regions{Pre,Post}(arena, \old(arena->count));
    ensures same_tail: \old(arena->off) == 0 ==> arena->tail == \old(arena->tail);
    ensures kept: \result.status != PERSIST_OK ==> \result.block == \null && SAME_BOOKS(arena) &&
      same_failures{Pre,Post}(arena);
    behavior refused:
      assumes grant == \null;
      ensures status: \result.status == PERSIST_NO_MEMORY;
    behavior bad:
      assumes grant != \null && !good_answer(grant, granted, size, wanted);
      ensures status: \result.status == PERSIST_BAD_MEMORY;
    behavior good:
      assumes good_answer(grant, granted, size, wanted);
      ensures status: \result.status == PERSIST_OK;
      ensures served_from: served_from{Pre,Post}(arena, (char *)\result.block, size, grant, granted);
      ensures served: served(arena, (char *)\result.block, size, 1 << shift);
      ensures overlaps_nothing: clear(grant, granted) ==> clear((char *)\result.block, size);
      ensures booked: booked{Pre,Post}(arena, size, 1 << shift);
    complete behaviors; disjoint behaviors;
*/
struct persist_reply persist_accept(struct persist_arena *arena, char *grant, size_t granted,
                                    size_t wanted, size_t size, unsigned shift);

#endif
