/* Every order in which a few threads can take turns: one of them runs at a time, and at each step
 * of the seam (before the lock is taken, after it is released) the schedule says which goes on. */
#ifndef SCHEDULES_H
#define SCHEDULES_H

enum { MOST_THREADS = 3 };

/* Once, after the library's first call: what a scheduled thread runs as its last words comes after
 * the library has seen its end. 0 if it cannot be had. */
int schedules_begin(void);

/* All schedules with up to so many preemptions (and one more in a full test) of the threads that
 * `once` starts, each a call of it. How many they were is printed, and returned; 0 if none of them
 * has as many preemptions as that, so that the bound means nothing. */
long schedules_explore(int preemptions, void (*once)(const void *), const void *what);

/* Runs `work`, and `last_words` at its end, in each of `n` threads, numbered from 0. */
void schedules_run(int n, void (*work)(int), void (*last_words)(int));

/* Steps that a thread has taken in this schedule. */
int schedules_steps(int thread);

/* Those that it takes where none is preempted: in the first schedule of the last exploration. */
int schedules_undisturbed_steps(int thread);

/* In the child of a fork, before its first step: nobody else is there. */
void schedules_leave(void);

#endif
