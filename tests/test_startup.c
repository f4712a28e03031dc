/* Before main and after it: constructors, atexit handlers, destructors; with the shared library. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blocks.h"

static struct blocks blocks = {.mark = 7};
static const char *wrong_before_main = "no constructor ran";

static __attribute__((constructor(101))) void before_everything(void)
{
    wrong_before_main = blocks_add(&blocks, persistentalloc(1000, 4096), 1000, 4096);
}

static __attribute__((constructor)) void before_main(void)
{
    if (wrong_before_main == NULL) {
        wrong_before_main = blocks_add(&blocks, persistentalloc(300000, 0), 300000, 0);
    }
}

enum { ALL_WELL = 42 };
static int at_exit_too, in_destructor_too;

/* 1 if allocation still works. */
static int still_works(void)
{
    for (size_t i = 0; i < 100; i++) {
        if (blocks_add(&blocks, persistentalloc(i * 100, 16), i * 100, 16) != NULL) {
            return 0;
        }
    }
    return blocks_verify(&blocks, 1) == NULL;
}

static __attribute__((destructor)) void after_main(void)
{
    if (in_destructor_too) {
        _exit(still_works() ? ALL_WELL : 1);
    }
}

static void at_exit(void)
{
    if (at_exit_too) {
        _exit(still_works() ? ALL_WELL : 1);
    }
}

static void works_in_constructors(void **state)
{
    (void)state;
    if (wrong_before_main != NULL) {
        fail_msg("%s", wrong_before_main);
    }
    assert_int_equal(blocks.count, 2);
    assert_true(persist_contains(blocks.block[0].start));
}

static void exits_well(int *which)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        *which = 1;
        exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), ALL_WELL);
}

static void works_in_atexit_handlers(void **state)
{
    (void)state;
    exits_well(&at_exit_too);
}

static void works_in_destructors(void **state)
{
    (void)state;
    exits_well(&in_destructor_too);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(works_in_constructors),
    cmocka_unit_test(works_in_atexit_handlers),
    cmocka_unit_test(works_in_destructors),
};

int main(int argc, char **argv)
{
    if (atexit(at_exit) != 0) {
        return 1;
    }
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
