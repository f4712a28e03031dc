#include "intern.h"

#include <stdbool.h>
#include <string.h>

#include "persist.h"

#define FIRST_SLOTS 64u
#define MULTIPLIER UINT64_C(0x9e3779b97f4a7c15) /* 2^64 over the golden ratio: spreads every bit */

/* Less in a test, for collisions. */
#ifndef INTERN_HASHES
#define INTERN_HASHES UINT32_MAX
#endif

static uint64_t mix(uint64_t state, uint64_t word)
{
    state = (state ^ word) * MULTIPLIER;
    return state ^ state >> 32;
}

static uint32_t hash(const void *bytes, size_t size)
{
    const char *at = bytes;
    uint64_t state = mix(0, size), word;
    for (; size >= sizeof word; at += sizeof word, size -= sizeof word) {
        memcpy(&word, at, sizeof word);
        state = mix(state, word);
    }
    word = 0;
    memcpy(&word, at, size);
    return (uint32_t)mix(state, word) & INTERN_HASHES;
}

/* Part and place of a number's entry: the parts' sizes double, so that no entry ever moves and no
 * memory is outgrown. */
static struct intern_entry *entry(const struct intern *table, uint32_t number, unsigned *part)
{
    uint64_t place = (uint64_t)number - 1 + INTERN_FIRST;
    unsigned log = 63u - (unsigned)__builtin_clzll(place);
    *part = log - (unsigned)__builtin_ctz(INTERN_FIRST);
    return table->entries[*part] == NULL ? NULL
                                         : table->entries[*part] + (place - (UINT64_C(1) << log));
}

static const struct intern_entry *kept(const struct intern *table, uint32_t number)
{
    unsigned part;
    return entry(table, number, &part);
}

/* The slot that holds these bytes, or else the free one where they belong. */
static uint64_t *slot(const struct intern *table, uint32_t hashed, const void *bytes, size_t size)
{
    size_t mask = table->capacity - 1;
    for (size_t i = hashed & mask;; i = (i + 1) & mask) {
        uint64_t *at = &table->slots[i];
        if (*at == 0) {
            return at;
        }
        if (*at >> 32 == hashed) {
            const struct intern_entry *have = kept(table, (uint32_t)*at);
            if (have->size == size && memcmp(have->bytes, bytes, size) == 0) {
                return at;
            }
        }
    }
}

static void grow(struct intern *table)
{
    size_t capacity = table->capacity == 0 ? FIRST_SLOTS : 2 * table->capacity;
    uint64_t *slots = persist_array(capacity, sizeof *slots, 0);
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->slots[i] != 0) {
            size_t j = (size_t)(table->slots[i] >> 32) & (capacity - 1);
            while (slots[j] != 0) {
                j = (j + 1) & (capacity - 1);
            }
            slots[j] = table->slots[i];
        }
    }
    table->spare = (char *)table->slots;
    table->spare_size = table->capacity * sizeof *slots;
    table->slots = slots;
    table->capacity = capacity;
}

/* Room for a copy: in the slots last outgrown as long as they last, so that little stays unused. */
static char *room(struct intern *table, size_t size)
{
    size_t align = table->align == 0 ? 1 : table->align;
    size_t off = (size_t)(-(uintptr_t)table->spare & (align - 1));
    if (off <= table->spare_size && size <= table->spare_size - off) {
        char *at = table->spare + off;
        table->spare = at + size;
        table->spare_size -= off + size;
        return at;
    }
    return persistentalloc(size, align);
}

static uint32_t add(struct intern *table, const void *bytes, size_t size)
{
    uint32_t number = table->count + 1;
    unsigned part;
    struct intern_entry *new = entry(table, number, &part);
    if (new == NULL) {
        table->entries[part] =
            persist_array((size_t)INTERN_FIRST << part, sizeof *table->entries[part], 0);
        new = entry(table, number, &part);
    }
    char *copy = room(table, size + 1);
    memcpy(copy, bytes, size);
    copy[size] = '\0';
    new->bytes = copy;
    new->size = size;
    table->count = number;
    return number;
}

uint32_t intern(struct intern *table, const void *bytes, size_t size)
{
    if ((uint64_t)table->count * 4 >= (uint64_t)table->capacity * 3) {
        grow(table);
    }
    uint32_t hashed = hash(bytes, size);
    uint64_t *at = slot(table, hashed, bytes, size);
    if (*at == 0 && table->count < UINT32_MAX) {
        uint32_t number = add(table, bytes, size);
        *at = (uint64_t)hashed << 32 | number;
    }
    return (uint32_t)*at;
}

uint32_t intern_string(struct intern *table, const char *string)
{
    return intern(table, string, strlen(string));
}

uint32_t intern_find(const struct intern *table, const void *bytes, size_t size)
{
    return table->capacity == 0 ? 0 : (uint32_t)*slot(table, hash(bytes, size), bytes, size);
}

const void *intern_bytes(const struct intern *table, uint32_t number)
{
    return kept(table, number)->bytes;
}

size_t intern_size(const struct intern *table, uint32_t number)
{
    return kept(table, number)->size;
}
