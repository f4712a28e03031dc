#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "intern.h"
#include "persist.h"

#ifdef INTERN_HASHES
#define MANY 5000u
#else
#define MANY 200000u /* so many that some of them share a whole hash of 32 bits */
#endif
#define TEXT 32u

/* The i-th string of the test; they are all different, and of all lengths up to TEXT. */
static size_t text(char out[TEXT + 1], uint32_t i)
{
    size_t width = 7 + i % (TEXT - 7);
    return (size_t)snprintf(out, TEXT + 1, "%0*u", (int)width, (unsigned)i);
}

static void test_equal_strings_share_a_number(void **state)
{
    struct intern table = {0};
    char copy[] = "main";
    (void)state;
    uint32_t number = intern_string(&table, "main");
    assert_int_equal(number, 1);
    assert_int_equal(intern_string(&table, "other"), 2);
    assert_int_equal(intern_string(&table, copy), number);
    assert_ptr_not_equal(intern_bytes(&table, number), copy);
    assert_string_equal(intern_bytes(&table, number), "main");
    assert_int_equal(intern_size(&table, number), 4);
    assert_int_equal(table.count, 2);
}

static void test_bytes_count_not_only_up_to_a_zero(void **state)
{
    struct intern table = {0};
    (void)state;
    uint32_t empty = intern(&table, "", 0);
    uint32_t zero = intern(&table, "\0", 1);
    uint32_t a = intern(&table, "a", 1);
    uint32_t a_zero = intern(&table, "a\0", 2);
    uint32_t a_zero_b = intern(&table, "a\0b", 3);
    uint32_t eight = intern(&table, "12345678", 8);
    uint32_t nine = intern(&table, "12345678\0", 9);
    assert_int_equal(table.count, 7);
    assert_int_equal(intern(&table, "", 0), empty);
    assert_int_equal(intern(&table, "\0", 1), zero);
    assert_int_equal(intern_string(&table, "a"), a);
    assert_int_equal(intern(&table, "a\0", 2), a_zero);
    assert_int_equal(intern(&table, "a\0b", 3), a_zero_b);
    assert_int_equal(intern(&table, "12345678", 8), eight);
    assert_int_equal(intern(&table, "12345678\0", 9), nine);
    assert_memory_equal(intern_bytes(&table, a_zero_b), "a\0b", 4);
    /* Whichever of two with one hash comes first. */
    char prefix[TEXT + 1] = {0};
    for (size_t size = TEXT; size > 9; size--) {
        uint32_t before = table.count;
        assert_int_equal(intern(&table, prefix, size), before + 1);
    }
    for (size_t size = 10; size <= TEXT; size++) {
        uint32_t before = table.count;
        assert_int_equal(intern_size(&table, intern(&table, prefix, size)), size);
        assert_int_equal(table.count, before);
    }
}

static void test_what_is_kept_never_moves_or_changes(void **state)
{
    struct intern table = {0};
    const void **at = calloc(MANY + 1, sizeof *at);
    char expected[TEXT + 1];
    (void)state;
    assert_non_null(at);
    for (uint32_t i = 1; i <= MANY; i++) {
        size_t size = text(expected, i);
        assert_int_equal(intern(&table, expected, size), i);
        at[i] = intern_bytes(&table, i);
    }
    for (uint32_t i = 1; i <= MANY; i++) {
        size_t size = text(expected, i);
        assert_ptr_equal(intern_bytes(&table, i), at[i]);
        assert_int_equal(intern_size(&table, i), size);
        assert_memory_equal(at[i], expected, size + 1);
        assert_int_equal(intern(&table, expected, size), i);
        assert_int_equal(intern_find(&table, expected, size), i);
    }
    assert_int_equal(table.count, MANY);
    free(at);
}

static void test_find_adds_nothing(void **state)
{
    struct intern table = {0};
    (void)state;
    assert_int_equal(intern_find(&table, "main", 4), 0);
    assert_int_equal(table.count, 0);
    intern_string(&table, "main");
    assert_int_equal(intern_find(&table, "main", 4), 1);
    assert_int_equal(intern_find(&table, "mai", 3), 0);
    assert_int_equal(table.count, 1);
}

static void test_records_are_aligned(void **state)
{
    struct intern table = {.align = 64};
    (void)state;
    for (uint32_t i = 0; i < 1000; i++) {
        uint64_t record[2] = {i / 2, ~(uint64_t)i / 2};
        uint32_t number = intern(&table, record, sizeof record);
        assert_int_equal((uintptr_t)intern_bytes(&table, number) % 64, 0);
        assert_memory_equal(intern_bytes(&table, number), record, sizeof record);
    }
}

static void test_outgrown_slots_hold_strings(void **state)
{
    struct intern table = {0};
    struct persist_stats before, after;
    char string[TEXT + 1];
    size_t strings = 0, parts = 0;
    (void)state;
    persist_statistics(&before);
    for (uint32_t i = 1; i <= 10000; i++) {
        size_t size = text(string, i);
        strings += size + 1;
        intern(&table, string, size);
    }
    for (unsigned i = 0; i < INTERN_PARTS && table.entries[i] != NULL; i++) {
        parts += ((size_t)INTERN_FIRST << i) * sizeof(struct intern_entry);
    }
    persist_statistics(&after);
    size_t slots = table.capacity * sizeof *table.slots;
    assert_true(after.requested - before.requested < strings + parts + slots + slots / 8);
}

static jmp_buf thrown;

static void on_throw(enum persist_status why, size_t size, size_t align)
{
    (void)why;
    (void)size;
    (void)align;
    longjmp(thrown, 1);
}

#define LONG 2000u

/* At whichever of its requests the table is refused memory, what it has stays, and it goes on. */
static void test_a_throw_changes_nothing(void **state)
{
    static struct intern table; /* static: longjmp spares it */
    static uint32_t i, throws;
    static char string[LONG];
    (void)state;
    persist_handler before = persist_on_throw(on_throw);
    for (i = 1; i <= 5000; i++) {
        struct persist_stats stats;
        memset(string, 0, sizeof string);
        text(string, i);
        persist_statistics(&stats);
        if (setjmp(thrown) == 0) {
            persist_limit(stats.granted);
            intern(&table, string, LONG);
        } else {
            throws++;
            assert_int_equal(table.count, i - 1);
            assert_int_equal(intern_find(&table, string, LONG), 0);
            persist_limit(SIZE_MAX);
            assert_int_equal(intern(&table, string, LONG), i);
        }
    }
    persist_limit(SIZE_MAX);
    persist_on_throw(before);
    assert_true(throws > 2);
    for (i = 1; i <= 5000; i++) {
        memset(string, 0, sizeof string);
        text(string, i);
        assert_int_equal(intern_find(&table, string, LONG), i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_strings_share_a_number),
        cmocka_unit_test(test_bytes_count_not_only_up_to_a_zero),
        cmocka_unit_test(test_what_is_kept_never_moves_or_changes),
        cmocka_unit_test(test_find_adds_nothing),
        cmocka_unit_test(test_records_are_aligned),
        cmocka_unit_test(test_outgrown_slots_hold_strings),
        cmocka_unit_test(test_a_throw_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
