/* A device with 16 KiB: the core and sys_static.c. The buffer starts PAST bytes after a multiple of
 * the largest alignment. */
#include "check.h"

#include "blocks.h"

#define TEXT(x) #x
#define STRING(x) TEXT(x)

enum { PAGE = 4096, ALL = 16384, USABLE = PAST == 0 ? ALL : ALL - (PAGE - PAST) };

/* Not static: named below. */
extern _Alignas(PAGE) char storage[ALL + PAGE];
_Alignas(PAGE) char storage[ALL + PAGE];
__asm__(".globl persist_static_memory\n.set persist_static_memory, storage + " STRING(PAST));

extern const size_t persist_static_size;
const size_t persist_static_size = ALL;

static struct persist_arena whole, limited;

static void two_arenas_share_it(void **state)
{
    (void)state;
    struct blocks blocks = {.mark = 3};
    struct persist_stats stats;
    void *block = NULL;
    persist_arena_limit(&limited, 5000);
    assert_int_equal(persist_arena_alloc(&limited, 5001, 8, &block), PERSIST_NO_MEMORY);
    assert_int_equal(persist_arena_alloc(&limited, 100, PAGE, &block), PERSIST_OK);
    assert_null(blocks_add(&blocks, block, 100, PAGE));
    assert_int_equal(persist_arena_alloc(&whole, 50, 1, &block), PERSIST_OK);
    assert_null(blocks_add(&blocks, block, 50, 1));
    persist_arena_stats(&limited, &stats);
    assert_int_equal(stats.granted, 5000);
    persist_arena_stats(&whole, &stats);
    assert_int_equal(stats.granted, USABLE - 2 * PAGE);
    while (persist_arena_alloc(&whole, 64, 16, &block) == PERSIST_OK) {
        assert_null(blocks_add(&blocks, block, 64, 16));
    }
    persist_arena_stats(&whole, &stats);
    assert_balanced(stats);
    assert_in_range(stats.free, 0, 63);
    assert_int_equal(stats.failures[PERSIST_NO_MEMORY], 1);
    for (size_t i = 0; i < blocks.count; i++) {
        assert_true(blocks.block[i].start >= (unsigned char *)storage + PAST);
        assert_true(blocks.block[i].start + blocks.block[i].size <=
                    (unsigned char *)storage + PAST + ALL);
    }
    assert_null(blocks_verify(&blocks, 1));
    blocks_free(&blocks);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(two_arenas_share_it),
};

MAIN(tests)
