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

static struct {
    struct persist_arena *arena[PERSIST_ARENAS];
    struct persist_arena *idle[PERSIST_ARENAS]; /* those that no thread owns or borrows, a stack */
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
    struct persist_arena *fast; /* what the fast path bumps: `own` or `none` */
    struct persist_arena *own;
    enum ownership ownership;
} mine = {&none, NULL, NEW};

/* ---- every function down to the next line is called, and returns, with the lock held ---- */

static size_t room_left(void)
{
    size_t most = PERSIST_MOST - process.withheld;
    return process.taken < most ? most - process.taken : 0;
}

/* Asks the system with the lock released; meanwhile `wanted` counts as taken. */
static char *ask(size_t minimum, size_t wanted, size_t *granted)
{
    process.taken += wanted;
    threads_unlock();
    char *grant = sys_alloc(minimum, wanted, granted);
    threads_lock();
    process.taken -= wanted;
    return grant;
}

/* persist_accept, for the whole process. */
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
static enum persist_status serve(struct persist_arena *arena, size_t size, unsigned shift,
                                 void **out)
{
    size_t granted = 0;
    if (size <= arena->off) {
        *out = persist_serve(arena, size, shift);
        return PERSIST_OK;
    }
    size_t wanted = persist_wanted(arena, size, room_left());
    if (wanted < size) {
        return PERSIST_NO_MEMORY;
    }
    char *grant = ask(size, wanted, &granted);
    return take_in(arena, grant, granted, wanted, size, shift, out);
}

/* Makes an arena and serves from it, both out of one grant. */
static enum persist_status make(struct persist_arena **arena, size_t size, unsigned shift,
                                void **out)
{
    struct persist_arena fresh = {0};
    void *record = NULL;
    size_t granted = 0;
    size_t need = size < PERSIST_MOST ? size + RECORD_ROOM : size;
    size_t wanted = persist_wanted(&fresh, need, room_left());
    if (wanted < need) {
        return PERSIST_NO_MEMORY;
    }
    process.making += 1u;
    char *grant = ask(need, wanted, &granted);
    process.making -= 1u;
    if (grant != NULL && granted < need) {
        return PERSIST_BAD_MEMORY;
    }
    enum persist_status status =
        take_in(&fresh, grant, granted, wanted, sizeof fresh, RECORD_SHIFT, &record);
    if (status == PERSIST_OK) {
        watch_handed_out(record, sizeof fresh);
        fresh.requested = 0;
        *arena = record;
        **arena = fresh;
        process.arena[process.count++] = *arena;
        *out = persist_serve(*arena, size, shift);
    }
    return status;
}

/* An arena that no thread uses, or NULL if one is to be made. */
static struct persist_arena *find_idle(void)
{
    while (process.idles == 0 && process.count + process.making == PERSIST_ARENAS) {
        threads_wait();
    }
    if (process.idles > 0) {
        process.idles -= 1u;
        return process.idle[process.idles];
    }
    if (process.count == 0) {
        process.arena[0] = &first;
        process.count = 1;
        return &first;
    }
    return NULL;
}

static void make_idle(struct persist_arena *arena)
{
    process.idle[process.idles] = arena;
    process.idles += 1u;
}

/* The arena becomes the thread's own, if it may; else it goes back. */
static void keep(struct persist_arena *arena)
{
    if (mine.ownership == OWNS && process.owned + 1u < PERSIST_ARENAS) {
        process.owned += 1u;
        mine.own = arena;
        mine.fast = watched() ? &none : arena;
    } else {
        make_idle(arena);
    }
}

static enum persist_status allocate(size_t size, unsigned shift, void **out)
{
    struct persist_arena *arena = mine.own;
    enum persist_status status;
    if (arena != NULL) {
        return serve(arena, size, shift, out);
    }
    arena = find_idle();
    if (arena != NULL) {
        status = serve(arena, size, shift, out);
    } else {
        status = make(&arena, size, shift, out);
    }
    if (arena != NULL) {
        keep(arena);
    }
    threads_wake();
    return status;
}

static void count_failure(enum persist_status status)
{
    if (process.failures[status] < SIZE_MAX) {
        process.failures[status] += 1u;
    }
}

/* What the fields say while the arena's thread may be at work: `off` and `requested` are read at
 * different moments, so the clamp. */
static void add_statistics(struct persist_stats *stats, const struct persist_arena *arena)
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
    make_idle(arena);
}

void persist_fork_child(void)
{
    process.taken = 0;
    process.idles = 0;
    process.making = 0;
    process.owned = mine.own != NULL;
    for (size_t i = 0; i < process.count; i++) {
        process.taken += process.arena[i]->granted;
        if (process.arena[i] != mine.own) {
            abandon(process.arena[i]);
        }
    }
}

/* ---- and these without it ---- */

void persist_thread_end(void)
{
    threads_lock();
    mine.ownership = BORROWS;
    if (mine.own != NULL) {
        make_idle(mine.own);
        process.owned -= 1u;
        mine.own = NULL;
        mine.fast = &none;
        threads_wake();
    }
    threads_unlock();
}

/* Sees to the thread's end. Borrows meanwhile: the C library may allocate, and the program's heap
 * may come from here. */
static void meet_thread(void)
{
    mine.ownership = BORROWS;
    if (threads_hook()) {
        mine.ownership = OWNS;
    }
}

static __attribute__((noinline)) void *slow(size_t size, size_t align)
{
    unsigned shift = 0;
    void *block = NULL;
    size_t n = size == 0 ? 1u : size;
    enum persist_status status =
        persist_check_align(align == 0 ? PERSIST_DEFAULT_ALIGN : align, &shift);
    if (mine.ownership == NEW) {
        meet_thread();
    }
    threads_lock();
    if (status == PERSIST_OK) {
        status = allocate(n, shift, &block);
    }
    if (status != PERSIST_OK) {
        count_failure(status);
    }
    threads_unlock();
    if (status != PERSIST_OK) {
        persist_throw(status, size, align);
    }
    watch_handed_out(block, n);
    return block;
}

void *persistentalloc(size_t size, size_t align)
{
    struct persist_arena *arena = mine.fast;
    size_t a = align == 0 ? PERSIST_DEFAULT_ALIGN : align;
    unsigned shift = persist_shift_hint(a);
    if (persist_is_fast(arena, size, a, shift)) {
        return persist_bump(arena, size, shift);
    }
    return slow(size, align);
}

void *persist_array(size_t n, size_t size, size_t align)
{
    return persistentalloc(persist_product(n, size), align);
}

int persist_contains(const void *address)
{
    int found = 0;
    threads_lock();
    for (size_t i = 0; i < process.count && !found; i++) {
        found = persist_arena_contains(process.arena[i], address);
    }
    threads_unlock();
    return found;
}

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
    mine.own = NULL;
    mine.fast = &none;
}
#endif
