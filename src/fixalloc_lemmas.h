/* What the provers are told of the table of fixalloc.c beyond the words of its contracts: that what a
 * step leaves alone keeps its meaning, in facts small enough to be proved in a second each. */
#ifndef FIXALLOC_LEMMAS_H
#define FIXALLOC_LEMMAS_H

#include "fixalloc.h"
#include "refill.h"

#ifdef __FRAMAC__
/* No lemma speaks of every field of a structure, so that each has its own. */
// clang-format off
#define SLAB_BESIDE(field)                                                                         \
    lemma beside_##field{L}: \forall struct fixalloc *f, struct persist_arena *a, void **out,      \
        integer i;                                                                                 \
      0 <= i < FIXALLOC_SLABS && beside(f, a, out) ==> number_beside(&f->slab[i].field, a);        \
    lemma beside_##field##_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a,         \
        void **out, integer i;                                                                     \
      0 <= i < FIXALLOC_SLABS && beside{A}(f, a, out) && numbers_but{A,B}(a) ==>                   \
      \at(f->slab[i].field,A) == \at(f->slab[i].field,B);
#define TABLE_BESIDE(field)                                                                        \
    lemma beside_##field{L}: \forall struct fixalloc *f, struct persist_arena *a, void **out;      \
      beside(f, a, out) ==> number_beside(&f->field, a);                                           \
    lemma beside_##field##_same{A,B}: \forall struct fixalloc *f, struct persist_arena *a,         \
        void **out;                                                                                \
      beside{A}(f, a, out) && numbers_but{A,B}(a) ==> \at(f->field,A) == \at(f->field,B);
#define SLAB_OLDER(field)                                                                          \
    lemma older_##field##_same{A,B}: \forall struct fixalloc *f, integer c, i;                     \
      0 <= i < c < FIXALLOC_SLABS && new_numbers{A,B}(f, c) ==>                                    \
      \at(f->slab[i].field,A) == \at(f->slab[i].field,B);
// clang-format on
#endif

/*@ // While an arena changes, and a pointer of the caller's.
    predicate number_beside{L}(size_t *q, struct persist_arena *a) = \separated(q, a);
    predicate address_beside{L}(char **q, struct persist_arena *a, void **out) =
      \separated(q, a) && \separated(q, out);
    predicate beside{L}(struct fixalloc *f, struct persist_arena *a, void **out) =
      \separated(f, a) && \separated(f, out);
    predicate numbers_but{A,B}(struct persist_arena *a) =
      \forall size_t *q; number_beside{A}(q, a) ==> \at(*q,A) == \at(*q,B);
    predicate addresses_but{A,B}(struct persist_arena *a, void **out) =
      \forall char **q; address_beside{A}(q, a, out) ==> \at(*q,A) == \at(*q,B);
    predicate arena_beside{L}(struct persist_arena **q, struct persist_arena *a, void **out) =
      \separated(q, a) && \separated(q, out);
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
    // Each number of a slab, each of the table.
    SLAB_BESIDE(bytes) SLAB_BESIDE(fresh) SLAB_BESIDE(cut) SLAB_BESIDE(free)
    TABLE_BESIDE(stride) TABLE_BESIDE(align) TABLE_BESIDE(taken) TABLE_BESIDE(count)
    TABLE_BESIDE(current)
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
    SLAB_OLDER(bytes) SLAB_OLDER(fresh) SLAB_OLDER(cut) SLAB_OLDER(free)
    predicate same_slab{A,B}(struct fixalloc *f, integer i) =
      \at(f->slab[i].base,A) == \at(f->slab[i].base,B) &&
      \at(f->slab[i].bytes,A) == \at(f->slab[i].bytes,B) &&
      \at(f->slab[i].fresh,A) == \at(f->slab[i].fresh,B) &&
      \at(f->slab[i].cut,A) == \at(f->slab[i].cut,B) &&
      \at(f->slab[i].free,A) == \at(f->slab[i].free,B) &&
      \at(f->stride,A) == \at(f->stride,B) && \at(f->align,A) == \at(f->align,B);
    predicate slabs_same_to{A,B}(struct fixalloc *f, integer n) =
      \forall integer i; 0 <= i < n ==> same_slab{A,B}(f, i);
    predicate slab_fields{A,B}(struct fixalloc *f, integer n) =
      \forall integer i; 0 <= i < n && same_slab{A,B}(f, i) ==>
        \at(f->slab[i].base,A) == \at(f->slab[i].base,B) &&
        \at(f->slab[i].bytes,A) == \at(f->slab[i].bytes,B) &&
        \at(f->slab[i].fresh,A) == \at(f->slab[i].fresh,B) &&
        \at(f->slab[i].cut,A) == \at(f->slab[i].cut,B) &&
        \at(f->slab[i].free,A) == \at(f->slab[i].free,B);
    lemma slab_fields{A,B}: \forall struct fixalloc *f, integer n; slab_fields{A,B}(f, n);
    lemma slabs_same_each{A,B}: \forall struct fixalloc *f, integer n;
      slabs_same_to{A,B}(f, n) && slab_fields{A,B}(f, n) ==> same_slabs{A,B}(f, n, n);
    lemma older_slab_same{A,B}: \forall struct fixalloc *f, integer c, i;
      0 <= i < c < FIXALLOC_SLABS && new_numbers{A,B}(f, c) && new_base{A,B}(f, c) ==>
      same_slab{A,B}(f, i);
    lemma older_same_to{A,B}: \forall struct fixalloc *f, integer c;
      0 <= c < FIXALLOC_SLABS && new_numbers{A,B}(f, c) && new_base{A,B}(f, c) ==>
      slabs_same_to{A,B}(f, c);
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

    lemma many_next{L}: \forall struct fixalloc *f, integer i; 0 <= i ==>
      many_in_use(f, i + 1) == many_in_use(f, i) + some_in_use(f, i);

    // While slab c is new, or objects of it are cleared.
    predicate older_used{A,B}(struct fixalloc *f, integer c) = \forall integer i, o; 0 <= i < c ==>
      (used_in{A}(\at(f->slab[i].base,A), \at(f->slab[i].bytes,A), \at(f->slab[i].fresh,A),
                  \at(f->slab[i].free,A), \at(f->stride,A), o) <==>
       used_in{B}(\at(f->slab[i].base,B), \at(f->slab[i].bytes,B), \at(f->slab[i].fresh,B),
                  \at(f->slab[i].free,B), \at(f->stride,B), o));
    lemma older_used{A,B}: \forall struct fixalloc *f, integer c;
      same_slabs{A,B}(f, c, c) && same_stacks{A,B}(f, c, c) && \at(f->stride,A) == \at(f->stride,B) ==>
      older_used{A,B}(f, c);
    predicate entered{A,B}(struct fixalloc *f, integer c) =
      \at(f->count,A) == c && \at(f->count,B) == c + 1 && \at(f->slab[c].fresh,B) == 0 &&
      0 < \at(f->stride,B);
    lemma used_entered{A,B}: \forall struct fixalloc *f, integer c;
      entered{A,B}(f, c) && older_used{A,B}(f, c) ==> same_used{A,B}(f);
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
*/

/*@ lemma beside_same_to{A,B}: \forall struct fixalloc *f, struct persist_arena *a, void **out,
        integer n;
      n <= FIXALLOC_SLABS && beside{A}(f, a, out) && numbers_but{A,B}(a) &&
      addresses_but{A,B}(a, out) ==> slabs_same_to{A,B}(f, n);
*/

#endif
