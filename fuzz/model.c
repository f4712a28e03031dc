#include "model.h"

#include <string.h>

/* The rules as they are published: what is checked against must not move with the allocator. */
_Static_assert(PERSIST_CHUNK == 262144 && PERSIST_LARGE == 65536 && PERSIST_DEFAULT_ALIGN == 8 &&
                   PERSIST_MAX_ALIGN == 4096 && PERSIST_MAX_SHIFT == 12 && PERSIST_REGIONS == 200 &&
                   PERSIST_MOST == SIZE_MAX / 2 && PERSIST_STATUSES == 5,
               "a constant of persist.h is not what is published");

#define RECORD_ALIGN 64u
#define RECORD sizeof(struct persist_arena)
#define RECORD_ROOM (RECORD + RECORD_ALIGN)

struct arena {
    uintptr_t base; /* of the current region */
    size_t off;
    size_t requested, padding, tail, granted, regions, large;
};

enum ownership { NEW, BORROWS, OWNS };

static struct arena arena[2];
static struct table table[2]; /* of those two */
static size_t limit[USERS];
static size_t failures[USERS][PERSIST_STATUSES];

static struct {
    struct arena arena[PERSIST_ARENAS];
    int idle[PERSIST_ARENAS];
    int count, idles, owned, making;
    size_t taken; /* granted, or being asked for */
} process;

static struct {
    enum ownership ownership;
    int own;
} thread[THREADS];
static unsigned current;
static int hook_fails;

void model_reset(void)
{
    memset(arena, 0, sizeof arena);
    for (unsigned i = 0; i < 2; i++) {
        table[i].count = 0;
        table[i].current = 0;
    }
    memset(failures, 0, sizeof failures);
    memset(&process, 0, sizeof process);
    for (unsigned i = 0; i < USERS; i++) {
        limit[i] = PERSIST_MOST;
    }
    for (unsigned i = 0; i < THREADS; i++) {
        thread[i].ownership = NEW;
        thread[i].own = -1;
    }
    current = 0;
    hook_fails = 0;
}

/* ---- one arena ---- */

static enum persist_status classify(size_t align)
{
    if ((align & (align - 1)) != 0) {
        return PERSIST_NOT_POWER_OF_TWO;
    }
    return align > PERSIST_MAX_ALIGN ? PERSIST_ALIGN_TOO_LARGE : PERSIST_OK;
}

static size_t room_of(size_t most, size_t taken)
{
    return taken < most ? most - taken : 0;
}

/* An eighth of what was granted, at least a chunk and what is needed, in whole pages, but no more
 * than there is room for; 0 if that does not do. */
static size_t wanted(const struct arena *a, size_t size, size_t room)
{
    size_t want = a->granted / 8;
    if (a->regions == PERSIST_REGIONS || size > room) {
        return 0;
    }
    want = want < PERSIST_CHUNK ? PERSIST_CHUNK : want;
    want = want < size ? size : want;
    want = (want + 4095) / 4096 * 4096;
    return want < room ? want : room;
}

static uintptr_t bump(struct arena *a, size_t size, size_t align)
{
    size_t off = (a->off - size) & ~(align - 1);
    a->padding += a->off - size - off;
    a->off = off;
    return a->base + off;
}

static void count(struct arena *a, size_t size)
{
    a->requested += size;
    a->large += size >= PERSIST_LARGE;
}

static enum persist_status judge(const struct request *answer)
{
    if (answer->base == 0) {
        return PERSIST_NO_MEMORY;
    }
    if (answer->granted < answer->minimum || answer->granted > answer->wanted ||
        answer->base % 4096 != 0 || UINTPTR_MAX - answer->base < answer->granted) {
        return PERSIST_BAD_MEMORY;
    }
    return PERSIST_OK;
}

static void enlist(struct table *t, const struct request *answer, int current_now)
{
    t->region[t->count].base = answer->base;
    t->region[t->count].end = answer->base + answer->granted;
    if (current_now) {
        t->current = t->count;
    }
    t->count++;
}

/* A new region: the current one from now on, unless the block leaves less of it than that has. */
static uintptr_t take(struct arena *a, const struct request *answer, size_t size, size_t align)
{
    int whole = answer->granted - size < a->off;
    a->granted += answer->granted;
    a->regions++;
    if (a == &arena[ARENA_A] || a == &arena[ARENA_B]) {
        enlist(&table[a - arena], answer, !whole);
    }
    if (whole) {
        a->tail += answer->granted - size;
        return answer->base;
    }
    a->tail += a->off;
    a->base = answer->base;
    a->off = answer->granted;
    return bump(a, size, align);
}

/* ---- the process ---- */

static void keep(const struct call *call)
{
    if (thread[call->thread].ownership == OWNS && process.owned + 1 < (int)PERSIST_ARENAS) {
        process.owned++;
        thread[call->thread].own = call->arena;
    } else {
        process.idle[process.idles++] = call->arena;
    }
}

static void find_arena(struct call *call)
{
    call->arena = thread[current].own;
    if (call->arena >= 0) {
        return;
    }
    if (process.idles > 0) {
        call->arena = process.idle[--process.idles];
        call->keeps = 1;
    } else if (process.count + process.making == (int)PERSIST_ARENAS) {
        call->waits = 1;
    } else if (process.count == 0) {
        call->arena = process.count++;
        call->keeps = 1;
    } else {
        call->makes = 1;
    }
}

static struct arena *arena_of(const struct call *call)
{
    return call->user == PROCESS ? &process.arena[call->arena] : &arena[call->user];
}

/* ---- calls ---- */

static void fail(struct call *call, enum persist_status status)
{
    call->status = status;
    failures[call->user][status] += failures[call->user][status] != SIZE_MAX;
    if (call->keeps) {
        keep(call);
    }
}

static void serve(struct call *call, uintptr_t address)
{
    call->address = address;
    count(arena_of(call), call->size);
    if (call->keeps) {
        keep(call);
    }
}

struct call model_begin(unsigned user, size_t size, size_t align)
{
    static const struct arena fresh;
    struct call call = {.user = user,
                        .size = size == 0 ? 1 : size,
                        .align = align == 0 ? 8 : align,
                        .thread = current,
                        .room = model_room(user),
                        .arena = -1};
    enum persist_status status = classify(call.align);
    const struct arena *a = &fresh;
    if (user == PROCESS && thread[current].ownership == NEW) {
        thread[current].ownership = hook_fails ? BORROWS : OWNS;
    }
    if (status != PERSIST_OK) {
        fail(&call, status);
        return call;
    }
    call.minimum = call.size;
    if (user == PROCESS) {
        find_arena(&call);
        if (call.waits) {
            return call;
        }
    }
    if (!call.makes) {
        a = arena_of(&call);
        if (call.size <= a->off) {
            call.direct = user == PROCESS ? !call.keeps : size != 0 && size < PERSIST_LARGE;
            serve(&call, bump(arena_of(&call), call.size, call.align));
            return call;
        }
    } else if (call.size <= PERSIST_MOST) {
        call.minimum += RECORD_ROOM;
    }
    call.wanted = wanted(a, call.minimum, call.room);
    if (call.wanted == 0) {
        fail(&call, PERSIST_NO_MEMORY);
        return call;
    }
    call.asks = 1;
    if (user == PROCESS) {
        process.taken += call.wanted;
        process.making += call.makes;
    }
    return call;
}

void model_finish(struct call *call, const struct request *answer)
{
    enum persist_status status = judge(answer);
    if (call->user == PROCESS) {
        process.taken -= call->wanted;
        process.making -= call->makes;
    }
    if (status != PERSIST_OK) {
        fail(call, status);
        return;
    }
    if (call->user == PROCESS) {
        process.taken += answer->granted;
    }
    if (call->makes) {
        call->arena = process.count++;
        call->keeps = 1;
        take(arena_of(call), answer, RECORD, RECORD_ALIGN);
        arena_of(call)->padding += RECORD;
        serve(call, bump(arena_of(call), call->size, call->align));
    } else {
        serve(call, take(arena_of(call), answer, call->size, call->align));
    }
}

void model_limit(unsigned user, size_t bytes)
{
    limit[user] = bytes < PERSIST_MOST ? bytes : PERSIST_MOST;
}

size_t model_most(unsigned user)
{
    return limit[user];
}

size_t model_room(unsigned user)
{
    return room_of(limit[user], user == PROCESS ? process.taken : arena[user].granted);
}

size_t model_free(unsigned user)
{
    if (user == PROCESS) {
        return thread[current].own < 0 ? 0 : process.arena[thread[current].own].off;
    }
    return arena[user].off;
}

size_t model_granted(unsigned user)
{
    return model_statistics(user)->granted;
}

static void add(struct persist_stats *stats, const struct arena *a)
{
    stats->requested += a->requested;
    stats->padding += a->padding;
    stats->tail += a->tail;
    stats->free += a->off;
    stats->granted += a->granted;
    stats->regions += a->regions;
    stats->large += a->large;
}

const struct persist_stats *model_statistics(unsigned user)
{
    static struct persist_stats stats;
    memset(&stats, 0, sizeof stats);
    memcpy(stats.failures, failures[user], sizeof stats.failures);
    if (user != PROCESS) {
        add(&stats, &arena[user]);
    }
    for (int i = 0; user == PROCESS && i < process.count; i++) {
        add(&stats, &process.arena[i]);
    }
    return &stats;
}

const struct table *model_table(unsigned user)
{
    return &table[user];
}

void model_aged(unsigned user, size_t failed)
{
    for (unsigned i = 1; i < PERSIST_STATUSES; i++) {
        failures[user][i] = failed;
    }
}

const struct persist_stats *model_torn(size_t size)
{
    struct arena *a = &process.arena[0];
    const struct arena before = *a;
    const struct persist_stats *stats;
    size_t most = a->requested + a->padding;
    a->requested = most - a->requested < size ? most : a->requested + size;
    a->padding = most - a->requested;
    stats = model_statistics(PROCESS);
    *a = before;
    return stats;
}

/* ---- threads ---- */

void model_switch(unsigned to, int fresh)
{
    current = to;
    if (fresh) {
        thread[to].ownership = NEW;
        thread[to].own = -1;
    }
}

void model_hook_fails(int fails)
{
    hook_fails = fails;
}

void model_thread_end(void)
{
    if (thread[current].ownership != OWNS) {
        return;
    }
    if (thread[current].own >= 0) {
        process.idle[process.idles++] = thread[current].own;
        process.owned--;
        thread[current].own = -1;
    }
    thread[current].ownership = BORROWS;
}

void model_fork(void)
{
    int own = thread[current].own;
    process.taken = 0;
    process.idles = 0;
    process.making = 0;
    process.owned = own >= 0;
    for (int i = 0; i < process.count; i++) {
        struct arena *a = &process.arena[i];
        process.taken += a->granted;
        if (i != own) {
            a->tail += a->off;
            a->off = 0;
            process.idle[process.idles++] = i;
        }
    }
    for (unsigned i = 0; i < THREADS; i++) {
        if (i != current) {
            thread[i].ownership = NEW;
            thread[i].own = -1;
        }
    }
}
