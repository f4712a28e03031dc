/* glibc's obstack, its chunks from the harness. Quoted are the manual of glibc,
 * "Alignment of Data in Obstacks", and obstack.h of 2.36. */
#include "adapter.h"
#include "asan.h"
#include "format.h"
#include "sys.h"

#include <limits.h>
#include <obstack.h>
#include <setjmp.h>

static struct obstack stack;
static jmp_buf *landing;

static void *get_chunk(size_t size)
{
    size_t granted = size;
    return sys_alloc(size, size, &granted);
}

static void drop_chunk(void *chunk)
{
    (void)chunk;
}

#define obstack_chunk_alloc get_chunk
#define obstack_chunk_free drop_chunk

static void failed(void)
{
    adapter_failed = 1;
    asan_jump(landing, 1);
}

static void create(void)
{
    obstack_alloc_failed_handler = failed;
    obstack_begin(&stack, 4096);
}

/* The manual's way to have a new alignment hold from now on is to finish an empty object. */
static void *allocate(size_t size, size_t align)
{
    jmp_buf here;
    int mask = align == 0 ? (int)_Alignof(max_align_t) - 1 : (int)align - 1;
    landing = &here;
    if (_setjmp(here) != 0) {
        return NULL;
    }
    if (obstack_alignment_mask(&stack) != mask) {
        obstack_alignment_mask(&stack) = mask;
        (void)obstack_finish(&stack);
    }
    return obstack_alloc(&stack, (int)size);
}

const struct adapter adapter = {
    .name = "obstack",
    .create = create,
    .allocate = allocate,
    .align = {.always = _Alignof(max_align_t),
              .most = 4096,
              .says =
                  "\"each object allocated in the obstack automatically starts on an address that "
                  "is a multiple of the specified boundary\""},
    .zero_size = {ZERO_UNSAID, NULL},
    .failure =
        {FAILS_LOUDLY,
         "\"Error handler called when 'obstack_chunk_alloc' failed to allocate more memory. "
         "This can be set to a user defined function which should either abort gracefully or "
         "use longjump - but shouldn't return.\""},
    .most = INT_MAX,
    .answers = 1u << ANSWER_REFUSE,
    .writes = 1,
};
