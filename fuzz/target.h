/* An allocator under test: one file in targets/ defines `target`. */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include "persist.h"
#include "report.h"

#include <stddef.h>

#define TARGET_WAITS ((enum persist_status)PERSIST_STATUSES)

struct target {
    const char *name;

    /* Back to a state in which nothing was ever allocated. */
    void (*reset)(void);

    /* TARGET_WAITS: would wait for another thread, and was left instead.
     * One call for a user (model.h); of an array, n blocks of this size. What fails leaves *out. */
    enum persist_status (*alloc)(unsigned user, size_t size, size_t align, void **out);
    enum persist_status (*array)(size_t n, size_t size, size_t align, void **out);

    void (*limit)(unsigned user, size_t bytes);
    int (*contains)(unsigned user, const void *address);
    void (*statistics)(unsigned user, struct persist_stats *stats);

    /* One of the two arenas as it is, whose table of regions is looked at; NULL: there is none. */
    const struct persist_arena *(*arena)(unsigned user);

    /* The arena whose call site knows an alignment of 0, so that it takes the fast path; PROCESS: none
     * does. */
    unsigned unsaid_known;

    void (*message)(unsigned why);

    /* As if so many calls had failed of each kind. */
    void (*aged)(unsigned user, size_t failed);

    /* The statistics of the process while a thread has counted a block and not yet taken it. */
    void (*torn)(size_t size, struct persist_stats *stats);

    /* How the next throws are taken. */
    void (*handle)(enum handler handler);

    /* Makes another thread of the process the one that calls, a new one if `fresh`. */
    void (*thread)(unsigned thread, int fresh);
    void (*thread_end)(void);
    void (*fork_child)(void);
    void (*hook_fails)(int fails);

    /* Breaks `lock` if the lock is held; a target without one does nothing. */
    void (*check_free)(const char *where);
};

extern const struct target target;

/* What the last call of a target threw; `times` is 0 or 1. */
struct thrown {
    unsigned times;
    enum persist_status why;
    size_t size, align;
};

extern struct thrown target_thrown;

/* How often the last call left an arena's fast path or took the lock. */
extern unsigned target_detours;

#endif
