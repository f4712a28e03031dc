/* The functions of the checking build, by names of their own beside those of the other build. */
#ifndef FUZZ_CHECKING_H
#define FUZZ_CHECKING_H

#include "fixalloc.h"

enum persist_status checking_init(struct fixalloc *f, struct persist_arena *arena, size_t size,
                                  size_t align);
enum persist_status checking_alloc(struct fixalloc *f, void **out);
enum persist_status checking_zalloc(struct fixalloc *f, void **out);
enum fixalloc_status checking_free(struct fixalloc *f, void *object);
size_t checking_in_use(const struct fixalloc *f);

#endif
