/* What each call must do, predicted from the published rules alone: the oracle's model of the
 * allocator. It never looks at the allocator. A call is predicted in two steps, as other calls may
 * be made while the system is asked: model_begin up to the question, model_finish from the answer
 * on. */
#ifndef FUZZ_MODEL_H
#define FUZZ_MODEL_H

#include "format.h"
#include "persist.h"
#include "system.h"

/* Who allocates: two arenas, and the process. */
enum { ARENA_A, ARENA_B, PROCESS, USERS };

/* A call under way. */
struct call {
    unsigned user;
    size_t size, align;         /* what 0 stands for put in */
    enum persist_status status; /* PERSIST_OK: a block at `address` */
    uintptr_t address;
    int direct; /* by an arena's fast path, or the thread's own arena without the lock */
    int asks;   /* the system, once, for `wanted` bytes and at least `minimum` */
    size_t minimum, wanted;
    size_t room; /* what the limit leaves */
    int waits;   /* for another thread's arena */
    unsigned thread;
    int arena;        /* the process's: an index */
    int makes, keeps; /* an arena; the thread keeps it if it may */
};

void model_reset(void);
struct call model_begin(unsigned user, size_t size, size_t align);
void model_finish(struct call *call, const struct request *answer);
void model_limit(unsigned user, size_t bytes);

/* As if so many calls had failed of each kind. */
void model_aged(unsigned user, size_t failed);

const struct persist_stats *model_statistics(unsigned user);

/* When the first arena's thread has counted `size` bytes more and not yet taken them. */
const struct persist_stats *model_torn(size_t size);

/* The regions of one of the two arenas. */
struct table {
    size_t count, current;
    struct {
        uintptr_t base, end;
    } region[PERSIST_REGIONS];
};
const struct table *model_table(unsigned user);

size_t model_free(unsigned user);
size_t model_granted(unsigned user);
size_t model_most(unsigned user); /* the limit */
size_t model_room(unsigned user); /* what it leaves */

/* Threads of the process. */
void model_switch(unsigned thread, int fresh);
void model_thread_end(void);
void model_fork(void);
void model_hook_fails(int fails); /* what threads_hook says from now on */

#endif
