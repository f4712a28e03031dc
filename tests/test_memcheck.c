/* What memcheck is told: what is handed out is defined, the rest of a region nobody's. For a run
 * under it. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <valgrind/memcheck.h>

#include "fake_sys.h"
#include "testing.h"
#include "yields.h"

enum { PAGE = 4096 };

static int start(void **state)
{
    (void)state;
    fake_reset();
    persist_reset();
    fake.most = PAGE;
    return 0;
}

static size_t defined_bytes(const char *from)
{
    size_t defined = 0;
    for (size_t i = 0; i < PAGE; i++) {
        unsigned char undefined_bits = 1;
        unsigned addressable = VALGRIND_GET_VBITS(from + i, &undefined_bits, 1) == 1;
        assert_true(!addressable || undefined_bits == 0);
        defined += addressable;
    }
    return defined;
}

static void only_what_is_handed_out_is_defined(void **state)
{
    (void)state;
    if (!under_valgrind()) {
        skip();
    }
    char *grant = fake_base(persistentalloc(100, 8));
    assert_int_equal(defined_bytes(grant), 100);
    for (size_t i = 1; i <= 5; i++) {
        assert_ptr_equal(fake_base(persistentalloc(7, 1)), grant);
        assert_int_equal(defined_bytes(grant), 100 + 7 * i);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, start)

static const struct CMUnitTest tests[] = {
    TEST(only_what_is_handed_out_is_defined),
};

MAIN(tests)
