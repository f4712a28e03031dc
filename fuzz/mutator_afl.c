/* The mutator as AFL++ loads it: a shared library named by AFL_CUSTOM_MUTATOR_LIBRARY. */
#include "feed.h"
#include "format.h"
#include "mutator.h"

void *afl_custom_init(void *afl, unsigned seed);
size_t afl_custom_fuzz(void *data, uint8_t *in, size_t size, uint8_t **out, uint8_t *other,
                       size_t other_size, size_t most);
void afl_custom_deinit(void *data);

static unsigned turn;
static uint8_t buffer[MOST_INPUT];

void *afl_custom_init(void *afl, unsigned seed)
{
    (void)afl;
    turn = seed;
    feed_open();
    return &turn;
}

size_t afl_custom_fuzz(void *data, uint8_t *in, size_t size, uint8_t **out, uint8_t *other,
                       size_t other_size, size_t most)
{
    (void)data;
    if (most > sizeof buffer) {
        most = sizeof buffer;
    }
    *out = buffer;
    turn++;
    size_t fed = feed_next(buffer, most);
    if (fed != 0) {
        return fed;
    }
    if (other != NULL && turn % 8 == 0) {
        return mutator_cross(in, size, other, other_size, buffer, most, turn);
    }
    return mutator_mutate(in, size, buffer, most, turn);
}

void afl_custom_deinit(void *data)
{
    (void)data;
}
