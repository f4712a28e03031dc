/* Yields forced at each step of the hand-over (persist_test_step), at random: most steps pass on at
 * once, some give the processor away, some sleep until others have overtaken. */
#ifndef YIELDS_H
#define YIELDS_H

#include <stddef.h>

void yields_on(void);
void yields_off(void);

/* What a test that repeats itself `plain` times does under a sanitizer or Valgrind, where a thread
 * costs far more. */
size_t fewer(size_t plain);

/* Under Valgrind, whose thread checker takes a relaxed atomic load for a race. */
int under_valgrind(void);

#endif
