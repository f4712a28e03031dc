/* The objects of a slab, counted from offset to offset in ghost code alone. Why its stack has room for
 * each that is in use: the offsets on it are all different, all multiples of the stride before `fresh`,
 * and the object's is none of them, so that they are fewer than the objects that were ever cut. And
 * why those less the free ones are the ones in use. */
#ifndef FIXSLAB_COUNT_H
#define FIXSLAB_COUNT_H

#include "fixalloc.h"

/*@ // How many of the first n entries are less than t.
    logic integer below{L}(char *base, integer at, integer n, integer t) =
      n <= 0 ? 0 : below(base, at, n - 1, t) + (entry_at(base, at, n - 1) < t ? 1 : 0);
*/

/*@ ghost
    /@ requires multiples: 0 < stride && 0 <= a && a % stride == 0 && 0 <= b && b % stride == 0;
       terminates \true; exits \false;
       assigns \nothing;
       ensures apart: a < b ==> a + stride <= b;
    @/
    static inline void multiples_apart(size_t a, size_t b, size_t stride)
    {
    }

    /@ requires stride: 0 < stride && 0 <= t && t % stride == 0;
       requires stack: objects(base, at, n, fresh, stride) && distinct(base, at, n);
       terminates \true; exits \false;
       assigns \nothing;
       ensures listed: listed(base, at, n, t) ==>
         below(base, at, n, t + stride) == below(base, at, n, t) + 1;
       ensures absent: !listed(base, at, n, t) ==>
         below(base, at, n, t + stride) == below(base, at, n, t);
    @/
    static inline void one_at_each_offset(char *base, size_t at, size_t n, size_t fresh,
                                          size_t stride, size_t t)
    {
        size_t k = 0;
        /@ loop invariant range: 0 <= k <= n;
           loop invariant listed: listed(base, at, k, t) ==>
             below(base, at, k, t + stride) == below(base, at, k, t) + 1;
           loop invariant absent: !listed(base, at, k, t) ==>
             below(base, at, k, t + stride) == below(base, at, k, t);
           loop assigns k; loop variant n - k; @/
        while (k < n) {
            /@ assert object: object_at(entry_at(base, at, k), fresh, stride); @/
            /@ assert next: t < entry_at(base, at, k) ==> t + stride <= entry_at(base, at, k); @/
            /@ assert other: entry_at(base, at, k) == t ==> !listed(base, at, k, t); @/
            k += 1;
        }
    }

    /@ requires stack: objects(base, at, n, fresh, stride) && 0 < stride;
       terminates \true; exits \false;
       assigns \nothing;
       ensures none: below(base, at, n, 0) == 0;
       ensures all: below(base, at, n, fresh) == n;
    @/
    static inline void all_before_fresh(char *base, size_t at, size_t n, size_t fresh, size_t stride)
    {
        size_t k = 0;
        /@ loop invariant range: 0 <= k <= n;
           loop invariant none: below(base, at, k, 0) == 0;
           loop invariant all: below(base, at, k, fresh) == k;
           loop assigns k; loop variant n - k; @/
        while (k < n) {
            /@ assert object: object_at(entry_at(base, at, k), fresh, stride); @/
            k += 1;
        }
    }

    /@ requires offset: 0 < stride && t == stride * k && t % stride == 0;
       requires more: k < cut && stride * cut <= SIZE_MAX;
       terminates \true; exits \false;
       assigns \nothing;
       ensures next: t + stride == stride * (k + 1) && (t + stride) % stride == 0;
       ensures fits: t + stride <= SIZE_MAX;
    @/
    static inline void next_offset(size_t k, size_t t, size_t cut, size_t stride)
    {
        next_multiple(t, stride);
        product_grows(stride, k + 1, cut);
        /@ assert product: stride * (k + 1) == stride * k + stride; @/
    }

    /@ requires stride: 0 < stride && fresh == stride * cut;
       requires stack: objects(base, at, n, fresh, stride) && distinct(base, at, n);
       terminates \true; exits \false;
       assigns \nothing;
       ensures room: object_at(o, fresh, stride) && !listed(base, at, n, o) ==> n < cut;
    @/
    static inline void room_for_used(char *base, size_t at, size_t n, size_t fresh, size_t cut,
                                     size_t stride, size_t o)
    {
        all_before_fresh(base, at, n, fresh, stride);
        size_t k = 0, t = 0;
        /@ loop invariant range: 0 <= k <= cut && t == stride * k && t % stride == 0;
           loop invariant before: below(base, at, n, t) <= k;
           loop invariant after: o < t && o % stride == 0 && !listed(base, at, n, o) ==>
             below(base, at, n, t) <= k - 1;
           loop assigns k, t; loop variant cut - k; @/
        while (k < cut) {
            one_at_each_offset(base, at, n, fresh, stride, t);
            next_offset(k, t, cut, stride);
            /@ assert next: t < o && o % stride == 0 ==> t + stride <= o; @/
            k += 1;
            t += stride;
            /@ assert stepped: k == \at(k,LoopCurrent) + 1 && t == \at(t,LoopCurrent) + stride; @/
        }
    }

    /@ terminates \true; exits \false;
       assigns \nothing;
       ensures listed: times_free(base, at, n, o) == 0 <==> !listed(base, at, n, o);
    @/
    static inline void free_if_listed(char *base, size_t at, size_t n, size_t o)
    {
        size_t k = 0;
        /@ loop invariant range: 0 <= k <= n;
           loop invariant times: 0 <= times_free(base, at, k, o);
           loop invariant listed: times_free(base, at, k, o) == 0 <==> !listed(base, at, k, o);
           loop assigns k; loop variant n - k; @/
        while (k < n) {
            k += 1;
        }
    }

    /@ requires offset: 0 < stride && t == stride * k && t % stride == 0;
       requires stack: objects(base, at, n, fresh, stride) && distinct(base, at, n);
       terminates \true; exits \false;
       assigns \nothing;
       ensures counted: used_of(base, at, n, stride, k + 1) + below(base, at, n, t + stride) ==
         used_of(base, at, n, stride, k) + below(base, at, n, t) + 1;
    @/
    static inline void one_more_counted(char *base, size_t at, size_t n, size_t fresh, size_t stride,
                                        size_t k, size_t t)
    {
        one_at_each_offset(base, at, n, fresh, stride, t);
        free_if_listed(base, at, n, t);
    }

    /@ requires slab: slab(base, bytes, fresh, cut, free, stride, align);
       terminates \true; exits \false;
       assigns \nothing;
       ensures counted: used_of(base, bytes, free, stride, cut) == cut - free;
    @/
    static inline void used_are_cut_less_free(char *base, size_t bytes, size_t fresh, size_t cut,
                                              size_t free, size_t stride, size_t align)
    {
        all_before_fresh(base, bytes, free, fresh, stride);
        size_t k = 0, t = 0;
        /@ loop invariant range: 0 <= k <= cut && t == stride * k && t % stride == 0;
           loop invariant counted:
             used_of(base, bytes, free, stride, k) + below(base, bytes, free, t) == k;
           loop assigns k, t; loop variant cut - k; @/
        while (k < cut) {
            one_more_counted(base, bytes, free, fresh, stride, k, t);
            next_offset(k, t, cut, stride);
            k += 1;
            t += stride;
            /@ assert stepped: k == \at(k,LoopCurrent) + 1 && t == \at(t,LoopCurrent) + stride; @/
        }
        /@ assert whole: k == cut && t == fresh; @/
        /@ assert all: below(base, bytes, free, t) == free; @/
    }
*/

#endif
