/* Nothing is taken from the C heap: this program has one of its own, which counts. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);

/* The compiler knows malloc, and believes that it changes no variable of ours. */
static _Thread_local volatile int counting;
static _Thread_local volatile size_t taken;

void *malloc(size_t size)
{
    taken += counting != 0;
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    taken += counting != 0;
    return __libc_calloc(n, size);
}

void *realloc(void *block, size_t size)
{
    taken += counting != 0;
    return __libc_realloc(block, size);
}

/* How often a thread's first calls of all kinds take something from the heap. */
static size_t taken_by_calls(void)
{
    struct persist_stats stats;
    counting = 1;
    taken = 0;
    for (size_t i = 0; i < 300; i++) {
        int good = !is_null(persistentalloc(i * 300, 16)) && !is_null(persist_array(i, 100, 0)) &&
                   persist_contains(persistentalloc(1, 1));
        taken += good ? 0 : 1000;
    }
    persist_statistics(&stats);
    counting = 0;
    return taken;
}

static size_t first_of_all;

static void *in_thread(void *unused)
{
    (void)unused;
    return (void *)(uintptr_t)taken_by_calls();
}

static size_t taken_in_thread(void)
{
    pthread_t thread;
    void *result = NULL;
    assert_int_equal(pthread_create(&thread, NULL, in_thread, NULL), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    return (size_t)(uintptr_t)result;
}

static void heap_is_counted(void **state)
{
    (void)state;
    counting = 1;
    taken = 0;
    void *volatile block = malloc(10);
    counting = 0;
    free(block);
    assert_int_equal(taken, 1);
}

static void nothing_is_taken(void **state)
{
    (void)state;
    assert_int_equal(first_of_all, 0);
    assert_int_equal(taken_in_thread(), 0);
}

static void nothing_is_taken_in_a_child(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        _exit(taken_by_calls() == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* The C library has room for 32 keys in each thread, and takes a table when ours is a later one. */
static int with_many_keys(void)
{
    pthread_key_t key;
    for (int i = 0; i < 40; i++) {
        if (pthread_key_create(&key, NULL) != 0) {
            return 100;
        }
    }
    return (int)taken_by_calls();
}

static void only_the_c_library_takes_a_table_of_keys(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        execl("/proc/self/exe", "test_no_heap", "--many-keys", (char *)NULL);
        _exit(101);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 1);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(heap_is_counted),
    cmocka_unit_test(nothing_is_taken),
    cmocka_unit_test(nothing_is_taken_in_a_child),
    cmocka_unit_test(only_the_c_library_takes_a_table_of_keys),
};

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--many-keys") == 0) {
        return with_many_keys();
    }
    first_of_all = taken_by_calls();
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
