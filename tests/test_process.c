/* persistentalloc and its companions in one thread and a second one, against a system that does
 * what the test tells it. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <pthread.h>
#include <semaphore.h>
#include <string.h>
#include <unistd.h>

#include "blocks.h"
#include "fake_sys.h"
#include "testing.h"
#include "yields.h"

enum { CHUNK = 262144 };

static struct blocks blocks;

/* What the handler was told; it leaves by longjmp. */
static struct thrown {
    enum persist_status why;
    size_t size, align;
    int times;
} thrown;
static _Thread_local jmp_buf caught;

static void handler(enum persist_status why, size_t size, size_t align)
{
    thrown.why = why;
    thrown.size = size;
    thrown.align = align;
    thrown.times++;
    longjmp(caught, 1);
}

static int start(void **state)
{
    (void)state;
    fake_reset();
    persist_reset();
    blocks_free(&blocks);
    blocks.mark = 0xa5;
    memset(&thrown, 0, sizeof thrown);
    persist_on_throw(handler);
    return 0;
}

static struct persist_stats stats(void)
{
    struct persist_stats now;
    persist_statistics(&now);
    assert_balanced(now);
    return now;
}

static void *get(size_t size, size_t align)
{
    if (setjmp(caught) != 0) {
        fail_msg("size %zu, align %zu: thrown: %s", size, align, persist_message(thrown.why));
    }
    void *block = persistentalloc(size, align);
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

/* A call that must be thrown so, and change nothing but its counter. */
static void refused(size_t size, size_t align, enum persist_status why)
{
    struct persist_stats before = stats(), after;
    int times = thrown.times;
    if (setjmp(caught) == 0) {
        void *block = persistentalloc(size, align);
        fail_msg("size %zu, align %zu: served at %p", size, align, block);
    }
    assert_int_equal(thrown.times, times + 1);
    assert_int_equal(thrown.why, why);
    assert_int_equal(thrown.size, size);
    assert_int_equal(thrown.align, align);
    after = stats();
    before.failures[why] += 1;
    assert_memory_equal(&before, &after, sizeof before);
}

static void *in_thread(void *(*work)(void *), void *argument)
{
    pthread_t thread;
    void *result = NULL;
    assert_int_equal(pthread_create(&thread, NULL, work, argument), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    return result;
}

static void blocks_are_aligned_zero_and_apart(void **state)
{
    (void)state;
    for (size_t align = 1; align <= 4096; align *= 2) {
        for (size_t size = 0; size < 50; size++) {
            get(size, align);
            get(size, 0);
        }
        get(65535, align);
        get(65536, align);
    }
    verify();
}

static void size_0_is_served_as_1(void **state)
{
    (void)state;
    void *first = get(0, 1);
    assert_ptr_not_equal(first, get(0, 1));
    assert_int_equal(stats().requested, 2);
    get(CHUNK - 2, 1);
    get(0, 1); /* which takes a new chunk */
    assert_int_equal(fake.calls, 2);
    verify();
}

static void bad_alignment_is_thrown_and_takes_nothing(void **state)
{
    (void)state;
    refused(8, 3, PERSIST_NOT_POWER_OF_TWO);
    refused(0, SIZE_MAX, PERSIST_NOT_POWER_OF_TWO);
    refused(SIZE_MAX, 12, PERSIST_NOT_POWER_OF_TWO);
    refused(8, 8192, PERSIST_ALIGN_TOO_LARGE);
    refused(SIZE_MAX, SIZE_MAX / 2 + 1, PERSIST_ALIGN_TOO_LARGE);
    assert_int_equal(fake.calls, 0);
    assert_int_equal(stats().granted, 0);
    assert_int_equal(stats().failures[PERSIST_NOT_POWER_OF_TWO], 3);
    assert_int_equal(stats().failures[PERSIST_ALIGN_TOO_LARGE], 2);
    get(8, 8);
}

static void refusal_is_thrown_and_the_next_call_tries_again(void **state)
{
    (void)state;
    fake.refuse = 1;
    refused(8, 8, PERSIST_NO_MEMORY);
    get(8, 8);
    fake.refuse = 3;
    refused(CHUNK, 8, PERSIST_NO_MEMORY);
    get(8, 8);
    get(CHUNK, 8);
    assert_int_equal(fake.calls, 4);
    refused(SIZE_MAX, 0, PERSIST_NO_MEMORY); /* told as it was asked for */
    verify();
}

static void bad_grant_is_thrown_and_not_used(void **state)
{
    (void)state;
    char *good = fake_pages(CHUNK, 0);
    const struct answer bad[] = {
        {good + 16, CHUNK}, {good, 7}, {good, CHUNK + 1}, {(void *)(UINTPTR_MAX - 4095), 4096}};
    fake.answers = bad;
    fake.answers_left = 4;
    for (int i = 0; i < 4; i++) {
        refused(8, 8, PERSIST_BAD_MEMORY);
    }
    get(8, 8);
    assert_int_equal(stats().failures[PERSIST_BAD_MEMORY], 4);
}

static void array_is_the_product(void **state)
{
    (void)state;
    if (setjmp(caught) != 0) {
        fail();
    }
    assert_null(blocks_add(&blocks, persist_array(7, 24, 16), 168, 16));
    assert_null(blocks_add(&blocks, persist_array(0, 24, 0), 0, 0));
    assert_null(blocks_add(&blocks, persist_array(1000, 1000, 4096), 1000000, 4096));
    assert_int_equal(stats().requested, 168 + 1 + 1000000);
    verify();
}

static void array_whose_product_is_no_size_is_thrown(void **state)
{
    (void)state;
    static const struct {
        size_t n, size;
    } wraps[] = {{SIZE_MAX, 2},
                 {2, SIZE_MAX},
                 {SIZE_MAX / 2 + 1, 2},
                 {SIZE_MAX, SIZE_MAX},
                 {SIZE_MAX / 8 + 2, 8}};
    for (volatile size_t i = 0; i < sizeof wraps / sizeof *wraps; i++) {
        if (setjmp(caught) == 0) {
            void *block = persist_array(wraps[i].n, wraps[i].size, 8);
            fail_msg("%zu: served at %p", i, block);
        }
        assert_int_equal(thrown.why, PERSIST_NO_MEMORY);
    }
    assert_int_equal(fake.calls, 0);
}

/* A walk that asks the system often, with its nth answer a refusal; every throw is tried again. */
static void walk_with_refusal(size_t nth)
{
    static const size_t sizes[] = {1, 60000, 65535, 65536, 300000, 0, 5000, 262144, 262145};
    volatile size_t i = 0;
    fake.refuse = nth;
    if (setjmp(caught) != 0) {
        assert_int_equal(thrown.why, PERSIST_NO_MEMORY);
        assert_int_equal(fake.calls, nth);
    }
    for (; i < 40; i++) {
        void *block = persistentalloc(sizes[i % 9], (size_t)1 << i % 13);
        assert_null(blocks_add(&blocks, block, sizes[i % 9], (size_t)1 << i % 13));
    }
}

static void each_system_call_refused_in_turn(void **state)
{
    size_t asked = 1;
    for (size_t nth = 1; nth <= asked; nth++) {
        start(state);
        walk_with_refusal(nth);
        assert_int_equal(thrown.times, 1);
        assert_int_equal(stats().failures[PERSIST_NO_MEMORY], 1);
        assert_int_equal(stats().granted, fake.given);
        asked = fake.calls - 1; /* one was asked twice */
        verify();
    }
    assert_in_range(asked, 8, 40);
}

static void limit_bounds_the_process(void **state)
{
    (void)state;
    persist_limit(0);
    refused(1, 8, PERSIST_NO_MEMORY);
    persist_limit(10000);
    refused(10001, 1, PERSIST_NO_MEMORY);
    assert_int_equal(fake.calls, 0);
    get(1, 1);
    assert_int_equal(fake.wanted, 10000);
    get(9999, 1);
    refused(1, 1, PERSIST_NO_MEMORY);
    assert_int_equal(fake.calls, 1);
    persist_limit(SIZE_MAX);
    get(1, 1);
    assert_int_equal(fake.wanted, CHUNK);
}

static void contains_knows_blocks_of_every_size(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 0, 65535, 65536, 1000000};
    assert_false(persist_contains(&blocks));
    assert_false(persist_contains(NULL));
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        get(sizes[i], 1);
    }
    for (size_t i = 0; i < blocks.count; i++) {
        for (size_t k = 0; k < blocks.block[i].size; k += k % 8 == 0 ? 1 : 7) {
            assert_true(persist_contains(blocks.block[i].start + k));
        }
        assert_true(persist_contains(blocks.block[i].start + blocks.block[i].size - 1));
    }
    assert_false(persist_contains(&blocks));
    assert_false(persist_contains((void *)UINTPTR_MAX));
}

static void statistics_are_exact(void **state)
{
    (void)state;
    get(1, 1);
    get(1, 4096);
    get(100, 8);
    get(CHUNK, 64);
    struct persist_stats now = stats();
    assert_int_equal(now.requested, 102 + CHUNK);
    assert_int_equal(now.padding, 4094 + 4);
    assert_int_equal(now.tail, 0);
    assert_int_equal(now.free, CHUNK - 4096 - 104);
    assert_int_equal(now.granted, 2 * CHUNK);
    assert_int_equal(now.regions, 2);
    assert_int_equal(now.large, 1);
}

static void large_requests_are_counted(void **state)
{
    (void)state;
    get(65535, 8);
    assert_int_equal(stats().large, 0);
    get(65536, 8); /* fits, as the next does not */
    assert_int_equal(stats().large, 1);
    get(CHUNK, 8);
    assert_int_equal(stats().large, 2);
}

static void *take_100(void *unused)
{
    (void)unused;
    return persistentalloc(100, 8);
}

static void second_thread_has_an_arena_of_its_own(void **state)
{
    (void)state;
    get(8, 8);
    void *block = in_thread(take_100, NULL);
    assert_null(blocks_add(&blocks, block, 100, 8));
    struct persist_stats now = stats();
    assert_int_equal(fake.calls, 2); /* its record and its first block are one grant */
    assert_int_equal(now.regions, 2);
    assert_int_equal(now.granted, fake.given);
    assert_int_equal(now.requested, 108); /* a record is padding, nobody requested it */
    assert_true(persist_contains(block));
    verify();
}

static void next_thread_adopts_what_a_finished_one_left(void **state)
{
    (void)state;
    get(8, 8);
    for (int i = 0; i < 100; i++) {
        assert_null(blocks_add(&blocks, in_thread(take_100, NULL), 100, 8));
    }
    assert_int_equal(fake.calls, 2);
    assert_int_equal(stats().requested, 8 + 100 * 100);
    verify();
}

/* A thread's first call that fails; the size to ask for in *argument. */
static void *fail_in_thread(void *argument)
{
    if (setjmp(caught) != 0) {
        return NULL;
    }
    return persistentalloc(*(const size_t *)argument, 8);
}

static void failed_first_call_of_a_thread_changes_only_its_counter(void **state)
{
    (void)state;
    char *good = fake_pages(CHUNK, 0);
    get(8, 8);
    struct persist_stats before = stats();
    size_t size = 8;
    fake.refuse = 2;
    assert_null(in_thread(fail_in_thread, &size));
    assert_int_equal(thrown.why, PERSIST_NO_MEMORY);
    const struct answer bad[] = {{good + 1, CHUNK},
                                 {good, 8},
                                 {good, sizeof(struct persist_arena)}, /* no room for the block */
                                 {good, CHUNK + 4096}};
    fake.answers = bad;
    fake.answers_left = 4;
    for (int i = 0; i < 4; i++) {
        assert_null(in_thread(fail_in_thread, &size));
        assert_int_equal(thrown.why, PERSIST_BAD_MEMORY);
    }
    size = SIZE_MAX;
    assert_null(in_thread(fail_in_thread, &size));
    size = SIZE_MAX - 1; /* with the record, a size that has wrapped */
    assert_null(in_thread(fail_in_thread, &size));
    size = SIZE_MAX / 2;
    assert_null(in_thread(fail_in_thread, &size));
    assert_int_equal(fake.calls, 6);
    before.failures[PERSIST_NO_MEMORY] = 4;
    before.failures[PERSIST_BAD_MEMORY] = 4;
    struct persist_stats after = stats();
    assert_memory_equal(&before, &after, sizeof before);
    persist_limit(stats().granted + CHUNK); /* all that was reserved has been given back */
    assert_non_null(in_thread(take_100, NULL));
    assert_int_equal(fake.wanted, CHUNK);
}

/* The most that may ever be asked for, while nothing is held: as big as the record's grant would be. */
static void new_arena_for_all_of_memory_is_not_asked_for(void **state)
{
    (void)state;
    size_t size = SIZE_MAX / 2;
    fake.refuse = 1;
    refused(8, 8, PERSIST_NO_MEMORY);
    fake.refuse = 2;
    assert_null(in_thread(fail_in_thread, &size));
    assert_int_equal(thrown.why, PERSIST_NO_MEMORY);
    assert_int_equal(fake.calls, 1);
}

static void limit_counts_what_threads_hold(void **state)
{
    (void)state;
    persist_limit(CHUNK + 20000);
    get(8, 8);
    size_t size = 20000; /* and no room for the record */
    assert_null(in_thread(fail_in_thread, &size));
    assert_int_equal(thrown.why, PERSIST_NO_MEMORY);
    assert_int_equal(fake.calls, 1);
    size = 8000;
    assert_non_null(in_thread(fail_in_thread, &size));
    assert_int_equal(fake.wanted, 20000);
    assert_true(stats().granted <= CHUNK + 20000);
}

static void large_first_block_of_a_thread_is_one_system_call(void **state)
{
    (void)state;
    size_t size = 5000000;
    get(8, 8);
    void *block = in_thread(fail_in_thread, &size);
    assert_null(blocks_add(&blocks, block, size, 8));
    assert_int_equal(fake.calls, 2);
    assert_int_equal(stats().large, 1);
    verify();
}

static void new_arena_takes_no_more_for_what_another_holds(void **state)
{
    (void)state;
    get(20 * CHUNK, 8);
    assert_non_null(in_thread(take_100, NULL));
    assert_int_equal(fake.wanted, CHUNK);
}

/* A record of any place in the first grant, and the first block: all that is left. */
static void new_arena_may_take_the_last_byte(void **state)
{
    (void)state;
    size_t size = 2 * CHUNK - sizeof(struct persist_arena) - 64;
    get(8, 8);
    persist_limit(3 * CHUNK);
    assert_non_null(in_thread(fail_in_thread, &size));
    assert_int_equal(fake.minimum, 2 * CHUNK);
    assert_int_equal(fake.wanted, 2 * CHUNK);
}

static void installing_a_handler_returns_the_one_before(void **state)
{
    (void)state;
    assert_ptr_equal(persist_on_throw(NULL), handler);
    assert_null(persist_on_throw(handler));
    assert_ptr_equal(persist_on_throw(handler), handler);
}

static int steps;

static void count_step(void)
{
    steps++;
}

static void blocks_that_fit_take_no_lock(void **state)
{
    (void)state;
    if (under_valgrind()) {
        skip(); /* memcheck is told of each block, on the slow path */
    }
    get(8, 8);
    steps = 0;
    persist_test_step = count_step;
    get(0, 8);
    get(65536, 8);
    for (size_t i = 1; i <= 1000; i++) {
        void *block = persistentalloc(i % 200 + 1, (size_t)1 << i % 6);
        assert_null(blocks_add(&blocks, block, i % 200 + 1, (size_t)1 << i % 6));
        block = persistentalloc(i % 10 + 1, i % 2 * 8);
        assert_null(blocks_add(&blocks, block, i % 10 + 1, 8));
    }
    assert_int_equal(steps, 0);
    size_t rest = stats().free;
    assert_in_range(rest, 65536, CHUNK);
    steps = 0;
    get(rest, 1);
    assert_int_equal(steps, 0);
    get(CHUNK, 8);
    assert_in_range(steps, 1, 4); /* so it would have been seen */
    persist_test_step = NULL;
}

enum { OWNERS = 4095 }; /* threads that may own an arena at a time */
static pthread_mutex_t parking = PTHREAD_MUTEX_INITIALIZER;
static sem_t parked;

/* How often the second block took the lock: an owner's does not. */
static int steps_of_second_block(void)
{
    int none = is_null(persistentalloc(8, 8));
    steps = 0;
    persist_test_step = count_step;
    none |= is_null(persistentalloc(8, 8));
    persist_test_step = NULL;
    return none ? -1 : steps;
}

static void *own_until_the_end(void *taken)
{
    *(int *)taken = steps_of_second_block();
    sem_post(&parked);
    pthread_mutex_lock(&parking);
    pthread_mutex_unlock(&parking);
    return NULL;
}

static int start_owner(pthread_t *thread)
{
    pthread_attr_t small;
    int taken = 0;
    assert_int_equal(pthread_attr_init(&small), 0);
    assert_int_equal(pthread_attr_setstacksize(&small, 65536), 0);
    int error = pthread_create(thread, &small, own_until_the_end, &taken);
    assert_int_equal(pthread_attr_destroy(&small), 0);
    if (error == 0) {
        while (sem_wait(&parked) != 0) {
        }
        assert_int_equal(taken, 0);
    }
    return error;
}

static void thread_beyond_those_that_own_borrows(void **state)
{
    (void)state;
    static pthread_t owner[OWNERS];
    size_t owners = 0;
    if (fewer(2) != 2) {
        skip(); /* too many threads for a tool that watches */
    }
    assert_int_equal(sem_init(&parked, 0, 0), 0);
    pthread_mutex_lock(&parking);
    while (owners < OWNERS && start_owner(&owner[owners]) == 0) {
        owners++;
    }
    int taken = steps_of_second_block();
    pthread_mutex_unlock(&parking);
    for (size_t i = 0; i < owners; i++) {
        assert_int_equal(pthread_join(owner[i], NULL), 0);
    }
    sem_destroy(&parked);
    if (owners < OWNERS) {
        skip(); /* the system has not as many */
    }
    assert_in_range(taken, 1, 2);
}

static pthread_key_t later; /* than the library's own */
static int steps_at_end;

static void allocate_at_end(void *unused)
{
    (void)unused;
    steps_at_end = steps_of_second_block();
}

static void *end_late(void *unused)
{
    (void)unused;
    return pthread_setspecific(later, &later) == 0 ? take_100(NULL) : NULL;
}

/* Its own arena is another thread's by then. */
static void thread_that_ends_owns_none(void **state)
{
    (void)state;
    get(8, 8); /* so that the library's key is there */
    assert_int_equal(pthread_key_create(&later, allocate_at_end), 0);
    assert_non_null(in_thread(end_late, NULL));
    assert_in_range(steps_at_end, 1, 2);
    assert_int_equal(pthread_key_delete(later), 0);
}

/* What another thread could do before the lock is taken, and after it is released. */
static void (*turn)(int nth);
static int turns;

static void take_turn(void)
{
    persist_test_step = NULL;
    turn(turns++);
    persist_test_step = take_turn;
}

static void begin_turns(void (*what)(int nth))
{
    turn = what;
    turns = 0;
    persist_test_step = take_turn;
}

static void end_turns(void)
{
    persist_test_step = NULL;
    assert_int_equal(turns, 2);
}

static int served[2];

static void ask_for_more(int nth)
{
    served[nth] = setjmp(caught) == 0 && !is_null(persistentalloc(CHUNK, 8));
}

static void limit_holds_from_the_lock_on(void **state)
{
    (void)state;
    begin_turns(ask_for_more);
    persist_limit(0);
    end_turns();
    assert_true(served[0]);
    assert_false(served[1]);
}

static void take_and_fail(int nth)
{
    get((size_t)nth + 1, 1);
    if (setjmp(caught) == 0) {
        fail_msg("served at %p", persistentalloc(8, 3));
    }
}

static void statistics_are_of_one_moment(void **state)
{
    (void)state;
    struct persist_stats now;
    begin_turns(take_and_fail);
    persist_statistics(&now);
    end_turns();
    assert_int_equal(now.requested, 1);
    assert_int_equal(now.failures[PERSIST_NOT_POWER_OF_TWO], 1);
}

static void *look(void *unused)
{
    (void)stats();
    persist_limit(SIZE_MAX);
    return unused;
}

static void use_the_library_meanwhile(void)
{
    in_thread(look, NULL);
}

static void system_is_asked_without_the_lock(void **state)
{
    (void)state;
    alarm(60);
    fake.step = use_the_library_meanwhile;
    get(8, 8);
    assert_non_null(in_thread(take_100, NULL));
    alarm(0);
}

static void thousand_throws_in_a_row(void **state)
{
    (void)state;
    for (volatile int i = 0; i < 1000; i++) {
        refused(8, (size_t)i * 2 + 3, PERSIST_NOT_POWER_OF_TWO);
        get(8, 8);
    }
    verify();
}

#define TEST(name) cmocka_unit_test_setup(name, start)

static const struct CMUnitTest tests[] = {
    TEST(blocks_are_aligned_zero_and_apart),
    TEST(size_0_is_served_as_1),
    TEST(bad_alignment_is_thrown_and_takes_nothing),
    TEST(refusal_is_thrown_and_the_next_call_tries_again),
    TEST(bad_grant_is_thrown_and_not_used),
    TEST(array_is_the_product),
    TEST(array_whose_product_is_no_size_is_thrown),
    TEST(each_system_call_refused_in_turn),
    TEST(limit_bounds_the_process),
    TEST(contains_knows_blocks_of_every_size),
    TEST(statistics_are_exact),
    TEST(large_requests_are_counted),
    TEST(second_thread_has_an_arena_of_its_own),
    TEST(next_thread_adopts_what_a_finished_one_left),
    TEST(failed_first_call_of_a_thread_changes_only_its_counter),
    TEST(new_arena_for_all_of_memory_is_not_asked_for),
    TEST(limit_counts_what_threads_hold),
    TEST(large_first_block_of_a_thread_is_one_system_call),
    TEST(new_arena_takes_no_more_for_what_another_holds),
    TEST(new_arena_may_take_the_last_byte),
    TEST(installing_a_handler_returns_the_one_before),
    TEST(blocks_that_fit_take_no_lock),
    TEST(thread_beyond_those_that_own_borrows),
    TEST(thread_that_ends_owns_none),
    TEST(limit_holds_from_the_lock_on),
    TEST(statistics_are_of_one_moment),
    TEST(system_is_asked_without_the_lock),
    TEST(thousand_throws_in_a_row),
};

MAIN(tests)
