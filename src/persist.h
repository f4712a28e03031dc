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
    char *base;
    size_t size;
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

/* A store that other threads may read at any time, and their load; to the prover, plain ones. */
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

/* ---- arenas ---- */

/* The only shift whose power of two `align` can be, if it is one up to PERSIST_MAX_ALIGN: these
 * thirteen powers leave thirteen remainders by 19. A table, because the provers know division and
 * not bits; the compiler makes a multiplication of it. */
static const unsigned char persist_shift_by_remainder[19] = {0, 0,  1, 0, 2, 0,  0, 6,  3, 8,
                                                             0, 12, 0, 5, 7, 11, 4, 10, 9};

static inline unsigned persist_shift_hint(size_t align)
{
    return persist_shift_by_remainder[align % 19u];
}

/* The largest multiple of 1 << shift that is at most `off`. */
static inline size_t persist_round_down(size_t off, unsigned shift)
{
    return off - off % ((size_t)1 << shift);
}

/* Hands out the top of the current region's unused part; the caller has checked that it fits. */
static inline void *persist_bump(struct persist_arena *arena, size_t size, unsigned shift)
{
    size_t off = persist_round_down(arena->off - size, shift);
    char *block = arena->base + off;
    PERSIST_STORE(arena->off, off);
    PERSIST_STORE(arena->requested, arena->requested + size);
    PERSIST_HANDED_OUT(block, size);
    return block;
}

/* The cases that persist_arena_alloc leaves: size 0, large, no room, an alignment it refuses. */
enum persist_status persist_arena_alloc_slow(struct persist_arena *arena, size_t size, size_t align,
                                             void **out);

/* Stores in *out the address of `size` zeroed bytes (0 is served as 1) at a multiple of `align` (0
 * stands for PERSIST_DEFAULT_ALIGN), inside one region of the arena, overlapping no other block of
 * any arena. Returns PERSIST_OK; or the reason, and then only the failure counter has changed: *out
 * keeps its value, and the next call tries again. Asks the system at most once. Not for two threads
 * at once on one arena. */
static inline enum persist_status persist_arena_alloc(struct persist_arena *arena, size_t size,
                                                      size_t align, void **out)
{
    size_t a = align == 0 ? PERSIST_DEFAULT_ALIGN : align;
    unsigned shift = persist_shift_hint(a);
    if ((size_t)1 << shift == a && 0 < size && size < PERSIST_LARGE && size <= arena->off) {
        *out = persist_bump(arena, size, shift);
        return PERSIST_OK;
    }
    return persist_arena_alloc_slow(arena, size, align, out);
}

/* n * size, or SIZE_MAX (a request that always fails) where that is no size_t. */
static inline size_t persist_product(size_t n, size_t size)
{
    return size != 0 && n > SIZE_MAX / size ? SIZE_MAX : n * size;
}

/* 1 for every byte of every block of the arena, 0 for every address outside its regions; for
 * padding and unused space either. */
int persist_arena_contains(const struct persist_arena *arena, const void *address);

/* From now on the arena takes no memory that would bring what it holds above `bytes`. */
void persist_arena_limit(struct persist_arena *arena, size_t bytes);

/* Exact: requested + padding + tail + free == granted. */
void persist_arena_stats(const struct persist_arena *arena, struct persist_stats *stats);

/* ---- the whole process ---- */

/* Memory of the same description as persist_arena_alloc's, from any thread, before main and in
 * atexit handlers too; not from a signal handler. Never returns NULL: what cannot be served is
 * thrown (persist_on_throw). No alloc_align among the attributes: with an alignment of 0 it is a
 * false promise to clang, and undefined. */
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
