/* The allocator of objects of one size: as it is (../../src/fixalloc.c is linked), and the checking
 * build (fixalloc/checking.c). Judged by objects.c. */
#include "objects.h"

#include "fixalloc/checking.h"

const struct objects_build objects_build[BUILDS] = {
    {"fixalloc", fixalloc_init, fixalloc_alloc, fixalloc_zalloc, fixalloc_free, fixalloc_in_use, 0,
     4},
    {"checking", checking_init, checking_alloc, checking_zalloc, checking_free, checking_in_use, 1,
     5},
};
