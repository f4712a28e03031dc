/* More threads than arenas (the library is compiled with three of them here): two threads own one,
 * all others take turns with the third. */
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

enum { THREADS = 8, CHUNK = 262144 };

static _Thread_local jmp_buf caught;

static void leave(enum persist_status why, size_t size, size_t align)
{
    (void)why;
    (void)size;
    (void)align;
    longjmp(caught, 1);
}

static int start(void **state)
{
    (void)state;
    fake_reset();
    persist_reset();
    persist_on_throw(leave);
    yields_on();
    alarm(100); /* a thread that is never woken */
    return 0;
}

static int stop(void **state)
{
    (void)state;
    yields_off();
    alarm(0);
    return 0;
}

static pthread_barrier_t barrier;

static void *allocate_together(void *argument)
{
    struct blocks *blocks = argument;
    const char *volatile wrong = NULL;
    if (setjmp(caught) != 0) {
        return "thrown";
    }
    for (size_t i = 0; i < 200 && wrong == NULL; i++) {
        size_t size = i % 50 == 0 ? 100000 : i;
        wrong = blocks_add(blocks, persistentalloc(size, 8), size, 8);
        if (i == 0) {
            pthread_barrier_wait(&barrier); /* all are alive from here on */
        }
    }
    pthread_barrier_wait(&barrier);
    return (void *)(uintptr_t)wrong;
}

static void run(void *(*work)(void *), struct blocks *blocks)
{
    pthread_t thread[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        blocks[i].mark = (unsigned char)(i + 1);
        assert_int_equal(pthread_create(&thread[i], NULL, work, &blocks[i]), 0);
    }
    for (size_t i = 0; i < THREADS; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(thread[i], &wrong), 0);
        if (wrong != NULL) {
            fail_msg("thread %zu: %s", i, (const char *)wrong);
        }
    }
}

static void verify(struct blocks *blocks)
{
    assert_null(blocks_verify(blocks, THREADS));
    for (size_t i = 0; i < THREADS; i++) {
        blocks_free(&blocks[i]);
    }
}

static void threads_beyond_the_table_take_turns(void **state)
{
    (void)state;
    struct blocks blocks[THREADS];
    struct persist_stats stats;
    memset(blocks, 0, sizeof blocks);
    assert_int_equal(pthread_barrier_init(&barrier, NULL, THREADS), 0);
    run(allocate_together, blocks);
    pthread_barrier_destroy(&barrier);
    persist_statistics(&stats);
    assert_balanced(stats);
    assert_int_equal(stats.granted, fake.given);
    verify(blocks);
}

static void *try_once(void *argument)
{
    if (setjmp(caught) != 0) {
        return NULL;
    }
    return (void *)(uintptr_t)blocks_add(argument, persistentalloc(100, 8), 100, 8);
}

static void slow_system(void)
{
    usleep(20000);
}

/* All want an arena, the makers' places are taken, and then the system refuses: those who wait must
 * hear of it. */
static void refusal_wakes_those_who_wait(void **state)
{
    (void)state;
    for (size_t refuse = 1; refuse < 6; refuse++) {
        struct blocks blocks[THREADS];
        struct persist_stats stats;
        memset(blocks, 0, sizeof blocks);
        start(state);
        fake.step = slow_system;
        fake.refuse = refuse;
        run(try_once, blocks);
        persist_statistics(&stats);
        assert_balanced(stats);
        assert_int_equal(stats.failures[PERSIST_NO_MEMORY], fake.calls >= refuse);
        assert_int_equal(stats.granted, fake.given);
        assert_in_range(stats.regions, 1, 3);
        verify(blocks);
    }
}

static void *hold_one(void *unused)
{
    (void)unused;
    void *block = persistentalloc(8, 8);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return block;
}

/* Both arenas that can be owned are. */
static void start_owners(pthread_t *owner)
{
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 3), 0);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_create(&owner[i], NULL, hold_one, NULL), 0);
    }
    pthread_barrier_wait(&barrier);
}

static void end_owners(pthread_t *owner)
{
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(pthread_join(owner[i], NULL), 0);
    }
    pthread_barrier_destroy(&barrier);
}

static int steps;

static void count_step(void)
{
    steps++;
}

static void borrower_leaves_its_arena_to_the_next(void **state)
{
    (void)state;
    pthread_t owner[2];
    start_owners(owner);
    for (int i = 0; i < 50; i++) {
        assert_false(is_null(persistentalloc(100, 8))); /* this thread can only borrow */
    }
    assert_int_equal(fake.calls, 3);
    end_owners(owner);
    assert_false(is_null(persistentalloc(100, 8))); /* and now owns one */
    steps = 0;
    persist_test_step = count_step;
    for (int i = 0; i < 50; i++) {
        assert_false(is_null(persistentalloc(100, 8)));
    }
    assert_int_equal(steps, under_valgrind() ? steps : 0); /* memcheck turns the fast path off */
    assert_int_equal(fake.calls, 3);
}

static sem_t asked, answer;

static void wait_for_answer(void)
{
    sem_post(&asked);
    while (sem_wait(&answer) != 0) {
    }
}

/* With both owners' arenas and the third in use, by a thread that is asking the system. */
static void start_waiter(pthread_t *borrower, pthread_t *waiter, struct blocks *blocks)
{
    assert_int_equal(sem_init(&asked, 0, 0), 0);
    assert_int_equal(sem_init(&answer, 0, 0), 0);
    fake.step = wait_for_answer;
    assert_int_equal(pthread_create(borrower, NULL, try_once, &blocks[0]), 0);
    assert_int_equal(sem_wait(&asked), 0);
    assert_int_equal(pthread_create(waiter, NULL, try_once, &blocks[1]), 0);
    usleep(50000); /* until it waits */
}

static void end_waiter(pthread_t borrower, pthread_t waiter, struct blocks *blocks)
{
    fake.step = NULL;
    assert_int_equal(sem_post(&answer), 0);
    assert_int_equal(pthread_join(borrower, NULL), 0);
    assert_int_equal(pthread_join(waiter, NULL), 0);
    sem_destroy(&asked);
    sem_destroy(&answer);
    assert_false(is_null(persistentalloc(100, 8)));
    assert_null(blocks_verify(blocks, 2));
}

static void waiter_makes_the_arena_that_another_could_not(void **state)
{
    (void)state;
    pthread_t owner[2], borrower, waiter;
    struct blocks blocks[2] = {{.mark = 1}, {.mark = 2}};
    start_owners(owner);
    fake.refuse = fake.calls + 1;
    start_waiter(&borrower, &waiter, blocks);
    end_waiter(borrower, waiter, blocks);
    assert_int_equal(blocks[0].count, 0);
    assert_int_equal(blocks[1].count, 1);
    end_owners(owner);
    blocks_free(&blocks[1]);
}

/* It would take the lock to its grave. */
static void waiter_is_not_cancelled(void **state)
{
    (void)state;
    pthread_t owner[2], borrower, waiter;
    struct blocks blocks[2] = {{.mark = 1}, {.mark = 2}};
    start_owners(owner);
    start_waiter(&borrower, &waiter, blocks);
    assert_int_equal(pthread_cancel(waiter), 0);
    usleep(50000);
    end_waiter(borrower, waiter, blocks);
    end_owners(owner);
    blocks_free(&blocks[0]);
    blocks_free(&blocks[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

static const struct CMUnitTest tests[] = {
    TEST(threads_beyond_the_table_take_turns),
    TEST(refusal_wakes_those_who_wait),
    TEST(borrower_leaves_its_arena_to_the_next),
    TEST(waiter_makes_the_arena_that_another_could_not),
    TEST(waiter_is_not_cancelled),
};

MAIN(tests)
