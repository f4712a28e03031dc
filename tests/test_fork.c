/* fork() while other threads allocate: parent and child both keep a working allocator. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blocks.h"
#include "testing.h"
#include "yields.h"

/* ThreadSanitizer asks: it is to allow threads in a child, and a race there is to end the child. */
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
    return "die_after_fork=0:halt_on_error=1";
}

enum { THREADS = 3, CHUNK = 262144, VERIFIED = 20000 };

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

static int running;

static void *keep_allocating(void *argument)
{
    struct blocks *blocks = argument;
    const char *wrong = NULL;
    for (size_t i = 0; __atomic_load_n(&running, __ATOMIC_ACQUIRE) && wrong == NULL; i++) {
        size_t size = i % 50 == 0 ? 70000 : i % 200;
        void *block = persistentalloc(size, 8);
        if (blocks->count < VERIFIED) {
            wrong = blocks_add(blocks, block, size, 8);
        }
        if (i % 64 == 0) {
            usleep(100);
        }
    }
    return (void *)(uintptr_t)wrong;
}

static void *allocate_some(void *argument)
{
    struct blocks *blocks = argument;
    const char *wrong = NULL;
    for (size_t i = 0; i < 100 && wrong == NULL; i++) {
        size_t size = i % 30 == 0 ? 100000 : 5000;
        wrong = blocks_add(blocks, persistentalloc(size, 16), size, 16);
    }
    return (void *)(uintptr_t)wrong;
}

/* What a child does: allocates more than anybody had left, itself and in a thread. 0 if all is
 * well; else a number that says what is not. */
static int child_works(void)
{
    struct blocks blocks[2] = {{.mark = 1}, {.mark = 2}};
    struct persist_stats now;
    pthread_t thread;
    void *wrong = NULL;
    alarm(60);
    if (allocate_some(&blocks[0]) != NULL) {
        return 1;
    }
    if (pthread_create(&thread, NULL, allocate_some, &blocks[1]) != 0 ||
        pthread_join(thread, &wrong) != 0 || wrong != NULL) {
        return 2;
    }
    if (blocks_verify(blocks, 2) != NULL) {
        return 3;
    }
    persist_statistics(&now);
    if (now.requested + now.padding + now.tail + now.free != now.granted) {
        return 4;
    }
    if (!persist_contains(blocks[0].block[0].start)) {
        return 5;
    }
    /* Nothing stays reserved for those who vanished. */
    persist_limit(now.granted + CHUNK);
    return is_null(persistentalloc(CHUNK, 1)) ? 6 : 0;
}

static void fork_and_expect(int (*work)(void))
{
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        _exit(work());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fail_msg("the child ended with wait status %d", status);
    }
}

static void with_others_allocating(void (*work)(void))
{
    struct blocks blocks[THREADS];
    pthread_t thread[THREADS];
    memset(blocks, 0, sizeof blocks);
    __atomic_store_n(&running, 1, __ATOMIC_RELEASE);
    for (size_t i = 0; i < THREADS; i++) {
        blocks[i].mark = (unsigned char)(i + 1);
        blocks_reserve(&blocks[i], VERIFIED);
        assert_int_equal(pthread_create(&thread[i], NULL, keep_allocating, &blocks[i]), 0);
    }
    work();
    __atomic_store_n(&running, 0, __ATOMIC_RELEASE);
    for (size_t i = 0; i < THREADS; i++) {
        void *wrong = NULL;
        assert_int_equal(pthread_join(thread[i], &wrong), 0);
        assert_null(wrong);
    }
    assert_null(blocks_verify(blocks, THREADS));
    for (size_t i = 0; i < THREADS; i++) {
        blocks_free(&blocks[i]);
    }
}

static void fork_often(void)
{
    for (size_t i = 0; i < fewer(40); i++) {
        usleep((useconds_t)(i * 37 % 500));
        fork_and_expect(child_works);
    }
}

static void child_and_parent_go_on(void **state)
{
    (void)state;
    with_others_allocating(fork_often);
    assert_false(is_null(persistentalloc(100, 8)));
}

static int grandchild_works(void)
{
    pid_t child = fork();
    int status = 0;
    if (child == 0) {
        _exit(child_works());
    }
    return child < 0 || waitpid(child, &status, 0) != child || status != 0 ? 7 : child_works();
}

static void fork_twice(void)
{
    for (size_t i = 0; i < fewer(20); i++) {
        fork_and_expect(grandchild_works);
    }
}

static void child_may_fork_again(void **state)
{
    (void)state;
    with_others_allocating(fork_twice);
}

/* What the child gives up is what the vanished threads' arenas had free, no more, and counted. */
static struct persist_stats before;
static size_t own_free;

static int abandons_others_only(void)
{
    struct persist_stats now;
    persist_statistics(&now);
    if (now.granted != before.granted || now.requested != before.requested ||
        now.padding != before.padding) {
        return 8;
    }
    if (now.free != own_free || now.tail != before.tail + before.free - own_free) {
        return 9;
    }
    return 0;
}

static pthread_barrier_t barrier;

/* It has given up 100 bytes itself: the second block's region has no more to offer than the first. */
static void *hold_an_arena(void *unused)
{
    (void)unused;
    int none = is_null(persistentalloc(1000, 8)) || is_null(persistentalloc(CHUNK - 100, 8));
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return none ? "NULL" : NULL;
}

static void what_vanished_threads_held_is_counted_as_tail(void **state)
{
    (void)state;
    pthread_t thread;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
    assert_false(is_null(persistentalloc(1000, 8)));
    persist_statistics(&before);
    own_free = before.free;
    assert_int_equal(own_free, CHUNK - 1000);
    assert_int_equal(pthread_create(&thread, NULL, hold_an_arena, NULL), 0);
    pthread_barrier_wait(&barrier);
    persist_statistics(&before);
    assert_int_equal(before.tail, 100);
    fork_and_expect(abandons_others_only);
    pthread_barrier_wait(&barrier);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

static void *fork_here(void *unused)
{
    (void)unused;
    pid_t child = fork();
    int status = 0;
    if (child == 0) {
        _exit(child_works());
    }
    return child < 0 || waitpid(child, &status, 0) != child || status != 0 ? "child" : NULL;
}

static void fork_in_threads(void)
{
    for (size_t i = 0; i < fewer(20); i++) {
        pthread_t thread;
        void *wrong = NULL;
        assert_int_equal(pthread_create(&thread, NULL, fork_here, NULL), 0);
        assert_int_equal(pthread_join(thread, &wrong), 0);
        assert_null(wrong);
    }
}

static void thread_that_never_allocated_may_fork(void **state)
{
    (void)state;
    with_others_allocating(fork_in_threads);
}

/* Handlers of the program's own that allocate, installed before and after the library's: those run
 * while the library holds its lock. */
static int prepared, preparing;

static void allocate_in_handler(void)
{
    if (preparing) {
        prepared += !is_null(persistentalloc(500, 8)) && !is_null(persistentalloc(300000, 8));
    }
}

static void fork_with_handlers(void)
{
    for (size_t i = 0; i < fewer(20); i++) {
        fork_and_expect(child_works);
    }
}

static void handlers_of_others_may_allocate(void **state)
{
    (void)state;
    assert_int_equal(pthread_atfork(allocate_in_handler, allocate_in_handler, allocate_in_handler),
                     0);
    preparing = 1;
    with_others_allocating(fork_with_handlers);
    preparing = 0;
    assert_int_equal(prepared, 4 * fewer(20)); /* two before and two after each, in the parent */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

static const struct CMUnitTest tests[] = {
    TEST(child_and_parent_go_on),
    TEST(child_may_fork_again),
    TEST(what_vanished_threads_held_is_counted_as_tail),
    TEST(thread_that_never_allocated_may_fork),
    TEST(handlers_of_others_may_allocate),
};

int main(int argc, char **argv)
{
    /* Before the library's handlers. */
    if (pthread_atfork(allocate_in_handler, allocate_in_handler, allocate_in_handler) != 0) {
        return 1;
    }
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
