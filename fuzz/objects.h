/* fixalloc under test, in each of its builds: targets/fixalloc.c has them. */
#ifndef FUZZ_OBJECTS_H
#define FUZZ_OBJECTS_H

#include "fixalloc.h"

struct objects_build {
    const char *name;
    enum persist_status (*init)(struct fixalloc *f, struct persist_arena *arena, size_t size,
                                size_t align);
    enum persist_status (*alloc)(struct fixalloc *f, void **out);
    enum persist_status (*zalloc)(struct fixalloc *f, void **out);
    enum fixalloc_status (*free)(struct fixalloc *f, void *object);
    size_t (*in_use)(const struct fixalloc *f);
    int checks;    /* double frees and foreign pointers */
    size_t beside; /* bytes of the arena that an object costs beside itself, as fixalloc.h says */
};

enum { BUILDS = 2 };

extern const struct objects_build objects_build[BUILDS];

#endif
