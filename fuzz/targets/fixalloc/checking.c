#include "checking.h"

#define FIXALLOC_CHECK
#define fixalloc_init checking_init
#define fixalloc_alloc checking_alloc
#define fixalloc_zalloc checking_zalloc
#define fixalloc_free checking_free
#define fixalloc_in_use checking_in_use

#include "../../../src/fixalloc.c"
