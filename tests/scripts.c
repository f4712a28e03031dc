#define _DEFAULT_SOURCE
#include "scripts.h"

#include "check.h"

#include <pthread.h>
#include <string.h>

#include "caught.h"
#include "fake_sys.h"
#include "testing.h"

struct scripted scripted[MOST_THREADS];
void (*script_fork)(int thread, int at_end);

static const struct script *running;

void script_allocate(struct scripted *self, size_t size, size_t align)
{
    if (setjmp(caught) != 0) {
        self->thrown++;
        return;
    }
    const char *wrong = blocks_add(&self->blocks, persistentalloc(size, align), size, align);
    if (wrong != NULL) {
        self->wrong = wrong;
    }
}

static void follow(int thread, size_t size, int at_end)
{
    if (size == FORK) {
        script_fork(thread, at_end);
    } else if (size != 0) {
        script_allocate(&scripted[thread], size, 8);
    }
}

static void work(int thread)
{
    for (const size_t *size = running->sizes[thread]; *size != 0; size++) {
        follow(thread, *size, 0);
    }
}

static void last_words(int thread)
{
    follow(thread, running->at_end[thread], 1);
}

size_t script_records(void)
{
    struct persist_stats now;
    persist_statistics(&now);
    return now.padding / sizeof(struct persist_arena);
}

static void check(const struct script *expect)
{
    struct blocks all[MOST_THREADS];
    struct persist_stats now;
    size_t requested = CHUNK, thrown = 0;
    for (int i = 0; i < expect->threads; i++) {
        if (scripted[i].wrong != NULL) {
            fail_msg("thread %d: %s", i, scripted[i].wrong);
        }
        all[i] = scripted[i].blocks;
        thrown += scripted[i].thrown;
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
    assert_in_range(script_records(), 0, (size_t)expect->threads);
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
static void check_all_idle(const struct script *expect)
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
    assert_int_equal(script_records(), n);
}

static void run_once(const void *what)
{
    running = what;
    memset(scripted, 0, sizeof scripted);
    fake_reset();
    persist_reset();
    fake.most = CHUNK;
    assert_false(
        is_null(persistentalloc(CHUNK, 8))); /* the first arena is this thread's, and full */
    if (running->limit != 0) {
        persist_limit(CHUNK + running->limit);
    }
    fake.refuse = running->refuse;
    for (int i = 0; i < running->threads; i++) {
        scripted[i].blocks.mark = (unsigned char)(i + 1);
    }
    schedules_run(running->threads, work, last_words);
    check(running);
    check_all_idle(running);
    for (int i = 0; i < running->threads; i++) {
        blocks_free(&scripted[i].blocks);
    }
}

void script_explore(const struct script *script)
{
    persist_on_throw(leave);
    long schedules = schedules_explore(script->preemptions, run_once, script);
    assert_true(schedules >= script->least);
}
