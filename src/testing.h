/* For tests only: compiled with -DPERSIST_TESTING, never installed. */
#ifndef PERSIST_TESTING_H
#define PERSIST_TESTING_H

/* Puts the process-wide state, the calling thread's included, back to where it was before the first
 * call. Every other thread that allocated must have ended; blocks handed out stay mapped, and the
 * handler stays installed. */
void persist_reset(void);

/* Called before the lock is taken and after it is released: where another thread's turn matters. */
extern void (*persist_test_step)(void);

#endif
