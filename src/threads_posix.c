/* The seam to POSIX threads. Nothing here is from the C heap, but what the C library takes itself:
 * pthread_atfork for its table, pthread_setspecific when the program has more than 32 keys. */
#include "threads.h"

#include <pthread.h>
#include <stddef.h>

#ifdef PERSIST_TESTING
#include "testing.h"
void (*persist_test_step)(void);
#define STEP() (persist_test_step ? persist_test_step() : (void)0)
#else
#define STEP() ((void)0)
#endif

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t idle = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int have_hooks;

/* Between fork()'s handlers below this thread holds the lock: handlers of others may allocate. */
static PERSIST_THREAD_LOCAL int forking;

void threads_lock(void)
{
    if (!forking) {
        STEP();
        pthread_mutex_lock(&lock);
    }
}

void threads_unlock(void)
{
    if (!forking) {
        pthread_mutex_unlock(&lock);
        STEP();
    }
}

void threads_wait(void)
{
    int before = PTHREAD_CANCEL_ENABLE;
    /* A thread cancelled here would end with the lock held. */
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    pthread_cond_wait(&idle, &lock);
    pthread_setcancelstate(before, &before);
}

void threads_wake(void)
{
    pthread_cond_signal(&idle);
}

static void at_thread_end(void *unused)
{
    (void)unused;
    persist_thread_end();
}

static void before_fork(void)
{
    threads_lock();
    forking = 1;
}

static void in_parent(void)
{
    forking = 0;
    threads_unlock();
}

static void in_child(void)
{
    persist_fork_child();
    /* Nobody waits here any more, which the condition does not know. */
    idle = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    in_parent();
}

static void install_hooks(void)
{
    have_hooks = pthread_atfork(before_fork, in_parent, in_child) == 0 &&
                 pthread_key_create(&key, at_thread_end) == 0;
}

int threads_hook(void)
{
    /* Any value but NULL makes the C library call at_thread_end. */
    return pthread_once(&once, install_hooks) == 0 && have_hooks &&
           pthread_setspecific(key, &key) == 0;
}
