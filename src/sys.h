/* The seam to the operating system, chosen at link time: sys_posix.c (mmap), sys_static.c (a buffer
 * of the program's, no system at all), or a test's own. */
#ifndef PERSIST_SYS_H
#define PERSIST_SYS_H

#include "persist.h"

/* Asks the system for memory that stays for the life of the process: `wanted` bytes, or fewer but
 * at least `minimum`; 0 < minimum <= wanted <= PERSIST_MOST. Returns its address, zeroed, a multiple of
 * PERSIST_MAX_ALIGN, overlapping nothing handed out before, and stores the size in *granted; or
 * returns NULL when the system refuses. Never called with a lock of this library held. */
#if !defined(__FRAMAC__) || !defined(SYS_SERVED) /* else they stand beside the code that serves */
/*@ requires question: 0 < minimum <= wanted <= PERSIST_MOST && \valid(granted);
    terminates \true; exits \false;
    assigns \result, *granted, sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size
      \from sys_next, sys_next_size, sys_calls, minimum, wanted;
    ensures counted: asked_once{Pre,Post}(minimum, wanted);
    ensures foretold: (char *)\result == \old(sys_next) &&
      (\result != \null ==> *granted == \old(sys_next_size));
    ensures address: 0 <= (uintptr_t)\result <= UINTPTR_MAX;
    ensures memory: good_answer((char *)\result, *granted, minimum, wanted) ==>
      memory((char *)\result, *granted) && zeroed((char *)\result, *granted) &&
      clear((char *)\result, *granted) && apart_from_regions(arena, arena->count, (char *)\result, *granted);
*/
void *sys_alloc(size_t minimum, size_t wanted, size_t *granted)
    /*@ ghost (struct persist_arena *arena) */;
#endif

#endif
