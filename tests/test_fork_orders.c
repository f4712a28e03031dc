/* fork() in every order with the refills and thread ends of others, up to a bound: what the child
 * and the parent have then. (The library is compiled with five arenas here.) */
#define _DEFAULT_SOURCE
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_sys.h"
#include "scripts.h"
#include "testing.h"

enum { ARENAS = 5, MOST_STEPS = 64 };

/* ---- at the fork, with the library's lock held: these handlers are the outermost ---- */

/* Of a thread that forks. */
static _Thread_local struct {
    struct scripted *self; /* NULL: this thread does not fork now */
    struct persist_stats stats;
    size_t own_free; /* what its arena has unused */
} at_fork;

/* Whether a fork found a thread at so many steps. */
static int met[MOST_THREADS][MOST_STEPS];

static _Thread_local int steps;

static void count_step(void)
{
    steps++;
}

static void before_fork(void)
{
    if (at_fork.self != NULL) {
        persist_statistics(&at_fork.stats);
        for (int i = 0; i < MOST_THREADS; i++) {
            met[i][schedules_steps(i)] = 1;
        }
    }
}

static void in_parent(void)
{
    struct persist_stats now;
    if (at_fork.self != NULL) {
        persist_statistics(&now);
        if (memcmp(&now, &at_fork.stats, sizeof now) != 0) {
            at_fork.self->wrong = "the fork changed the parent";
        }
    }
}

static void in_child(void)
{
    schedules_leave();
    persist_test_step = count_step;
}

/* ---- the child; each of these returns what is wrong, or NULL ---- */

static const char *takes_the_lock(void)
{
    struct persist_stats now;
    if (steps != 1) {
        return "the lock was not released in the child";
    }
    persist_statistics(&now);
    return steps == 3 ? NULL : "a call did not take and release the lock";
}

/* What the vanished threads had left is given up and counted, to the byte, and nothing else. */
static const char *gave_up_what_others_had(void)
{
    struct persist_stats now, then = at_fork.stats;
    persist_statistics(&now);
    then.tail += then.free - at_fork.own_free;
    then.free = at_fork.own_free;
    return memcmp(&now, &then, sizeof now) == 0 ? NULL : "the sums are not those of a fork";
}

static const char *uses_its_own_arena(struct scripted *self)
{
    size_t calls = fake.calls;
    if (at_fork.own_free > 0) {
        script_allocate(self, at_fork.own_free, 1);
    }
    return fake.calls == calls ? NULL : "the child gave up its own arena";
}

struct holder {
    struct scripted scripted;
    int owns;
};

static pthread_barrier_t barrier;

static void *hold(void *argument)
{
    struct holder *self = argument;
    script_allocate(&self->scripted, 50, 8);
    pthread_barrier_wait(&barrier);
    steps = 0;
    script_allocate(&self->scripted, 50, 8);
    self->owns = steps == 0;
    pthread_barrier_wait(&barrier);
    return NULL;
}

/* As many threads as ever could own an arena each or share the last, each after one call of the
 * system: no place of the table is lost, none given twice, none kept for who is gone. */
static const char *has_every_arena(struct holder *holder)
{
    enum { HOLDERS = ARENAS - 1 };
    pthread_t id[HOLDERS];
    size_t calls = fake.calls;
    int owners = at_fork.own_free > 0; /* the thread that forked */
    if (pthread_barrier_init(&barrier, NULL, HOLDERS) != 0) {
        return "no barrier";
    }
    for (size_t i = 0; i < HOLDERS; i++) {
        holder[i].scripted.blocks.mark = (unsigned char)(i + 100);
        if (pthread_create(&id[i], NULL, hold, &holder[i]) != 0) {
            return "no thread";
        }
    }
    for (size_t i = 0; i < HOLDERS; i++) {
        if (pthread_join(id[i], NULL) != 0 || holder[i].scripted.thrown > 0) {
            return "a thread of the child threw";
        }
        if (holder[i].scripted.wrong != NULL) {
            return holder[i].scripted.wrong;
        }
        owners += holder[i].owns;
    }
    if (owners != ARENAS - 1) {
        return "vanished threads still own arenas";
    }
    if (script_records() != (at_fork.own_free > 0 ? ARENAS - 1 : ARENAS - 2)) {
        return "two threads of the child share an arena, or one lies idle";
    }
    return fake.calls - calls == HOLDERS ? NULL
                                         : "the child's threads need more memory than one grant";
}

static const char *nothing_is_reserved(struct scripted *self)
{
    struct persist_stats now;
    persist_statistics(&now);
    persist_limit(now.granted + CHUNK);
    self->thrown = 0;
    script_allocate(self, CHUNK, 8);
    if (self->thrown != 0) {
        return "memory stays reserved for vanished threads";
    }
    script_allocate(self, CHUNK, 8);
    return self->thrown == 1 ? NULL : "the limit is forgotten";
}

static const char *blocks_are_good(struct holder *holder)
{
    struct blocks all[MOST_THREADS + ARENAS - 1];
    for (size_t i = 0; i < MOST_THREADS; i++) {
        all[i] = scripted[i].blocks;
        if (scripted[i].wrong != NULL) {
            return scripted[i].wrong;
        }
    }
    for (size_t i = 0; i < ARENAS - 1; i++) {
        all[MOST_THREADS + i] = holder[i].scripted.blocks;
    }
    return blocks_verify(all, MOST_THREADS + ARENAS - 1);
}

static const char *wrong_in_child(struct scripted *self)
{
    struct holder holder[ARENAS - 1];
    const char *wrong = takes_the_lock();
    memset(holder, 0, sizeof holder);
    alarm(20); /* a lock that is never released */
    wrong = wrong != NULL ? wrong : gave_up_what_others_had();
    fake.refuse = 0;
    persist_limit(SIZE_MAX);
    wrong = wrong != NULL ? wrong : uses_its_own_arena(self);
    wrong = wrong != NULL ? wrong : has_every_arena(holder);
    wrong = wrong != NULL ? wrong : nothing_is_reserved(self);
    return wrong != NULL ? wrong : blocks_are_good(holder);
}

/* ---- the parent ---- */

static const char **said; /* by the child; in memory that both see */

/* What a thread's own arena has unused: it goes downwards, and its last block is where that ends.
 * (No script lets a thread that forks have a region for a block alone.) */
static size_t unused_below(const struct blocks *blocks)
{
    if (blocks->count == 0) {
        return 0;
    }
    const unsigned char *last = blocks->block[blocks->count - 1].start;
    return (size_t)(last - (const unsigned char *)fake_base(last));
}

static void fork_now(int thread, int at_end)
{
    struct scripted *self = &scripted[thread];
    int status = 0;
    at_fork.own_free = at_end ? 0 : unused_below(&self->blocks);
    at_fork.self = self;
    pid_t child = fork();
    if (child == 0) {
        *said = wrong_in_child(self);
        _exit(0);
    }
    at_fork.self = NULL;
    if (child < 0 || waitpid(child, &status, 0) != child) {
        self->wrong = "no child";
    } else if (status != 0) {
        self->wrong = WTERMSIG(status) == SIGALRM ? "the child hangs" : "the child crashes";
    } else if (*said != NULL) {
        self->wrong = *said;
    }
}

/* Every order, and a fork at each step of the threads that do not fork. */
static void explore(const struct script *script)
{
    memset(met, 0, sizeof met);
    script_explore(script);
    for (int i = 0; i < script->threads; i++) {
        int forks = script->at_end[i] == FORK;
        for (const size_t *size = script->sizes[i]; *size != 0; size++) {
            forks |= *size == FORK;
        }
        for (int k = 0; !forks && k <= schedules_undisturbed_steps(i); k++) {
            if (!met[i][k]) {
                fail_msg("no fork while thread %d has taken %d steps", i, k);
            }
        }
    }
}

static const size_t refill[] = {100, CHUNK - 50, 0};
static const size_t small[] = {100, 0};
static const size_t forks_first[] = {FORK, 100, 0};
static const size_t forks_between[] = {100, FORK, 200, 0};

static void thread_with_an_arena_forks(void **state)
{
    (void)state;
    static const struct script it = {.threads = 2,
                                     .sizes = {refill, forks_between},
                                     .at_end = {10, 10},
                                     .preemptions = 3,
                                     .least = 1450};
    explore(&it);
}

static void thread_without_an_arena_forks(void **state)
{
    (void)state;
    static const struct script it = {.threads = 2,
                                     .sizes = {refill, forks_first},
                                     .at_end = {10, 10},
                                     .preemptions = 3,
                                     .least = 1400};
    explore(&it);
}

static void thread_forks_after_its_end(void **state)
{
    (void)state;
    static const struct script it = {.threads = 2,
                                     .sizes = {refill, small},
                                     .at_end = {10, FORK},
                                     .preemptions = 3,
                                     .least = 1000};
    explore(&it);
}

static void one_of_three_forks(void **state)
{
    (void)state;
    static const struct script it = {.threads = 3,
                                     .sizes = {small, small, forks_between},
                                     .at_end = {200, 0, 0},
                                     .preemptions = 2,
                                     .least = 1800};
    explore(&it);
}

static void both_fork(void **state)
{
    (void)state;
    static const struct script it = {.threads = 2,
                                     .sizes = {forks_between, forks_between},
                                     .at_end = {10, FORK},
                                     .preemptions = 2,
                                     .least = 200};
    explore(&it);
}

static void fork_with_a_refusal_at_each_call(void **state)
{
    (void)state;
    for (size_t nth = 2; nth <= 5; nth++) {
        const struct script it = {.threads = 2,
                                  .sizes = {refill, forks_first},
                                  .at_end = {10, 10},
                                  .refuse = nth,
                                  .most_thrown = 1,
                                  .preemptions = 2,
                                  .least = 250};
        explore(&it);
    }
}

static void fork_while_others_race_for_the_limit(void **state)
{
    (void)state;
    static const struct script it = {.threads = 2,
                                     .sizes = {refill, forks_first},
                                     .limit = 2 * CHUNK + 4096,
                                     .most_thrown = 3,
                                     .preemptions = 2,
                                     .least = 150};
    explore(&it);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(thread_with_an_arena_forks),
    cmocka_unit_test(thread_without_an_arena_forks),
    cmocka_unit_test(thread_forks_after_its_end),
    cmocka_unit_test(one_of_three_forks),
    cmocka_unit_test(both_fork),
    cmocka_unit_test(fork_with_a_refusal_at_each_call),
    cmocka_unit_test(fork_while_others_race_for_the_limit),
};

int main(int argc, char **argv)
{
    /* The library's handlers are installed by its first call, after these. */
    if (pthread_atfork(before_fork, in_parent, in_child) != 0 || is_null(persistentalloc(1, 1)) ||
        !schedules_begin()) {
        return 1;
    }
    said = mmap(NULL, sizeof *said, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (said == MAP_FAILED) {
        return 1;
    }
    script_fork = fork_now;
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
