/* The allocator of fixed-size objects, against a system that does what the test tells it. Built
 * twice: as it is, and as the checking build. */
#include "check.h"

#include "fixalloc.h"

#include <stdlib.h>
#include <string.h>

#include "fake_sys.h"

/* As published: what is checked must not move with the code. */
_Static_assert(FIXALLOC_FIRST == 1024 && FIXALLOC_SIZE_MOST == 1048576 && FIXALLOC_SLABS == 64 &&
                   FIXSLAB_MOST == 1073741824 && FIXSLAB_ENTRY == 4,
               "a constant is not what is published");

enum { MANY = 20000 };

static struct persist_arena arena;
static struct fixalloc f;
static unsigned char *object[MANY];

static int start(void **state)
{
    (void)state;
    fake_reset();
    memset(&arena, 0, sizeof arena);
    memset(&f, 0, sizeof f);
    return 0;
}

static void begin(size_t size, size_t align)
{
    assert_int_equal(fixalloc_init(&f, &arena, size, align), PERSIST_OK);
}

static void *get(void)
{
    void *p = NULL;
    assert_int_equal(fixalloc_alloc(&f, &p), PERSIST_OK);
    assert_non_null(p);
    return p;
}

static void put(void *p)
{
    assert_int_equal(fixalloc_free(&f, p), FIXALLOC_OK);
}

static int by_address(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t) * (unsigned char *const *)a;
    uintptr_t y = (uintptr_t) * (unsigned char *const *)b;
    return (x > y) - (x < y);
}

static void bad_alignments_are_refused(void **state)
{
    (void)state;
    struct fixalloc before = f;
    assert_int_equal(fixalloc_init(&f, &arena, 8, 3), PERSIST_NOT_POWER_OF_TWO);
    assert_int_equal(fixalloc_init(&f, &arena, 8, 8192), PERSIST_ALIGN_TOO_LARGE);
    assert_int_equal(fixalloc_init(&f, &arena, FIXALLOC_SIZE_MOST + 1, 8), PERSIST_NO_MEMORY);
    assert_int_equal(fixalloc_init(&f, &arena, SIZE_MAX, 8), PERSIST_NO_MEMORY);
    assert_memory_equal(&f, &before, sizeof f);
}

static void nothing_is_taken_before_an_object_is_wanted(void **state)
{
    (void)state;
    begin(24, 8);
    assert_int_equal(fake.calls, 0);
    assert_int_equal(fixalloc_in_use(&f), 0);
}

static void an_allocator_is_empty_whatever_was_there(void **state)
{
    (void)state;
    memset(&f, 0xa5, sizeof f);
    begin(24, 0);
    assert_ptr_equal(f.arena, &arena);
    assert_int_equal(f.stride, 24);
    assert_int_equal(f.align, 8);
    assert_int_equal(f.taken, 0);
    assert_int_equal(f.count, 0);
    assert_int_equal(f.current, 0);
    assert_null(f.slab[0].base);
    assert_int_equal(f.slab[0].bytes, 0);
    assert_int_equal(f.slab[0].fresh, 0);
    assert_int_equal(f.slab[0].cut, 0);
    assert_int_equal(f.slab[0].free, 0);
}

static void a_slab_is_empty_whatever_was_there(void **state)
{
    (void)state;
    static char block[5 * (24 + FIXSLAB_ENTRY)];
    struct fixslab s;
    memset(&s, 0xa5, sizeof s);
    fixslab_open(&s, block, 5, 24, 1);
    assert_ptr_equal(s.base, block);
    assert_int_equal(s.bytes, 5 * 24);
    assert_int_equal(s.fresh, 0);
    assert_int_equal(s.cut, 0);
    assert_int_equal(s.free, 0);
}

/* Every object is aligned, writable over its whole size, and overlaps no other. */
static void objects_of(size_t size, size_t align, size_t n)
{
    size_t length = size == 0 ? 1 : size;
    start(NULL);
    begin(size, align);
    for (size_t i = 0; i < n; i++) {
        object[i] = get();
        assert_int_equal((uintptr_t)object[i] % (align == 0 ? 8 : align), 0);
        memset(object[i], 0xa5, length);
    }
    assert_int_equal(fixalloc_in_use(&f), n);
    qsort(object, n, sizeof *object, by_address);
    for (size_t i = 1; i < n; i++) {
        assert_true((uintptr_t)object[i] - (uintptr_t)object[i - 1] >= length);
    }
    for (size_t i = 0; i < n; i++) {
        put(object[i]);
    }
    assert_int_equal(fixalloc_in_use(&f), 0);
}

static void objects_of_all_shapes(void **state)
{
    (void)state;
    objects_of(0, 1, 5000);
    objects_of(1, 1, 5000);
    objects_of(5, 1, 5000);
    objects_of(24, 0, MANY);
    objects_of(24, 64, 3000);
    objects_of(1, 4096, 200);
    objects_of(5000, 16, 200);
    objects_of(FIXALLOC_SIZE_MOST, 4096, 3);
}

static void the_last_one_freed_is_the_next(void **state)
{
    (void)state;
    begin(16, 8);
    void *a = get(), *b = get();
    put(a);
    put(b);
    assert_ptr_equal(get(), b);
    assert_ptr_equal(get(), a);
}

/* ...whichever slab it is in. */
static void an_old_one_freed_is_the_next(void **state)
{
    (void)state;
    begin(16, 8);
    for (size_t i = 0; i < 3000; i++) {
        object[i] = get();
    }
    for (size_t i = 0; i < 3000; i += 100) {
        put(object[i]);
        assert_ptr_equal(get(), object[i]);
    }
}

/* Two entries of one block, as no table has them: the one that changes is the one that was looked at. */
static void the_current_slab_is_looked_at_first(void **state)
{
    (void)state;
    begin(16, 8);
    void *p = get();
    while (f.count < 2) {
        get();
    }
    f.slab[1] = f.slab[0];
    for (size_t i = 0; i < 2; i++) {
        f.current = i;
        put(p);
        assert_int_equal(f.current, i);
        assert_int_equal(f.slab[i].free, 1);
        assert_int_equal(f.slab[1 - i].free, 0);
        assert_ptr_equal(get(), p);
        assert_int_equal(f.slab[i].free, 0);
    }
}

/* Offsets of four bytes, each of them needed. */
static void slabs_may_be_large(void **state)
{
    (void)state;
    enum { LARGE = 100 };
    begin(FIXALLOC_SIZE_MOST, 8);
    for (size_t i = 0; i < LARGE; i++) {
        object[i] = get();
    }
    assert_true(f.slab[f.count - 1].bytes > 1 << 24);
    for (size_t i = 0; i < LARGE; i++) {
        put(object[i]);
        assert_ptr_equal(get(), object[i]);
    }
}

/* All that was freed is handed out again before anything more is taken. */
static void freed_objects_are_used_again(void **state)
{
    (void)state;
    begin(40, 8);
    for (size_t i = 0; i < 3000; i++) {
        object[i] = get();
    }
    struct persist_arena before = arena;
    for (size_t i = 0; i < 3000; i++) {
        put(object[i * 7 % 3000]);
    }
    for (size_t i = 0; i < 3000; i++) {
        object[i] = get();
    }
    assert_memory_equal(&arena, &before, sizeof arena);
    qsort(object, 3000, sizeof *object, by_address);
    for (size_t i = 1; i < 3000; i++) {
        assert_true((uintptr_t)object[i] - (uintptr_t)object[i - 1] >= 40);
    }
}

static void zeroed_on_request(void **state)
{
    (void)state;
    static const unsigned char zero[33];
    begin(33, 1);
    for (unsigned round = 0; round < 3; round++) {
        for (size_t i = 0; i < 100; i++) {
            void *p = NULL;
            assert_int_equal(fixalloc_zalloc(&f, &p), PERSIST_OK);
            assert_memory_equal(p, zero, 33);
            memset(p, 0xff, 33);
            object[i] = p;
        }
        for (size_t i = 0; i < 100; i++) {
            put(object[i]);
        }
    }
}

/* Clearing one object leaves its neighbours as they are. */
static void zeroing_stays_inside(void **state)
{
    (void)state;
    begin(7, 1);
    for (size_t i = 0; i < 3; i++) {
        object[i] = get();
        memset(object[i], 0x77, 7);
    }
    put(object[1]);
    void *p = NULL;
    assert_int_equal(fixalloc_zalloc(&f, &p), PERSIST_OK);
    assert_ptr_equal(p, object[1]);
    assert_int_equal(object[0][6], 0x77);
    assert_int_equal(object[2][0], 0x77);
}

/* Only zalloc clears, and only what was in use: a fresh object is zero already. */
static void nothing_is_cleared_in_vain(void **state)
{
    (void)state;
    static unsigned char mark[16];
    memset(mark, 0x77, sizeof mark);
    begin(16, 8);
    unsigned char *a = get(), *fresh = a + 16;
    PERSIST_HANDED_OUT(fresh, 16);
    memcpy(fresh, mark, 16);
    void *p = NULL;
    assert_int_equal(fixalloc_zalloc(&f, &p), PERSIST_OK);
    assert_ptr_equal(p, fresh);
    assert_memory_equal(fresh, mark, 16);
    memcpy(a, mark, 16);
    while (f.count < 2 || f.slab[1].fresh < f.slab[1].bytes) {
        p = get();
    }
    put(a);
    put(p);
    assert_ptr_equal(get(), p);
    assert_ptr_equal(get(), a); /* not the current slab's */
    assert_memory_equal(a, mark, 16);
}

static size_t taken(void)
{
    struct persist_stats now;
    persist_arena_stats(&arena, &now);
    return now.requested;
}

/* The first step is at most FIXALLOC_FIRST; each further one at most half of what there is. */
static void steps_are_small(void **state)
{
    (void)state;
    begin(48, 16);
    get();
    assert_in_range(taken(), 48, FIXALLOC_FIRST);
    for (size_t i = 1; i < MANY; i++) {
        size_t before = taken();
        get();
        size_t step = taken() - before;
        assert_true(step <= (before / 2 < FIXALLOC_FIRST ? FIXALLOC_FIRST : before / 2));
    }
    assert_true(taken() <= (size_t)MANY * 48 * 2);
}

/* The bytes that are wanted of the system for objects that cost `each` when `has` were taken. */
static size_t step_of(size_t each, size_t has)
{
#ifdef FIXALLOC_CHECK
    each -= 1;
#endif
    struct answer skewed[] = {{fake_pages(1 << 20, 8), 1 << 18}};
    begin(each - FIXSLAB_ENTRY, 1);
    f.taken = has;
    fake.answers = skewed;
    fake.answers_left = 1;
    void *p = NULL;
    assert_int_equal(fixalloc_alloc(&f, &p), PERSIST_BAD_MEMORY); /* and so asks no second time */
    return fake.minimum;
}

/* 64 divides the least step and the largest; 61 divides what is one more than the largest. */
static void steps_have_a_least_and_a_most(void **state)
{
    (void)state;
    const size_t first = FIXALLOC_FIRST, most = FIXSLAB_MOST;
    assert_int_equal(step_of(64, 0), first);
    assert_int_equal(step_of(64, 2 * first - 2), first);
    assert_int_equal(step_of(64, 2 * first), first);
    assert_int_equal(step_of(64, 2 * first + 128), first + 64);
    assert_int_equal(step_of(64, 2 * most - 128), most - 64);
    assert_int_equal(step_of(64, 2 * most), most);
    assert_int_equal(step_of(64, 3 * most), most);
    assert_int_equal(step_of(61, 2 * most + 2), most - 60);
    assert_int_equal(step_of(61, 3 * most), most - 60);
}

static void a_refusal_changes_nothing(void **state)
{
    (void)state;
    begin(64, 8);
    void *p = &f;
    struct fixalloc before = f;
    persist_arena_limit(&arena, 0);
    assert_int_equal(fixalloc_alloc(&f, &p), PERSIST_NO_MEMORY);
    assert_int_equal(fixalloc_zalloc(&f, &p), PERSIST_NO_MEMORY);
    assert_ptr_equal(p, &f);
    assert_memory_equal(&f, &before, sizeof f);
    persist_arena_limit(&arena, SIZE_MAX);
    get();
    assert_int_equal(fixalloc_in_use(&f), 1);
}

static void bad_memory_is_told(void **state)
{
    (void)state;
    struct answer skewed[] = {{fake_pages(1 << 20, 8), 1 << 18}};
    begin(64, 8);
    fake.answers = skewed;
    fake.answers_left = 1;
    void *p = NULL;
    assert_int_equal(fixalloc_alloc(&f, &p), PERSIST_BAD_MEMORY);
    assert_null(p);
    assert_int_equal(fixalloc_in_use(&f), 0);
    get();
}

/* On a device with little memory nothing of it is lost to a step that is too large. */
static void what_is_left_is_used(void **state)
{
    (void)state;
    enum { ALL = 524288, EACH = 32 };
    persist_arena_limit(&arena, ALL);
    begin(EACH, 8);
    void *p = NULL;
    size_t n = 0;
    while (fixalloc_alloc(&f, &p) == PERSIST_OK) {
        n++;
    }
    assert_true(n >= ALL * 3 / 4 / (EACH + FIXSLAB_ENTRY + 1));
    struct persist_stats now;
    persist_arena_stats(&arena, &now);
    assert_true(now.free < EACH + FIXSLAB_ENTRY + 1);
    put(p);
    assert_ptr_equal(get(), p);
    assert_int_equal(fixalloc_alloc(&f, &p), PERSIST_NO_MEMORY);
}

/* When the system grants single objects only, the table of slabs fills. */
static void the_table_fills(void **state)
{
    (void)state;
    enum { EACH = 512 * 1024 };
    begin(EACH, 4096);
    void *p = NULL;
    size_t n = 0;
    for (; n <= FIXALLOC_SLABS; n++) {
        struct persist_stats now;
        persist_arena_stats(&arena, &now);
        /* room for one object at a time */
        persist_arena_limit(&arena, now.granted + EACH + 4096 * 2);
        if (fixalloc_alloc(&f, &p) != PERSIST_OK) {
            break;
        }
    }
    assert_int_equal(n, FIXALLOC_SLABS);
    assert_int_equal(fixalloc_in_use(&f), n);
    persist_arena_limit(&arena, SIZE_MAX);
    assert_int_equal(fixalloc_alloc(&f, &p), PERSIST_NO_MEMORY);
    put(p);
    assert_ptr_equal(get(), p);
}

/* In every build. */
static void no_more_are_freed_than_there_are(void **state)
{
    (void)state;
    enum { EACH = 300 };
    begin(EACH, 8);
    void *a = get(), *b = get(), *c = get();
    assert_int_equal(f.slab[0].fresh, f.slab[0].bytes);
    put(a);
    put(b);
    put(c);
    struct fixalloc before = f;
    assert_int_equal(fixalloc_free(&f, b), FIXALLOC_DOUBLE_FREE);
    assert_memory_equal(&f, &before, sizeof f);
    assert_ptr_equal(get(), c);
    assert_ptr_equal(get(), b);
    assert_ptr_equal(get(), a);
    begin(8, 8);
    a = get();
    put(a);
    assert_true(f.slab[0].fresh < f.slab[0].bytes);
    assert_int_equal(fixalloc_free(&f, a), FIXALLOC_DOUBLE_FREE);
    assert_int_equal(fixalloc_in_use(&f), 0);
}

#ifdef PERSIST_ASAN
int __asan_address_is_poisoned(void const volatile *address);

static void only_objects_in_use_may_be_touched(void **state)
{
    (void)state;
    begin(32, 8);
    unsigned char *p = get();
    assert_false(__asan_address_is_poisoned(p));
    assert_false(__asan_address_is_poisoned(p + 31));
    assert_true(__asan_address_is_poisoned(p + 32)); /* not handed out yet */
    put(p);
    assert_true(__asan_address_is_poisoned(p));
    assert_true(__asan_address_is_poisoned(p + 31));
    assert_ptr_equal(get(), p);
    assert_false(__asan_address_is_poisoned(p));
}
#endif

#ifdef FIXALLOC_CHECK
static void misuse(void *p, enum fixalloc_status why)
{
    size_t before = fixalloc_in_use(&f);
    assert_int_equal(fixalloc_free(&f, p), why);
    assert_int_equal(fixalloc_in_use(&f), before);
}

static void double_frees_are_told(void **state)
{
    (void)state;
    begin(24, 8);
    for (size_t i = 0; i < 500; i++) {
        object[i] = get();
    }
    for (size_t i = 0; i < 500; i++) {
        put(object[i]);
        misuse(object[i], FIXALLOC_DOUBLE_FREE);
        misuse(object[i / 2], FIXALLOC_DOUBLE_FREE);
    }
    void *again = get();
    put(again);
    misuse(again, FIXALLOC_DOUBLE_FREE);
}

static void foreign_pointers_are_told(void **state)
{
    (void)state;
    begin(24, 8);
    misuse(&arena, FIXALLOC_FOREIGN); /* before there is a slab */
    unsigned char *first = get();
    misuse(NULL, FIXALLOC_FOREIGN);
    misuse(&f, FIXALLOC_FOREIGN);
    misuse(first + 1, FIXALLOC_FOREIGN);
    misuse(first + 23, FIXALLOC_FOREIGN);
    misuse(first + 24, FIXALLOC_FOREIGN); /* never handed out */
    misuse((void *)((uintptr_t)first - 1), FIXALLOC_FOREIGN);
    misuse((void *)UINTPTR_MAX, FIXALLOC_FOREIGN);
    put(first);
}

/* ...and change nothing: not even which object is the next. */
static void misuse_leaves_the_next_as_it_is(void **state)
{
    (void)state;
    begin(24, 8);
    for (size_t i = 0; i < 500; i++) {
        object[i] = get();
    }
    put(object[499]);
    put(object[0]);
    struct fixalloc before = f;
    misuse(object[499], FIXALLOC_DOUBLE_FREE);
    misuse(object[498] + 1, FIXALLOC_FOREIGN);
    assert_memory_equal(&f, &before, sizeof f);
    assert_ptr_equal(get(), object[0]);
}

/* An object of another allocator on the same arena. */
static void objects_of_others_are_told(void **state)
{
    (void)state;
    static struct fixalloc other;
    void *theirs = NULL;
    begin(24, 8);
    get();
    assert_int_equal(fixalloc_init(&other, &arena, 24, 8), PERSIST_OK);
    assert_int_equal(fixalloc_alloc(&other, &theirs), PERSIST_OK);
    misuse(theirs, FIXALLOC_FOREIGN);
    assert_int_equal(fixalloc_free(&other, theirs), FIXALLOC_OK);
}
#endif

static const struct CMUnitTest tests[] = {
    cmocka_unit_test_setup(bad_alignments_are_refused, start),
    cmocka_unit_test_setup(nothing_is_taken_before_an_object_is_wanted, start),
    cmocka_unit_test_setup(an_allocator_is_empty_whatever_was_there, start),
    cmocka_unit_test_setup(a_slab_is_empty_whatever_was_there, start),
    cmocka_unit_test_setup(objects_of_all_shapes, start),
    cmocka_unit_test_setup(the_last_one_freed_is_the_next, start),
    cmocka_unit_test_setup(an_old_one_freed_is_the_next, start),
    cmocka_unit_test_setup(the_current_slab_is_looked_at_first, start),
    cmocka_unit_test_setup(slabs_may_be_large, start),
    cmocka_unit_test_setup(freed_objects_are_used_again, start),
    cmocka_unit_test_setup(zeroed_on_request, start),
    cmocka_unit_test_setup(zeroing_stays_inside, start),
    cmocka_unit_test_setup(nothing_is_cleared_in_vain, start),
    cmocka_unit_test_setup(steps_are_small, start),
    cmocka_unit_test_setup(steps_have_a_least_and_a_most, start),
    cmocka_unit_test_setup(a_refusal_changes_nothing, start),
    cmocka_unit_test_setup(bad_memory_is_told, start),
    cmocka_unit_test_setup(what_is_left_is_used, start),
    cmocka_unit_test_setup(the_table_fills, start),
    cmocka_unit_test_setup(no_more_are_freed_than_there_are, start),
#ifdef PERSIST_ASAN
    cmocka_unit_test_setup(only_objects_in_use_may_be_touched, start),
#endif
#ifdef FIXALLOC_CHECK
    cmocka_unit_test_setup(double_frees_are_told, start),
    cmocka_unit_test_setup(foreign_pointers_are_told, start),
    cmocka_unit_test_setup(misuse_leaves_the_next_as_it_is, start),
    cmocka_unit_test_setup(objects_of_others_are_told, start),
#endif
};

MAIN(tests)
