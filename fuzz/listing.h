/* What a listing of the fuzzer is written in (listing.c prints them): each line makes one call and
 * checks its outcome, so that a listing is a test without the fuzzer, its model or its decoder.
 * fuzz/build-listing compiles one. The first line that does not hold is named, and exits with 1. */
#ifndef FUZZ_LISTING_H
#define FUZZ_LISTING_H

#include "asan.h"
#include "format.h"
#include "model.h"
#include "system.h"
#include "target.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define WAITS TARGET_WAITS
enum { LEAVES = HANDLER_LEAVES, RETURNS = HANDLER_RETURNS, NONE = HANDLER_NONE };
enum { LISTING_POOL = 64 << 20, LISTING_BLOCKS = MOST_CALLS + 1 };

static char *pool;

static struct {
    /* The system's next answer; and what runs before it is given. */
    int due;
    size_t minimum, wanted, granted;
    char *grant;
    void (*meanwhile)(void);
    unsigned thread;
    int ended[THREADS];
    struct {
        char *start;
        size_t size;
    } block[LISTING_BLOCKS];
    unsigned blocks;
    int line;
} listing;

#define LISTING_HERE (listing.line = __LINE__)
#define LISTING_CHECK(condition) ((condition) ? (void)0 : listing_stop(#condition))

static void listing_stop(const char *what)
{
    fprintf(stderr, "listing: line %d: does not hold: %s\n", listing.line, what);
    exit(1);
}

void broke(enum property property, const char *format, ...)
{
    va_list arguments;
    fprintf(stderr, "listing: line %d: property %d: ", listing.line, (int)property);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputs("\n", stderr);
    exit(1);
}

void asan_jump(jmp_buf *to, int value)
{
    _longjmp(*to, value);
}

void asan_reset(const void *base, size_t size)
{
    (void)base;
    (void)size;
}

int system_is_real(uintptr_t base, size_t size)
{
    uintptr_t from = (uintptr_t)pool;
    return from <= base && base - from < LISTING_POOL && size <= LISTING_POOL - (base - from);
}

static inline void __attribute__((constructor)) listing_begin(void)
{
    enum { PAGES = 2 * 4096 };
    char *map = mmap(NULL, LISTING_POOL + PAGES, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    LISTING_CHECK(map != MAP_FAILED);
    pool = map + (PAGES - (uintptr_t)map % PAGES) % PAGES;
    target.reset();
}

void *sys_alloc(size_t minimum, size_t wanted, size_t *granted)
{
    size_t size = listing.granted;
    char *grant = listing.grant;
    void (*meanwhile)(void) = listing.meanwhile;
    LISTING_CHECK(listing.due);
    LISTING_CHECK(listing.minimum == minimum && listing.wanted == wanted);
    listing.due = 0;
    listing.meanwhile = NULL;
    if (meanwhile != NULL) {
        meanwhile();
    }
    *granted = size;
    return grant;
}

static inline void listing_open(char *start, size_t size, size_t align)
{
    LISTING_CHECK(start != NULL && (uintptr_t)start % align == 0);
    for (unsigned i = 0; i < listing.blocks; i++) {
        uintptr_t first = (uintptr_t)listing.block[i].start;
        LISTING_CHECK((uintptr_t)start >= first ? (uintptr_t)start - first >= listing.block[i].size
                                                : first - (uintptr_t)start >= size);
    }
    if (system_is_real((uintptr_t)start, size)) {
        LISTING_CHECK(start[0] == 0 && start[size - 1] == 0);
        start[0] = start[size - 1] = (char)(1 + listing.blocks % 100);
    }
    LISTING_CHECK(listing.blocks < LISTING_BLOCKS);
    listing.block[listing.blocks].start = start;
    listing.block[listing.blocks].size = size;
    listing.blocks++;
}

static inline void listing_judge(unsigned user, enum persist_status is, enum persist_status must,
                                 size_t size, size_t align, char *out, const char *kept)
{
    LISTING_CHECK(is == must);
    LISTING_CHECK(!listing.due);
    if (must == PERSIST_OK) {
        listing_open(out, size == 0 ? 1 : size, align == 0 ? PERSIST_DEFAULT_ALIGN : align);
    } else if (must != WAITS) {
        LISTING_CHECK(out == kept);
        LISTING_CHECK(user != PROCESS || (target_thrown.times == 1 && target_thrown.why == must &&
                                          target_thrown.size == size));
    }
}

static inline void listing_alloc(unsigned user, size_t size, size_t align, enum persist_status must)
{
    static char kept;
    void *out = &kept;
    enum persist_status is = target.alloc(user, size, align, &out);
    listing_judge(user, is, must, size, align, out, &kept);
}

static inline void listing_array(size_t n, size_t size, size_t align, enum persist_status must)
{
    static char kept;
    void *out = &kept;
    size_t bytes = 0;
    enum persist_status is = target.array(n, size, align, &out);
    bytes = __builtin_mul_overflow(n, size, &bytes) ? SIZE_MAX : bytes;
    listing_judge(PROCESS, is, must, bytes, align, out, &kept);
}

static inline void listing_statistics(unsigned user, struct persist_stats must)
{
    struct persist_stats is;
    target.statistics(user, &is);
    LISTING_CHECK(memcmp(&is, &must, sizeof is) == 0);
}

static inline void listing_torn(size_t size, struct persist_stats must)
{
    struct persist_stats is;
    target.torn(size, &is);
    LISTING_CHECK(memcmp(&is, &must, sizeof is) == 0);
}

static inline void listing_contents(void)
{
    for (unsigned i = 0; i < listing.blocks; i++) {
        const char *start = listing.block[i].start;
        size_t size = listing.block[i].size;
        LISTING_CHECK(!system_is_real((uintptr_t)start, size) ||
                      (start[0] == (char)(1 + i % 100) && start[size - 1] == start[0]));
    }
}

static inline void listing_answer(size_t minimum, size_t wanted, char *grant, size_t granted)
{
    listing.due = 1;
    listing.minimum = minimum;
    listing.wanted = wanted;
    listing.grant = grant;
    listing.granted = granted;
}

static inline void listing_thread(unsigned thread)
{
    int fresh = listing.ended[thread];
    listing.ended[thread] = 0;
    listing.thread = thread;
    target.thread(thread, fresh);
}

static inline void listing_fork(void)
{
    for (unsigned i = 0; i < THREADS; i++) {
        listing.ended[i] |= i != listing.thread;
    }
    target.fork_child();
}

/* ---- the words of a listing ---- */

#define arena(user, size, align, must) (LISTING_HERE, listing_alloc(user, size, align, must))
#define process(size, align, must) (LISTING_HERE, listing_alloc(PROCESS, size, align, must))
#define array(n, size, align, must) (LISTING_HERE, listing_array(n, size, align, must))
#define answer(minimum, wanted, grant, granted)                                                    \
    (LISTING_HERE, listing_answer(minimum, wanted, grant, granted))
#define meanwhile(steps) (LISTING_HERE, listing.meanwhile = (steps))
#define limit(user, bytes) (LISTING_HERE, target.limit(user, bytes))
#define contains(user, address, must)                                                              \
    (LISTING_HERE, LISTING_CHECK(target.contains(user, address) == (must)))
#define statistics(user, ...) (LISTING_HERE, listing_statistics(user, __VA_ARGS__))
#define torn(size, ...) (LISTING_HERE, listing_torn(size, __VA_ARGS__))
#define contents() (LISTING_HERE, listing_contents())
#define message(why) (LISTING_HERE, target.message(why))
#define handler(how) (LISTING_HERE, target.handle((enum handler)(how)))
#define aged(user, failed) (LISTING_HERE, target.aged(user, failed))
#define thread(n) (LISTING_HERE, listing_thread(n))
#define thread_end() (LISTING_HERE, listing.ended[listing.thread] = 1, target.thread_end())
#define fork_child() (LISTING_HERE, listing_fork())
#define hook_fails(yes) (LISTING_HERE, target.hook_fails(yes))

#endif
