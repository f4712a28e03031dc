#define _DEFAULT_SOURCE
#include "yields.h"

#include <sched.h>
#include <stdint.h>
#include <unistd.h>
#include <valgrind/valgrind.h>

#include "testing.h"

static void yield(void)
{
    static _Thread_local uint32_t random;
    if (random == 0) {
        random = (uint32_t)(uintptr_t)&random | 1u;
    }
    random = random * 1664525u + 1013904223u;
    switch (random >> 28) {
    case 0:
    case 1:
    case 2:
        sched_yield();
        break;
    case 3:
        usleep(50);
        break;
    default:
        break;
    }
}

void yields_on(void)
{
    persist_test_step = yield;
}

void yields_off(void)
{
    persist_test_step = 0;
}

int under_valgrind(void)
{
    return RUNNING_ON_VALGRIND != 0;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

size_t fewer(size_t plain)
{
#ifdef SANITIZED
    return (plain + 9) / 10;
#else
    return under_valgrind() ? (plain + 49) / 50 : plain;
#endif
}
