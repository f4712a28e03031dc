/* Refills and hand-overs of arenas in every order of two and three threads, up to a bound. */
#include "check.h"

#include "scripts.h"

static const size_t refill[] = {100, CHUNK - 50, 0};
static const size_t small[] = {100, 0};

static void refills_and_thread_ends_of_two(void **state)
{
    (void)state;
    static const struct script it = {.threads = 2,
                                     .sizes = {refill, refill},
                                     .at_end = {10, 10},
                                     .preemptions = 3,
                                     .least = 1900};
    script_explore(&it);
}

static void thread_ends_of_three(void **state)
{
    (void)state;
    static const struct script it = {.threads = 3,
                                     .sizes = {small, small, small},
                                     .at_end = {200, 200, 200},
                                     .preemptions = 2,
                                     .least = 2200};
    script_explore(&it);
}

static void refusal_at_each_call(void **state)
{
    (void)state;
    for (size_t nth = 2; nth <= 5; nth++) {
        const struct script it = {.threads = 2,
                                  .sizes = {refill, refill},
                                  .at_end = {10, 10},
                                  .refuse = nth,
                                  .most_thrown = 1,
                                  .preemptions = 2,
                                  .least = 300};
        script_explore(&it);
    }
}

static void race_for_the_limit(void **state)
{
    (void)state;
    /* Room for one arena's two chunks, or for two arenas' first ones, and no more. */
    static const struct script it = {.threads = 2,
                                     .sizes = {refill, refill},
                                     .limit = 2 * CHUNK + 4096,
                                     .most_thrown = 3,
                                     .preemptions = 3,
                                     .least = 700};
    script_explore(&it);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(refills_and_thread_ends_of_two),
    cmocka_unit_test(thread_ends_of_three),
    cmocka_unit_test(refusal_at_each_call),
    cmocka_unit_test(race_for_the_limit),
};

int main(int argc, char **argv)
{
    if (is_null(persistentalloc(1, 1)) || !schedules_begin()) {
        return 1;
    }
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
