/* What the process-wide layer needs of a thread library and of the tools that watch a program: its
 * seam to them, as sys.h is the seam to the system. threads_posix.c serves it. */
#ifndef PERSIST_THREADS_H
#define PERSIST_THREADS_H

/* A variable of which each thread has its own, reached without a call even from a shared library
 * (the default model calls __tls_get_addr each time; check-inlining sees that there is no call). The
 * price: where the library is loaded late, these few bytes come from what the C library has
 * reserved for such variables. To the prover, who reads C99 and one thread, a variable. */
#ifdef __FRAMAC__
#define PERSIST_THREAD_LOCAL
#else
#define PERSIST_THREAD_LOCAL _Thread_local __attribute__((tls_model("initial-exec")))
#endif

/* To the prover: whether this thread is inside one of the layer's critical sections. */
/*@ ghost int lock_held; */

/* A file that serves the seam has these contracts beside its code, with what they rest on. */
#if !defined(__FRAMAC__) || !defined(THREADS_SERVED)

/* The one lock. Within a thread's fork() it is held already, and these two do nothing. */
/*@ requires lock_free: lock_held == 0;
    terminates \true; exits \false;
    assigns lock_held \from \nothing;
    ensures lock_taken: lock_held == 1;
*/
void threads_lock(void);
/*@ requires lock_taken: lock_held == 1;
    terminates \true; exits \false;
    assigns lock_held \from \nothing;
    ensures lock_free: lock_held == 0;
*/
void threads_unlock(void);

/* With the lock held: releases it, waits for a wake, takes it again. May return early. */
/*@ requires lock_taken: lock_held == 1;
    terminates \true; exits \false;
    assigns \nothing;
*/
void threads_wait(void);
/*@ requires lock_taken: lock_held == 1;
    terminates \true; exits \false;
    assigns \nothing;
*/
void threads_wake(void);

/* Sees to it that persist_thread_end is called when this thread ends, and the other two around a
 * fork. Without the lock; may call the C heap (the C library's tables do). 0 if it cannot be had. */
/*@ requires lock_free: lock_held == 0;
    terminates \true; exits \false;
    assigns \result \from \nothing;
*/
int threads_hook(void);

#endif

/* What threads_posix.c calls back, in persistentalloc.c: without the lock when a thread ends, with
 * it in the child of a fork, whose only thread is the one that forked. */
void persist_thread_end(void);
void persist_fork_child(void);

#endif
