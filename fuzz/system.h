/* The system as the harness plays it: serves sys_alloc from a pool of its own, or from address space
 * with nothing behind it, as the input planned. Knows nothing of the allocator. */
#ifndef FUZZ_SYSTEM_H
#define FUZZ_SYSTEM_H

#include "format.h"

#include <stddef.h>
#include <stdint.h>

/* One call of sys_alloc and its answer. */
struct request {
    size_t minimum, wanted;
    uintptr_t base; /* 0: refused */
    size_t granted; /* as told to the allocator */
    unsigned user;  /* for whom: see system_user */
    int good;       /* the answer kept the contract of sys.h */
};

void system_open(void);

/* Back to a fresh system; `wipe`: also of bytes that the harness does not know to be written. */
void system_reset(int wipe);

/* Plans an answer: an operation of KIND_SYSTEM. */
void system_plan(struct op op);

/* On whose behalf the calls from now on are made. */
void system_user(unsigned user);

/* From now on this user gets no address space without memory behind it. */
void system_real_only(unsigned user);

/* The calls since the reset, in order. */
extern struct request system_request[];
extern unsigned system_requests;

/* Called within sys_alloc, when the request is known and not yet answered. */
void system_asked(const struct request *request);

/* Is there memory behind these addresses? */
int system_is_real(uintptr_t base, size_t size);

uintptr_t system_pool(void);

#endif
