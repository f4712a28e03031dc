/* An arena's allocation with an alignment of 0 that the compiler knows, as in most programs' calls. */
#ifndef FUZZ_CORE_UNSAID_H
#define FUZZ_CORE_UNSAID_H

#include "persist.h"

enum persist_status alloc_unsaid(struct persist_arena *arena, size_t size, void **out);

#endif
