/* The way out for a call that cannot be served. */
#ifndef PERSIST_THROW_H
#define PERSIST_THROW_H

#include "persist.h"
#include "threads.h"

/* Calls the handler that persist_on_throw installed, without a lock held; never returns. The
 * contract ends where the handler begins: `exits` is the moment of the throw. */
/*@ requires lock_free: lock_held == 0;
    requires failure: PERSIST_OK < why < PERSIST_STATUSES;
    terminates \true; exits lock_free: lock_held == 0;
    assigns \exit_status \from \nothing;
    ensures never_returns: \false;
*/
void persist_throw(enum persist_status why, size_t size, size_t align) __attribute__((noreturn));

#endif
