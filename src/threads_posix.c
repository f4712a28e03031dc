/* The seam to POSIX threads. Nothing here is from the C heap, but what the C library takes itself:
 * pthread_atfork for its table, pthread_setspecific when the program has more than 32 keys. */
#define THREADS_SERVED
#include "threads.h"

#include <stddef.h>

#ifdef __FRAMAC__
/* POSIX as its manual has it, to one thread: the prover's own header leaves most of it open. Of a
 * mutex that is whether the thread holds it, of a `once` whether it was. */
typedef int pthread_mutex_t, pthread_cond_t, pthread_once_t;
typedef char pthread_key_t; /* whose address WP can pass as a void pointer */
#define PTHREAD_MUTEX_INITIALIZER 0
#define PTHREAD_COND_INITIALIZER 0
#define PTHREAD_ONCE_INIT 0
#define PTHREAD_CANCEL_ENABLE 0
#define PTHREAD_CANCEL_DISABLE 1

/*@ ghost unsigned taken; */   /* how often this thread took the mutex */
/*@ ghost int cancel_state; */ /* and whether it can be cancelled */
/*@ ghost void (*hook_before)(void), (*hook_parent)(void), (*hook_child)(void), (*hook_end)(void *); */
/*@ ghost int fork_hooked, end_hooked, end_told, refused; pthread_key_t end_key; */

/*@ predicate cancel(integer state) = state == PTHREAD_CANCEL_ENABLE || state == PTHREAD_CANCEL_DISABLE; */

/*@ requires mutex: \valid(mutex);
    requires not_held: *mutex == 0;
    terminates \true; exits \false;
    assigns \result, *mutex, taken \from *mutex, taken;
    ensures held: *mutex == 1 && taken == (unsigned)(\old(taken) + 1);
*/
int pthread_mutex_lock(pthread_mutex_t *mutex);
/*@ requires mutex: \valid(mutex);
    requires held: *mutex == 1;
    terminates \true; exits \false;
    assigns \result, *mutex \from *mutex;
    ensures not_held: *mutex == 0;
*/
int pthread_mutex_unlock(pthread_mutex_t *mutex);
/*@ requires mutex: \valid(condition) && \valid(mutex);
    requires held: *mutex == 1;
    requires not_cancelled: cancel_state == PTHREAD_CANCEL_DISABLE;
    terminates \true; exits \false;
    assigns \result \from \nothing;
*/
int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex);
/*@ requires condition: \valid(condition);
    terminates \true; exits \false;
    assigns \result \from \nothing;
*/
int pthread_cond_signal(pthread_cond_t *condition);
/*@ requires state: cancel(state) && \valid(before);
    terminates \true; exits \false;
    assigns \result, *before, cancel_state \from state, cancel_state;
    ensures before: *before == \old(cancel_state);
    ensures state: cancel_state == state;
*/
int pthread_setcancelstate(int state, int *before);
/*@ terminates \true; exits \false;
    assigns \result, fork_hooked, hook_before, hook_parent, hook_child, refused \from before, parent, child;
    ensures hooked: \result == 0 ==>
      fork_hooked == 1 && hook_before == before && hook_parent == parent && hook_child == child;
    ensures failed: \result != 0 ==> fork_hooked == \old(fork_hooked);
    ensures refused: refused == (\result == 0 ? \old(refused) : 1);
*/
int pthread_atfork(void (*before)(void), void (*parent)(void), void (*child)(void));
/*@ requires key: \valid(made);
    terminates \true; exits \false;
    assigns \result, *made, end_hooked, end_key, hook_end, refused \from end;
    ensures hooked: \result == 0 ==> end_hooked == 1 && end_key == *made && hook_end == end;
    ensures failed: \result != 0 ==> end_hooked == \old(end_hooked);
    ensures refused: refused == (\result == 0 ? \old(refused) : 1);
*/
int pthread_key_create(pthread_key_t *made, void (*end)(void *));
/*@ requires key: end_hooked == 1 && which == end_key;
    terminates \true; exits \false;
    assigns \result, end_told, refused \from which, value;
    ensures told: \result == 0 ==> end_told == (value != \null ? 1 : 0);
    ensures refused: refused == (\result == 0 ? \old(refused) : 1);
*/
int pthread_setspecific(pthread_key_t which, const void *value);
#else
#include <pthread.h>
#endif

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

/*@ predicate locked{L} = lock_held == 1;
    predicate unlocked{L} = lock_held == 0;
    predicate ours{L} = lock == (forking == 0 ? lock_held : 1);
*/

#ifdef __FRAMAC__
/* The layer, as its contracts have it, in which nothing of this file shows. */
/*@ requires unlocked: unlocked;
    terminates \true; exits \false;
    assigns lock_held \from \nothing;
    ensures unlocked: unlocked;
*/
void persist_thread_end(void);
/*@ requires locked: locked;
    terminates \true; exits \false;
    assigns \nothing;
    ensures locked: locked;
*/
void persist_fork_child(void);
#endif

/*@ requires lock_free: lock_held == 0;
    requires ours: ours;
    terminates \true; exits \false;
    assigns lock_held, lock, taken \from lock, taken, forking;
    ensures lock_taken: lock_held == 1;
    ensures ours: ours;
    ensures once: taken == (unsigned)(\old(taken) + (forking == 0 ? 1 : 0));
*/
void threads_lock(void)
{
    if (!forking) {
        STEP();
        pthread_mutex_lock(&lock);
    }
    //@ ghost lock_held = 1;
}

/*@ requires lock_taken: lock_held == 1;
    requires ours: ours;
    terminates \true; exits \false;
    assigns lock_held, lock \from lock, forking;
    ensures lock_free: lock_held == 0;
    ensures ours: ours;
*/
void threads_unlock(void)
{
    if (!forking) {
        pthread_mutex_unlock(&lock);
        STEP();
    }
    //@ ghost lock_held = 0;
}

/*@ requires lock_taken: lock_held == 1;
    requires ours: ours && cancel(cancel_state);
    terminates \true; exits \false;
    assigns cancel_state \from cancel_state;
    ensures restored: cancel_state == \old(cancel_state);
*/
void threads_wait(void)
{
    int before = PTHREAD_CANCEL_ENABLE;
    /* A thread cancelled here would end with the lock held. */
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    pthread_cond_wait(&idle, &lock);
    pthread_setcancelstate(before, &before);
}

/*@ requires lock_taken: lock_held == 1;
    terminates \true; exits \false;
    assigns \nothing;
*/
void threads_wake(void)
{
    pthread_cond_signal(&idle);
}

/*@ requires lock_free: lock_held == 0 && ours;
    terminates \true; exits \false;
    assigns lock_held \from \nothing;
    ensures lock_free: lock_held == 0 && ours;
*/
static void at_thread_end(void *unused)
{
    (void)unused;
    persist_thread_end();
}

/*@ requires lock_free: lock_held == 0 && forking == 0 && ours;
    terminates \true; exits \false;
    assigns lock_held, lock, taken, forking \from lock, taken;
    ensures taken: lock == 1 && taken == (unsigned)(\old(taken) + 1);
    ensures forking: forking == 1;
    ensures lock_free: lock_held == 0 && ours;
*/
static void before_fork(void)
{
    threads_lock();
    forking = 1;
    //@ ghost lock_held = 0;
}

/*@ requires forking: forking == 1 && lock == 1;
    terminates \true; exits \false;
    assigns lock_held, lock, forking \from \nothing;
    ensures given_back: lock == 0 && forking == 0;
    ensures lock_free: lock_held == 0 && ours;
*/
static void in_parent(void)
{
    forking = 0;
    //@ ghost lock_held = 1;
    threads_unlock();
}

/*@ requires forking: forking == 1 && lock == 1;
    requires lock_free: lock_held == 0;
    terminates \true; exits \false;
    assigns lock_held, lock, forking, idle \from \nothing;
    ensures given_back: lock == 0 && forking == 0;
    ensures lock_free: lock_held == 0 && ours;
*/
static void in_child(void)
{
    //@ ghost lock_held = 1;
    persist_fork_child();
    /* Nobody waits here any more, which the condition does not know. */
    idle = (pthread_cond_t)PTHREAD_COND_INITIALIZER;
    in_parent();
}

/*@ predicate hooked{L} =
      fork_hooked == 1 && hook_before == &before_fork && hook_parent == &in_parent &&
      hook_child == &in_child && end_hooked == 1 && hook_end == &at_thread_end && end_key == key;
    predicate hooks{L} = once == 0
      ? have_hooks == 0 && fork_hooked == 0 && end_hooked == 0
      : (have_hooks != 0 <==> hooked) && (have_hooks == 0 ==> refused == 1);
*/

/*@ requires nothing_yet: fork_hooked == 0 && end_hooked == 0;
    terminates \true; exits \false;
    assigns have_hooks, key, fork_hooked, end_hooked, end_key, hook_before, hook_parent, hook_child,
      hook_end, refused \from \nothing;
    ensures both: have_hooks != 0 <==> hooked;
    ensures neither: have_hooks == 0 ==> refused == 1;
    ensures refused: \old(refused) == 1 ==> refused == 1;
*/
static void install_hooks(void)
{
    have_hooks = pthread_atfork(before_fork, in_parent, in_child) == 0 &&
                 pthread_key_create(&key, at_thread_end) == 0;
}

#ifdef __FRAMAC__
/* What it runs, it runs once: what holds of install_hooks holds of it. */
/*@ requires once: done == &once && what == &install_hooks;
    requires hooks: hooks;
    terminates \true; exits \false;
    assigns \result, *done, have_hooks, key, fork_hooked, end_hooked, end_key, hook_before,
      hook_parent, hook_child, hook_end, refused \from *done;
    ensures hooks: hooks;
    ensures ran: \result == 0 ==> once == 1;
    ensures refused: \result != 0 || \old(refused) == 1 ==> refused == 1;
*/
int pthread_once(pthread_once_t *done, void (*what)(void));
#endif

/*@ requires lock_free: lock_held == 0;
    requires hooks: hooks;
    terminates \true; exits \false;
    assigns \result, once, have_hooks, key, fork_hooked, end_hooked, end_key, hook_before,
      hook_parent, hook_child, hook_end, end_told, refused \from once;
    ensures hooks: hooks;
    ensures hooked: \result != 0 ==> hooked && end_told == 1;
    ensures refused: \result == 0 ==> refused == 1;
*/
int threads_hook(void)
{
    /* Any value but NULL makes the C library call at_thread_end. */
    return pthread_once(&once, install_hooks) == 0 && have_hooks &&
           pthread_setspecific(key, &key) == 0;
}
