/* One input for an allocator of somebody else (adapter.h): its operations as far as they mean
 * something to any allocator, each judged by what that allocator's makers promise. */
#include "adapter.h"
#include "asan.h"
#include "blocks.h"
#include "control.h"
#include "decode.h"
#include "format.h"
#include "report.h"
#include "system.h"

#include <setjmp.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* A larger block can be had or not, as the machine pleases; one that is larger than any object can
 * be, never. */
enum { SURELY_THERE = 1 << 20 };

struct step {
    size_t size, align;
    unsigned first, requests; /* of system_request */
    int failed, threw, looks;
    uintptr_t address;
};

static struct {
    unsigned calls;
    struct step step[MOST_CALLS + MOST_OPS + 1];
    unsigned steps;
    size_t size, align; /* of the last allocation */
    int can_repeat;
} input;

int adapter_failed;
static jmp_buf *abandoned;

/* ---- the listing ---- */

void report_reset(void)
{
    input.steps = 0;
}

static void print_answers(const struct step *e)
{
    for (unsigned i = 0; i < e->requests; i++) {
        const struct request *r = &system_request[e->first + i];
        fprintf(stderr, "    /* the system is asked for %zu bytes: ", r->wanted);
        if (r->base == 0) {
            fputs("refused */\n", stderr);
        } else {
            fprintf(stderr, "%zu at 0x%zx */\n", r->granted, (size_t)r->base);
        }
    }
}

static int same_call(const struct step *e, const struct step *f)
{
    return !f->looks && f->size == e->size && f->align == e->align && f->requests == 0;
}

/* One call, or so many of the same; returns how many. */
static unsigned print_call(const struct step *e, const struct step *end)
{
    unsigned times = 1;
    print_answers(e);
    while (e + times < end && same_call(e, e + times)) {
        times++;
    }
    const struct step *last = e + times - 1;
    fputs("    ", stderr);
    if (times > 1) {
        fprintf(stderr, "for (int i = 0; i < %u; i++) ", times);
    }
    fprintf(stderr, "adapter.allocate(%zu, %zu); /* ", e->size, e->align);
    if (last->failed) {
        fputs(last->threw ? "throws */\n" : "NULL */\n", stderr);
    } else {
        fprintf(stderr, "%s0x%zx */\n", times > 1 ? "the last at " : "", (size_t)last->address);
    }
    return times;
}

void report_listing(void)
{
    const struct step *end = input.step + input.steps;
    fprintf(stderr, "/* %s */\n#include \"adapter.h\"\n\nint main(void)\n{\n", adapter.name);
    if (adapter.create != NULL) {
        fputs("    adapter.create();\n", stderr);
    }
    for (const struct step *e = input.step; e < end;) {
        if (e->looks) {
            fputs("    /* what was written to the blocks is looked at */\n", stderr);
            e++;
        } else {
            e += print_call(e, end);
        }
    }
    fputs("    return 0;\n}\n", stderr);
}

/* ---- judging ---- */

static unsigned classify(enum property property)
{
    const struct step *e = &input.step[input.steps - 1];
    int defect = adapter.defect(property, e->size, e->address);
    return defect < 0 ? property : PROPERTY_COUNT + (unsigned)defect;
}

static int power_of_two(size_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

static int good_align(size_t align)
{
    return align == 0 || (power_of_two(align) && align <= adapter.align.most);
}

static const char *promise_of(enum property property)
{
    const struct step *e = &input.step[input.steps - 1];
    switch (property) {
    case BROKE_ALIGNED:
        return adapter.align.says;
    case BROKE_ZEROED:
        return adapter.zeroed;
    case BROKE_NOT_NULL:
    case BROKE_OUTCOME:
        if (!good_align(e->align)) {
            return adapter.align.says;
        }
        return e->size == 0 ? adapter.zero_size.says : adapter.failure.says;
    case BROKE_MEMORY:
        return adapter.failure.says;
    default:
        return NULL;
    }
}

/* The grant that holds the whole block: one that does not go on past the last address. */
static const struct request *grant_of(uintptr_t start, size_t size)
{
    for (unsigned i = system_requests; i-- > 0;) {
        const struct request *r = &system_request[i];
        if (r->base != 0 && UINTPTR_MAX - r->base >= r->granted && r->base <= start &&
            start - r->base <= r->granted && size <= r->granted - (start - r->base)) {
            return r;
        }
    }
    return NULL;
}

static int was_refused(const struct step *e)
{
    int refused = 0;
    for (unsigned i = 0; i < e->requests; i++) {
        refused |= system_request[e->first + i].base == 0;
    }
    return refused;
}

static void judge_failure(const struct step *e)
{
    if (adapter.failure.kind == FAILS_LOUDLY && !adapter_failed &&
        !(e->size == 0 && adapter.zero_size.kind == ZERO_OR_NULL)) {
        broke(was_refused(e) ? BROKE_OUTCOME : BROKE_NOT_NULL,
              "size %zu and align %zu: NULL is returned as if it were a block", e->size, e->align);
    }
    if (good_align(e->align) && e->size <= SURELY_THERE && e->size != 0 && !was_refused(e)) {
        broke(BROKE_OUTCOME, "size %zu and align %zu: fails, though there is memory", e->size,
              e->align);
    }
}

static void judge_block(const struct step *e)
{
    size_t align = adapter.align.most == 0 || e->align == 0 ? adapter.align.always : e->align;
    size_t size = e->size == 0 ? 1 : e->size;
    enum access access = adapter.zeroed != NULL ? ACCESS_ZERO : ACCESS_MARKS;
    if (!good_align(e->align) && adapter.align.most != 0) {
        broke(BROKE_OUTCOME, "size %zu and align %zu: served", e->size, e->align);
    }
    if (e->address % align != 0) {
        broke(BROKE_ALIGNED, "a block of %zu at 0x%zx is not at a multiple of %zu", e->size,
              (size_t)e->address, align);
    }
    if (e->size > SIZE_MAX / 2) {
        broke(BROKE_OUTCOME, "size %zu and align %zu: served", e->size, e->align);
    }
    if (adapter.answers != 0 && grant_of(e->address, size) == NULL) {
        broke(BROKE_IN_GRANT, "a block of %zu at 0x%zx is in no grant", e->size,
              (size_t)e->address);
    }
    if (adapter.answers != 0 && !system_is_real(e->address, size)) {
        access = ACCESS_NONE;
    }
    blocks_add(e->address, size, 0, e->size == 0 ? ACCESS_NONE : access);
}

/* Is anything promised of such a call? */
static int is_judged(size_t size, size_t align)
{
    size_t most = adapter.most == 0 ? SIZE_MAX : adapter.most;
    int sure = adapter.answers != 0 || size <= SURELY_THERE || size > SIZE_MAX / 2;
    return size <= most && sure && (size != 0 || adapter.zero_size.kind != ZERO_UNSAID) &&
           (good_align(align) || adapter.align.most == 0 || adapter.align.refused);
}

static void allocate(size_t size, size_t align)
{
    struct step *e = &input.step[input.steps];
    if (input.calls == MOST_CALLS || !is_judged(size, align)) {
        return;
    }
    input.calls++;
    input.steps++;
    control->calls++;
    *e = (struct step){.size = size, .align = align, .first = system_requests};
    adapter_failed = 0;
    void *block = adapter.allocate(size, align);
    e->requests = system_requests - e->first;
    e->address = (uintptr_t)block;
    e->failed = block == NULL;
    e->threw = adapter_failed;
    control->throws += (uint64_t)adapter_failed;
    if (!oracle_on) {
        return;
    }
    if (e->failed) {
        judge_failure(e);
    } else {
        judge_block(e);
    }
}

/* ---- operations ---- */

/* Where the last block left its grant: sizes are relative to it. */
static struct view view_now(void)
{
    const struct step *e = &input.step[input.steps == 0 ? 0 : input.steps - 1];
    const struct request *r = input.steps == 0 ? NULL : grant_of(e->address, e->size);
    if (r == NULL) {
        return (struct view){0, 0, 0};
    }
    return (struct view){r->granted - (e->address - r->base) - e->size, 0, 0};
}

static void op_alloc(struct op op)
{
    struct view view = view_now();
    input.can_repeat = 1;
    input.size = decode_size(op.variant, op.number, &view);
    input.align = decode_align(op.which);
    allocate(input.size, input.align);
}

static void op_repeat(struct op op)
{
    unsigned times = op.which < 192 ? 1 + op.which % 4 : (op.which - 191) * 4;
    while (input.can_repeat && times-- > 0) {
        allocate(input.size, input.align);
    }
}

static void op_system(struct op op)
{
    if (op.variant >= ANSWERS || !(adapter.answers >> op.variant & 1u)) {
        op.variant = ANSWER_WANTED;
    }
    system_plan(op);
}

static void look(void)
{
    input.step[input.steps++] = (struct step){.looks = 1};
    blocks_check();
}

static void run_op(struct op op)
{
    switch (op.kind) {
    case KIND_REPEAT:
        op_repeat(op);
        break;
    case KIND_SYSTEM:
        op_system(op);
        break;
    case KIND_LOOK:
        look();
        break;
    case KIND_LIMIT:
    case KIND_CONTAINS:
    case KIND_THREAD:
        break;
    default:
        op_alloc(op);
        break;
    }
}

static void run(const uint8_t *next, const uint8_t *end)
{
    for (; next < end; next += OP_BYTES) {
        run_op(op_read(next));
    }
    blocks_check();
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

static void create(void)
{
    if (adapter.create != NULL) {
        adapter.create();
    }
}

static void destroy(void)
{
    blocks_reset();
    for (unsigned i = 0; i < input.steps && adapter.release != NULL; i++) {
        if (input.step[i].address != 0) {
            adapter.release((void *)input.step[i].address);
        }
    }
    if (adapter.destroy != NULL) {
        adapter.destroy();
    }
}

static void abandon(void)
{
    asan_jump(abandoned, 1);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    report_abandon = abandon;
    report_promise = promise_of;
    report_classify = adapter.defect == NULL ? NULL : classify;
    report_defects = adapter.defects;
    control_open();
    system_open();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    jmp_buf here;
    control->executions++;
    input.calls = 0;
    input.steps = 0;
    input.can_repeat = 0;
    if (adapter.writes) {
        system_real_only(0);
    }
    create();
    if (size > MOST_INPUT) {
        size = MOST_INPUT;
    }
    abandoned = &here;
    if (_setjmp(here) == 0 && size > 0 && data[0] == FORMAT_VERSION) {
        run(data + 1, data + 1 + (size - 1) / OP_BYTES * OP_BYTES);
    }
    destroy();
    system_reset(0);
    return 0;
}
