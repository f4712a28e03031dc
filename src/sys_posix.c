/* The seam on POSIX systems: anonymous private mappings. */
#define _DEFAULT_SOURCE
#define SYS_SERVED
#include "persist_posix.h"
#include "sys.h"

#ifdef __FRAMAC__
/* The system as its manual has it; the prover's own header is silent. */
#define PROT_READ 1
#define PROT_WRITE 2
#define MAP_PRIVATE 2
#define MAP_ANONYMOUS 32
#define MAP_FAILED ((void *)&map_failed) /* some address; the true one is none of an object */
#define MADV_HUGEPAGE 14
#define MADV_POPULATE_WRITE 23
#define CHOSEN(option) ((options & (option)) != 0 ? 1 : 0)
extern char map_failed;

/* Its next two answers, foretold as in persist.h; how often it was asked, and for what last and before;
 * which advice it had; whether the leak checker knows. */
/*@ ghost char *next_map, *later_map, *last_map; */
/*@ ghost unsigned maps; size_t map_size, map_size_before; */
/*@ ghost int huge, committed, told; */

/*@ requires question: near == \null && 0 < size && protection == (PROT_READ | PROT_WRITE) &&
      flags == (MAP_PRIVATE | MAP_ANONYMOUS) && file == -1 && from == 0;
    terminates \true; exits \false;
    assigns \result, next_map, later_map, last_map, maps, map_size, map_size_before
      \from size, next_map, later_map, maps, map_size;
    ensures foretold: (char *)\result == \old(next_map) && next_map == \old(later_map);
    ensures asked: maps == (unsigned)(\old(maps) + 1) && map_size == size &&
      map_size_before == \old(map_size) && last_map == (char *)\result;
    ensures address: \result != \null && 0 <= (uintptr_t)\result <= UINTPTR_MAX;
    ensures memory: \result != MAP_FAILED && size <= PERSIST_MOST && good_place((char *)\result, size) ==>
      memory((char *)\result, size) && zeroed((char *)\result, size) && clear((char *)\result, size) &&
      apart_from_regions(arena, arena->count, (char *)\result, size);
*/
void *mmap(void *near, size_t size, int protection, int flags, int file, long from)
    /*@ ghost (struct persist_arena *arena) */;

/*@ requires mapping: (char *)near == last_map && size == map_size;
    requires known: what == MADV_HUGEPAGE || what == MADV_POPULATE_WRITE;
    requires order: what == MADV_HUGEPAGE ==> committed == 0;
    terminates \true; exits \false;
    assigns \result, huge, committed \from what, huge, committed;
    ensures advised: huge == (what == MADV_HUGEPAGE ? 1 : \old(huge)) &&
      committed == (what == MADV_POPULATE_WRITE ? 1 : \old(committed));
*/
int madvise(void *near, size_t size, int what);
#else
#include <sys/mman.h>
#endif

static unsigned options;

/*@ // Wanted first, then the minimum, if that is less.
    predicate whole{L} = next_map != MAP_FAILED;
    predicate less{L}(integer minimum, integer wanted) =
      !whole && minimum < wanted && later_map != MAP_FAILED;
    predicate answer{L}(char *p, integer n, integer minimum, integer wanted) =
      whole ? p == next_map && n == wanted
            : less(minimum, wanted) ? p == later_map && n == minimum : p == \null;
*/

/*@ terminates \true; exits \false;
    assigns options \from wanted;
    ensures options: options == wanted;
*/
void persist_posix_options(unsigned wanted)
{
    PERSIST_STORE(options, wanted);
}

/* Huge pages first: what is committed is to be committed as such. A refusal changes nothing. */
/*@ requires mapping: (char *)p == last_map && size == map_size;
    terminates \true; exits \false;
    assigns huge, committed \from options;
    ensures huge: huge == CHOSEN(PERSIST_HUGE_PAGES);
    ensures committed: committed == CHOSEN(PERSIST_COMMIT_AHEAD);
*/
static void advise(void *p, size_t size)
{
    //@ ghost huge = 0;
    //@ ghost committed = 0;
    unsigned wanted = PERSIST_LOAD(options);
#ifdef MADV_HUGEPAGE
    if (wanted & PERSIST_HUGE_PAGES) {
        (void)madvise(p, size, MADV_HUGEPAGE);
    }
#endif
#ifdef MADV_POPULATE_WRITE
    if (wanted & PERSIST_COMMIT_AHEAD) {
        (void)madvise(p, size, MADV_POPULATE_WRITE);
    }
#endif
    (void)p, (void)size, (void)wanted;
}

/* There when the program runs under LeakSanitizer: memory of the C heap that only persistent memory
 * points to is not leaked. */
/*@ requires mapping: (char *)root == last_map && size == map_size;
    terminates \true; exits \false;
    assigns told \from \nothing;
    ensures told: told == 1;
*/
extern void __lsan_register_root_region(const void *root, size_t size) __attribute__((weak));

/*@ requires size: 0 < size;
    terminates \true; exits \false;
    assigns \result, next_map, later_map, last_map, maps, map_size, map_size_before
      \from size, next_map, later_map, maps, map_size;
    ensures refused: \old(next_map) == MAP_FAILED ==> \result == \null;
    ensures mapped: \old(next_map) != MAP_FAILED ==>
      \result != \null && (char *)\result == \old(next_map) == last_map;
    ensures next: next_map == \old(later_map);
    ensures asked: maps == (unsigned)(\old(maps) + 1) && map_size == size &&
      map_size_before == \old(map_size);
    ensures address: 0 <= (uintptr_t)\result <= UINTPTR_MAX;
    ensures memory: \result != \null && size <= PERSIST_MOST && good_place((char *)\result, size) ==>
      memory((char *)\result, size) && zeroed((char *)\result, size) && clear((char *)\result, size) &&
      apart_from_regions(arena, arena->count, (char *)\result, size);
*/
static __attribute__((noinline)) void *map(size_t size)
/*@ ghost (struct persist_arena *arena) */
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
                   0) /*@ ghost (arena) */;
    return p == MAP_FAILED ? NULL : p;
}

/*@ requires question: 0 < minimum <= wanted <= PERSIST_MOST && \valid(granted);
    requires out: \separated(granted, arena);
    requires prophecy: answer(sys_next, sys_next_size, minimum, wanted);
    terminates \true; exits \false;
    assigns \result, *granted, sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size,
      next_map, later_map, last_map, maps, map_size, map_size_before, huge, committed, told
      \from sys_next, sys_next_size, sys_calls, minimum, wanted, next_map, later_map, maps, map_size, options;
    ensures counted: asked_once{Pre,Post}(minimum, wanted);
    ensures foretold: (char *)\result == \old(sys_next) &&
      (\result != \null ==> *granted == \old(sys_next_size));
    ensures address: 0 <= (uintptr_t)\result <= UINTPTR_MAX;
    ensures memory: good_answer((char *)\result, *granted, minimum, wanted) ==>
      memory((char *)\result, *granted) && zeroed((char *)\result, *granted) &&
      clear((char *)\result, *granted) && apart_from_regions(arena, arena->count, (char *)\result, *granted);
    ensures advised: \result != \null ==> huge == CHOSEN(PERSIST_HUGE_PAGES) && committed == CHOSEN(PERSIST_COMMIT_AHEAD);
    ensures told: \result != \null ==> told == 1;
    behavior whole:
      assumes whole;
      ensures wanted: (char *)\result == \old(next_map) && *granted == wanted;
      ensures once: maps == 1 && map_size == wanted;
    behavior less:
      assumes less(minimum, wanted);
      ensures minimum: (char *)\result == \old(later_map) && *granted == minimum;
      ensures twice: maps == 2 && map_size_before == wanted && map_size == minimum;
    behavior refused:
      assumes !whole && !less(minimum, wanted);
      ensures null: \result == \null;
      ensures unchanged: *granted == \old(*granted);
      ensures no_more: maps == (minimum < wanted ? 2 : 1);
    complete behaviors; disjoint behaviors;
*/
void *sys_alloc(size_t minimum, size_t wanted, size_t *granted)
/*@ ghost (struct persist_arena *arena) */
{
    //@ ghost sys_calls = sys_calls == SIZE_MAX ? 0 : sys_calls + 1;
    //@ assert next: sys_calls == (size_t)(\at(sys_calls,Pre) + 1);
    //@ ghost sys_minimum = minimum;
    //@ ghost sys_wanted = wanted;
    //@ ghost maps = 0;
    //@ ghost told = 0;
    size_t size = wanted;
    void *p = map(size) /*@ ghost (arena) */;
    if (p == NULL && minimum < wanted) {
        size = minimum;
        p = map(size) /*@ ghost (arena) */;
    }
    if (p == NULL) {
        return NULL;
    }
    advise(p, size);
    if (__lsan_register_root_region) {
        __lsan_register_root_region(p, size);
    }
    *granted = size;
    return p;
}
