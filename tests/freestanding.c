/* No C library, no start-up code: the core and sys_static.c on a buffer of 16 KiB. Exits 0, or with
 * the number of what went wrong. */
#include "persist.h"

_Alignas(4096) char persist_static_memory[16384];
extern const size_t persist_static_size;
const size_t persist_static_size = sizeof persist_static_memory;

static struct persist_arena arena;

static int wrong_block(const char *block, size_t size, size_t align)
{
    if ((uintptr_t)block % align != 0) {
        return 1;
    }
    if (block < persist_static_memory ||
        block + size > persist_static_memory + sizeof persist_static_memory) {
        return 1;
    }
    for (size_t i = 0; i < size; i++) {
        if (block[i] != 0) {
            return 1;
        }
    }
    return 0;
}

static int run(void)
{
    void *block = NULL;
    struct persist_stats stats;
    for (size_t align = 1; align <= 4096; align *= 2) {
        if (persist_arena_alloc(&arena, 10, align, &block) != PERSIST_OK) {
            return 1;
        }
        if (wrong_block(block, 10, align)) {
            return 2;
        }
        ((volatile char *)block)[9] = 1;
    }
    if (persist_arena_alloc(&arena, 10, 3, &block) != PERSIST_NOT_POWER_OF_TWO ||
        persist_arena_alloc(&arena, 10, 8192, &block) != PERSIST_ALIGN_TOO_LARGE) {
        return 3;
    }
    for (size_t less = 0; less < 5000; less++) { /* all that could wrap */
        if (persist_arena_alloc(&arena, SIZE_MAX - less, 4096, &block) != PERSIST_NO_MEMORY ||
            persist_arena_alloc(&arena, SIZE_MAX / 2 - less, 1, &block) != PERSIST_NO_MEMORY) {
            return 4;
        }
    }
    persist_arena_stats(&arena, &stats);
    if (stats.granted != sizeof persist_static_memory || stats.requested != 130 ||
        stats.requested + stats.padding + stats.tail + stats.free != stats.granted) {
        return 5;
    }
    if (persist_arena_alloc(&arena, stats.free, 1, &block) != PERSIST_OK ||
        block != persist_static_memory ||
        persist_arena_alloc(&arena, 1, 1, &block) != PERSIST_NO_MEMORY) {
        return 6;
    }
    return persist_arena_contains(&arena, block) ? 0 : 7;
}

void _start(void);
/* The stack is aligned as a process gets it, not as after a call. */
__attribute__((force_align_arg_pointer)) void _start(void)
{
    int status = run();
#ifdef __x86_64__
    __asm__ volatile("syscall" : : "a"(60L), "D"((long)status) : "rcx", "r11", "memory");
#else
    __asm__ volatile("int $0x80" : : "a"(1), "b"(status) : "memory");
#endif
    __builtin_unreachable();
}
