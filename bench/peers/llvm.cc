// LLVM's BumpPtrAllocator with slabs as large as our chunk.
#include "sample.h"

#include <llvm/Support/Allocator.h>

using Bump = llvm::BumpPtrAllocatorImpl<llvm::MallocAllocator, 256 * 1024, 256 * 1024>;

void *peer_start(void)
{
    return new Bump;
}

static inline void *peer_alloc(void *peer, size_t size, size_t align)
{
    return static_cast<Bump *>(peer)->Allocate(size, align);
}

#include "replay.h"
