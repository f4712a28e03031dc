/* The allocator of this project: two arenas, and persistentalloc in a process of which the harness
 * plays all threads. */

/* Inlined here is an arena's fast path; who leaves it is counted. */
#define persist_arena_alloc_slow counted_alloc_slow
#include "target.h"
#undef persist_arena_alloc_slow

#include "asan.h"
#include "core/unsaid.h"

#include "threads.h"

/* One thread runs here: what each thread has of its own is put away when another one's turn comes.
 * The layer is read in as text, so that its thread-local variable can be reached. */
#undef PERSIST_THREAD_LOCAL
#define PERSIST_THREAD_LOCAL
#include "persistentalloc.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#ifdef FUZZ_UNSAID
enum { UNSAID_KNOWN = ARENA_A };
#else
enum { UNSAID_KNOWN = PROCESS };
#endif

struct persist_reply persist_arena_alloc_slow(struct persist_arena *arena, size_t size,
                                              size_t align);

static struct persist_arena arena[2];
static __typeof__(mine) put_away[THREADS];
static unsigned running;
static int process_used = 1;

static int held; /* the lock */
static enum { NOT_YET, HOOKED, REFUSED, ENDED } hook[THREADS];
static int refuse_hook;

static enum handler handling = HANDLER_NONE;
enum { THROWS = 1, WAITS };
static jmp_buf *landing; /* where the call under way is left, to one of these */
static char printed[256];
struct thrown target_thrown;
unsigned target_detours;

struct persist_reply counted_alloc_slow(struct persist_arena *from, size_t size, size_t align)
{
    target_detours++;
    return persist_arena_alloc_slow(from, size, align);
}

/* ---- the seam to threads (threads.h) ---- */

void threads_lock(void)
{
    if (held) {
        broke(BROKE_LOCK, "the lock is taken by who holds it");
    }
    held = 1;
    target_detours++;
}

void threads_unlock(void)
{
    if (!held) {
        broke(BROKE_LOCK, "the lock is released by who does not hold it");
    }
    held = 0;
}

void threads_wait(void)
{
    if (!held) {
        broke(BROKE_LOCK, "who waits does not hold the lock");
    }
    held = 0;
    asan_jump(landing, WAITS);
}

void threads_wake(void)
{
    if (!held) {
        broke(BROKE_LOCK, "who wakes does not hold the lock");
    }
}

int threads_hook(void)
{
    if (held) {
        broke(BROKE_LOCK, "a thread's end is hooked with the lock held");
    }
    if (hook[running] != NOT_YET) {
        broke(BROKE_HOOK, "the end of thread %u is hooked a second time", running);
    }
    hook[running] = refuse_hook ? REFUSED : HOOKED;
    return !refuse_hook;
}

static void check_free(const char *where)
{
    if (held) {
        broke(BROKE_LOCK, "the lock is held %s", where);
    }
}

/* ---- throws ---- */

/* What throw.c calls instead of write and abort: the build renames them there. */
ssize_t fuzz_write(int file, const void *text, size_t size);
void fuzz_abort(void) __attribute__((noreturn));

ssize_t fuzz_write(int file, const void *text, size_t size)
{
    if (handling != HANDLER_NONE || file != 2 || printed[0] != 0 || size >= sizeof printed) {
        broke(BROKE_MESSAGE, "an uncaught throw writes %zu bytes to file %d", size, file);
    }
    memcpy(printed, text, size);
    printed[size] = 0;
    /* Whether it could be written makes no difference. */
    return size % 2 ? -1 : (ssize_t)size;
}

void fuzz_abort(void)
{
    if (handling == HANDLER_LEAVES) {
        broke(BROKE_THROWN, "abort is called though the handler leaves");
    }
    asan_jump(landing, THROWS);
}

static void catch (enum persist_status why, size_t size, size_t align)
{
    check_free("in a throw");
    target_thrown = (struct thrown){1, why, size, align};
    if (handling == HANDLER_LEAVES) {
        asan_jump(landing, THROWS);
    }
}

static void handle(enum handler handler)
{
    persist_handler expected = handling == HANDLER_NONE ? NULL : catch;
    if (persist_on_throw(handler == HANDLER_NONE ? NULL : catch) != expected) {
        broke(BROKE_THROWN, "persist_on_throw does not return the handler before");
    }
    handling = handler;
}

static const char *const text[PERSIST_STATUSES + 1] = {"no error",
                                                       "align is not a power of 2",
                                                       "align is too large",
                                                       "cannot allocate memory",
                                                       "bad memory from the system",
                                                       "unknown error"};

static void message(unsigned n)
{
    unsigned why = n < PERSIST_STATUSES ? n : PERSIST_STATUSES;
    if (strcmp(persist_message((enum persist_status)why), text[why]) != 0) {
        broke(BROKE_MESSAGE, "persist_message(%u) is not \"%s\"", why, text[why]);
    }
}

/* An uncaught throw says on standard error what a handler would have been told. */
static void read_line(size_t size, size_t align)
{
    char line[256];
    for (unsigned why = 1; why < PERSIST_STATUSES; why++) {
        snprintf(line, sizeof line, "persistentalloc: %s (size %zu, align %zu)\n", text[why], size,
                 align);
        if (strcmp(line, printed) == 0) {
            target_thrown = (struct thrown){1, (enum persist_status)why, size, align};
            printed[0] = 0;
            return;
        }
    }
    broke(BROKE_MESSAGE, "an uncaught throw of size %zu and align %zu prints \"%s\"", size, align,
          printed);
}

/* The compiler believes that the result is not NULL and new: it is to be checked all the same. */
static void *launder(void *p)
{
    __asm__ volatile("" : "+r"(p) : : "memory");
    return p;
}

static enum persist_status call_process(int is_array, size_t n, size_t size, size_t align,
                                        void **out)
{
    size_t bytes = 0;
    jmp_buf here;
    jmp_buf *before = landing;
    process_used = 1;
    target_detours = 0;
    landing = &here;
    switch (_setjmp(here)) {
    case 0:
        *out = launder(is_array ? persist_array(n, size, align) : persistentalloc(size, align));
        landing = before;
        target_thrown.times = 0;
        return PERSIST_OK;
    case WAITS:
        landing = before;
        return TARGET_WAITS;
    default:
        landing = before;
        if (handling == HANDLER_NONE) {
            read_line(__builtin_mul_overflow(n, size, &bytes) ? SIZE_MAX : bytes, align);
        }
        return target_thrown.why;
    }
}

/* ---- the target ---- */

static enum persist_status alloc(unsigned user, size_t size, size_t align, void **out)
{
    if (user == PROCESS) {
        return call_process(0, 1, size, align, out);
    }
    target_detours = 0;
#ifdef FUZZ_UNSAID
    if (align == 0 && user == UNSAID_KNOWN) {
        return alloc_unsaid(&arena[user], size, out);
    }
#endif
    return persist_arena_alloc(&arena[user], size, align, out);
}

static enum persist_status array(size_t n, size_t size, size_t align, void **out)
{
    return call_process(1, n, size, align, out);
}

static void limit(unsigned user, size_t bytes)
{
    if (user == PROCESS) {
        process_used = 1;
        persist_limit(bytes);
    } else {
        persist_arena_limit(&arena[user], bytes);
    }
}

static int contains(unsigned user, const void *address)
{
    return user == PROCESS ? persist_contains(address)
                           : persist_arena_contains(&arena[user], address);
}

static void statistics(unsigned user, struct persist_stats *stats)
{
    if (user == PROCESS) {
        persist_statistics(stats);
    } else {
        persist_arena_stats(&arena[user], stats);
    }
}

static void aged(unsigned user, size_t failed)
{
    size_t *failures = user == PROCESS ? process.failures : arena[user].failures;
    process_used = 1;
    for (unsigned i = 1; i < PERSIST_STATUSES; i++) {
        failures[i] = failed;
    }
}

static void torn(size_t size, struct persist_stats *stats)
{
    first.requested += size;
    persist_statistics(stats);
    first.requested -= size;
}

static const __typeof__(mine) new_thread = {&none, NOWHERE, NEW};

static void thread(unsigned next, int fresh)
{
    process_used = 1;
    put_away[running] = mine;
    if (fresh) {
        put_away[next] = new_thread;
        hook[next] = NOT_YET;
    }
    running = next;
    mine = put_away[running];
}

static void thread_end(void)
{
    process_used = 1;
    if (hook[running] == HOOKED) {
        persist_thread_end();
        hook[running] = ENDED;
    }
}

static void fork_child(void)
{
    process_used = 1;
    threads_lock();
    persist_fork_child();
    threads_unlock();
}

static void hook_fails(int fails)
{
    process_used = 1;
    refuse_hook = fails;
}

static const struct persist_arena *arena_of(unsigned user)
{
    return user == PROCESS ? NULL : &arena[user];
}

/* Records of arenas are the one thing that the allocator writes to its grants. */
static void forget_records(void)
{
    for (size_t i = 1; i < process.count && i < PERSIST_ARENAS; i++) {
        if (system_is_real((uintptr_t)process.arena[i], sizeof *process.arena[i])) {
            memset(process.arena[i], 0, sizeof *process.arena[i]);
        }
    }
}

static void reset(void)
{
    memset(arena, 0, sizeof arena);
    if (process_used) {
        forget_records();
        persist_reset();
        for (unsigned i = 0; i < THREADS; i++) {
            put_away[i] = new_thread;
            hook[i] = NOT_YET;
        }
        mine = new_thread;
        running = 0;
        refuse_hook = 0;
        process_used = 0;
    }
    held = 0;
    landing = NULL;
    if (handling != HANDLER_LEAVES) {
        handle(HANDLER_LEAVES);
    }
}

#ifndef CORE /* contracts.c wraps it */
#define CORE target
#endif
const struct target CORE = {
    "core",  reset, alloc, array,  limit,  contains,   statistics, arena_of,   UNSAID_KNOWN,
    message, aged,  torn,  handle, thread, thread_end, fork_child, hook_fails, check_free,
};
