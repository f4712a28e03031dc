/* A system that does what a test tells it, in the place of sys_posix.c. */
#ifndef FAKE_SYS_H
#define FAKE_SYS_H

#include <stddef.h>

struct answer {
    void *address;
    size_t size;
};

struct fake_sys {
    size_t calls;           /* how often it was asked */
    size_t minimum, wanted; /* the last time */
    size_t given;           /* bytes it gave in all */
    size_t refuse;          /* the call of this number (1: the first) is refused; 0: none */
    size_t most; /* gives no more than this, unless the minimum is; 0: gives what is wanted */
    const struct answer *answers; /* if not NULL: what to answer to this and the following calls */
    size_t answers_left;
    void (*step)(void); /* if not NULL: called at the start of each call */
};

extern struct fake_sys fake;

/* Forgets everything; unmaps what it gave. */
void fake_reset(void);

/* Zeroed pages, 0 to 4095 bytes past a multiple of 4096, unmapped by fake_reset. */
void *fake_pages(size_t size, size_t past);

/* The start of what it gave that holds `p`. */
char *fake_base(const void *p);

#endif
