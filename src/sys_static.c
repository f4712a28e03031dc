/* The seam on a machine without a system: one buffer, which the program (or its linker script, for
 * the address) defines and which is zero when the program starts:
 *
 *     _Alignas(4096) char persist_static_memory[16384];
 *     const size_t persist_static_size = sizeof persist_static_memory;
 *
 * A buffer that is not aligned works, less the bytes up to the first multiple of PERSIST_MAX_ALIGN.
 * The first arena that asks gets the whole; limit arenas (persist_arena_limit) that are to share.
 * Not for two threads at once. */
#define SYS_SERVED
#include "persist.h"
#include "sys.h"

#ifdef __FRAMAC__
extern char *const persist_static_memory; /* of an array without a size WP knows nothing */
#else
extern char persist_static_memory[];
#endif
extern const size_t persist_static_size;

static size_t given; /* bytes of the buffer that are no longer ours to give */

#ifdef __FRAMAC__
#define ADDRESS ((uintptr_t)persist_static_memory)
#define LEFT (persist_static_memory + given), (persist_static_size - given)
#endif

/*@ // The buffer is an object of the program's, as C has objects.
    predicate buffer{L} =
      \valid(persist_static_memory + (0 .. persist_static_size - 1)) && 0 < ADDRESS &&
      ADDRESS + persist_static_size <= UINTPTR_MAX && flat(persist_static_memory, persist_static_size);
    predicate nobodys{L}(struct persist_arena *a) = clear(LEFT) && apart_from_regions(a, a->count, LEFT);
    predicate kept{L} = 0 <= given <= persist_static_size &&
      \forall integer i; given <= i < persist_static_size ==> persist_static_memory[i] == 0;

    // The answer, counted from the start of the buffer.
    logic integer to_page(integer address) =
      (PERSIST_MAX_ALIGN - address % PERSIST_MAX_ALIGN) % PERSIST_MAX_ALIGN;
    logic integer page{L} = given + to_page(ADDRESS + given);
    logic integer most{L} = persist_static_size - page;
    predicate fits{L}(integer minimum) = minimum <= most;
    predicate gives{L}(char *p, integer n, integer wanted) =
      p == persist_static_memory + page && n == (wanted < most ? wanted : most);
    predicate answer{L}(char *p, integer n, integer minimum, integer wanted) =
      fits(minimum) ? gives(p, n, wanted) : p == \null;
*/

/*@ terminates \true; exits \false;
    assigns \result \from address;
    ensures rule: \result == to_page(address);
    ensures aligned: (address + \result) % PERSIST_MAX_ALIGN == 0;
    ensures first: \result < PERSIST_MAX_ALIGN;
*/
static size_t to_page(uintptr_t address)
{
    size_t misaligned = address % PERSIST_MAX_ALIGN;
    return (PERSIST_MAX_ALIGN - misaligned) % PERSIST_MAX_ALIGN;
}

/* The next `size` bytes after `skip` that are left as they are. */
/*@ requires buffer: buffer && kept;
    requires clear: nobodys(arena);
    requires room: 0 < size && skip + size <= persist_static_size - given;
    terminates \true; exits \false;
    assigns \result, given \from given, skip, size;
    ensures place: \result == persist_static_memory + (\old(given) + skip);
    ensures given: given == \old(given) + skip + size;
    ensures address: (uintptr_t)\result == ADDRESS + (\old(given) + skip);
    ensures flat: \forall integer i; 0 <= i <= size ==> (uintptr_t)(\result + i) == (uintptr_t)\result + i;
    ensures valid: \result != \null && \valid(\result + (0 .. size - 1));
    ensures zeroed: \forall integer i; 0 <= i < size ==> \result[i] == 0;
    ensures kept: kept;
    ensures clear: clear(\result, size);
    ensures apart: apart_from_regions(arena, arena->count, \result, size);
    ensures stays_clear: nobodys(arena);
    ensures given_up: apart(\result, size, LEFT);
*/
static char *give(size_t skip, size_t size) /*@ ghost (struct persist_arena *arena) */
{
    //@ ghost size_t at = given + skip;
    //@ assert zero: \forall integer i; 0 <= i < size ==> persist_static_memory[at + i] == 0;
    /*@ assert flat: \forall integer i; 0 <= i <= size ==>
          (uintptr_t)(persist_static_memory + (at + i)) == ADDRESS + at + i; */
    char *grant = persist_static_memory + given + skip;
    given += skip + size;
    return grant;
}

/*@ requires question: 0 < minimum <= wanted <= PERSIST_MOST && \valid(granted);
    requires buffer: buffer;
    requires kept: kept;
    requires clear: nobodys(arena);
    requires out: \separated(granted, arena);
    requires prophecy: answer(sys_next, sys_next_size, minimum, wanted);
    terminates \true; exits \false;
    assigns \result, *granted, given, sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size
      \from sys_next, sys_next_size, sys_calls, minimum, wanted, given;
    ensures counted: asked_once{Pre,Post}(minimum, wanted);
    ensures foretold: (char *)\result == \old(sys_next) &&
      (\result != \null ==> *granted == \old(sys_next_size));
    ensures address: 0 <= (uintptr_t)\result <= UINTPTR_MAX;
    ensures memory: good_answer((char *)\result, *granted, minimum, wanted) ==>
      memory((char *)\result, *granted) && zeroed((char *)\result, *granted) &&
      clear((char *)\result, *granted) && apart_from_regions(arena, arena->count, (char *)\result, *granted);
    ensures kept: kept;
    ensures stays_clear: nobodys(arena);
    behavior fits:
      assumes fits(minimum);
      ensures good_answer: good_answer((char *)\result, *granted, minimum, wanted);
      ensures above: \old(given) <= (char *)\result - persist_static_memory < \old(given) + PERSIST_MAX_ALIGN;
      ensures below: ((char *)\result - persist_static_memory) + *granted == given;
      ensures given_up: apart((char *)\result, *granted, LEFT);
      ensures most: *granted < wanted ==> given == persist_static_size;
    behavior full:
      assumes !fits(minimum);
      ensures refused: \result == \null;
      ensures unchanged: *granted == \old(*granted) && given == \old(given);
    complete behaviors; disjoint behaviors;
*/
void *sys_alloc(size_t minimum, size_t wanted, size_t *granted)
/*@ ghost (struct persist_arena *arena) */
{
    //@ ghost sys_calls = sys_calls == SIZE_MAX ? 0 : sys_calls + 1;
    //@ assert next: sys_calls == (size_t)(\at(sys_calls,Pre) + 1);
    //@ ghost sys_minimum = minimum;
    //@ ghost sys_wanted = wanted;
    size_t skip = to_page((uintptr_t)persist_static_memory + given);
    size_t left = persist_static_size - given;
    //@ assert page: page == given + skip && most == left - skip;
    //@ assert fits: fits(minimum) <==> skip <= left && minimum <= left - skip;
    if (left < skip || left - skip < minimum) {
        return NULL;
    }
    left -= skip;
    *granted = wanted < left ? wanted : left;
    char *grant = give(skip, *granted) /*@ ghost (arena) */;
    //@ assert memory: memory(grant, *granted) && zeroed(grant, *granted);
    return grant;
}
