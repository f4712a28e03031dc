/* The allocator of 2013 that this project descends from, as it behaved: `persistentalloc` of the
 * commit named in NOTICE, written anew in C and frozen. It is here to be found wrong, and is judged
 * by what this project promises; seed2013.md shows what is found. The rows are those of the table
 * there.
 *
 * Its dialect of C let pointers wrap: here addresses are integers, so that they may. The contract is
 * in the words of persist.h where these are about numbers, and else says the same of addresses:
 *
 *   here                          there
 *   chunk, CHUNK                  arena->region[arena->current].base, and its size
 *   pos                           base + off; it moves upwards
 *   end - pos                     off, what is unused
 *   next                          sys_next: what the system will say
 */
#include "persist.h"

#ifndef __FRAMAC__
#include "adapter.h"
#include "asan.h"
#include "sys.h"
#include "system.h"

#include <setjmp.h>
#endif

enum { CHUNK = 256 << 10, MAX_BLOCK = 64 << 10, PAGE_SIZE = 4096 };

static uintptr_t pos, end;

/*@ ghost uintptr_t chunk, next; */
/*@ predicate usable =
      pos == 0 && end == 0 || (0 < chunk <= pos <= end && end == chunk + CHUNK <= UINTPTR_MAX);
    predicate good_system = next % PERSIST_MAX_ALIGN == 0 && next + 2 * CHUNK <= UINTPTR_MAX;
    predicate room_above = end + 2 * MAX_BLOCK <= UINTPTR_MAX;
    predicate aligned_at(integer address, integer m) = address % m == 0;
    predicate in_chunk(integer address, integer n) = chunk <= address && address + n <= chunk + CHUNK;
    lemma page: \forall integer x, m; small_power(m) && aligned_at(x, PERSIST_MAX_ALIGN) ==>
      aligned_at(x, m);
*/

/*@ requires size: 0 < n;
    terminates \true; exits \false;
    assigns \result, chunk \from n, next, chunk;
    ensures answer: \result == next && (next != 0 ==> chunk == next);
*/
static uintptr_t SysAlloc(uintptr_t n);

/*@ terminates \true; exits \true; assigns \nothing; ensures never: \false; */
static void throw(enum persist_status why);

/*@ requires n: small_power(n);
    terminates \true; exits \false; assigns \result \from x, n;
    ensures aligned: aligned_at(\result, n);
    ensures near: x + n <= UINTPTR_MAX ==> x <= \result < x + n;
*/
static uintptr_t round_up(uintptr_t x, uintptr_t n)
{
    uintptr_t y = x + n - 1;
    //@ assert exact: x + n <= UINTPTR_MAX ==> y == x + (n - 1);
    //@ assert remainder: 0 <= y % n < n;
    uintptr_t r = y - y % n;
    //@ assert rest: y - r == y % n;
    //@ assert multiple: r == n * (y / n);
    return r;
}

/*@ requires usable: usable;
    requires align: align == 0 || small_power(align);
    terminates \true;
    assigns pos, end, chunk;
    exits row_1_failure_changes_nothing: pos == \old(pos) && end == \old(end);
    ensures row_2_size_0_has_an_address: size == 0 ==> \result != 0;
    ensures row_3_size_0_is_nobody_elses: size == 0 ==> in_chunk(\result, length(size)) &&
      \result + length(size) <= pos;
    ensures row_4_no_memory_is_thrown: MAX_BLOCK <= size ==> \result != 0;
    ensures row_5_small_is_aligned: size < MAX_BLOCK ==> aligned_at(\result, alignment(align));
    ensures row_6_large_is_aligned: MAX_BLOCK <= size ==> aligned_at(\result, alignment(align));
    ensures row_9_chunk_does_not_wrap: usable;
    ensures row_10_small_is_in_its_chunk: 0 < size < MAX_BLOCK ==> in_chunk(\result, size);
    behavior as_hoped:
      assumes good_system && room_above && next != 0 && 0 < size;
      ensures aligned: aligned_at(\result, alignment(align));
      ensures in_chunk: size < MAX_BLOCK ==> in_chunk(\result, size) && \result + size <= pos;
      ensures usable: size < MAX_BLOCK ==> usable;
*/
static uintptr_t persistentalloc_2013(uintptr_t size, uintptr_t align)
{
    uintptr_t p;

    if (align) {
        if (align & (align - 1)) {
            throw(PERSIST_NOT_POWER_OF_TWO);
        }
        if (align > PAGE_SIZE) {
            throw(PERSIST_ALIGN_TOO_LARGE);
        }
    } else {
        align = 8;
    }
    if (size >= MAX_BLOCK) {
        return SysAlloc(size);
    }
    pos = round_up(pos, align);
    if (pos + size > end) {
        //@ assert row_11_nothing_is_stored_before_success: pos == \at(pos,Pre);
        pos = SysAlloc(CHUNK);
        if (pos == 0) {
            throw(PERSIST_NO_MEMORY);
        }
        end = pos + CHUNK;
    }
    p = pos;
    pos += size;
    return p;
}

#ifndef __FRAMAC__

/* ---- the seam to the harness ---- */

static jmp_buf *landing;
static uintptr_t pos_before;

static void throw(enum persist_status why)
{
    (void)why;
    adapter_failed = 1;
    asan_jump(landing, 1);
}

/* The system of 2013 answers with an address or not at all: its grants are of the size asked for. */
static uintptr_t SysAlloc(uintptr_t n)
{
    size_t granted = n;
    if (pos != pos_before) {
        broke(BROKE_PLACEMENT, "%zu bytes are given up before the system has answered",
              (size_t)(pos - pos_before));
    }
    return (uintptr_t)sys_alloc(n, n, &granted);
}

static void create(void)
{
    pos = end = 0;
}

static void *allocate(size_t size, size_t align)
{
    jmp_buf here;
    pos_before = pos;
    landing = &here;
    if (_setjmp(here) != 0) {
        return NULL;
    }
    return (void *)persistentalloc_2013(size, align);
}

/* ---- which defect it is that shows ---- */

enum { ROW_1, ROW_2, ROW_3, ROW_4, ROW_5, ROW_6, ROW_9, ROW_10, ROW_11 };

static const char *const rows[] = {
    "row-1-null-chunk-after-a-failure",
    "row-2-first-block-of-0-is-null",
    "row-3-block-of-0-is-anothers",
    "row-4-large-returns-null",
    "row-5-chunk-not-aligned",
    "row-6-large-not-aligned",
    "row-9-chunk-wraps",
    "row-10-rounding-passes-the-end",
    "row-11-stored-before-success",
    NULL,
};

/* The last chunk that was granted goes on past the last address. */
static int last_wraps(void)
{
    const struct request *last = system_requests == 0 ? NULL : &system_request[system_requests - 1];
    return last != NULL && last->base != 0 && UINTPTR_MAX - last->base < last->granted;
}

/* A small request failed and left an end: NULL and what follows it lies below that. */
static int failed_before(uintptr_t address)
{
    return address < end && address < CHUNK && system_requests > 1;
}

static int defect(enum property property, size_t size, uintptr_t address)
{
    switch (property) {
    case BROKE_ALIGNED:
        return size < MAX_BLOCK ? ROW_5 : ROW_6;
    case BROKE_PLACEMENT:
        return ROW_11;
    case BROKE_OUTCOME:
        return ROW_4;
    case BROKE_DISJOINT:
        return ROW_3;
    case BROKE_NOT_NULL:
    case BROKE_IN_GRANT:
        if (last_wraps()) {
            return ROW_9;
        }
        if (failed_before(address)) {
            return ROW_1;
        }
        if (size == 0) {
            return address == 0 ? ROW_2 : ROW_3;
        }
        return ROW_10;
    default:
        return -1;
    }
}

const struct adapter adapter = {
    .name = "seed2013",
    .create = create,
    .allocate = allocate,
    .align = {8, PAGE_SIZE, 1, "the block is aligned as asked; 0 stands for 8 (README.md)"},
    .zero_size = {ZERO_BLOCK, "size 0 is served as 1: no two blocks share an address (README.md)"},
    .failure = {FAILS_LOUDLY, "memory or a throw, never NULL (persist.h)"},
    .zeroed = "every byte of a block is zero (README.md)",
    .answers = 1u << ANSWER_REFUSE | 1u << ANSWER_SKEWED | 1u << ANSWER_WRAPS | 1u << ANSWER_TOP,
    .defect = defect,
    .defects = rows,
};

#endif
