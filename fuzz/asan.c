/* AddressSanitizer made cheap enough to run with every input: three of its functions, wrapped by the
 * linker, and what the harness asks of it. Without AddressSanitizer, nothing. */
#include "asan.h"

#ifdef FUZZ_ASAN

#include "model.h"
#include "system.h"

/* Poisoning is left out where there is no memory. In an engine it is also cut to the ends of large
 * ranges: a grant of a megabyte costs 128 KiB of shadow. What of a block was poisoned is in any case
 * unpoisoned with it, as the ends of the block cover it. */
void __real___asan_poison_memory_region(void const volatile *, size_t);
void __real___asan_unpoison_memory_region(void const volatile *, size_t);
void __wrap___asan_poison_memory_region(void const volatile *, size_t);
void __wrap___asan_unpoison_memory_region(void const volatile *, size_t);

#ifdef FUZZ_CHECKED
#define WHOLE SIZE_MAX
#else
#define WHOLE ((size_t)3 << 17)
#endif
#define END ((size_t)1 << 16)

static void at_ends(const volatile char *base, size_t size,
                    void (*what)(void const volatile *, size_t))
{
    if (!system_is_real((uintptr_t)base, size)) {
        return;
    }
    if (size <= WHOLE) {
        what(base, size);
    } else {
        what(base, END);
        what(base + size - END, END);
    }
}

void __wrap___asan_poison_memory_region(void const volatile *base, size_t size)
{
    at_ends(base, size, __real___asan_poison_memory_region);
}

void __wrap___asan_unpoison_memory_region(void const volatile *base, size_t size)
{
    at_ends(base, size, __real___asan_unpoison_memory_region);
}

/* Called before everything that does not return, for longjmp: opens the whole stack, with two
 * system calls. Here only asan_jump leaves frames behind, and opens just those. */
void __wrap___asan_handle_no_return(void);

void __wrap___asan_handle_no_return(void)
{
}

void asan_jump(jmp_buf *to, int value)
{
    char *from = __builtin_frame_address(0);
    __real___asan_unpoison_memory_region(from, (size_t)((char *)to - from));
    _longjmp(*to, value);
}

int __asan_address_is_poisoned(void const volatile *);

int asan_watches(unsigned user)
{
#ifdef FUZZ_WATCHED
    /* The program was built with it and the library was not: arenas do not know. */
    return user == PROCESS;
#else
    return user < USERS;
#endif
}

void asan_reset(const void *base, size_t size)
{
#ifdef FUZZ_WATCHED
    __real___asan_unpoison_memory_region(base, size);
#else
    /* What is granted anew is poisoned anew. */
    (void)base;
    (void)size;
#endif
}

void asan_forget(const void *base, size_t size)
{
    __real___asan_unpoison_memory_region(base, size);
}

int asan_is_closed(const void *address)
{
    return __asan_address_is_poisoned(address);
}

#else

void asan_jump(jmp_buf *to, int value)
{
    /* Not _longjmp: ThreadSanitizer knows only this one, and would run out of its record of calls. */
    longjmp(*to, value);
}

int asan_watches(unsigned user)
{
    (void)user;
    return 0;
}

void asan_reset(const void *base, size_t size)
{
    (void)base;
    (void)size;
}

void asan_forget(const void *base, size_t size)
{
    (void)base;
    (void)size;
}

int asan_is_closed(const void *address)
{
    (void)address;
    return 0;
}

#endif
