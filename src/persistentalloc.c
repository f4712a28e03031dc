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
#define BALANCED_STATS(s) ((s)->requested + (s)->padding + (s)->tail + (s)->free == (s)->granted)
#define ADDS_UP(i) (held_by_first[(i) + 1] == held_by_first[i] + process.arena[i]->granted)
#define LARGE_STATS(s) ((s)->large * PERSIST_LARGE <= (s)->granted)
#endif

/* ---- what is proved: one thread's view, in which nobody else acts ---- */

/*@ ghost size_t used; */        /* arenas that a thread owns or borrows */
/*@ ghost int others_at_work; */ /* whether other threads may be at work without the lock: either */
/*@ ghost size_t held_by_first[PERSIST_ARENAS + 1]; */ /* at n: what the first n arenas hold together */

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
    predicate empty{L}(struct persist_arena *a) =
      a->count == 0 && a->current == 0 && a->off == 0 && a->granted == 0 && a->tail == 0 &&
      a->requested == 0 && a->large == 0 && a->withheld == 0;
    predicate same_sums_as{L}(struct persist_arena *a, struct persist_arena *b) =
      a->base == b->base && a->off == b->off && a->requested == b->requested &&
      a->granted == b->granted && a->tail == b->tail && a->large == b->large &&
      a->withheld == b->withheld && a->current == b->current && a->count == b->count;
    predicate one_region{L}(struct persist_arena *a, char *p, integer n) =
      a->count == 1 && entry(a, 0, p, n);
    predicate beginning{L} =
      process.count == 0 ==> sound(&first) && first.granted == 0;
    predicate process_sound{L} =
      places && limits && idle_places && arenas && distinct && none_apart && beginning;

    // What changes neither the table nor what an arena or all hold keeps it, by what it assigns.
    predicate sums_fit{L} =
      held_by_first[0] == 0 && (\forall integer i; PLACE(i) ==> ADDS_UP(i)) &&
      \forall integer n; 0 <= n <= process.count ==> held_by_first[n] <= process.taken;

    predicate mine_sound{L} =
      0 <= mine.own <= NOWHERE && none.off == 0 && none.granted == 0 &&
      (mine.own < NOWHERE ==> PLACE(mine.own) && 0 < process.owned && 0 < used) &&
      (mine.fast == &none || (mine.own < NOWHERE && mine.fast == process.arena[mine.own]));
*/

/*@ ghost
    // One arena holds `more` than is listed: so do all first n of which it is one.
    /@ requires process: places && limits && PLACE(at);
       requires start: held_by_first[0] == 0;
       requires others: \forall integer i; PLACE(i) && i != at ==> ADDS_UP(i);
       requires own: held_by_first[at + 1] + more == held_by_first[at] + process.arena[at]->granted;
       requires fit: \forall integer n; 0 <= n <= at ==> held_by_first[n] <= process.taken;
       requires rest: \forall integer n; at < n <= process.count ==>
         held_by_first[n] + more <= process.taken;
       terminates \true; exits \false;
       assigns held_by_first[at + 1 .. process.count];
       ensures sums: sums_fit;
    @/
    static void list_more(size_t at, size_t more)
    {
        /@ loop invariant range: at + 1 <= k <= process.count + 1;
           loop invariant raised: \forall integer j; at < j < k ==>
             held_by_first[j] == \at(held_by_first[j],Pre) + more;
           loop invariant same: \forall integer j; 0 <= j <= at || k <= j <= process.count ==>
             held_by_first[j] == \at(held_by_first[j],Pre);
           loop assigns k, held_by_first[at + 1 .. process.count];
           loop variant process.count + 1 - k; @/
        for (size_t k = at + 1; k <= process.count; k = k + 1) {
            /@ assert fits: held_by_first[k] + more <= process.taken; @/
            held_by_first[k] = held_by_first[k] + more;
        }
        /@ assert below: \forall integer i; 0 <= i < at ==>
             held_by_first[i] == \at(held_by_first[i],Pre) &&
             held_by_first[i + 1] == \at(held_by_first[i + 1],Pre); @/
        /@ assert listed: \forall integer i; PLACE(i) && i != at ==> \at(ADDS_UP(i),Pre); @/
        /@ assert before: \forall integer i; 0 <= i < at ==> ADDS_UP(i); @/
        /@ assert own: ADDS_UP(at); @/
        /@ assert above: \forall integer i; at < i < process.count ==>
             held_by_first[i] == \at(held_by_first[i],Pre) + more &&
             held_by_first[i + 1] == \at(held_by_first[i + 1],Pre) + more; @/
        /@ assert after: \forall integer i; at < i < process.count ==> ADDS_UP(i); @/
    }
*/

/* ---- every function down to the next line is called, and returns, with the lock held ---- */

/*@ requires limits: limits;
    terminates \true; exits \false;
    assigns \result \from process.taken, process.withheld;
    ensures limit: process.taken + \result <= at_least(process.taken, PERSIST_MOST - process.withheld);
    ensures most: \result <= PERSIST_MOST;
*/
static __attribute__((noinline)) size_t room_left(void)
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
    requires shift: shift <= PERSIST_MAX_SHIFT;
    requires question: 0 < size <= wanted && arena->count < PERSIST_REGIONS &&
      process.taken + wanted <= PERSIST_MOST;
    requires address: 0 <= (uintptr_t)grant <= UINTPTR_MAX;
    requires memory: good_answer(grant, granted, size, wanted) ==>
      memory(grant, granted) && zeroed(grant, granted) &&
      apart_from_regions(arena, arena->count, grant, granted);
    terminates \true; exits \false;
    assigns arena->base, arena->off, arena->current, arena->requested, arena->granted, arena->tail,
      arena->large, arena->count, NEXT_ENTRY(arena).base, NEXT_ENTRY(arena).end,
      \result, process.taken
      \from *arena, grant, granted, wanted, size, shift, process.taken;
    ensures arena: good_arena(arena, process.taken) && limits;
    ensures tail: \old(arena->off) == 0 ==> arena->tail == \old(arena->tail);
    ensures grown: \result.status == PERSIST_OK ==> grown{Pre,Post}(arena, grant, granted);
    ensures counted: \result.status == PERSIST_OK ==> counted{Pre,Post}(arena, size) && padded{Pre,Post}(arena, 1 << shift);
    ensures taken: process.taken - \old(process.taken) == arena->granted - \old(arena->granted);
    ensures grows: \old(process.taken) <= process.taken <= \old(process.taken) + wanted;
    ensures refused: grant == \null ==> \result.status == PERSIST_NO_MEMORY;
    ensures good: good_answer(grant, granted, size, wanted) ==> \result.status == PERSIST_OK;
    ensures bad: grant != \null && !good_answer(grant, granted, size, wanted) ==>
      \result.status == PERSIST_BAD_MEMORY;
    ensures kept: \result.status != PERSIST_OK ==> \result.block == \null;
    ensures same_books: \result.status != PERSIST_OK ==> SAME_BOOKS(arena);
    ensures aligned: \result.status == PERSIST_OK ==> aligned((char *)\result.block, 1 << shift);
    ensures in_one_region: \result.status == PERSIST_OK ==> in_one_region(arena, (char *)\result.block, size);
    ensures valid: \result.status == PERSIST_OK ==> \valid((char *)\result.block + (0 .. size - 1));
    ensures zeroed: \result.status == PERSIST_OK ==> zeroed((char *)\result.block, size);
    ensures overlaps_nothing:
      \result.status == PERSIST_OK && clear(grant, granted) ==> clear((char *)\result.block, size);
*/
static __attribute__((noinline)) struct persist_reply take_in(struct persist_arena *arena,
                                                              char *grant, size_t granted,
                                                              size_t wanted, size_t size,
                                                              unsigned shift)
{
    struct persist_reply reply = persist_accept(arena, grant, granted, wanted, size, shift);
    if (reply.status == PERSIST_OK) {
        process.taken += granted;
        watch_unused(grant, granted);
    }
    return reply;
}

/* Serves from an arena that no other thread uses now. */
/*@ requires locked: locked;
    requires process: process_sound && PLACE(at);
    requires request: 0 < size && shift <= PERSIST_MAX_SHIFT;
    terminates \true; exits \false;
    assigns *process.arena[at], sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size,
      process.taken, lock_held, \result
      \from *process.arena[at], at, size, shift, sys_next, sys_next_size, process.taken, process.withheld;
    ensures locked: locked;
    ensures arena: good_arena(process.arena[at], process.taken) && limits;
    ensures grows: \old(process.taken) <= process.taken;
    ensures taken: process.taken - \old(process.taken) ==
      process.arena[at]->granted - \old(process.arena[at]->granted);
    ensures limit: process.taken <= at_least(\old(process.taken), PERSIST_MOST - process.withheld);
    ensures status: \result.status == PERSIST_OK || \result.status == PERSIST_NO_MEMORY || \result.status == PERSIST_BAD_MEMORY;
    ensures kept: \result.status != PERSIST_OK ==> \result.block == \null;
    ensures aligned: \result.status == PERSIST_OK ==> aligned((char *)\result.block, 1 << shift);
    ensures in_one_region: \result.status == PERSIST_OK ==> in_one_region(process.arena[at], (char *)\result.block, size);
    ensures valid: \result.status == PERSIST_OK ==> \valid((char *)\result.block + (0 .. size - 1));
    ensures zeroed: \result.status == PERSIST_OK ==> zeroed((char *)\result.block, size);
    ensures overlaps_nothing:
      \result.status == PERSIST_OK && \old(unused_clear(process.arena[at])) ==> clear((char *)\result.block, size);
*/
static struct persist_reply serve(size_t at, size_t size, unsigned shift)
{
    struct persist_arena *arena = process.arena[at];
    size_t granted = 0;
    if (size <= arena->off) {
        return (struct persist_reply){PERSIST_OK, persist_serve(arena, size, shift)};
    }
    size_t wanted = persist_wanted(arena, size, room_left());
    if (wanted < size) {
        return (struct persist_reply){PERSIST_NO_MEMORY, NULL};
    }
    char *grant = ask(size, wanted, &granted) /*@ ghost (arena) */;
    return take_in(arena, grant, granted, wanted, size, shift);
}

/* Serves from an arena that no other thread uses now; the table stays sound. */
/*@ requires locked: locked;
    requires process: process_sound && sums_fit && PLACE(at);
    requires request: 0 < size && shift <= PERSIST_MAX_SHIFT;
    terminates \true; exits \false;
    assigns *process.arena[at], sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size,
      process.taken, held_by_first[at + 1 .. PERSIST_ARENAS], lock_held, \result
      \from *process.arena[at], at, size, shift, sys_next, sys_next_size, process.taken, process.withheld;
    ensures locked: locked;
    ensures process: process_sound;
    ensures sums: sums_fit;
    ensures none: none.off == \old(none.off) && none.granted == \old(none.granted);
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
static struct persist_reply serve_at(size_t at, size_t size, unsigned shift)
{
    //@ ghost size_t had = process.arena[at]->granted;
    struct persist_reply reply = serve(at, size, shift);
    //@ assert separated: \forall integer i; PLACE(i) && i != at ==> two_arenas(process.arena[i], process.arena[at]);
    //@ assert current: \forall integer i; PLACE(i) && i != at ==> same_current{Pre,Here}(process.arena[i]);
    //@ assert sums: \forall integer i; PLACE(i) && i != at ==> same_sums{Pre,Here}(process.arena[i]);
    //@ assert bases: \forall integer i, j; PLACE(i) && i != at && 0 <= j < PERSIST_REGIONS ==> process.arena[i]->region[j].base == \at(process.arena[i]->region[j].base,Pre);
    //@ assert ends: \forall integer i, j; PLACE(i) && i != at && 0 <= j < PERSIST_REGIONS ==> process.arena[i]->region[j].end == \at(process.arena[i]->region[j].end,Pre);
    //@ assert regions: \forall integer i; PLACE(i) && i != at ==> same_regions{Pre,Here}(process.arena[i], PERSIST_REGIONS);
    //@ assert same: others_same{Pre,Here}(at);
    //@ assert before: \forall integer i; PLACE(i) && i != at ==> \at(sound(process.arena[i]),Pre);
    //@ assert tables: \forall integer i; PLACE(i) && i != at ==> \at(regions(process.arena[i], process.arena[i]->count),Pre);
    //@ assert had: \forall integer i, j; PLACE(i) && i != at && 0 <= j < \at(process.arena[i]->count,Pre) ==> region{Pre}(\at(process.arena[i]->region[j].base,Pre), \at(process.arena[i]->region[j].end,Pre));
    //@ assert listed: \forall integer i; PLACE(i) && i != at ==> regions(process.arena[i], process.arena[i]->count);
    //@ assert zeroed: \forall integer i; PLACE(i) && i != at ==> zeroed(process.arena[i]->base, process.arena[i]->off);
    //@ assert sound: \forall integer i; PLACE(i) && i != at ==> sound(process.arena[i]);
    //@ assert valid: \forall integer i; PLACE(i) && i != at ==> \valid(process.arena[i]);
    //@ assert arenas: arenas;
    //@ assert places: places && limits && idle_places;
    //@ assert distinct: distinct;
    //@ assert had: \at(sums_fit,Pre);
    //@ ghost list_more(at, (size_t)(process.arena[at]->granted - had));
    return reply;
}

/* Puts an arena where it stays: into a block of its own region. */
/*@ requires arena: \valid_read(arena) && sound(arena);
    requires room: \valid((char *)record + (0 .. sizeof(struct persist_arena) - 1));
    requires aligned: aligned((char *)record, 1 << RECORD_SHIFT);
    terminates \true; exits \false;
    assigns \result \from record, *arena;
    ensures copied: \valid(\result) && sound(\result) && same_sums_as(arena, \result);
    ensures granted: \result->granted == arena->granted;
    ensures regions: \forall char *p, integer n; one_region(arena, p, n) ==> one_region(\result, p, n);
    ensures apart: apart_from_arenas(\result) && two_arenas(&none, \result) &&
      two_arenas(arena, \result);
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
    requires process: process_sound && sums_fit && 0 < process.count && process.count + process.making < PERSIST_ARENAS;
    requires held: held_by_first[process.count] + arena->granted <= process.taken;
    requires apart: apart_from_arenas(arena) && two_arenas(&none, arena);
    terminates \true; exits \false;
    assigns process.arena[process.count], process.count, used, held_by_first[process.count + 1]
      \from arena, process.count, used;
    ensures process: process_sound;
    ensures sums: sums_fit;
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
    //@ ghost held_by_first[process.count] = held_by_first[process.count - 1] + arena->granted;
    //@ ghost used = used + 1;
    //@ assert places: places && limits;
    //@ assert listed: \forall integer i; 0 <= i < process.count - 1 ==> ADDS_UP(i);
    //@ assert added: ADDS_UP(process.count - 1);
    //@ assert idle: idle_places;
    //@ assert arenas: arenas;
    //@ assert kept: \forall integer i; 0 <= i < process.count - 1 ==> process.arena[i] == \at(process.arena[i],Pre);
    //@ assert last: \forall integer i; 0 <= i < process.count - 1 ==> two_arenas(process.arena[i], process.arena[process.count - 1]) && two_arenas(process.arena[process.count - 1], process.arena[i]);
    //@ assert older: \forall integer i, j; 0 <= i < process.count - 1 && 0 <= j < process.count - 1 && i != j ==> two_arenas(process.arena[i], process.arena[j]);
    //@ assert distinct: distinct;
    //@ assert none_apart: none_apart;
}

/* A new arena's record and its first block, both out of its first grant. */
struct carved {
    enum persist_status status;
    void *record, *block; /* if the status is PERSIST_OK */
};

/* Finds the place of the arena's record. */
/*@ requires locked: locked;
    requires fresh: \valid(fresh) && empty(fresh) && limits;
    requires question: 0 < need <= wanted && RECORD_ROOM <= need &&
      process.taken + wanted <= PERSIST_MOST;
    requires answer: grant == \null || need <= granted;
    requires address: 0 <= (uintptr_t)grant <= UINTPTR_MAX;
    requires memory: good_answer(grant, granted, need, wanted) ==>
      memory(grant, granted) && zeroed(grant, granted);
    terminates \true; exits \false;
    assigns *fresh, \result, process.taken
      \from *fresh, grant, granted, wanted, need, process.taken;
    ensures status: a_status(\result.status);
    ensures arena: good_arena(fresh, process.taken) && limits;
    ensures room: \result.status == PERSIST_OK ==> need - RECORD_ROOM <= fresh->off;
    ensures region: \result.status == PERSIST_OK ==> one_region(fresh, grant, granted);
    ensures accepted: \result.status == PERSIST_OK ==> good_answer(grant, granted, need, wanted);
    ensures record: \result.status == PERSIST_OK ==>
      \valid((char *)\result.record + (0 .. sizeof(struct persist_arena) - 1)) &&
      aligned((char *)\result.record, 1 << RECORD_SHIFT);
    ensures grows: \old(process.taken) <= process.taken <= \old(process.taken) + wanted;
    ensures refused: \result.status != PERSIST_OK ==> process.taken == \old(process.taken);
    ensures held: \result.status == PERSIST_OK ==> process.taken == \old(process.taken) + fresh->granted;
*/
static struct carved carve_record(struct persist_arena *fresh, char *grant, size_t granted,
                                  size_t wanted) /*@ ghost (size_t need) */
{
    struct persist_reply reply =
        take_in(fresh, grant, granted, wanted, sizeof *fresh, RECORD_SHIFT);
    if (reply.status == PERSIST_OK) {
        watch_handed_out(reply.block, sizeof *fresh);
        fresh->requested = 0;
    }
    return (struct carved){reply.status, reply.block, NULL};
}

/*@ requires locked: locked;
    requires fresh: \valid(fresh) && empty(fresh) && limits;
    requires request: 0 < size && shift <= PERSIST_MAX_SHIFT;
    requires question: size + RECORD_ROOM <= wanted && process.taken + wanted <= PERSIST_MOST;
    requires answer: grant == \null || size + RECORD_ROOM <= granted;
    requires address: 0 <= (uintptr_t)grant <= UINTPTR_MAX;
    requires memory: good_answer(grant, granted, size + RECORD_ROOM, wanted) ==>
      memory(grant, granted) && zeroed(grant, granted);
    terminates \true; exits \false;
    assigns *fresh, \result, process.taken
      \from *fresh, grant, granted, wanted, size, shift, process.taken;
    ensures status: a_status(\result.status);
    ensures arena: good_arena(fresh, process.taken) && limits;
    ensures record: \result.status == PERSIST_OK ==>
      \valid((char *)\result.record + (0 .. sizeof(struct persist_arena) - 1)) &&
      aligned((char *)\result.record, 1 << RECORD_SHIFT);
    ensures region: \result.status == PERSIST_OK ==> one_region(fresh, grant, granted);
    ensures accepted: \result.status == PERSIST_OK ==>
      good_answer(grant, granted, size + RECORD_ROOM, wanted);
    ensures in_grant: \result.status == PERSIST_OK ==>
      within((char *)\result.block, size, grant, grant + granted);
    ensures block: \result.status == PERSIST_OK ==> good_block((char *)\result.block, size, 1 << shift);
    ensures grows: \old(process.taken) <= process.taken <= \old(process.taken) + wanted;
    ensures refused: \result.status != PERSIST_OK ==> process.taken == \old(process.taken);
    ensures held: \result.status == PERSIST_OK ==> process.taken == \old(process.taken) + fresh->granted;
*/
static struct carved carve(struct persist_arena *fresh, char *grant, size_t granted, size_t wanted,
                           size_t size, unsigned shift)
{
    struct carved carved =
        carve_record(fresh, grant, granted, wanted) /*@ ghost (size + RECORD_ROOM) */;
    if (carved.status == PERSIST_OK) {
        carved.block = persist_serve(fresh, size, shift);
    }
    return carved;
}

/* An arena that is not enlisted yet, with the first block that it served. */
struct started {
    enum persist_status status;
    struct persist_arena *arena; /* this and the next: if the status is PERSIST_OK */
    void *block;
};

/* Starts an arena in its first grant, which holds its record and its first block. */
/*@ requires locked: locked;
    requires limits: limits;
    requires request: 0 < size && shift <= PERSIST_MAX_SHIFT;
    requires question: size + RECORD_ROOM <= wanted && process.taken + wanted <= PERSIST_MOST;
    requires answer: grant == \null || size + RECORD_ROOM <= granted;
    requires address: 0 <= (uintptr_t)grant <= UINTPTR_MAX;
    requires memory: good_answer(grant, granted, size + RECORD_ROOM, wanted) ==>
      memory(grant, granted) && zeroed(grant, granted);
    terminates \true; exits \false;
    assigns process.taken, \result \from grant, granted, wanted, size, shift, process.taken;
    ensures limits: limits;
    ensures status: a_status(\result.status);
    ensures accepted: \result.status == PERSIST_OK ==>
      good_answer(grant, granted, size + RECORD_ROOM, wanted);
    ensures valid: \result.status == PERSIST_OK ==> \valid(\result.arena);
    ensures region: \result.status == PERSIST_OK ==> one_region(\result.arena, grant, granted);
    ensures sums: \result.status == PERSIST_OK ==> SHAPED(\result.arena) &&
      BALANCED(\result.arena) && COUNTED_LARGE(\result.arena);
    ensures zeroed: \result.status == PERSIST_OK ==>
      zeroed(\result.arena->base, \result.arena->off);
    ensures taken: \result.status == PERSIST_OK ==>
      process.taken == \old(process.taken) + \result.arena->granted;
    ensures apart: \result.status == PERSIST_OK ==>
      apart_from_arenas(\result.arena) && two_arenas(&none, \result.arena);
    ensures block: \result.status == PERSIST_OK ==> \result.block != \null &&
      aligned((char *)\result.block, 1 << shift) && zeroed((char *)\result.block, size);
    ensures in_grant: \result.status == PERSIST_OK ==>
      within((char *)\result.block, size, grant, grant + granted);
    ensures grows: \old(process.taken) <= process.taken <= \old(process.taken) + wanted;
    ensures refused: \result.status != PERSIST_OK ==> process.taken == \old(process.taken);
*/
static struct started start(char *grant, size_t granted, size_t wanted, size_t size, unsigned shift)
{
    struct persist_arena fresh = {0};
    struct carved carved = carve(&fresh, grant, granted, wanted, size, shift);
    if (carved.status != PERSIST_OK) {
        return (struct started){carved.status, NULL, NULL};
    }
    //@ assert held: process.taken == \at(process.taken,Pre) + fresh.granted;
    struct persist_arena *arena = settle(carved.record, &fresh);
    //@ assert whole: \base_addr(arena) == \base_addr(&fresh) ==> \offset(arena) == 0;
    //@ assert other: arena != &fresh;
    //@ assert elsewhere: \base_addr(arena) != \base_addr(&fresh);
    //@ assert region: one_region(arena, grant, granted);
    return (struct started){PERSIST_OK, arena, carved.block};
}

/* Makes an arena, the last of the table, out of what the system answered, and serves from it. */
/*@ requires locked: locked;
    requires process: process_sound && sums_fit && 0 < process.count && process.count + process.making < PERSIST_ARENAS;
    requires none: none.granted == 0;
    requires request: 0 < size && shift <= PERSIST_MAX_SHIFT;
    requires question: size + RECORD_ROOM <= wanted && process.taken + wanted <= PERSIST_MOST;
    requires answer: grant == \null || size + RECORD_ROOM <= granted;
    requires address: 0 <= (uintptr_t)grant <= UINTPTR_MAX;
    requires memory: good_answer(grant, granted, size + RECORD_ROOM, wanted) ==>
      memory(grant, granted) && zeroed(grant, granted);
    terminates \true; exits \false;
    assigns process.taken, process.arena[process.count], process.count, used,
      held_by_first[process.count + 1], \result
      \from grant, granted, wanted, size, shift, process.taken, process.count, used;
    ensures process: process_sound;
    ensures sums: sums_fit;
    ensures grows: process.taken <= \old(process.taken) + wanted;
    ensures status: a_status(\result.status);
    ensures made: \result.status == PERSIST_OK ==>
      process.count == \old(process.count) + 1 && used == \old(used) + 1;
    ensures not_made: \result.status != PERSIST_OK ==>
      process.count == \old(process.count) && used == \old(used) && process.taken == \old(process.taken);
    ensures block: \result.status == PERSIST_OK ==> good_block((char *)\result.block, size, 1 << shift);
*/
static struct persist_reply make_in(char *grant, size_t granted, size_t wanted, size_t size,
                                    unsigned shift)
{
    //@ assert before: arenas;
    struct started started = start(grant, granted, wanted, size, shift);
    //@ assert places: places;
    //@ assert limits: limits;
    //@ assert idle: idle_places;
    //@ assert arenas: arenas;
    //@ assert distinct: distinct;
    //@ assert none_apart: none_apart;
    //@ assert beginning: beginning;
    //@ assert sums: sums_fit;
    if (started.status == PERSIST_OK) {
        //@ assert regions: regions(started.arena, started.arena->count);
        //@ assert sound: sound(started.arena);
        //@ assert valid: \valid((char *)started.block + (0 .. size - 1));
        enlist(started.arena);
    }
    return (struct persist_reply){started.status, started.block};
}

/* Makes an arena and serves from it, both out of one grant. */
/*@ requires locked: locked;
    requires process: process_sound && sums_fit && 0 < process.count && process.count + process.making < PERSIST_ARENAS;
    requires none: none.granted == 0;
    requires request: 0 < size && shift <= PERSIST_MAX_SHIFT;
    terminates \true; exits \false;
    assigns sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size, process.taken,
      process.making, process.arena[process.count], process.count, used, held_by_first[process.count + 1],
      lock_held, \result
      \from size, shift, sys_next, sys_next_size, process.taken, process.withheld, process.count, used;
    ensures locked: locked;
    ensures process: process_sound;
    ensures sums: sums_fit;
    ensures limit: process.taken <= at_least(\old(process.taken), PERSIST_MOST - process.withheld);
    ensures status: a_status(\result.status);
    ensures made: \result.status == PERSIST_OK ==>
      process.count == \old(process.count) + 1 && used == \old(used) + 1;
    ensures not_made: \result.status != PERSIST_OK ==>
      process.count == \old(process.count) && used == \old(used) && process.taken == \old(process.taken);
    ensures making: process.making == \old(process.making);
    ensures block: \result.status == PERSIST_OK ==> good_block((char *)\result.block, size, 1 << shift);
*/
static struct persist_reply make(size_t size, unsigned shift)
{
    size_t granted = 0;
    size_t need = size <= PERSIST_MOST ? size + RECORD_ROOM : size;
    size_t wanted = persist_wanted(&none, need, room_left());
    if (wanted < need) {
        return (struct persist_reply){PERSIST_NO_MEMORY, NULL};
    }
    process.making += 1u;
    //@ assert local: \forall integer i; PLACE(i) ==> good_arena(process.arena[i], process.taken);
    char *grant = ask(need, wanted, &granted) /*@ ghost (&none) */;
    process.making -= 1u;
    if (grant != NULL && granted < need) {
        return (struct persist_reply){PERSIST_BAD_MEMORY, NULL};
    }
    return make_in(grant, granted, wanted, size, shift);
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

/* Ends when another thread's call or thread does: in one thread's view, never. The contract leaves open
 * what the others have made idle or taken meanwhile, and what follows is proved of all of it. */
/*@ requires locked: locked;
    requires process: process_sound;
    terminates \false; exits \false;
    assigns process.idle[0 .. PERSIST_ARENAS - 1], process.idles, used \from process, used;
    ensures process: process_sound;
    ensures not_full: process.idles != 0 || process.count + process.making != PERSIST_ARENAS;
*/
static void wait_for_idle(void)
{
    /*@ loop invariant locked: locked;
        loop invariant process: process_sound;
        loop assigns \nothing; */
    while (all_in_use()) {
        threads_wait();
    }
}

/*@ requires process: process_sound && sums_fit && 0 < process.idles;
    terminates \true; exits \false;
    assigns process.idles, used, \result \from process.idles, process.idle[process.idles - 1], used;
    ensures process: process_sound;
    ensures sums: sums_fit;
    ensures found: PLACE(\result) && \result < NOWHERE && used == \old(used) + 1;
*/
static size_t take_idle(void)
{
    process.idles -= 1u;
    //@ ghost used = used + 1;
    return process.idle[process.idles];
}

/* The first arena needs no memory. */
/*@ requires process: process_sound && sums_fit && process.count == 0 && process.making < PERSIST_ARENAS;
    terminates \true; exits \false;
    assigns process.arena[0], process.count, used, held_by_first[1], \result \from used;
    ensures process: process_sound;
    ensures sums: sums_fit;
    ensures first: process.arena[0] == &first && \result == 0;
    ensures found: PLACE(\result) && \result < NOWHERE && used == \old(used) + 1;
*/
static size_t begin(void)
{
    process.arena[0] = &first;
    process.count = 1;
    //@ ghost used = used + 1;
    //@ ghost held_by_first[1] = 0;
    //@ assert first: good_arena(process.arena[0], process.taken);
    //@ assert places: places && limits && idle_places;
    //@ assert arenas: arenas;
    //@ assert none_apart: none_apart;
    return 0;
}

/* The place of an arena that no thread uses, or NOWHERE if one is to be made. */
/*@ requires locked: locked;
    requires process: process_sound && sums_fit;
    terminates 0 < process.idles || process.count + process.making < PERSIST_ARENAS;
    exits \false;
    assigns process.idle[0 .. PERSIST_ARENAS - 1], process.idles, process.arena[0], process.count, used,
      held_by_first[1]
      \from process, used;
    ensures process: process_sound;
    ensures sums: sums_fit;
    ensures listed: \forall integer i; 0 <= i < \old(process.count) ==>
      process.arena[i] == \old(process.arena[i]);
    ensures which: \result < NOWHERE ==>
      \result < \old(process.count) || process.arena[\result] == &first;
    ensures found: \result < NOWHERE ==> PLACE(\result) && process.owned < used;
    ensures nowhere: \result >= NOWHERE ==> \result == NOWHERE &&
      0 < process.count && process.count + process.making < PERSIST_ARENAS;
*/
static size_t find_idle(void)
{
    if (all_in_use()) {
        wait_for_idle();
    }
    //@ assert places: places;
    //@ assert sums: sums_fit;
    //@ assert before: process.owned <= used;
    //@ assert room: process.idles == 0 ==> process.count + process.making < PERSIST_ARENAS;
    if (process.idles > 0) {
        return take_idle();
    }
    if (process.count == 0) {
        return begin();
    }
    return NOWHERE;
}

/*@ requires process: process_sound && PLACE(at) && process.owned < used;
    terminates \true; exits \false;
    assigns process.idle[process.idles], process.idles, used \from process.idles, at, used;
    ensures process: process_sound;
    ensures idle: process.idles == \old(process.idles) + 1;
    ensures used: used == \old(used) - 1;
*/
static __attribute__((noinline)) void make_idle(size_t at)
{
    process.idle[process.idles] = at;
    process.idles += 1u;
    //@ ghost used = used - 1;
    //@ assert places: places && limits;
    //@ assert idle: idle_places;
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
static __attribute__((noinline)) void keep(size_t at)
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
    requires process: process_sound && sums_fit;
    requires mine: mine_sound && mine.own == NOWHERE;
    requires request: 0 < size && shift <= PERSIST_MAX_SHIFT;
    terminates 0 < process.idles || process.count + process.making < PERSIST_ARENAS;
    exits \false;
    assigns process, mine, used, held_by_first[0 .. PERSIST_ARENAS], lock_held, first,
      *process.arena[0 .. process.count - 1],
      sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size, \result
      \from process, mine, used, first, sys_next, sys_next_size, size, shift;
    ensures locked: locked;
    ensures process: process_sound;
    ensures sums: sums_fit;
    ensures mine: mine_sound;
    ensures status: a_status(\result.status);
    ensures block: \result.status == PERSIST_OK ==> good_block((char *)\result.block, size, 1 << shift);
*/
static struct persist_reply borrow(size_t size, unsigned shift)
{
    struct persist_reply reply;
    size_t at = find_idle();
    if (at != NOWHERE) {
        reply = serve_at(at, size, shift);
    } else {
        reply = make(size, shift);
        at = reply.status == PERSIST_OK ? process.count - 1u : NOWHERE;
    }
    //@ assert sums: sums_fit;
    //@ assert none: none.off == 0 && none.granted == 0;
    //@ assert mine: mine.own == NOWHERE && mine.fast == &none;
    if (at != NOWHERE) {
        keep(at);
    }
    threads_wake();
    return reply;
}

/*@ requires locked: locked;
    requires process: process_sound && sums_fit;
    requires mine: mine_sound;
    requires request: 0 < size && shift <= PERSIST_MAX_SHIFT;
    terminates mine.own < NOWHERE || 0 < process.idles || process.count + process.making < PERSIST_ARENAS;
    exits \false;
    assigns process, mine, used, held_by_first[0 .. PERSIST_ARENAS], lock_held, first,
      *process.arena[0 .. process.count - 1],
      sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size, \result
      \from process, mine, used, first, sys_next, sys_next_size, size, shift;
    ensures locked: locked;
    ensures process: process_sound;
    ensures sums: sums_fit;
    ensures mine: mine_sound;
    ensures status: a_status(\result.status);
    ensures block: \result.status == PERSIST_OK ==> good_block((char *)\result.block, size, 1 << shift);
*/
static struct persist_reply allocate(size_t size, unsigned shift)
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

/* What an arena's field says while the arena's thread may be at work, on its path without a lock: there
 * `off` only falls, `requested` and `large` only grow. The contracts say that much of the loads, and the
 * sums are proved of any such values. */
/*@ requires arena: \valid_read(arena);
    terminates \true; exits \false;
    assigns \result \from arena->off, others_at_work;
    ensures fallen: 0 <= \result <= arena->off;
    ensures exact: !others_at_work ==> \result == arena->off;
*/
static size_t see_off(const struct persist_arena *arena)
{
    return PERSIST_LOAD(arena->off);
}

/*@ requires arena: \valid_read(arena);
    terminates \true; exits \false;
    assigns \result \from arena->requested, others_at_work;
    ensures grown: arena->requested <= \result <= SIZE_MAX;
    ensures exact: !others_at_work ==> \result == arena->requested;
*/
static size_t see_requested(const struct persist_arena *arena)
{
    return PERSIST_LOAD(arena->requested);
}

/* What a large request took lies in what the arena holds, at any moment. */
/*@ requires arena: \valid_read(arena) && BALANCED(arena) && COUNTED_LARGE(arena);
    terminates \true; exits \false;
    assigns \result \from arena->large, others_at_work;
    ensures grown: arena->large <= \result && \result * PERSIST_LARGE <= arena->granted;
    ensures exact: !others_at_work ==> \result == arena->large;
*/
static size_t see_large(const struct persist_arena *arena)
{
    return PERSIST_LOAD(arena->large);
}

/* The two are read at different moments, so the clamp. */
/*@ requires arena: \valid_read(arena) && BALANCED(arena);
    requires stats: \valid(stats) && \separated(stats, arena) && BALANCED_STATS(stats);
    requires room: stats->granted + arena->granted <= PERSIST_MOST;
    terminates \true; exits \false;
    assigns stats->requested, stats->padding, stats->tail, stats->free, stats->granted
      \from *stats, *arena, others_at_work;
    ensures balance: BALANCED_STATS(stats);
    ensures requested: \old(stats->requested + arena->requested) <= stats->requested;
    ensures tail: stats->tail == \old(stats->tail + arena->tail);
    ensures granted: stats->granted == \old(stats->granted + arena->granted);
    ensures exact: !others_at_work ==>
      stats->requested == \old(stats->requested + arena->requested) &&
      stats->free == \old(stats->free + arena->off);
*/
static void add_sums(struct persist_stats *stats, const struct persist_arena *arena)
{
    size_t off = see_off(arena);
    size_t requested = see_requested(arena);
    size_t tail = arena->tail;
    size_t granted = arena->granted;
    size_t in_use = granted - tail - off;
    //@ assert in_use: arena->requested <= in_use == granted - tail - off;
    if (requested > in_use) {
        requested = in_use;
    }
    stats->requested += requested;
    stats->padding += in_use - requested;
    stats->tail += tail;
    stats->free += off;
    stats->granted += granted;
}

/*@ requires arena: \valid_read(arena) && BALANCED(arena) && COUNTED_LARGE(arena) &&
      0 <= arena->count <= PERSIST_REGIONS;
    requires stats: \valid(stats) && \separated(stats, arena);
    requires room: stats->regions <= SIZE_MAX - PERSIST_REGIONS;
    requires large: stats->large * PERSIST_LARGE <= stats->granted && stats->granted + arena->granted <= PERSIST_MOST;
    terminates \true; exits \false;
    assigns stats->regions, stats->large \from stats->regions, stats->large, *arena, others_at_work;
    ensures regions: stats->regions == \old(stats->regions + arena->count);
    ensures large: \old(stats->large + arena->large) <= stats->large &&
      stats->large * PERSIST_LARGE <= stats->granted + arena->granted;
    ensures exact: !others_at_work ==> stats->large == \old(stats->large + arena->large);
*/
static void add_counts(struct persist_stats *stats, const struct persist_arena *arena)
{
    stats->regions += arena->count;
    stats->large += see_large(arena);
}

/*@ requires arena: \valid_read(arena) && BALANCED(arena) && COUNTED_LARGE(arena) &&
      0 <= arena->count <= PERSIST_REGIONS;
    requires stats: \valid(stats) && \separated(stats, arena) && BALANCED_STATS(stats) &&
      LARGE_STATS(stats);
    requires room: stats->granted + arena->granted <= PERSIST_MOST &&
      stats->regions <= SIZE_MAX - PERSIST_REGIONS;
    terminates \true; exits \false;
    assigns stats->requested, stats->padding, stats->tail, stats->free, stats->granted,
      stats->regions, stats->large \from *stats, *arena, others_at_work;
    ensures balance: BALANCED_STATS(stats) && LARGE_STATS(stats);
    ensures requested: \old(stats->requested + arena->requested) <= stats->requested;
    ensures tail: stats->tail == \old(stats->tail + arena->tail);
    ensures granted: stats->granted == \old(stats->granted + arena->granted);
    ensures regions: stats->regions == \old(stats->regions + arena->count);
    ensures large: \old(stats->large + arena->large) <= stats->large;
    ensures exact: !others_at_work ==>
      stats->requested == \old(stats->requested + arena->requested) &&
      stats->free == \old(stats->free + arena->off) &&
      stats->large == \old(stats->large + arena->large);
*/
static __attribute__((noinline)) void add_statistics(struct persist_stats *stats,
                                                     const struct persist_arena *arena)
{
    add_counts(stats, arena);
    add_sums(stats, arena);
}

/* What a thread that vanished in a fork had left is given up: it may have been writing to it. */
/*@ requires process: process_sound && PLACE(at);
    terminates \true; exits \false;
    assigns process.arena[at]->off, process.arena[at]->tail
      \from process.arena[at]->off, process.arena[at]->tail;
    ensures process: process_sound;
    ensures granted: \forall integer i; PLACE(i) ==>
      process.arena[i]->granted == \old(process.arena[i]->granted);
    ensures given_up: process.arena[at]->off == 0 &&
      process.arena[at]->tail == \old(process.arena[at]->tail + process.arena[at]->off);
*/
static void abandon(size_t at)
{
    struct persist_arena *arena = process.arena[at];
    //@ assert own: sound(arena) && arena->granted <= process.taken;
    arena->tail += arena->off;
    PERSIST_STORE(arena->off, 0);
    //@ assert separated: \forall integer i; PLACE(i) && i != at ==> two_arenas(process.arena[i], process.arena[at]);
    //@ assert off: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->off == \at(process.arena[i]->off,Pre);
    //@ assert tail: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->tail == \at(process.arena[i]->tail,Pre);
    //@ assert before: \forall integer i; PLACE(i) && i != at ==> \at(sound(process.arena[i]),Pre);
    //@ assert shaped: \forall integer i; PLACE(i) && i != at ==> SHAPED(process.arena[i]);
    //@ assert listed: \forall integer i; PLACE(i) && i != at ==> regions(process.arena[i], process.arena[i]->count);
    //@ assert zeroed: \forall integer i; PLACE(i) && i != at ==> zeroed(process.arena[i]->base, process.arena[i]->off);
    /*@ assert balanced_before: \forall integer i;
          PLACE(i) && i != at ==> \at(BALANCED(process.arena[i]), Pre); */
    //@ assert balanced: \forall integer i; PLACE(i) && i != at ==> BALANCED(process.arena[i]);
    //@ assert large: \forall integer i; PLACE(i) && i != at ==> COUNTED_LARGE(process.arena[i]);
    //@ assert others: others_sound(at);
    //@ assert own_shaped: SHAPED(arena) && BALANCED(arena) && COUNTED_LARGE(arena);
    //@ assert own_listed: regions(arena, arena->count);
    //@ assert own: good_arena(process.arena[at], process.taken);
    //@ assert arenas: arenas;
}

/* Gives up what the arenas of vanished threads had left; what all arenas hold. */
/*@ requires process: process_sound && sums_fit;
    requires mine: mine_sound;
    terminates \true; exits \false;
    assigns *process.arena[0 .. process.count - 1], \result \from process, mine.own;
    ensures process: process_sound;
    ensures sums: sums_fit;
    ensures held: \forall integer i; PLACE(i) ==> process.arena[i]->granted <= \result;
    ensures sum: \forall integer n; 0 <= n <= process.count ==> held_by_first[n] <= \result;
    ensures most: 0 <= \result <= PERSIST_MOST;
*/
static size_t abandon_others(void)
{
    size_t held = 0;
    /*@ loop invariant range: 0 <= i <= process.count;
        loop invariant process: process_sound;
        loop invariant same: \forall integer j; PLACE(j) ==>
          process.arena[j]->granted == \at(process.arena[j]->granted,Pre);
        loop invariant held: held == held_by_first[i] && held <= PERSIST_MOST;
        loop invariant each: \forall integer j; 0 <= j < i ==> process.arena[j]->granted <= held;
        loop invariant sums: \forall integer n; 0 <= n <= i ==> held_by_first[n] <= held;
        loop assigns i, held, *process.arena[0 .. process.count - 1];
        loop variant process.count - i; */
    for (size_t i = 0; i < process.count; i++) {
        held += process.arena[i]->granted;
        if (i != mine.own) {
            abandon(i);
        }
    }
    return held;
}

/*@ requires process: process_sound && sums_fit;
    requires held: 0 <= held <= PERSIST_MOST &&
      \forall integer i; PLACE(i) ==> process.arena[i]->granted <= held;
    requires sum: \forall integer n; 0 <= n <= process.count ==> held_by_first[n] <= held;
    terminates \true; exits \false;
    assigns process.taken \from held;
    ensures process: process_sound;
    ensures sums: sums_fit;
*/
static __attribute__((noinline)) void set_taken(size_t held)
{
    //@ assert each: \forall integer i; PLACE(i) ==> \valid(process.arena[i]) && sound(process.arena[i]);
    process.taken = held;
    //@ assert places: places && limits && idle_places;
    //@ assert arenas: arenas;
    //@ assert distinct: distinct && none_apart && beginning;
}

/* Nobody else is there: to begin with, nothing is idle. */
/*@ requires process: process_sound;
    requires mine: mine_sound;
    terminates \true; exits \false;
    assigns process.idles, process.making, process.owned, used \from process.count, mine.own;
    ensures process: process_sound;
    ensures mine: mine_sound;
    ensures idle: process.idles == 0 && process.making == 0 && used == process.count;
    ensures owned: process.owned == (mine.own < NOWHERE ? 1 : 0);
*/
static void forget_others(void)
{
    size_t owned = mine.own < NOWHERE ? 1u : 0u;
    //@ assert owned: owned <= process.count && owned <= 1;
    process.idles = 0;
    process.making = 0;
    process.owned = owned;
    //@ ghost used = process.count;
    //@ assert places: places;
    //@ assert limits: limits;
    //@ assert idle: idle_places;
    //@ assert arenas: arenas;
    //@ assert distinct: distinct;
    //@ assert none_apart: none_apart;
    //@ assert beginning: beginning;
}

/*@ requires process: process_sound && PLACE(at);
    requires mine: mine_sound;
    requires used: at != mine.own ==> process.owned < used;
    terminates \true; exits \false;
    assigns process.idle[process.idles], process.idles, used
      \from process.idles, mine.own, at, used;
    ensures process: process_sound;
    ensures mine: mine_sound;
    ensures idled: at != mine.own ==> process.idles == \old(process.idles) + 1;
    ensures kept: at == mine.own ==> process.idles == \old(process.idles);
    ensures used: process.idles + used == \old(process.idles + used);
*/
static void make_idle_unless_own(size_t at)
{
    if (at != mine.own) {
        make_idle(at);
        //@ assert process: process_sound;
    }
}

/*@ requires process: process_sound;
    requires mine: mine_sound;
    requires alone: process.idles == 0 && used == process.count &&
      process.owned == (mine.own < NOWHERE ? 1 : 0);
    terminates \true; exits \false;
    assigns process.idle[0 .. PERSIST_ARENAS - 1], process.idles, used
      \from process.count, mine.own, used;
    ensures process: process_sound;
    ensures mine: mine_sound;
    ensures idle: process.idles + used == process.count && used == process.owned;
*/
static void make_others_idle(void)
{
    /*@ loop invariant range: 0 <= i <= process.count;
        loop invariant process: process_sound;
        loop invariant mine: mine_sound;
        loop invariant before: i <= mine.own ==> process.idles == i;
        loop invariant after: mine.own < i ==> process.idles + 1 == i;
        loop invariant used: process.idles + used == process.count;
        loop assigns i, process.idle[0 .. PERSIST_ARENAS - 1], process.idles, used;
        loop variant process.count - i; */
    for (size_t i = 0; i < process.count; i++) {
        make_idle_unless_own(i);
    }
}

/*@ requires locked: locked;
    requires process: process_sound && sums_fit;
    requires mine: mine_sound;
    terminates \true; exits \false;
    assigns process, used, *process.arena[0 .. process.count - 1] \from process, used, mine;
    ensures locked: locked;
    ensures process: process_sound;
    ensures sums: sums_fit;
    ensures mine: mine_sound;
    ensures alone: process.owned == used == (mine.own < NOWHERE ? 1 : 0);
    ensures idle: process.idles + used == process.count && process.making == 0;
*/
void persist_fork_child(void)
{
    set_taken(abandon_others());
    forget_others();
    make_others_idle();
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
    ensures borrows: mine.ownership == BORROWS;
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

/* Without the lock, from the thread's own arena; a large request is counted. `large` is known to the
 * compiler: the fast path is the arena's. */
/*@ requires process: process_sound && sums_fit;
    requires mine: mine_sound && mine.fast != &none;
    requires fits: 0 < size <= mine.fast->off && shift <= PERSIST_MAX_SHIFT;
    requires small: large != 0 || size < PERSIST_LARGE;
    terminates \true; exits \false;
    assigns mine.fast->off, mine.fast->requested, mine.fast->large, \result
      \from mine.fast->off, mine.fast->requested, mine.fast->large, mine.fast->base, size, shift, large;
    ensures process: process_sound;
    ensures sums: sums_fit;
    ensures mine: mine_sound;
    ensures counted: counted{Pre,Post}(mine.fast, size);
    ensures block: good_block((char *)\result, size, 1 << shift);
    ensures in_one_region: in_one_region(mine.fast, (char *)\result, size);
    ensures overlaps_nothing: \old(unused_clear(mine.fast)) ==> clear((char *)\result, size);
*/
static inline void *serve_own(size_t size, unsigned shift, int large)
{
    //@ ghost size_t at = mine.own;
    void *block =
        large ? persist_serve(mine.fast, size, shift) : persist_bump(mine.fast, size, shift);
    //@ assert separated: \forall integer i; PLACE(i) && i != at ==> two_arenas(process.arena[i], process.arena[at]);
    //@ assert off: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->off == \at(process.arena[i]->off,Pre);
    //@ assert requested: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->requested == \at(process.arena[i]->requested,Pre);
    //@ assert many: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->large == \at(process.arena[i]->large,Pre);
    //@ assert granted: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->granted == \at(process.arena[i]->granted,Pre);
    //@ assert tail: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->tail == \at(process.arena[i]->tail,Pre);
    //@ assert limit: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->withheld == \at(process.arena[i]->withheld,Pre);
    //@ assert before: \forall integer i; PLACE(i) && i != at ==> \at(sound(process.arena[i]),Pre);
    //@ assert large_before: \forall integer i; PLACE(i) && i != at ==> \at(COUNTED_LARGE(process.arena[i]),Pre);
    //@ assert large: \forall integer i; PLACE(i) && i != at ==> COUNTED_LARGE(process.arena[i]);
    //@ assert balanced_before: \forall integer i; PLACE(i) && i != at ==> \at(BALANCED(process.arena[i]),Pre);
    //@ assert balanced: \forall integer i; PLACE(i) && i != at ==> BALANCED(process.arena[i]);
    //@ assert count: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->count == \at(process.arena[i]->count,Pre);
    //@ assert current: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->current == \at(process.arena[i]->current,Pre);
    //@ assert first: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->region[process.arena[i]->current].base == \at(process.arena[i]->region[process.arena[i]->current].base,Pre);
    //@ assert last: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->region[process.arena[i]->current].end == \at(process.arena[i]->region[process.arena[i]->current].end,Pre);
    //@ assert shaped_before: \forall integer i; PLACE(i) && i != at ==> \at(SHAPED(process.arena[i]),Pre);
    //@ assert shaped: \forall integer i; PLACE(i) && i != at ==> SHAPED(process.arena[i]);
    //@ assert listed: \forall integer i; PLACE(i) && i != at ==> regions(process.arena[i], process.arena[i]->count);
    //@ assert zeroed: \forall integer i; PLACE(i) && i != at ==> zeroed(process.arena[i]->base, process.arena[i]->off);
    //@ assert sound: \forall integer i; PLACE(i) && i != at ==> sound(process.arena[i]);
    //@ assert valid: \forall integer i; PLACE(i) && i != at ==> \valid(process.arena[i]);
    //@ assert within: \forall integer i; PLACE(i) && i != at ==> process.arena[i]->granted <= process.taken;
    //@ assert others: others_sound(at);
    //@ assert own_listed: regions(process.arena[at], process.arena[at]->count);
    //@ assert own_sound: sound(process.arena[at]);
    //@ assert own: good_arena(process.arena[at], process.taken);
    //@ assert arenas: arenas;
    //@ assert sums: \forall integer i; PLACE(i) ==> ADDS_UP(i);
    return block;
}

/* With the lock: from any arena. A request whose alignment was refused is counted. */
/*@ requires unlocked: unlocked;
    requires process: process_sound && sums_fit;
    requires mine: mine_sound;
    requires request: 0 < size && (status == PERSIST_OK ==> shift <= PERSIST_MAX_SHIFT);
    requires status: 0 <= status < PERSIST_STATUSES;
    terminates mine.own < NOWHERE || 0 < process.idles || process.count + process.making < PERSIST_ARENAS;
    exits \false;
    assigns process, mine, used, held_by_first[0 .. PERSIST_ARENAS], lock_held, first,
      *process.arena[0 .. process.count - 1],
      sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size, \result
      \from process, mine, used, first, sys_next, sys_next_size, status, size, shift;
    ensures unlocked: unlocked;
    ensures process: process_sound;
    ensures sums: sums_fit;
    ensures mine: mine_sound;
    ensures refused: status != PERSIST_OK ==> \result.status == status;
    ensures status: 0 <= \result.status < PERSIST_STATUSES;
    ensures block: \result.status == PERSIST_OK ==> good_block((char *)\result.block, size, 1 << shift);
*/
static struct persist_reply serve_locked(enum persist_status status, size_t size, unsigned shift)
{
    struct persist_reply reply = {status, NULL};
    if (mine.ownership == NEW) {
        meet_thread();
    }
    threads_lock();
    if (status == PERSIST_OK) {
        reply = allocate(size, shift);
    }
    if (reply.status != PERSIST_OK) {
        count_failure(reply.status);
    }
    threads_unlock();
    return reply;
}

/*@ requires unlocked: unlocked;
    requires process: process_sound && sums_fit;
    requires mine: mine_sound;
    terminates mine.own < NOWHERE || 0 < process.idles || process.count + process.making < PERSIST_ARENAS;
    assigns process, mine, used, held_by_first[0 .. PERSIST_ARENAS], lock_held, first,
      *process.arena[0 .. process.count - 1],
      sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size, \result
      \from process, mine, used, first, sys_next, sys_next_size, size, align;
    exits unlocked: unlocked;
    exits sound: process_sound && sums_fit && mine_sound;
    ensures unlocked: unlocked;
    ensures process: process_sound;
    ensures sums: sums_fit;
    ensures mine: mine_sound;
    ensures block: good_block((char *)\result, length(size), alignment(align));
*/
static __attribute__((noinline, cold)) void *slow(size_t size, size_t align)
{
    unsigned shift = 0;
    size_t n = persist_length(size);
    enum persist_status status = persist_check_align(persist_alignment(align), &shift);
    if (n <= mine.fast->off && status == PERSIST_OK) {
        return serve_own(n, shift, 1);
    }
    struct persist_reply reply = serve_locked(status, n, shift);
    if (reply.status != PERSIST_OK) {
        persist_throw(reply.status, size, align);
    }
    watch_handed_out(reply.block, n);
    return reply.block;
}

/* Where speed matters more than size, a call starts a line of the processor's cache: it takes an eighth
 * less time there. */
#ifdef __OPTIMIZE_SIZE__
#define AT_LINE
#else
#define AT_LINE __attribute__((aligned(64)))
#endif

/*@ requires unlocked: unlocked;
    requires process: process_sound && sums_fit;
    requires mine: mine_sound;
    terminates mine.own < NOWHERE || 0 < process.idles || process.count + process.making < PERSIST_ARENAS;
    assigns process, mine, used, held_by_first[0 .. PERSIST_ARENAS], lock_held, first,
      *process.arena[0 .. process.count - 1],
      sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size, \result
      \from process, mine, used, first, sys_next, sys_next_size, size, align;
    exits unlocked: unlocked;
    exits sound: process_sound && sums_fit && mine_sound;
    ensures unlocked: unlocked;
    ensures process: process_sound;
    ensures sums: sums_fit;
    ensures mine: mine_sound;
    ensures block: good_block((char *)\result, length(size), alignment(align));
*/
AT_LINE void *persistentalloc(size_t size, size_t align)
{
    size_t a = persist_alignment(align), off = mine.fast->off, rest = persist_rest_hint(off, size);
    unsigned shift = persist_shift_hint(a);
    if (persist_is_fast(off, rest, size, a, shift)) {
        return serve_own(size, shift, 0);
    }
    return slow(size, align);
}

/*@ requires unlocked: unlocked;
    requires process: process_sound && sums_fit;
    requires mine: mine_sound;
    terminates mine.own < NOWHERE || 0 < process.idles || process.count + process.making < PERSIST_ARENAS;
    assigns process, mine, used, held_by_first[0 .. PERSIST_ARENAS], lock_held, first,
      *process.arena[0 .. process.count - 1],
      sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size, \result
      \from process, mine, used, first, sys_next, sys_next_size, n, size, align;
    exits unlocked: unlocked;
    exits sound: process_sound && sums_fit && mine_sound;
    ensures unlocked: unlocked;
    ensures process: process_sound;
    ensures sums: sums_fit;
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
    //@ assert places: places;
    //@ assert limits: limits;
    //@ assert idle: idle_places;
    //@ assert arenas: arenas;
    //@ assert distinct: distinct;
    //@ assert none_apart: none_apart;
    //@ assert beginning: beginning;
    threads_unlock();
}

/*@ requires stats: \valid(stats);
    terminates \true; exits \false;
    assigns stats->requested, stats->padding, stats->tail, stats->free, stats->granted,
      stats->regions, stats->large \from \nothing;
    ensures balance: BALANCED_STATS(stats) && COUNTED_LARGE(stats);
    ensures zero: stats->granted == 0 && stats->regions == 0;
*/
static void clear_sums(struct persist_stats *stats)
{
    stats->requested = 0;
    stats->padding = 0;
    stats->tail = 0;
    stats->free = 0;
    stats->granted = 0;
    stats->regions = 0;
    stats->large = 0;
}

/*@ requires locked: locked;
    requires process: process_sound && sums_fit;
    requires stats: \valid(stats) &&
      \forall integer i; PLACE(i) ==> \separated(stats, process.arena[i]);
    terminates \true; exits \false;
    assigns stats->requested, stats->padding, stats->tail, stats->free, stats->granted,
      stats->regions, stats->large;
    ensures balance: BALANCED_STATS(stats);
    ensures granted: stats->granted == held_by_first[process.count];
*/
static void sum_arenas(struct persist_stats *stats)
{
    //@ assert balanced: \forall integer i; PLACE(i) ==> BALANCED(process.arena[i]);
    //@ assert counted: \forall integer i; PLACE(i) ==> COUNTED_LARGE(process.arena[i]);
    //@ assert few: \forall integer i; PLACE(i) ==> 0 <= process.arena[i]->count <= PERSIST_REGIONS;
    clear_sums(stats);
    /*@ loop invariant range: 0 <= i <= process.count;
        loop invariant balance: BALANCED_STATS(stats) && LARGE_STATS(stats);
        loop invariant granted: stats->granted == held_by_first[i];
        loop invariant regions: stats->regions <= i * PERSIST_REGIONS;
        loop assigns i, stats->requested, stats->padding, stats->tail, stats->free,
          stats->granted, stats->regions, stats->large;
        loop variant process.count - i; */
    for (size_t i = 0; i < process.count; i++) {
        //@ assert apart: \separated(stats, process.arena[i]);
        //@ assert requested: \forall integer j; PLACE(j) ==> process.arena[j]->requested == \at(process.arena[j]->requested,Pre);
        //@ assert large: \forall integer j; PLACE(j) ==> process.arena[j]->large == \at(process.arena[j]->large,Pre);
        //@ assert counted: \forall integer j; PLACE(j) ==> COUNTED_LARGE(process.arena[j]);
        //@ assert off: \forall integer j; PLACE(j) ==> process.arena[j]->off == \at(process.arena[j]->off,Pre);
        //@ assert granted: \forall integer j; PLACE(j) ==> process.arena[j]->granted == \at(process.arena[j]->granted,Pre);
        //@ assert tail: \forall integer j; PLACE(j) ==> process.arena[j]->tail == \at(process.arena[j]->tail,Pre);
        //@ assert withheld: \forall integer j; PLACE(j) ==> process.arena[j]->withheld == \at(process.arena[j]->withheld,Pre);
        //@ assert balanced: \forall integer j; PLACE(j) ==> BALANCED(process.arena[j]);
        //@ assert count: \forall integer j; PLACE(j) ==> process.arena[j]->count == \at(process.arena[j]->count,Pre);
        add_statistics(stats, process.arena[i]);
    }
}

/*@ requires locked: locked;
    requires stats: \valid(stats);
    terminates \true; exits \false;
    assigns stats->failures[0 .. PERSIST_STATUSES - 1] \from process.failures[0 .. PERSIST_STATUSES - 1];
    ensures failures: \forall integer i; 0 <= i < PERSIST_STATUSES ==>
      stats->failures[i] == process.failures[i];
*/
static void copy_failures(struct persist_stats *stats)
{
    /*@ loop invariant range: 0 <= i <= PERSIST_STATUSES;
        loop invariant copied: \forall integer j; 0 <= j < i ==>
          stats->failures[j] == process.failures[j];
        loop assigns i, stats->failures[0 .. PERSIST_STATUSES - 1];
        loop variant PERSIST_STATUSES - i; */
    for (unsigned i = 0; i < PERSIST_STATUSES; i++) {
        stats->failures[i] = process.failures[i];
    }
}

/*@ requires unlocked: unlocked;
    requires process: process_sound && sums_fit;
    requires stats: \valid(stats) &&
      \forall integer i; PLACE(i) ==> \separated(stats, process.arena[i]);
    terminates \true; exits \false;
    assigns *stats, lock_held;
    ensures unlocked: unlocked;
    ensures balance: stats->requested + stats->padding + stats->tail + stats->free == stats->granted;
    ensures granted: stats->granted == held_by_first[process.count];
    ensures failures: \forall integer i; 0 <= i < PERSIST_STATUSES ==>
      stats->failures[i] == process.failures[i];
*/
void persist_statistics(struct persist_stats *stats)
{
    threads_lock();
    sum_arenas(stats);
    copy_failures(stats);
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
