/* sys_posix.c with a system that refuses as told, and writes down what it is asked. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <string.h>
#include <sys/mman.h>

enum { PAGE = 4096, MOST = 4 };

static struct asked {
    void *near;
    size_t size;
    int protection, flags, file;
    off_t from;
} asked[MOST];
static unsigned calls, refusals;
static _Alignas(PAGE) char memory[PAGE];

static void *played_mmap(void *near, size_t size, int protection, int flags, int file, off_t from)
{
    assert_in_range(calls, 0, MOST - 1);
    asked[calls] = (struct asked){near, size, protection, flags, file, from};
    return calls++ < refusals ? MAP_FAILED : memory;
}

static int advice[MOST];
static unsigned advised;

/* Refuses, which is to change nothing. */
static int played_madvise(void *near, size_t size, int what)
{
    assert_in_range(advised, 0, MOST - 1);
    assert_ptr_equal(near, memory);
    assert_int_equal(size, PAGE);
    advice[advised++] = what;
    return -1;
}

static const void *told;
static size_t told_size;

#define mmap played_mmap
#define madvise played_madvise
#undef _DEFAULT_SOURCE
#include "sys_posix.c"

/* LeakSanitizer's, when the program has it. */
void __lsan_register_root_region(const void *root, size_t size)
{
    told = root;
    told_size = size;
}

static int start(void **state)
{
    (void)state;
    memset(asked, 0, sizeof asked);
    calls = refusals = advised = 0;
    persist_posix_options(0);
    told = NULL;
    told_size = 0;
    return 0;
}

static void assert_asked(unsigned call, size_t size)
{
    assert_null(asked[call].near);
    assert_int_equal(asked[call].size, size);
    assert_int_equal(asked[call].protection, PROT_READ | PROT_WRITE);
    assert_int_equal(asked[call].flags, MAP_PRIVATE | MAP_ANONYMOUS);
    assert_int_equal(asked[call].file, -1);
    assert_int_equal(asked[call].from, 0);
}

static void gives_what_is_wanted(void **state)
{
    (void)state;
    size_t granted = 7;
    assert_ptr_equal(sys_alloc(10, PAGE, &granted), memory);
    assert_int_equal(granted, PAGE);
    assert_int_equal(calls, 1);
    assert_asked(0, PAGE);
}

static void tries_the_minimum_after_a_refusal(void **state)
{
    (void)state;
    size_t granted = 7;
    refusals = 1;
    assert_ptr_equal(sys_alloc(10, PAGE, &granted), memory);
    assert_int_equal(granted, 10);
    assert_int_equal(calls, 2);
    assert_asked(0, PAGE);
    assert_asked(1, 10);
}

static void refuses_what_is_refused_twice(void **state)
{
    (void)state;
    size_t granted = 7;
    refusals = 2;
    assert_null(sys_alloc(10, PAGE, &granted));
    assert_int_equal(granted, 7);
    assert_int_equal(calls, 2);
    assert_null(told);
}

static void does_not_repeat_itself(void **state)
{
    (void)state;
    size_t granted = 7;
    refusals = 1;
    assert_null(sys_alloc(PAGE, PAGE, &granted));
    assert_int_equal(granted, 7);
    assert_int_equal(calls, 1);
}

static void advises_what_the_program_asked_for(void **state)
{
    (void)state;
    for (unsigned wanted = 0; wanted < 4; wanted++) {
        size_t granted = 7;
        start(state);
        persist_posix_options(wanted);
        assert_ptr_equal(sys_alloc(10, PAGE, &granted), memory);
        assert_int_equal(granted, PAGE);
        unsigned seen = 0;
        if (wanted & PERSIST_HUGE_PAGES) {
            assert_int_equal(advice[seen++], MADV_HUGEPAGE);
        }
        if (wanted & PERSIST_COMMIT_AHEAD) {
            assert_int_equal(advice[seen++], MADV_POPULATE_WRITE);
        }
        assert_int_equal(advised, seen);
    }
}

static void tells_the_leak_checker(void **state)
{
    (void)state;
    size_t granted = 0;
    refusals = 1;
    assert_ptr_equal(sys_alloc(100, PAGE, &granted), memory);
    assert_ptr_equal(told, memory);
    assert_int_equal(told_size, 100);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(gives_what_is_wanted, start),
    cmocka_unit_test_setup(tries_the_minimum_after_a_refusal, start),
    cmocka_unit_test_setup(refuses_what_is_refused_twice, start),
    cmocka_unit_test_setup(does_not_repeat_itself, start),
    cmocka_unit_test_setup(advises_what_the_program_asked_for, start),
    cmocka_unit_test_setup(tells_the_leak_checker, start),
};

MAIN(tests)
