#ifndef FUZZ_ASAN_H
#define FUZZ_ASAN_H

#include <setjmp.h>

/* longjmp, from a frame further down the same stack. */
void asan_jump(jmp_buf *to, int value) __attribute__((noreturn));

/* Is the address poisoned? */
int asan_is_closed(const void *address);

#endif
