/* Debian 12's mimalloc 2.0.9 does not align as asked. cc mimalloc.c -lmimalloc: exits 1 if so. */
#include <mimalloc.h>
#include <stdint.h>
#include <stdio.h>

int main(void)
{
    void *first = mi_malloc_aligned(1024, 512);
    void *second = mi_malloc_aligned(1024, 512);
    printf("%p %p\n", first, second);
    return (uintptr_t)first % 512 != 0 || (uintptr_t)second % 512 != 0;
}
