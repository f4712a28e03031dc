/* Inputs from a folder, as they are, where an engine asks for a mutation. */
#ifndef FUZZ_FEED_H
#define FUZZ_FEED_H

#include <stddef.h>
#include <stdint.h>

/* The environment names a folder: PERSIST_FUZZ_REPLAY, whose files are given in turn, for ever (to
 * measure engines on the same inputs); or PERSIST_FUZZ_FEED, each of whose files is given once, as
 * soon as it is there (what another engine found). */
void feed_open(void);

/* Writes the next input and returns its size, or 0 when it is time for a mutation. */
size_t feed_next(uint8_t *out, size_t most);

#endif
