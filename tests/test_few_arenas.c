/* More threads than arenas (the library is compiled with three of them here): two threads own one,
 * all others take turns with the third. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blocks.h"
#include "caught.h"
#include "fake_sys.h"
#include "testing.h"
#include "yields.h"

enum { THREADS = 8, CHUNK = 262144 };

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

/* Whether this thread owns an arena: then its second block takes no lock. */
static int owns(void)
{
    int none = is_null(persistentalloc(8, 8));
    steps = 0;
    persist_test_step = count_step;
    none |= is_null(persistentalloc(8, 8));
    persist_test_step = NULL;
    return !none && steps == 0;
}

static void *owns_at_all(void *owned)
{
    *(int *)owned = owns();
    return NULL;
}

static void borrower_leaves_its_arena_to_the_next(void **state)
{
    (void)state;
    pthread_t owner[2];
    int owned = 0;
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
    persist_test_step = NULL;
    assert_int_equal(pthread_create(&owner[0], NULL, owns_at_all, &owned), 0);
    assert_int_equal(pthread_join(owner[0], NULL), 0);
    assert_int_equal(owned, under_valgrind() ? owned : 1); /* as the two that ended did */
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

static void end_borrower(pthread_t borrower)
{
    fake.step = NULL;
    assert_int_equal(sem_post(&answer), 0);
    assert_int_equal(pthread_join(borrower, NULL), 0);
    sem_destroy(&asked);
    sem_destroy(&answer);
}

static void end_waiter(pthread_t borrower, pthread_t waiter, struct blocks *blocks)
{
    end_borrower(borrower);
    assert_int_equal(pthread_join(waiter, NULL), 0);
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

static void waiter_gets_the_arena_of_a_thread_that_ended(void **state)
{
    (void)state;
    pthread_t owner[2], borrower, waiter;
    struct blocks blocks[2] = {{.mark = 1}, {.mark = 2}};
    start_owners(owner);
    start_waiter(&borrower, &waiter, blocks);
    end_owners(owner);
    assert_int_equal(pthread_join(waiter, NULL), 0); /* while the third is still in use */
    assert_int_equal(blocks[1].count, 1);
    end_borrower(borrower);
    assert_null(blocks_verify(blocks, 2));
    blocks_free(&blocks[0]);
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

/* ---- a child of fork, in which only the forking thread is left ---- */

/* ThreadSanitizer asks: it is to allow threads in a child, and a race there is to end the child. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "die_after_fork=0:halt_on_error=1";
}

static pthread_barrier_t inside; /* the child's own */

static void *owns_until_the_end(void *owned)
{
    *(int *)owned = owns();
    pthread_barrier_wait(&inside);
    pthread_barrier_wait(&inside);
    return NULL;
}

/* As ever two threads may own an arena, and the next borrows the third; nothing stays reserved. 0 if
 * it is so, else a number that says what is not. */
static int child_works(size_t grants)
{
    struct persist_stats now;
    pthread_t thread;
    size_t calls = fake.calls;
    int second = 0, third = 0;
    alarm(60);
    yields_off();
    if (!owns()) {
        return 1;
    }
    if (pthread_barrier_init(&inside, NULL, 2) != 0 ||
        pthread_create(&thread, NULL, owns_until_the_end, &second) != 0) {
        return 2;
    }
    pthread_barrier_wait(&inside);
    if (!second) {
        return 3;
    }
    pthread_t last;
    if (pthread_create(&last, NULL, owns_at_all, &third) != 0 || pthread_join(last, NULL) != 0) {
        return 2;
    }
    if (third) {
        return 4;
    }
    pthread_barrier_wait(&inside);
    pthread_join(thread, NULL);
    if (fake.calls != calls + grants) {
        return 5;
    }
    persist_statistics(&now);
    if (now.requested + now.padding + now.tail + now.free != now.granted) {
        return 6;
    }
    persist_limit(now.granted + CHUNK);
    return is_null(persistentalloc(CHUNK, 1)) ? 7 : 0;
}

static void fork_and_expect(size_t grants)
{
    int status = 0;
    if (under_valgrind()) {
        return; /* memcheck turns the fast path off */
    }
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(child_works(grants));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fail_msg("the child ended with wait status %d", status);
    }
}

static void child_of_a_thread_without_an_arena(void **state)
{
    (void)state;
    pthread_t owner[2];
    start_owners(owner);
    fork_and_expect(3); /* both arenas are adopted, the third is made */
    end_owners(owner);
}

static void child_of_a_thread_with_an_arena(void **state)
{
    (void)state;
    pthread_t owner;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
    assert_false(is_null(persistentalloc(8, 8)));
    assert_int_equal(pthread_create(&owner, NULL, hold_one, NULL), 0);
    pthread_barrier_wait(&barrier);
    fork_and_expect(2);
    pthread_barrier_wait(&barrier);
    assert_int_equal(pthread_join(owner, NULL), 0);
    pthread_barrier_destroy(&barrier);
}

static void *take_one(void *unused)
{
    (void)unused;
    return is_null(persistentalloc(8, 8)) ? NULL : &barrier;
}

static void take_one_in_a_thread(void)
{
    pthread_t thread;
    void *taken = NULL;
    fake.step = NULL;
    if (pthread_create(&thread, NULL, take_one, NULL) != 0 || pthread_join(thread, &taken) != 0 ||
        taken == NULL) {
        abort();
    }
}

static void child_of_a_thread_with_the_last_arena(void **state)
{
    (void)state;
    pthread_t owner;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
    assert_int_equal(pthread_create(&owner, NULL, hold_one, NULL), 0);
    pthread_barrier_wait(&barrier);
    fake.step = take_one_in_a_thread; /* which has taken the second place when this comes back */
    assert_false(is_null(persistentalloc(8, 8)));
    fork_and_expect(2);
    pthread_barrier_wait(&barrier);
    assert_int_equal(pthread_join(owner, NULL), 0);
    pthread_barrier_destroy(&barrier);
}

static void child_while_an_arena_is_idle(void **state)
{
    (void)state;
    assert_false(is_null(persistentalloc(8, 8)));
    take_one_in_a_thread();
    fork_and_expect(2);
}

static void child_while_an_arena_is_made(void **state)
{
    (void)state;
    pthread_t maker;
    struct blocks blocks = {.mark = 1};
    assert_int_equal(sem_init(&asked, 0, 0), 0);
    assert_int_equal(sem_init(&answer, 0, 0), 0);
    assert_false(is_null(persistentalloc(8, 8)));
    fake.step = wait_for_answer;
    assert_int_equal(pthread_create(&maker, NULL, try_once, &blocks), 0);
    assert_int_equal(sem_wait(&asked), 0);
    fake.step = NULL;
    fork_and_expect(2);
    assert_int_equal(sem_post(&answer), 0);
    assert_int_equal(pthread_join(maker, NULL), 0);
    sem_destroy(&asked);
    sem_destroy(&answer);
    assert_int_equal(blocks.count, 1);
    blocks_free(&blocks);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

static const struct CMUnitTest tests[] = {
    TEST(threads_beyond_the_table_take_turns),
    TEST(refusal_wakes_those_who_wait),
    TEST(borrower_leaves_its_arena_to_the_next),
    TEST(waiter_makes_the_arena_that_another_could_not),
    TEST(waiter_gets_the_arena_of_a_thread_that_ended),
    TEST(waiter_is_not_cancelled),
    TEST(child_of_a_thread_without_an_arena),
    TEST(child_of_a_thread_with_an_arena),
    TEST(child_of_a_thread_with_the_last_arena),
    TEST(child_while_an_arena_is_idle),
    TEST(child_while_an_arena_is_made),
};

MAIN(tests)
