/* One input for fixalloc: its operations, each judged against a model that knows the rules of
 * fixalloc.h and of persist.h (model.c) and never asks the code under test.
 *
 * The framing is that of format.h; the operations mean:
 *
 *   KIND_ALLOC 0 to 2   fixalloc_alloc, so many times (times_of the variant)
 *              3 and 4  fixalloc_zalloc, likewise
 *              5 to 8   fixalloc_free of objects in use, the number picks the first
 *   KIND_ARRAY          fixalloc_init: size by variant and number, alignment by `which`
 *   KIND_REPEAT         the last of these again
 *   KIND_SYSTEM         plan what the system answers
 *   KIND_LIMIT          the arena's limit; a variant from SIZE_KINDS on keeps it 16 times the number
 *                       above what is granted
 *   KIND_CONTAINS       a free that is none (enum misuse), where the build tells it
 *   KIND_LOOK           enum objects_look
 *   KIND_THREAD         the number picks the allocator of all that follows: two of each build, all
 *                       on one arena
 */
#include "objects.h"

#include "asan.h"
#include "control.h"
#include "decode.h"
#include "format.h"
#include "model.h"
#include "report.h"
#include "system.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* As published: what is checked must not move with the code. */
_Static_assert(FIXALLOC_FIRST == 1024 && FIXALLOC_SIZE_MOST == 1048576 && FIXALLOC_SLABS == 64,
               "a constant of fixalloc.h is not what is published");
enum { FIRST = 1024, SIZE_LARGEST = 1048576, SLABS = 64 };

enum { ALLOCATORS = 2 * BUILDS, NOBODY = ALLOCATORS, MOST_BLOCKS = MOST_CALLS + MOST_OPS };

enum misuse {
    MISUSE_FREED,  /* an object that is free after use */
    MISUSE_LAST,   /* the last byte of an object in use */
    MISUSE_SECOND, /* the next multiple of the alignment */
    MISUSE_AFTER,  /* where the next object starts, if there is one */
    MISUSE_BEFORE,
    MISUSE_REGION, /* the start of what the system granted */
    MISUSE_BEHIND, /* the end of a slab's objects */
    MISUSE_OTHERS, /* an object or block that is not this allocator's */
    MISUSE_NULL,
    MISUSE_TOP,     /* the last address */
    MISUSE_IN_SLAB, /* a slab's start plus the number */
    MISUSES
};

enum objects_look {
    LOOK_ALL,      /* counts and contents */
    LOOK_SCRIBBLE, /* the program writes to an object after it freed it */
    LOOK_BESIDE,   /* the arena serves a block of so many bytes beside */
    LOOK_FREE_ALL,
    OBJECTS_LOOKS
};

enum step_kind {
    STEP_INIT,
    STEP_ALLOC,
    STEP_ZALLOC,
    STEP_FREE,
    STEP_LIMIT,
    STEP_BESIDE,
    STEP_SCRIBBLE
};

/* What was done, for the listing. */
struct step {
    enum step_kind kind;
    unsigned allocator, object;
    size_t size, align;
    uintptr_t address;        /* of a free that is none */
    unsigned first, requests; /* of system_request */
    int status;
};

struct slab {
    uintptr_t start;
    size_t objects;
};

struct allocator {
    int made;
    size_t size, align, stride, cost, taken;
    size_t available, in_use; /* objects */
    uintptr_t next;           /* the object that came back last, if none was handed out since */
    unsigned slabs;
    struct slab slab[SLABS];
};

/* An object that was handed out, or a block that the arena served beside. */
struct block {
    uintptr_t start;
    size_t size;
    unsigned owner;
    int freed;
    unsigned char mark;
};

static struct persist_arena arena;
static struct fixalloc under_test[ALLOCATORS];

static struct {
    unsigned current;
    struct allocator allocator[ALLOCATORS];
    struct block block[MOST_BLOCKS];
    unsigned blocks;
    struct step step[MOST_CALLS + 8 * MOST_OPS];
    unsigned steps;
    unsigned calls;
    size_t cleared;  /* bytes, by fixalloc_zalloc */
    size_t headroom; /* that the limit keeps above what is granted */
    int tight;
    struct op last; /* that can be repeated */
    int can_repeat;
} input;

static jmp_buf *abandoned;

static const struct objects_build *build_of(unsigned allocator)
{
    return &objects_build[allocator % BUILDS];
}

static struct allocator *current(void)
{
    return &input.allocator[input.current];
}

/* ---- the listing ---- */

void report_reset(void)
{
    input.steps = 0;
}

static struct step *new_step(enum step_kind kind)
{
    struct step *step = &input.step[input.steps];
    input.steps += input.steps + 1 < sizeof input.step / sizeof input.step[0];
    *step = (struct step){.kind = kind, .allocator = input.current, .first = system_requests};
    return step;
}

static const char *const persist_name[] = {"PERSIST_OK", "PERSIST_NOT_POWER_OF_TWO",
                                           "PERSIST_ALIGN_TOO_LARGE", "PERSIST_NO_MEMORY",
                                           "PERSIST_BAD_MEMORY"};
static const char *const free_name[] = {"FIXALLOC_OK", "FIXALLOC_DOUBLE_FREE", "FIXALLOC_FOREIGN"};

static const char *name_of(const struct step *step)
{
    if (step->kind == STEP_FREE) {
        return free_name[step->status % 3];
    }
    return persist_name[(unsigned)step->status % PERSIST_STATUSES];
}

static void print_answers(const struct step *step)
{
    for (unsigned i = 0; i < step->requests; i++) {
        const struct request *r = &system_request[step->first + i];
        fprintf(stderr, "    /* the system is asked for %zu bytes, at least %zu: ", r->wanted,
                r->minimum);
        if (r->base == 0) {
            fputs("refused */\n", stderr);
        } else {
            fprintf(stderr, "%zu at 0x%zx */\n", r->granted, (size_t)r->base);
        }
    }
}

static void print_free(const struct step *step)
{
    fprintf(stderr, "fixalloc_free(&f[%u], ", step->allocator);
    if (step->object < MOST_BLOCKS) {
        fprintf(stderr, "o[%u])", step->object);
    } else {
        fprintf(stderr, "(void *)0x%zx)", (size_t)step->address);
    }
}

static void print_call(const struct step *step)
{
    switch (step->kind) {
    case STEP_INIT:
        fprintf(stderr, "fixalloc_init(&f[%u], &arena, %zu, %zu)", step->allocator, step->size,
                step->align);
        break;
    case STEP_ALLOC:
    case STEP_ZALLOC:
        fprintf(stderr, "fixalloc_%s(&f[%u], &o[%u])",
                step->kind == STEP_ALLOC ? "alloc" : "zalloc", step->allocator, step->object);
        break;
    case STEP_FREE:
        print_free(step);
        break;
    case STEP_LIMIT:
        fprintf(stderr, "persist_arena_limit(&arena, %zu)", step->size);
        break;
    case STEP_BESIDE:
        fprintf(stderr, "persist_arena_alloc(&arena, %zu, 1, &o[%u])", step->size, step->object);
        break;
    default:
        fprintf(stderr, "memset(o[%u], 255, %zu)", step->object, step->size);
        break;
    }
}

static int has_status(const struct step *step)
{
    return step->kind != STEP_LIMIT && step->kind != STEP_SCRIBBLE;
}

/* The program is one of the plain build or of the checking one, as far as one program can be: the
 * odd numbers are allocators of the checking build. */
void report_listing(void)
{
    fputs("/* f[1] and f[3] are of the checking build: -DFIXALLOC_CHECK */\n"
          "#include <fixalloc.h>\n#include <string.h>\n\n"
          "static struct persist_arena arena;\nstatic struct fixalloc f[4];\n",
          stderr);
    fprintf(stderr, "static void *o[%u];\n\nint main(void)\n{\n", (unsigned)MOST_BLOCKS);
    for (const struct step *step = input.step; step < input.step + input.steps; step++) {
        print_answers(step);
        fputs("    ", stderr);
        print_call(step);
        if (has_status(step)) {
            fprintf(stderr, "; /* %s */\n", name_of(step));
        } else {
            fputs(";\n", stderr);
        }
    }
    fputs("    return 0;\n}\n", stderr);
}

/* ---- what the program writes to its objects ---- */

/* The next byte that is written: all of a small object, the ends and the middle of a large one. */
static size_t next_byte(size_t at, size_t size)
{
    enum { SMALL = 64, END = 16 };
    at++;
    if (every_byte || size <= SMALL) {
        return at;
    }
    if (at == END) {
        return size / 2;
    }
    return at == size / 2 + 1 ? size - END : at;
}

static void mark(struct block *b)
{
    unsigned char *byte = (unsigned char *)b->start;
    b->mark = (unsigned char)(1 + (b - input.block) * 7 % 255);
    for (size_t i = 0; i < b->size; i = next_byte(i, b->size)) {
        byte[i] = b->mark;
    }
}

static void check_content(const struct block *b)
{
    const unsigned char *byte = (const unsigned char *)b->start;
    for (size_t i = 0; i < b->size; i = next_byte(i, b->size)) {
        if (byte[i] != b->mark) {
            broke(BROKE_CONTENT, "byte %zu of the object of %zu at 0x%zx has changed", i, b->size,
                  (size_t)b->start);
        }
    }
}

static void check_zero(const struct block *b)
{
    const unsigned char *byte = (const unsigned char *)b->start;
    for (size_t i = 0; i < b->size; i = next_byte(i, b->size)) {
        if (byte[i] != 0) {
            broke(BROKE_ZEROED, "byte %zu of the zeroed object of %zu at 0x%zx is %u", i, b->size,
                  (size_t)b->start, byte[i]);
        }
    }
}

static void check_contents(void)
{
    for (unsigned i = 0; i < input.blocks; i++) {
        if (!input.block[i].freed) {
            check_content(&input.block[i]);
        }
    }
}

/* A program that does this is wrong; AddressSanitizer would say so. */
static __attribute__((no_sanitize("address"))) void scribble(const struct block *b)
{
    volatile unsigned char *byte = (volatile unsigned char *)b->start;
    for (size_t i = 0; i < b->size; i = next_byte(i, b->size)) {
        byte[i] = 255;
    }
}

/* ---- what is known of blocks ---- */

static struct block *find(uintptr_t start, unsigned owner)
{
    for (unsigned i = input.blocks; i-- > 0;) {
        if (input.block[i].start == start && input.block[i].owner == owner) {
            return &input.block[i];
        }
    }
    return NULL;
}

/* Of the blocks that this says yes to, the nth modulo their number, or NULL. */
static struct block *pick(int (*yes)(const struct block *), unsigned n)
{
    unsigned count = 0;
    for (unsigned i = 0; i < input.blocks; i++) {
        count += yes(&input.block[i]) != 0;
    }
    if (count == 0) {
        return NULL;
    }
    n %= count;
    for (unsigned i = 0;; i++) {
        if (yes(&input.block[i]) && n-- == 0) {
            return &input.block[i];
        }
    }
}

static int is_used(const struct block *b)
{
    return b->owner == input.current && !b->freed;
}

static int is_freed(const struct block *b)
{
    return b->owner == input.current && b->freed;
}

static int is_others(const struct block *b)
{
    return b->owner != input.current;
}

static struct block *new_block(uintptr_t start, size_t size, unsigned owner)
{
    struct block *b = &input.block[input.blocks++];
    *b = (struct block){.start = start, .size = size, .owner = owner};
    return b;
}

static int is_in_slab(const struct allocator *a, uintptr_t start)
{
    for (unsigned i = 0; i < a->slabs; i++) {
        uintptr_t offset = start - a->slab[i].start;
        if (start >= a->slab[i].start && offset / a->stride < a->slab[i].objects &&
            offset % a->stride == 0) {
            return 1;
        }
    }
    return 0;
}

static void check_apart(uintptr_t start, size_t size)
{
    for (unsigned i = 0; i < input.blocks; i++) {
        const struct block *b = &input.block[i];
        if (!b->freed &&
            (start <= b->start ? b->start - start < size : start - b->start < b->size)) {
            broke(BROKE_DISJOINT, "an object of %zu at 0x%zx overlaps one of %zu at 0x%zx", size,
                  (size_t)start, b->size, (size_t)b->start);
        }
    }
}

/* ---- the books ---- */

static void check_arena(void)
{
    struct persist_stats is;
    const struct persist_stats *must = model_statistics(ARENA_A);
    memset(&is, 0x5a, sizeof is);
    persist_arena_stats(&arena, &is);
    if (memcmp(&is, must, sizeof is) != 0) {
        broke(BROKE_STATISTICS,
              "of the arena: requested %zu (must be %zu), free %zu (%zu), granted %zu (%zu)",
              is.requested, must->requested, is.free, must->free, is.granted, must->granted);
    }
}

static void check_count(unsigned allocator)
{
    size_t is = build_of(allocator)->in_use(&under_test[allocator]);
    if (is != input.allocator[allocator].in_use) {
        broke(BROKE_STATISTICS, "%zu objects are in use, must be %zu", is,
              input.allocator[allocator].in_use);
    }
}

static void check_books(void)
{
    check_count(input.current);
    check_arena();
}

static void check_all(void)
{
    for (unsigned i = 0; i < ALLOCATORS; i++) {
        check_count(i);
    }
    check_arena();
    check_contents();
}

/* ---- predicting ---- */

/* What the arena answers; the system's answers are those that it gave. */
static enum persist_status arena_serves(size_t size, size_t align, struct step *step,
                                        unsigned *used, uintptr_t *address)
{
    struct call call = model_begin(ARENA_A, size, align);
    if (call.asks) {
        if (*used == step->requests) {
            broke(BROKE_SYSTEM_CALLS, "the system is not asked for %zu bytes", call.wanted);
        }
        const struct request *r = &system_request[step->first + (*used)++];
        if (r->minimum != call.minimum || r->wanted != call.wanted) {
            broke(
                BROKE_SYSTEM_REQUEST,
                "the system is asked for %zu bytes, at least %zu; the rule says %zu, at least %zu",
                r->wanted, r->minimum, call.wanted, call.minimum);
        }
        model_finish(&call, r);
    }
    *address = call.address;
    return call.status;
}

static void check_used(const struct step *step, unsigned used)
{
    if (used != step->requests) {
        broke(BROKE_SYSTEM_CALLS, "the system is asked %u times, must be %u", step->requests, used);
    }
}

static enum persist_status slab_of(struct allocator *a, size_t bytes, struct step *step,
                                   unsigned *used)
{
    struct slab *slab = &a->slab[a->slabs];
    slab->objects = bytes < a->cost ? 1 : bytes / a->cost;
    enum persist_status status =
        arena_serves(slab->objects * a->cost, a->align, step, used, &slab->start);
    if (status == PERSIST_OK) {
        a->taken += slab->objects * a->cost;
        a->available += slab->objects;
        a->slabs++;
    }
    return status;
}

/* One KiB, then half of what there is; or what the arena has left; but one object. */
static enum persist_status grows(struct allocator *a, struct step *step, unsigned *used)
{
    size_t bytes = a->taken / 2 < FIRST ? FIRST : a->taken / 2;
    bytes = bytes < FIXSLAB_MOST ? bytes : FIXSLAB_MOST;
    if (a->slabs == SLABS) {
        return PERSIST_NO_MEMORY;
    }
    enum persist_status status = slab_of(a, bytes, step, used);
    if (status == PERSIST_NO_MEMORY) {
        size_t left = model_free(ARENA_A);
        status = slab_of(a, left < bytes ? left : bytes, step, used);
    }
    return status;
}

static enum persist_status predict(struct allocator *a, struct step *step)
{
    unsigned used = 0;
    enum persist_status status = PERSIST_OK;
    if (a->available == 0) {
        status = grows(a, step, &used);
    }
    check_used(step, used);
    return status;
}

/* ---- the operations ---- */

static int good_align(size_t align)
{
    return (align & (align - 1)) == 0 && align <= 4096;
}

/* What is in use of the allocator before stays so, and is nobody's. */
static void disown(void)
{
    for (unsigned i = 0; i < input.blocks; i++) {
        if (input.block[i].owner == input.current) {
            input.block[i].owner = NOBODY;
        }
    }
}

static void init(size_t size, size_t align)
{
    struct fixalloc before = under_test[input.current];
    struct step *step = new_step(STEP_INIT);
    enum persist_status must = PERSIST_OK;
    step->size = size;
    step->align = align;
    if ((align & (align - 1)) != 0) {
        must = PERSIST_NOT_POWER_OF_TWO;
    } else if (!good_align(align)) {
        must = PERSIST_ALIGN_TOO_LARGE;
    } else if (size > SIZE_LARGEST) {
        must = PERSIST_NO_MEMORY;
    }
    step->status = (int)must;
    enum persist_status status =
        build_of(input.current)->init(&under_test[input.current], &arena, size, align);
    step->requests = system_requests - step->first;
    check_used(step, 0);
    if (status != must) {
        broke(BROKE_OUTCOME, "fixalloc_init returns %u, must be %u", status, must);
    }
    if (must != PERSIST_OK) {
        if (memcmp(&before, &under_test[input.current], sizeof before) != 0) {
            broke(BROKE_OUT_KEPT, "fixalloc_init fails and changes the allocator");
        }
        return;
    }
    disown();
    struct allocator *a = current();
    memset(a, 0, sizeof *a);
    a->made = 1;
    a->size = size == 0 ? 1 : size;
    a->align = align == 0 ? 8 : align;
    a->stride = (a->size + a->align - 1) / a->align * a->align;
    a->cost = a->stride + build_of(input.current)->beside;
    check_books();
}

static void set_limit(size_t bytes)
{
    new_step(STEP_LIMIT)->size = bytes;
    persist_arena_limit(&arena, bytes);
    model_limit(ARENA_A, bytes);
}

static void check_open(const struct block *b, size_t stride)
{
    if (asan_is_closed((const void *)b->start) ||
        asan_is_closed((const void *)(b->start + stride - 1))) {
        broke(BROKE_POISON, "an end of an object that was handed out is poisoned");
    }
}

/* An object has come: the same as before, or one that nobody had. */
static void receive(uintptr_t start, int zero)
{
    struct allocator *a = current();
    struct block *b = find(start, input.current);
    if (start == 0) {
        broke(BROKE_NOT_NULL, "an object is NULL");
    }
    if (start % a->align != 0) {
        broke(BROKE_ALIGNED, "an object at 0x%zx is not at a multiple of %zu", (size_t)start,
              a->align);
    }
    check_apart(start, a->size);
    if (!is_in_slab(a, start)) {
        broke(BROKE_IN_GRANT, "an object of %zu at 0x%zx is in no slab", a->size, (size_t)start);
    }
    if (a->next != 0 && start != a->next) {
        broke(BROKE_PLACEMENT, "an object is at 0x%zx, must be the last that was freed, at 0x%zx",
              (size_t)start, (size_t)a->next);
    }
    a->next = 0;
    if (b == NULL) {
        b = new_block(start, a->size, input.current);
    }
    b->freed = 0;
    check_open(b, a->stride);
    if (zero) {
        check_zero(b);
    }
    mark(b);
    a->available--;
    a->in_use++;
}

static void *call_alloc(int zero, void *kept, enum persist_status *status)
{
    const struct objects_build *build = build_of(input.current);
    void *out = kept;
    *status = (zero ? build->zalloc : build->alloc)(&under_test[input.current], &out);
    return out;
}

static void get(int zero)
{
    struct allocator *a = current();
    struct fixalloc *f = &under_test[input.current];
    struct fixalloc before;
    if (input.tight) {
        set_limit(model_granted(ARENA_A) + input.headroom);
    }
    struct step *step = new_step(zero ? STEP_ZALLOC : STEP_ALLOC);
    step->object = input.blocks;
    const int may_fail = a->available == 0;
    if (may_fail) {
        before = *f;
    }
    enum persist_status status;
    uintptr_t out = (uintptr_t)call_alloc(zero, &input, &status);
    step->requests = system_requests - step->first;
    step->status = (int)status;
    enum persist_status must = predict(a, step);
    if (status != must) {
        broke(BROKE_OUTCOME, "fixalloc_alloc returns %u, must be %u", status, must);
    }
    control->throws += status != PERSIST_OK;
    check_arena();
    if (status == PERSIST_OK) {
        receive(out, zero);
        step->object = (unsigned)(find(out, input.current) - input.block);
    } else if (out != (uintptr_t)&input) {
        broke(BROKE_OUT_KEPT, "a failed call stores 0x%zx", (size_t)out);
    } else if (may_fail && memcmp(&before, f, sizeof before) != 0) {
        broke(BROKE_OUT_KEPT, "a failed call changes the allocator");
    }
    check_books();
}

static void put(unsigned n)
{
    struct allocator *a = current();
    struct block *b = pick(is_used, n);
    if (b == NULL) {
        return;
    }
    check_content(b);
    struct step *step = new_step(STEP_FREE);
    step->object = (unsigned)(b - input.block);
    enum fixalloc_status status =
        build_of(input.current)->free(&under_test[input.current], (void *)b->start);
    step->status = (int)status;
    if (status != FIXALLOC_OK) {
        broke(BROKE_OUTCOME, "fixalloc_free of an object in use returns %u", status);
    }
    b->freed = 1;
    a->next = b->start;
    a->available++;
    a->in_use--;
    /* Poison has a grain of 8. */
    if (asan_watches(ARENA_A) && b->start % 8 == 0 && a->stride >= 8 &&
        !asan_is_closed((const void *)b->start)) {
        broke(BROKE_POISON, "an object that was freed is not poisoned");
    }
    check_books();
}

/* ---- frees that are none ---- */

static uintptr_t of_slab(unsigned number, int behind)
{
    const struct allocator *a = current();
    const struct slab *slab = &a->slab[number % SLABS % (a->slabs == 0 ? 1 : a->slabs)];
    if (a->slabs == 0) {
        return 0;
    }
    return slab->start + (behind ? slab->objects * a->stride : number);
}

static uintptr_t wrong_address(unsigned misuse, unsigned number)
{
    const struct block *used = pick(is_used, number);
    const struct block *chosen = used;
    switch (misuse) {
    case MISUSE_FREED:
        chosen = pick(is_freed, number);
        return chosen == NULL ? 0 : chosen->start;
    case MISUSE_LAST:
        return used == NULL ? 0 : used->start + used->size - 1;
    case MISUSE_SECOND:
        return used == NULL ? 0 : used->start + current()->align;
    case MISUSE_AFTER:
        return used == NULL ? 0 : used->start + current()->stride;
    case MISUSE_BEFORE:
        return used == NULL ? 0 : used->start - 1;
    case MISUSE_REGION:
        return system_requests == 0 ? 0 : system_request[number % system_requests].base;
    case MISUSE_BEHIND:
        return of_slab(number, 1);
    case MISUSE_OTHERS:
        chosen = pick(is_others, number);
        return chosen == NULL ? 0 : chosen->start;
    case MISUSE_TOP:
        return UINTPTR_MAX;
    case MISUSE_IN_SLAB:
        return of_slab(number, 0);
    default:
        return 0;
    }
}

/* Are all objects that were ever handed out of the slab that this one stands in free? Then no build
 * takes one back. */
static int all_are_freed(const struct block *object)
{
    const struct allocator *a = current();
    unsigned i = 0;
    while (object->start - a->slab[i].start >= a->slab[i].objects * a->stride) {
        i++;
    }
    for (unsigned n = 0; n < input.blocks; n++) {
        const struct block *b = &input.block[n];
        if (b->start - a->slab[i].start < a->slab[i].objects * a->stride && !is_freed(b)) {
            return 0;
        }
    }
    return 1;
}

static void misuse(struct op op)
{
    struct allocator *a = current();
    const struct objects_build *build = build_of(input.current);
    uintptr_t address = wrong_address(op.variant % MISUSES, op.number);
    const struct block *b = find(address, input.current);
    if (!a->made || (b != NULL && !b->freed)) {
        return;
    }
    if (!build->checks && (b == NULL || !all_are_freed(b))) {
        return;
    }
    enum fixalloc_status must = b == NULL ? FIXALLOC_FOREIGN : FIXALLOC_DOUBLE_FREE;
    struct fixalloc before = under_test[input.current];
    struct step *step = new_step(STEP_FREE);
    step->object = b == NULL ? MOST_BLOCKS : (unsigned)(b - input.block);
    step->address = address;
    step->status = (int)must;
    enum fixalloc_status is = build->free(&under_test[input.current], (void *)address);
    if (is != must) {
        broke(BROKE_MISUSE, "fixalloc_free of 0x%zx returns %u, must be %u", (size_t)address, is,
              must);
    }
    if (memcmp(&before, &under_test[input.current], sizeof before) != 0) {
        broke(BROKE_MISUSE, "fixalloc_free of 0x%zx changes the allocator", (size_t)address);
    }
    check_books();
}

/* ---- looking ---- */

static void beside(size_t size)
{
    void *out = NULL;
    unsigned used = 0;
    uintptr_t address = 0;
    struct step *step = new_step(STEP_BESIDE);
    step->size = size;
    step->object = input.blocks;
    enum persist_status is = persist_arena_alloc(&arena, size, 1, &out);
    step->requests = system_requests - step->first;
    step->status = (int)is;
    enum persist_status must = arena_serves(size, 1, step, &used, &address);
    check_used(step, used);
    if (is != must || (is == PERSIST_OK && (uintptr_t)out != address)) {
        broke(BROKE_OUTCOME, "the arena serves a block beside as if no objects were");
    }
    if (is == PERSIST_OK) {
        check_apart(address, size);
        mark(new_block(address, size, NOBODY));
    }
}

static int may_call(void)
{
    if (input.calls == MOST_CALLS || input.blocks == MOST_BLOCKS - 1 ||
        system_requests + 2 > MOST_CALLS) {
        return 0;
    }
    input.calls++;
    control->calls++;
    return 1;
}

/* Large objects are slow to make zero: some are enough. */
static int may_clear(void)
{
    enum { ENOUGH = 1 << 19 };
    size_t stride = current()->stride;
    if (stride > ENOUGH - input.cleared) {
        return 0;
    }
    input.cleared += stride;
    return 1;
}

static void look(struct op op)
{
    const struct block *b = NULL;
    switch (op.variant % OBJECTS_LOOKS) {
    case LOOK_SCRIBBLE:
        b = pick(is_freed, op.number);
        if (b != NULL) {
            struct step *step = new_step(STEP_SCRIBBLE);
            step->object = (unsigned)(b - input.block);
            step->size = b->size;
            scribble(b);
        }
        break;
    case LOOK_BESIDE:
        if (may_call()) {
            beside(1 + op.number % 8192);
        }
        break;
    case LOOK_FREE_ALL:
        while (current()->in_use > 0 && may_call()) {
            put(op.number);
        }
        break;
    default:
        check_all();
        break;
    }
}

static unsigned times_of(unsigned variant)
{
    static const unsigned char times[16] = {1, 1, 2, 3, 1, 5, 8, 16, 40, 85, 170, 1, 1, 1, 1, 255};
    return times[variant % 16];
}

static void call(struct op op)
{
    if (!current()->made) {
        init(24, 8);
    }
    for (unsigned n = times_of(op.variant); n > 0 && may_call(); n--) {
        if (op.kind >= 5) {
            put(op.number);
        } else {
            get(op.kind >= 3 && may_clear());
        }
    }
}

static void repeat(struct op op)
{
    unsigned times = op.which < 192 ? 1 + op.which % 4 : (op.which - 191) * 4;
    while (input.can_repeat && times-- > 0 && input.calls < MOST_CALLS) {
        call(input.last);
    }
}

static struct view view_now(void)
{
    return (struct view){.free = model_free(ARENA_A),
                         .granted = model_granted(ARENA_A),
                         .room = model_room(ARENA_A)};
}

static void limit(struct op op)
{
    struct view view = view_now();
    input.tight = op.variant >= SIZE_KINDS;
    if (input.tight) {
        input.headroom = (size_t)op.number * 16;
        return;
    }
    /* Relative to what was granted, not to what is free. */
    view.free = view.granted;
    set_limit(decode_size(op.variant, op.number, &view));
}

static void run_op(struct op op)
{
    struct view view = view_now();
    switch (op.kind) {
    case KIND_ARRAY:
        init(decode_size(op.variant, op.number, &view), decode_align(op.which));
        break;
    case KIND_REPEAT:
        repeat(op);
        break;
    case KIND_SYSTEM:
        system_plan(op);
        break;
    case KIND_LIMIT:
        limit(op);
        break;
    case KIND_CONTAINS:
        misuse(op);
        break;
    case KIND_LOOK:
        look(op);
        break;
    case KIND_THREAD:
        input.current = op.number % ALLOCATORS;
        break;
    default:
        input.last = op;
        input.can_repeat = 1;
        call(op);
        break;
    }
}

static void run(const uint8_t *next, const uint8_t *end)
{
    for (; next < end; next += OP_BYTES) {
        run_op(op_read(next));
    }
    check_all();
    if (report_end != NULL) {
        report_end();
    }
}

/* Nobody's turn but the caller's. */
void system_asked(const struct request *request)
{
    (void)request;
}

/* ---- an input ---- */

static void abandon(void)
{
    asan_jump(abandoned, 1);
}

static void forget_poison(void)
{
    for (unsigned i = 0; i < system_requests; i++) {
        if (system_request[i].good) {
            asan_forget((const void *)system_request[i].base, system_request[i].granted);
        }
    }
}

static void reset(void)
{
    memset(&arena, 0, sizeof arena);
    memset(under_test, 0, sizeof under_test);
    memset(input.allocator, 0, sizeof input.allocator);
    input.blocks = 0;
    input.steps = 0;
    input.calls = 0;
    input.current = 0;
    input.cleared = 0;
    input.tight = 0;
    input.can_repeat = 0;
    model_reset();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    report_abandon = abandon;
    control_open();
    system_open();
    reset();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jmp_buf here;
    control->executions++;
    if (size > MOST_INPUT) {
        size = MOST_INPUT;
    }
    system_real_only(ARENA_A);
    abandoned = &here;
    if (_setjmp(here) == 0) {
        check_all(); /* an engine gives up if its first inputs reach no code that it watches */
        if (size > 0 && data[0] == FORMAT_VERSION) {
            run(data + 1, data + 1 + (size - 1) / OP_BYTES * OP_BYTES);
        }
    }
    /* Freed objects are poisoned, each by itself; objects and what stands beside were written to. */
    forget_poison();
    system_reset(1);
    reset();
    return 0;
}
