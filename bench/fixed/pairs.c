/* Allocates and frees objects of one size: from fixalloc, or with -DINTRUSIVE from a bare free list
 * whose links stand in the free objects; with -DSLOWED from fixalloc, two objects for each one that
 * is asked for. All are calls, as a program makes them to a library.
 * Usage: pairs WORKLOAD PAIRS, with WORKLOAD one of
 *   pair    one object, allocated and freed again and again
 *   burst   64 objects allocated, then freed
 *   random  10,000 objects live, and each time a random one is replaced
 * Prints nanoseconds for an allocation and a free together. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CALLED __attribute__((noinline))

enum { SIZE = 48, BURST = 64, LIVE = 10000 };

#ifdef INTRUSIVE
union node {
    union node *next;
    char object[SIZE];
};

static union node *list;
static union node *fresh, *end;

CALLED static void *get(void)
{
    union node *node = list;
    if (node != NULL) {
        list = node->next;
        return node;
    }
    if (fresh == end) {
        enum { STEP = 1000 };
        fresh = malloc(STEP * sizeof *fresh);
        if (fresh == NULL) {
            abort();
        }
        end = fresh + STEP;
    }
    return fresh++;
}

CALLED static void put(void *object)
{
    union node *node = object;
    node->next = list;
    list = node;
}

static void start(void)
{
}
#else
#include "fixalloc.h"

static struct persist_arena arena;
static struct fixalloc f;

static void start(void)
{
    if (fixalloc_init(&f, &arena, SIZE, 0) != PERSIST_OK) {
        abort();
    }
}

static inline void *get(void)
{
    void *object;
    if (fixalloc_alloc(&f, &object) != PERSIST_OK) {
        abort();
    }
    return object;
}

static inline void put(void *object)
{
    fixalloc_free(&f, object);
#ifdef SLOWED
    fixalloc_alloc(&f, &object);
    fixalloc_free(&f, object);
#endif
}
#endif

static char *live[LIVE];

static void pair(unsigned long n)
{
    while (n-- > 0) {
        char *object = get();
        *(volatile char *)object = 1;
        put(object);
    }
}

static void burst(unsigned long n)
{
    for (n /= BURST; n-- > 0;) {
        for (unsigned i = 0; i < BURST; i++) {
            live[i] = get();
            *(volatile char *)live[i] = 1;
        }
        for (unsigned i = 0; i < BURST; i++) {
            put(live[i]);
        }
    }
}

static void replace(unsigned long n)
{
    uint64_t state = 88172645463325252u;
    for (unsigned i = 0; i < LIVE; i++) {
        live[i] = get();
    }
    while (n-- > 0) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        unsigned i = (unsigned)(state % LIVE);
        put(live[i]);
        live[i] = get();
        *(volatile char *)live[i] = 1;
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(unsigned long pairs);
    } workload[] = {{"pair", pair}, {"burst", burst}, {"random", replace}};
    unsigned long pairs = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    for (unsigned i = 0; pairs > 0 && i < sizeof workload / sizeof *workload; i++) {
        if (strcmp(argv[1], workload[i].name) == 0) {
            struct timespec from, to;
            start();
            workload[i].run(pairs / 10 + BURST); /* to warm up */
            clock_gettime(CLOCK_MONOTONIC, &from);
            workload[i].run(pairs);
            clock_gettime(CLOCK_MONOTONIC, &to);
            double ns =
                (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
            printf("%.4f\n", ns / (double)pairs);
            return 0;
        }
    }
    fprintf(stderr, "usage: pairs pair|burst|random PAIRS\n");
    return 2;
}
