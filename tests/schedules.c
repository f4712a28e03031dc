#define _DEFAULT_SOURCE
#include "schedules.h"

#include "check.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "testing.h"

enum { MOST_STEPS = 200 };

static pthread_mutex_t baton = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t passed[] = {PTHREAD_COND_INITIALIZER, PTHREAD_COND_INITIALIZER,
                                  PTHREAD_COND_INITIALIZER,
                                  PTHREAD_COND_INITIALIZER}; /* by thread */
static pthread_key_t at_end;
static _Thread_local int me; /* from 1; 0: not scheduled */

static struct {
    int turn; /* the thread that runs; 0: none */
    int threads;
    int ended[MOST_THREADS + 1];
    int steps[MOST_THREADS + 1], undisturbed[MOST_THREADS + 1];
    int preemptions, most_preemptions;
    /* The path through the tree of decisions: what was chosen and among how many. */
    int chosen[MOST_STEPS], options[MOST_STEPS];
    int depth, known;
    void (*work)(int), (*last_words)(int);
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
        schedule.steps[me]++;
        pass_on(me);
        wait_for_turn(me);
        pthread_mutex_unlock(&baton);
    }
}

static void *body(void *argument)
{
    const int *index = argument;
    pthread_setspecific(at_end, argument);
    pthread_mutex_lock(&baton);
    me = *index;
    wait_for_turn(me);
    pthread_mutex_unlock(&baton);
    schedule.work(me - 1);
    return NULL;
}

static void end_of_thread(void *unused)
{
    (void)unused;
    if (me == 0) {
        return;
    }
    schedule.last_words(me - 1);
    pthread_mutex_lock(&baton);
    schedule.ended[me] = 1;
    pass_on(0);
    me = 0;
    pthread_mutex_unlock(&baton);
}

int schedules_begin(void)
{
    return pthread_key_create(&at_end, end_of_thread) == 0;
}

void schedules_run(int n, void (*work)(int), void (*last_words)(int))
{
    static int index[MOST_THREADS] = {1, 2, 3};
    pthread_t id[MOST_THREADS];
    schedule.threads = n;
    schedule.turn = 0;
    schedule.preemptions = 0;
    schedule.work = work;
    schedule.last_words = last_words;
    memset(schedule.ended, 0, sizeof schedule.ended);
    memset(schedule.steps, 0, sizeof schedule.steps);
    for (int i = 0; i < n; i++) {
        assert_int_equal(pthread_create(&id[i], NULL, body, &index[i]), 0);
    }
    pthread_mutex_lock(&baton);
    pass_on(0);
    pthread_mutex_unlock(&baton);
    for (int i = 0; i < n; i++) {
        assert_int_equal(pthread_join(id[i], NULL), 0);
    }
}

int schedules_steps(int thread)
{
    return schedule.steps[thread + 1];
}

int schedules_undisturbed_steps(int thread)
{
    return schedule.undisturbed[thread + 1];
}

void schedules_leave(void)
{
    me = 0;
}

long schedules_explore(int preemptions, void (*once)(const void *), const void *what)
{
    long runs = 0;
    int most = 0;
    schedule.known = 0;
    schedule.most_preemptions = preemptions + (getenv("PERSIST_FULL") != NULL);
    persist_test_step = step;
    do {
        schedule.depth = 0;
        once(what);
        if (runs++ == 0) {
            memcpy(schedule.undisturbed, schedule.steps, sizeof schedule.steps);
        }
        most = schedule.preemptions > most ? schedule.preemptions : most;
    } while (advance());
    persist_test_step = NULL;
    print_message("# %ld schedules, all that have up to %d preemptions\n", runs,
                  schedule.most_preemptions);
    return most == schedule.most_preemptions ? runs : 0;
}
