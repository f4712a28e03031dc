/* A plug-in that brings the library along, for test_dlopen.c. */
#include "persist.h"

static void *from_constructor;

static __attribute__((constructor)) void loaded(void)
{
    from_constructor = persistentalloc(100, 8);
}

void *plugin_block(void);
void *plugin_block(void)
{
    return from_constructor;
}

void *plugin_allocate(size_t size);
void *plugin_allocate(size_t size)
{
    return persistentalloc(size, 8);
}
