/* The seam to the operating system, chosen at link time: sys_posix.c (mmap), sys_static.c (a buffer
 * of the program's, no system at all), or a test's own. */
#ifndef PERSIST_SYS_H
#define PERSIST_SYS_H

#include <stddef.h>
#include <stdint.h>

/* Asks the system for memory that stays for the life of the process: `wanted` bytes, or fewer but
 * at least `minimum`; 0 < minimum <= wanted. Returns its address, zeroed, a multiple of
 * PERSIST_MAX_ALIGN, overlapping nothing handed out before, and stores the size in *granted; or
 * returns NULL when the system refuses. Never called with a lock of this library held. */
void *sys_alloc(size_t minimum, size_t wanted, size_t *granted);

#endif
