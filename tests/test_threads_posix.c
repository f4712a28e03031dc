/* threads_posix.c over a thread library that refuses as told, and writes down what is called. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <pthread.h>
#include <string.h>

static char story[256]; /* a word for each call */
static const char *refused = "";
static void (*before)(void), (*parent)(void), (*child)(void), (*at_end)(void *);
static const void *value;
static int cancelled_as;

static int played(const char *word)
{
    strcat(strcat(story, word), " ");
    return strcmp(word, refused) == 0;
}

static int played_lock(pthread_mutex_t *mutex)
{
    (void)mutex;
    return played("lock");
}

static int played_unlock(pthread_mutex_t *mutex)
{
    (void)mutex;
    return played("unlock");
}

static int played_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
    (void)condition, (void)mutex;
    return played(cancelled_as == PTHREAD_CANCEL_DISABLE ? "wait" : "wait-to-be-cancelled");
}

static int played_signal(pthread_cond_t *condition)
{
    (void)condition;
    return played("signal");
}

static int played_cancel(int state, int *old)
{
    *old = cancelled_as;
    cancelled_as = state;
    return 0;
}

static int played_atfork(void (*one)(void), void (*two)(void), void (*three)(void))
{
    before = one;
    parent = two;
    child = three;
    return played("atfork");
}

static int played_key(pthread_key_t *made, void (*end)(void *))
{
    *made = 5;
    at_end = end;
    return played("key");
}

static int played_set(pthread_key_t which, const void *to)
{
    value = to;
    return played(which == 5 ? "set" : "set-another");
}

static int played_once(pthread_once_t *done, void (*what)(void))
{
    static const pthread_once_t not_yet = PTHREAD_ONCE_INIT;
    if (played("once")) {
        return 1;
    }
    if (memcmp(done, &not_yet, sizeof not_yet) == 0) {
        memset(done, 1, sizeof *done);
        what();
    }
    return 0;
}

#define pthread_mutex_lock played_lock
#define pthread_mutex_unlock played_unlock
#define pthread_cond_wait played_wait
#define pthread_cond_signal played_signal
#define pthread_setcancelstate played_cancel
#define pthread_atfork played_atfork
#define pthread_key_create played_key
#define pthread_setspecific played_set
#define pthread_once played_once
#include "threads_posix.c"

void persist_thread_end(void)
{
    played("thread-end");
}

void persist_fork_child(void)
{
    played(forking ? "child" : "child-without-the-lock");
}

static int start(void **state)
{
    (void)state;
    story[0] = '\0';
    refused = "";
    once = (pthread_once_t)PTHREAD_ONCE_INIT;
    have_hooks = 0;
    forking = 0;
    value = NULL;
    cancelled_as = PTHREAD_CANCEL_ENABLE;
    return 0;
}

static void locks_and_unlocks(void **state)
{
    (void)state;
    threads_lock();
    threads_unlock();
    threads_wake();
    assert_string_equal(story, "lock unlock signal ");
}

static void waits_where_nobody_can_cancel_it(void **state)
{
    (void)state;
    threads_wait();
    assert_string_equal(story, "wait ");
    assert_int_equal(cancelled_as, PTHREAD_CANCEL_ENABLE);
    cancelled_as = PTHREAD_CANCEL_DISABLE;
    threads_wait();
    assert_int_equal(cancelled_as, PTHREAD_CANCEL_DISABLE);
}

static void hooks_each_thread_and_installs_once(void **state)
{
    (void)state;
    assert_true(threads_hook());
    assert_true(threads_hook());
    assert_string_equal(story, "once atfork key set once set ");
    assert_non_null(value);
    at_end(NULL);
    assert_string_equal(story, "once atfork key set once set thread-end ");
}

static void says_so_when_it_cannot_hook(void **state)
{
    static const struct {
        const char *refused, *story;
    } cases[] = {
        {"once", "once once "},
        {"atfork", "once atfork once "},
        {"key", "once atfork key once "},
        {"set", "once atfork key set once set "},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        start(state);
        refused = cases[i].refused;
        assert_false(threads_hook());
        assert_false(threads_hook());
        assert_string_equal(story, cases[i].story);
    }
}

/* A handler of the fork that allocates finds the lock taken by its own thread. */
static void holds_the_lock_during_a_fork(void **state)
{
    (void)state;
    assert_true(threads_hook());
    story[0] = '\0';
    before();
    threads_lock();
    threads_unlock();
    parent();
    threads_lock();
    assert_string_equal(story, "lock unlock lock ");
}

static void the_child_starts_anew(void **state)
{
    (void)state;
    static const pthread_cond_t nobody_waits = PTHREAD_COND_INITIALIZER;
    assert_true(threads_hook());
    story[0] = '\0';
    before();
    memset(&idle, 1, sizeof idle);
    child();
    assert_memory_equal(&idle, &nobody_waits, sizeof idle);
    threads_lock();
    assert_string_equal(story, "lock child unlock lock ");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(locks_and_unlocks, start),
    cmocka_unit_test_setup(waits_where_nobody_can_cancel_it, start),
    cmocka_unit_test_setup(hooks_each_thread_and_installs_once, start),
    cmocka_unit_test_setup(says_so_when_it_cannot_hook, start),
    cmocka_unit_test_setup(holds_the_lock_during_a_fork, start),
    cmocka_unit_test_setup(the_child_starts_anew, start),
};

MAIN(tests)
