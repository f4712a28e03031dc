// std::pmr::monotonic_buffer_resource of libstdc++, its buffers from the harness. Quoted is the
// standard, ISO C++17, [mem.res.private].
#include "adapter.h"

#include "format.h"

#include <memory_resource>
#include <new>

extern "C" void *sys_alloc(size_t minimum, size_t wanted, size_t *granted);

namespace {

struct harness : std::pmr::memory_resource {
    void *do_allocate(size_t size, size_t) override
    {
        size_t granted = size;
        void *memory = size == 0 ? nullptr : sys_alloc(size, size, &granted);
        if (memory == nullptr) {
            throw std::bad_alloc();
        }
        return memory;
    }
    void do_deallocate(void *, size_t, size_t) override {}
    bool do_is_equal(const memory_resource &other) const noexcept override { return this == &other; }
};

harness upstream;
alignas(std::pmr::monotonic_buffer_resource) char place[sizeof(std::pmr::monotonic_buffer_resource)];
std::pmr::monotonic_buffer_resource *resource;

void create()
{
    resource = new (place) std::pmr::monotonic_buffer_resource(4096, &upstream);
}

void *allocate(size_t size, size_t align)
{
    try {
        return align == 0 ? resource->allocate(size) : resource->allocate(size, align);
    } catch (const std::bad_alloc &) {
        adapter_failed = 1;
        return nullptr;
    }
}

void destroy()
{
    resource->~monotonic_buffer_resource();
}

} // namespace

const struct adapter adapter = {
    "pmr",
    create,
    allocate,
    nullptr,
    destroy,
    {alignof(std::max_align_t), 4096, 0,
     "\"The returned storage is aligned to the specified alignment, if such alignment is supported\""},
    {ZERO_UNSAID, nullptr},
    {FAILS_LOUDLY, "\"shall throw an appropriate exception if it is unable to allocate memory with the "
                   "requested size and alignment\""},
    nullptr,
    0,
    1u << ANSWER_REFUSE,
    1,
    nullptr,
    nullptr,
};
