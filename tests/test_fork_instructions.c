/* fork() at each instruction of a call that another thread's own arena serves, which has no step in the
 * seam: the processor stops after each (x86-64's trap flag), and a second thread forks. The child gives
 * up the arena that was being bumped, and all is well there. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "blocks.h"

enum { MOST = 400, SIZE = 48, LARGE = 65536, APART = 10 };

static struct blocks before; /* of the thread that is stopped */
static sem_t stopped, go_on;
static volatile sig_atomic_t instructions;
static int ended;
static size_t padding; /* before the call that is stopped */

static void trap_each_instruction(void)
{
    __asm__ volatile("pushfq\n\torq $0x100, (%%rsp)\n\tpopfq" ::: "cc", "memory");
}

static void trap_no_more(void)
{
    __asm__ volatile("pushfq\n\tandq $~0x100, (%%rsp)\n\tpopfq" ::: "cc", "memory");
}

static void stop(int signal)
{
    (void)signal;
    instructions++;
    sem_post(&stopped);
    while (sem_wait(&go_on) != 0) {
    }
}

static void *bump(void *argument)
{
    const size_t *size = argument;
    void *first = persistentalloc(SIZE, 16);
    const char *wrong = blocks_add(&before, first, SIZE, 16);
    struct persist_stats stats;
    persist_statistics(&stats);
    padding = stats.padding;
    trap_each_instruction();
    void *block = persistentalloc(*size, 16);
    trap_no_more();
    wrong = wrong != NULL ? wrong : blocks_add(&before, block, *size, 16);
    ended = 1;
    sem_post(&stopped);
    return (void *)(uintptr_t)wrong;
}

/* All that the vanished thread's arena had left, and its block of this moment, lie below `first`. */
static int child_is_wrong(void)
{
    struct blocks own = {.mark = 2};
    struct persist_stats stats;
    const unsigned char *first = before.block[0].start;
    alarm(20);
    persist_statistics(&stats);
    if (stats.requested + stats.padding + stats.tail + stats.free != stats.granted) {
        return 1;
    }
    if (stats.large * LARGE > stats.requested) {
        return 6; /* counted before it was served */
    }
    for (size_t i = 0; i < 300; i++) {
        unsigned char *block = persistentalloc(4000, 8);
        if (blocks_add(&own, block, 4000, 8) != NULL) {
            return 2;
        }
        if (block < first && first - block < 100000) {
            return 3; /* space of the arena that was being bumped */
        }
    }
    for (size_t i = 0; i < APART; i++) {
        if (blocks_add(&own, persistentalloc(1, 16), 1, 16) != NULL) {
            return 2;
        }
    }
    struct blocks all[2] = {before, own};
    if (blocks_verify(all, 2) != NULL) {
        return 4;
    }
    persist_statistics(&stats);
    /* A block that was counted before it was taken would count as served and as unused. */
    return stats.padding < padding + 15 * (APART - 1) ? 5 : 0;
}

static void fork_once(void)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        _exit(child_is_wrong());
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (status != 0) {
        fail_msg("after %d instructions: the child ends with %d", (int)instructions, status);
    }
}

static void child_is_well_at_each_instruction(size_t size, int least)
{
    struct sigaction action;
    pthread_t thread;
    void *wrong = NULL;
    before = (struct blocks){.mark = 1};
    instructions = ended = 0;
    memset(&action, 0, sizeof action);
    action.sa_handler = stop;
    assert_int_equal(sigaction(SIGTRAP, &action, NULL), 0);
    assert_int_equal(sem_init(&stopped, 0, 0), 0);
    assert_int_equal(sem_init(&go_on, 0, 0), 0);
    assert_int_equal(pthread_create(&thread, NULL, bump, &size), 0);
    while (sem_wait(&stopped) == 0 && !ended && instructions < MOST) {
        fork_once();
        sem_post(&go_on);
    }
    assert_int_equal(pthread_join(thread, &wrong), 0);
    assert_null(wrong);
    print_message("# forks after each of %d instructions\n", (int)instructions);
    assert_in_range(instructions, least, MOST - 1);
    blocks_free(&before);
}

static void child_is_well_within_a_small_request(void **state)
{
    (void)state;
    child_is_well_at_each_instruction(SIZE, 15);
}

static void child_is_well_within_a_large_request(void **state)
{
    (void)state;
    child_is_well_at_each_instruction(LARGE, 40);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(child_is_well_within_a_small_request),
    cmocka_unit_test(child_is_well_within_a_large_request),
};

MAIN(tests)
