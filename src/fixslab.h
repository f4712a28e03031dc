/* One block of memory, cut into objects of one size: what fixalloc.c has many of, and the part of it
 * that is proved. An object is named by its offset in the block. */
#ifndef FIXSLAB_H
#define FIXSLAB_H

#include "persist.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef FIXSLAB_MOST
#define FIXSLAB_MOST 1073741824u /* bytes: half of what an offset's entry can tell */
#endif
#define FIXSLAB_ENTRY 4u /* bytes of an entry of the stack */

/* The objects, then a stack of the offsets of those that were taken back. */
struct fixslab {
    char *base;
    size_t bytes; /* of the objects together; the stack follows, with an entry for each */
    size_t fresh; /* objects from this offset on were never handed out, and are zero */
    size_t cut;   /* objects before it, in use or free */
    size_t free;  /* entries of the stack */
};

#ifdef __FRAMAC__
/* Predicates of values, so that a store to one field leaves what is known of the others as it is. */
#define MOST(s, stride) ((s)->bytes / (stride))
#define SPAN(s, stride) ((s)->bytes + FIXSLAB_ENTRY * MOST(s, stride))
#define LISTED(s, o) listed((s)->base, (s)->bytes, (s)->free, o)
#define USED(s, stride, o) (object_at(o, (s)->fresh, stride) && !LISTED(s, o))
#define SOUND_SLAB(s, stride, align)                                                               \
    (slab_sizes((s)->bytes, MOST(s, stride), (s)->fresh, (s)->cut, (s)->free, stride) &&           \
     slab_place((s)->base, (s)->bytes, MOST(s, stride), align) &&                                  \
     objects((s)->base, (s)->bytes, (s)->free, (s)->fresh, stride) &&                              \
     distinct((s)->base, (s)->bytes, (s)->free) && zero_from((s)->base, (s)->fresh, (s)->bytes))
#endif

/*@ // Entry k of the stack at base + at: four bytes, least significant first.
    logic integer octet(integer c) = c < 0 ? c + 256 : c;
    logic integer entry_at{L}(char *base, integer at, integer k) =
      octet(base[at + 4 * k]) + 256 * octet(base[at + 4 * k + 1]) +
      65536 * octet(base[at + 4 * k + 2]) + 16777216 * octet(base[at + 4 * k + 3]);

    predicate object_at(integer o, integer fresh, integer stride) =
      0 <= o && o % stride == 0 && o + stride <= fresh;
    predicate listed{L}(char *base, integer at, integer n, integer o) =
      \exists integer k; 0 <= k < n && entry_at(base, at, k) == o;
    predicate objects{L}(char *base, integer at, integer n, integer fresh, integer stride) =
      \forall integer k; 0 <= k < n ==> object_at(entry_at(base, at, k), fresh, stride);
    predicate distinct{L}(char *base, integer at, integer n) =
      \forall integer j, k; 0 <= j < k < n ==> entry_at(base, at, j) != entry_at(base, at, k);
    predicate same_entries{A,B}(char *base, integer at, integer n) =
      \forall integer k; 0 <= k < n ==>
        \at(entry_at(base, at, k),A) == \at(entry_at(base, at, k),B);
    predicate same_bytes{A,B}(char *base, integer from, integer to) =
      \forall integer i; from <= i < to ==> \at(base[i],A) == \at(base[i],B);
    predicate zero_from{L}(char *base, integer from, integer to) =
      \forall integer i; from <= i < to ==> base[i] == 0;

    predicate slab_sizes(integer bytes, integer most, integer fresh, integer cut, integer free,
                         integer stride) =
      0 < stride && 0 < most && 0 < bytes && 0 <= fresh <= bytes && 0 <= free <= cut <= most &&
      bytes == stride * most && fresh == stride * cut && bytes % stride == 0 &&
      fresh % stride == 0 && bytes + FIXSLAB_ENTRY * most <= 2 * FIXSLAB_MOST;
    predicate slab_place{L}(char *base, integer bytes, integer most, integer align) =
      0 < align && 0 <= (uintptr_t)base && (uintptr_t)base % align == 0 &&
      (uintptr_t)base + bytes + FIXSLAB_ENTRY * most <= UINTPTR_MAX &&
      flat(base, bytes + FIXSLAB_ENTRY * most) &&
      \valid(base + (0 .. bytes + FIXSLAB_ENTRY * most - 1));
*/

/* Makes *s a slab of `most` objects, each `stride` bytes after the one before, in the zeroed block at
 * `base`: of stride * most bytes, and FIXSLAB_ENTRY more for each object. */
/*@ requires s: \valid(s);
    requires sizes: 0 < stride && 0 < most &&
      stride * most + FIXSLAB_ENTRY * most <= 2 * FIXSLAB_MOST;
    requires place: slab_place(base, stride * most, most, align);
    requires zero: zero_from(base, 0, stride * most);
    terminates \true; exits \false;
    assigns s->base, s->bytes, s->fresh, s->cut, s->free \from base, most, stride;
    ensures sound: SOUND_SLAB(s, stride, align);
    ensures none_used: \forall integer o; !USED(s, stride, o);
    ensures block: s->base == base && s->bytes == stride * most && MOST(s, stride) == most;
    ensures empty: s->fresh == 0 && s->free == 0;
*/
void fixslab_open(struct fixslab *s, char *base, size_t most, size_t stride, size_t align);

/* To the prover a multiplication, which it knows; the compiler merges shifts into one load. */
#ifdef __FRAMAC__
#define FIXSLAB_SHIFTED(x, bits) ((x) * (1u << (bits)))
#else
#define FIXSLAB_SHIFTED(x, bits) ((x) << (bits))
#endif

/*@ requires octet: v <= 255;
    terminates \true; exits \false;
    assigns \result \from v;
    ensures same: octet(\result) == v;
*/
static inline char fixslab_narrow(uint32_t v)
{
    return (char)((int)v < 128 ? (int)v : (int)v - 256);
}

/*@ terminates \true; exits \false;
    assigns \result \from c;
    ensures same: \result == octet(c) && \result <= 255;
*/
static inline uint32_t fixslab_widen(char c)
{
    return (uint32_t)(c + 256) % 256u;
}

/*@ requires place: 0 <= at && 0 <= k && at + 4 * k + 3 < 2 * FIXSLAB_MOST &&
      \valid(base + (at + 4 * k .. at + 4 * k + 3));
    terminates \true; exits \false;
    assigns base[at + 4 * k .. at + 4 * k + 3] \from v;
    ensures stored: entry_at(base, at, k) == v;
*/
static inline void fixslab_store(char *base, size_t at, size_t k, uint32_t v)
{
    char *p = base + (at + FIXSLAB_ENTRY * k);
    uint32_t v1 = v / 256u, v2 = v1 / 256u, v3 = v2 / 256u;
    p[0] = fixslab_narrow(v % 256u);
    p[1] = fixslab_narrow(v1 % 256u);
    p[2] = fixslab_narrow(v2 % 256u);
    p[3] = fixslab_narrow(v3);
}

/*@ requires place: 0 <= at && 0 <= k && at + 4 * k + 3 < 2 * FIXSLAB_MOST &&
      \valid_read(base + (at + 4 * k .. at + 4 * k + 3));
    terminates \true; exits \false;
    assigns \result \from base[at + 4 * k .. at + 4 * k + 3];
    ensures loaded: \result == entry_at(base, at, k);
*/
static inline uint32_t fixslab_load(const char *base, size_t at, size_t k)
{
    const char *p = base + (at + FIXSLAB_ENTRY * k);
    return fixslab_widen(p[0]) + FIXSLAB_SHIFTED(fixslab_widen(p[1]), 8) +
           FIXSLAB_SHIFTED(fixslab_widen(p[2]), 16) + FIXSLAB_SHIFTED(fixslab_widen(p[3]), 24);
}

/*@ ghost
    /@ requires base: 0 < align && 0 <= base && base % align == 0;
       requires stride: 0 < stride && stride % align == 0;
       requires object: 0 <= o && o % stride == 0 && base + o <= UINTPTR_MAX;
       terminates \true; exits \false;
       assigns \nothing;
       ensures aligned: (base + o) % align == 0;
    @/
    static inline void object_is_aligned(uintptr_t base, size_t o, size_t stride, size_t align)
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

/*@ requires place: slab_place(base, bytes, most, align) && 0 < bytes && 0 <= most;
    requires stride: 0 < stride && stride % align == 0;
    requires object: 0 <= o && o % stride == 0 && o <= bytes;
    terminates \true; exits \false;
    assigns \result \from base, o;
    ensures place: \result == base + o;
    ensures aligned: aligned(\result, align);
*/
static inline char *fixslab_object(char *base, size_t o)
/*@ ghost (size_t bytes, size_t most, size_t stride, size_t align) */
{
    //@ ghost object_is_aligned((uintptr_t)base, o, stride, align);
    //@ assert address: (uintptr_t)(base + o) == (uintptr_t)base + o;
    return base + o;
}

/*@ ghost
    /@ requires multiple: 0 < stride && 0 <= o && o % stride == 0;
       terminates \true; exits \false;
       assigns \nothing;
       ensures next: (o + stride) % stride == 0;
    @/
    static inline void next_multiple(size_t o, size_t stride)
    {
        /@ assert quotient: o == stride * (o / stride); @/
        /@ assert sum: o + stride == stride * (o / stride + 1); @/
        /@ assert next: (stride * (o / stride + 1)) % stride == 0; @/
    }
*/

/*@ ghost
    /@ requires one: 0 < stride && 0 <= cut && 0 <= most && stride * cut + stride <= stride * most;
       terminates \true; exits \false;
       assigns \nothing;
       ensures room: cut + 1 <= most;
       ensures product: stride * cut + stride == stride * (cut + 1);
    @/
    static inline void one_more_fits(size_t cut, size_t most, size_t stride)
    {
        /@ assert product: stride * cut + stride == stride * (cut + 1); @/
        /@ assert rest: 0 <= stride * (most - (cut + 1)); @/
    }
*/

/* Whether an object that was handed out once, in use or free, stands at an address. */
/*@ requires s: \valid_read(s);
    requires base: (s->base == \null && s->fresh == 0) ||
      (0 <= (uintptr_t)s->base && \valid_read(s->base + 0));
    terminates \true; exits \false;
    assigns \result \from s->base, s->fresh, address;
    ensures exact: \result != 0 <==>
      (uintptr_t)s->base <= address < (uintptr_t)s->base + s->fresh;
*/
static inline int fixslab_holds(const struct fixslab *s, uintptr_t address)
{
    return (uintptr_t)s->base <= address && address - (uintptr_t)s->base < s->fresh;
}

/* An object from the stack. */
/*@ requires slab: \valid(s) && SOUND_SLAB(s, stride, align);
    requires some: 0 < s->free;
    requires multiple: stride % align == 0;
    terminates \true; exits \false;
    assigns s->free \from s->free;
    assigns \result \from s->base, s->bytes, s->free, s->base[0 .. SPAN(s, stride) - 1];
    ensures sound: SOUND_SLAB(s, stride, align);
    ensures one_less: s->free == \old(s->free) - 1;
    ensures object: \result == s->base + entry_at(s->base, s->bytes, s->free);
    ensures aligned: aligned(\result, align);
    ensures was_free: !\at(USED(s, stride, entry_at(s->base, s->bytes, s->free - 1)),Pre);
    ensures used: USED(s, stride, entry_at(s->base, s->bytes, s->free));
    ensures others: \forall integer o; o != entry_at(s->base, s->bytes, s->free) ==>
      (USED(s, stride, o) <==> \at(USED(s, stride, o),Pre));
*/
static inline char *fixslab_reuse(struct fixslab *s, size_t stride, size_t align)
{
    (void)stride, (void)align; /* the contract's */
    //@ assert inside: s->bytes + 4 * s->free <= SPAN(s, stride);
    size_t o = fixslab_load(s->base, s->bytes, s->free - 1u);
    //@ assert object: object_at(o, s->fresh, stride);
    s->free -= 1u;
    //@ assert same: o == entry_at(s->base, s->bytes, s->free);
    //@ assert listed: listed(s->base, s->bytes, s->free + 1, o);
    /*@ assert others: \forall integer q; q != o ==>
          (LISTED(s, q) <==> listed(s->base, s->bytes, s->free + 1, q)); */
    return fixslab_object(s->base, o) /*@ ghost (s->bytes, MOST(s, stride), stride, align) */;
}

/* An object that was never handed out. */
/*@ requires slab: \valid(s) && SOUND_SLAB(s, stride, align);
    requires fits: s->fresh + stride <= s->bytes;
    requires multiple: stride % align == 0;
    terminates \true; exits \false;
    assigns s->fresh, s->cut \from s->fresh, s->cut, stride;
    assigns \result \from s->base, s->fresh;
    ensures sound: SOUND_SLAB(s, stride, align);
    ensures object: \result == s->base + \old(s->fresh);
    ensures zero: zero_from(s->base, \old(s->fresh), s->fresh);
    ensures next: s->fresh == \old(s->fresh) + stride && s->cut == \old(s->cut) + 1;
    ensures aligned: aligned(\result, align);
    ensures was_free: !\at(USED(s, stride, s->fresh),Pre);
    ensures used: USED(s, stride, \old(s->fresh));
    ensures others: \forall integer o; o % stride == 0 && o != \old(s->fresh) ==>
      (USED(s, stride, o) <==> \at(USED(s, stride, o),Pre));
*/
static inline char *fixslab_carve(struct fixslab *s, size_t stride, size_t align)
{
    (void)align;
    //@ ghost size_t most = MOST(s, stride);
    char *fresh = fixslab_object(s->base, s->fresh) /*@ ghost (s->bytes, most, stride, align) */;
    //@ ghost next_multiple(s->fresh, stride);
    //@ ghost one_more_fits(s->cut, most, stride);
    //@ assert not_listed: !LISTED(s, s->fresh);
    s->fresh += stride;
    s->cut += 1u;
    return fresh;
}

/* Takes an object back: onto the stack. */
/*@ requires slab: \valid(s) && SOUND_SLAB(s, stride, align);
    requires used: USED(s, stride, o);
    requires counted: s->free < s->cut;
    terminates \true; exits \false;
    assigns s->free, s->base[s->bytes .. SPAN(s, stride) - 1] \from s->free, o;
    ensures sound: SOUND_SLAB(s, stride, align);
    ensures one_more: s->free == \old(s->free) + 1;
    ensures free: LISTED(s, o);
    ensures others: \forall integer q; q != o ==>
      (USED(s, stride, q) <==> \at(USED(s, stride, q),Pre));
    ensures contents: same_bytes{Pre,Post}(s->base, 0, s->bytes);
*/
static inline void fixslab_give_back(struct fixslab *s, size_t o, size_t stride, size_t align)
{
    (void)stride, (void)align;
    //@ assert inside: s->bytes + 4 * s->free + 3 < SPAN(s, stride);
    fixslab_store(s->base, s->bytes, s->free, (uint32_t)o);
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

/* Makes the bytes of an object zero. */
/*@ requires slab: \valid(s) && SOUND_SLAB(s, stride, align);
    requires object: object_at(o, s->fresh, stride);
    terminates \true; exits \false;
    assigns s->base[o .. o + stride - 1] \from \nothing;
    ensures zero: zero_from(s->base, o, o + stride);
    ensures same: same_entries{Pre,Post}(s->base, s->bytes, s->free);
    ensures sound: SOUND_SLAB(s, stride, align);
*/
void fixslab_clear(struct fixslab *s, size_t o, size_t stride, size_t align);

#ifdef __cplusplus
}
#endif

#endif
