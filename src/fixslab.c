/* What is seldom done to a slab. */
#include "fixslab.h"

void fixslab_open(struct fixslab *s, char *base, size_t most, size_t stride, size_t align)
{
    (void)align; /* the contract's */
    s->base = base;
    s->bytes = stride * most;
    s->fresh = 0;
    s->cut = 0;
    s->free = 0;
    //@ assert most: (stride * most) / stride == most;
    //@ assert multiple: (stride * most) % stride == 0;
}

/*@ requires place: 0 <= from <= to && \valid(base + (from .. to - 1));
    terminates \true; exits \false;
    assigns base[from .. to - 1] \from \nothing;
    ensures zero: zero_from(base, from, to);
*/
static void zero(char *base, size_t from, size_t to)
{
    /*@ loop invariant range: from <= i <= to;
        loop invariant zero: zero_from(base, from, i);
        loop assigns i, base[from .. to - 1]; loop variant to - i; */
    for (size_t i = from; i < to; i++) {
        base[i] = 0;
    }
}

void fixslab_clear(struct fixslab *s, size_t o, size_t stride, size_t align)
{
    (void)align;
    //@ assert inside: o + stride <= s->bytes;
    zero(s->base, o, o + stride);
    //@ assert rest: same_bytes{Pre,Here}(s->base, o + stride, SPAN(s, stride));
    //@ assert same: same_entries{Pre,Here}(s->base, s->bytes, s->free);
    //@ assert objects: objects(s->base, s->bytes, s->free, s->fresh, stride);
    //@ assert distinct: distinct(s->base, s->bytes, s->free);
    //@ assert fresh: zero_from(s->base, s->fresh, s->bytes);
}
