/* What is seldom done to a slab. */
#include "fixslab.h"

void fixslab_open(struct fixslab *s, char *base, size_t most, size_t stride)
/*@ ghost (size_t align) */
{
    s->base = base;
    s->most = most;
    s->bytes = stride * most;
    s->fresh = 0;
    s->free = 0;
    //@ assert multiple: (stride * most) % stride == 0;
}

void fixslab_clear(struct fixslab *s, size_t o, size_t stride) /*@ ghost (size_t align) */
{
    char *base = s->base;
    /*@ loop invariant range: o <= i <= o + stride;
        loop invariant zero: zero_from(base, o, i);
        loop invariant rest: same_bytes{Pre,Here}(base, o + stride, SPAN(s));
        loop assigns i, base[o .. o + stride - 1]; loop variant o + stride - i; */
    for (size_t i = o; i < o + stride; i++) {
        base[i] = 0;
    }
    //@ assert same: same_entries{Pre,Here}(s->base, s->bytes, s->free);
    //@ assert objects: objects(s->base, s->bytes, s->free, s->fresh, stride);
    //@ assert distinct: distinct(s->base, s->bytes, s->free);
    //@ assert fresh: zero_from(s->base, s->fresh, s->bytes);
}
