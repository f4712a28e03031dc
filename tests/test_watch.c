/* What AddressSanitizer is told where the program is built with it and the library is not. The test
 * plays it: of each byte of a grant, only those that are handed out may be open. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <pthread.h>
#include <stdlib.h>

#include "caught.h"
#include "fake_sys.h"
#include "testing.h"

enum { CHUNK = 262144, CALLS = 1000 };

static struct {
    uintptr_t start;
    size_t size;
    int open;
} call[CALLS];
static size_t calls;

static void tell(const volatile void *start, size_t size, int open)
{
    if (calls == CALLS) {
        abort();
    }
    call[calls].start = (uintptr_t)start;
    call[calls].size = size;
    call[calls].open = open;
    calls++;
}

void __asan_poison_memory_region(const volatile void *start, size_t size);
void __asan_unpoison_memory_region(const volatile void *start, size_t size);

void __asan_poison_memory_region(const volatile void *start, size_t size)
{
    tell(start, size, 0);
}

void __asan_unpoison_memory_region(const volatile void *start, size_t size)
{
    tell(start, size, 1);
}

/* What nobody spoke of is open, as all memory is to begin with. */
static int is_open(const void *at)
{
    size_t i = calls;
    while (i > 0 && (uintptr_t)at - call[i - 1].start >= call[i - 1].size) {
        i--;
    }
    return i == 0 || call[i - 1].open;
}

static size_t open_bytes(const char *from, size_t size)
{
    size_t open = 0;
    for (size_t i = 0; i < size; i++) {
        open += is_open(from + i) != 0;
    }
    return open;
}

static int start(void **state)
{
    (void)state;
    fake_reset();
    persist_reset();
    persist_on_throw(NULL);
    calls = 0;
    return 0;
}

static void only_what_is_handed_out_is_open(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 100, 0, 65535, 7, 4096};
    size_t handed_out = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        size_t length = sizes[i] == 0 ? 1 : sizes[i];
        char *block = persistentalloc(sizes[i], (size_t)1 << 2 * i);
        assert_int_equal(open_bytes(block, length), length);
        handed_out += length;
        assert_int_equal(open_bytes(fake_base(block), CHUNK), handed_out);
    }
    assert_int_equal(fake.calls, 1);
}

static void region_of_one_block_is_closed_but_for_it(void **state)
{
    (void)state;
    char *small = persistentalloc(8, 8);
    char *large = persistentalloc(CHUNK + 1, 8);
    assert_ptr_not_equal(fake_base(small), fake_base(large));
    assert_int_equal(open_bytes(fake_base(small), CHUNK), 8);
    assert_int_equal(open_bytes(large, CHUNK + 1), CHUNK + 1);
    assert_int_equal(open_bytes(fake_base(large), CHUNK + 4096), CHUNK + 1);
}

static void what_was_not_granted_is_nobodys(void **state)
{
    (void)state;
    char *pages = fake_pages(CHUNK, 0);
    const struct answer answers[] = {{pages, 4096}};
    fake.answers = answers;
    fake.answers_left = 1;
    assert_ptr_equal(fake_base(persistentalloc(100, 8)), pages);
    assert_int_equal(open_bytes(pages, CHUNK), CHUNK - 4096 + 100);
}

static void *take_100(void *unused)
{
    (void)unused;
    return persistentalloc(100, 8);
}

static void *in_thread(void *(*work)(void *))
{
    pthread_t thread;
    void *result = NULL;
    assert_int_equal(pthread_create(&thread, NULL, work, NULL), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    return result;
}

/* The record of a second thread's arena lies in its own region, where two threads share no line. */
static void record_is_open_in(const char *grant, size_t granted)
{
    size_t size = sizeof(struct persist_arena);
    const char *record = grant + granted;
    assert_int_equal(open_bytes(grant, granted), size + 100);
    while (!is_open(record - 1)) {
        record--;
    }
    record -= size;
    assert_int_equal(open_bytes(record, size), size);
    assert_int_equal((uintptr_t)record % 64, 0);
    assert_in_range((size_t)(grant + granted - record), size, size + 63);
}

static void record_of_an_arena_is_open(void **state)
{
    (void)state;
    assert_non_null(take_100(NULL));
    record_is_open_in(fake_base(in_thread(take_100)), CHUNK);
}

static void record_in_a_grant_of_an_odd_size_is_aligned(void **state)
{
    (void)state;
    assert_non_null(take_100(NULL));
    fake.most = 1; /* what is needed, and no more */
    const char *block = in_thread(take_100);
    record_is_open_in(fake_base(block), fake.minimum);
}

static void *refused(void *unused)
{
    return setjmp(caught) == 0 ? take_100(unused) : NULL;
}

static void nothing_is_said_of_what_is_not_used(void **state)
{
    (void)state;
    char *pages = fake_pages(CHUNK, 0);
    const struct answer bad[] = {{pages + 1, CHUNK}, {NULL, 0}, {pages + 1, CHUNK}, {NULL, 0}};
    persist_on_throw(leave);
    fake.answers = bad;
    fake.answers_left = 4;
    assert_null(refused(NULL));
    assert_null(refused(NULL));
    assert_null(in_thread(refused));
    assert_null(in_thread(refused));
    assert_int_equal(fake.calls, 4);
    assert_int_equal(calls, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, start)

static const struct CMUnitTest tests[] = {
    TEST(only_what_is_handed_out_is_open),
    TEST(region_of_one_block_is_closed_but_for_it),
    TEST(what_was_not_granted_is_nobodys),
    TEST(record_of_an_arena_is_open),
    TEST(record_in_a_grant_of_an_odd_size_is_aligned),
    TEST(nothing_is_said_of_what_is_not_used),
};

MAIN(tests)
