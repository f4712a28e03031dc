/* The hand-over, in every order: one thread runs at a time, and at each step (before the lock is
 * taken, after it is released) the schedule says which goes on. All schedules with up to a given
 * number of preemptions are run, one after the other. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "fake_sys.h"
#include "testing.h"

enum { MOST_THREADS = 3, MOST_STEPS = 200, CHUNK = 8192 };

/* ---- the scheduler ---- */

static pthread_mutex_t baton = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t passed[] = {PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER,
                                  PTHREAD_COND_INITIALIZER,
                                  PTHREAD_COND_INITIALIZER}; /* by thread */
static pthread_key_t last_words; /* made after the library's key: its destructor runs later */
static _Thread_local int me;     /* 0: not scheduled */

static struct {
    int turn; /* the thread that runs; 0: none */
    int threads;
    int ended[MOST_THREADS + 1];
    int preemptions, most_preemptions;
    /* The path through the tree of decisions: what was chosen and among how many. */
    int chosen[MOST_STEPS], options[MOST_STEPS];
    int depth, known;
} schedule;

/* The next decision: one of `n`. */
static int decide(int n)
{
    int at = schedule.depth++;
    if (at >= MOST_STEPS) {
        abort();
    }
    if (at >= schedule.known) {
        schedule.chosen[at] = 0;
        schedule.known = at + 1;
    }
    schedule.options[at] = n;
    return schedule.chosen[at];
}

/* The path to the next schedule that was not run yet; 0 if there is none. */
static int advance(void)
{
    while (schedule.known > 0) {
        int at = schedule.known - 1;
        if (++schedule.chosen[at] < schedule.options[at]) {
            return 1;
        }
        schedule.known = at;
    }
    return 0;
}

/* Who runs next: the first choice is to go on. */
static int next_turn(int now)
{
    int can_go_on = now != 0 && !schedule.ended[now];
    int able[MOST_THREADS], n = 0;
    if (can_go_on) {
        able[n++] = now;
    }
    for (int i = 1; i <= schedule.threads; i++) {
        if (i != now && !schedule.ended[i]) {
            able[n++] = i;
        }
    }
    if (n == 0) {
        return 0;
    }
    if (can_go_on && schedule.preemptions == schedule.most_preemptions) {
        return now;
    }
    int choice = n == 1 ? 0 : decide(n);
    schedule.preemptions += can_go_on && choice > 0;
    return able[choice];
}

static void pass_on(int now)
{
    int next = next_turn(now);
    schedule.turn = next;
    if (next != now) {
        pthread_cond_signal(&passed[next]);
    }
}

static void wait_for_turn(int who)
{
    while (schedule.turn != who) {
        pthread_cond_wait(&passed[who], &baton);
    }
}

static void step(void)
{
    if (me != 0) {
        pthread_mutex_lock(&baton);
        pass_on(me);
        wait_for_turn(me);
        pthread_mutex_unlock(&baton);
    }
}

/* ---- what the threads do ---- */

struct thread {
    int index;
    const size_t *sizes; /* to allocate, up to a 0 */
    size_t at_end;       /* to allocate after the library has seen the thread's end; 0: nothing */
    struct blocks blocks;
    size_t thrown;
    const char *wrong;
};

static _Thread_local jmp_buf caught;

static void leave(enum persist_status why, size_t size, size_t align)
{
    (void)why;
    (void)size;
    (void)align;
    longjmp(caught, 1);
}

static void allocate(struct thread *self, size_t size)
{
    if (setjmp(caught) != 0) {
        self->thrown++;
        return;
    }
    const char *wrong = blocks_add(&self->blocks, persistentalloc(size, 8), size, 8);
    if (wrong != NULL) {
        self->wrong = wrong;
    }
}

static void *body(void *argument)
{
    struct thread *self = argument;
    pthread_setspecific(last_words, self);
    pthread_mutex_lock(&baton);
    me = self->index;
    wait_for_turn(me);
    pthread_mutex_unlock(&baton);
    for (const size_t *size = self->sizes; *size != 0; size++) {
        allocate(self, *size);
    }
    return NULL;
}

static void end_of_thread(void *argument)
{
    struct thread *self = argument;
    if (self->at_end != 0) {
        allocate(self, self->at_end);
    }
    pthread_mutex_lock(&baton);
    schedule.ended[me] = 1;
    pass_on(0);
    me = 0;
    pthread_mutex_unlock(&baton);
}

static void run_threads(struct thread *thread, int n)
{
    pthread_t id[MOST_THREADS];
    schedule.threads = n;
    schedule.turn = 0;
    schedule.preemptions = 0;
    memset(schedule.ended, 0, sizeof schedule.ended);
    for (int i = 0; i < n; i++) {
        thread[i].index = i + 1;
        thread[i].blocks.mark = (unsigned char)(i + 1);
        assert_int_equal(pthread_create(&id[i], NULL, body, &thread[i]), 0);
    }
    pthread_mutex_lock(&baton);
    pass_on(0);
    pthread_mutex_unlock(&baton);
    for (int i = 0; i < n; i++) {
        assert_int_equal(pthread_join(id[i], NULL), 0);
    }
}

/* ---- what is expected of every schedule ---- */

struct scenario {
    int threads;
    const size_t *sizes;
    size_t at_end;
    size_t refuse; /* as fake.refuse */
    size_t limit;  /* above what the main thread holds */
    size_t least_thrown, most_thrown;
};

static size_t records(void)
{
    struct persist_stats now;
    persist_statistics(&now);
    return now.padding / sizeof(struct persist_arena);
}

static void check(const struct scenario *expect, struct thread *thread)
{
    struct blocks all[MOST_THREADS];
    struct persist_stats now;
    size_t requested = CHUNK, thrown = 0;
    for (int i = 0; i < expect->threads; i++) {
        if (thread[i].wrong != NULL) {
            fail_msg("thread %d: %s", i, thread[i].wrong);
        }
        all[i] = thread[i].blocks;
        thrown += thread[i].thrown;
        for (size_t k = 0; k < all[i].count; k++) {
            requested += all[i].block[k].size;
        }
    }
    persist_statistics(&now);
    assert_balanced(now);
    assert_int_equal(now.requested, requested);
    assert_int_equal(now.granted, fake.given); /* no grant is lost */
    assert_in_range(now.granted, CHUNK, expect->limit == 0 ? SIZE_MAX : CHUNK + expect->limit);
    assert_in_range(thrown, expect->least_thrown, expect->most_thrown);
    assert_int_equal(now.failures[PERSIST_NO_MEMORY], thrown);
    assert_in_range(records(), 0, (size_t)expect->threads);
    const char *wrong = blocks_verify(all, (size_t)expect->threads);
    if (wrong != NULL) {
        fail_msg("%s", wrong);
    }
}

static pthread_barrier_t barrier;

static void *hold_one(void *unused)
{
    (void)unused;
    void *block = persistentalloc(1, 1);
    pthread_barrier_wait(&barrier);
    return block;
}

/* No arena is lost: as many threads at once as before need no more of them. */
static void check_all_idle(const struct scenario *expect)
{
    pthread_t id[MOST_THREADS];
    size_t n = (size_t)expect->threads;
    persist_limit(SIZE_MAX);
    fake.refuse = 0;
    assert_int_equal(pthread_barrier_init(&barrier, NULL, (unsigned)n), 0);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(pthread_create(&id[i], NULL, hold_one, NULL), 0);
    }
    for (size_t i = 0; i < n; i++) {
        void *block = NULL;
        assert_int_equal(pthread_join(id[i], &block), 0);
        assert_non_null(block);
    }
    pthread_barrier_destroy(&barrier);
    assert_int_equal(records(), n);
}

static void run_once(const struct scenario *scenario)
{
    struct thread thread[MOST_THREADS];
    memset(thread, 0, sizeof thread);
    fake_reset();
    persist_reset();
    fake.most = CHUNK;
    assert_false(
        is_null(persistentalloc(CHUNK, 8))); /* the first arena is this thread's, and full */
    if (scenario->limit != 0) {
        persist_limit(CHUNK + scenario->limit);
    }
    fake.refuse = scenario->refuse;
    for (int i = 0; i < scenario->threads; i++) {
        thread[i].sizes = scenario->sizes;
        thread[i].at_end = scenario->at_end;
    }
    run_threads(thread, scenario->threads);
    check(scenario, thread);
    check_all_idle(scenario);
    for (int i = 0; i < scenario->threads; i++) {
        blocks_free(&thread[i].blocks);
    }
}

static void run_all(const struct scenario *scenario, int preemptions)
{
    long runs = 0;
    schedule.known = 0;
    schedule.most_preemptions = preemptions + (getenv("PERSIST_FULL") != NULL);
    persist_on_throw(leave);
    persist_test_step = step;
    do {
        schedule.depth = 0;
        run_once(scenario);
        runs++;
    } while (advance());
    persist_test_step = NULL;
    print_message("# %ld schedules, up to %d preemptions\n", runs, schedule.most_preemptions);
    assert_true(runs > 100);
}

static const size_t refill[] = {100, CHUNK - 50, 0};
static const size_t small[] = {100, 0};

static void refills_and_thread_ends_of_two(void **state)
{
    (void)state;
    static const struct scenario it = {.threads = 2, .sizes = refill, .at_end = 10};
    run_all(&it, 3);
}

static void thread_ends_of_three(void **state)
{
    (void)state;
    static const struct scenario it = {.threads = 3, .sizes = small, .at_end = 200};
    run_all(&it, 2);
}

static void refusal_at_each_call(void **state)
{
    (void)state;
    for (size_t nth = 2; nth <= 5; nth++) {
        const struct scenario it = {
            .threads = 2, .sizes = refill, .at_end = 10, .refuse = nth, .most_thrown = 1};
        run_all(&it, 2);
    }
}

static void race_for_the_limit(void **state)
{
    (void)state;
    /* Room for one arena's two chunks, or for two arenas' first ones, and no more. */
    static const struct scenario it = {.threads = 2,
                                       .sizes = refill,
                                       .limit = 2 * CHUNK + 4096,
                                       .least_thrown = 0,
                                       .most_thrown = 3};
    run_all(&it, 3);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(refills_and_thread_ends_of_two),
    cmocka_unit_test(thread_ends_of_three),
    cmocka_unit_test(refusal_at_each_call),
    cmocka_unit_test(race_for_the_limit),
};

int main(int argc, char **argv)
{
    if (is_null(persistentalloc(1, 1)) || pthread_key_create(&last_words, end_of_thread) != 0) {
        return 1;
    }
    cmocka_set_test_filter(argc > 1 ? argv[1] : NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
