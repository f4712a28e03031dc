// std::pmr::monotonic_buffer_resource, its first buffer as large as our chunk.
#include "sample.h"

#include <memory_resource>

void *peer_start(void)
{
    return new std::pmr::monotonic_buffer_resource(256 * 1024);
}

static inline void *peer_alloc(void *peer, size_t size, size_t align)
{
    return static_cast<std::pmr::monotonic_buffer_resource *>(peer)->allocate(size, align);
}

#include "replay.h"
