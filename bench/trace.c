/* Writes one of the four traces that every allocator is measured on: N requests, the same each time.
 * Usage: trace a|b|c|d N >FILE */
#include "sample.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* splitmix64: small, and the same everywhere. */
static uint64_t state;

static uint32_t random_below(uint32_t n)
{
    uint64_t x = state += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((x ^ x >> 31) % n);
}

static uint32_t between(uint32_t least, uint32_t most)
{
    return least + random_below(most - least + 1u);
}

/* A symbol table: in turn a name, and a record of pointers and integers. */
static struct request symbols(void)
{
    static int record = 1;
    record = !record;
    return record ? (struct request){8u * between(2, 12), 8} : (struct request){between(5, 80), 1};
}

static struct request small(void)
{
    return (struct request){between(1, 256), 8};
}

static struct request aligned(void)
{
    return (struct request){between(1, 256), 1u << random_below(13)};
}

static struct request some_large(void)
{
    return random_below(100) == 0 ? (struct request){between(65536, 262144), 8} : small();
}

int main(int argc, char **argv)
{
    static struct request (*const traces[])(void) = {symbols, small, aligned, some_large};
    char *end = NULL;
    unsigned long n = argc == 3 ? strtoul(argv[2], &end, 10) : 0;
    if (argc != 3 || strlen(argv[1]) != 1 || argv[1][0] < 'a' || argv[1][0] > 'd' || *end != '\0' ||
        n == 0) {
        fprintf(stderr, "usage: trace a|b|c|d N >FILE\n");
        return 2;
    }
    state = (uint64_t)argv[1][0];
    for (unsigned long i = 0; i < n; i++) {
        struct request request = traces[argv[1][0] - 'a']();
        if (fwrite(&request, sizeof request, 1, stdout) != 1) {
            perror("trace");
            return 1;
        }
    }
    return fclose(stdout) == 0 ? 0 : 1;
}
