/* What the numbers of an input stand for. */
#ifndef FUZZ_DECODE_H
#define FUZZ_DECODE_H

#include "format.h"

/* Where a user stands: some sizes are relative to it. */
struct view {
    size_t free, granted, room;
};

size_t decode_size(unsigned size_kind, unsigned number, const struct view *view);

/* Do these need a view? */
int decode_needs_view(unsigned size_kind);
int decode_count_needs_view(unsigned which);

size_t decode_align(unsigned which);

/* Of an array: how many blocks of this size. */
size_t decode_count(unsigned which, size_t size, const struct view *view);

#endif
