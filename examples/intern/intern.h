/* Interning: equal strings, or equal records, are kept once, in persistent memory, and go by a small
 * number. What is kept never moves. Not for two threads at once on one table. */
#ifndef INTERN_H
#define INTERN_H

#include <stddef.h>
#include <stdint.h>

#define INTERN_PARTS                                                                               \
    32u /* the first holds INTERN_FIRST entries, each other as many as all before */
#define INTERN_FIRST 64u

struct intern_entry {
    const void *bytes;
    size_t size;
};

/* All zero is a valid empty table of strings. The fields are for intern.c alone, but `align`. */
struct intern {
    size_t align;    /* of what is kept: set it before the first use; 0 stands for 1 */
    uint64_t *slots; /* open addressing: hash << 32 | number, 0 where free */
    size_t capacity; /* a power of two, or 0 */
    uint32_t count;
    char *spare; /* what is left of the slots outgrown last: the next strings go there */
    size_t spare_size;
    struct intern_entry *entries[INTERN_PARTS];
};

/* The number, from 1 on, of the one copy of these bytes; a zero byte follows the copy. 0 where they
 * are new and every number is taken. Memory that cannot be had is thrown, as persistentalloc does. */
uint32_t intern(struct intern *table, const void *bytes, size_t size);

uint32_t intern_string(struct intern *table, const char *string);

/* The number of these bytes, or 0 where they are not kept. */
uint32_t intern_find(const struct intern *table, const void *bytes, size_t size);

/* The copy that goes by this number, which is one that `intern` has returned. */
const void *intern_bytes(const struct intern *table, uint32_t number);
size_t intern_size(const struct intern *table, uint32_t number);

#endif
