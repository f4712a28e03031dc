/* Threads on the real system, with yields forced at each step of the hand-over. For
 * ThreadSanitizer, Valgrind's thread checker, and plain. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "caught.h"
#include "testing.h"
#include "yields.h"

enum { THREADS = 4, CHUNK = 262144 };

static int start(void **state)
{
    (void)state;
    persist_on_throw(NULL);
    persist_reset();
    yields_on();
    return 0;
}

static int stop(void **state)
{
    (void)state;
    yields_off();
    return 0;
}

static struct persist_stats stats(void)
{
    struct persist_stats now;
    persist_statistics(&now);
    assert_balanced(now);
    return now;
}

static void run_threads(size_t n, void *(*work)(void *), void *arguments, size_t size)
{
    pthread_t thread[64];
    assert_in_range(n, 1, 64);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(pthread_create(&thread[i], NULL, work, (char *)arguments + i * size), 0);
    }
    for (size_t i = 0; i < n; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(thread[i], &wrong), 0);
        if (wrong != NULL) {
            fail_msg("thread %zu: %s", i, (const char *)wrong);
        }
    }
}

static void verify(struct blocks *blocks, size_t n)
{
    const char *wrong = blocks_verify(blocks, n);
    for (size_t i = 0; i < n; i++) {
        blocks_free(&blocks[i]);
    }
    if (wrong != NULL) {
        fail_msg("%s", wrong);
    }
}

/* Many blocks, small ones and such that need a refill; returns what is wrong with one. */
static void *allocate_many(void *argument)
{
    struct blocks *blocks = argument;
    const char *wrong = NULL;
    for (size_t i = 0; i < 400 && wrong == NULL; i++) {
        size_t size = i % 40 == 0 ? 70000 : i * 7919 % 3000;
        size_t align = (size_t)1 << i % 13;
        wrong = blocks_add(blocks, persistentalloc(size, align), size, align);
    }
    return (void *)(uintptr_t)wrong;
}

static void blocks_of_all_threads_are_apart(void **state)
{
    (void)state;
    struct blocks blocks[4 * THREADS];
    memset(blocks, 0, sizeof blocks);
    for (size_t round = 0; round < 4; round++) { /* later rounds adopt */
        for (size_t i = 0; i < THREADS; i++) {
            blocks[round * THREADS + i].mark = (unsigned char)(1 + round * THREADS + i);
        }
        run_threads(THREADS, allocate_many, blocks + round * THREADS, sizeof *blocks);
    }
    size_t requested = 0;
    for (size_t i = 0; i < 4 * THREADS; i++) {
        for (size_t k = 0; k < blocks[i].count; k++) {
            requested += blocks[i].block[k].size;
        }
    }
    assert_int_equal(stats().requested, requested);
    verify(blocks, 4 * THREADS);
}

static void *allocate_one(void *argument)
{
    struct blocks *blocks = argument;
    return (void *)(uintptr_t)blocks_add(blocks, persistentalloc(24, 8), 24, 8);
}

/* 100 000 of them, at most four at a time: a handful of arenas is enough for all. */
static void threads_that_come_and_go_take_bounded_memory(void **state)
{
    (void)state;
    size_t rounds = fewer(25000);
    size_t most = 2 * (THREADS * CHUNK + rounds * THREADS * 24);
    struct blocks blocks[THREADS];
    memset(blocks, 0, sizeof blocks);
    persist_limit(most);
    for (size_t round = 0; round < rounds; round++) {
        run_threads(THREADS, allocate_one, blocks, sizeof *blocks);
    }
    assert_int_equal(stats().requested, rounds * THREADS * 24);
    assert_in_range(stats().granted, 1, most);
    verify(blocks, THREADS);
}

static int reading;

static void *read_statistics(void *unused)
{
    (void)unused;
    const char *wrong = NULL;
    struct persist_stats now;
    while (__atomic_load_n(&reading, __ATOMIC_ACQUIRE) && wrong == NULL) {
        persist_statistics(&now);
        if (now.requested + now.padding + now.tail + now.free != now.granted ||
            now.requested > now.granted || now.padding > now.granted) {
            wrong = "the sums do not hold";
        }
        if (persist_contains(&now)) {
            wrong = "the stack is not persistent memory";
        }
    }
    return (void *)(uintptr_t)wrong;
}

/* Blocks without padding, one after the other: a snapshot in between has requested the most that
 * the space can hold, or more. */
static void *allocate_fast(void *unused)
{
    (void)unused;
    for (int i = 0; i < 5000; i++) {
        if (is_null(persistentalloc(4000, 1))) {
            return "NULL";
        }
    }
    return NULL;
}

static void statistics_hold_while_others_allocate(void **state)
{
    (void)state;
    struct blocks blocks[THREADS];
    pthread_t reader;
    void *wrong = NULL;
    memset(blocks, 0, sizeof blocks);
    if (under_valgrind()) {
        skip();
    }
    __atomic_store_n(&reading, 1, __ATOMIC_RELEASE);
    assert_int_equal(pthread_create(&reader, NULL, read_statistics, NULL), 0);
    for (int round = 0; round < 10; round++) {
        run_threads(THREADS, allocate_many, blocks, sizeof *blocks);
        run_threads(THREADS, allocate_fast, blocks, sizeof *blocks);
    }
    __atomic_store_n(&reading, 0, __ATOMIC_RELEASE);
    assert_int_equal(pthread_join(reader, &wrong), 0);
    assert_null(wrong);
    verify(blocks, THREADS);
}

/* Keys made before and after the library's own: in either order of the destructors. */
static pthread_key_t earlier, later;
static struct blocks in_destructors;
static pthread_mutex_t destructors = PTHREAD_MUTEX_INITIALIZER;
static const char *wrong_in_destructor;

static void allocate_at_end(void *unused)
{
    (void)unused;
    void *block = persistentalloc(300, 8);
    pthread_mutex_lock(&destructors);
    const char *wrong = blocks_add(&in_destructors, block, 300, 8);
    if (wrong != NULL) {
        wrong_in_destructor = wrong;
    }
    pthread_mutex_unlock(&destructors);
}

static void *end_with_destructors(void *argument)
{
    pthread_setspecific(earlier, argument);
    pthread_setspecific(later, argument);
    return allocate_one(argument);
}

/* Its first call to the library is made by a destructor. */
static void *end_with_destructors_alone(void *argument)
{
    pthread_setspecific(earlier, argument);
    pthread_setspecific(later, argument);
    return NULL;
}

static void destructors_of_others_may_allocate(void **state)
{
    (void)state;
    struct blocks blocks[THREADS];
    size_t rounds = fewer(200);
    memset(blocks, 0, sizeof blocks);
    assert_false(is_null(persistentalloc(1, 1))); /* the library's key exists */
    assert_int_equal(pthread_key_create(&later, allocate_at_end), 0);
    for (size_t round = 0; round < rounds; round++) {
        run_threads(THREADS, end_with_destructors, blocks, sizeof *blocks);
        run_threads(THREADS, end_with_destructors_alone, blocks, sizeof *blocks);
    }
    pthread_key_delete(later);
    assert_null(wrong_in_destructor);
    assert_int_equal(in_destructors.count, 4 * THREADS * rounds);
    assert_in_range(stats().granted, 1, 2 * (THREADS * CHUNK + rounds * THREADS * 1300));
    verify(&in_destructors, 1);
    verify(blocks, THREADS);
}

/* Takes chunks until the limit says no. */
static void *exhaust(void *argument)
{
    struct blocks *blocks = argument;
    const char *volatile wrong = NULL;
    if (setjmp(caught) == 0) {
        while (wrong == NULL) {
            wrong = blocks_add(blocks, persistentalloc(CHUNK / 2, 4096), CHUNK / 2, 4096);
        }
    }
    return (void *)(uintptr_t)wrong;
}

static void limit_holds_when_threads_race_for_it(void **state)
{
    (void)state;
    for (size_t round = 0; round < fewer(50); round++) {
        struct blocks blocks[THREADS];
        memset(blocks, 0, sizeof blocks);
        persist_reset();
        persist_on_throw(leave);
        persist_limit(10 * CHUNK + 4096);
        run_threads(THREADS, exhaust, blocks, sizeof *blocks);
        assert_in_range(stats().granted, 5 * CHUNK, 10 * CHUNK + 4096);
        assert_int_equal(stats().failures[PERSIST_NO_MEMORY], THREADS);
        verify(blocks, THREADS);
    }
}

/* Throws of all kinds, recovered from, among allocations. */
static void *throw_often(void *argument)
{
    struct blocks *blocks = argument;
    const char *volatile wrong = NULL;
    for (volatile size_t i = 0; i < 500 && wrong == NULL; i++) {
        if (setjmp(caught) == 0) {
            volatile size_t size = i % 2 == 0 ? 8 : SIZE_MAX;
            wrong = blocks_add(blocks, persistentalloc(size, i % 2 == 0 ? 3 : 8), 8, 8);
            wrong = "a call that fails was served";
        } else {
            wrong = blocks_add(blocks, persistentalloc(40, 8), 40, 8);
        }
    }
    return (void *)(uintptr_t)wrong;
}

static void throws_hold_no_lock(void **state)
{
    (void)state;
    struct blocks blocks[THREADS];
    memset(blocks, 0, sizeof blocks);
    persist_on_throw(leave);
    run_threads(THREADS, throw_often, blocks, sizeof *blocks);
    assert_int_equal(stats().failures[PERSIST_NOT_POWER_OF_TWO], THREADS * 250);
    assert_int_equal(stats().failures[PERSIST_NO_MEMORY], THREADS * 250);
    verify(blocks, THREADS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

static const struct CMUnitTest tests[] = {
    TEST(blocks_of_all_threads_are_apart),       TEST(threads_that_come_and_go_take_bounded_memory),
    TEST(statistics_hold_while_others_allocate), TEST(destructors_of_others_may_allocate),
    TEST(limit_holds_when_threads_race_for_it),  TEST(throws_hold_no_lock),
};

int main(int argc, char **argv)
{
    /* Before the library's own key, whose index is therefore higher. */
    if (pthread_key_create(&earlier, allocate_at_end) != 0) {
        return 1;
    }
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
