#ifndef FUZZ_MUTATOR_H
#define FUZZ_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

/* Write a mutation of an input, or a crossing of two, of at most `most` bytes; return its size. */
size_t mutator_mutate(const uint8_t *data, size_t size, uint8_t *out, size_t most, unsigned seed);
size_t mutator_cross(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size,
                     uint8_t *out, size_t most, unsigned seed);

#endif
