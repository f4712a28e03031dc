/* Threads that allocate what a script says, in every order (schedules.h), and what must be true
 * after each: of the blocks, of the sums, of the arenas. On the system of fake_sys.h. */
#ifndef SCRIPTS_H
#define SCRIPTS_H

#include <stddef.h>
#include <stdint.h>

#include "blocks.h"
#include "schedules.h"

#define CHUNK 8192u   /* what the system gives at a time, unless more is needed */
#define FORK SIZE_MAX /* in a script: script_fork is called instead of an allocation */

struct script {
    int threads;
    const size_t *sizes[MOST_THREADS]; /* of what each allocates, up to a 0 */
    size_t at_end[MOST_THREADS];       /* one more after the library has seen the end; 0: none */
    size_t refuse;                     /* as fake.refuse */
    size_t limit;                      /* above what the main thread holds; 0: none */
    size_t least_thrown, most_thrown;
    int preemptions;
    long least; /* schedules that there are, or more */
};

struct scripted {
    struct blocks blocks;
    size_t thrown;
    const char *wrong; /* NULL: nothing */
};

/* The threads of the schedule that runs. */
extern struct scripted scripted[MOST_THREADS];
extern void (*script_fork)(int thread, int at_end);

/* Every schedule of the script, up to its bound; fails the test if the bound was not reached. */
void script_explore(const struct script *script);

/* Allocates, and notes what is wrong with the block, or that it was thrown. */
void script_allocate(struct scripted *self, size_t size, size_t align);

/* Arenas but the first: each has its record in its own memory. */
size_t script_records(void);

#endif
