/* persist: memory that is handed out once and lives as long as the process.
 *
 * Two layers. An *arena* (struct persist_arena) belongs to its caller: no lock, no global state, no
 * throw. `persistentalloc` serves the whole process from per-thread arenas and throws when it
 * cannot. The design follows the helper of the same name that the Go runtime gained in 2013
 * (see NOTICE); what is promised here beyond it is in the README's table of guarantees.
 *
 * Sizes, alignments and offsets are in bytes throughout.
 */
#ifndef PERSIST_H
#define PERSIST_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PERSIST_VERSION "0.1.0"

#define PERSIST_CHUNK 262144u    /* least that an arena wants from the system at a time */
#define PERSIST_LARGE 65536u     /* requests from this size on are counted as large */
#define PERSIST_DEFAULT_ALIGN 8u /* what an alignment of 0 stands for */
#define PERSIST_MAX_ALIGN 4096u  /* largest alignment; every region starts at a multiple of it */
#define PERSIST_MAX_SHIFT 12u    /* its base-2 logarithm */
#define PERSIST_REGIONS 200u     /* grants an arena can hold: each at least an eighth of the sum */
#define PERSIST_MOST (SIZE_MAX / 2) /* no arena ever holds more than this */

enum persist_status {
    PERSIST_OK,
    PERSIST_NOT_POWER_OF_TWO, /* the alignment is neither 0 nor a power of two */
    PERSIST_ALIGN_TOO_LARGE,  /* the alignment is a power of two above PERSIST_MAX_ALIGN */
    PERSIST_NO_MEMORY,        /* the system refused, or the limit or the region table is reached */
    PERSIST_BAD_MEMORY        /* the system's grant was misaligned, of a wrong size, or wrapped */
};
#define PERSIST_STATUSES 5u

struct persist_region {
    char *base, *end;
};

/* All zero is a valid empty arena. The fields are for the functions below alone. */
struct persist_arena {
    char *base; /* the current region; its bytes [0, off) are unused and zero */
    size_t off;
    size_t requested; /* sum of the sizes served, 0 counted as 1 */
    size_t granted;   /* sum of the regions' sizes */
    size_t tail;      /* unused bytes given up in regions that are no longer current */
    size_t large;     /* requests served of PERSIST_LARGE and more */
    size_t withheld;  /* the limit, as what it takes away from PERSIST_MOST */
    size_t current;   /* index of the current region */
    size_t count;     /* regions in use */
    size_t failures[PERSIST_STATUSES]; /* calls that failed, by status */
    struct persist_region region[PERSIST_REGIONS];
};

struct persist_stats {
    size_t requested, padding, tail, free, granted; /* the first four add up to the fifth */
    size_t regions;
    size_t large;
    size_t failures[PERSIST_STATUSES];
};

/* What the steps of a request hand on; in registers where the machine has them. */
struct persist_reply {
    enum persist_status status;
    void *block; /* NULL unless the status is PERSIST_OK */
};

/* A store that other threads may read at any time, and their load; to the prover, plain ones. A sum
 * that is loaded so too before it is stored is faster: gcc leaves the load a plain move, whose value
 * processors forward by renaming, not an operand of the addition, which waits for the last store. */
#ifdef __FRAMAC__
#define PERSIST_STORE(place, value) ((place) = (value))
#define PERSIST_LOAD(place) (place)
#else
#define PERSIST_STORE(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELAXED)
#define PERSIST_LOAD(place) __atomic_load_n(&(place), __ATOMIC_RELAXED)
#endif

/* Under AddressSanitizer unused space is poisoned (persist.c) until it is handed out. */
#if defined(__SANITIZE_ADDRESS__)
#define PERSIST_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define PERSIST_ASAN 1
#endif
#endif
#ifdef PERSIST_ASAN
void __asan_poison_memory_region(void const volatile *, size_t);
void __asan_unpoison_memory_region(void const volatile *, size_t);
#define PERSIST_HANDED_OUT(p, n) __asan_unpoison_memory_region(p, n)
#define PERSIST_UNUSED(p, n) __asan_poison_memory_region(p, n)
#else
#define PERSIST_HANDED_OUT(p, n) ((void)0)
#define PERSIST_UNUSED(p, n) ((void)0)
#endif

/* ---- what is proved: the words of the contracts ---- */

#ifdef __FRAMAC__
/* Predicates of values, so that a store to one field leaves what is known of the others as it is. */
#define SHAPED(a)                                                                                  \
    shaped((a)->count, (a)->off, (a)->current, (a)->base, (a)->region[(a)->current].base,          \
           (a)->region[(a)->current].end)
#define BALANCED(a) balanced((a)->requested, (a)->tail, (a)->off, (a)->granted, (a)->withheld)
#define SAME_BOOKS(a)                                                                              \
    ((a)->base == \old((a)->base) && (a)->off == \old((a)->off) &&                                 \
     (a)->current == \old((a)->current) && (a)->requested == \old((a)->requested) &&               \
     (a)->granted == \old((a)->granted) && (a)->tail == \old((a)->tail) &&                         \
     (a)->large == \old((a)->large) && (a)->count == \old((a)->count))
#define COUNTED_LARGE(a) counted_large((a)->large, (a)->requested)
/* Where the next region is entered, if the table is not full: what a call may change. */
#define NEXT_ENTRY(a) (a)->region[(a)->count < PERSIST_REGIONS ? (a)->count : PERSIST_REGIONS - 1]
#endif

/*@ lemma product_divides: \forall integer x, m; 0 < m && 0 <= x ==> (m * x) % m == 0; */

/*@ // A request as it is served. The figures that are promised stand here as numbers, apart from the
    // code's: a change of those breaks the proof.
    logic integer length(integer size) = size == 0 ? 1 : size;
    logic integer alignment(integer align) = align == 0 ? 8 : align;
    predicate power_of_two(integer a) =
      \exists integer k; 0 <= k < 8 * sizeof(size_t) && a == (1 << k);
    predicate good_alignment(integer align) =
      power_of_two(alignment(align)) && alignment(align) <= 4096;
    predicate small_power(integer a) =
      a == 1 || a == 2 || a == 4 || a == 8 || a == 16 || a == 32 || a == 64 || a == 128 ||
      a == 256 || a == 512 || a == 1024 || a == 2048 || a == 4096;

    // Addresses are consecutive numbers; memory is zero; memory does not overlap.
    predicate flat(char *p, integer n) =
      \forall integer i; 0 <= i <= n ==> (uintptr_t)(p + i) == (uintptr_t)p + i;
    predicate zeroed{L}(char *p, integer n) = \forall integer i; 0 <= i < n ==> p[i] == 0;
    predicate apart(char *p, integer n, char *q, integer m) =
      \separated(p + (0 .. n - 1), q + (0 .. m - 1));
    predicate good_place(char *p, integer n) =
      0 <= (uintptr_t)p && (uintptr_t)p % 4096 == 0 && (uintptr_t)p + n <= UINTPTR_MAX;
    predicate memory{L}(char *p, integer n) =
      p != \null && 0 < n <= SIZE_MAX / 2 && good_place(p, n) && flat(p, n) && \valid(p + (0 .. n - 1));
    predicate region{L}(char *base, char *end) =
      end == base + (end - base) && memory(base, end - base);

    // What every function keeps; true of an arena that is all zero.
    predicate shaped(integer count, integer off, integer current, char *base, char *region,
                     char *end) =
      0 <= count <= 200 && 0 <= off && 0 <= current &&
      (0 < off ==> current < count && base == region && off <= end - base);
    predicate regions{L}(struct persist_arena *a, integer n) =
      \forall integer i; 0 <= i < n ==> region(a->region[i].base, a->region[i].end);
    predicate balanced(integer requested, integer tail, integer off, integer granted,
                       integer withheld) =
      0 <= requested && 0 <= tail && 0 <= withheld <= SIZE_MAX / 2 &&
      requested + tail + off <= granted <= SIZE_MAX / 2;
    predicate counted_large(integer large, integer requested) =
      0 <= large && large * 65536 <= requested;
    predicate sound{L}(struct persist_arena *a) =
      SHAPED(a) && regions(a, a->count) && zeroed(a->base, a->off) && BALANCED(a) &&
      COUNTED_LARGE(a);

    predicate apart_from_regions{L}(struct persist_arena *a, integer n, char *p, integer m) =
      \forall integer i; 0 <= i < n ==>
        apart(p, m, a->region[i].base, a->region[i].end - a->region[i].base);

    // What a call leaves alone.
    predicate same_regions{A,B}(struct persist_arena *a, integer n) =
      \forall integer i; 0 <= i < n ==> \at(a->region[i].base,A) == \at(a->region[i].base,B) &&
                                        \at(a->region[i].end,A) == \at(a->region[i].end,B);
    predicate same_failures{A,B}(struct persist_arena *a) =
      \forall integer i; 0 <= i < 5 ==>
        \at(a->failures[i],A) == \at(a->failures[i],B);
    predicate same_current{A,B}(struct persist_arena *a) =
      \at(a->base,A) == \at(a->base,B) && \at(a->current,A) == \at(a->current,B);
    predicate same_sums{A,B}(struct persist_arena *a) =
      \at(a->granted,A) == \at(a->granted,B) && \at(a->tail,A) == \at(a->tail,B) &&
      \at(a->count,A) == \at(a->count,B);

    // The block p of n bytes.
    logic integer padding{L}(struct persist_arena *a) =
      a->granted - a->off - a->tail - a->requested;
    predicate within(char *p, integer n, char *base, char *end) =
      0 <= p - base && p == base + (p - base) && (p - base) + n <= end - base;
    predicate in_one_region{L}(struct persist_arena *a, char *p, integer n) =
      (a->current < a->count &&
        within(p, n, a->region[a->current].base, a->region[a->current].end)) ||
      (0 < a->count &&
        within(p, n, a->region[a->count - 1].base, a->region[a->count - 1].end));
    predicate counted{A,B}(struct persist_arena *a, integer size) =
      \at(a->requested,B) == \at(a->requested,A) + size &&
      \at(a->large,B) == \at(a->large,A) + (size >= 65536 ? 1 : 0);
    predicate padded{A,B}(struct persist_arena *a, integer m) =
      0 <= padding{B}(a) - padding{A}(a) < m;
    predicate entry{L}(struct persist_arena *a, integer i, char *p, integer n) =
      a->region[i].base == p && a->region[i].end == p + n;
    predicate grown{A,B}(struct persist_arena *a, char *p, integer n) =
      \at(a->count,B) == \at(a->count,A) + 1 && \at(a->granted,B) == \at(a->granted,A) + n &&
      entry{B}(a, \at(a->count,A), p, n);
    predicate failure_counted{A,B}(struct persist_arena *a, integer status) =
      \forall integer i; 0 <= i < 5 ==> \at(a->failures[i],B) ==
        (i == status && \at(a->failures[i],A) < SIZE_MAX ? \at(a->failures[i],A) + 1
                                                          : \at(a->failures[i],A));
    predicate in_region{L}(struct persist_arena *a, integer i, integer x) =
      (uintptr_t)a->region[i].base <= x < (uintptr_t)a->region[i].end;
    predicate aligned(char *p, integer m) = (uintptr_t)p % m == 0;

    // A block as it is handed out, and what the arena's books say of it.
    predicate served{L}(struct persist_arena *a, char *p, integer n, integer m) =
      aligned(p, m) && in_one_region(a, p, n) && \valid(p + (0 .. n - 1)) && zeroed(p, n) &&
      apart(p, n, a->base, a->off);
    predicate booked{A,B}(struct persist_arena *a, integer n, integer m) =
      counted{A,B}(a, n) && padded{A,B}(a, m) && same_failures{A,B}(a);


    // A block out of a new grant: the arena goes on with its rest or with what it had, the larger.
    predicate in_grant(char *p, integer n, char *grant, integer granted) =
      within(p, n, grant, grant + granted);
    predicate larger_kept{A,B}(struct persist_arena *a, integer n, char *grant, integer granted) =
      granted - n < \at(a->off,A)
        ? same_current{A,B}(a) && \at(a->off,B) == \at(a->off,A)
        : \at(a->base,B) == grant && \at(a->off,B) + n <= granted &&
            \at(a->current,B) == \at(a->count,A);
    predicate served_from{A,B}(struct persist_arena *a, char *p, integer n, char *grant,
                               integer granted) =
      grown{A,B}(a, grant, granted) && in_grant(p, n, grant, granted) &&
      larger_kept{A,B}(a, n, grant, granted);
*/

/* The system, as a prophecy: what it will answer to the next question, and a record of the last. */
/*@ ghost char *sys_next; size_t sys_next_size; */
/*@ ghost size_t sys_calls, sys_minimum, sys_wanted; */
/*@ predicate good_answer(char *p, integer n, integer minimum, integer wanted) =
      p != \null && minimum <= n <= wanted && good_place(p, n);

    // What to ask for: an eighth of what the arena has, at least a chunk, at least the size, in
    // whole pages; no more than there is room for. Less than the size: nothing is asked.
    logic integer room{L}(struct persist_arena *a) =
      a->granted < SIZE_MAX / 2 - a->withheld ? SIZE_MAX / 2 - a->withheld - a->granted : 0;
    logic integer whole_pages(integer n) = n + (4096 - 1 - (n - 1) % 4096);
    logic integer at_least(integer n, integer m) = n < m ? m : n;
    logic integer growth(integer granted, integer size) =
      whole_pages(at_least(at_least(granted / 8, 262144), size));
    logic integer wanted{L}(struct persist_arena *a, integer size, integer room) =
      a->count == 200 || size > room ? 0
        : growth(a->granted, size) < room ? growth(a->granted, size) : room;
    predicate asks{L}(struct persist_arena *a, integer size) = wanted(a, size, room(a)) >= size;
    predicate answered{L}(struct persist_arena *a, integer size) =
      good_answer(sys_next, sys_next_size, size, wanted(a, size, room(a)));

    predicate not_asked{A,B} = \at(sys_calls,A) == \at(sys_calls,B);
    predicate asked_once{A,B}(integer minimum, integer wanted) =
      \at(sys_calls,B) == (size_t)(\at(sys_calls,A) + 1) && \at(sys_minimum,B) == minimum &&
      \at(sys_wanted,B) == wanted;
*/

/* Any memory that exists before a call: a block handed out earlier, by this arena or another, an
 * arena itself, anything of the program's. Arbitrary and never assigned: what is proved of it is
 * proved of all. */
/*@ ghost char *bystander; size_t bystander_size; */
/*@ predicate clear{L}(char *p, integer n) = apart(p, n, bystander, bystander_size);
    predicate unused_clear{L}(struct persist_arena *a) = clear(a->base, a->off);
*/

/* ---- arenas ---- */

/* The only shift whose power of two `align` can be, if any serves. A hint: callers check it, and to
 * the prover it is any number. */
/*@ terminates \true; exits \false;
    assigns \result \from align;
*/
static inline unsigned persist_shift_hint(size_t align)
#ifdef __FRAMAC__
    ;
#else
{
    size_t some = align | PERSIST_MAX_ALIGN; /* of 0 there is no count */
#if __SIZEOF_SIZE_T__ > __SIZEOF_LONG__
    return (unsigned)__builtin_ctzll(some);
#else
    return (unsigned)__builtin_ctzl(some);
#endif
}
#endif

/* off - size, which is below `off` only where size is neither 0 nor more than off: one comparison
 * decides both. As above a hint. */
/*@ terminates \true; exits \false;
    assigns \result \from off, size;
*/
static inline size_t persist_rest_hint(size_t off, size_t size)
#ifdef __FRAMAC__
    ;
#else
{
    return off - size;
}
#endif

/* What `align` stands for where the compiler knows it, so that 0 costs nothing there; else `align`
 * itself, and 0 takes the slow path. As above a hint. */
/*@ terminates \true; exits \false;
    assigns \result \from align;
*/
static inline size_t persist_alignment_hint(size_t align)
#ifdef __FRAMAC__
    ;
#else
{
    int known = __builtin_constant_p(align), unsaid = align == 0;
    return align + (unsigned)(known & unsaid) * PERSIST_DEFAULT_ALIGN;
}
#endif

/*@ ghost
    /@ requires shift <= PERSIST_MAX_SHIFT;
       terminates \true; exits \false;
       assigns \nothing;
       ensures range: 1 <= (1 << shift) <= PERSIST_MAX_ALIGN;
       ensures divides: (1 << shift) * (1 << (PERSIST_MAX_SHIFT - shift)) == PERSIST_MAX_ALIGN;
    @/
    static inline void power_divides(unsigned shift)
    {
        unsigned i = 0;
        size_t w = 1;
        /@ loop invariant range: 0 <= i <= shift && 1 <= w <= 4096;
           loop invariant power: w == (1 << i);
           loop invariant rest: w * (1 << (12 - i)) == 4096 && 1 <= (1 << (12 - i));
           loop assigns i, w; loop variant shift - i; @/
        while (i < shift) {
            /@ assert twice: ((1 << i) << 1) == 2 * (1 << i); @/
            /@ assert next: ((1 << i) << 1) == (1 << (i + 1)); @/
            /@ assert back: ((1 << (11 - i)) << 1) == (1 << (12 - i)); @/
            /@ assert half: (1 << (12 - i)) == 2 * (1 << (11 - i)); @/
            /@ assert rest: (2 * w) * (1 << (11 - i)) == 4096; @/
            w = w * 2;
            i = i + 1;
        }
    }

    /@ requires divisor: 0 < m;
       requires base: base == m * x;
       requires off: off == m * y;
       terminates \true; exits \false;
       assigns \nothing;
       ensures aligned: (base + off) % m == 0;
    @/
    static inline void sum_is_multiple(uintptr_t base, size_t off, size_t m, size_t x, size_t y)
    {
        /@ assert sum: base + off == m * (x + y); @/
        /@ assert product: (m * (x + y)) % m == 0; @/
    }

    /@ terminates \true; exits \false;
       assigns \nothing;
       ensures sign: 0 <= a * b;
    @/
    static inline void product_is_not_negative(size_t a, size_t b)
    {
    }

    /@ requires order: b <= c;
       requires fits: a * c <= SIZE_MAX;
       terminates \true; exits \false;
       assigns \nothing;
       ensures fits: a * b <= SIZE_MAX;
    @/
    static inline void product_grows(size_t a, size_t b, size_t c)
    {
        size_t d = c - b;
        product_is_not_negative(a, d);
        /@ assert sum: a * (b + d) == a * b + a * d; @/
        /@ assert whole: c == b + d; @/
    }

    /@ requires divides: 0 < m && 0 < q && m * q == PERSIST_MAX_ALIGN;
       requires page: address % PERSIST_MAX_ALIGN == 0;
       terminates \true; exits \false;
       assigns \nothing;
       ensures multiple: address == m * \result;
    @/
    static inline size_t multiple_of(uintptr_t address, size_t m, size_t q)
    {
        size_t pages = address / PERSIST_MAX_ALIGN;
        /@ assert page: address == PERSIST_MAX_ALIGN * pages; @/
        /@ assert few: q <= PERSIST_MAX_ALIGN; @/
        product_grows(pages, q, PERSIST_MAX_ALIGN);
        size_t x = q * pages;
        /@ assert same: PERSIST_MAX_ALIGN * pages == (m * q) * pages; @/
        /@ assert regrouped: (m * q) * pages == m * x; @/
        return x;
    }

    /@ requires shift <= PERSIST_MAX_SHIFT;
       requires page: address % PERSIST_MAX_ALIGN == 0;
       terminates \true; exits \false;
       assigns \nothing;
       ensures range: 1 <= (1 << shift);
       ensures aligned: address % (1 << shift) == 0;
    @/
    static inline void page_is_aligned(uintptr_t address, unsigned shift)
    {
        power_divides(shift);
        size_t m = (size_t)1 << shift, q = (size_t)1 << (PERSIST_MAX_SHIFT - shift);
        /@ assert power: m == (1 << shift); @/
        /@ assert divides: m * q == PERSIST_MAX_ALIGN; @/
        sum_is_multiple(address, 0, m, multiple_of(address, m, q), 0);
    }
*/

/*@ terminates \true; exits \false;
    assigns \result \from size;
    ensures rule: \result == length(size);
*/
static inline size_t persist_length(size_t size)
{
    return size == 0 ? 1u : size;
}

/*@ terminates \true; exits \false;
    assigns \result \from align;
    ensures rule: \result == alignment(align);
*/
static inline size_t persist_alignment(size_t align)
{
    return align == 0 ? PERSIST_DEFAULT_ALIGN : align;
}

/*@ requires shift <= PERSIST_MAX_SHIFT;
    terminates \true; exits \false;
    assigns \result \from shift;
    ensures value: \result == (1 << shift);
    ensures range: 1 <= \result <= PERSIST_MAX_ALIGN;
    ensures divides: \result * (1 << (PERSIST_MAX_SHIFT - shift)) == PERSIST_MAX_ALIGN;
*/
static inline size_t persist_power(unsigned shift)
{
    //@ ghost power_divides(shift);
    return (size_t)1 << shift;
}

/* The largest multiple of m that is at most `off`; from an aligned base, an aligned address. */
/*@ requires divides: 0 < m && 0 <= q && m * q == PERSIST_MAX_ALIGN;
    requires base: base % PERSIST_MAX_ALIGN == 0;
    terminates \true; exits \false;
    assigns \result \from off, m;
    ensures down: \result <= off;
    ensures near: off - \result < m;
    ensures aligned: (base + \result) % m == 0;
*/
static inline size_t persist_round_down(size_t off,
                                        size_t m) /*@ ghost (size_t q, uintptr_t base) */
{
    //@ assert remainder: off % m < m;
    //@ assert quotient: (size_t)(off / m) == off / m;
    //@ assert whole: off / m * m == off - off % m;
    size_t r = off / m * m;
    //@ assert rest: off - r == off % m;
    //@ assert multiple: r == m * (off / m);
    //@ assert down: r <= off;
    //@ ghost sum_is_multiple(base, r, m, multiple_of(base, m, q), off / m);
    return r;
}

/* Where in the current region, below `off`, a block ends up... */
/*@ requires shift <= PERSIST_MAX_SHIFT;
    requires base: base % PERSIST_MAX_ALIGN == 0;
    terminates \true; exits \false;
    assigns \result \from off, shift;
    ensures down: \result <= off;
    ensures near: off - \result < (1 << shift);
    ensures aligned: (base + \result) % (1 << shift) == 0;
*/
static inline size_t persist_align_down(size_t off, unsigned shift) /*@ ghost (uintptr_t base) */
{
    size_t m = persist_power(shift);
    //@ ghost size_t q = (size_t)1 << (PERSIST_MAX_SHIFT - shift);
    return persist_round_down(off, m) /*@ ghost (q, base) */;
}

/*@ requires memory: memory(base, n);
    requires fits: off + size <= room <= n && 0 < size;
    requires zeroed: zeroed(base, room);
    terminates \true; exits \false;
    assigns \result \from base, off;
    ensures block: \result == base + off && \result != \null;
    ensures address: (uintptr_t)\result == (uintptr_t)base + off;
    ensures valid: \valid(\result + (0 .. size - 1));
    ensures zeroed: \forall integer i; 0 <= i < size ==> \result[i] == 0;
*/
static inline char *persist_block(char *base, size_t off)
/*@ ghost (size_t size, size_t room, size_t n) */
{
    //@ assert shifted: \forall integer i; 0 <= i < size ==> base[off + i] == 0;
    return base + off;
}

/* Hands out the top of the current region's unused part; the caller has checked that it fits, and
 * counts a large request after it. */
/*@ requires arena: \valid(arena) && sound(arena);
    requires fits: 0 < size <= arena->off;
    requires shift: shift <= PERSIST_MAX_SHIFT;
    terminates \true; exits \false;
    assigns arena->off, arena->requested
      \from arena->off, arena->requested, arena->base, size, shift;
    assigns \result \from arena->base, arena->off, size, shift;
    ensures books: SHAPED(arena) && BALANCED(arena) && COUNTED_LARGE(arena);
    ensures unused_zero: zeroed(arena->base, arena->off);
    ensures block: \result == arena->base + arena->off && \result != \null;
    ensures below: arena->off + size <= \old(arena->off);
    ensures aligned: aligned((char *)\result, 1 << shift);
    ensures in_one_region: in_one_region(arena, (char *)\result, size);
    ensures valid: \valid((char *)\result + (0 .. size - 1));
    ensures zeroed: zeroed((char *)\result, size);
    ensures given_up: apart((char *)\result, size, arena->base, arena->off);
    ensures overlaps_nothing: \old(unused_clear(arena)) ==> clear((char *)\result, size);
    ensures stays_clear: \old(unused_clear(arena)) ==> unused_clear(arena);
    ensures requested: arena->requested == \old(arena->requested) + size;
    ensures padded: padded{Pre,Post}(arena, 1 << shift);
*/
static inline void *persist_bump(struct persist_arena *arena, size_t size, unsigned shift)
{
    //@ assert region: region(arena->base, arena->region[arena->current].end);
    //@ ghost size_t n = (size_t)(arena->region[arena->current].end - arena->base);
    //@ assert current: arena->current < arena->count && memory(arena->base, n) && arena->off <= n;
    size_t off = persist_align_down(arena->off - size, shift) /*@ ghost ((uintptr_t)arena->base) */;
    //@ assert fits: 0 <= off && off + size <= arena->off;
    //@ ghost size_t room = arena->off;
    PERSIST_STORE(arena->off, off);
    PERSIST_STORE(arena->requested, PERSIST_LOAD(arena->requested) + size);
    char *block = persist_block(arena->base, off) /*@ ghost (size, room, n) */;
    //@ assert zeroed: zeroed(block, size);
    PERSIST_HANDED_OUT(block, size);
    return block;
}

/*@ ghost
    // WP itself sees each field through the stores before; of a whole memory a prover has to.
    /@ requires parts: SHAPED(arena) && regions(arena, arena->count) &&
         zeroed(arena->base, arena->off) && BALANCED(arena) && COUNTED_LARGE(arena);
       terminates \true; exits \false;
       assigns \nothing;
       ensures sound: sound(arena);
    @/
    static inline void is_sound(const struct persist_arena *arena)
    {
    }
*/

/* A store through a caller's pointer, apart from the rest: the proof that it leaves the arena alone
 * is made once. */
/*@ requires arena: \valid(arena) && sound(arena);
    requires out: \valid(out) && \separated(out, arena);
    requires at: at < PERSIST_REGIONS;
    terminates \true; exits \false;
    assigns *out \from block;
    ensures out: *out == block;
    ensures sound: sound(arena);
    ensures served: \old(served(arena, (char *)block, size, align)) ==>
      served(arena, (char *)block, size, align);
    ensures same_base: arena->base == \old(arena->base);
    ensures same_entry: arena->region[at].base == \old(arena->region[at].base) &&
      arena->region[at].end == \old(arena->region[at].end);
    ensures same_regions: same_regions{Pre,Post}(arena, PERSIST_REGIONS);
*/
static inline void persist_deliver(void **out, void *block)
/*@ ghost (struct persist_arena *arena, size_t size, size_t align, size_t at) */
{
    *out = block;
    //@ assert same: same_regions{Pre,Here}(arena, PERSIST_REGIONS);
    //@ assert shape: SHAPED(arena);
    //@ assert regions: regions(arena, arena->count);
}

/*@ requires arena: \valid(arena) && sound(arena);
    requires out: \valid(out) && \separated(out, arena);
    requires fits: 0 < size <= arena->off && size < PERSIST_LARGE;
    requires shift: shift <= PERSIST_MAX_SHIFT;
    terminates \true; exits \false;
    assigns *out, arena->off, arena->requested \from arena->off, arena->requested, arena->base, size, shift;
    ensures sound: sound(arena);
    ensures served: served(arena, (char *)*out, size, 1 << shift);
    ensures overlaps_nothing: \old(unused_clear(arena)) ==> clear((char *)*out, size);
    ensures stays_clear: \old(unused_clear(arena)) ==> unused_clear(arena);
    ensures counted: counted{Pre,Post}(arena, size);
    ensures padded: padded{Pre,Post}(arena, 1 << shift);
    ensures same_regions: same_regions{Pre,Post}(arena, \old(arena->count));
    ensures same_current: same_current{Pre,Post}(arena);
    ensures below: arena->off + size <= \old(arena->off);
    ensures block: (char *)*out == arena->base + arena->off;
*/
static inline void persist_take(struct persist_arena *arena, size_t size, unsigned shift,
                                void **out)
{
    void *block = persist_bump(arena, size, shift);
    //@ ghost is_sound(arena);
    //@ ghost power_divides(shift);
    persist_deliver(out, block) /*@ ghost (arena, size, (size_t)1 << shift, 0) */;
}

/* The check of the hints, which compilers see to hold. (With the size's in one function, three terms
 * under &, Alt-Ergo 2.0.0 proves what is not true.) */
/*@ requires rest: rest < off;
    terminates \true; exits \false;
    assigns \result \from off, rest, size, shift;
    ensures bit: \result == 0 || \result == 1;
    ensures rule: \result == 1 <==> rest + size == off && shift <= PERSIST_MAX_SHIFT;
*/
static inline int persist_hints_hold(size_t off, size_t rest, size_t size, unsigned shift)
{
    int whole = off - rest == size, known = shift <= PERSIST_MAX_SHIFT;
    return whole & known;
}

/* One branch, for the size alone. */
/*@ requires rest: rest < off;
    terminates \true; exits \false;
    assigns \result \from off, rest, size, shift;
    ensures rule: \result != 0 <==>
      rest + size == off && shift <= PERSIST_MAX_SHIFT && size < PERSIST_LARGE;
*/
static inline int persist_is_small(size_t off, size_t rest, size_t size, unsigned shift)
{
    int hold = persist_hints_hold(off, rest, size, shift), small = size < PERSIST_LARGE;
    return hold & small;
}

/* Whether persist_take serves the request out of `off` unused bytes, of which `rest` stay. */
/*@ terminates \true; exits \false;
    assigns \result \from off, rest, size, align, shift;
    ensures rule: \result != 0 <==> 0 < size < PERSIST_LARGE && rest + size == off &&
      shift <= PERSIST_MAX_SHIFT && align == (1 << shift);
    ensures range: \result != 0 ==> 0 < align <= PERSIST_MAX_ALIGN;
*/
static inline int persist_is_fast(size_t off, size_t rest, size_t size, size_t align,
                                  unsigned shift)
{
    return rest < off && persist_is_small(off, rest, size, shift) && persist_power(shift) == align;
}

/* The check of persist_alignment_hint, which compilers see to hold: no branch, for none is taken. */
/*@ terminates \true; exits \false;
    assigns \result \from a, align;
    ensures rule: \result != 0 <==> a == align || (align == 0 && a == PERSIST_DEFAULT_ALIGN);
*/
static inline int persist_stands_for(size_t a, size_t align)
{
    int same = a == align, unsaid = align == 0, standard = a == PERSIST_DEFAULT_ALIGN;
    return same | (unsaid & standard);
}

/* The cases that persist_arena_alloc leaves: size 0, large, no room, an alignment it refuses. */
/*@ requires arena: \valid(arena) && sound(arena);
    terminates \true; exits \false;
    assigns arena->base, arena->off, arena->current, arena->requested, arena->granted, arena->tail,
      arena->large, arena->count, NEXT_ENTRY(arena).base, NEXT_ENTRY(arena).end,
      arena->failures[1], arena->failures[2], arena->failures[3], arena->failures[4],
      sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size, \result
      \from *arena, size, align, sys_next, sys_next_size;
    ensures sound: sound(arena);
    ensures served: \result.status == PERSIST_OK ==>
      served(arena, (char *)\result.block, length(size), alignment(align));
    ensures overlaps_nothing: \result.status == PERSIST_OK ==>
      \old(unused_clear(arena)) ==> clear((char *)\result.block, length(size));
    ensures stays_clear: \old(unused_clear(arena)) ==> unused_clear(arena);
    ensures booked: \result.status == PERSIST_OK ==>
      booked{Pre,Post}(arena, length(size), alignment(align));
    ensures same_regions: same_regions{Pre,Post}(arena, \old(arena->count));
    ensures failed: \result.status != PERSIST_OK ==> \result.block == \null && SAME_BOOKS(arena) &&
      failure_counted{Pre,Post}(arena, \result.status);
    behavior not_power_of_two:
      assumes !power_of_two(alignment(align));
      ensures not_asked: \result.status == PERSIST_NOT_POWER_OF_TWO && not_asked{Pre,Post};
    behavior align_too_large:
      assumes power_of_two(alignment(align)) && alignment(align) > PERSIST_MAX_ALIGN;
      ensures not_asked: \result.status == PERSIST_ALIGN_TOO_LARGE && not_asked{Pre,Post};
    behavior fits:
      assumes good_alignment(align) && length(size) <= arena->off;
      ensures not_asked: \result.status == PERSIST_OK && not_asked{Pre,Post};
      ensures below: arena->off + length(size) <= \old(arena->off);
      ensures same_sums: same_sums{Pre,Post}(arena) && same_current{Pre,Post}(arena);
      ensures block: (char *)\result.block == arena->base + arena->off;
    behavior no_room:
      assumes good_alignment(align) && length(size) > arena->off;
      assumes !asks(arena, length(size));
      ensures not_asked: \result.status == PERSIST_NO_MEMORY && not_asked{Pre,Post};
    behavior refused:
      assumes good_alignment(align) && length(size) > arena->off;
      assumes asks(arena, length(size)) && sys_next == \null;
      ensures asked_once: \result.status == PERSIST_NO_MEMORY &&
        asked_once{Pre,Post}(length(size), \old(wanted(arena, length(size), room(arena))));
    behavior bad_memory:
      assumes good_alignment(align) && length(size) > arena->off;
      assumes asks(arena, length(size)) && sys_next != \null && !answered(arena, length(size));
      ensures asked_once: \result.status == PERSIST_BAD_MEMORY &&
        asked_once{Pre,Post}(length(size), \old(wanted(arena, length(size), room(arena))));
    behavior granted:
      assumes good_alignment(align) && length(size) > arena->off;
      assumes asks(arena, length(size)) && answered(arena, length(size));
      ensures asked_once: \result.status == PERSIST_OK &&
        asked_once{Pre,Post}(length(size), \old(wanted(arena, length(size), room(arena))));
      ensures served_from: served_from{Pre,Post}(arena, (char *)\result.block, length(size),
        \old(sys_next), \old(sys_next_size));
      ensures within_limit: arena->granted <= PERSIST_MOST - arena->withheld;
      ensures grant_apart:
        apart_from_regions(arena, \old(arena->count), \old(sys_next), \old(sys_next_size));
    complete behaviors; disjoint behaviors;
*/
struct persist_reply persist_arena_alloc_slow(struct persist_arena *arena, size_t size,
                                              size_t align) __attribute__((cold));

/* The same, for the caller: its variable, whose address no other function sees, can stay in a register. */
/*@ requires arena: \valid(arena) && sound(arena);
    requires out: \valid(out) && \separated(out, arena);
    requires out_not_unused: \separated(out, arena->base + (0 .. arena->off - 1));
    terminates \true; exits \false;
    assigns arena->base, arena->off, arena->current, arena->requested, arena->granted, arena->tail,
      arena->large, arena->count, NEXT_ENTRY(arena).base, NEXT_ENTRY(arena).end,
      arena->failures[1], arena->failures[2], arena->failures[3], arena->failures[4],
      *out, sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size, \result
      \from *arena, size, align, sys_next, sys_next_size;
    ensures sound: sound(arena);
    ensures served: \result == PERSIST_OK ==>
      served(arena, (char *)*out, length(size), alignment(align));
    ensures overlaps_nothing: \result == PERSIST_OK ==>
      \old(unused_clear(arena)) ==> clear((char *)*out, length(size));
    ensures stays_clear: \old(unused_clear(arena)) ==> unused_clear(arena);
    ensures booked: \result == PERSIST_OK ==>
      booked{Pre,Post}(arena, length(size), alignment(align));
    ensures same_regions: same_regions{Pre,Post}(arena, \old(arena->count));
    ensures failed: \result != PERSIST_OK ==> *out == \old(*out) && SAME_BOOKS(arena) &&
      failure_counted{Pre,Post}(arena, \result);
    behavior not_power_of_two:
      assumes !power_of_two(alignment(align));
      ensures not_asked: \result == PERSIST_NOT_POWER_OF_TWO && not_asked{Pre,Post};
    behavior align_too_large:
      assumes power_of_two(alignment(align)) && alignment(align) > PERSIST_MAX_ALIGN;
      ensures not_asked: \result == PERSIST_ALIGN_TOO_LARGE && not_asked{Pre,Post};
    behavior fits:
      assumes good_alignment(align) && length(size) <= arena->off;
      ensures not_asked: \result == PERSIST_OK && not_asked{Pre,Post};
      ensures below: arena->off + length(size) <= \old(arena->off);
      ensures same_sums: same_sums{Pre,Post}(arena) && same_current{Pre,Post}(arena);
      ensures block: (char *)*out == arena->base + arena->off;
    behavior no_room:
      assumes good_alignment(align) && length(size) > arena->off;
      assumes !asks(arena, length(size));
      ensures not_asked: \result == PERSIST_NO_MEMORY && not_asked{Pre,Post};
    behavior refused:
      assumes good_alignment(align) && length(size) > arena->off;
      assumes asks(arena, length(size)) && sys_next == \null;
      ensures asked_once: \result == PERSIST_NO_MEMORY &&
        asked_once{Pre,Post}(length(size), \old(wanted(arena, length(size), room(arena))));
    behavior bad_memory:
      assumes good_alignment(align) && length(size) > arena->off;
      assumes asks(arena, length(size)) && sys_next != \null && !answered(arena, length(size));
      ensures asked_once: \result == PERSIST_BAD_MEMORY &&
        asked_once{Pre,Post}(length(size), \old(wanted(arena, length(size), room(arena))));
    behavior granted:
      assumes good_alignment(align) && length(size) > arena->off;
      assumes asks(arena, length(size)) && answered(arena, length(size));
      ensures asked_once: \result == PERSIST_OK &&
        asked_once{Pre,Post}(length(size), \old(wanted(arena, length(size), room(arena))));
      ensures served_from: served_from{Pre,Post}(arena, (char *)*out, length(size),
        \old(sys_next), \old(sys_next_size));
      ensures within_limit: arena->granted <= PERSIST_MOST - arena->withheld;
      ensures grant_apart:
        apart_from_regions(arena, \old(arena->count), \old(sys_next), \old(sys_next_size));
    complete behaviors; disjoint behaviors;
*/
static inline enum persist_status persist_take_slow(struct persist_arena *arena, size_t size,
                                                    size_t align, void **out)
{
    //@ assert entry: \separated(out, &NEXT_ENTRY(arena).base) && \separated(out, &NEXT_ENTRY(arena).end);
    //@ ghost size_t next = arena->count < PERSIST_REGIONS ? arena->count : PERSIST_REGIONS - 1;
    struct persist_reply reply = persist_arena_alloc_slow(arena, size, align);
    //@ assert kept: *out == \at(*out,Pre);
    if (reply.status == PERSIST_OK) {
        //@ ghost size_t length = size == 0 ? 1u : size;
        //@ ghost size_t a = align == 0 ? PERSIST_DEFAULT_ALIGN : align;
        //@ assert request: length == length(size) && a == alignment(align);
        //@ for granted: assert grown: grown{Pre,Here}(arena, \at(sys_next,Pre), \at(sys_next_size,Pre));
        /*@ for granted: assert larger_kept:
              larger_kept{Pre,Here}(arena, length(size), \at(sys_next,Pre), \at(sys_next_size,Pre)); */
        persist_deliver(out, reply.block) /*@ ghost (arena, length, a, next) */;
        //@ assert count: 0 <= \at(arena->count,Pre) <= PERSIST_REGIONS;
        //@ assert same: same_regions{Pre,Here}(arena, \at(arena->count,Pre));
        //@ for granted: assert apart: apart_from_regions(arena, \at(arena->count,Pre), \at(sys_next,Pre), \at(sys_next_size,Pre));
        //@ for granted: assert grown: grown{Pre,Here}(arena, \at(sys_next,Pre), \at(sys_next_size,Pre));
        /*@ for granted: assert larger_kept:
              larger_kept{Pre,Here}(arena, length(size), \at(sys_next,Pre), \at(sys_next_size,Pre)); */
    }
    return reply.status;
}

/* Stores in *out the address of `size` zeroed bytes (0 is served as 1) at a multiple of `align` (0
 * stands for PERSIST_DEFAULT_ALIGN), inside one region of the arena, overlapping no other block of
 * any arena. Returns PERSIST_OK; or the reason, and then only the failure counter has changed: *out
 * keeps its value, and the next call tries again. Asks the system at most once. Not for two threads
 * at once on one arena. */
/*@ requires arena: \valid(arena) && sound(arena);
    requires out: \valid(out) && \separated(out, arena);
    requires out_not_unused: \separated(out, arena->base + (0 .. arena->off - 1));
    terminates \true; exits \false;
    assigns arena->base, arena->off, arena->current, arena->requested, arena->granted, arena->tail,
      arena->large, arena->count, NEXT_ENTRY(arena).base, NEXT_ENTRY(arena).end,
      arena->failures[1], arena->failures[2], arena->failures[3], arena->failures[4],
      *out, sys_calls, sys_minimum, sys_wanted, sys_next, sys_next_size, \result
      \from *arena, size, align, sys_next, sys_next_size;
    ensures sound: sound(arena);
    ensures aligned: \result == PERSIST_OK ==> aligned((char *)*out, alignment(align));
    ensures in_one_region:
      \result == PERSIST_OK ==> in_one_region(arena, (char *)*out, length(size));
    ensures valid: \result == PERSIST_OK ==> \valid((char *)*out + (0 .. length(size) - 1));
    ensures zeroed: \result == PERSIST_OK ==> zeroed((char *)*out, length(size));
    ensures overlaps_nothing: \result == PERSIST_OK ==>
      \old(unused_clear(arena)) ==> clear((char *)*out, length(size));
    ensures stays_clear: \old(unused_clear(arena)) ==> unused_clear(arena);
    ensures given_up:
      \result == PERSIST_OK ==> apart((char *)*out, length(size), arena->base, arena->off);
    ensures counted: \result == PERSIST_OK ==> counted{Pre,Post}(arena, length(size));
    ensures padded: \result == PERSIST_OK ==> padded{Pre,Post}(arena, alignment(align));
    ensures same_regions: same_regions{Pre,Post}(arena, \old(arena->count));
    ensures same_limit: arena->withheld == \old(arena->withheld);
    ensures same_failures: \result == PERSIST_OK ==> same_failures{Pre,Post}(arena);
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
    ensures same_books: \result != PERSIST_OK ==> SAME_BOOKS(arena);
    ensures failure_counted: \result != PERSIST_OK ==> failure_counted{Pre,Post}(arena, \result);
    behavior not_power_of_two:
      assumes !power_of_two(alignment(align));
      ensures status: \result == PERSIST_NOT_POWER_OF_TWO;
      ensures not_asked: not_asked{Pre,Post};
    behavior align_too_large:
      assumes power_of_two(alignment(align)) && alignment(align) > PERSIST_MAX_ALIGN;
      ensures status: \result == PERSIST_ALIGN_TOO_LARGE;
      ensures not_asked: not_asked{Pre,Post};
    behavior fits:
      assumes good_alignment(align) && length(size) <= arena->off;
      ensures status: \result == PERSIST_OK;
      ensures not_asked: not_asked{Pre,Post};
      ensures below: arena->off + length(size) <= \old(arena->off);
      ensures same_sums: same_sums{Pre,Post}(arena) && same_current{Pre,Post}(arena);
      ensures block: (char *)*out == arena->base + arena->off;
    behavior no_room:
      assumes good_alignment(align) && length(size) > arena->off;
      assumes !asks(arena, length(size));
      ensures status: \result == PERSIST_NO_MEMORY;
      ensures not_asked: not_asked{Pre,Post};
    behavior refused:
      assumes good_alignment(align) && length(size) > arena->off;
      assumes asks(arena, length(size)) && sys_next == \null;
      ensures status: \result == PERSIST_NO_MEMORY;
      ensures asked_once:
        asked_once{Pre,Post}(length(size), \old(wanted(arena, length(size), room(arena))));
    behavior bad_memory:
      assumes good_alignment(align) && length(size) > arena->off;
      assumes asks(arena, length(size)) && sys_next != \null && !answered(arena, length(size));
      ensures status: \result == PERSIST_BAD_MEMORY;
      ensures asked_once:
        asked_once{Pre,Post}(length(size), \old(wanted(arena, length(size), room(arena))));
    behavior granted:
      assumes good_alignment(align) && length(size) > arena->off;
      assumes asks(arena, length(size)) && answered(arena, length(size));
      ensures status: \result == PERSIST_OK;
      ensures asked_once:
        asked_once{Pre,Post}(length(size), \old(wanted(arena, length(size), room(arena))));
      ensures served_from: served_from{Pre,Post}(arena, (char *)*out, length(size),
        \old(sys_next), \old(sys_next_size));
      ensures within_limit: arena->granted <= PERSIST_MOST - arena->withheld;
      ensures grant_apart:
        apart_from_regions(arena, \old(arena->count), \old(sys_next), \old(sys_next_size));
    complete behaviors; disjoint behaviors;
*/
static inline enum persist_status persist_arena_alloc(struct persist_arena *arena, size_t size,
                                                      size_t align, void **out)
{
    size_t a = persist_alignment_hint(align), off = arena->off, rest = persist_rest_hint(off, size);
    unsigned shift = persist_shift_hint(a);
    int known = persist_stands_for(a, align), fast = persist_is_fast(off, rest, size, a, shift);
    if (known & fast) {
        //@ assert stands: a == alignment(align);
        //@ assert length: length(size) == size && size <= arena->off;
        //@ assert alignment: alignment(align) == (1 << shift);
        //@ assert power: power_of_two(1 << shift);
        //@ assert good: good_alignment(align);
        persist_take(arena, size, shift, out);
        return PERSIST_OK;
    }
    return persist_take_slow(arena, size, align, out);
}

/* n * size, or SIZE_MAX (a request that always fails) where that is no size_t. */
/*@ terminates \true; exits \false;
    assigns \result \from n, size;
    behavior fits: assumes n * size <= SIZE_MAX; ensures product: \result == n * size;
    behavior wraps: assumes n * size > SIZE_MAX; ensures saturated: \result == SIZE_MAX;
    complete behaviors; disjoint behaviors;
*/
static inline size_t persist_product(size_t n, size_t size)
{
    return size != 0 && n > SIZE_MAX / size ? SIZE_MAX : n * size;
}

/* 1 for every byte of every block of the arena, 0 for every address outside its regions; for
 * padding and unused space either. */
/*@ requires arena: \valid_read(arena) && sound(arena);
    terminates \true; exits \false;
    assigns \result \from *arena, address;
    behavior inside:
      assumes \exists integer i; 0 <= i < arena->count && in_region(arena, i, (uintptr_t)address);
      ensures yes: \result == 1;
    behavior outside:
      assumes \forall integer i; 0 <= i < arena->count ==>
        !in_region(arena, i, (uintptr_t)address);
      ensures no: \result == 0;
    complete behaviors; disjoint behaviors;
*/
int persist_arena_contains(const struct persist_arena *arena, const void *address);

/* From now on the arena takes no memory that would bring what it holds above `bytes`. */
/*@ requires arena: \valid(arena) && sound(arena);
    terminates \true; exits \false;
    assigns arena->withheld \from bytes;
    ensures sound: sound(arena);
    ensures limit: SIZE_MAX / 2 - arena->withheld == (bytes < SIZE_MAX / 2 ? bytes : SIZE_MAX / 2);
*/
void persist_arena_limit(struct persist_arena *arena, size_t bytes);

/* Exact: requested + padding + tail + free == granted. */
/*@ requires arena: \valid_read(arena) && BALANCED(arena);
    requires stats: \valid(stats) && \separated(stats, arena);
    terminates \true; exits \false;
    assigns *stats \from *arena;
    ensures balance: stats->requested + stats->padding + stats->tail + stats->free == stats->granted;
    ensures requested: stats->requested == arena->requested;
    ensures tail: stats->tail == arena->tail;
    ensures free: stats->free == arena->off;
    ensures granted: stats->granted == arena->granted;
    ensures counts: stats->regions == arena->count && stats->large == arena->large;
    ensures failures:
      \forall integer i; 0 <= i < 5 ==> stats->failures[i] == arena->failures[i];
*/
void persist_arena_stats(const struct persist_arena *arena, struct persist_stats *stats);

/* ---- the whole process ---- */

/* Memory of the same description as persist_arena_alloc's, from any thread, before main and in
 * atexit handlers too; from a signal handler only if that interrupted no call in its thread. Never
 * returns NULL: what cannot be served is thrown (persist_on_throw). No alloc_align among the
 * attributes: with an alignment of 0 it is a false promise to clang, and undefined. */
void *persistentalloc(size_t size, size_t align)
    __attribute__((malloc, alloc_size(1), returns_nonnull, warn_unused_result));

/* persistentalloc of n * size bytes; a product that is no size_t is thrown as no memory. */
void *persist_array(size_t n, size_t size, size_t align)
    __attribute__((malloc, alloc_size(1, 2), returns_nonnull, warn_unused_result));

/* As persist_arena_contains, for the blocks of persistentalloc and persist_array. */
int persist_contains(const void *address);

/* As persist_arena_limit, for the whole process. */
void persist_limit(size_t bytes);

/* Exact when no thread allocates; else a snapshot free of races in which the sums still hold.
 * Padding includes the record that each thread's arena but the first keeps in its own memory. */
void persist_statistics(struct persist_stats *stats);

/* Called when persistentalloc or persist_array cannot serve a call, with the call's size and align,
 * no lock held and nothing changed but the failure counter. It may leave by longjmp; if it returns,
 * the process is aborted. */
typedef void (*persist_handler)(enum persist_status why, size_t size, size_t align);

/* Installs a handler for the whole process and returns the one before it. NULL stands for the
 * default: one line on standard error, then abort(). */
persist_handler persist_on_throw(persist_handler handler);

/* The reason in words, as the default handler prints it. */
const char *persist_message(enum persist_status why);

#ifdef __cplusplus
}
#endif

#endif
