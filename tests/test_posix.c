/* What persist_posix.h offers, seen by the system's own account of the pages. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "blocks.h"
#include "persist_posix.h"

enum { BLOCK = 1 << 20, SMALL = 100 };

static size_t page(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* Pages of the region around a block that are in memory. */
static size_t present(const struct persist_region *region)
{
    size_t size = (size_t)(region->end - region->base), pages = size / page(), count = 0;
    unsigned char *in_memory = calloc(pages, 1);
    assert_int_equal(mincore(region->base, size, in_memory), 0);
    for (size_t i = 0; i < pages; i++) {
        count += in_memory[i] & 1u;
    }
    free(in_memory);
    return count;
}

/* Whether the kernel notes of the mapping at `address` that huge pages are welcome. */
static int welcomes_huge(uintptr_t address)
{
    char line[512];
    int inside = 0, found = 0;
    FILE *maps = fopen("/proc/self/smaps", "r");
    assert_non_null(maps);
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long start, end;
        if (sscanf(line, "%lx-%lx ", &start, &end) == 2) {
            inside = start <= address && address < end;
        }
        found |= inside && strncmp(line, "VmFlags:", 8) == 0 && strstr(line, " hg") != NULL;
    }
    fclose(maps);
    return found;
}

/* One small and one large block, from two regions, with these options. */
static void take(unsigned options, struct persist_arena *arena)
{
    void *block = NULL;
    struct blocks blocks = {.mark = 5};
    struct persist_stats stats;
    persist_posix_options(options);
    assert_int_equal(persist_arena_alloc(arena, SMALL, 1, &block), PERSIST_OK);
    assert_null(blocks_add(&blocks, block, SMALL, 1));
    assert_int_equal(persist_arena_alloc(arena, BLOCK, 4096, &block), PERSIST_OK);
    persist_arena_stats(arena, &stats);
    assert_balanced(stats);
    assert_int_equal(stats.regions, 2);
    assert_int_equal(stats.granted, PERSIST_CHUNK + BLOCK);
    assert_int_equal(stats.requested, SMALL + BLOCK);
    assert_null(blocks_verify(&blocks, 1));
    blocks_free(&blocks);
    persist_posix_options(0);
}

static void pages_come_when_touched(void **state)
{
    static struct persist_arena arena;
    (void)state;
    take(0, &arena);
    assert_in_range(present(&arena.region[0]), 1, PERSIST_CHUNK / page());
    assert_int_equal(present(&arena.region[1]), 0);
}

static void pages_are_there_ahead(void **state)
{
    static struct persist_arena arena;
    static const char zeros[BLOCK];
    (void)state;
    take(PERSIST_COMMIT_AHEAD, &arena);
    assert_int_equal(present(&arena.region[0]), PERSIST_CHUNK / page());
    assert_int_equal(present(&arena.region[1]), BLOCK / page());
    assert_memory_equal(arena.region[1].base, zeros, BLOCK);
}

static void huge_pages_are_welcome_if_asked(void **state)
{
    static struct persist_arena plain, huge;
    (void)state;
    take(0, &plain);
    take(PERSIST_HUGE_PAGES, &huge);
    assert_false(welcomes_huge((uintptr_t)plain.region[1].base));
    assert_true(welcomes_huge((uintptr_t)huge.region[1].base));
    assert_int_equal(present(&huge.region[1]), 0);
}

static void both_at_once(void **state)
{
    static struct persist_arena arena;
    (void)state;
    take(PERSIST_HUGE_PAGES + PERSIST_COMMIT_AHEAD, &arena);
    assert_true(welcomes_huge((uintptr_t)arena.region[1].base));
    assert_int_equal(present(&arena.region[1]), BLOCK / page());
}

/* What is not there cannot be had ahead; the call is as any other. */
static void options_that_mean_nothing(void **state)
{
    static struct persist_arena arena;
    (void)state;
    take(1u << 31, &arena);
    assert_int_equal(present(&arena.region[1]), 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(pages_come_when_touched),         cmocka_unit_test(pages_are_there_ahead),
    cmocka_unit_test(huge_pages_are_welcome_if_asked), cmocka_unit_test(both_at_once),
    cmocka_unit_test(options_that_mean_nothing),
};

MAIN(tests)
