/* When the program has used up all keys for thread-specific data, no thread can be told of its end:
 * every call borrows. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blocks.h"

enum { THREADS = 4, CALLS = 200 };

static void *allocate_many(void *argument)
{
    struct blocks *blocks = argument;
    const char *wrong = NULL;
    for (size_t i = 0; i < CALLS && wrong == NULL; i++) {
        wrong = blocks_add(blocks, persistentalloc(i, 8), i, 8);
    }
    return (void *)(uintptr_t)wrong;
}

static void every_call_borrows(void **state)
{
    (void)state;
    struct blocks blocks[THREADS];
    struct persist_stats stats;
    memset(blocks, 0, sizeof blocks);
    for (int round = 0; round < 20; round++) {
        pthread_t thread[THREADS];
        for (size_t i = 0; i < THREADS; i++) {
            blocks[i].mark = (unsigned char)(i + 1);
            assert_int_equal(pthread_create(&thread[i], NULL, allocate_many, &blocks[i]), 0);
        }
        for (size_t i = 0; i < THREADS; i++) {
            void *wrong = NULL;
            assert_int_equal(pthread_join(thread[i], &wrong), 0);
            assert_null(wrong);
        }
    }
    persist_statistics(&stats);
    assert_balanced(stats);
    assert_in_range(stats.granted, 1, 16u << 20);
    assert_null(blocks_verify(blocks, THREADS));
    for (size_t i = 0; i < THREADS; i++) {
        blocks_free(&blocks[i]);
    }
}

static void fork_works_too(void **state)
{
    (void)state;
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        alarm(60);
        _exit(is_null(persistentalloc(100, 8)) ? 1 : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_call_borrows),
    cmocka_unit_test(fork_works_too),
};

int main(int argc, char **argv)
{
    pthread_key_t key;
    while (pthread_key_create(&key, NULL) == 0) {
    }
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
