/* The seam on POSIX systems: anonymous private mappings. */
#define _DEFAULT_SOURCE
#include "sys.h"

#include <sys/mman.h>

/* There when the program runs under LeakSanitizer: memory of the C heap that only persistent memory
 * points to is not leaked. */
extern void __lsan_register_root_region(const void *, size_t) __attribute__((weak));

static void *map(size_t size)
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
    if (__lsan_register_root_region) {
        __lsan_register_root_region(p, size);
    }
    *granted = size;
    return p;
}
