/* Signal handlers, as far as something is promised of them: one that interrupts no call of the
 * library may allocate, and one that does not call the library may interrupt its calls. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "blocks.h"

static struct blocks blocks = {.mark = 3};
static const char *wrong;
static sigjmp_buf repaired;
static char *page;

static void add(size_t size, size_t align)
{
    const char *now = blocks_add(&blocks, persistentalloc(size, align), size, align);
    wrong = wrong != NULL ? wrong : now;
}

static void handle(int signal, void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    assert_int_equal(sigaction(signal, &action, NULL), 0);
}

static void check_all(void)
{
    struct persist_stats stats;
    persist_statistics(&stats);
    assert_balanced(stats);
    assert_null(wrong);
    assert_null(blocks_verify(&blocks, 1));
}

static void allocate(int signal)
{
    (void)signal;
    add(100, 8);
    add(300000, 4096);
}

static void handler_may_allocate_when_it_interrupts_no_call(void **state)
{
    (void)state;
    handle(SIGUSR1, allocate);
    for (int i = 0; i < 50; i++) {
        add(77, 1);
        assert_int_equal(raise(SIGUSR1), 0);
    }
    check_all();
}

static void leave_fault(int signal)
{
    (void)signal;
    add(500, 16);
    siglongjmp(repaired, 1);
}

/* As a runtime does that turns faults of its program into something else. */
static void handler_of_a_fault_may_allocate_and_leave(void **state)
{
    (void)state;
    page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(page != MAP_FAILED);
    handle(SIGSEGV, leave_fault);
    for (volatile int i = 0; i < 20; i++) {
        if (sigsetjmp(repaired, 1) == 0) {
            *(volatile char *)page = 1;
            fail_msg("no fault");
        }
        add(40, 8);
    }
    signal(SIGSEGV, SIG_DFL);
    check_all();
}

static volatile sig_atomic_t ticks;

static void tick(int signal)
{
    (void)signal;
    ticks++;
}

static void *allocate_until_ticks(void *argument)
{
    struct blocks *mine = argument;
    const char *now = NULL;
    for (size_t i = 0; ticks < 50 && now == NULL; i++) {
        size_t size = i % 5000 == 0 ? 70000 : i % 64;
        void *block = persistentalloc(size, 8);
        now = mine->count < 20000 ? blocks_add(mine, block, size, 8) : NULL;
        for (volatile int pause = 0; pause < 60; pause++) {
        }
    }
    return (void *)(uintptr_t)now;
}

static void calls_may_be_interrupted(void **state)
{
    (void)state;
    struct blocks each[2] = {{.mark = 1}, {.mark = 2}};
    struct itimerval often = {{0, 500}, {0, 500}}, never = {{0, 0}, {0, 0}};
    pthread_t thread;
    void *result = NULL;
    persist_limit((size_t)1 << 30);
    handle(SIGALRM, tick);
    assert_int_equal(pthread_create(&thread, NULL, allocate_until_ticks, &each[0]), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    assert_null(allocate_until_ticks(&each[1]));
    assert_int_equal(pthread_join(thread, &result), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_null(result);
    assert_null(blocks_verify(each, 2));
    blocks_free(&each[0]);
    blocks_free(&each[1]);
    check_all();
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(handler_may_allocate_when_it_interrupts_no_call),
    cmocka_unit_test(handler_of_a_fault_may_allocate_and_leave),
    cmocka_unit_test(calls_may_be_interrupted),
};

MAIN(tests)
