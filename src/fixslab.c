/* The proved part of fixalloc: one block of memory, cut into objects of one size. The free objects
 * that were used stand in a stack of offsets behind the objects; nothing is written into them. */
#include "fixslab.h"

/* To the prover a multiplication, which it knows; the compiler merges shifts into one load. */
#ifdef __FRAMAC__
#define SHIFTED(x, bits) ((x) * (1u << (bits)))
#else
#define SHIFTED(x, bits) ((x) << (bits))
#endif

/*@ requires octet: v <= 255;
    terminates \true; exits \false;
    assigns \result \from v;
    ensures same: octet(\result) == v;
*/
static char narrow(uint32_t v)
{
    return (char)((int)v < 128 ? (int)v : (int)v - 256);
}

/*@ terminates \true; exits \false;
    assigns \result \from c;
    ensures same: \result == octet(c) && \result <= 255;
*/
static uint32_t widen(char c)
{
    return (uint32_t)(c + 256) % 256u;
}

/*@ requires place: 0 <= at && 0 <= k && at + 4 * k + 3 < 2 * FIXSLAB_MOST &&
      \valid(base + (at + 4 * k .. at + 4 * k + 3));
    terminates \true; exits \false;
    assigns base[at + 4 * k .. at + 4 * k + 3] \from v;
    ensures stored: entry_at(base, at, k) == v;
*/
static void store(char *base, size_t at, size_t k, uint32_t v)
{
    char *p = base + at + FIXSLAB_ENTRY * k;
    uint32_t v1 = v / 256u, v2 = v1 / 256u, v3 = v2 / 256u;
    p[0] = narrow(v % 256u);
    p[1] = narrow(v1 % 256u);
    p[2] = narrow(v2 % 256u);
    p[3] = narrow(v3);
}

/*@ requires place: 0 <= at && 0 <= k && at + 4 * k + 3 < 2 * FIXSLAB_MOST &&
      \valid_read(base + (at + 4 * k .. at + 4 * k + 3));
    terminates \true; exits \false;
    assigns \result \from base[at + 4 * k .. at + 4 * k + 3];
    ensures loaded: \result == entry_at(base, at, k);
*/
static uint32_t load(const char *base, size_t at, size_t k)
{
    const char *p = base + at + FIXSLAB_ENTRY * k;
    return widen(p[0]) + SHIFTED(widen(p[1]), 8) + SHIFTED(widen(p[2]), 16) +
           SHIFTED(widen(p[3]), 24);
}

/*@ ghost
    /@ requires base: 0 < align && 0 <= base && base % align == 0;
       requires stride: 0 < stride && stride % align == 0;
       requires object: 0 <= o && o % stride == 0 && base + o <= UINTPTR_MAX;
       terminates \true; exits \false;
       assigns \nothing;
       ensures aligned: (base + o) % align == 0;
    @/
    static void object_is_aligned(uintptr_t base, size_t o, size_t stride, size_t align)
    {
        /@ assert base: base == align * (base / align); @/
        /@ assert stride: stride == align * (stride / align); @/
        /@ assert object: o == stride * (o / stride); @/
        /@ assert multiple: o == align * ((stride / align) * (o / stride)); @/
        /@ assert sum: base + o == align * (base / align + (stride / align) * (o / stride)); @/
        /@ assert positive: 0 <= base / align + (stride / align) * (o / stride); @/
        /@ assert product:
             (align * (base / align + (stride / align) * (o / stride))) % align == 0; @/
    }
*/

/*@ requires place: slab_place(base, bytes, most, align) && 0 <= bytes && 0 <= most;
    requires stride: 0 < stride && stride % align == 0;
    requires object: 0 <= o && o % stride == 0 && o <= bytes;
    terminates \true; exits \false;
    assigns \result \from base, o;
    ensures place: \result == base + o;
    ensures aligned: aligned(\result, align);
*/
static char *object(char *base, size_t o)
/*@ ghost (size_t bytes, size_t most, size_t stride, size_t align) */
{
    //@ ghost object_is_aligned((uintptr_t)base, o, stride, align);
    //@ assert address: (uintptr_t)(base + o) == (uintptr_t)base + o;
    return base + o;
}

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

int fixslab_holds(const struct fixslab *s, uintptr_t address)
{
    return (uintptr_t)s->base <= address && address - (uintptr_t)s->base < s->fresh;
}

char *fixslab_reuse(struct fixslab *s) /*@ ghost (size_t stride, size_t align) */
{
    //@ assert inside: s->bytes + 4 * s->free <= SPAN(s);
    size_t o = load(s->base, s->bytes, s->free - 1u);
    s->free -= 1u;
    //@ assert same: o == entry_at(s->base, s->bytes, s->free);
    //@ assert listed: listed(s->base, s->bytes, s->free + 1, o);
    /*@ assert others: \forall integer q; q != o ==>
          (LISTED(s, q) <==> listed(s->base, s->bytes, s->free + 1, q)); */
    return object(s->base, o) /*@ ghost (s->bytes, s->most, stride, align) */;
}

/*@ ghost
    /@ requires multiple: 0 < stride && 0 <= o && o % stride == 0;
       terminates \true; exits \false;
       assigns \nothing;
       ensures next: (o + stride) % stride == 0;
    @/
    static void next_multiple(size_t o, size_t stride)
    {
        /@ assert quotient: o == stride * (o / stride); @/
        /@ assert sum: o + stride == stride * (o / stride + 1); @/
        /@ assert next: (stride * (o / stride + 1)) % stride == 0; @/
    }
*/

char *fixslab_carve(struct fixslab *s, size_t stride) /*@ ghost (size_t align) */
{
    char *fresh = object(s->base, s->fresh) /*@ ghost (s->bytes, s->most, stride, align) */;
    //@ ghost next_multiple(s->fresh, stride);
    //@ assert not_listed: !LISTED(s, s->fresh);
    s->fresh += stride;
    return fresh;
}

void fixslab_give_back(struct fixslab *s, size_t o) /*@ ghost (size_t stride, size_t align) */
{
    //@ assert inside: s->bytes + 4 * s->free + 3 < SPAN(s);
    store(s->base, s->bytes, s->free, (uint32_t)o);
    //@ assert kept: same_bytes{Pre,Here}(s->base, 0, s->bytes + 4 * s->free);
    //@ assert same: same_entries{Pre,Here}(s->base, s->bytes, s->free);
    //@ assert last: entry_at(s->base, s->bytes, s->free) == o;
    /*@ assert new: \forall integer k; 0 <= k < s->free ==>
          entry_at(s->base, s->bytes, k) != entry_at(s->base, s->bytes, s->free); */
    //@ assert old_distinct: distinct(s->base, s->bytes, s->free);
    /*@ assert others: \forall integer q; q != o ==>
          (LISTED(s, q) <==> \at(LISTED(s, q),Pre)); */
    //@ assert objects: objects(s->base, s->bytes, s->free + 1, s->fresh, stride);
    //@ assert distinct: distinct(s->base, s->bytes, s->free + 1);
    /*@ assert one_more: \forall integer q; q != o ==>
          (LISTED(s, q) <==> listed(s->base, s->bytes, s->free + 1, q)); */
    s->free += 1u;
    //@ assert listed: LISTED(s, o);
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
