/* The loops of sample.h around peer_alloc, which the including file has defined. */
#ifndef REPLAY_H
#define REPLAY_H

#include <string.h>

/* The user has seen the block, and may have read or written any memory: no allocator keeps its
 * state in registers from one call to the next. */
static inline void use(void *block)
{
    __asm__ volatile("" : : "r"(block) : "memory");
}

void replay(void *peer, const struct request *requests, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        use(peer_alloc(peer, requests[i].size, requests[i].align));
    }
}

void replay_sites(void *peer, const struct request *requests, size_t n, int names)
{
    for (size_t i = 0; names && i + 1u < n; i += 2) {
        use(peer_alloc(peer, requests[i].size, 1));
        use(peer_alloc(peer, requests[i + 1u].size, 8));
    }
    for (size_t i = 0; !names && i < n; i++) {
        use(peer_alloc(peer, requests[i].size, 8));
    }
}

void replay_writing(void *peer, const struct request *requests, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        void *block = peer_alloc(peer, requests[i].size, requests[i].align);
        memset(block, 0x5a, requests[i].size);
        use(block);
    }
}

void replay_keeping(void *peer, const struct request *requests, size_t n, void **blocks)
{
    for (size_t i = 0; i < n; i++) {
        blocks[i] = peer_alloc(peer, requests[i].size, requests[i].align);
    }
}

#endif
