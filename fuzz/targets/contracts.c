/* The allocator of this project once more, and every call of a function of its core goes through the
 * checks of the contracts that are proved (fuzz/executed). */
#define CORE core
#include "target.h"

extern const struct target core;
#include "core.c"

#include "executed/ghost.h"

/* A call within a call, of another thread, leaves the ghosts of the outer one alone. */
static unsigned depth;

static void enter(void)
{
    if (depth++ == 0) {
        ghost_call();
    }
}

static enum persist_status checked_alloc(unsigned user, size_t size, size_t align, void **out)
{
    enter();
    enum persist_status status = alloc(user, size, align, out);
    depth--;
    if (depth == 0 && status == PERSIST_OK) {
        ghost_handed_out(*out, size);
    }
    return status;
}

static enum persist_status checked_array(size_t n, size_t size, size_t align, void **out)
{
    enter();
    enum persist_status status = array(n, size, align, out);
    depth--;
    if (depth == 0 && status == PERSIST_OK) {
        ghost_handed_out(*out, n * size);
    }
    return status;
}

static void checked_reset(void)
{
    depth = 0;
    ghost_reset();
    report_defects = clause_names;
    reset();
}

const struct target target = {
    "contracts", checked_reset, checked_alloc, checked_array, limit,      contains,
    statistics,  arena_of,      UNSAID_KNOWN,  message,       aged,       torn,
    handle,      thread,        thread_end,    fork_child,    hook_fails, check_free,
};
