/* The way out for a call that cannot be served. */
#ifndef PERSIST_THROW_H
#define PERSIST_THROW_H

#include "persist.h"

/* Calls the handler that persist_on_throw installed, without a lock held; never returns. */
void persist_throw(enum persist_status why, size_t size, size_t align) __attribute__((noreturn));

#endif
