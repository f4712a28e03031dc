#ifndef FUZZ_ASAN_H
#define FUZZ_ASAN_H

#include <setjmp.h>
#include <stddef.h>

/* longjmp, from a frame further down the same stack. */
void asan_jump(jmp_buf *to, int value) __attribute__((noreturn));

/* Forgets what was poisoned there, if that could matter to the next input. */
void asan_reset(const void *base, size_t size);

/* Forgets it in any case. */
void asan_forget(const void *base, size_t size);

/* Does an AddressSanitizer watch this user (model.h)? */
int asan_watches(unsigned user);

/* Is the address poisoned? */
int asan_is_closed(const void *address);

#endif
