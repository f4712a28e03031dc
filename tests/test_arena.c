/* The arena: every promise of persist_arena_alloc and its companions, against a system that does
 * what the test tells it. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "fake_sys.h"

enum { CHUNK = 262144 };

static struct persist_arena arena;
static struct blocks blocks;

static int start(void **state)
{
    (void)state;
    fake_reset();
    memset(&arena, 0, sizeof arena);
    blocks_free(&blocks);
    blocks.mark = 0x5a;
    return 0;
}

static struct persist_stats stats(void)
{
    struct persist_stats now;
    persist_arena_stats(&arena, &now);
    assert_balanced(now);
    return now;
}

/* A block of the arena, checked on its own. */
static void *get(size_t size, size_t align)
{
    void *block = NULL;
    assert_int_equal(persist_arena_alloc(&arena, size, align, &block), PERSIST_OK);
    const char *wrong = blocks_add(&blocks, block, size, align);
    if (wrong != NULL) {
        fail_msg("size %zu, align %zu: %s", size, align, wrong);
    }
    return block;
}

static void verify(void)
{
    const char *wrong = blocks_verify(&blocks, 1);
    if (wrong != NULL) {
        fail_msg("%s", wrong);
    }
}

/* A call that must fail so, and change nothing but its counter. */
static void refused(size_t size, size_t align, enum persist_status why)
{
    struct persist_arena before = arena;
    void *out = &arena;
    assert_int_equal(persist_arena_alloc(&arena, size, align, &out), why);
    assert_ptr_equal(out, &arena);
    before.failures[why] += 1;
    assert_memory_equal(&before, &arena, sizeof arena);
}

static void zeroed_arena_is_empty(void **state)
{
    (void)state;
    struct persist_stats all = stats(), nothing;
    memset(&nothing, 0, sizeof nothing);
    assert_memory_equal(&all, &nothing, sizeof all);
    assert_false(persist_arena_contains(&arena, &arena));
    assert_false(persist_arena_contains(&arena, NULL));
}

static void blocks_are_aligned_zero_and_apart(void **state)
{
    (void)state;
    for (size_t align = 1; align <= 4096; align *= 2) {
        for (size_t size = 0; size < 70; size++) {
            get(size, align);
        }
        get(4095, align);
        get(4097, align);
        get(70000, align);
    }
    verify();
}

static void align_0_stands_for_8(void **state)
{
    (void)state;
    unsigned char *odd = get(1, 1);
    unsigned char *block = get(3, 0);
    assert_ptr_equal(block, odd - ((uintptr_t)odd % 8) - (((uintptr_t)odd % 8) < 3 ? 8 : 0));
    assert_int_equal(stats().requested, 4);
}

static void size_0_is_served_as_1(void **state)
{
    (void)state;
    unsigned char *block = get(0, 1);
    for (int i = 0; i < 100; i++) {
        unsigned char *next = get(0, 1);
        assert_ptr_not_equal(next, block);
        block = next;
    }
    assert_int_equal(stats().requested, 101);
    verify();
}

static int is_power_of_two(size_t n)
{
    size_t bits = 0;
    for (; n != 0; n /= 2) {
        bits += n % 2;
    }
    return bits == 1;
}

static enum persist_status expected(size_t align)
{
    if (align == 0 || (is_power_of_two(align) && align <= 4096)) {
        return PERSIST_OK;
    }
    return is_power_of_two(align) ? PERSIST_ALIGN_TOO_LARGE : PERSIST_NOT_POWER_OF_TWO;
}

static void try_align(size_t align)
{
    if (expected(align) == PERSIST_OK) {
        get(5, align);
    } else {
        refused(5, align, expected(align));
    }
}

static void every_alignment_is_classified(void **state)
{
    (void)state;
    for (size_t align = 0; align < 20000; align++) {
        try_align(align);
    }
    for (size_t power = 8192; power != 0; power *= 2) {
        try_align(power - 1);
        try_align(power);
        try_align(power + 1);
        try_align(power + 4096);
    }
    try_align(SIZE_MAX);
    try_align(SIZE_MAX - 1);
}

static void bad_alignment_is_found_before_anything_else(void **state)
{
    (void)state;
    refused(SIZE_MAX, 3, PERSIST_NOT_POWER_OF_TWO);
    refused(SIZE_MAX, 8192, PERSIST_ALIGN_TOO_LARGE);
    refused(0, 8192, PERSIST_ALIGN_TOO_LARGE);
    assert_int_equal(fake.calls, 0);
}

static void refusal_leaves_everything_as_it_was(void **state)
{
    (void)state;
    fake.refuse = 1;
    refused(10, 8, PERSIST_NO_MEMORY);
    assert_int_equal(fake.calls, 1);
    get(10, 8);
    assert_int_equal(fake.calls, 2);
    fake.refuse = 3;
    refused(CHUNK, 8, PERSIST_NO_MEMORY);
    get(10, 8);
    get(CHUNK, 8);
    assert_int_equal(fake.calls, 4);
    assert_int_equal(stats().failures[PERSIST_NO_MEMORY], 2);
    verify();
}

/* A fixed walk that asks the system often. */
static size_t walk_size(size_t i)
{
    static const size_t sizes[] = {1, 60000, 65535, 65536, 300000, 0, 5000, 262144, 262145};
    return sizes[i % (sizeof sizes / sizeof *sizes)] + i / 3;
}

static void each_system_call_refused_in_turn(void **state)
{
    size_t asked = 1;
    for (size_t nth = 1; nth <= asked; nth++) {
        start(state);
        fake.refuse = nth;
        for (size_t i = 0; i < 60; i++) {
            size_t align = (size_t)1 << i % 13;
            void *block = NULL;
            enum persist_status status = persist_arena_alloc(&arena, walk_size(i), align, &block);
            if (status == PERSIST_NO_MEMORY && fake.calls == nth) {
                assert_null(block);
                get(walk_size(i), align);
            } else {
                assert_int_equal(status, PERSIST_OK);
                assert_null(blocks_add(&blocks, block, walk_size(i), align));
            }
        }
        assert_int_equal(stats().failures[PERSIST_NO_MEMORY], 1);
        assert_int_equal(stats().granted, fake.given);
        asked = fake.calls - 1; /* one was asked twice */
        verify();
    }
    assert_in_range(asked, 10, 60);
}

static void bad_grant_is_not_used(void **state)
{
    (void)state;
    char *good = fake_pages(CHUNK, 0);
    const struct answer bad[] = {
        {good + 1, CHUNK},
        {good + 8, CHUNK},
        {good + 2048, CHUNK},
        {good, 99},
        {good, 0},
        {good, CHUNK + 1},
        {good, SIZE_MAX},
        {(void *)(UINTPTR_MAX - 4095), 4096},
        {(void *)(UINTPTR_MAX - CHUNK + 4097), CHUNK},
    };
    const size_t n = sizeof bad / sizeof *bad;
    fake.answers = bad;
    fake.answers_left = n;
    for (size_t i = 0; i < n; i++) {
        refused(100, 8, PERSIST_BAD_MEMORY);
        assert_int_equal(fake.calls, i + 1);
    }
    get(100, 8);
    assert_int_equal(stats().regions, 1);
    assert_int_equal(stats().failures[PERSIST_BAD_MEMORY], n);
}

static void grant_may_be_less_than_wanted(void **state)
{
    (void)state;
    const struct answer small[] = {{fake_pages(16384, 0), 16384}, {fake_pages(100, 0), 100}};
    fake.answers = small;
    fake.answers_left = 2;
    char *block = get(16384, 4096);
    assert_ptr_equal(block, small[0].address);
    assert_ptr_equal(get(100, 8), small[1].address);
    assert_int_equal(stats().granted, 16484);
    assert_int_equal(stats().free, 0);
    verify();
}

static size_t next_wanted(size_t granted, size_t size)
{
    size_t most = granted / 8 > CHUNK ? granted / 8 : CHUNK;
    if (size > most) {
        most = size;
    }
    return (most + 4095) / 4096 * 4096;
}

static void wanted_grows_with_what_was_taken(void **state)
{
    (void)state;
    for (size_t i = 0; i < 100; i++) {
        size_t size = i % 5 == 0 ? 1000000 + i : 65537;
        size_t calls = fake.calls, wanted = next_wanted(fake.given, size);
        void *block = NULL;
        size_t room = stats().free;
        assert_int_equal(persist_arena_alloc(&arena, size, 8, &block), PERSIST_OK);
        assert_int_equal(fake.calls, calls + (size > room));
        if (fake.calls > calls) {
            assert_int_equal(fake.minimum, size);
            assert_int_equal(fake.wanted, wanted);
        }
    }
}

static void many_bytes_cost_few_system_calls(void **state)
{
    (void)state;
    for (size_t i = 0; i < 1u << 14; i++) { /* half a GiB, which nobody writes to */
        void *block;
        assert_int_equal(persist_arena_alloc(&arena, 32768, 8, &block), PERSIST_OK);
    }
    assert_in_range(fake.calls, 1, 60);
}

static void system_is_asked_only_when_needed(void **state)
{
    (void)state;
    get(CHUNK, 1);
    assert_int_equal(fake.calls, 1);
    get(1, 1);
    assert_int_equal(fake.calls, 2);
    get(CHUNK - 2, 1);
    assert_int_equal(fake.calls, 2);
    get(1, 1);
    assert_int_equal(fake.calls, 2);
    assert_int_equal(stats().free, 0);
    get(0, 1);
    assert_int_equal(fake.calls, 3);
    verify();
}

/* How often persist_arena_alloc left its fast path: the linker puts this in the slow one's place. */
static size_t slow_calls;

enum persist_status __real_persist_arena_alloc_slow(struct persist_arena *into, size_t size,
                                                    size_t align, void **out);
enum persist_status __wrap_persist_arena_alloc_slow(struct persist_arena *into, size_t size,
                                                    size_t align, void **out);

enum persist_status __wrap_persist_arena_alloc_slow(struct persist_arena *into, size_t size,
                                                    size_t align, void **out)
{
    slow_calls++;
    return __real_persist_arena_alloc_slow(into, size, align, out);
}

static void small_blocks_that_fit_take_the_fast_path(void **state)
{
    for (size_t align = 1; align <= 4096; align *= 2) {
        start(state);
        get(1, 1);
        slow_calls = 0;
        for (size_t size = 1; size < 30; size++) {
            get(size, align);
        }
        get(65535, align);
        while (stats().free > 65535) {
            get(10000, align);
        }
        get(stats().free, align); /* to the last byte */
        assert_int_equal(slow_calls, 0);
        verify();
    }
}

/* Where the compiler sees that it is 0. */
static void alignment_left_out_takes_the_fast_path(void **state)
{
    (void)state;
    void *block = NULL;
#ifdef PERSIST_ASAN
    skip(); /* there clang looks before it has inlined the call */
#endif
    get(1, 1);
    slow_calls = 0;
    assert_int_equal(persist_arena_alloc(&arena, 100, 0, &block), PERSIST_OK);
    assert_null(blocks_add(&blocks, block, 100, 8));
    assert_int_equal(slow_calls, 0);
}

static void what_the_fast_path_cannot_serve_takes_the_slow_one(void **state)
{
    (void)state;
    volatile size_t unsaid = 0;
    slow_calls = 0;
    get(100, 8); /* nothing is there yet */
    get(100, unsaid);
    get(0, 8);
    get(65536, 8);
    get(stats().free + 1, 8);
    refused(100, 24, PERSIST_NOT_POWER_OF_TWO);
    refused(100, 8192, PERSIST_ALIGN_TOO_LARGE);
    assert_int_equal(slow_calls, 7);
}

static void block_never_spans_two_grants(void **state)
{
    (void)state;
    char *two = fake_pages(2 * CHUNK, 0);
    const struct answer below[] = {{two + CHUNK, CHUNK}, {two, CHUNK}};
    fake.answers = below;
    fake.answers_left = 2;
    get(CHUNK - 100, 1);
    char *block = get(200, 1);
    assert_true(block + 200 <= two + CHUNK);
    start(state);
    two = fake_pages(2 * CHUNK, 0);
    const struct answer above[] = {{two, CHUNK}, {two + CHUNK, CHUNK}};
    fake.answers = above;
    fake.answers_left = 2;
    get(CHUNK - 100, 1);
    block = get(200, 1);
    assert_true(block >= two + CHUNK);
}

static void large_requests_are_counted(void **state)
{
    (void)state;
    get(65535, 8);
    assert_int_equal(stats().large, 0);
    get(65536, 8);
    assert_int_equal(stats().large, 1);
    get(1000000, 4096);
    assert_int_equal(stats().large, 2);
    refused(SIZE_MAX, 8, PERSIST_NO_MEMORY);
    assert_int_equal(stats().large, 2);
}

static void region_with_less_room_than_the_current_serves_one_block(void **state)
{
    (void)state;
    get(16, 8); /* leaves nearly a chunk */
    size_t free_before = stats().free;
    get(CHUNK, 8);
    assert_int_equal(stats().free, free_before);
    assert_int_equal(stats().regions, 2);
    get(free_before, 8);
    assert_int_equal(fake.calls, 2);
    verify();
}

static void limit_bounds_what_is_taken(void **state)
{
    (void)state;
    persist_arena_limit(&arena, 0);
    refused(1, 8, PERSIST_NO_MEMORY);
    assert_int_equal(fake.calls, 0);
    persist_arena_limit(&arena, 10000);
    refused(10001, 1, PERSIST_NO_MEMORY);
    assert_int_equal(fake.calls, 0);
    get(1, 1);
    assert_int_equal(fake.wanted, 10000);
    get(9999, 1);
    refused(1, 1, PERSIST_NO_MEMORY);
    assert_int_equal(fake.calls, 1);
    persist_arena_limit(&arena, 5000); /* below what is held */
    refused(1, 1, PERSIST_NO_MEMORY);
    persist_arena_limit(&arena, 10001);
    get(1, 1);
    assert_int_equal(fake.wanted, 1);
    persist_arena_limit(&arena, SIZE_MAX);
    get(1, 1);
    assert_int_equal(fake.wanted, CHUNK);
}

static void sizes_that_no_address_space_has_are_not_asked_for(void **state)
{
    (void)state;
    for (size_t less = 0; less < 9000; less++) {
        refused(SIZE_MAX - less, 8, PERSIST_NO_MEMORY);
        refused(SIZE_MAX / 2 + 1 + less, 8, PERSIST_NO_MEMORY);
    }
    get(8, 8);
    refused(SIZE_MAX, 4096, PERSIST_NO_MEMORY);
    assert_int_equal(fake.calls, 1);
    fake.refuse = 2;
    refused(SIZE_MAX / 2 - CHUNK - 4096, 8, PERSIST_NO_MEMORY);
    assert_int_equal(fake.calls, 2);
}

static void full_region_table_is_no_memory(void **state)
{
    (void)state;
    fake.most = 1;
    for (size_t i = 0; i < PERSIST_REGIONS; i++) {
        get(8, 8);
    }
    assert_int_equal(fake.calls, PERSIST_REGIONS);
    refused(8, 8, PERSIST_NO_MEMORY);
    assert_int_equal(fake.calls, PERSIST_REGIONS);
    verify();
}

static void contains_knows_every_byte_of_every_block(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 100, 0, 65536, 300000, 7};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        get(sizes[i], (size_t)1 << 2 * i);
    }
    for (size_t i = 0; i < blocks.count; i++) {
        for (size_t k = 0; k < blocks.block[i].size; k++) {
            assert_true(persist_arena_contains(&arena, blocks.block[i].start + k));
        }
    }
}

static void contains_says_no_outside_the_regions(void **state)
{
    (void)state;
    char *grant = (char *)fake_pages(CHUNK + 8192, 0) + 4096;
    const struct answer answers[] = {{grant, CHUNK}};
    fake.answers = answers;
    fake.answers_left = 1;
    get(CHUNK, 8);
    assert_true(persist_arena_contains(&arena, grant));
    assert_true(persist_arena_contains(&arena, grant + CHUNK - 1));
    assert_false(persist_arena_contains(&arena, grant - 1));
    assert_false(persist_arena_contains(&arena, grant + CHUNK));
    assert_false(persist_arena_contains(&arena, &arena));
    assert_false(persist_arena_contains(&arena, NULL));
    assert_false(persist_arena_contains(&arena, (void *)UINTPTR_MAX));
}

static void statistics_are_exact(void **state)
{
    (void)state;
    get(1, 1);      /* ends at the chunk's end */
    get(1, 4096);   /* 4094 bytes of padding */
    get(100, 8);    /* 4 more */
    get(CHUNK, 64); /* a region of its own: the first one keeps more */
    struct persist_stats now = stats();
    assert_int_equal(now.requested, 102 + CHUNK);
    assert_int_equal(now.padding, 4094 + 4);
    assert_int_equal(now.tail, 0);
    assert_int_equal(now.free, CHUNK - 4096 - 104);
    assert_int_equal(now.granted, 2 * CHUNK);
    assert_int_equal(now.regions, 2);
    assert_int_equal(now.large, 1);
    get(now.free - 10, 1);
    get(50, 1); /* a new chunk; the ten bytes are given up */
    now = stats();
    assert_int_equal(now.tail, 10);
    assert_int_equal(now.free, CHUNK - 50);
    assert_int_equal(now.granted, 3 * CHUNK);
}

static void arenas_do_not_share(void **state)
{
    (void)state;
    struct persist_arena other = {0};
    struct persist_stats theirs;
    for (size_t i = 0; i < 200; i++) {
        void *block;
        get(i * 20, 8);
        assert_int_equal(persist_arena_alloc(&other, i * 30, 16, &block), PERSIST_OK);
        assert_null(blocks_add(&blocks, block, i * 30, 16));
        assert_false(persist_arena_contains(&arena, block));
    }
    verify();
    persist_arena_stats(&other, &theirs);
    assert_balanced(theirs);
    assert_int_equal(theirs.granted + stats().granted, fake.given);
}

static size_t draw(uint64_t *seed, size_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(*seed >> 33) % below;
}

static void random_walks_keep_every_promise(void **state)
{
    for (uint64_t walk = 0; walk < 30; walk++) {
        uint64_t seed = walk;
        size_t requested = 0, large = 0;
        start(state);
        for (int i = 0; i < 1500; i++) {
            size_t size = draw(&seed, (size_t)1 << draw(&seed, 18));
            size_t align = draw(&seed, 10) == 0 ? 0 : (size_t)1 << draw(&seed, 13);
            fake.most = draw(&seed, 50) == 0;
            fake.refuse = draw(&seed, 20) == 0 ? fake.calls + 1 : 0;
            size_t refuse = fake.refuse;
            void *block = NULL;
            enum persist_status status = persist_arena_alloc(&arena, size, align, &block);
            if (status == PERSIST_OK) {
                const char *wrong = blocks_add(&blocks, block, size, align);
                if (wrong != NULL) {
                    fail_msg("walk %d: call %d: %s", (int)walk, i, wrong);
                }
                requested += size == 0 ? 1 : size;
                large += size >= 65536;
            } else {
                assert_int_equal(status, PERSIST_NO_MEMORY);
                assert_true(fake.calls == refuse || stats().regions == PERSIST_REGIONS);
            }
        }
        verify();
        assert_int_equal(stats().requested, requested);
        assert_int_equal(stats().large, large);
        assert_int_equal(stats().granted, fake.given);
    }
}

static void product_saturates(void **state)
{
    (void)state;
    assert_int_equal(persist_product(0, 0), 0);
    assert_int_equal(persist_product(0, SIZE_MAX), 0);
    assert_int_equal(persist_product(SIZE_MAX, 0), 0);
    assert_int_equal(persist_product(SIZE_MAX, 1), SIZE_MAX);
    assert_int_equal(persist_product(1, SIZE_MAX), SIZE_MAX);
    assert_int_equal(persist_product(SIZE_MAX / 2, 2), SIZE_MAX - 1);
    assert_int_equal(persist_product(SIZE_MAX / 2 + 1, 2), SIZE_MAX);
    assert_int_equal(persist_product(SIZE_MAX / 2 + 2, 2), SIZE_MAX);
    assert_int_equal(
        persist_product((size_t)1 << 4 * sizeof(size_t), (size_t)1 << 4 * sizeof(size_t)),
        SIZE_MAX);
}

#define TEST(name) cmocka_unit_test_setup(name, start)

static const struct CMUnitTest tests[] = {
    TEST(zeroed_arena_is_empty),
    TEST(blocks_are_aligned_zero_and_apart),
    TEST(align_0_stands_for_8),
    TEST(size_0_is_served_as_1),
    TEST(every_alignment_is_classified),
    TEST(bad_alignment_is_found_before_anything_else),
    TEST(refusal_leaves_everything_as_it_was),
    TEST(each_system_call_refused_in_turn),
    TEST(bad_grant_is_not_used),
    TEST(grant_may_be_less_than_wanted),
    TEST(wanted_grows_with_what_was_taken),
    TEST(many_bytes_cost_few_system_calls),
    TEST(system_is_asked_only_when_needed),
    TEST(small_blocks_that_fit_take_the_fast_path),
    TEST(alignment_left_out_takes_the_fast_path),
    TEST(what_the_fast_path_cannot_serve_takes_the_slow_one),
    TEST(block_never_spans_two_grants),
    TEST(large_requests_are_counted),
    TEST(region_with_less_room_than_the_current_serves_one_block),
    TEST(limit_bounds_what_is_taken),
    TEST(sizes_that_no_address_space_has_are_not_asked_for),
    TEST(full_region_table_is_no_memory),
    TEST(contains_knows_every_byte_of_every_block),
    TEST(contains_says_no_outside_the_regions),
    TEST(statistics_are_exact),
    TEST(arenas_do_not_share),
    TEST(random_walks_keep_every_promise),
    TEST(product_saturates),
};

MAIN(tests)
