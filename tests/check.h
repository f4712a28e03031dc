/* What every test program starts with: cmocka, and a main that takes the name of one test. */
#ifndef CHECK_H
#define CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "persist.h"

/* Runs the tests; the first argument, if any, is a pattern (* and ?) for those to run. */
#define MAIN(tests)                                                                                \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);                                         \
        return cmocka_run_group_tests(tests, NULL, NULL);                                          \
    }

/* The compiler believes that persistentalloc never returns NULL; a test does not. */
static inline int is_null(void *volatile block)
{
    return block == NULL;
}

#define assert_balanced(stats)                                                                     \
    assert_true((stats).requested + (stats).padding + (stats).tail + (stats).free ==               \
                (stats).granted)

#endif
