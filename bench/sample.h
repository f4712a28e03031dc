/* What a measured program (sample.c) and an allocator's adapter (peers/) say to each other. An
 * adapter in C or C++ defines peer_start and peer_alloc and includes replay.h, so that its fast path
 * is inlined into the loop as it would be in a user's. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct request {
    uint32_t size, align;
};

/* What one thread allocates from: called once in each thread. */
void *peer_start(void);

/* The requests in order: the blocks are looked at by nobody; written full; kept in `blocks`. */
void replay(void *peer, const struct request *requests, size_t n);
/* As replay, where the compiler knows each call's alignment, as it does for nearly every call in a
 * program: 8; or with `names`, in turn 1 and 8. */
void replay_sites(void *peer, const struct request *requests, size_t n, int names);
void replay_writing(void *peer, const struct request *requests, size_t n);
void replay_keeping(void *peer, const struct request *requests, size_t n, void **blocks);

#ifdef __cplusplus
}
#endif

#endif
