/* One measurement of one allocator in a process of its own; prints a line of JSON.
 * Usage: PROGRAM check|time|sites|write TRACE N THREADS
 * Times are per request of one thread, in ns: "wall" from the first thread's start to the last one's
 * end, "ns" the first thread's processor time. Requests are never made by the program's first
 * thread, so that every measured process has at least two. */
#define _GNU_SOURCE
#include "sample.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOST_THREADS 64

enum mode { CHECK, TIME, SITES, WRITE };

struct worker {
    pthread_t thread;
    int64_t started, ended; /* ns */
    int64_t used;           /* processor time of the thread, ns */
};

static enum mode mode;
static const struct request *requests;
static size_t count;
static unsigned threads;
static void **blocks;
static struct worker workers[MOST_THREADS];
static atomic_uint arrived;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int64_t now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static size_t resident(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL || fscanf(file, "%*u %zu", &pages) != 1) {
        fail("/proc/self/statm");
    }
    fclose(file);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    void *peer = peer_start();
    /* All start at once: a thread that slept would still be waking up while others are timed. */
    atomic_fetch_add(&arrived, 1);
    while (atomic_load(&arrived) < threads) {
        sched_yield();
    }
    worker->started = now(CLOCK_MONOTONIC);
    worker->used = -now(CLOCK_THREAD_CPUTIME_ID);
    switch (mode) {
    case CHECK:
        replay_keeping(peer, requests, count, blocks + (size_t)(worker - workers) * count);
        break;
    case TIME:
        replay(peer, requests, count);
        break;
    case SITES:
        replay_sites(peer, requests, count, requests[0].align == 1);
        break;
    case WRITE:
        replay_writing(peer, requests, count);
        break;
    }
    worker->used += now(CLOCK_THREAD_CPUTIME_ID);
    worker->ended = now(CLOCK_MONOTONIC);
    return NULL;
}

/* Several threads get a processor each as far as there are any: left to itself the system starts all
 * on one, and they are half done before it moves them. */
static void start(struct worker *worker)
{
    cpu_set_t ours, one;
    pthread_attr_t attributes;
    unsigned skip = (unsigned)(worker - workers);
    size_t processor = 0;
    if (sched_getaffinity(0, sizeof ours, &ours) != 0) {
        fail("sched_getaffinity");
    }
    skip %= (unsigned)CPU_COUNT(&ours);
    while (!CPU_ISSET(processor, &ours) || skip-- > 0) {
        processor++;
    }
    CPU_ZERO(&one);
    CPU_SET(processor, &one);
    pthread_attr_init(&attributes);
    if (threads > 1) {
        pthread_attr_setaffinity_np(&attributes, sizeof one, &one);
    }
    if (pthread_create(&worker->thread, &attributes, work, worker) != 0) {
        fail("pthread_create");
    }
    pthread_attr_destroy(&attributes);
}

/* Wall time from the first start to the last end. */
static int64_t run_threads(void)
{
    int64_t started = INT64_MAX, ended = 0;
    for (unsigned i = 0; i < threads; i++) {
        start(&workers[i]);
    }
    for (unsigned i = 0; i < threads; i++) {
        pthread_join(workers[i].thread, NULL);
        started = workers[i].started < started ? workers[i].started : started;
        ended = workers[i].ended > ended ? workers[i].ended : ended;
    }
    return ended - started;
}

struct interval {
    uintptr_t begin, end;
};

static int by_begin(const void *x, const void *y)
{
    uintptr_t a = ((const struct interval *)x)->begin, b = ((const struct interval *)y)->begin;
    return (a > b) - (a < b);
}

/* Every block is aligned, its ends can be written, and no two have a byte in common. */
static const char *fault(void)
{
    size_t n = count * threads;
    struct interval *intervals = malloc(n * sizeof *intervals);
    if (intervals == NULL) {
        fail("malloc");
    }
    for (size_t i = 0; i < n; i++) {
        const struct request *request = &requests[i % count];
        unsigned char *block = blocks[i];
        if (block == NULL) {
            return "no memory";
        }
        if ((uintptr_t)block % request->align != 0) {
            return "misaligned";
        }
        block[0] = block[request->size - 1u] = 1;
        intervals[i] = (struct interval){(uintptr_t)block, (uintptr_t)block + request->size};
    }
    qsort(intervals, n, sizeof *intervals, by_begin);
    for (size_t i = 1; i < n; i++) {
        if (intervals[i].begin < intervals[i - 1u].end) {
            return "overlap";
        }
    }
    return "";
}

static void load(const char *path)
{
    struct stat status;
    int file = open(path, O_RDONLY);
    if (file < 0 || fstat(file, &status) != 0) {
        fail(path);
    }
    if ((size_t)status.st_size < count * sizeof *requests) {
        fprintf(stderr, "%s: shorter than %zu requests\n", path, count);
        exit(1);
    }
    requests = mmap(NULL, count * sizeof *requests, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (requests == MAP_FAILED) {
        fail(path);
    }
    close(file);
}

static size_t requested(void)
{
    size_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += requests[i].size;
    }
    return sum * threads;
}

int main(int argc, char **argv)
{
    static const char *const modes[] = {"check", "time", "sites", "write"};
    while (argc == 5 && mode <= WRITE && strcmp(argv[1], modes[mode]) != 0) {
        mode++;
    }
    count = argc == 5 ? strtoul(argv[3], NULL, 10) : 0;
    threads = argc == 5 ? (unsigned)strtoul(argv[4], NULL, 10) : 0;
    if (mode > WRITE || count == 0 || threads == 0 || threads > MOST_THREADS) {
        fprintf(stderr, "usage: %s check|time|sites|write TRACE N THREADS\n", argv[0]);
        return 2;
    }
    load(argv[2]);
    size_t bytes = requested();
    if (mode == CHECK) {
        blocks = malloc(count * threads * sizeof *blocks);
    }
    size_t before = resident();
    int64_t wall = run_threads();
    size_t after = resident();
    if (mode == CHECK) {
        printf("{\"fault\": \"%s\"}\n", fault());
    } else {
        printf("{\"wall\": %.4f, \"ns\": %.4f, \"resident\": %.5f}\n", (double)wall / (double)count,
               (double)workers[0].used / (double)count,
               ((double)after - (double)before) / (double)bytes);
    }
    return 0;
}
