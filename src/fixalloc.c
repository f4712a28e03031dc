/* Many slabs (fixslab.c) behind one allocator: which is tried, when the arena is asked, and for how
 * much. The slabs double the sum every second step, so that few are searched. */
#include "fixalloc.h"

#include "refill.h"

#ifdef FIXALLOC_CHECK
#define FLAG 1u /* a byte for each object, behind the slab's stack: 1 while it is free after use */
#else
#define FLAG 0u
#endif

/*@ // While an arena changes, and a pointer of the caller's.
    predicate number_beside{L}(size_t *q, struct persist_arena *a) =
      \separated(q, a) && \separated(q, &BEHIND(a));
    predicate address_beside{L}(char **q, struct persist_arena *a, void **out) =
      \separated(q, a) && \separated(q, &BEHIND(a)) && \separated(q, out);
    predicate beside{L}(struct fixalloc *f, struct persist_arena *a, void **out) =
      \separated(f, a) && \separated(f, &BEHIND(a)) && \separated(f, out);
    predicate numbers_but{A,B}(struct persist_arena *a) =
      \forall size_t *q; number_beside{A}(q, a) ==> \at(*q,A) == \at(*q,B);
    predicate addresses_but{A,B}(struct persist_arena *a, void **out) =
      \forall char **q; address_beside{A}(q, a, out) ==> \at(*q,A) == \at(*q,B);
    predicate arena_beside{L}(struct persist_arena **q, struct persist_arena *a, void **out) =
      \separated(q, a) && \separated(q, &BEHIND(a)) && \separated(q, out);
    predicate arenas_but{A,B}(struct persist_arena *a, void **out) =
      \forall struct persist_arena **q; arena_beside{A}(q, a, out) ==> \at(*q,A) == \at(*q,B);
    lemma beside_arena{L}: \forall struct fixalloc *f, struct persist_arena *a, void **out;
      beside(f, a, out) ==> arena_beside(&f->arena, a, out);
    lemma beside_arena_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a, void **out;
      beside{A}(f, a, out) && arenas_but{A,B}(a, out) ==> \at(f->arena,A) == \at(f->arena,B);
    lemma beside_base{L}: \forall struct fixalloc *f, struct persist_arena *a, void **out, integer i;
      0 <= i < FIXALLOC_SLABS && beside(f, a, out) ==> address_beside(&f->slab[i].base, a, out);
    lemma beside_base_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a, void **out,
        integer i;
      0 <= i < FIXALLOC_SLABS && beside{A}(f, a, out) && addresses_but{A,B}(a, out) ==>
      \at(f->slab[i].base,A) == \at(f->slab[i].base,B);
    lemma beside_bytes{L}: \forall struct fixalloc *f, struct persist_arena *a, void **out, integer i;
      0 <= i < FIXALLOC_SLABS && beside(f, a, out) ==> number_beside(&f->slab[i].bytes, a);
    lemma beside_bytes_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a, void **out,
        integer i;
      0 <= i < FIXALLOC_SLABS && beside{A}(f, a, out) && numbers_but{A,B}(a) ==>
      \at(f->slab[i].bytes,A) == \at(f->slab[i].bytes,B);
    lemma beside_fresh{L}: \forall struct fixalloc *f, struct persist_arena *a, void **out, integer i;
      0 <= i < FIXALLOC_SLABS && beside(f, a, out) ==> number_beside(&f->slab[i].fresh, a);
    lemma beside_fresh_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a, void **out,
        integer i;
      0 <= i < FIXALLOC_SLABS && beside{A}(f, a, out) && numbers_but{A,B}(a) ==>
      \at(f->slab[i].fresh,A) == \at(f->slab[i].fresh,B);
    lemma beside_cut{L}: \forall struct fixalloc *f, struct persist_arena *a, void **out, integer i;
      0 <= i < FIXALLOC_SLABS && beside(f, a, out) ==> number_beside(&f->slab[i].cut, a);
    lemma beside_cut_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a, void **out,
        integer i;
      0 <= i < FIXALLOC_SLABS && beside{A}(f, a, out) && numbers_but{A,B}(a) ==>
      \at(f->slab[i].cut,A) == \at(f->slab[i].cut,B);
    lemma beside_free{L}: \forall struct fixalloc *f, struct persist_arena *a, void **out, integer i;
      0 <= i < FIXALLOC_SLABS && beside(f, a, out) ==> number_beside(&f->slab[i].free, a);
    lemma beside_free_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a, void **out,
        integer i;
      0 <= i < FIXALLOC_SLABS && beside{A}(f, a, out) && numbers_but{A,B}(a) ==>
      \at(f->slab[i].free,A) == \at(f->slab[i].free,B);
    lemma beside_stride{L}: \forall struct fixalloc *f, struct persist_arena *a, void **out;
      beside(f, a, out) ==> number_beside(&f->stride, a);
    lemma beside_stride_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a, void **out;
      beside{A}(f, a, out) && numbers_but{A,B}(a) ==> \at(f->stride,A) == \at(f->stride,B);
    lemma beside_align{L}: \forall struct fixalloc *f, struct persist_arena *a, void **out;
      beside(f, a, out) ==> number_beside(&f->align, a);
    lemma beside_align_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a, void **out;
      beside{A}(f, a, out) && numbers_but{A,B}(a) ==> \at(f->align,A) == \at(f->align,B);
    lemma beside_taken{L}: \forall struct fixalloc *f, struct persist_arena *a, void **out;
      beside(f, a, out) ==> number_beside(&f->taken, a);
    lemma beside_taken_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a, void **out;
      beside{A}(f, a, out) && numbers_but{A,B}(a) ==> \at(f->taken,A) == \at(f->taken,B);
    lemma beside_count{L}: \forall struct fixalloc *f, struct persist_arena *a, void **out;
      beside(f, a, out) ==> number_beside(&f->count, a);
    lemma beside_count_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a, void **out;
      beside{A}(f, a, out) && numbers_but{A,B}(a) ==> \at(f->count,A) == \at(f->count,B);
    lemma beside_current{L}: \forall struct fixalloc *f, struct persist_arena *a, void **out;
      beside(f, a, out) ==> number_beside(&f->current, a);
    lemma beside_current_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a, void **out;
      beside{A}(f, a, out) && numbers_but{A,B}(a) ==> \at(f->current,A) == \at(f->current,B);
*/

/*@ // What may differ between two states: numbers of slab c, bytes of a block.
    predicate one_slab{A,B}(struct fixalloc *f, integer c) =
      \forall size_t *q; q != \at(&f->slab[c].fresh,A) && q != \at(&f->slab[c].cut,A) &&
        q != \at(&f->slab[c].free,A) ==> \at(*q,A) == \at(*q,B);
    predicate one_allocator{A,B}(struct fixalloc *f) =
      \forall size_t *q; \separated(q, f) ==> \at(*q,A) == \at(*q,B);
    predicate pointers_of{A,B}(struct fixalloc *f) =
      \forall char **q; \separated(q, f) ==> \at(*q,A) == \at(*q,B);
    predicate same_chars{A,B} = \forall char *q; \at(*q,A) == \at(*q,B);
    predicate still_valid{A,B} = \forall char *p, integer n;
      \valid{A}(p + (0 .. n - 1)) ==> \valid{B}(p + (0 .. n - 1));
    predicate same_pointers{A,B} = \forall char **q; \at(*q,A) == \at(*q,B);

    // The same, where slab c is new: its entry, the numbers of the table, or both.
    predicate one_entry{A,B}(struct fixalloc *f, integer c) =
      \forall size_t *q; q != \at(&f->slab[c].bytes,A) && q != \at(&f->slab[c].fresh,A) &&
        q != \at(&f->slab[c].cut,A) && q != \at(&f->slab[c].free,A) ==> \at(*q,A) == \at(*q,B);
    predicate counts{A,B}(struct fixalloc *f) =
      \forall size_t *q; q != \at(&f->taken,A) && q != \at(&f->current,A) &&
        q != \at(&f->count,A) ==> \at(*q,A) == \at(*q,B);
    predicate new_numbers{A,B}(struct fixalloc *f, integer c) =
      \forall size_t *q; q != \at(&f->slab[c].bytes,A) && q != \at(&f->slab[c].fresh,A) &&
        q != \at(&f->slab[c].cut,A) && q != \at(&f->slab[c].free,A) && q != \at(&f->taken,A) &&
        q != \at(&f->current,A) && q != \at(&f->count,A) ==> \at(*q,A) == \at(*q,B);
    predicate new_base{A,B}(struct fixalloc *f, integer c) =
      \forall char **q; q != \at(&f->slab[c].base,A) ==> \at(*q,A) == \at(*q,B);
    predicate apart_from_slabs{L}(struct fixalloc *f, integer n, char *p, integer bytes) =
      \forall integer i; 0 <= i < n ==>
        blocks_apart(p, bytes, f->slab[i].base, f->slab[i].bytes, f->stride);

    // What then is the same.
    predicate same_slabs{A,B}(struct fixalloc *f, integer n, integer c) =
      \forall integer i; 0 <= i < n && i != c ==>
        \at(f->slab[i].base,A) == \at(f->slab[i].base,B) &&
        \at(f->slab[i].bytes,A) == \at(f->slab[i].bytes,B) &&
        \at(f->slab[i].fresh,A) == \at(f->slab[i].fresh,B) &&
        \at(f->slab[i].cut,A) == \at(f->slab[i].cut,B) &&
        \at(f->slab[i].free,A) == \at(f->slab[i].free,B);
    predicate same_blocks{A,B}(struct fixalloc *f, integer n) =
      \forall integer i; 0 <= i < n ==> \at(f->slab[i].base,A) == \at(f->slab[i].base,B) &&
                                        \at(f->slab[i].bytes,A) == \at(f->slab[i].bytes,B);
    predicate same_head{A,B}(struct fixalloc *f) =
      \at(f->arena,A) == \at(f->arena,B) && \at(f->stride,A) == \at(f->stride,B) &&
      \at(f->align,A) == \at(f->align,B) && \at(f->taken,A) == \at(f->taken,B) &&
      \at(f->count,A) == \at(f->count,B);
    predicate same_fields{A,B}(struct persist_arena *a) =
      \at(a->base,A) == \at(a->base,B) && \at(a->off,A) == \at(a->off,B) &&
      \at(a->requested,A) == \at(a->requested,B) && \at(a->granted,A) == \at(a->granted,B) &&
      \at(a->tail,A) == \at(a->tail,B) && \at(a->large,A) == \at(a->large,B) &&
      \at(a->withheld,A) == \at(a->withheld,B) && \at(a->current,A) == \at(a->current,B) &&
      \at(a->count,A) == \at(a->count,B);
    predicate same_arena{A,B}(struct persist_arena *a) =
      same_fields{A,B}(a) && same_regions{A,B}(a, PERSIST_REGIONS);

    predicate same_stacks{A,B}(struct fixalloc *f, integer n, integer c) =
      \forall integer i; 0 <= i < n && i != c ==>
        same_entries{A,B}(\at(f->slab[i].base,A), \at(f->slab[i].bytes,A), \at(f->slab[i].free,A));
    predicate others_stay{A,B}(struct fixalloc *f, integer c) =
      \forall integer i, q; i != c ==> (used{A}(f, i, q) <==> used{B}(f, i, q));

    // Of each slab, or of two, that what was true is.
    predicate pairs_stay{A,B}(struct fixalloc *f, integer n) = \forall integer i, j;
      0 <= i < n && 0 <= j < n && apart_slabs{A}(f, i, j) ==> apart_slabs{B}(f, i, j);
    predicate places_stay{A,B}(struct fixalloc *f, integer n) = \forall integer i;
      0 <= i < n && place_of{A}(f, i) ==> place_of{B}(f, i);
    predicate slabs_stay{A,B}(struct fixalloc *f, integer n, integer c) = \forall integer i;
      0 <= i < n && i != c && slab_of{A}(f, i) ==> slab_of{B}(f, i);

    lemma pairs_stay{A,B}: \forall struct fixalloc *f, integer n;
      same_blocks{A,B}(f, n) && \at(f->stride,A) == \at(f->stride,B) ==> pairs_stay{A,B}(f, n);
    lemma disjoint_same{A,B}: \forall struct fixalloc *f, integer n;
      disjoint{A}(f, n) && pairs_stay{A,B}(f, n) ==> disjoint{B}(f, n);
    lemma place_same{A,B}: \forall struct persist_arena *a, char *p, integer n, stride;
      place{A}(a, p, n, stride) && same_arena{A,B}(a) && \at(a->count,A) <= PERSIST_REGIONS ==>
      place{B}(a, p, n, stride);
    lemma places_stay{A,B}: \forall struct fixalloc *f, integer n;
      same_blocks{A,B}(f, n) && \at(f->stride,A) == \at(f->stride,B) &&
      \at(f->arena,A) == \at(f->arena,B) && same_arena{A,B}(\at(f->arena,A)) &&
      \at(f->arena->count,A) <= PERSIST_REGIONS ==> places_stay{A,B}(f, n);
    lemma places_same{A,B}: \forall struct fixalloc *f, integer n;
      places{A}(f, n) && places_stay{A,B}(f, n) ==> places{B}(f, n);
    lemma sound_same{A,B}: \forall struct persist_arena *a;
      sound{A}(a) && same_arena{A,B}(a) && regions{B}(a, \at(a->count,B)) &&
      same_bytes{A,B}(\at(a->base,A), 0, \at(a->off,A)) ==> sound{B}(a);

    lemma slabs_kept{A,B}: \forall struct fixalloc *f, integer n, c;
      slabs{A}(f, n) && slabs_stay{A,B}(f, n, c) && slab_of{B}(f, c) ==> slabs{B}(f, n);

    // What a change of slab c alone leaves the same.
    lemma slabs_same{A,B}: \forall struct fixalloc *f, integer n, c;
      n <= FIXALLOC_SLABS && 0 <= c && one_slab{A,B}(f, c) && same_pointers{A,B} ==>
      same_slabs{A,B}(f, n, c);
    lemma bytes_same{A,B}: \forall struct fixalloc *f, integer c, i;
      0 <= c < FIXALLOC_SLABS && 0 <= i < FIXALLOC_SLABS && one_slab{A,B}(f, c) ==>
      \at(f->slab[i].bytes,A) == \at(f->slab[i].bytes,B);
    lemma bases_same{A,B}: \forall struct fixalloc *f, integer i;
      same_pointers{A,B} ==> \at(f->slab[i].base,A) == \at(f->slab[i].base,B);
    lemma blocks_same{A,B}: \forall struct fixalloc *f, integer c;
      0 <= c < FIXALLOC_SLABS && one_slab{A,B}(f, c) && same_pointers{A,B} ==>
      same_blocks{A,B}(f, FIXALLOC_SLABS);
    lemma fewer_blocks{A,B}: \forall struct fixalloc *f, integer n;
      n <= FIXALLOC_SLABS && same_blocks{A,B}(f, FIXALLOC_SLABS) ==> same_blocks{A,B}(f, n);
    lemma current_same{A,B}: \forall struct fixalloc *f, integer c;
      0 <= c < FIXALLOC_SLABS && one_slab{A,B}(f, c) ==> \at(f->current,A) == \at(f->current,B);
    lemma head_same{A,B}: \forall struct fixalloc *f, integer c;
      0 <= c && one_slab{A,B}(f, c) && \at(f->arena,A) == \at(f->arena,B) ==> same_head{A,B}(f);
    lemma slab_of_allocator{A,B}: \forall struct fixalloc *f, integer c;
      0 <= c < FIXALLOC_SLABS && one_slab{A,B}(f, c) ==> one_allocator{A,B}(f);
    lemma arena_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a;
      one_allocator{A,B}(f) && pointers_of{A,B}(f) && \at(\separated(f, a),A) ==>
      same_fields{A,B}(a);
    lemma arena_regions_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a;
      pointers_of{A,B}(f) && \at(\separated(f, a),A) ==> same_regions{A,B}(a, PERSIST_REGIONS);
    lemma fields_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a;
      one_allocator{A,B}(f) && same_pointers{A,B} && \at(\separated(f, a),A) ==>
      same_fields{A,B}(a);
    lemma regions_same{A,B}: \forall struct persist_arena *a;
      same_pointers{A,B} ==> same_regions{A,B}(a, PERSIST_REGIONS);
    // Which objects are in use.
    lemma used_in_same{A,B}: \forall char *base, integer bytes, fresh, free, stride, o;
      same_entries{A,B}(base, bytes, free) ==>
      (used_in{A}(base, bytes, fresh, free, stride, o) <==>
       used_in{B}(base, bytes, fresh, free, stride, o));
    lemma others_stay{A,B}: \forall struct fixalloc *f, integer c;
      same_slabs{A,B}(f, \at(f->count,A), c) && same_head{A,B}(f) &&
      same_stacks{A,B}(f, \at(f->count,A), c) ==> others_stay{A,B}(f, c);
    lemma others_back{A,B}: \forall struct fixalloc *f, integer c;
      others_stay{A,B}(f, c) ==> others_stay{B,A}(f, c);
    lemma now_used{A,B}: \forall struct fixalloc *f, integer c, o;
      0 <= c < \at(f->count,A) && same_head{A,B}(f) && others_stay{A,B}(f, c) &&
      \at(f->slab[c].base,A) == \at(f->slab[c].base,B) &&
      \at(f->slab[c].bytes,A) == \at(f->slab[c].bytes,B) &&
      now_used{A,B}(\at(f->slab[c].base,A), \at(f->slab[c].bytes,A), \at(f->slab[c].fresh,A),
                    \at(f->slab[c].fresh,B), \at(f->slab[c].free,A), \at(f->slab[c].free,B),
                    \at(f->stride,A), o) ==>
      !used{A}(f, c, o) && used{B}(f, c, o) && same_others{A,B}(f, c, o);
    // What a new slab leaves the same.
    lemma older_base_same{A,B}: \forall struct fixalloc *f, integer c, i;
      0 <= i < c < FIXALLOC_SLABS && new_base{A,B}(f, c) ==>
      \at(f->slab[i].base,A) == \at(f->slab[i].base,B);
    lemma older_bytes_same{A,B}: \forall struct fixalloc *f, integer c, i;
      0 <= i < c < FIXALLOC_SLABS && new_numbers{A,B}(f, c) ==>
      \at(f->slab[i].bytes,A) == \at(f->slab[i].bytes,B);
    lemma older_fresh_same{A,B}: \forall struct fixalloc *f, integer c, i;
      0 <= i < c < FIXALLOC_SLABS && new_numbers{A,B}(f, c) ==>
      \at(f->slab[i].fresh,A) == \at(f->slab[i].fresh,B);
    lemma older_cut_same{A,B}: \forall struct fixalloc *f, integer c, i;
      0 <= i < c < FIXALLOC_SLABS && new_numbers{A,B}(f, c) ==>
      \at(f->slab[i].cut,A) == \at(f->slab[i].cut,B);
    lemma older_free_same{A,B}: \forall struct fixalloc *f, integer c, i;
      0 <= i < c < FIXALLOC_SLABS && new_numbers{A,B}(f, c) ==>
      \at(f->slab[i].free,A) == \at(f->slab[i].free,B);
    lemma older_slabs_same{A,B}: \forall struct fixalloc *f, integer c;
      0 <= c < FIXALLOC_SLABS && new_numbers{A,B}(f, c) && new_base{A,B}(f, c) ==>
      same_slabs{A,B}(f, c, c);
    lemma older_blocks_same{A,B}: \forall struct fixalloc *f, integer c;
      same_slabs{A,B}(f, c, c) ==> same_blocks{A,B}(f, c);
    lemma new_in_allocator{A,B}: \forall struct fixalloc *f, integer c;
      0 <= c < FIXALLOC_SLABS && new_numbers{A,B}(f, c) ==> one_allocator{A,B}(f);
    lemma base_in_allocator{A,B}: \forall struct fixalloc *f, integer c;
      0 <= c < FIXALLOC_SLABS && new_base{A,B}(f, c) ==> pointers_of{A,B}(f);
    lemma new_twice{A,B,C}: \forall struct fixalloc *f, integer c;
      new_numbers{A,B}(f, c) && new_numbers{B,C}(f, c) ==> new_numbers{A,C}(f, c);
    // While no byte of memory changes, nor which is valid.
    lemma entry_at_same{A,B}: \forall char *base, integer at, k;
      same_chars{A,B} ==> \at(entry_at(base, at, k),A) == \at(entry_at(base, at, k),B);
    lemma entries_same{A,B}: \forall char *base, integer at, n;
      same_chars{A,B} ==> same_entries{A,B}(base, at, n);
    lemma objects_same{A,B}: \forall char *base, integer at, n, fresh, stride;
      same_entries{A,B}(base, at, n) && objects{A}(base, at, n, fresh, stride) ==>
      objects{B}(base, at, n, fresh, stride);
    lemma distinct_same{A,B}: \forall char *base, integer at, n;
      same_entries{A,B}(base, at, n) && distinct{A}(base, at, n) ==> distinct{B}(base, at, n);
    lemma slab_same{A,B}: \forall char *base, integer bytes, fresh, cut, free, stride, align;
      same_chars{A,B} && still_valid{A,B} && slab{A}(base, bytes, fresh, cut, free, stride, align) ==>
      slab{B}(base, bytes, fresh, cut, free, stride, align);
    predicate same_slab{A,B}(struct fixalloc *f, integer i) =
      \at(f->slab[i].base,A) == \at(f->slab[i].base,B) &&
      \at(f->slab[i].bytes,A) == \at(f->slab[i].bytes,B) &&
      \at(f->slab[i].fresh,A) == \at(f->slab[i].fresh,B) &&
      \at(f->slab[i].cut,A) == \at(f->slab[i].cut,B) &&
      \at(f->slab[i].free,A) == \at(f->slab[i].free,B) &&
      \at(f->stride,A) == \at(f->stride,B) && \at(f->align,A) == \at(f->align,B);
    predicate each_same{A,B}(struct fixalloc *f, integer n, integer c) = \forall integer i;
      0 <= i < n && i != c && slab_of{A}(f, i) ==> same_slab{A,B}(f, i);
    lemma each_same{A,B}: \forall struct fixalloc *f, integer n, c;
      same_slabs{A,B}(f, n, c) && \at(f->stride,A) == \at(f->stride,B) &&
      \at(f->align,A) == \at(f->align,B) ==> each_same{A,B}(f, n, c);
    lemma slab_stays{A,B}: \forall struct fixalloc *f, integer i;
      same_chars{A,B} && still_valid{A,B} && same_slab{A,B}(f, i) && slab_of{A}(f, i) ==>
      slab_of{B}(f, i);
    lemma slabs_stay{A,B}: \forall struct fixalloc *f, integer n, c;
      same_chars{A,B} && still_valid{A,B} && each_same{A,B}(f, n, c) ==> slabs_stay{A,B}(f, n, c);
    lemma stacks_same{A,B}: \forall struct fixalloc *f, integer n, c;
      same_chars{A,B} ==> same_stacks{A,B}(f, n, c);
    lemma entry_is_new{A,B}: \forall struct fixalloc *f, integer c;
      one_entry{A,B}(f, c) ==> new_numbers{A,B}(f, c);
    lemma entry_head_same{A,B}: \forall struct fixalloc *f, integer c;
      0 <= c && one_entry{A,B}(f, c) && new_base{A,B}(f, c) ==> same_head{A,B}(f);
    lemma counts_are_new{A,B}: \forall struct fixalloc *f, integer c;
      counts{A,B}(f) ==> new_numbers{A,B}(f, c);
    lemma slabs_grown{A,B}: \forall struct fixalloc *f, integer c;
      slabs{A}(f, c) && slabs_stay{A,B}(f, c, c) && slab_of{B}(f, c) ==> slabs{B}(f, c + 1);
    lemma places_grown{A,B}: \forall struct fixalloc *f, integer c;
      places{A}(f, c) && places_stay{A,B}(f, c) && place_of{B}(f, c) ==> places{B}(f, c + 1);
    lemma apart_swapped: \forall char *p, *q, integer n, m, stride;
      blocks_apart(p, n, q, m, stride) ==> blocks_apart(q, m, p, n, stride);
    lemma disjoint_grown{A,B}: \forall struct fixalloc *f, integer c;
      disjoint{A}(f, c) && pairs_stay{A,B}(f, c) &&
      apart_from_slabs{B}(f, c, \at(f->slab[c].base,B), \at(f->slab[c].bytes,B)) ==>
      disjoint{B}(f, c + 1);
    predicate new_stays{A,B}(struct fixalloc *f, integer n, char *p, integer bytes) =
      \forall integer i; 0 <= i < n &&
        blocks_apart(p, bytes, \at(f->slab[i].base,A), \at(f->slab[i].bytes,A), \at(f->stride,A)) ==>
        blocks_apart(p, bytes, \at(f->slab[i].base,B), \at(f->slab[i].bytes,B), \at(f->stride,B));
    lemma new_stays{A,B}: \forall struct fixalloc *f, integer n, char *p, integer bytes;
      same_blocks{A,B}(f, n) && \at(f->stride,A) == \at(f->stride,B) ==>
      new_stays{A,B}(f, n, p, bytes);
    lemma none_yet{A,B}: \forall struct fixalloc *f, integer n, char *p, integer bytes;
      apart_from_slabs{A}(f, n, p, bytes) && new_stays{A,B}(f, n, p, bytes) ==>
      apart_from_slabs{B}(f, n, p, bytes);
    lemma counts_in_allocator{A,B}: \forall struct fixalloc *f;
      counts{A,B}(f) ==> one_allocator{A,B}(f);
    lemma whole_arena_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a;
      one_allocator{A,B}(f) && pointers_of{A,B}(f) && \at(\separated(f, a),A) ==>
      same_arena{A,B}(a);
    lemma region_same{A,B}: \forall char *base, *end;
      still_valid{A,B} && region{A}(base, end) ==> region{B}(base, end);
    predicate regions_stay{A,B}(struct persist_arena *a, integer n) = \forall integer i;
      0 <= i < n && region{A}(\at(a->region[i].base,A), \at(a->region[i].end,A)) ==>
      region{B}(\at(a->region[i].base,B), \at(a->region[i].end,B));
    lemma regions_stay{A,B}: \forall struct persist_arena *a, integer n;
      still_valid{A,B} && same_regions{A,B}(a, PERSIST_REGIONS) && n <= PERSIST_REGIONS ==>
      regions_stay{A,B}(a, n);
    lemma regions_kept{A,B}: \forall struct persist_arena *a, integer n;
      regions{A}(a, n) && regions_stay{A,B}(a, n) ==> regions{B}(a, n);
    lemma bytes_kept{A,B}: \forall char *base, integer from, to;
      same_chars{A,B} ==> same_bytes{A,B}(base, from, to);
*/

/*@ predicate same_used{A,B}(struct fixalloc *f) =
      \forall integer i, o; used{A}(f, i, o) <==> used{B}(f, i, o);
*/

/*@ // While bytes of one block change.
    predicate chars_but{A,B}(char *p, integer n) =
      \forall char *q; \separated(q, p + (0 .. n - 1)) ==> \at(*q,A) == \at(*q,B);
    predicate same_contents{A,B}(struct fixalloc *f, integer n, integer c) =
      \forall integer i; 0 <= i < n && i != c ==>
        same_bytes{A,B}(\at(f->slab[i].base,A), 0, span(\at(f->slab[i].bytes,A), \at(f->stride,A)));
    lemma bytes_apart{A,B}: \forall char *p, *q, integer n, m;
      chars_but{A,B}(p, n) && apart(q, m, p, n) ==> same_bytes{A,B}(q, 0, m);
    lemma entries_of_bytes{A,B}: \forall char *base, integer at, n, to;
      0 <= at && at + 4 * n <= to && same_bytes{A,B}(base, 0, to) ==> same_entries{A,B}(base, at, n);
    predicate contents_stay{A,B}(struct fixalloc *f, integer n, integer c) =
      \forall integer i; 0 <= i < n && i != c && apart_slabs{A}(f, i, c) ==>
        same_bytes{A,B}(\at(f->slab[i].base,A), 0, span(\at(f->slab[i].bytes,A), \at(f->stride,A)));
    lemma contents_stay{A,B}: \forall struct fixalloc *f, integer n, c;
      chars_but{A,B}(\at(f->slab[c].base,A), span(\at(f->slab[c].bytes,A), \at(f->stride,A))) ==>
      contents_stay{A,B}(f, n, c);
    lemma others_contents{A,B}: \forall struct fixalloc *f, integer n, c;
      0 <= c < n && disjoint{A}(f, n) && contents_stay{A,B}(f, n, c) ==> same_contents{A,B}(f, n, c);
    lemma stack_inside{L}: \forall char *base, integer bytes, fresh, cut, free, stride, align;
      slab(base, bytes, fresh, cut, free, stride, align) ==>
      0 <= bytes && bytes + 4 * free <= span(bytes, stride);
    lemma stack_of_bytes{A,B}: \forall char *base, integer bytes, fresh, cut, free, stride, align;
      slab{A}(base, bytes, fresh, cut, free, stride, align) &&
      same_bytes{A,B}(base, 0, span(bytes, stride)) ==> same_entries{A,B}(base, bytes, free);
    lemma place_of_bytes{A,B}: \forall char *base, integer bytes, most, align;
      slab_place{A}(base, bytes, most, align) && still_valid{A,B} ==>
      slab_place{B}(base, bytes, most, align);
    lemma zero_of_bytes{A,B}: \forall char *base, integer from, to, m;
      0 <= from && to <= m && zero_from{A}(base, from, to) && same_bytes{A,B}(base, 0, m) ==>
      zero_from{B}(base, from, to);
    lemma objects_inside{L}: \forall char *base, integer bytes, fresh, cut, free, stride, align;
      slab(base, bytes, fresh, cut, free, stride, align) ==> 0 <= fresh && bytes <= span(bytes, stride);
    lemma fresh_of_bytes{A,B}: \forall char *base, integer bytes, fresh, cut, free, stride, align;
      slab{A}(base, bytes, fresh, cut, free, stride, align) &&
      same_bytes{A,B}(base, 0, span(bytes, stride)) ==> zero_from{B}(base, fresh, bytes);
    lemma slab_of_parts{A,B}: \forall char *base, integer bytes, fresh, cut, free, stride, align;
      slab{A}(base, bytes, fresh, cut, free, stride, align) && still_valid{A,B} &&
      same_entries{A,B}(base, bytes, free) && zero_from{B}(base, fresh, bytes) ==>
      slab{B}(base, bytes, fresh, cut, free, stride, align);
    lemma slab_of_bytes{A,B}: \forall char *base, integer bytes, fresh, cut, free, stride, align;
      slab{A}(base, bytes, fresh, cut, free, stride, align) && still_valid{A,B} &&
      same_bytes{A,B}(base, 0, span(bytes, stride)) ==>
      slab{B}(base, bytes, fresh, cut, free, stride, align);
    predicate slab_kept{A,B}(struct fixalloc *f, integer i) =
      same_slab{A,B}(f, i) && same_bytes{A,B}(\at(f->slab[i].base,A), 0,
                                              span(\at(f->slab[i].bytes,A), \at(f->stride,A)));
    predicate each_kept{A,B}(struct fixalloc *f, integer n, integer c) = \forall integer i;
      0 <= i < n && i != c && slab_of{A}(f, i) ==> slab_kept{A,B}(f, i);
    lemma each_kept{A,B}: \forall struct fixalloc *f, integer n, c;
      same_contents{A,B}(f, n, c) && each_same{A,B}(f, n, c) ==> each_kept{A,B}(f, n, c);
    lemma slab_apart_stays{A,B}: \forall struct fixalloc *f, integer i;
      slab_kept{A,B}(f, i) && still_valid{A,B} && slab_of{A}(f, i) ==> slab_of{B}(f, i);
    lemma slabs_apart_stay{A,B}: \forall struct fixalloc *f, integer n, c;
      each_kept{A,B}(f, n, c) && still_valid{A,B} ==> slabs_stay{A,B}(f, n, c);
    predicate stacks_stay{A,B}(struct fixalloc *f, integer n, integer c) =
      \forall integer i; 0 <= i < n && i != c && slab_of{A}(f, i) ==>
        same_entries{A,B}(\at(f->slab[i].base,A), \at(f->slab[i].bytes,A), \at(f->slab[i].free,A));
    lemma stack_stays{A,B}: \forall struct fixalloc *f, integer i;
      slab_kept{A,B}(f, i) && slab_of{A}(f, i) ==>
      same_entries{A,B}(\at(f->slab[i].base,A), \at(f->slab[i].bytes,A), \at(f->slab[i].free,A));
    lemma stacks_stay{A,B}: \forall struct fixalloc *f, integer n, c;
      each_kept{A,B}(f, n, c) ==> stacks_stay{A,B}(f, n, c);
    lemma stacks_apart_same{A,B}: \forall struct fixalloc *f, integer n, c;
      slabs{A}(f, n) && stacks_stay{A,B}(f, n, c) ==> same_stacks{A,B}(f, n, c);
    lemma unused_same{A,B}: \forall struct persist_arena *a, char *p, integer n;
      set_apart{A}(a, p, n) && chars_but{A,B}(p, n) ==>
      same_bytes{A,B}(\at(a->base,A), 0, \at(a->off,A));
*/

/*@ // While only the slab that is tried first changes.
    predicate turned{A,B}(struct fixalloc *f) =
      \forall size_t *q; q != \at(&f->current,A) ==> \at(*q,A) == \at(*q,B);
    lemma turned_in_allocator{A,B}: \forall struct fixalloc *f;
      turned{A,B}(f) ==> one_allocator{A,B}(f);
    lemma turned_slabs_same{A,B}: \forall struct fixalloc *f, integer n;
      n <= FIXALLOC_SLABS && turned{A,B}(f) && same_pointers{A,B} ==> same_slabs{A,B}(f, n, n);
    lemma slabs_still{A,B}: \forall struct fixalloc *f, integer n;
      slabs{A}(f, n) && slabs_stay{A,B}(f, n, n) ==> slabs{B}(f, n);
    lemma all_used_same{A,B}: \forall struct fixalloc *f;
      others_stay{A,B}(f, \at(f->count,A)) && \at(f->count,A) == \at(f->count,B) ==>
      same_used{A,B}(f);
*/

/*@ // Two slabs hold no address both.
    lemma slab_in_block{L}: \forall char *base, integer bytes, fresh, cut, free, stride, align;
      slab(base, bytes, fresh, cut, free, stride, align) ==>
      flat(base, span(bytes, stride)) && fresh <= span(bytes, stride);
    lemma pointer_at: \forall char *p, *x, integer n, i;
      flat(p, n) && 0 <= i <= n && (uintptr_t)x == (uintptr_t)p + i ==> x == p + i;
    lemma apart_places: \forall char *p, *q, integer n, m, i, j;
      apart(p, n, q, m) && 0 <= i < n && 0 <= j < m ==> p + i != q + j;
    lemma fresh_inside{L}: \forall struct fixalloc *f, integer i;
      slab_of(f, i) ==> f->slab[i].fresh <= span(f->slab[i].bytes, f->stride);
    lemma one_place{L}: \forall struct fixalloc *f, integer i, j, d, e;
      slab_of(f, i) && slab_of(f, j) && apart_slabs(f, i, j) && 0 <= d < f->slab[i].fresh &&
      0 <= e < f->slab[j].fresh ==> f->slab[i].base + d != f->slab[j].base + e;
    lemma apart_pair{L}: \forall struct fixalloc *f, integer n, i, j;
      disjoint(f, n) && 0 <= i < n && 0 <= j < n && i != j ==> apart_slabs(f, i, j);
    predicate others_apart{L}(struct fixalloc *f, integer n, integer j) = \forall integer i;
      0 <= i < n && i != j ==> apart_slabs(f, i, j);
    lemma others_apart{L}: \forall struct fixalloc *f, integer n, j;
      disjoint(f, n) && 0 <= j < n ==> others_apart(f, n, j);
    lemma held_once{L}: \forall struct fixalloc *f, char *p, integer i, j, o, d;
      slab_of(f, i) && slab_of(f, j) && (i != j ==> apart_slabs(f, i, j)) && held(f, p, i, o) &&
      held(f, p, j, d) ==> i == j && o == d;
    predicate each_held_once{L}(struct fixalloc *f, char *p, integer j, integer d) =
      \forall integer i, o; slab_of(f, i) && (i != j ==> apart_slabs(f, i, j)) &&
        held(f, p, i, o) ==> i == j && o == d;
    lemma each_held_once{L}: \forall struct fixalloc *f, char *p, integer j, d;
      slab_of(f, j) && held(f, p, j, d) ==> each_held_once(f, p, j, d);
    predicate held_only{L}(struct fixalloc *f, char *p, integer j, integer d) =
      \forall integer i, o; held(f, p, i, o) ==> i == j && o == d;
    lemma held_only{L}: \forall struct fixalloc *f, char *p, integer j, d;
      slabs(f, f->count) && others_apart(f, f->count, j) && each_held_once(f, p, j, d) ==>
      held_only(f, p, j, d);
    lemma all_free_at{L}: \forall struct fixalloc *f, char *p, integer j, d;
      held_only(f, p, j, d) && all_free(f, p) ==> f->slab[j].free == f->slab[j].cut;
    lemma named_held{L}: \forall struct fixalloc *f, char *p, integer i, o;
      slab_of(f, i) && named(f, p, i, o) ==> held(f, p, i, o);
    predicate each_named_held{L}(struct fixalloc *f, char *p) = \forall integer i, o;
      named(f, p, i, o) ==> held(f, p, i, o);
    predicate sound_named_held{L}(struct fixalloc *f, char *p) = \forall integer i, o;
      slab_of(f, i) && named(f, p, i, o) ==> held(f, p, i, o);
    lemma sound_named_held{L}: \forall struct fixalloc *f, char *p; sound_named_held(f, p);
    lemma each_named_held{L}: \forall struct fixalloc *f, char *p;
      slabs(f, f->count) && sound_named_held(f, p) ==> each_named_held(f, p);
    lemma in_use_named{L}: \forall struct fixalloc *f, char *p, integer j, d;
      each_named_held(f, p) && held_only(f, p, j, d) && in_use(f, p) ==> named(f, p, j, d);

    // The same by address.
    lemma address_held{L}: \forall struct fixalloc *f, char *p, integer i;
      slab_of(f, i) && holds(f, i, (uintptr_t)p) ==>
      held(f, p, i, (uintptr_t)p - (uintptr_t)f->slab[i].base);
    lemma held_address{L}: \forall struct fixalloc *f, char *p, integer i, o;
      slab_of(f, i) && held(f, p, i, o) ==> holds(f, i, (uintptr_t)p);
    predicate each_holds{L}(struct fixalloc *f, char *p) = \forall integer i, o;
      held(f, p, i, o) ==> holds(f, i, (uintptr_t)p);
    predicate sound_holds{L}(struct fixalloc *f, char *p) = \forall integer i, o;
      slab_of(f, i) && held(f, p, i, o) ==> holds(f, i, (uintptr_t)p);
    lemma sound_holds{L}: \forall struct fixalloc *f, char *p; sound_holds(f, p);
    lemma each_holds{L}: \forall struct fixalloc *f, char *p;
      slabs(f, f->count) && sound_holds(f, p) ==> each_holds(f, p);
    lemma in_use_inside{L}: \forall struct fixalloc *f, char *p;
      each_named_held(f, p) && each_holds(f, p) && in_use(f, p) ==> !outside(f, (uintptr_t)p);
    lemma all_free_inside{L}: \forall struct fixalloc *f, char *p;
      each_holds(f, p) && all_free(f, p) ==> !outside(f, (uintptr_t)p);
    predicate good_base{L}(struct fixalloc *f, integer i) =
      0 <= (uintptr_t)f->slab[i].base && \valid_read(f->slab[i].base + 0);
    predicate bases{L}(struct fixalloc *f, integer n) =
      \forall integer i; 0 <= i < n ==> good_base(f, i);
    predicate sound_bases{L}(struct fixalloc *f) = \forall integer i;
      slab_of(f, i) ==> good_base(f, i);
    lemma sound_bases{L}: \forall struct fixalloc *f; sound_bases(f);
    lemma bases{L}: \forall struct fixalloc *f, integer n;
      slabs(f, n) && sound_bases(f) ==> bases(f, n);

    // What is known by slab and offset is known by address.
    lemma named_same{A,B}: \forall struct fixalloc *f, char *p, *q, integer c, o, i, d;
      same_others{A,B}(f, c, o) && p == \at(f->slab[c].base,A) + o && q != p &&
      \at(f->slab[i].base,A) == \at(f->slab[i].base,B) ==>
      (named{A}(f, q, i, d) <==> named{B}(f, q, i, d));
    predicate same_names{A,B}(struct fixalloc *f, char *p) = \forall char *q, integer i, d;
      q != p ==> (named{A}(f, q, i, d) <==> named{B}(f, q, i, d));
    lemma same_names{A,B}: \forall struct fixalloc *f, char *p, integer c, o;
      same_others{A,B}(f, c, o) && p == \at(f->slab[c].base,A) + o &&
      same_blocks{A,B}(f, \at(f->count,A)) && \at(f->count,A) == \at(f->count,B) ==>
      same_names{A,B}(f, p);
    lemma same_in_use{A,B}: \forall struct fixalloc *f, char *p;
      same_names{A,B}(f, p) ==> same_in_use{A,B}(f, p);
    predicate all_names{A,B}(struct fixalloc *f) = \forall char *q, integer i, d;
      named{A}(f, q, i, d) <==> named{B}(f, q, i, d);
    lemma all_names{A,B}: \forall struct fixalloc *f;
      same_used{A,B}(f) && same_blocks{A,B}(f, \at(f->count,A)) ==> all_names{A,B}(f);
    lemma all_in_use{A,B}: \forall struct fixalloc *f;
      all_names{A,B}(f) ==> all_in_use{A,B}(f);
    predicate unnamed{L}(struct fixalloc *f, char *p) = \forall integer i, d; !named(f, p, i, d);
    predicate names_stay{A,B}(struct fixalloc *f, char *p, integer c, integer o) =
      \forall integer i, d; named{A}(f, p, i, d) ==> (i == c && d == o) || named{B}(f, p, i, d);
    lemma names_stay{A,B}: \forall struct fixalloc *f, char *p, integer c, o;
      same_others{A,B}(f, c, o) && same_blocks{A,B}(f, \at(f->count,A)) ==>
      names_stay{A,B}(f, p, c, o);
    lemma unnamed_before{A,B}: \forall struct fixalloc *f, char *p, integer c, o;
      names_stay{A,B}(f, p, c, o) && held_only{B}(f, p, c, o) && each_named_held{B}(f, p) &&
      !used{A}(f, c, o) ==> unnamed{A}(f, p);
    lemma unnamed_free{L}: \forall struct fixalloc *f, char *p; unnamed(f, p) ==> !in_use(f, p);
    lemma named_in_use{L}: \forall struct fixalloc *f, char *p, integer i, o;
      named(f, p, i, o) ==> in_use(f, p);

    lemma handed_out_at_last{A,B,C}: \forall struct fixalloc *f, char *p;
      all_in_use{A,B}(f) && handed_out{B,C}(f, p) ==> handed_out{A,C}(f, p);
    lemma still_handed_out{A,B,C}: \forall struct fixalloc *f, char *p;
      handed_out{A,B}(f, p) && all_in_use{B,C}(f) ==> handed_out{A,C}(f, p);

    // While slab c is new, or objects of it are cleared.
    predicate older_used{A,B}(struct fixalloc *f, integer c) = \forall integer i, o; 0 <= i < c ==>
      (used_in{A}(\at(f->slab[i].base,A), \at(f->slab[i].bytes,A), \at(f->slab[i].fresh,A),
                  \at(f->slab[i].free,A), \at(f->stride,A), o) <==>
       used_in{B}(\at(f->slab[i].base,B), \at(f->slab[i].bytes,B), \at(f->slab[i].fresh,B),
                  \at(f->slab[i].free,B), \at(f->stride,B), o));
    lemma older_used{A,B}: \forall struct fixalloc *f, integer c;
      same_slabs{A,B}(f, c, c) && same_stacks{A,B}(f, c, c) && \at(f->stride,A) == \at(f->stride,B) ==>
      older_used{A,B}(f, c);
    lemma used_entered{A,B}: \forall struct fixalloc *f, integer c;
      \at(f->count,A) == c && \at(f->count,B) == c + 1 && older_used{A,B}(f, c) &&
      \at(f->slab[c].fresh,B) == 0 && 0 < \at(f->stride,B) ==> same_used{A,B}(f);
    lemma used_cleared{A,B}: \forall struct fixalloc *f, integer c;
      others_stay{A,B}(f, c) && same_slab{A,B}(f, c) && \at(f->count,A) == \at(f->count,B) &&
      same_entries{A,B}(\at(f->slab[c].base,A), \at(f->slab[c].bytes,A), \at(f->slab[c].free,A)) ==>
      same_used{A,B}(f);

    // While a pointer of the caller's changes.
    predicate pointers_but{A,B}(void **out) =
      \forall char **q; \separated(q, out) ==> \at(*q,A) == \at(*q,B);
    predicate same_numbers{A,B} = \forall size_t *q; \at(*q,A) == \at(*q,B);
    lemma numbers_slabs_same{A,B}: \forall struct fixalloc *f, void **out, integer n;
      n <= FIXALLOC_SLABS && same_numbers{A,B} && pointers_but{A,B}(out) && \separated(out, f) ==>
      same_slabs{A,B}(f, n, n);
    lemma numbers_fields_same{A,B}: \forall struct persist_arena *a, void **out;
      same_numbers{A,B} && pointers_but{A,B}(out) && \separated(out, a) ==> same_fields{A,B}(a);
    lemma numbers_regions_same{A,B}: \forall struct persist_arena *a, void **out;
      pointers_but{A,B}(out) && \separated(out, a) ==> same_regions{A,B}(a, PERSIST_REGIONS);
*/

/*@ // The block b of k bytes that a call serves, and what it leaves, are apart from that.
    predicate unused_from{A,B}(struct persist_arena *a, char *grant, integer granted) =
      (\at(a->base,B) == \at(a->base,A) && \at(a->off,B) == \at(a->off,A)) ||
      (\at(a->base,B) == grant && \at(a->off,B) <= granted);
    lemma apart_from_top{L}: \forall struct persist_arena *a, char *p, integer n, k, off;
      set_apart(a, p, n) && 0 <= off && off + k <= a->off ==> apart(a->base + off, k, p, n);
    lemma apart_from_grant{L}: \forall struct persist_arena *a, char *p, *b, *grant, integer n, k, m;
      set_apart(a, p, n) && apart_from_regions(a, a->count, grant, m) && in_grant(b, k, grant, m) ==>
        apart(b, k, p, n);
    lemma rest_apart{A,B}: \forall struct persist_arena *a, char *p, *grant, integer n, m;
      set_apart{A}(a, p, n) && apart_from_regions{A}(a, \at(a->count,A), grant, m) &&
      unused_from{A,B}(a, grant, m) ==> apart(p, n, \at(a->base,B), \at(a->off,B));
*/

/*@ // What a new block of the arena leaves the same, and where it lies.
    predicate block_apart{L}(struct persist_arena *a, char *b, integer size) =
      \forall char *p, integer n; set_apart(a, p, n) ==> apart(b, size, p, n);
    predicate stay_apart{A,B}(struct persist_arena *a) =
      \forall char *p, integer n; set_apart{A}(a, p, n) ==> set_apart{B}(a, p, n);
    lemma apart_stay_places{A,B}: \forall struct fixalloc *f, integer n;
      stay_apart{A,B}(\at(f->arena,A)) && same_blocks{A,B}(f, n) &&
      \at(f->stride,A) == \at(f->stride,B) && \at(f->arena,A) == \at(f->arena,B) ==>
      places_stay{A,B}(f, n);
    predicate places_apart{L}(struct fixalloc *f, integer n, char *b, integer bytes) =
      \forall integer i; 0 <= i < n && place_of(f, i) ==>
        blocks_apart(b, bytes, f->slab[i].base, f->slab[i].bytes, f->stride);
    lemma places_apart{L}: \forall struct fixalloc *f, integer n, char *b, integer bytes;
      block_apart(f->arena, b, span(bytes, f->stride)) ==> places_apart(f, n, b, bytes);
    lemma new_block_apart{L}: \forall struct fixalloc *f, integer n, char *b, integer bytes;
      places(f, n) && places_apart(f, n, b, bytes) ==> apart_from_slabs(f, n, b, bytes);
    // A part of flat memory is flat, and of zeroed memory zeroed.
    predicate stands_at(char *p, char *base, integer d) = p == base + d;
    predicate each_at(char *p, char *base, integer d) =
      \forall integer i; stands_at(p + i, base, d + i);
    predicate each_flat(char *p, char *base, integer n, integer d) =
      \forall integer i; 0 <= d + i <= n ==> (uintptr_t)(p + i) == (uintptr_t)base + d + i;
    lemma each_at: \forall char *base, *p, integer d; stands_at(p, base, d) ==> each_at(p, base, d);
    lemma flat_at: \forall char *base, *p, integer n, d;
      flat(base, n) && stands_at(p, base, d) && 0 <= d <= n ==>
      (uintptr_t)p == (uintptr_t)base + d;
    lemma each_flat: \forall char *base, *p, integer n, d;
      flat(base, n) && each_at(p, base, d) ==> each_flat(p, base, n, d);
    lemma flat_part: \forall char *base, *p, integer n, m, d;
      flat(base, n) && stands_at(p, base, d) && each_flat(p, base, n, d) && 0 <= d && 0 <= m &&
      d + m <= n ==> flat(p, m);
    lemma zeroed_part{L}: \forall char *base, *p, integer n, d;
      zero_from(base, d, d + n) && each_at(p, base, d) ==> zeroed(p, n);
    lemma zero_whole{L}: \forall char *p, integer n, m;
      zeroed(p, n) && m <= n ==> zero_from(p, 0, m);
    lemma within_at: \forall char *p, *base, *end, integer n;
      within(p, n, base, end) ==> stands_at(p, base, p - base);
    lemma flat_within{L}: \forall char *p, *base, *end, integer n;
      region(base, end) && within(p, n, base, end) && 0 <= n ==> flat(p, n);
    lemma place_within{L}: \forall char *p, *base, *end, integer n;
      region(base, end) && within(p, n, base, end) && 0 <= n ==>
      0 <= (uintptr_t)p && (uintptr_t)p + n <= UINTPTR_MAX;
    lemma flat_in_region{L}: \forall struct persist_arena *a, char *p, integer n;
      regions(a, a->count) && in_a_region(a, p, n) && 0 <= n ==>
      flat(p, n) && 0 <= (uintptr_t)p && (uintptr_t)p + n <= UINTPTR_MAX;
    lemma most_objects: \forall integer objects, stride;
      0 < stride && 0 <= objects ==> (stride * objects) / stride == objects;
    lemma block_span: \forall integer objects, stride;
      0 < stride && 0 <= objects ==>
      span(stride * objects, stride) == objects * (stride + FIXSLAB_ENTRY);
*/

/*@ predicate each_beside_same{A,B}(struct fixalloc *f) =
      \forall integer i; 0 <= i < FIXALLOC_SLABS ==> same_slab{A,B}(f, i);
    lemma each_beside_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a, void **out;
      beside{A}(f, a, out) && numbers_but{A,B}(a) && addresses_but{A,B}(a, out) ==>
      each_beside_same{A,B}(f);
    predicate beside_same{A,B}(struct fixalloc *f, integer n) =
      \forall integer i; 0 <= i < n && same_slab{A,B}(f, i) ==>
        \at(f->slab[i].base,A) == \at(f->slab[i].base,B) &&
        \at(f->slab[i].bytes,A) == \at(f->slab[i].bytes,B) &&
        \at(f->slab[i].fresh,A) == \at(f->slab[i].fresh,B) &&
        \at(f->slab[i].cut,A) == \at(f->slab[i].cut,B) &&
        \at(f->slab[i].free,A) == \at(f->slab[i].free,B);
    lemma beside_same{A,B}: \forall struct fixalloc *f, integer n; beside_same{A,B}(f, n);
    lemma beside_slabs_same{A,B}: \forall struct fixalloc *f, integer n;
      n <= FIXALLOC_SLABS && each_beside_same{A,B}(f) && beside_same{A,B}(f, n) ==>
      same_slabs{A,B}(f, n, n);
*/

/* The least multiple of an alignment that an object fits into. */
/*@ requires size: 0 < size <= FIXALLOC_SIZE_MOST;
    requires multiple: 0 < multiple <= PERSIST_MAX_ALIGN;
    terminates \true; exits \false;
    assigns \result \from size, multiple;
    ensures fits: size <= \result < size + multiple;
    ensures multiple: \result % multiple == 0;
*/
static size_t round_up(size_t size, size_t multiple)
{
    size_t sum = size + multiple - 1u;
    //@ assert sum: sum == size + multiple - 1;
    //@ assert remainder: 0 <= sum % multiple < multiple;
    //@ assert whole: sum / multiple * multiple == sum - sum % multiple;
    //@ assert multiple: (multiple * (sum / multiple)) % multiple == 0;
    return sum / multiple * multiple;
}

/*@ ghost
    /@ requires arena: \valid(f->arena) && \separated(f, f->arena) && sound(f->arena);
       requires sizes: sizes(f->stride, f->align);
       requires none: f->count == 0 && f->current == 0 && f->taken == 0;
       requires no_slab: no_slab(f->slab[0].base, f->slab[0].bytes, f->slab[0].fresh, f->slab[0].cut,
                                 f->slab[0].free);
       terminates \true; exits \false;
       assigns \nothing;
       ensures table: table(f);
       ensures arena: arena_of(f);
    @/
    static inline void empty_table(const struct fixalloc *f)
    {
    }
*/

/* The first slab is looked at before there is one. */
/*@ requires f: \valid(f);
    terminates \true; exits \false;
    assigns f->slab[0].base, f->slab[0].bytes, f->slab[0].fresh, f->slab[0].cut, f->slab[0].free
      \from \nothing;
    ensures none: no_slab(f->slab[0].base, f->slab[0].bytes, f->slab[0].fresh, f->slab[0].cut,
                          f->slab[0].free);
    ensures numbers: one_allocator{Pre,Post}(f);
    ensures pointers: pointers_of{Pre,Post}(f);
*/
static void no_objects(struct fixalloc *f)
{
    f->slab[0].base = NULL;
    f->slab[0].bytes = 0;
    f->slab[0].fresh = 0;
    f->slab[0].cut = 0;
    f->slab[0].free = 0;
}

/*@ requires f: \valid(f);
    terminates \true; exits \false;
    assigns f->stride, f->align, f->taken, f->count, f->current \from stride, multiple;
    ensures sizes: f->stride == stride && f->align == multiple;
    ensures empty: f->count == 0 && f->current == 0 && f->taken == 0;
    ensures numbers: one_allocator{Pre,Post}(f);
*/
static void no_slabs(struct fixalloc *f, size_t stride, size_t multiple)
{
    f->stride = stride;
    f->align = multiple;
    f->taken = 0;
    f->count = 0;
    f->current = 0;
}

/*@ requires f: \valid(f);
    requires arena: \valid(arena) && \separated(f, arena) && sound(arena);
    requires sizes: sizes(stride, multiple);
    terminates \true; exits \false;
    assigns f->arena, f->stride, f->align, f->taken, f->count, f->current, f->slab[0]
      \from arena, stride, multiple;
    ensures table: table(f);
    ensures arena: f->arena == arena && arena_of(f);
    ensures sizes: f->stride == stride && f->align == multiple;
    ensures empty: f->count == 0 && f->taken == 0;
*/
static void begin(struct fixalloc *f, struct persist_arena *arena, size_t stride, size_t multiple)
{
    //@ assert few: arena->count <= PERSIST_REGIONS;
    f->arena = arena;
    no_slabs(f, stride, multiple);
    no_objects(f);
    //@ assert numbers: one_allocator{Pre,Here}(f);
    //@ assert pointers: pointers_of{Pre,Here}(f);
    //@ assert fields: same_fields{Pre,Here}(arena);
    //@ assert regions: same_regions{Pre,Here}(arena, PERSIST_REGIONS);
    //@ assert same_arena: same_arena{Pre,Here}(arena);
    //@ assert old_regions: same_regions{Pre,Here}(arena, arena->count);
    //@ assert all_regions: regions(arena, arena->count);
    //@ assert sound: sound(arena);
    //@ ghost empty_table(f);
}

enum persist_status fixalloc_init(struct fixalloc *f, struct persist_arena *arena, size_t size,
                                  size_t align)
{
    unsigned shift = 0;
    size_t multiple = persist_alignment(align);
    enum persist_status status = persist_check_align(multiple, &shift);
    if (status != PERSIST_OK) {
        return status;
    }
    if (size > FIXALLOC_SIZE_MOST) {
        return PERSIST_NO_MEMORY;
    }
    begin(f, arena, round_up(persist_length(size), multiple), multiple);
    return PERSIST_OK;
}

/*@ ghost
    /@ requires entry: \valid(f) && i < FIXALLOC_SLABS;
       terminates \true; exits \false;
       assigns \nothing;
       ensures valid: \valid(&f->slab[i]) && \object_pointer(&f->slab[i]);
    @/
    static inline void entry_is_valid(struct fixalloc *f, size_t i)
    {
    }

    /@ requires table: table(f);
       requires index: i < f->count;
       terminates \true; exits \false;
       assigns \nothing;
       ensures base: \object_pointer(f->slab[i].base);
    @/
    static inline void base_is_valid(struct fixalloc *f, size_t i)
    {
        /@ assert slab: slab_of(f, i) && SLAB(f, i); @/
    }

    /@ requires table: table(f);
       requires index: i < f->count;
       terminates \true; exits \false;
       assigns \nothing;
       ensures slab: slab_of(f, i);
       ensures apart: others_apart(f, f->count, i);
       ensures block: \valid(f->slab[i].base + (0 .. f->slab[i].bytes - 1));
       ensures sizes: 0 <= f->slab[i].fresh <= f->slab[i].bytes <= 2 * FIXSLAB_MOST && 0 < f->stride;
    @/
    static inline void table_at(const struct fixalloc *f, size_t i)
    {
        /@ assert slab: slab_of(f, i) && SLAB(f, i); @/
    }

    /@ requires table: slabs(f, f->count);
       terminates \true; exits \false;
       assigns \nothing;
       ensures used: in_use(f, p) ==> !outside(f, (uintptr_t)p);
       ensures all_free: all_free(f, p) ==> !outside(f, (uintptr_t)p);
    @/
    static inline void not_outside(const struct fixalloc *f, char *p)
    {
        /@ assert sound: sound_named_held(f, p) && sound_holds(f, p); @/
        /@ assert named: each_named_held(f, p); @/
        /@ assert holds: each_holds(f, p); @/
    }

    /@ requires table: table(f);
       requires held: held(f, p, h, o);
       terminates \true; exits \false;
       assigns \nothing;
       ensures only: held_only(f, p, h, o);
       ensures used: in_use(f, p) ==> named(f, p, h, o);
       ensures all_free: all_free(f, p) ==> f->slab[h].free == f->slab[h].cut;
    @/
    static inline void only_here(const struct fixalloc *f, char *p, size_t h, size_t o)
    {
        /@ assert slab: slab_of(f, h); @/
        /@ assert apart: others_apart(f, f->count, h); @/
        /@ assert each: each_held_once(f, p, h, o); @/
        /@ assert only: held_only(f, p, h, o); @/
        /@ assert named: each_named_held(f, p); @/
    }
*/

/*@ ghost
    /@ requires table: table(f);
       requires holds: holds(f, h, (uintptr_t)p);
       requires offset: o == (uintptr_t)p - (uintptr_t)f->slab[h].base;
       terminates \true; exits \false;
       assigns \nothing;
       ensures held: held(f, p, h, o);
       ensures inside: o < f->slab[h].bytes && SPAN(&f->slab[h], f->stride) <= 2 * FIXSLAB_MOST;
       ensures numbers: 0 <= f->slab[h].free <= f->slab[h].cut;
       ensures used: in_use(f, p) ==> named(f, p, h, o);
       ensures all_free: all_free(f, p) ==> f->slab[h].free == f->slab[h].cut;
    @/
    static inline void held_here(const struct fixalloc *f, char *p, size_t h, size_t o)
    {
        /@ assert slab: slab_of(f, h) && SLAB(f, h); @/
        only_here(f, p, h, o);
    }
*/

/* ---- more memory ---- */

#ifdef __FRAMAC__
#define COST(f) ((f)->stride + FIXSLAB_ENTRY + FLAG)
/* What no call changes. */
#define SAME_KIND(f)                                                                               \
    ((f)->stride == \old((f)->stride) && (f)->align == \old((f)->align) &&                         \
     (f)->arena == \old((f)->arena))
#endif

/* What an object takes of the arena. */
/*@ requires f: \valid_read(f) && 0 < f->stride <= 2 * FIXALLOC_SIZE_MOST;
    terminates \true; exits \false;
    assigns \result \from f->stride;
    ensures rule: \result == f->stride + FIXSLAB_ENTRY + FLAG;
*/
static size_t cost(const struct fixalloc *f)
{
    return f->stride + FIXSLAB_ENTRY + FLAG;
}

/* A block for a slab: apart from every older one. */
/*@ requires arena: \valid(arena) && sound(arena);
    requires size: 0 < size && 0 < align && good_alignment(align);
    requires block: \valid(block) && \separated(block, arena) &&
      \separated(block, arena->base + (0 .. arena->off - 1));
    terminates \true; exits \false;
    assigns *block, *arena, BEHIND(arena), SYSTEM_CHANGES, \result
      \from *arena, size, align, sys_next, sys_next_size;
    ensures sound: sound(arena);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures apart: \result == PERSIST_OK ==> block_apart{Pre}(arena, (char *)*block, size);
    ensures stays_apart: stay_apart{Pre,Post}(arena);
    ensures set_apart: \result == PERSIST_OK ==> set_apart(arena, (char *)*block, size);
    ensures aligned: \result == PERSIST_OK ==> aligned((char *)*block, align);
    ensures valid: \result == PERSIST_OK ==> \valid((char *)*block + (0 .. size - 1));
    ensures zeroed: \result == PERSIST_OK ==> zeroed((char *)*block, size);
    ensures counted: \result == PERSIST_OK ==>
      arena->requested == \old(arena->requested) + size;
    ensures no_room: \result != PERSIST_OK ==> arena->off < size;
    ensures kept: \result != PERSIST_OK ==> *block == \old(*block);
    ensures same_books: \result != PERSIST_OK ==> SAME_BOOKS(arena);
*/
static enum persist_status take_block(struct persist_arena *arena, size_t size, size_t align,
                                      void **block)
{
    //@ assert served_as_is: length(size) == size && alignment(align) == align;
    //@ assert few: 0 <= arena->count <= PERSIST_REGIONS;
    enum persist_status status = persist_arena_alloc(arena, size, align, block);
    /*@ assert unused: status == PERSIST_OK && size <= \at(arena->off,Pre) ==>
          (char *)*block == \at(arena->base,Pre) + arena->off &&
          arena->base == \at(arena->base,Pre) && arena->off + size <= \at(arena->off,Pre); */
    /*@ assert grant: status == PERSIST_OK && size > \at(arena->off,Pre) ==>
          in_grant((char *)*block, size, \at(sys_next,Pre), \at(sys_next_size,Pre)) &&
          unused_from{Pre,Here}(arena, \at(sys_next,Pre), \at(sys_next_size,Pre)); */
    /*@ assert grant_apart: status == PERSIST_OK && size > \at(arena->off,Pre) ==>
          apart_from_regions{Pre}(arena, \at(arena->count,Pre), \at(sys_next,Pre),
                                  \at(sys_next_size,Pre)); */
    /*@ assert from_unused: status == PERSIST_OK && size <= \at(arena->off,Pre) ==>
          \forall char *p, integer n; set_apart{Pre}(arena, p, n) ==>
            apart((char *)*block, size, p, n); */
    /*@ assert from_grant: status == PERSIST_OK && size > \at(arena->off,Pre) ==>
          \forall char *p, integer n; set_apart{Pre}(arena, p, n) ==>
            apart((char *)*block, size, p, n); */
    /*@ assert in_a_region: \forall char *p, integer n;
          in_a_region{Pre}(arena, p, n) ==> in_a_region(arena, p, n); */
    /*@ assert rest_from_grant: status == PERSIST_OK && size > \at(arena->off,Pre) ==>
          \forall char *p, integer n; set_apart{Pre}(arena, p, n) ==>
            apart(p, n, arena->base, arena->off); */
    /*@ assert rest: status != PERSIST_OK || size <= \at(arena->off,Pre) ==>
          \forall char *p, integer n; set_apart{Pre}(arena, p, n) ==>
            apart(p, n, arena->base, arena->off); */
    //@ assert apart: status == PERSIST_OK ==> block_apart{Pre}(arena, (char *)*block, size);
    /*@ assert all_rest: \forall char *p, integer n; set_apart{Pre}(arena, p, n) ==>
          apart(p, n, arena->base, arena->off); */
    //@ assert stays: stay_apart{Pre,Here}(arena);
    return status;
}

/* The first entry that is not in use. */
/*@ requires f: \valid(f) && c == f->count < FIXALLOC_SLABS;
    requires sizes: sizes(f->stride, f->align);
    requires objects: 0 < objects &&
      f->stride * objects + FIXSLAB_ENTRY * objects <= 2 * FIXSLAB_MOST;
    requires block: slab_place(block, f->stride * objects, objects, f->align) &&
      zero_from(block, 0, f->stride * objects);
    terminates \true; exits \false;
    assigns f->slab[c] \from *f, block, objects;
    ensures slab: SLAB(f, c);
    ensures head: same_head{Pre,Post}(f);
    ensures block: f->slab[c].base == block && f->slab[c].bytes == f->stride * objects;
    ensures empty: f->slab[c].fresh == 0 && f->slab[c].free == 0;
    ensures numbers: one_entry{Pre,Post}(f, c);
    ensures pointers: new_base{Pre,Post}(f, c);
*/
static void open_slab(struct fixalloc *f, char *block, size_t objects) /*@ ghost (size_t c) */
{
    fixslab_open(&f->slab[f->count], block, objects, f->stride, f->align);
    //@ assert entry: one_entry{Pre,Here}(f, c);
    //@ assert base: new_base{Pre,Here}(f, c);
    //@ assert head: same_head{Pre,Here}(f);
    //@ assert opened: SOUND_SLAB(&f->slab[c], f->stride, f->align);
    PERSIST_UNUSED(block, f->slab[f->count].bytes);
}

/*@ requires f: \valid(f) && c == f->count < FIXALLOC_SLABS;
    requires sizes: sizes(f->stride, f->align);
    requires taken: 0 <= objects &&
      f->taken + objects * (f->stride + FIXSLAB_ENTRY + FLAG) <= SIZE_MAX;
    terminates \true; exits \false;
    assigns f->taken, f->current, f->count \from *f, objects;
    ensures taken: f->taken == \old(f->taken) + objects * (f->stride + FIXSLAB_ENTRY + FLAG);
    ensures current: f->count == \old(f->count) + 1 && f->current == \old(f->count);
    ensures numbers: counts{Pre,Post}(f);
    ensures sizes: f->stride == \old(f->stride) && f->align == \old(f->align) &&
      f->arena == \old(f->arena);
    ensures entry: f->slab[c].base == \old(f->slab[c].base) &&
      f->slab[c].bytes == \old(f->slab[c].bytes) && f->slab[c].fresh == \old(f->slab[c].fresh) &&
      f->slab[c].cut == \old(f->slab[c].cut) && f->slab[c].free == \old(f->slab[c].free);
*/
static void count_slab(struct fixalloc *f, size_t objects) /*@ ghost (size_t c) */
{
    f->taken += objects * cost(f);
    f->current = f->count;
    f->count += 1u;
}

/*@ requires f: \valid(f) && c == f->count < FIXALLOC_SLABS;
    requires sizes: sizes(f->stride, f->align);
    requires objects: 0 < objects &&
      f->stride * objects + FIXSLAB_ENTRY * objects <= 2 * FIXSLAB_MOST;
    requires taken: f->taken + objects * (f->stride + FIXSLAB_ENTRY + FLAG) <= SIZE_MAX;
    requires block: slab_place(block, f->stride * objects, objects, f->align) &&
      zero_from(block, 0, f->stride * objects);
    terminates \true; exits \false;
    assigns *f \from *f, block, objects;
    ensures slab: SLAB(f, c);
    ensures block: f->slab[c].base == block && f->slab[c].bytes == f->stride * objects;
    ensures empty: f->slab[c].fresh == 0 && f->slab[c].free == 0;
    ensures sizes: f->stride == \old(f->stride) && f->align == \old(f->align) &&
      f->arena == \old(f->arena);
    ensures taken: f->taken == \old(f->taken) + objects * (f->stride + FIXSLAB_ENTRY + FLAG);
    ensures current: f->count == c + 1 && f->current == c;
    ensures older: same_slabs{Pre,Post}(f, c, c);
    ensures allocator: one_allocator{Pre,Post}(f) && pointers_of{Pre,Post}(f);
*/
static void append_slab(struct fixalloc *f, char *block, size_t objects) /*@ ghost (size_t c) */
{
    open_slab(f, block, objects) /*@ ghost (c) */;
    count_slab(f, objects) /*@ ghost (c) */;
    //@ assert numbers: new_numbers{Pre,Here}(f, c);
    //@ assert base: new_base{Pre,Here}(f, c);
    //@ assert older: same_slabs{Pre,Here}(f, c, c);
    //@ assert allocator: one_allocator{Pre,Here}(f) && pointers_of{Pre,Here}(f);
}

/*@ ghost
    /@ requires f: \valid_read(f) && sizes(f->stride, f->align) && indices(f->count, f->current);
       requires some: 0 < f->count;
       requires slabs: slabs(f, f->count) && places(f, f->count) && disjoint(f, f->count);
       terminates \true; exits \false;
       assigns \nothing;
       ensures table: table(f);
    @/
    static inline void full_table(const struct fixalloc *f)
    {
    }
*/

/*@ ghost
    /@ requires arena: \valid(f->arena) && \separated(f, f->arena) && sound(f->arena);
       requires taken: 0 <= f->taken <= f->arena->requested;
       terminates \true; exits \false;
       assigns \nothing;
       ensures arena: arena_of(f);
    @/
    static inline void sound_arena(const struct fixalloc *f)
    {
    }
*/

/* Enters a block that is apart from every slab into the table. */
/*@ requires f: \valid(f) && table(f) && arena_of(f) && f->count < FIXALLOC_SLABS;
    requires objects: 0 < objects &&
      f->stride * objects + FIXSLAB_ENTRY * objects <= 2 * FIXSLAB_MOST;
    requires taken:
      f->taken + objects * (f->stride + FIXSLAB_ENTRY + FLAG) <= f->arena->requested;
    requires block: slab_place(block, f->stride * objects, objects, f->align) &&
      zero_from(block, 0, f->stride * objects);
    requires set_apart: place(f->arena, block, f->stride * objects, f->stride);
    requires new: apart_from_slabs(f, f->count, block, f->stride * objects);
    terminates \true; exits \false;
    assigns *f \from *f, block, objects;
    ensures table: table(f);
    ensures arena: arena_of(f) && f->arena == \old(f->arena);
    ensures sizes: f->stride == \old(f->stride) && f->align == \old(f->align);
    ensures current: f->count == \old(f->count) + 1 && f->current == \old(f->count);
    ensures fresh: f->slab[f->current].fresh == 0 < f->slab[f->current].bytes;
    ensures empty: f->slab[f->current].free == 0;
    ensures older: older_used{Pre,Post}(f, \old(f->count));
    ensures blocks: same_blocks{Pre,Post}(f, \old(f->count));
*/
static void enter_slab(struct fixalloc *f, char *block, size_t objects)
{
    //@ ghost size_t c = f->count;
    //@ assert few: f->arena->count <= PERSIST_REGIONS;
    //@ assert sizes: sizes(f->stride, f->align);
    append_slab(f, block, objects) /*@ ghost (c) */;
    //@ assert same_arena: same_arena{Pre,Here}(f->arena);
    //@ assert in_arena: place(f->arena, block, f->stride * objects, f->stride);
    //@ assert same_chars: same_chars{Pre,Here} && still_valid{Pre,Here};
    //@ assert blocks: same_blocks{Pre,Here}(f, c);
    //@ assert slabs_stay: slabs_stay{Pre,Here}(f, c, c);
    //@ assert slabs: slabs(f, c + 1);
    //@ assert pairs_stay: pairs_stay{Pre,Here}(f, c);
    //@ assert new_stays: new_stays{Pre,Here}(f, c, block, f->slab[c].bytes);
    //@ assert new: apart_from_slabs(f, c, f->slab[c].base, f->slab[c].bytes);
    //@ assert disjoint: disjoint(f, c + 1);
    //@ assert requested: f->taken <= f->arena->requested;
    //@ assert regions_stay: regions_stay{Pre,Here}(f->arena, f->arena->count);
    //@ assert regions: regions(f->arena, f->arena->count);
    //@ assert bytes: same_bytes{Pre,Here}(f->arena->base, 0, f->arena->off);
    //@ assert sound: sound(f->arena);
    //@ ghost sound_arena(f);
    //@ assert place: place_of(f, c);
    //@ assert places_stay: places_stay{Pre,Here}(f, c);
    //@ assert places: places(f, c + 1);
    //@ ghost full_table(f);
    //@ assert stacks: same_stacks{Pre,Here}(f, c, c);
    //@ assert older_used: older_used{Pre,Here}(f, c);
}

/* The same, with what that means to a caller. */
/*@ requires f: \valid(f) && table(f) && arena_of(f) && f->count < FIXALLOC_SLABS;
    requires objects: 0 < objects &&
      f->stride * objects + FIXSLAB_ENTRY * objects <= 2 * FIXSLAB_MOST;
    requires taken:
      f->taken + objects * (f->stride + FIXSLAB_ENTRY + FLAG) <= f->arena->requested;
    requires block: slab_place(block, f->stride * objects, objects, f->align) &&
      zero_from(block, 0, f->stride * objects);
    requires set_apart: place(f->arena, block, f->stride * objects, f->stride);
    requires new: apart_from_slabs(f, f->count, block, f->stride * objects);
    terminates \true; exits \false;
    assigns *f \from *f, block, objects;
    ensures table: table(f);
    ensures arena: arena_of(f) && f->arena == \old(f->arena);
    ensures sizes: f->stride == \old(f->stride) && f->align == \old(f->align);
    ensures current: f->count == \old(f->count) + 1 && f->current == \old(f->count);
    ensures room: f->slab[f->current].fresh < f->slab[f->current].bytes;
    ensures empty: f->slab[f->current].free == 0;
    ensures used: all_in_use{Pre,Post}(f);
*/
static void enter_block(struct fixalloc *f, char *block, size_t objects)
{
    //@ ghost size_t c = f->count;
    enter_slab(f, block, objects);
    //@ assert entered: f->slab[c].fresh == 0 && f->count == c + 1 && 0 < f->stride;
    //@ assert used: same_used{Pre,Here}(f);
    //@ assert names: all_names{Pre,Here}(f);
}

/*@ ghost
    /@ requires arena: sound(arena) && sizes(stride, align) && 0 < objects;
       requires block: set_apart(arena, p, objects * (stride + FIXSLAB_ENTRY));
       requires aligned: aligned(p, align);
       requires valid: \valid(p + (0 .. objects * (stride + FIXSLAB_ENTRY) - 1));
       requires zeroed: zeroed(p, objects * (stride + FIXSLAB_ENTRY));
       requires few: objects * (stride + FIXSLAB_ENTRY) <= 2 * FIXSLAB_MOST;
       terminates \true; exits \false;
       assigns \nothing;
       ensures place: slab_place(p, stride * objects, objects, align);
       ensures zero: zero_from(p, 0, stride * objects);
       ensures in_arena: place(arena, p, stride * objects, stride);
    @/
    static inline void block_is_place(const struct persist_arena *arena, char *p, size_t objects,
                                      size_t stride, size_t align)
    {
        /@ assert sum: objects * (stride + FIXSLAB_ENTRY) ==
             stride * objects + FIXSLAB_ENTRY * objects; @/
        /@ assert span: span(stride * objects, stride) == objects * (stride + FIXSLAB_ENTRY); @/
        /@ assert regions: regions(arena, arena->count); @/
        /@ assert flat: flat(p, objects * (stride + FIXSLAB_ENTRY)) && 0 <= (uintptr_t)p &&
             (uintptr_t)p + objects * (stride + FIXSLAB_ENTRY) <= UINTPTR_MAX; @/
    }
*/

/* Takes a block for a slab from the arena. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires behind: \separated(f, &BEHIND(f->arena));
    requires objects: 0 < objects && objects * COST(f) <= 2 * FIXSLAB_MOST;
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *out, *f->arena, BEHIND(f->arena), SYSTEM_CHANGES, \result
      \from *f, *f->arena, objects, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f) && f->count == \old(f->count);
    ensures used: all_in_use{Pre,Post}(f);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures place: \result == PERSIST_OK ==>
      slab_place((char *)*out, f->stride * objects, objects, f->align);
    ensures zero: \result == PERSIST_OK ==> zero_from((char *)*out, 0, f->stride * objects);
    ensures in_arena: \result == PERSIST_OK ==>
      place(f->arena, (char *)*out, f->stride * objects, f->stride);
    ensures new: \result == PERSIST_OK ==>
      apart_from_slabs(f, f->count, (char *)*out, f->stride * objects);
    ensures counted: \result == PERSIST_OK ==> f->taken + objects * COST(f) <= f->arena->requested;
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
    ensures unused: \result != PERSIST_OK ==>
      f->arena->off == \old(f->arena->off) && f->arena->base == \old(f->arena->base);
    ensures no_room: \result != PERSIST_OK ==> f->arena->off < objects * COST(f);
*/
static enum persist_status take_for(struct fixalloc *f, size_t objects, void **out)
{
    //@ ghost size_t n = f->count;
    size_t size = objects * cost(f);
    //@ assert place: table(f) && places(f, n) && n <= FIXALLOC_SLABS;
    enum persist_status status = take_block(f->arena, size, f->align, out);
    //@ assert beside: beside(f, \at(f->arena,Pre), out);
    //@ assert numbers: numbers_but{Pre,Here}(\at(f->arena,Pre));
    //@ assert addresses: addresses_but{Pre,Here}(\at(f->arena,Pre), out);
    //@ assert arenas: arenas_but{Pre,Here}(\at(f->arena,Pre), out);
    //@ assert same: f->arena == \at(f->arena,Pre);
    //@ assert kind: f->stride == \at(f->stride,Pre) && f->align == \at(f->align,Pre);
    //@ assert counts: f->taken == \at(f->taken,Pre) && f->count == \at(f->count,Pre);
    //@ assert current: f->current == \at(f->current,Pre);
    //@ assert head: same_head{Pre,Here}(f);
    //@ assert each: each_beside_same{Pre,Here}(f);
    //@ assert fields: same_slabs{Pre,Here}(f, n, n);
    //@ assert first: same_slab{Pre,Here}(f, 0);
    //@ assert blocks: same_blocks{Pre,Here}(f, n);
    //@ assert arena: arena_of(f);
    //@ assert cost: size == objects * COST(f);
    //@ assert same_chars: same_chars{Pre,Here} && still_valid{Pre,Here};
    //@ assert slabs_stay: slabs_stay{Pre,Here}(f, n, n);
    //@ assert slabs: slabs(f, n);
    //@ assert places_stay: places_stay{Pre,Here}(f, n);
    //@ assert places: places(f, n);
    //@ assert pairs_stay: pairs_stay{Pre,Here}(f, n);
    //@ assert disjoint: disjoint(f, n);
    //@ assert table: table(f);
    //@ assert stacks: same_stacks{Pre,Here}(f, n, n);
    //@ assert others: others_stay{Pre,Here}(f, n);
    //@ assert used: same_used{Pre,Here}(f);
    //@ assert names: all_names{Pre,Here}(f);
    if (status == PERSIST_OK) {
        //@ assert size: size == span(f->stride * objects, f->stride);
        //@ ghost block_is_place(f->arena, (char *)*out, objects, f->stride, f->align);
        /*@ assert places_apart:
              places_apart{Pre}(f, n, (char *)\at(*out,Here), f->stride * objects); */
        /*@ assert apart:
              apart_from_slabs{Pre}(f, n, (char *)\at(*out,Here), f->stride * objects); */
        //@ assert new_stays: new_stays{Pre,Here}(f, n, (char *)*out, f->stride * objects);
        //@ assert new: apart_from_slabs(f, n, (char *)*out, f->stride * objects);
    }
    return status;
}

/* One more slab: the current one. Its block's address passes through *out. */
/*@ requires f: \valid(f) && table(f) && arena_of(f) && f->count < FIXALLOC_SLABS;
    requires behind: \separated(f, &BEHIND(f->arena));
    requires objects: 0 < objects && objects * COST(f) <= 2 * FIXSLAB_MOST;
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *f, *out, *f->arena, BEHIND(f->arena), SYSTEM_CHANGES, \result
      \from *f, *f->arena, objects, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures used: all_in_use{Pre,Post}(f);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures room: \result == PERSIST_OK ==>
      f->current < f->count && f->slab[f->current].fresh < f->slab[f->current].bytes;
    ensures empty: \result == PERSIST_OK ==> f->slab[f->current].free == 0;
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out) && f->count == \old(f->count);
    ensures unused: \result != PERSIST_OK ==>
      f->arena->off == \old(f->arena->off) && f->arena->base == \old(f->arena->base);
    ensures no_room: \result != PERSIST_OK ==> f->arena->off < objects * COST(f);
*/
static enum persist_status add_slab(struct fixalloc *f, size_t objects, void **out)
{
    enum persist_status status = take_for(f, objects, out);
    if (status != PERSIST_OK) {
        return status;
    }
    //@ assert used: all_in_use{Pre,Here}(f);
    //@ assert objects: f->stride * objects + FIXSLAB_ENTRY * objects <= 2 * FIXSLAB_MOST;
    enter_block(f, (char *)*out, objects);
    return PERSIST_OK;
}

/* How many objects that cost `each` bytes fit, but one in any case. */
/*@ requires some: 0 < each;
    terminates \true; exits \false;
    assigns \result \from bytes, each;
    ensures some: 1 <= \result;
    ensures fit: each <= bytes ==> \result == bytes / each;
    ensures one: bytes < each ==> \result == 1;
    ensures most: \result * each <= (bytes < each ? each : bytes);
*/
static size_t at_least_one(size_t bytes, size_t each)
{
    size_t fit = bytes / each;
    //@ assert whole: fit * each <= bytes;
    return fit == 0 ? 1u : fit;
}

/* Bytes to ask the arena for. */
/*@ terminates \true; exits \false;
    assigns \result \from taken;
    ensures most: \result <= FIXSLAB_MOST;
    behavior first:
      assumes taken / 2 < FIXALLOC_FIRST;
      ensures first: \result == FIXALLOC_FIRST;
    behavior half:
      assumes FIXALLOC_FIRST <= taken / 2 <= FIXSLAB_MOST;
      ensures half: \result == taken / 2;
    behavior largest:
      assumes taken / 2 > FIXSLAB_MOST;
      ensures largest: \result == FIXSLAB_MOST;
    complete behaviors; disjoint behaviors;
*/
static size_t next_step(size_t taken)
{
    size_t step = taken / 2u;
    step = step < FIXALLOC_FIRST ? FIXALLOC_FIRST : step;
    return step > FIXSLAB_MOST ? FIXSLAB_MOST : step;
}

/* What the arena has left. */
/*@ requires arena: \valid_read(arena) && BALANCED(arena);
    terminates \true; exits \false;
    assigns \result \from *arena;
    ensures rule: \result == arena->off;
*/
static size_t unused_bytes(const struct persist_arena *arena)
{
    struct persist_stats stats;
    persist_arena_stats(arena, &stats);
    return stats.free;
}

/* What the arena has left becomes a slab, or one object if that is less. */
/*@ requires f: \valid(f) && table(f) && arena_of(f) && f->count < FIXALLOC_SLABS;
    requires little: f->arena->off < 2 * FIXSLAB_MOST;
    requires behind: \separated(f, &BEHIND(f->arena));
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *f, *out, *f->arena, BEHIND(f->arena), SYSTEM_CHANGES, \result
      \from *f, *f->arena, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures used: all_in_use{Pre,Post}(f);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures room: \result == PERSIST_OK ==>
      f->current < f->count && f->slab[f->current].fresh < f->slab[f->current].bytes;
    ensures empty: \result == PERSIST_OK ==> f->slab[f->current].free == 0;
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
*/
static enum persist_status add_rest(struct fixalloc *f, void **out)
{
    //@ assert sound: sound(f->arena) && BALANCED(f->arena);
    return add_slab(f, at_least_one(unused_bytes(f->arena), cost(f)), out);
}

/* The next step of memory becomes a slab, or what the arena has left. */
/*@ requires f: \valid(f) && table(f) && arena_of(f) && f->count < FIXALLOC_SLABS;
    requires behind: \separated(f, &BEHIND(f->arena));
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *f, *out, *f->arena, BEHIND(f->arena), SYSTEM_CHANGES, \result
      \from *f, *f->arena, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures used: all_in_use{Pre,Post}(f);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures room: \result == PERSIST_OK ==>
      f->current < f->count && f->slab[f->current].fresh < f->slab[f->current].bytes;
    ensures empty: \result == PERSIST_OK ==> f->slab[f->current].free == 0;
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
*/
static enum persist_status add_next(struct fixalloc *f, void **out)
{
    enum persist_status status = add_slab(f, at_least_one(next_step(f->taken), cost(f)), out);
    /*@ assert same: f->stride == \at(f->stride,Pre) && f->align == \at(f->align,Pre) &&
          f->arena == \at(f->arena,Pre); */
    //@ assert used: all_in_use{Pre,Here}(f);
    if (status != PERSIST_NO_MEMORY) {
        return status;
    }
    status = add_rest(f, out);
    /*@ assert still_same: f->stride == \at(f->stride,Pre) && f->align == \at(f->align,Pre) &&
          f->arena == \at(f->arena,Pre); */
    //@ assert still_used: all_in_use{Pre,Here}(f);
    return status;
}

/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires behind: \separated(f, &BEHIND(f->arena));
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *f, *out, *f->arena, BEHIND(f->arena), SYSTEM_CHANGES, \result
      \from *f, *f->arena, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures used: all_in_use{Pre,Post}(f);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures room: \result == PERSIST_OK ==>
      f->current < f->count && f->slab[f->current].fresh < f->slab[f->current].bytes;
    ensures empty: \result == PERSIST_OK ==> f->slab[f->current].free == 0;
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
*/
static enum persist_status grow(struct fixalloc *f, void **out)
{
    return f->count == FIXALLOC_SLABS ? PERSIST_NO_MEMORY : add_next(f, out);
}

/* ---- handing out ---- */

/* Another slab becomes the one that is tried first. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires slab: 0 <= i < f->count;
    terminates \true; exits \false;
    assigns f->current \from i;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures current: f->current == i;
    ensures slabs: same_slabs{Pre,Post}(f, f->count, f->count) && same_blocks{Pre,Post}(f, f->count);
    ensures used: same_used{Pre,Post}(f);
    ensures entry: same_slab{Pre,Post}(f, i);
*/
static inline void turn_to(struct fixalloc *f, size_t i)
{
    //@ assert few: f->arena->count <= PERSIST_REGIONS;
    //@ ghost size_t n = f->count;
    f->current = i;
    //@ assert turned: turned{Pre,Here}(f) && same_pointers{Pre,Here};
    //@ assert head: same_head{Pre,Here}(f);
    //@ assert fields: same_slabs{Pre,Here}(f, n, n);
    //@ assert blocks: same_blocks{Pre,Here}(f, n);
    //@ assert allocator: one_allocator{Pre,Here}(f) && pointers_of{Pre,Here}(f);
    //@ assert same_arena: same_arena{Pre,Here}(f->arena);
    //@ assert regions: regions(f->arena, f->arena->count);
    //@ assert arena: arena_of(f);
    //@ assert slabs_stay: slabs_stay{Pre,Here}(f, n, n);
    //@ assert slabs: slabs(f, n);
    //@ assert places_stay: places_stay{Pre,Here}(f, n);
    //@ assert places: places(f, n);
    //@ assert pairs_stay: pairs_stay{Pre,Here}(f, n);
    //@ assert disjoint: disjoint(f, n);
    //@ ghost full_table(f);
    //@ assert stacks: same_stacks{Pre,Here}(f, n, n);
    //@ assert others: others_stay{Pre,Here}(f, n);
}

/*@ ghost
    /@ requires multiples: 0 < stride && fresh < bytes && bytes % stride == 0 && fresh % stride == 0;
       terminates \true; exits \false;
       assigns \nothing;
       ensures room: fresh + stride <= bytes;
    @/
    static inline void room_is_whole(size_t bytes, size_t fresh, size_t stride)
    {
        /@ assert bytes: bytes == stride * (bytes / stride); @/
        /@ assert fresh: fresh == stride * (fresh / stride); @/
        /@ assert product: stride * (bytes / stride - fresh / stride) == bytes - fresh; @/
        /@ assert positive: 1 <= bytes / stride - fresh / stride; @/
        /@ assert one: stride <= stride * (bytes / stride - fresh / stride); @/
    }
*/

/*@ requires s: \valid_read(s);
    terminates \true; exits \false;
    assigns \result \from s->free, s->fresh, s->bytes;
    ensures exact: \result != 0 <==> s->free > 0 || s->fresh < s->bytes;
*/
static int has_room(const struct fixslab *s)
{
    return s->free > 0 || s->fresh < s->bytes;
}

#ifdef FIXALLOC_CHECK
static char *flag(const struct fixalloc *f, const struct fixslab *s, size_t offset)
{
    size_t most = s->bytes / f->stride;
    return s->base + s->bytes + FIXSLAB_ENTRY * most + offset / f->stride;
}
#endif

/* Lets the caller have an object of a slab. */
/*@ requires object: \object_pointer(object);
    terminates \true; exits \false;
    assigns \result \from object;
    ensures same: \result == object;
*/
static void *deliver(struct fixalloc *f, struct fixslab *s, char *object)
{
    PERSIST_HANDED_OUT(object, f->stride);
#ifdef FIXALLOC_CHECK
    *flag(f, s, (size_t)(object - s->base)) = 0;
#endif
    (void)f, (void)s;
    return object;
}

/*@ requires slab: \valid(s) && SLAB_OF(s, stride, align) && sizes(stride, align);
    requires some: 0 < s->free;
    terminates \true; exits \false;
    assigns s->free \from s->free;
    assigns \result \from s->base, s->bytes, s->free, s->base[0 .. SPAN(s, stride) - 1];
    ensures slab: SLAB_OF(s, stride, align);
    ensures one_less: s->free == \old(s->free) - 1;
    ensures object: object_of(\result, s->base, s->fresh, stride, align);
    ensures now_used: now_used{Pre,Post}(s->base, s->bytes, \old(s->fresh), s->fresh,
                                         \old(s->free), s->free, stride, \result - s->base);
*/
static inline char *reuse(struct fixslab *s, size_t stride, size_t align)
{
    //@ assert sizes: slab_sizes(s->bytes, MOST(s, stride), s->fresh, s->cut, s->free, stride);
    char *object = fixslab_reuse(s, stride, align);
    //@ assert slab: SLAB_OF(s, stride, align);
    return object;
}

/*@ requires slab: \valid(s) && SLAB_OF(s, stride, align) && sizes(stride, align);
    requires none: s->free == 0 && s->fresh < s->bytes;
    terminates \true; exits \false;
    assigns s->fresh, s->cut \from s->fresh, s->cut, stride;
    assigns \result \from s->base, s->fresh;
    ensures slab: SLAB_OF(s, stride, align);
    ensures next: s->cut == \old(s->cut) + 1;
    ensures object: object_of(\result, s->base, s->fresh, stride, align);
    ensures zero: zero_from(s->base, \result - s->base, \result - s->base + stride);
    ensures now_used: now_used{Pre,Post}(s->base, s->bytes, \old(s->fresh), s->fresh,
                                         \old(s->free), s->free, stride, \result - s->base);
*/
static inline char *carve(struct fixslab *s, size_t stride, size_t align)
{
    //@ assert sizes: slab_sizes(s->bytes, MOST(s, stride), s->fresh, s->cut, s->free, stride);
    //@ ghost room_is_whole(s->bytes, s->fresh, stride);
    char *object = fixslab_carve(s, stride, align);
    //@ assert slab: SLAB_OF(s, stride, align);
    //@ assert offset: object - s->base == \at(s->fresh,Pre);
    return object;
}

/* An object of the current slab: from its stack, or one that was never handed out. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires some: f->current < f->count && 0 < f->slab[f->current].free;
    terminates \true; exits \false;
    assigns f->slab[f->current].free \from f->slab[f->current].free;
    assigns \result \from *f, f->slab[f->current].base[0 .. f->slab[f->current].bytes - 1];
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures object: object_of(\result, BASE(f), f->slab[f->current].fresh, f->stride, f->align);
    ensures was_free: !used{Pre}(f, f->current, \result - BASE(f));
    ensures used: used(f, f->current, \result - BASE(f));
    ensures others: same_others{Pre,Post}(f, f->current, \result - BASE(f));
    ensures blocks: same_blocks{Pre,Post}(f, f->count) && f->count == \old(f->count);
*/
static inline char *from_stack(struct fixalloc *f)
{
    //@ assert few: f->arena->count <= PERSIST_REGIONS;
    //@ ghost size_t c = f->current;
    //@ ghost entry_is_valid(f, c);
    //@ assert slab: c < f->count <= FIXALLOC_SLABS && SLAB(f, c) && sizes(f->stride, f->align);
    char *object = reuse(&f->slab[f->current], f->stride, f->align);
    //@ assert one_slab: one_slab{Pre,Here}(f, c) && same_pointers{Pre,Here};
    //@ assert current: f->current == c;
    //@ assert head: same_head{Pre,Here}(f);
    //@ assert fields: same_slabs{Pre,Here}(f, f->count, c);
    //@ assert blocks: same_blocks{Pre,Here}(f, f->count);
    //@ assert allocator: one_allocator{Pre,Here}(f);
    //@ assert arena_fields: same_fields{Pre,Here}(f->arena);
    //@ assert arena_regions: same_regions{Pre,Here}(f->arena, PERSIST_REGIONS);
    //@ assert same_arena: same_arena{Pre,Here}(f->arena);
    //@ assert regions: regions(f->arena, f->arena->count);
    //@ assert arena: arena_of(f);
    //@ assert slab: slab_of(f, c);
    //@ assert slabs_stay: slabs_stay{Pre,Here}(f, f->count, c);
    //@ assert slabs: slabs(f, f->count);
    //@ assert places_stay: places_stay{Pre,Here}(f, f->count);
    //@ assert places: places(f, f->count);
    //@ assert pairs_stay: pairs_stay{Pre,Here}(f, f->count);
    //@ assert disjoint: disjoint(f, f->count);
    //@ assert table: table(f);
    //@ assert stacks: same_stacks{Pre,Here}(f, f->count, c);
    //@ assert others: others_stay{Pre,Here}(f, c);
    return object;
}

/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires some: f->current < f->count && f->slab[f->current].free == 0 &&
      f->slab[f->current].fresh < f->slab[f->current].bytes;
    terminates \true; exits \false;
    assigns f->slab[f->current].fresh, f->slab[f->current].cut \from *f;
    assigns \result \from *f;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures object: object_of(\result, BASE(f), f->slab[f->current].fresh, f->stride, f->align);
    ensures zero: zero_from(BASE(f), \result - BASE(f), \result - BASE(f) + f->stride);
    ensures was_free: !used{Pre}(f, f->current, \result - BASE(f));
    ensures used: used(f, f->current, \result - BASE(f));
    ensures others: same_others{Pre,Post}(f, f->current, \result - BASE(f));
    ensures blocks: same_blocks{Pre,Post}(f, f->count) && f->count == \old(f->count);
*/
static inline char *from_fresh(struct fixalloc *f)
{
    //@ assert few: f->arena->count <= PERSIST_REGIONS;
    //@ ghost size_t c = f->current;
    //@ ghost entry_is_valid(f, c);
    //@ assert slab: c < f->count <= FIXALLOC_SLABS && SLAB(f, c) && sizes(f->stride, f->align);
    char *object = carve(&f->slab[f->current], f->stride, f->align);
    //@ assert one_slab: one_slab{Pre,Here}(f, c) && same_pointers{Pre,Here};
    //@ assert current: f->current == c;
    //@ assert head: same_head{Pre,Here}(f);
    //@ assert fields: same_slabs{Pre,Here}(f, f->count, c);
    //@ assert blocks: same_blocks{Pre,Here}(f, f->count);
    //@ assert allocator: one_allocator{Pre,Here}(f);
    //@ assert arena_fields: same_fields{Pre,Here}(f->arena);
    //@ assert arena_regions: same_regions{Pre,Here}(f->arena, PERSIST_REGIONS);
    //@ assert same_arena: same_arena{Pre,Here}(f->arena);
    //@ assert regions: regions(f->arena, f->arena->count);
    //@ assert arena: arena_of(f);
    //@ assert slab: slab_of(f, c);
    //@ assert slabs_stay: slabs_stay{Pre,Here}(f, f->count, c);
    //@ assert slabs: slabs(f, f->count);
    //@ assert places_stay: places_stay{Pre,Here}(f, f->count);
    //@ assert places: places(f, f->count);
    //@ assert pairs_stay: pairs_stay{Pre,Here}(f, f->count);
    //@ assert disjoint: disjoint(f, f->count);
    //@ assert table: table(f);
    //@ assert stacks: same_stacks{Pre,Here}(f, f->count, c);
    //@ assert others: others_stay{Pre,Here}(f, c);
    return object;
}

/* The same, with what that means to a caller. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires some: f->current < f->count && 0 < f->slab[f->current].free;
    terminates \true; exits \false;
    assigns f->slab[f->current].free \from f->slab[f->current].free;
    assigns \result \from *f, f->slab[f->current].base[0 .. f->slab[f->current].bytes - 1];
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures object: aligned(\result, f->align) && \valid(\result + (0 .. f->stride - 1));
    ensures place: \result == BASE(f) + (\result - BASE(f)) &&
      object_at(\result - BASE(f), f->slab[f->current].fresh, f->stride);
    ensures handed_out: handed_out{Pre,Post}(f, \result);
*/
static inline char *take_used(struct fixalloc *f)
{
    //@ ghost size_t c = f->current;
    char *object = from_stack(f);
    //@ assert current: c == f->current < f->count;
    //@ ghost table_at(f, c);
    //@ assert held: held(f, object, c, object - f->slab[c].base);
    //@ assert others: same_others{Pre,Here}(f, c, object - f->slab[c].base);
    //@ assert each: each_held_once(f, object, c, object - f->slab[c].base);
    //@ assert only: held_only(f, object, c, object - f->slab[c].base);
    //@ assert sound: sound_named_held(f, object);
    //@ assert named_held: each_named_held(f, object);
    //@ assert stay: names_stay{Pre,Here}(f, object, c, object - f->slab[c].base);
    //@ assert free_before: !used{Pre}(f, c, \at(object - f->slab[c].base,Here));
    //@ assert unnamed: unnamed{Pre}(f, \at(object,Here));
    //@ assert was_free: !in_use{Pre}(f, \at(object,Here));
    //@ assert named: named(f, object, c, object - f->slab[c].base);
    //@ assert used: in_use(f, object);
    //@ assert valid: \valid(object + (0 .. f->stride - 1));
    //@ assert same: same_names{Pre,Here}(f, object);
    //@ assert same_in_use: same_in_use{Pre,Here}(f, object);
    return object;
}

/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires some: f->current < f->count && f->slab[f->current].free == 0 &&
      f->slab[f->current].fresh < f->slab[f->current].bytes;
    terminates \true; exits \false;
    assigns f->slab[f->current].fresh, f->slab[f->current].cut \from *f;
    assigns \result \from *f;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures object: aligned(\result, f->align) && \valid(\result + (0 .. f->stride - 1));
    ensures place: \result == BASE(f) + (\result - BASE(f)) &&
      object_at(\result - BASE(f), f->slab[f->current].fresh, f->stride);
    ensures handed_out: handed_out{Pre,Post}(f, \result);
    ensures zeroed: zeroed(\result, f->stride);
*/
static inline char *take_fresh(struct fixalloc *f)
{
    //@ ghost size_t c = f->current;
    char *object = from_fresh(f);
    //@ assert current: c == f->current < f->count;
    //@ ghost table_at(f, c);
    //@ assert held: held(f, object, c, object - f->slab[c].base);
    //@ assert others: same_others{Pre,Here}(f, c, object - f->slab[c].base);
    //@ assert each: each_held_once(f, object, c, object - f->slab[c].base);
    //@ assert only: held_only(f, object, c, object - f->slab[c].base);
    //@ assert sound: sound_named_held(f, object);
    //@ assert named_held: each_named_held(f, object);
    //@ assert stay: names_stay{Pre,Here}(f, object, c, object - f->slab[c].base);
    //@ assert free_before: !used{Pre}(f, c, \at(object - f->slab[c].base,Here));
    //@ assert unnamed: unnamed{Pre}(f, \at(object,Here));
    //@ assert was_free: !in_use{Pre}(f, \at(object,Here));
    //@ assert named: named(f, object, c, object - f->slab[c].base);
    //@ assert used: in_use(f, object);
    //@ assert valid: \valid(object + (0 .. f->stride - 1));
    //@ assert same: same_names{Pre,Here}(f, object);
    //@ assert same_in_use: same_in_use{Pre,Here}(f, object);
    //@ assert at: each_at(object, f->slab[c].base, object - f->slab[c].base);
    return object;
}

/*@ requires f: \valid(f) && table(f);
    requires object: c == f->current < f->count && object_at(o, f->slab[c].fresh, f->stride);
    terminates \true; exits \false;
    assigns f->slab[c].base[o .. o + f->stride - 1] \from \nothing;
    ensures bytes: chars_but{Pre,Post}(f->slab[c].base, span(f->slab[c].bytes, f->stride));
    ensures slab: slab_of(f, c);
    ensures same: same_entries{Pre,Post}(f->slab[c].base, f->slab[c].bytes, f->slab[c].free);
    ensures zero: zero_from(f->slab[c].base, o, o + f->stride);
*/
static inline void clear_object(struct fixalloc *f, size_t o) /*@ ghost (size_t c) */
{
    //@ ghost entry_is_valid(f, c);
    //@ assert slab: c < f->count && SLAB(f, c) && sizes(f->stride, f->align);
    fixslab_clear(&f->slab[f->current], o, f->stride, f->align);
    //@ assert sound: SLAB(f, c);
}

/* Makes the bytes of an object of the current slab zero. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires object: c == f->current < f->count && object_at(o, f->slab[c].fresh, f->stride);
    terminates \true; exits \false;
    assigns f->slab[c].base[o .. o + f->stride - 1] \from \nothing;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures used: all_in_use{Pre,Post}(f);
    ensures zero: zero_from(f->slab[c].base, o, o + f->stride);
*/
static void wipe(struct fixalloc *f, size_t o) /*@ ghost (size_t c) */
{
    //@ assert few: f->arena->count <= PERSIST_REGIONS;
    //@ ghost size_t n = f->count;
    clear_object(f, o) /*@ ghost (c) */;
    //@ assert still_valid: still_valid{Pre,Here};
    //@ assert fields: same_slabs{Pre,Here}(f, n, c);
    //@ assert place: place_of{Pre}(f, c);
    //@ assert unused: same_bytes{Pre,Here}(f->arena->base, 0, f->arena->off);
    //@ assert regions: regions(f->arena, f->arena->count);
    //@ assert same_arena: same_arena{Pre,Here}(f->arena);
    //@ assert sound: sound(f->arena);
    //@ assert arena: arena_of(f);
    //@ assert contents: same_contents{Pre,Here}(f, n, c);
    //@ assert kept: each_kept{Pre,Here}(f, n, c);
    //@ assert stacks_stay: stacks_stay{Pre,Here}(f, n, c);
    //@ assert slabs_stay: slabs_stay{Pre,Here}(f, n, c);
    //@ assert slabs: slabs(f, n);
    //@ assert places: places(f, n);
    //@ assert table: table(f);
    //@ assert stacks: same_stacks{Pre,Here}(f, n, c);
    //@ assert others: others_stay{Pre,Here}(f, c);
    //@ assert used: same_used{Pre,Here}(f);
    //@ assert names: all_names{Pre,Here}(f);
}

/* An object of the current slab, which has one. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires room: f->current < f->count &&
      (0 < f->slab[f->current].free || f->slab[f->current].fresh < f->slab[f->current].bytes);
    terminates \true; exits \false;
    assigns f->slab[f->current].free, f->slab[f->current].fresh, f->slab[f->current].cut \from *f;
    assigns \result \from *f, f->slab[f->current].base[0 .. f->slab[f->current].bytes - 1];
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures object: aligned(\result, f->align) && \valid(\result + (0 .. f->stride - 1));
    ensures handed_out: handed_out{Pre,Post}(f, \result);
    ensures zeroed: \old(f->slab[f->current].free) == 0 ==> zeroed(\result, f->stride);
*/
static char *hand_out(struct fixalloc *f)
{
    return f->slab[f->current].free == 0 ? take_fresh(f) : take_used(f);
}

/* The same from the stack, with every byte zero. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires some: f->current < f->count && 0 < f->slab[f->current].free;
    terminates \true; exits \false;
    assigns f->slab[f->current].free,
      f->slab[f->current].base[0 .. f->slab[f->current].bytes - 1] \from *f;
    assigns \result \from *f, f->slab[f->current].base[0 .. f->slab[f->current].bytes - 1];
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures object: aligned(\result, f->align) && \valid(\result + (0 .. f->stride - 1));
    ensures handed_out: handed_out{Pre,Post}(f, \result);
    ensures zeroed: zeroed(\result, f->stride);
*/
static char *take_cleared(struct fixalloc *f)
{
    char *object = take_used(f);
    //@ ghost size_t c = f->current;
    //@ ghost table_at(f, c);
    //@ ghost base_is_valid(f, c);
    //@ ghost entry_is_valid(f, c);
    //@ assert place: 0 <= object - f->slab[c].base <= f->slab[c].bytes - f->stride;
    PERSIST_HANDED_OUT(object, f->stride); /* before it is written to */
    wipe(f, (size_t)(object - f->slab[f->current].base)) /*@ ghost (c) */;
    //@ assert at: each_at(object, f->slab[c].base, object - f->slab[c].base);
    return object;
}

/* A store through a caller's pointer, apart from the rest: the proof that it leaves the table alone
 * is made once. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena);
    terminates \true; exits \false;
    assigns *out \from object;
    ensures out: *out == object;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures used: all_in_use{Pre,Post}(f);
*/
static inline void give(struct fixalloc *f, void **out, void *object)
{
    (void)f; /* the contract's */
    //@ assert few: f->arena->count <= PERSIST_REGIONS;
    //@ ghost size_t n = f->count;
    *out = object;
    //@ assert pointers: pointers_but{Pre,Here}(out) && same_numbers{Pre,Here};
    //@ assert head: same_head{Pre,Here}(f) && f->current == \at(f->current,Pre);
    //@ assert fields: same_slabs{Pre,Here}(f, n, n);
    //@ assert first: same_slab{Pre,Here}(f, 0);
    //@ assert blocks: same_blocks{Pre,Here}(f, n);
    //@ assert arena_fields: same_fields{Pre,Here}(f->arena);
    //@ assert arena_regions: same_regions{Pre,Here}(f->arena, PERSIST_REGIONS);
    //@ assert same_arena: same_arena{Pre,Here}(f->arena);
    //@ assert same_chars: same_chars{Pre,Here} && still_valid{Pre,Here};
    //@ assert regions_stay: regions_stay{Pre,Here}(f->arena, f->arena->count);
    //@ assert regions: regions(f->arena, f->arena->count);
    //@ assert bytes: same_bytes{Pre,Here}(f->arena->base, 0, f->arena->off);
    //@ assert sound: sound(f->arena);
    //@ assert arena: arena_of(f);
    //@ assert slabs_stay: slabs_stay{Pre,Here}(f, n, n);
    //@ assert slabs: slabs(f, n);
    //@ assert places_stay: places_stay{Pre,Here}(f, n);
    //@ assert places: places(f, n);
    //@ assert pairs_stay: pairs_stay{Pre,Here}(f, n);
    //@ assert disjoint: disjoint(f, n);
    //@ assert table: table(f);
    //@ assert stacks: same_stacks{Pre,Here}(f, n, n);
    //@ assert others: others_stay{Pre,Here}(f, n);
    //@ assert used: same_used{Pre,Here}(f);
    //@ assert names: all_names{Pre,Here}(f);
}

/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires some: f->current < f->count && 
      (0 < f->slab[f->current].free || f->slab[f->current].fresh < f->slab[f->current].bytes);
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena);
    terminates \true; exits \false;
    assigns *out, *f
      \from *f, f->slab[f->current].base[0 .. f->slab[f->current].bytes - 1];
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures object: aligned((char *)*out, f->align) && \valid((char *)*out + (0 .. f->stride - 1));
    ensures handed_out: handed_out{Pre,Post}(f, (char *)*out);
    ensures zeroed: \old(f->slab[f->current].free) == 0 ==> zeroed((char *)*out, f->stride);
*/
static inline void serve(struct fixalloc *f, void **out)
{
    //@ ghost entry_is_valid(f, f->current);
    struct fixslab *s = &f->slab[f->current];
    char *object = hand_out(f);
    //@ assert object: handed_out{Pre,Here}(f, object);
    give(f, out, deliver(f, s, object));
}

/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires some: f->current < f->count && 0 < f->slab[f->current].free;
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena);
    terminates \true; exits \false;
    assigns *out, *f,
      f->slab[f->current].base[0 .. f->slab[f->current].bytes - 1]
      \from *f, f->slab[f->current].base[0 .. f->slab[f->current].bytes - 1];
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures object: aligned((char *)*out, f->align) && \valid((char *)*out + (0 .. f->stride - 1));
    ensures handed_out: handed_out{Pre,Post}(f, (char *)*out);
    ensures zeroed: zeroed((char *)*out, f->stride);
*/
static inline void serve_cleared(struct fixalloc *f, void **out)
{
    //@ ghost entry_is_valid(f, f->current);
    struct fixslab *s = &f->slab[f->current];
    char *object = take_cleared(f);
    //@ assert object: handed_out{Pre,Here}(f, object);
    give(f, out, deliver(f, s, object));
}

/* Makes a slab with an object to hand out the current one. A new slab's address passes through
 * *out. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires behind: \separated(f, &BEHIND(f->arena));
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *f, *out, *f->arena, BEHIND(f->arena), SYSTEM_CHANGES, \result
      \from *f, *f->arena, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures used: all_in_use{Pre,Post}(f);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures room: \result == PERSIST_OK ==> f->current < f->count &&
      (0 < f->slab[f->current].free || f->slab[f->current].fresh < f->slab[f->current].bytes);
    ensures old: \result == PERSIST_OK && 0 < f->slab[f->current].free ==>
      BASE(f) == \old(f->slab[\at(f->current,Post)].base);
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
*/
static enum persist_status find_room(struct fixalloc *f, void **out)
{
    //@ assert few: f->count <= FIXALLOC_SLABS && f->current < FIXALLOC_SLABS;
    if (has_room(&f->slab[f->current])) {
        //@ assert some: f->current < f->count;
        return PERSIST_OK;
    }
    /*@ loop invariant range: 0 <= i <= f->count;
        loop assigns i; loop variant i; */
    for (size_t i = f->count; i > 0; i--) {
        if (has_room(&f->slab[i - 1u])) {
            turn_to(f, i - 1u);
            //@ assert names: all_names{Pre,Here}(f);
            return PERSIST_OK;
        }
    }
    return grow(f, out);
}

/* Out of the way of the fast path, which is to need no stack frame. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires behind: \separated(f, &BEHIND(f->arena));
    requires out: \valid(out) && \separated(out, f) && \separated(out, f->arena) &&
      \separated(out, f->arena->base + (0 .. f->arena->off - 1));
    terminates \true; exits \false;
    assigns *f, *out, *f->arena, BEHIND(f->arena), SYSTEM_CHANGES, \result
      \from *f, *f->arena, sys_next, sys_next_size;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures same: SAME_KIND(f);
    ensures status: \result == PERSIST_OK || \result == PERSIST_NO_MEMORY ||
      \result == PERSIST_BAD_MEMORY;
    ensures object: \result == PERSIST_OK ==> aligned((char *)*out, f->align) &&
      \valid((char *)*out + (0 .. f->stride - 1));
    ensures handed_out: \result == PERSIST_OK ==> handed_out{Pre,Post}(f, (char *)*out);
    ensures kept: \result != PERSIST_OK ==> *out == \old(*out);
    ensures used: \result != PERSIST_OK ==> all_in_use{Pre,Post}(f);
*/
static __attribute__((noinline)) enum persist_status search(struct fixalloc *f, void **out)
{
    enum persist_status status = find_room(f, out);
    if (status == PERSIST_OK) {
        //@ assert index: f->current < FIXALLOC_SLABS;
        serve(f, out);
        //@ assert handed_out: handed_out{Pre,Here}(f, (char *)*out);
    }
    return status;
}

enum persist_status fixalloc_alloc(struct fixalloc *f, void **out)
{
    //@ assert few: f->current < FIXALLOC_SLABS;
    //@ ghost entry_is_valid(f, f->current);
    struct fixslab *s = &f->slab[f->current];
    if (s->free == 0) {
        return search(f, out);
    }
    char *object = take_used(f);
    //@ assert object: handed_out{Pre,Here}(f, object);
    give(f, out, deliver(f, s, object));
    return PERSIST_OK;
}

enum persist_status fixalloc_zalloc(struct fixalloc *f, void **out)
{
    enum persist_status status = find_room(f, out);
    if (status != PERSIST_OK) {
        return status;
    }
    //@ assert index: f->current < FIXALLOC_SLABS;
    //@ ghost entry_is_valid(f, f->current);
    if (f->slab[f->current].free == 0) {
        serve(f, out);
        //@ assert fresh: handed_out{Pre,Here}(f, (char *)*out);
        /*@ assert same: f->stride == \at(f->stride,Pre) && f->align == \at(f->align,Pre) &&
              f->arena == \at(f->arena,Pre); */
        return PERSIST_OK;
    }
    //@ ghost table_at(f, f->current);
    //@ assert old: BASE(f) == \at(f->slab[\at(f->current,Here)].base,Pre);
    serve_cleared(f, out);
    //@ assert cleared: handed_out{Pre,Here}(f, (char *)*out);
    /*@ assert still_same: f->stride == \at(f->stride,Pre) && f->align == \at(f->align,Pre) &&
          f->arena == \at(f->arena,Pre); */
    return PERSIST_OK;
}

/* ---- taking back ---- */

/* The slab that an object stands in, from the largest down; FIXALLOC_SLABS if there is none. */
/*@ requires f: \valid_read(f) && f->count <= FIXALLOC_SLABS;
    requires bases: bases(f, f->count);
    terminates \true; exits \false;
    assigns \result \from *f, address;
    behavior held:
      assumes !outside(f, address);
      ensures holder: holds(f, \result, address);
      ensures largest: \forall integer i; \result < i ==> !holds(f, i, address);
    behavior foreign:
      assumes outside(f, address);
      ensures none: \result == FIXALLOC_SLABS;
    complete behaviors; disjoint behaviors;
*/
static __attribute__((noinline)) size_t find_holder(const struct fixalloc *f, uintptr_t address)
{
    /*@ loop invariant range: 0 <= i <= f->count;
        loop invariant none: \forall integer j; i <= j ==> !holds(f, j, address);
        loop assigns i; loop variant i; */
    for (size_t i = f->count; i > 0; i--) {
        //@ assert base: good_base(f, i - 1);
        if (fixslab_holds(&f->slab[i - 1u], address)) {
            //@ assert found: holds(f, i - 1, address);
            return i - 1u;
        }
    }
    return FIXALLOC_SLABS;
}

/*@ requires slab: \valid(s) && SLAB_OF(s, stride, align) && sizes(stride, align);
    requires used: used_in(s->base, s->bytes, s->fresh, s->free, stride, o);
    requires counted: s->free < s->cut;
    terminates \true; exits \false;
    assigns s->free, s->base[s->bytes .. SPAN(s, stride) - 1] \from s->free, o;
    ensures slab: SLAB_OF(s, stride, align);
    ensures one_more: s->free == \old(s->free) + 1;
    ensures now_free: now_used{Post,Pre}(s->base, s->bytes, s->fresh, \old(s->fresh), s->free,
                                         \old(s->free), stride, o);
*/
static inline void give_back(struct fixslab *s, size_t o, size_t stride, size_t align)
{
    //@ assert sizes: slab_sizes(s->bytes, MOST(s, stride), s->fresh, s->cut, s->free, stride);
    fixslab_give_back(s, o, stride, align);
    //@ assert slab: SLAB_OF(s, stride, align);
}

/*@ requires f: \valid(f) && table(f);
    requires used: c == f->current && used(f, c, o) && f->slab[c].free < f->slab[c].cut;
    terminates \true; exits \false;
    assigns f->slab[c].free, f->slab[c].base[f->slab[c].bytes .. SPAN(&f->slab[c], f->stride) - 1]
      \from *f, o;
    ensures one_slab: one_slab{Pre,Post}(f, c);
    ensures bytes: chars_but{Pre,Post}(f->slab[c].base, span(f->slab[c].bytes, f->stride));
    ensures slab: slab_of(f, c);
    ensures now_free: now_used{Post,Pre}(f->slab[c].base, f->slab[c].bytes, f->slab[c].fresh,
                                         \old(f->slab[c].fresh), f->slab[c].free,
                                         \old(f->slab[c].free), f->stride, o);
*/
static inline void push_object(struct fixalloc *f, size_t o) /*@ ghost (size_t c) */
{
    //@ ghost entry_is_valid(f, c);
    //@ assert slab: c < f->count <= FIXALLOC_SLABS && SLAB(f, c) && sizes(f->stride, f->align);
    give_back(&f->slab[f->current], o, f->stride, f->align);
    //@ assert sound: SLAB(f, c);
}

/* Takes back an object of the current slab. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires used: c == f->current && used(f, c, o) && f->slab[c].free < f->slab[c].cut;
    terminates \true; exits \false;
    assigns f->slab[c].free, f->slab[c].base[f->slab[c].bytes .. SPAN(&f->slab[c], f->stride) - 1]
      \from *f, o;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures free: !used(f, c, o);
    ensures others: same_others{Pre,Post}(f, c, o);
    ensures slabs: same_slabs{Pre,Post}(f, f->count, c) && same_blocks{Pre,Post}(f, f->count);
    ensures fresh: f->slab[c].fresh == \old(f->slab[c].fresh);
*/
static inline void take_back(struct fixalloc *f, size_t o) /*@ ghost (size_t c) */
{
    //@ assert few: f->arena->count <= PERSIST_REGIONS;
    //@ ghost size_t n = f->count;
    //@ assert sizes: c < n <= FIXALLOC_SLABS && sizes(f->stride, f->align);
    push_object(f, o) /*@ ghost (c) */;
    //@ assert one_slab: one_slab{Pre,Here}(f, c) && same_pointers{Pre,Here};
    //@ assert head: same_head{Pre,Here}(f) && f->current == c;
    //@ assert still_valid: still_valid{Pre,Here};
    //@ assert fields: same_slabs{Pre,Here}(f, n, c);
    //@ assert blocks: same_blocks{Pre,Here}(f, n);
    //@ assert allocator: one_allocator{Pre,Here}(f) && pointers_of{Pre,Here}(f);
    //@ assert same_arena: same_arena{Pre,Here}(f->arena);
    //@ assert regions: regions(f->arena, f->arena->count);
    //@ assert place: place_of{Pre}(f, c);
    //@ assert unused: same_bytes{Pre,Here}(f->arena->base, 0, f->arena->off);
    //@ assert sound: sound(f->arena);
    //@ assert arena: arena_of(f);
    //@ assert contents: same_contents{Pre,Here}(f, n, c);
    //@ assert kept: each_kept{Pre,Here}(f, n, c);
    //@ assert slabs_stay: slabs_stay{Pre,Here}(f, n, c);
    //@ assert slabs: slabs(f, n);
    //@ assert places_stay: places_stay{Pre,Here}(f, n);
    //@ assert places: places(f, n);
    //@ assert pairs_stay: pairs_stay{Pre,Here}(f, n);
    //@ assert disjoint: disjoint(f, n);
    //@ assert table: table(f);
    //@ assert stacks_stay: stacks_stay{Pre,Here}(f, n, c);
    //@ assert stacks: same_stacks{Pre,Here}(f, n, c);
    //@ assert others: others_stay{Pre,Here}(f, c);
    //@ assert free: !used(f, c, o) && same_others{Here,Pre}(f, c, o);
}

/* Takes an object of a slab back. */
/*@ requires f: \valid(f) && table(f) && arena_of(f);
    requires used: named(f, object, h, o);
    requires counted: f->slab[h].free < f->slab[h].cut;
    terminates \true; exits \false;
    assigns f->current, f->slab[h].free,
      f->slab[h].base[f->slab[h].bytes .. SPAN(&f->slab[h], f->stride) - 1] \from *f, h, o;
    ensures table: table(f);
    ensures arena: arena_of(f);
    ensures free: !in_use(f, object);
    ensures others: same_in_use{Pre,Post}(f, object);
*/
static inline void return_object(struct fixalloc *f, size_t h, size_t o)
/*@ ghost (char *object) */
{
    turn_to(f, h);
    //@ assert used: used(f, h, o);
    take_back(f, o) /*@ ghost (h) */;
    //@ assert others: same_others{Pre,Here}(f, h, o);
    //@ assert blocks: same_blocks{Pre,Here}(f, f->count);
    //@ assert same_names: same_names{Pre,Here}(f, object);
    //@ assert held: held(f, object, h, o);
    //@ ghost only_here(f, object, h, o);
}

enum fixalloc_status fixalloc_free(struct fixalloc *f, void *object)
{
    uintptr_t address = (uintptr_t)object;
    size_t holder = f->current;
    //@ assert few: f->count <= FIXALLOC_SLABS && holder < FIXALLOC_SLABS;
    //@ assert bases: bases(f, f->count);
    //@ assert current: f->count != 0 ==> good_base(f, holder);
    //@ ghost not_outside(f, (char *)object);
    //@ ghost entry_is_valid(f, holder);
    if (!fixslab_holds(&f->slab[holder], address)) {
        holder = find_holder(f, address);
        if (holder == FIXALLOC_SLABS) {
            return FIXALLOC_FOREIGN;
        }
    }
    //@ assert holds: holds(f, holder, address);
    //@ ghost entry_is_valid(f, holder);
    //@ ghost base_is_valid(f, holder);
    struct fixslab *s = &f->slab[holder];
    size_t offset = (size_t)(address - (uintptr_t)s->base);
    //@ assert inside: 0 <= address - (uintptr_t)f->slab[holder].base < f->slab[holder].fresh;
    //@ assert offset: offset == address - (uintptr_t)f->slab[holder].base;
    //@ ghost held_here(f, (char *)object, holder, offset);
#ifdef FIXALLOC_CHECK
    if (offset % f->stride != 0) {
        return FIXALLOC_FOREIGN;
    }
    if (*flag(f, s, offset) != 0) {
        return FIXALLOC_DOUBLE_FREE;
    }
#endif
    if (s->free == s->cut) {
        return FIXALLOC_DOUBLE_FREE; /* all are free: so this one is */
    }
#ifdef FIXALLOC_CHECK
    *flag(f, s, offset) = 1;
#endif
    return_object(f, holder, offset) /*@ ghost ((char *)object) */;
    PERSIST_UNUSED(object, f->stride);
    return FIXALLOC_OK;
}

size_t fixalloc_in_use(const struct fixalloc *f)
{
    size_t used = 0;
    for (size_t i = 0; i < f->count; i++) {
        used += f->slab[i].cut - f->slab[i].free;
    }
    return used;
}
