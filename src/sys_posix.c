/* The seam on POSIX systems: anonymous private mappings. */
#define _DEFAULT_SOURCE
#include "persist_posix.h"
#include "sys.h"

#include <sys/mman.h>

static unsigned options;

void persist_posix_options(unsigned wanted)
{
    PERSIST_STORE(options, wanted);
}

/* Huge pages first: what is committed is to be committed as such. A refusal changes nothing. */
static void advise(void *p, size_t size)
{
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
extern void __lsan_register_root_region(const void *, size_t) __attribute__((weak));

static __attribute__((noinline)) void *map(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

void *sys_alloc(size_t minimum, size_t wanted, size_t *granted)
{
    size_t size = wanted;
    void *p = map(size);
    if (p == NULL && minimum < wanted) {
        size = minimum;
        p = map(size);
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
