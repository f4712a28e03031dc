#include "blocks.h"

#include "asan.h"
#include "control.h"
#include "format.h"
#include "report.h"

#include <string.h>

/* By address, highest first: an allocator that bumps downwards adds at the end. */
static struct block block[MOST_CALLS + 1];
static unsigned count;
static unsigned added;

/* Index of the first block that starts at or below the address. */
static unsigned search(uintptr_t address)
{
    unsigned from = 0;
    unsigned to = count;
    if (count > 0 && address < block[count - 1].start) {
        return count;
    }
    while (from < to) {
        unsigned middle = (from + to) / 2;
        if (block[middle].start <= address) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return from;
}

static void check_apart(uintptr_t start, size_t size, const struct block *other)
{
    if (start <= other->start ? other->start - start < size : start - other->start < other->size) {
        broke(BROKE_DISJOINT, "block of %zu at 0x%zx overlaps block of %zu at 0x%zx", size,
              (size_t)start, other->size, (size_t)other->start);
    }
}

/* Words that need not be aligned, as an interceptor makes memcmp dear. */
static int is_zero(const char *first, size_t size)
{
    uint64_t any = 0;
    uint64_t word = 0;
    for (; size >= sizeof word; first += sizeof word, size -= sizeof word) {
        memcpy(&word, first, sizeof word);
        any |= word;
    }
    for (; size > 0; first++, size--) {
        any |= (unsigned char)*first;
    }
    return any == 0;
}

/* A sample, that the fuzzer is fast; each byte in a mode of its own. */
static void check_content(const char *first, size_t size)
{
    enum { END = 16 };
    int zero = 0;
    if (every_byte || size <= 2 * END) {
        zero = is_zero(first, size);
    } else {
        zero = is_zero(first, END) && is_zero(first + size - END, END) &&
               first[(size_t)added * 2654435761u % size] == 0;
    }
    if (!zero) {
        broke(BROKE_ZEROED, "a new block of %zu at %p is not zero", size, (const void *)first);
    }
}

/* Makes a place; by hand, as an interceptor makes memmove dear. */
static void shift(unsigned at)
{
    for (unsigned i = count; i > at; i--) {
        block[i] = block[i - 1];
        __asm__ volatile("" : : : "memory");
    }
}

void blocks_add(uintptr_t start, size_t size, unsigned user, enum access access)
{
    unsigned at = search(start);
    struct block new = {start, size, user, 0};
    if (at < count) {
        check_apart(start, size, &block[at]);
    }
    if (at > 0) {
        check_apart(start, size, &block[at - 1]);
    }
    if (access != ACCESS_NONE) {
        char *first = (char *)start;
        char *last = first + size - 1;
        if (asan_is_closed(first) || asan_is_closed(last)) {
            broke(BROKE_POISON, "an end of a block that was served is poisoned");
        }
        if (access == ACCESS_ZERO) {
            check_content(first, size);
        }
        new.mark = (unsigned char)(1 + added % 255);
        *first = (char)new.mark;
        *last = (char)new.mark;
    }
    shift(at);
    block[at] = new;
    count++;
    added++;
}

void blocks_check(void)
{
    for (unsigned i = 0; i < count; i++) {
        const unsigned char *first = (const unsigned char *)block[i].start;
        if (block[i].mark != 0 &&
            (first[0] != block[i].mark || first[block[i].size - 1] != block[i].mark)) {
            broke(BROKE_CONTENT, "the block of %zu at 0x%zx has changed", block[i].size,
                  (size_t)block[i].start);
        }
    }
}

void blocks_reset(void)
{
    for (unsigned i = 0; i < count; i++) {
        char *first = (char *)block[i].start;
        if (block[i].mark != 0) {
            first[0] = 0;
            first[block[i].size - 1] = 0;
        }
    }
    count = 0;
    added = 0;
}

const struct block *blocks_pick(unsigned n)
{
    return count == 0 ? NULL : &block[n % count];
}

const struct block *blocks_find(uintptr_t address, unsigned user)
{
    unsigned at = search(address);
    if (at < count && address - block[at].start < block[at].size && block[at].user == user) {
        return &block[at];
    }
    return NULL;
}
