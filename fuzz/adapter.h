/* Somebody's allocator under test, by what its makers promise: one file in targets/ defines
 * `adapter`, and judge.c does the rest. What a promise rests on stands in it word by word, with its
 * source; where nothing is promised nothing is judged. fuzz/targets/README.md is the guide. */
#ifndef FUZZ_ADAPTER_H
#define FUZZ_ADAPTER_H

#include "report.h"

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A block of 0 bytes. */
enum zero_size {
    ZERO_UNSAID, /* nothing is promised: never asked for */
    ZERO_BLOCK,  /* a block like any other: an address of its own */
    ZERO_OR_NULL /* that, or NULL */
};

enum failure {
    FAILS_NULL,  /* the call returns NULL */
    FAILS_LOUDLY /* the call does not return; `allocate` sets adapter_failed and returns NULL */
};

struct adapter {
    const char *name;

    /* Before an input; after it, each block and then the whole. Those that are not needed: NULL. */
    void (*create)(void);
    void *(*allocate)(size_t size, size_t align);
    void (*release)(void *block);
    void (*destroy)(void);

    struct {
        size_t always; /* every block is at a multiple of this */
        size_t most;   /* the largest power of two that can be asked for; 0: none can */
        int refused;   /* other alignments fail; else they are never asked for */
        const char *says;
    } align;
    struct {
        enum zero_size kind;
        const char *says;
    } zero_size;
    struct {
        enum failure kind;
        const char *says;
    } failure;
    const char *zeroed; /* that blocks are; NULL: unsaid */
    size_t most;        /* the largest size that its interface takes; 0: any */

    /* It takes its memory from sys_alloc, which may answer these (bits of enum answer; anything
     * else is played as ANSWER_WANTED). 0: from elsewhere. */
    unsigned answers;
    int writes; /* to what sys_alloc gives: it gets nothing without memory behind it */

    /* For a target whose defects are known by name: which one a broken property shows (an index of
     * `defects`), or -1. */
    int (*defect)(enum property property, size_t size, uintptr_t address);
    const char *const *defects;
};

extern const struct adapter adapter;

extern int adapter_failed;

#ifdef __cplusplus
}
#endif

#endif
