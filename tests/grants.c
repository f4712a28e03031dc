/* How often the system is asked, and how much lies unused, over traces of gigabytes of requests. The
 * system grants addresses only: nothing can be read or written there, so that neither memory nor a
 * limit on what is promised of it is needed. Where addresses are few (32 bits, ulimit -v) a trace
 * goes as far as they do, and says so. Prints a line for each trace; exits 1 naming what is wrong. */
#define _DEFAULT_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "persist.h"
#include "sys.h"

#define MIB ((size_t)1 << 20)
#define MOST (sizeof(size_t) > 4 ? 8192 * MIB : 1024 * MIB)
#define LEAST (64 * MIB) /* a trace that ends before tests nothing */

struct grant {
    void *address;
    size_t size;
};

static struct grant grants[PERSIST_REGIONS];
static size_t calls;

void *sys_alloc(size_t minimum, size_t wanted, size_t *granted)
{
    (void)minimum;
    void *p = mmap(NULL, wanted, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED || calls == PERSIST_REGIONS) {
        return NULL;
    }
    grants[calls++] = (struct grant){p, wanted};
    *granted = wanted;
    return p;
}

static void give_back(void)
{
    for (; calls > 0; calls--) {
        munmap(grants[calls - 1].address, grants[calls - 1].size);
    }
}

/* xorshift: small, and the same everywhere. */
static uint32_t random_below(uint32_t n)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % n;
}

struct request {
    size_t size, align;
};

static struct request symbols(void)
{
    static int record;
    record = !record;
    return record ? (struct request){8u * (2 + random_below(11)), 8}
                  : (struct request){5 + random_below(76), 1};
}

static struct request small(void)
{
    return (struct request){1 + random_below(256), 8};
}

static struct request aligned(void)
{
    return (struct request){1 + random_below(256), (size_t)1 << random_below(13)};
}

static struct request some_large(void)
{
    return random_below(100) == 0 ? (struct request){65536 + random_below(196609), 8} : small();
}

static struct request megabytes(void)
{
    return (struct request){MIB + random_below(1u << 20), 4096};
}

/* The most calls there can be for so many bytes: the first eight take a chunk, and then each at
 * least an eighth of all before it, which doubles the sum in six. */
static size_t most_calls(size_t granted)
{
    size_t most = 8;
    for (size_t sum = 8 * (size_t)PERSIST_CHUNK; sum < granted; sum *= 2) {
        most += 6;
    }
    return most;
}

struct trace {
    const char *name;
    struct request (*next)(void);
    size_t least; /* from so many bytes requested on, an eighth and a chunk is the most unused */
};

/* Until then also what large requests left: a region that is given up has less than was asked. */
static const char *wrong_now(const struct persist_arena *arena, size_t least, size_t left)
{
    struct persist_stats now;
    persist_arena_stats(arena, &now);
    size_t most = now.granted / 8 + PERSIST_CHUNK + (now.requested < least ? left : 0);
    if (now.requested + now.padding + now.tail + now.free != now.granted) {
        return "the sums do not hold";
    }
    if (calls > most_calls(now.granted)) {
        return "the system is asked too often";
    }
    return now.tail + now.free > most ? "too much lies unused" : NULL;
}

static const char *run(const struct trace *trace, struct persist_arena *arena)
{
    const char *wrong = NULL;
    size_t asked = 0, left = 0;
    while (arena->requested < MOST && wrong == NULL) {
        struct request request = trace->next();
        void *block;
        if (persist_arena_alloc(arena, request.size, request.align, &block) != PERSIST_OK) {
            return arena->requested < LEAST ? "the addresses end too early" : NULL;
        }
        if (calls != asked) { /* the most lies unused after a grant */
            asked = calls;
            left += request.size;
            wrong = wrong_now(arena, trace->least, left);
        }
    }
    return wrong;
}

int main(void)
{
    static const struct trace traces[] = {{"symbols", symbols, 0},
                                          {"small", small, 0},
                                          {"aligned", aligned, 0},
                                          {"some large", some_large, 256 * MIB},
                                          {"megabytes", megabytes, 2048 * MIB}};
    int failed = 0;
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++) {
        struct persist_arena arena = {0};
        struct persist_stats now;
        const char *wrong = run(&traces[i], &arena);
        persist_arena_stats(&arena, &now);
        printf("%-10s %5zu MiB requested, %2zu calls, %.1f%% of %zu MiB unused%s\n", traces[i].name,
               now.requested / MIB, calls,
               100.0 * (double)(now.tail + now.free) / (double)now.granted, now.granted / MIB,
               now.requested < MOST && wrong == NULL ? "; no more addresses" : "");
        if (wrong != NULL) {
            fprintf(stderr, "grants: %s: %s after %zu bytes\n", traces[i].name, wrong,
                    now.requested);
            failed = 1;
        }
        give_back();
    }
    return failed;
}
