/* Mutations that know the input format, for both engines: libFuzzer calls the functions at the end,
 * mutator_afl.c calls the two before those. What comes out is always a whole input of this version. */
#include "mutator.h"

#include "feed.h"
#include "format.h"

#include <string.h>

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *two,
                                 size_t two_size, uint8_t *out, size_t most, unsigned seed);

static uint64_t state;

static unsigned below(unsigned n)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (unsigned)((state >> 32) * n >> 32);
}

static void seed_with(unsigned seed)
{
    state = (seed + UINT64_C(0x9e3779b97f4a7c15)) * UINT64_C(0xbf58476d1ce4e5b9) | 1u;
    below(1);
}

/* One of n values, by weights that add up to 100. */
static unsigned weighted(const unsigned char *weights, unsigned n)
{
    unsigned x = below(100);
    for (unsigned i = 0; i + 1 < n; i++) {
        if (x < weights[i]) {
            return i;
        }
        x -= weights[i];
    }
    return n - 1;
}

static unsigned new_size_kind(void)
{
    static const unsigned char weights[SIZE_KINDS] = {26, 11, 14, 10, 15, 6, 6, 4, 3, 3, 2};
    return weighted(weights, SIZE_KINDS);
}

static unsigned new_align(void)
{
    switch (below(8)) {
    case 0:
        return below(256);
    case 1:
        return 128 + below(16);
    default:
        return below(16);
    }
}

/* Numbers at a boundary give or take little, for the kinds that have one. */
static unsigned new_number(unsigned size_kind)
{
    static const signed char near[] = {-2, -1, 0, 0, 0, 1, 1, 2};
    unsigned step = (unsigned)near[below(sizeof near)];
    switch (size_kind) {
    case SIZE_BOUNDARY:
    case SIZE_POWER:
        return (below(1024) << 6 | (32 + step)) & 0xffffu;
    case SIZE_FREE:
    case SIZE_LIMIT:
    case SIZE_GROWTH:
        return below(8) == 0 ? below(256) : 128 + step;
    case SIZE_TOP:
    case SIZE_MOST:
        return below(2) == 0 ? below(16) : below(65536);
    case SIZE_PAGES:
        return below(4) == 0 ? below(65536) : below(600);
    default:
        return below(65536);
    }
}

static struct op new_op(void)
{
    static const unsigned char weights[] = {62, 5, 5, 12, 4, 4, 3, 5};
    unsigned pick = weighted(weights, sizeof weights);
    struct op op = {KIND_ALLOC, 0, below(256), below(65536)};
    switch (pick) {
    case 0:
        op.kind = (enum kind)below(KIND_ALLOC_LAST + 1);
        op.variant = below(64) == 0 ? SIZE_KINDS : new_size_kind();
        op.which = new_align();
        op.number = new_number(op.variant);
        break;
    case 1:
        op.kind = KIND_ARRAY;
        op.variant = new_size_kind();
        op.number = new_number(op.variant);
        break;
    case 2:
        op.kind = KIND_REPEAT;
        op.which = below(16) == 0 ? 192 + below(64) : below(192);
        op.number = 0;
        break;
    case 3:
        op.kind = KIND_SYSTEM;
        op.variant = below(ANSWERS);
        op.which = below(PLACEMENTS) << 4 | (below(3) == 0 ? ANSWER_STICKY : below(3));
        break;
    case 4:
        op.kind = KIND_LIMIT;
        op.variant = below(3) == 0 ? new_size_kind() : (below(2) == 0 ? SIZE_FREE : SIZE_GROWTH);
        op.number = new_number(op.variant);
        break;
    case 5:
        op.kind = KIND_CONTAINS;
        op.variant = below(CONTAINS_KINDS);
        break;
    case 6:
        op.kind = KIND_LOOK;
        op.variant = below(LOOKS);
        break;
    default:
        op.kind = KIND_THREAD;
        op.variant = below(THREAD_KINDS);
        op.number = below(THREADS);
        break;
    }
    return op;
}

/* ---- an input as its operations ---- */

struct program {
    uint8_t byte[MOST_INPUT];
    unsigned ops;
};

static uint8_t *op_at(struct program *program, unsigned i)
{
    return program->byte + 1 + i * OP_BYTES;
}

static void load(struct program *program, const uint8_t *data, size_t size)
{
    program->ops = 0;
    program->byte[0] = FORMAT_VERSION;
    if (size > 0 && data[0] == FORMAT_VERSION) {
        size = size > MOST_INPUT ? MOST_INPUT : size;
        program->ops = (unsigned)((size - 1) / OP_BYTES);
        memcpy(program->byte, data, 1 + program->ops * OP_BYTES);
    }
}

static size_t store(const struct program *program, uint8_t *out, size_t most)
{
    size_t size = 1 + program->ops * (size_t)OP_BYTES;
    while (size > most && size > OP_BYTES) {
        size -= OP_BYTES;
    }
    if (size <= most) {
        memcpy(out, program->byte, size);
    }
    return size <= most ? size : 0;
}

static void insert(struct program *program, unsigned at, struct op op)
{
    if (program->ops < MOST_OPS) {
        memmove(op_at(program, at + 1), op_at(program, at), (program->ops - at) * OP_BYTES);
        op_write(op_at(program, at), op);
        program->ops++;
    }
}

static void delete (struct program *program, unsigned at, unsigned n)
{
    memmove(op_at(program, at), op_at(program, at + n), (program->ops - at - n) * OP_BYTES);
    program->ops -= n;
}

/* A neighbour of what is there: of the number, mostly. */
static struct op change(struct op op)
{
    static const unsigned char fresh_weights[] = {45, 20, 20, 15};
    struct op fresh = new_op();
    switch (weighted(fresh_weights, sizeof fresh_weights)) {
    case 0:
        op.number = (op.number + (below(2) == 0 ? 1 + below(4) : 0u - 1 - below(4))) & 0xffffu;
        break;
    case 1:
        op.which = op.kind <= KIND_ALLOC_LAST ? new_align() : below(256);
        break;
    case 2:
        op.variant = op.kind <= KIND_ARRAY ? new_size_kind() : below(16);
        op.number = op.kind <= KIND_ARRAY ? new_number(op.variant) : op.number;
        break;
    default:
        op = fresh;
        break;
    }
    return op;
}

static void mutate_once(struct program *program)
{
    unsigned at = program->ops == 0 ? 0 : below(program->ops);
    unsigned pick = program->ops == 0 ? 0 : below(10);
    uint8_t kept[OP_BYTES];
    switch (pick) {
    case 0:
    case 1:
    case 2:
        insert(program, below(program->ops + 1), new_op());
        break;
    case 3:
    case 4: /* shorter, and often by more: short inputs are fast */
        if (program->ops > 1) {
            delete (program, at, below(3) == 0 ? 1 + below(program->ops - at) : 1);
        }
        break;
    case 5:
        insert(program, at, op_read(op_at(program, at)));
        break;
    case 6:
        memcpy(kept, op_at(program, at), OP_BYTES);
        delete (program, at, 1);
        insert(program, below(program->ops + 1), op_read(kept));
        break;
    default:
        op_write(op_at(program, at), change(op_read(op_at(program, at))));
        break;
    }
}

size_t mutator_mutate(const uint8_t *data, size_t size, uint8_t *out, size_t most, unsigned seed)
{
    struct program program;
    seed_with(seed);
    load(&program, data, size);
    if (program.ops == 0) {
        for (unsigned n = 1 + below(6); n > 0; n--) {
            insert(&program, 0, new_op());
        }
    }
    for (unsigned n = 1u << below(4); n > 0; n--) {
        mutate_once(&program);
    }
    return store(&program, out, most);
}

size_t mutator_cross(const uint8_t *one, size_t one_size, const uint8_t *two, size_t two_size,
                     uint8_t *out, size_t most, unsigned seed)
{
    struct program a;
    struct program b;
    seed_with(seed);
    load(&a, one, one_size);
    load(&b, two, two_size);
    unsigned keep = below(a.ops + 1);
    unsigned from = below(b.ops + 1);
    unsigned add = b.ops - from;
    if (add > MOST_OPS - keep) {
        add = MOST_OPS - keep;
    }
    memcpy(op_at(&a, keep), op_at(&b, from), add * OP_BYTES);
    a.ops = keep + add;
    return store(&a, out, most);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned seed)
{
    static int opened;
    if (!opened) {
        opened = 1;
        feed_open();
    }
    size_t fed = feed_next(data, most);
    return fed != 0 ? fed : mutator_mutate(data, size, data, most, seed);
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *one, size_t one_size, const uint8_t *two,
                                 size_t two_size, uint8_t *out, size_t most, unsigned seed)
{
    size_t fed = feed_next(out, most);
    return fed != 0 ? fed : mutator_cross(one, one_size, two, two_size, out, most, seed);
}
