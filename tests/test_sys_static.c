/* sys_static.c, asked everything of a buffer that starts PAST bytes after a multiple of the largest
 * alignment, with any part of it given already. */
#include "check.h"

#include "sys_static.c"

#define TEXT(x) #x
#define STRING(x) TEXT(x)

enum { PAGE = PERSIST_MAX_ALIGN, ALL = 16384 };

/* Not static: named below. */
extern _Alignas(PAGE) char storage[ALL + PAGE];
_Alignas(PAGE) char storage[ALL + PAGE];
__asm__(".globl persist_static_memory\n.set persist_static_memory, storage + " STRING(PAST));
const size_t persist_static_size = ALL;

static const size_t some[] = {
    0,
    1,
    2,
    99,
    100,
    PAGE - 100,
    PAGE - 1,
    PAGE,
    PAGE + 1,
    2 * PAGE,
    8191,
    8193,
    12188,
    12288,
    12289,
    ALL - PAGE,
    ALL - 1,
    ALL,
    ALL + 1,
    ALL + PAGE - 1,
    SIZE_MAX - PAGE,
    SIZE_MAX - 1,
    SIZE_MAX,
};
enum { MANY = sizeof some / sizeof *some };

/* Counted from the multiple at or before the buffer. */
static size_t first_page(size_t past)
{
    size_t page = 0;
    while (page < past) {
        page += PAGE;
    }
    return page;
}

static void ask(size_t before, size_t minimum, size_t wanted)
{
    size_t granted = 7;
    size_t page = first_page(PAST + before), end = PAST + ALL;
    size_t left = page < end ? end - page : 0;
    given = before;
    void *grant = sys_alloc(minimum, wanted, &granted);
    if (left < minimum) {
        assert_null(grant);
        assert_int_equal(granted, 7);
        assert_int_equal(given, before);
        return;
    }
    assert_ptr_equal(grant, storage + page);
    assert_int_equal(granted, wanted < left ? wanted : left);
    assert_int_equal(given, page + granted - PAST);
}

static void gives_whole_pages_of_what_is_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < MANY && some[i] <= ALL; i++) {
        for (size_t j = 1; j < MANY; j++) {
            for (size_t k = j; k < MANY; k++) {
                ask(some[i], some[j], some[k]);
            }
        }
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(gives_whole_pages_of_what_is_left),
};

MAIN(tests)
