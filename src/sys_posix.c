/* The seam on POSIX systems: anonymous private mappings. */
#define _DEFAULT_SOURCE
#include "sys.h"

#include <sys/mman.h>

void *sys_alloc(size_t minimum, size_t wanted, size_t *granted)
{
    size_t ask = wanted;
    void *p = mmap(NULL, ask, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED && minimum < wanted) {
        ask = minimum;
        p = mmap(NULL, ask, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    if (p == MAP_FAILED) {
        return NULL;
    }
    *granted = ask;
    return p;
}
