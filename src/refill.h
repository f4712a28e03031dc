/* The steps of a refill, for the two who compose them: the core (persist.c) and the process-wide
 * layer (persistentalloc.c), which takes them with its lock released around the system's call. */
#ifndef PERSIST_REFILL_H
#define PERSIST_REFILL_H

#include "persist.h"

/* Decides an alignment (not 0): PERSIST_OK and its base-2 logarithm in *shift, or what is wrong. */
enum persist_status persist_check_align(size_t align, unsigned *shift);

/* How many bytes to ask the system for so that `size` can be served, when `room` is what the limit
 * leaves. Less than `size`: do not ask, there is no memory. */
size_t persist_wanted(const struct persist_arena *arena, size_t size, size_t room);

/* What the arena's own limit leaves. */
size_t persist_room(const struct persist_arena *arena);

/* Serves from the current region, which has room; counts a large request. */
void *persist_serve(struct persist_arena *arena, size_t size, unsigned shift);

/* Takes the system's answer (`grant`, NULL if it refused) to a request for `wanted` bytes into the
 * region table and serves `size` bytes from it; or changes nothing and says why not. */
enum persist_status persist_accept(struct persist_arena *arena, char *grant, size_t granted,
                                   size_t wanted, size_t size, unsigned shift, void **out);

#endif
