/* Telling the tools that watch a program which persistent memory is in use: Valgrind, and
 * AddressSanitizer in a program that is built with it when the library is not. (When the library
 * is, the macros in persist.h see to it.) The thread's fast path does not tell anybody, so it is
 * off while one of them watches. */
#ifndef PERSIST_WATCH_H
#define PERSIST_WATCH_H

#include "persist.h"

#if defined(__FRAMAC__) || defined(PERSIST_ASAN)

/*@ terminates \true; exits \false;
    assigns \result \from \nothing;
*/
static inline int watched(void)
{
    return 0;
}
/*@ terminates \true; exits \false;
    assigns \nothing;
*/
static inline void watch_unused(void *p, size_t n)
{
    (void)p;
    (void)n;
}
/*@ terminates \true; exits \false;
    assigns \nothing;
*/
static inline void watch_handed_out(void *p, size_t n)
{
    (void)p;
    (void)n;
}

#else

extern void __asan_poison_memory_region(const volatile void *, size_t) __attribute__((weak));
extern void __asan_unpoison_memory_region(const volatile void *, size_t) __attribute__((weak));

#if defined(__has_include)
#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#define PERSIST_MEMCHECK 1
#endif
#endif

/* Only Memcheck answers this request with anything but 0: under Valgrind's other tools the fast
 * path stays on, as the thread checkers are to see it. */
static inline int under_memcheck(void)
{
#ifdef PERSIST_MEMCHECK
    char byte = 0;
    char bits = 0;
    return VALGRIND_GET_VBITS(&byte, &bits, 1) != 0;
#else
    return 0;
#endif
}

static inline int watched(void)
{
    return __asan_poison_memory_region || under_memcheck();
}

/* One function, out of line: a request to Valgrind is many instructions. */
static __attribute__((noinline)) void watch(void *p, size_t n, int handed_out)
{
    if (__asan_poison_memory_region) {
        (handed_out ? __asan_unpoison_memory_region : __asan_poison_memory_region)(p, n);
    }
#ifdef PERSIST_MEMCHECK
    VALGRIND_DO_CLIENT_REQUEST_STMT(
        handed_out ? VG_USERREQ__MAKE_MEM_DEFINED : VG_USERREQ__MAKE_MEM_NOACCESS, p, n, 0, 0, 0);
#endif
}

static inline void watch_unused(void *p, size_t n)
{
    watch(p, n, 0);
}

static inline void watch_handed_out(void *p, size_t n)
{
    watch(p, n, 1);
}

#endif

#endif
