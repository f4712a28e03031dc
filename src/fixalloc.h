/* fixalloc: objects of one size that can be freed, from memory that cannot.
 *
 * An allocator of objects of one size on an arena of its caller's: what is freed is handed out again.
 * It takes from the arena in small steps: 1 KiB at first, then half of what it already has. The free
 * list stands beside the objects, not in them: a program that writes to an object after freeing it
 * spoils no list. Not for two threads at once on one allocator.
 *
 * An object costs the arena its size, rounded up to the alignment, and 4 bytes. FIXALLOC_CHECK, defined
 * where fixalloc.c is compiled, makes the checking build: fixalloc_free tells a double free and a
 * foreign pointer, for one byte more an object. Callers are compiled the same.
 */
#ifndef FIXALLOC_H
#define FIXALLOC_H

#include "fixslab.h"
#include "persist.h"

#ifdef __cplusplus
extern "C" {
#endif

#define FIXALLOC_FIRST 1024u        /* bytes of the first slab, if an object fits */
#define FIXALLOC_SIZE_MOST 1048576u /* bytes of the largest object */
#define FIXALLOC_SLABS 64u          /* half of the sum each, to 1 GiB: some 30 GiB together */

enum fixalloc_status {
    FIXALLOC_OK,
    FIXALLOC_DOUBLE_FREE, /* the object is free already */
    FIXALLOC_FOREIGN      /* no object that was ever handed out starts there */
};

/* The fields are for the functions below alone. */
struct fixalloc {
    struct persist_arena *arena;
    size_t stride; /* bytes from one object to the next */
    size_t align;
    size_t taken;   /* bytes, from the arena */
    size_t count;   /* slabs */
    size_t current; /* the slab that is tried first: where the last object came from or went to */
    struct fixslab slab[FIXALLOC_SLABS];
};

/* Makes *f an empty allocator of objects of `size` bytes (0 is served as 1) at multiples of `align`
 * (0 stands for PERSIST_DEFAULT_ALIGN). Takes nothing from `arena` yet. Returns PERSIST_OK; or
 * PERSIST_NOT_POWER_OF_TWO, PERSIST_ALIGN_TOO_LARGE, or PERSIST_NO_MEMORY for a size above
 * FIXALLOC_SIZE_MOST, and *f is unchanged. */
enum persist_status fixalloc_init(struct fixalloc *f, struct persist_arena *arena, size_t size,
                                  size_t align);

/* Stores in *out the address of an object that is not in use, its contents arbitrary; or returns
 * PERSIST_NO_MEMORY or PERSIST_BAD_MEMORY, and *out and the allocator are as before. When no object
 * is free the arena is asked: for the next step, and if it has no memory for that, once more for
 * what it has left, at least one object. */
enum persist_status fixalloc_alloc(struct fixalloc *f, void **out);

/* The same, with every byte of the object zero. */
enum persist_status fixalloc_zalloc(struct fixalloc *f, void **out);

/* Takes back an object of *f that is in use, and returns FIXALLOC_OK. For any other address the
 * behaviour is undefined; but the checking build changes nothing and returns FIXALLOC_DOUBLE_FREE or
 * FIXALLOC_FOREIGN, and so does every build where all objects that a slab ever handed out are free
 * already, so that no more of them are taken back than there are. */
enum fixalloc_status fixalloc_free(struct fixalloc *f, void *object);

/* How many objects are in use. */
size_t fixalloc_in_use(const struct fixalloc *f);

#ifdef __cplusplus
}
#endif

#endif
