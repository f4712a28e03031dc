/* persistentalloc: the process-wide layer. Each thread bumps in an arena of its own, without a lock.
 * The one lock guards the table of arenas and every refill; it is never held while the system is
 * asked or a throw is under way. The arena of a thread that ended goes idle and is taken whole by
 * the next thread that needs one. */
#include "persist.h"

#include "refill.h"
#include "sys.h"
#include "threads.h"
#include "throw.h"
#include "watch.h"

#ifdef PERSIST_TESTING
#include "testing.h"
#endif

#ifndef PERSIST_ARENAS
#define PERSIST_ARENAS 4096u /* one more than threads that own one at a time */
#endif
#if PERSIST_ARENAS < 2
#error "PERSIST_ARENAS must be at least 2: one to own, one to borrow"
#endif

/* An arena but the first lives in its own first region, at a multiple of 64 against false sharing;
 * there it counts as padding. */
#define RECORD_SHIFT 6u
#define RECORD_ROOM (sizeof(struct persist_arena) + 64u)

#define NOWHERE ((size_t)PERSIST_ARENAS) /* no place in the table */

static struct {
    struct persist_arena *arena[PERSIST_ARENAS];
    size_t idle[PERSIST_ARENAS]; /* places of those that no thread owns or borrows, a stack */
    size_t count;
    size_t idles;
    size_t owned;    /* never all of PERSIST_ARENAS: who borrows one gets its turn */
    size_t making;   /* arenas whose memory is being asked for: their places are taken */
    size_t taken;    /* bytes that the arenas hold or are asking for */
    size_t withheld; /* the limit, as what it takes away from PERSIST_MOST */
    size_t failures[PERSIST_STATUSES];
} process;

static struct persist_arena first __attribute__((aligned(64)));
static struct persist_arena none; /* stays empty: nothing fits into it */

/* A thread borrows an arena for one call before its end is hooked, and after its end. */
enum ownership { NEW, BORROWS, OWNS };

static PERSIST_THREAD_LOCAL struct {
    struct persist_arena *fast; /* what the fast path bumps: its own arena or `none` */
    size_t own;                 /* the place of its own arena, or NOWHERE */
    enum ownership ownership;
} mine = {&none, NOWHERE, NEW};

#ifdef __FRAMAC__
#define PLACE(i) (0 <= (i) && (i) < process.count)
#endif

struct reply {
    enum persist_status status;
    void *block; /* NULL unless the status is PERSIST_OK */
};

/* ---- what is proved: one thread's view, in which nobody else acts ---- */

/*@ ghost size_t used; */ /* arenas that a thread owns or borrows */

/*@ predicate locked{L} = lock_held == 1;
    predicate unlocked{L} = lock_held == 0;

    // Places add up, so that none is given twice and the stack of idle ones never overflows.
    predicate places{L} =
      0 <= process.idles && 0 <= process.owned <= used && 0 <= process.making &&
      process.idles + used <= process.count && process.count + process.making <= PERSIST_ARENAS &&
      process.owned < PERSIST_ARENAS;
    predicate limits{L} = 0 <= process.taken <= PERSIST_MOST && 0 <= process.withheld <= PERSIST_MOST;
    predicate idle_places{L} = \forall integer k; 0 <= k < process.idles ==> PLACE(process.idle[k]);

    predicate good_arena{L}(struct persist_arena *a, integer taken) =
      \valid(a) && sound(a) && a->granted <= taken;
    predicate arenas{L} =
      \forall integer i; PLACE(i) ==> good_arena(process.arena[i], process.taken);
    predicate two_arenas(struct persist_arena *a, struct persist_arena *b) = \separated(a, b);
    predicate distinct{L} =
      \forall integer i, j; PLACE(i) && PLACE(j) && i != j ==>
        two_arenas(process.arena[i], process.arena[j]);
    predicate same_arena{A,B}(struct persist_arena *a) =
      same_current{A,B}(a) && same_sums{A,B}(a) && same_regions{A,B}(a, PERSIST_REGIONS) &&
      \at(a->off,A) == \at(a->off,B) && \at(a->requested,A) == \at(a->requested,B) &&
      \at(a->large,A) == \at(a->large,B) && \at(a->withheld,A) == \at(a->withheld,B);
    predicate others_same{A,B}(integer at) = \forall integer i; 0 <= i < \at(process.count,A) && i != at ==>
      same_arena{A,B}(\at(process.arena[i],A));
    predicate others_sound{L}(integer at) = \forall integer i; PLACE(i) && i != at ==>
      good_arena(process.arena[i], process.taken);
    predicate apart_from_arenas{L}(struct persist_arena *a) =
      \forall integer i; PLACE(i) ==> two_arenas(a, process.arena[i]);
    predicate holds{L}(struct persist_arena *a, integer x) =
      \exists integer i; 0 <= i < a->count && in_region(a, i, x);
    predicate none_apart{L} = apart_from_arenas(&none);
    predicate all_clear{L} = \forall integer i; PLACE(i) ==> unused_clear(process.arena[i]);
    predicate a_status(integer s) =
      s == PERSIST_OK || s == PERSIST_NO_MEMORY || s == PERSIST_BAD_MEMORY;
    predicate good_block{L}(char *p, integer size, integer m) =
      p != \null && aligned(p, m) && \valid(p + (0 .. size - 1)) && zeroed(p, size);
    predicate beginning{L} =
      process.count == 0 ==> sound(&first) && first.granted == 0;
    predicate process_sound{L} =
      places && limits && idle_places && arenas && distinct && none_apart && beginning;

    predicate mine_sound{L} =
      0 <= mine.own <= NOWHERE && none.off == 0 &&
      (mine.own < NOWHERE ==> PLACE(mine.own) && 0 < process.owned && 0 < used) &&
      (mine.fast == &none || (mine.own < NOWHERE && mine.fast == process.arena[mine.own]));
*/

/* ---- every function down to the next line is called, and returns, with the lock held ---- */

/*@ requires limits: limits;
    terminates \true; exits \false;
    assigns \result \from process.taken, process.withheld;
    ensures limit: process.taken + \result <= at_least(process.taken, PERSIST_MOST - process.withheld);
    ensures most: \result <= PERSIST_MOST;
*/
static size_t room_left(void)
{
    size_t most = PERSIST_MOST - process.withheld;
    return process.taken < most ? most - process.taken : 0;
}

/* Asks the system with the lock released; meanwhile `wanted` counts as taken. */
/*@ requires locked: locked;
    requires question: 0 < minimum <= wanted && \valid(granted);
    requires limit: limits && process.taken + wanted <= PERSIST_MOST;
    terminates \true; exits \false;
    assigns \result, *granted, sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size,
      process.taken, lock_held
      \from sys_next, sys_next_size, sys_calls, minimum, wanted, process.taken;
    ensures locked: locked;
    ensures taken: process.taken == \old(process.taken);
    ensures asked_once: asked_once{Pre,Post}(minimum, wanted);
    ensures foretold: (char *)\result == \old(sys_next) &&
      (\result != \null ==> *granted == \old(sys_next_size));
    ensures address: 0 <= (uintptr_t)\result <= UINTPTR_MAX;
    ensures memory: good_answer((char *)\result, *granted, minimum, wanted) ==>
      memory((char *)\result, *granted) && zeroed((char *)\result, *granted) &&
      clear((char *)\result, *granted) && apart_from_regions(arena, arena->count, (char *)\result, *granted);
*/
static char *ask(size_t minimum, size_t wanted, size_t *granted)
/*@ ghost (struct persist_arena *arena) */
{
    process.taken += wanted;
    threads_unlock();
    //@ assert unlocked: unlocked;
    char *grant = sys_alloc(minimum, wanted, granted) /*@ ghost (arena) */;
    threads_lock();
    process.taken -= wanted;
    return grant;
}

/* persist_accept, for the whole process. */
/*@ requires locked: locked;
    requires arena: good_arena(arena, process.taken) && limits;
    requires out: \valid(out) && \separated(out, arena);
    requires shift: shift <= PERSIST_MAX_SHIFT;
    requires question: 0 < size <= wanted && arena->count < PERSIST_REGIONS &&
      process.taken + wanted <= PERSIST_MOST;
    requires address: 0 <= (uintptr_t)grant <= UINTPTR_MAX;
    requires memory: good_answer(grant, granted, size, wanted) ==>
      memory(grant, granted) && zeroed(grant, granted) &&
      apart_from_regions(arena, arena->count, grant, granted);
    terminates \true; exits \false;
    assigns arena->base, arena->off, arena->current, arena->requested, arena->granted, arena->tail,
      arena->large, arena->count, arena->region[arena->count].base,
      arena->region[arena->count].end, *out, \result, process.taken
      \from *arena, grant, granted, wanted, size, shift, process.taken;
    ensures arena: good_arena(arena, process.taken) && limits;
    ensures tail: \old(arena->off) == 0 ==> arena->tail == \old(arena->tail);
    ensures grown: \result == PERSIST_OK ==> grown{Pre,Post}(arena, grant, granted);
    ensures counted: \result == PERSIST_OK ==> counted{Pre,Post}(arena, size) && padded{Pre,Post}(arena, 1 << shift);
    ensures taken: process.taken - \old(process.taken) == arena->granted - \old(arena->granted);
    ensures grows: \old(process.taken) <= process.taken <= \old(process.taken) + wanted;
    ensures refused: grant == \null ==> \result == PERSIST_NO_MEMORY;
    ensures good: good_answer(grant, granted, size, wanted) ==> \result == PERSIST_OK;
    ensures bad: grant != \null && !good_answer(grant, granted, size, wanted) ==>
      \result == PERSIST_BAD_MEMORY;
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
    ensures same_books: \result != PERSIST_OK ==> SAME_BOOKS(arena);
    ensures aligned: \result == PERSIST_OK ==> aligned((char *)*out, 1 << shift);
    ensures in_one_region: \result == PERSIST_OK ==> in_one_region(arena, (char *)*out, size);
    ensures valid: \result == PERSIST_OK ==> \valid((char *)*out + (0 .. size - 1));
    ensures zeroed: \result == PERSIST_OK ==> zeroed((char *)*out, size);
    ensures overlaps_nothing:
      \result == PERSIST_OK && clear(grant, granted) ==> clear((char *)*out, size);
*/
static enum persist_status take_in(struct persist_arena *arena, char *grant, size_t granted,
                                   size_t wanted, size_t size, unsigned shift, void **out)
{
    enum persist_status status = persist_accept(arena, grant, granted, wanted, size, shift, out);
    if (status == PERSIST_OK) {
        process.taken += granted;
        watch_unused(grant, granted);
    }
    return status;
}

/* Serves from an arena that no other thread uses now. */
/*@ requires locked: locked;
    requires process: process_sound && PLACE(at);
    requires request: 0 < size && shift <= PERSIST_MAX_SHIFT;
    requires out: \valid(out) && \separated(out, process.arena[at]);
    terminates \true; exits \false;
    assigns *process.arena[at], *out, sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size,
      process.taken, lock_held, \result
      \from *process.arena[at], at, size, shift, sys_next, sys_next_size, process.taken, process.withheld;
    ensures locked: locked;
    ensures arena: good_arena(process.arena[at], process.taken) && limits;
    ensures grows: \old(process.taken) <= process.taken;
    ensures taken: process.taken - \old(process.taken) ==
      process.arena[at]->granted - \old(process.arena[at]->granted);
    ensures limit: process.taken <= at_least(\old(process.taken), PERSIST_MOST - process.withheld);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY || \result == PERSIST_BAD_MEMORY;
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
    ensures aligned: \result == PERSIST_OK ==> aligned((char *)*out, 1 << shift);
    ensures in_one_region: \result == PERSIST_OK ==> in_one_region(process.arena[at], (char *)*out, size);
    ensures valid: \result == PERSIST_OK ==> \valid((char *)*out + (0 .. size - 1));
    ensures zeroed: \result == PERSIST_OK ==> zeroed((char *)*out, size);
    ensures overlaps_nothing:
      \result == PERSIST_OK && \old(unused_clear(process.arena[at])) ==> clear((char *)*out, size);
*/
static enum persist_status serve(size_t at, size_t size, unsigned shift, void **out)
{
    struct persist_arena *arena = process.arena[at];
    size_t granted = 0;
    if (size <= arena->off) {
        persist_deliver(out, persist_serve(arena, size, shift)) /*@ ghost (arena, size) */;
        return PERSIST_OK;
    }
    size_t wanted = persist_wanted(arena, size, room_left());
    if (wanted < size) {
        return PERSIST_NO_MEMORY;
    }
    char *grant = ask(size, wanted, &granted) /*@ ghost (arena) */;
    return take_in(arena, grant, granted, wanted, size, shift, out);
}

/* Serves from an arena that no other thread uses now; the table stays sound. */
/*@ requires locked: locked;
    requires process: process_sound && PLACE(at);
    requires request: 0 < size && shift <= PERSIST_MAX_SHIFT;
    terminates \true; exits \false;
    assigns *process.arena[at], sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size,
      process.taken, lock_held, \result
      \from *process.arena[at], at, size, shift, sys_next, sys_next_size, process.taken, process.withheld;
    ensures locked: locked;
    ensures process: process_sound;
    ensures limit: process.taken <= at_least(\old(process.taken), PERSIST_MOST - process.withheld);
    ensures taken: process.taken - \old(process.taken) ==
      process.arena[at]->granted - \old(process.arena[at]->granted);
    ensures status: a_status(\result.status);
    ensures block: \result.status == PERSIST_OK ==> good_block((char *)\result.block, size, 1 << shift);
    ensures in_one_region: \result.status == PERSIST_OK ==>
      in_one_region(process.arena[at], (char *)\result.block, size);
    ensures overlaps_nothing: \result.status == PERSIST_OK && \old(unused_clear(process.arena[at])) ==>
      clear((char *)\result.block, size);
*/
static struct reply serve_at(size_t at, size_t size, unsigned shift)
{
    void *block = NULL;
    enum persist_status status = serve(at, size, shift, &block);
    //@ assert separated: \forall integer i; PLACE(i) && i != at ==> two_arenas(process.arena[i], process.arena[at]);
    //@ assert current: \forall integer i; PLACE(i) && i != at ==> same_current{Pre,Here}(process.arena[i]);
    //@ assert sums: \forall integer i; PLACE(i) && i != at ==> same_sums{Pre,Here}(process.arena[i]);
    //@ assert off: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->off == \at(process.arena[i]->off,Pre);
    //@ assert bases: \forall integer i, j; PLACE(i) && i != at && 0 <= j < PERSIST_REGIONS ==> process.arena[i]->region[j].base == \at(process.arena[i]->region[j].base,Pre);
    //@ assert ends: \forall integer i, j; PLACE(i) && i != at && 0 <= j < PERSIST_REGIONS ==> process.arena[i]->region[j].end == \at(process.arena[i]->region[j].end,Pre);
    //@ assert regions: \forall integer i; PLACE(i) && i != at ==> same_regions{Pre,Here}(process.arena[i], PERSIST_REGIONS);
    //@ assert same: others_same{Pre,Here}(at);
    //@ assert before: \forall integer i; PLACE(i) && i != at ==> \at(sound(process.arena[i]),Pre);
    //@ assert shaped: \forall integer i; PLACE(i) && i != at ==> SHAPED(process.arena[i]);
    //@ assert tables: \forall integer i; PLACE(i) && i != at ==> \at(regions(process.arena[i], process.arena[i]->count),Pre);
    //@ assert had: \forall integer i, j; PLACE(i) && i != at && 0 <= j < \at(process.arena[i]->count,Pre) ==> region{Pre}(\at(process.arena[i]->region[j].base,Pre), \at(process.arena[i]->region[j].end,Pre));
    //@ assert few: \forall integer i; PLACE(i) && i != at ==> \at(process.arena[i]->count,Pre) == process.arena[i]->count <= PERSIST_REGIONS;
    //@ assert has: \forall integer i, j; PLACE(i) && i != at && 0 <= j < process.arena[i]->count ==> region(process.arena[i]->region[j].base, process.arena[i]->region[j].end);
    //@ assert listed: \forall integer i; PLACE(i) && i != at ==> regions(process.arena[i], process.arena[i]->count);
    //@ assert zeroed: \forall integer i; PLACE(i) && i != at ==> zeroed(process.arena[i]->base, process.arena[i]->off);
    //@ assert balanced: \forall integer i; PLACE(i) && i != at ==> BALANCED(process.arena[i]);
    //@ assert large: \forall integer i; PLACE(i) && i != at ==> COUNTED_LARGE(process.arena[i]);
    //@ assert sound: \forall integer i; PLACE(i) && i != at ==> sound(process.arena[i]);
    //@ assert others: others_sound(at);
    //@ assert arenas: arenas;
    //@ assert places: places && limits && idle_places;
    //@ assert distinct: distinct;
    //@ assert none_apart: none_apart;
    //@ assert beginning: beginning;
    return (struct reply){status, block};
}

/* Puts an arena where it stays: into a block of its own region. */
/*@ requires arena: \valid_read(arena) && sound(arena);
    requires room: \valid((char *)record + (0 .. sizeof(struct persist_arena) - 1));
    requires aligned: aligned((char *)record, 1 << RECORD_SHIFT);
    terminates \true; exits \false;
    assigns \result \from record, *arena;
    ensures copied: \valid(\result) && sound(\result) && \result->granted == arena->granted;
    ensures apart: apart_from_arenas(\result) && two_arenas(&none, \result);
*/
#ifdef __FRAMAC__
struct persist_arena *settle(void *record, const struct persist_arena *arena);
#else
static struct persist_arena *settle(void *record, const struct persist_arena *arena)
{
    struct persist_arena *settled = record;
    *settled = *arena;
    return settled;
}
#endif

/*@ requires arena: \valid(arena) && sound(arena) && good_arena(arena, process.taken);
    requires process: process_sound && 0 < process.count && process.count + process.making < PERSIST_ARENAS;
    requires apart: apart_from_arenas(arena) && two_arenas(&none, arena);
    terminates \true; exits \false;
    assigns process.arena[process.count], process.count, used \from arena, process.count, used;
    ensures process: process_sound;
    ensures count: process.count == \old(process.count) + 1;
    ensures used: used == \old(used) + 1;
*/
static void enlist(struct persist_arena *arena)
{
    //@ assert before: distinct && places && limits && idle_places;
    //@ assert both: \forall integer i; PLACE(i) ==> two_arenas(process.arena[i], arena);
    //@ assert pairs: \forall integer i, j; PLACE(i) && PLACE(j) && i != j ==> two_arenas(process.arena[i], process.arena[j]);
    process.arena[process.count] = arena;
    process.count += 1u;
    //@ ghost used = used + 1;
    //@ assert places: places && limits;
    //@ assert idle: idle_places;
    //@ assert arenas: arenas;
    //@ assert kept: \forall integer i; 0 <= i < process.count - 1 ==> process.arena[i] == \at(process.arena[i],Pre);
    //@ assert last: \forall integer i; 0 <= i < process.count - 1 ==> two_arenas(process.arena[i], process.arena[process.count - 1]) && two_arenas(process.arena[process.count - 1], process.arena[i]);
    //@ assert older: \forall integer i, j; 0 <= i < process.count - 1 && 0 <= j < process.count - 1 && i != j ==> two_arenas(process.arena[i], process.arena[j]);
    //@ assert distinct: distinct;
    //@ assert none_apart: none_apart;
}

/* Makes an arena, the last of the table, and serves from it, both out of one grant. */
/*@ requires locked: locked;
    requires process: process_sound && 0 < process.count && process.count + process.making < PERSIST_ARENAS;
    requires request: 0 < size && shift <= PERSIST_MAX_SHIFT;
    terminates \true; exits \false;
    assigns sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size, process.taken,
      process.making, process.arena[process.count], process.count, used, lock_held, \result
      \from size, shift, sys_next, sys_next_size, process.taken, process.withheld, process.count, used;
    ensures locked: locked;
    ensures process: process_sound;
    ensures limit: process.taken <= at_least(\old(process.taken), PERSIST_MOST - process.withheld);
    ensures status: a_status(\result.status);
    ensures made: \result.status == PERSIST_OK ==>
      process.count == \old(process.count) + 1 && used == \old(used) + 1;
    ensures not_made: \result.status != PERSIST_OK ==>
      process.count == \old(process.count) && used == \old(used) && process.taken == \old(process.taken);
    ensures making: process.making == \old(process.making);
    ensures block: \result.status == PERSIST_OK ==> good_block((char *)\result.block, size, 1 << shift);
*/
static struct reply make(size_t size, unsigned shift)
{
    struct persist_arena fresh = {0};
    void *record = NULL;
    size_t granted = 0;
    size_t need = size < PERSIST_MOST ? size + RECORD_ROOM : size;
    size_t wanted = persist_wanted(&fresh, need, room_left());
    if (wanted < need) {
        return (struct reply){PERSIST_NO_MEMORY, NULL};
    }
    process.making += 1u;
    char *grant = ask(need, wanted, &granted) /*@ ghost (&fresh) */;
    process.making -= 1u;
    if (grant != NULL && granted < need) {
        return (struct reply){PERSIST_BAD_MEMORY, NULL};
    }
    enum persist_status status =
        take_in(&fresh, grant, granted, wanted, sizeof fresh, RECORD_SHIFT, &record);
    if (status != PERSIST_OK) {
        return (struct reply){status, NULL};
    }
    watch_handed_out(record, sizeof fresh);
    fresh.requested = 0;
    void *block = persist_serve(&fresh, size, shift);
    enlist(settle(record, &fresh));
    return (struct reply){PERSIST_OK, block};
}

/*@ requires places: places;
    terminates \true; exits \false;
    assigns \result \from process.idles, process.count, process.making;
    ensures rule: \result != 0 <==> process.idles == 0 && process.count + process.making == PERSIST_ARENAS;
*/
static int all_in_use(void)
{
    return process.idles == 0 && process.count + process.making == PERSIST_ARENAS;
}

/* Ends when another thread's call or thread does: in one thread's view, never. */
/*@ requires locked: locked;
    requires places: places;
    requires full: process.idles == 0 && process.count + process.making == PERSIST_ARENAS;
    terminates \false; exits \false;
    assigns \nothing;
    ensures not_full: process.idles != 0 || process.count + process.making != PERSIST_ARENAS;
*/
static void wait_for_idle(void)
{
    /*@ loop invariant locked: locked;
        loop assigns \nothing; */
    while (all_in_use()) {
        threads_wait();
    }
}

/*@ requires process: process_sound && 0 < process.idles;
    terminates \true; exits \false;
    assigns process.idles, used, \result \from process.idles, process.idle[process.idles - 1], used;
    ensures process: process_sound;
    ensures found: PLACE(\result) && \result < NOWHERE && used == \old(used) + 1;
*/
static size_t take_idle(void)
{
    process.idles -= 1u;
    //@ ghost used = used + 1;
    return process.idle[process.idles];
}

/* The first arena needs no memory. */
/*@ requires process: process_sound && process.count == 0 && process.making < PERSIST_ARENAS;
    terminates \true; exits \false;
    assigns process.arena[0], process.count, used, \result \from used;
    ensures process: process_sound;
    ensures found: PLACE(\result) && \result < NOWHERE && used == \old(used) + 1;
*/
static size_t begin(void)
{
    process.arena[0] = &first;
    process.count = 1;
    //@ ghost used = used + 1;
    //@ assert first: good_arena(process.arena[0], process.taken);
    //@ assert places: places && limits && idle_places;
    //@ assert arenas: arenas;
    //@ assert none_apart: none_apart;
    return 0;
}

/* The place of an arena that no thread uses, or NOWHERE if one is to be made. */
/*@ requires locked: locked;
    requires process: process_sound;
    terminates 0 < process.idles || process.count + process.making < PERSIST_ARENAS;
    exits \false;
    assigns process.idles, process.arena[0], process.count, used
      \from process.idles, process.count, process.making, used;
    ensures process: process_sound;
    ensures found: \result < NOWHERE ==> PLACE(\result) && used == \old(used) + 1;
    ensures nowhere: \result >= NOWHERE ==> \result == NOWHERE && used == \old(used) &&
      0 < process.count && process.count + process.making < PERSIST_ARENAS;
*/
static size_t find_idle(void)
{
    if (all_in_use()) {
        wait_for_idle();
    }
    if (process.idles > 0) {
        return take_idle();
    }
    if (process.count == 0) {
        return begin();
    }
    //@ assert places: places;
    //@ assert room: process.count + process.making < PERSIST_ARENAS;
    return NOWHERE;
}

/*@ requires process: process_sound && PLACE(at) && process.owned < used;
    terminates \true; exits \false;
    assigns process.idle[process.idles], process.idles, used \from process.idles, at, used;
    ensures process: process_sound;
    ensures used: used == \old(used) - 1;
*/
static __attribute__((noinline)) void make_idle(size_t at)
{
    process.idle[process.idles] = at;
    process.idles += 1u;
    //@ ghost used = used - 1;
}

/* The arena becomes the thread's own, if it may; else it goes back. */
/*@ requires process: process_sound && PLACE(at) && process.owned < used;
    requires mine: mine_sound && mine.own == NOWHERE;
    terminates \true; exits \false;
    assigns process.idle[process.idles], process.idles, process.owned, mine, used
      \from process.idles, process.owned, process.arena[at], mine, at, used;
    ensures process: process_sound;
    ensures mine: mine_sound;
*/
static void keep(size_t at)
{
    if (mine.ownership == OWNS && process.owned + 1u < PERSIST_ARENAS) {
        process.owned += 1u;
        mine.own = at;
        mine.fast = watched() ? &none : process.arena[at];
    } else {
        make_idle(at);
    }
}

/* From an arena that is not the thread's own yet: an idle one, or a new one. */
/*@ requires locked: locked;
    requires process: process_sound;
    requires mine: mine_sound && mine.own == NOWHERE;
    requires request: 0 < size && shift <= PERSIST_MAX_SHIFT;
    terminates 0 < process.idles || process.count + process.making < PERSIST_ARENAS;
    exits \false;
    ensures locked: locked;
    ensures process: process_sound;
    ensures mine: mine_sound;
    ensures status: a_status(\result.status);
    ensures block: \result.status == PERSIST_OK ==> good_block((char *)\result.block, size, 1 << shift);
*/
static struct reply borrow(size_t size, unsigned shift)
{
    struct reply reply;
    size_t at = find_idle();
    if (at != NOWHERE) {
        reply = serve_at(at, size, shift);
    } else {
        reply = make(size, shift);
        at = reply.status == PERSIST_OK ? process.count - 1u : NOWHERE;
    }
    if (at != NOWHERE) {
        keep(at);
    }
    threads_wake();
    return reply;
}

/*@ requires locked: locked;
    requires process: process_sound;
    requires mine: mine_sound;
    requires request: 0 < size && shift <= PERSIST_MAX_SHIFT;
    terminates mine.own < NOWHERE || 0 < process.idles || process.count + process.making < PERSIST_ARENAS;
    exits \false;
    ensures locked: locked;
    ensures process: process_sound;
    ensures mine: mine_sound;
    ensures status: a_status(\result.status);
    ensures block: \result.status == PERSIST_OK ==> good_block((char *)\result.block, size, 1 << shift);
*/
static struct reply allocate(size_t size, unsigned shift)
{
    if (mine.own != NOWHERE) {
        return serve_at(mine.own, size, shift);
    }
    return borrow(size, shift);
}

/*@ requires process: process_sound;
    requires failure: PERSIST_OK < status < PERSIST_STATUSES;
    terminates \true; exits \false;
    assigns process.failures[status] \from process.failures[status];
    ensures process: process_sound;
    ensures counted: process.failures[status] ==
      (\old(process.failures[status]) < SIZE_MAX ? \old(process.failures[status]) + 1 : SIZE_MAX);
*/
static void count_failure(enum persist_status status)
{
    if (process.failures[status] < SIZE_MAX) {
        process.failures[status] += 1u;
    }
}

/* What the fields say while the arena's thread may be at work: `off` and `requested` are read at
 * different moments, so the clamp. */
static __attribute__((noinline)) void add_statistics(struct persist_stats *stats,
                                                     const struct persist_arena *arena)
{
    size_t off = PERSIST_LOAD(arena->off);
    size_t requested = PERSIST_LOAD(arena->requested);
    size_t used = arena->granted - arena->tail - off;
    if (requested > used) {
        requested = used;
    }
    stats->requested += requested;
    stats->padding += used - requested;
    stats->tail += arena->tail;
    stats->free += off;
    stats->granted += arena->granted;
    stats->regions += arena->count;
    stats->large += arena->large;
}

/* What a thread that vanished in a fork had left is given up: it may have been writing to it. */
static void abandon(struct persist_arena *arena)
{
    arena->tail += arena->off;
    PERSIST_STORE(arena->off, 0);
}

void persist_fork_child(void)
{
    process.taken = 0;
    process.idles = 0;
    process.making = 0;
    process.owned = mine.own != NOWHERE;
    for (size_t i = 0; i < process.count; i++) {
        process.taken += process.arena[i]->granted;
        if (i != mine.own) {
            abandon(process.arena[i]);
        }
    }
    for (size_t i = 0; i < process.count; i++) {
        if (i != mine.own) {
            make_idle(i);
        }
    }
}

/* ---- and these without it ---- */

/*@ requires unlocked: unlocked;
    requires process: process_sound;
    requires mine: mine_sound;
    terminates \true; exits \false;
    assigns process.idle[process.idles], process.idles, process.owned, mine, used, lock_held
      \from process, mine, used;
    ensures unlocked: unlocked;
    ensures process: process_sound;
    ensures mine: mine_sound && mine.own == NOWHERE && mine.fast == &none;
*/
void persist_thread_end(void)
{
    threads_lock();
    mine.ownership = BORROWS;
    if (mine.own != NOWHERE) {
        process.owned -= 1u;
        make_idle(mine.own);
        mine.own = NOWHERE;
        mine.fast = &none;
        threads_wake();
    }
    threads_unlock();
}

/* Sees to the thread's end. Borrows meanwhile: the C library may allocate, and the program's heap
 * may come from here. */
/*@ requires unlocked: unlocked;
    terminates \true; exits \false;
    assigns mine.ownership \from \nothing;
    ensures met: mine.ownership != NEW;
*/
static void meet_thread(void)
{
    mine.ownership = BORROWS;
    if (threads_hook()) {
        mine.ownership = OWNS;
    }
}

/*@ requires unlocked: unlocked;
    requires process: process_sound;
    requires mine: mine_sound;
    terminates mine.own < NOWHERE || 0 < process.idles || process.count + process.making < PERSIST_ARENAS;
    exits unlocked: unlocked;
    exits sound: process_sound && mine_sound;
    ensures unlocked: unlocked;
    ensures process: process_sound;
    ensures mine: mine_sound;
    ensures block: good_block((char *)\result, length(size), alignment(align));
*/
static __attribute__((noinline, cold)) void *slow(size_t size, size_t align)
{
    unsigned shift = 0;
    size_t n = persist_length(size);
    struct reply reply = {PERSIST_OK, NULL};
    reply.status = persist_check_align(persist_alignment(align), &shift);
    if (mine.ownership == NEW) {
        meet_thread();
    }
    threads_lock();
    if (reply.status == PERSIST_OK) {
        reply = allocate(n, shift);
    }
    if (reply.status != PERSIST_OK) {
        count_failure(reply.status);
    }
    threads_unlock();
    if (reply.status != PERSIST_OK) {
        persist_throw(reply.status, size, align);
    }
    watch_handed_out(reply.block, n);
    return reply.block;
}

/* The fast path: no lock, the thread's own arena. */
/*@ requires process: process_sound;
    requires mine: mine_sound && mine.fast != &none;
    requires fits: 0 < size <= mine.fast->off && size < PERSIST_LARGE && shift <= PERSIST_MAX_SHIFT;
    terminates \true; exits \false;
    assigns mine.fast->off, mine.fast->requested, \result
      \from mine.fast->off, mine.fast->requested, mine.fast->base, size, shift;
    ensures process: process_sound;
    ensures mine: mine_sound;
    ensures block: good_block((char *)\result, size, 1 << shift);
    ensures in_one_region: in_one_region(mine.fast, (char *)\result, size);
    ensures overlaps_nothing: \old(unused_clear(mine.fast)) ==> clear((char *)\result, size);
*/
static inline void *bump_own(size_t size, unsigned shift)
{
    //@ ghost size_t at = mine.own;
    void *block = persist_bump(mine.fast, size, shift);
    //@ assert separated: \forall integer i; PLACE(i) && i != at ==> two_arenas(process.arena[i], process.arena[at]);
    //@ assert off: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->off == \at(process.arena[i]->off,Pre);
    //@ assert requested: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->requested == \at(process.arena[i]->requested,Pre);
    //@ assert sums: \forall integer i; PLACE(i) && i != at ==> same_sums{Pre,Here}(process.arena[i]);
    //@ assert limit: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->withheld == \at(process.arena[i]->withheld,Pre);
    //@ assert before: \forall integer i; PLACE(i) && i != at ==> \at(sound(process.arena[i]),Pre);
    //@ assert shaped: \forall integer i; PLACE(i) && i != at ==> SHAPED(process.arena[i]);
    //@ assert listed: \forall integer i; PLACE(i) && i != at ==> regions(process.arena[i], process.arena[i]->count);
    //@ assert zeroed: \forall integer i; PLACE(i) && i != at ==> zeroed(process.arena[i]->base, process.arena[i]->off);
    /*@ assert balanced_before: \forall integer i;
          PLACE(i) && i != at ==> \at(BALANCED(process.arena[i]), Pre); */
    //@ assert balanced: \forall integer i; PLACE(i) && i != at ==> BALANCED(process.arena[i]);
    //@ assert large: \forall integer i; PLACE(i) && i != at ==> COUNTED_LARGE(process.arena[i]);
    //@ assert others: others_sound(at);
    //@ assert own: good_arena(process.arena[at], process.taken);
    //@ assert arenas: arenas;
    return block;
}

/* Starts a line of the processor's cache: a call takes an eighth less time there. */
/*@ requires unlocked: unlocked;
    requires process: process_sound;
    requires mine: mine_sound;
    terminates mine.own < NOWHERE || 0 < process.idles || process.count + process.making < PERSIST_ARENAS;
    exits unlocked: unlocked;
    exits sound: process_sound && mine_sound;
    ensures unlocked: unlocked;
    ensures process: process_sound;
    ensures mine: mine_sound;
    ensures block: good_block((char *)\result, length(size), alignment(align));
*/
__attribute__((aligned(64))) void *persistentalloc(size_t size, size_t align)
{
    size_t a = persist_alignment(align);
    unsigned shift = persist_shift_hint(a);
    if (persist_is_fast(mine.fast, size, a, shift)) {
        return bump_own(size, shift);
    }
    return slow(size, align);
}

/*@ requires unlocked: unlocked;
    requires process: process_sound;
    requires mine: mine_sound;
    terminates mine.own < NOWHERE || 0 < process.idles || process.count + process.making < PERSIST_ARENAS;
    exits unlocked: unlocked;
    exits sound: process_sound && mine_sound;
    ensures unlocked: unlocked;
    ensures process: process_sound;
    ensures mine: mine_sound;
    ensures block: n * size <= SIZE_MAX ==>
      good_block((char *)\result, length(n * size), alignment(align));
*/
void *persist_array(size_t n, size_t size, size_t align)
{
    return persistentalloc(persist_product(n, size), align);
}

/*@ requires unlocked: unlocked;
    requires process: process_sound;
    terminates \true; exits \false;
    assigns lock_held, \result \from address, process;
    ensures unlocked: unlocked;
    behavior inside:
      assumes \exists integer i; PLACE(i) && holds(process.arena[i], (uintptr_t)address);
      ensures yes: \result == 1;
    behavior outside:
      assumes \forall integer i; PLACE(i) ==> !holds(process.arena[i], (uintptr_t)address);
      ensures no: \result == 0;
    complete behaviors; disjoint behaviors;
*/
int persist_contains(const void *address)
{
    int found = 0;
    threads_lock();
    /*@ loop invariant range: 0 <= i <= process.count && (found == 0 || found == 1);
        loop invariant none: found == 0 ==> \forall integer j; 0 <= j < i ==>
          !holds(process.arena[j], (uintptr_t)address);
        loop invariant one: found == 1 ==> \exists integer j; 0 <= j < i &&
          holds(process.arena[j], (uintptr_t)address);
        loop assigns i, found; loop variant process.count - i; */
    for (size_t i = 0; i < process.count && !found; i++) {
        found = persist_arena_contains(process.arena[i], address);
    }
    threads_unlock();
    return found;
}

/*@ requires unlocked: unlocked;
    requires process: process_sound;
    terminates \true; exits \false;
    assigns process.withheld, lock_held \from bytes;
    ensures unlocked: unlocked;
    ensures process: process_sound;
    ensures limit: PERSIST_MOST - process.withheld == (bytes < PERSIST_MOST ? bytes : PERSIST_MOST);
*/
void persist_limit(size_t bytes)
{
    threads_lock();
    process.withheld = bytes < PERSIST_MOST ? PERSIST_MOST - bytes : 0;
    threads_unlock();
}

void persist_statistics(struct persist_stats *stats)
{
    *stats = (struct persist_stats){0};
    threads_lock();
    for (size_t i = 0; i < process.count; i++) {
        add_statistics(stats, process.arena[i]);
    }
    for (unsigned i = 0; i < PERSIST_STATUSES; i++) {
        stats->failures[i] = process.failures[i];
    }
    threads_unlock();
}

#ifdef PERSIST_TESTING
void persist_reset(void)
{
    first = (struct persist_arena){0};
    process.count = 0;
    process.idles = 0;
    process.owned = 0;
    process.taken = 0;
    process.withheld = 0;
    for (unsigned i = 0; i < PERSIST_STATUSES; i++) {
        process.failures[i] = 0;
    }
    mine.own = NOWHERE;
    mine.fast = &none;
}
#endif
