/* One input: its operations, each called on the allocator and judged against the model. */
#include "asan.h"
#include "blocks.h"
#include "control.h"
#include "decode.h"
#include "format.h"
#include "model.h"
#include "report.h"
#include "system.h"
#include "target.h"

#include <setjmp.h>
#include <string.h>

#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#endif
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* A call that is under way; the innermost first. More than one: while the system is asked for an
 * outer one, other threads make calls. */
struct flight {
    struct flight *outer;
    struct event *event; /* NULL: the oracle is off */
    unsigned user, thread;
    const struct request *request;
    unsigned requests;
};

static struct {
    const uint8_t *next, *end; /* operations still to come */
    unsigned calls;
    unsigned thread;
    unsigned char ended[THREADS]; /* the next use of its number is a new thread */
    unsigned meanwhile;           /* operations to run while the system is asked the next time */
    unsigned meanwhile_thread;
    struct flight *flight;
    int can_repeat;
    int is_array;
    unsigned user;
    size_t n, size, align; /* of the last allocation */
} input;

static jmp_buf *abandoned;

static void run(unsigned most);

/* ---- what the system is asked ---- */

static void check_request(const struct flight *flight, const struct request *request)
{
    const struct call *call = &flight->event->call;
    if (flight->requests > 1) {
        broke(BROKE_SYSTEM_CALLS, "the system is asked a second time within one call");
    }
    if (request->wanted > call->room) {
        broke(BROKE_LIMIT_KEPT, "the system is asked for %zu bytes and the limit leaves %zu",
              request->wanted, call->room);
    }
    if (!call->asks) {
        broke(BROKE_SYSTEM_CALLS, "the system is asked for %zu bytes, at least %zu, in vain",
              request->wanted, request->minimum);
    }
    if (request->minimum != call->minimum || request->wanted != call->wanted) {
        broke(BROKE_SYSTEM_REQUEST,
              "the system is asked for %zu bytes, at least %zu; the rule says %zu, at least %zu",
              request->wanted, request->minimum, call->wanted, call->minimum);
    }
    target.check_free("while the system is asked");
}

static void switch_thread(unsigned thread)
{
    int fresh = input.ended[thread];
    input.ended[thread] = 0;
    input.thread = thread;
    target.thread(thread, fresh);
    if (oracle_on) {
        report_event(EVENT_THREAD, PROCESS)->n = thread;
        model_switch(thread, fresh);
    }
}

static int flies(unsigned user, unsigned thread)
{
    for (const struct flight *f = input.flight; f != NULL; f = f->outer) {
        if (f->user == user && (user != PROCESS || f->thread == thread)) {
            return 1;
        }
    }
    return 0;
}

/* The turn of other threads, while one waits for the system. */
static void run_meanwhile(void)
{
    unsigned before = input.thread;
    unsigned most = input.meanwhile;
    input.meanwhile = 0;
    if (most == 0) {
        return;
    }
    if (oracle_on) {
        report_event(EVENT_MEANWHILE, 0);
    }
    if (flies(PROCESS, input.thread) && !flies(PROCESS, input.meanwhile_thread)) {
        switch_thread(input.meanwhile_thread);
    }
    run(most);
    if (input.thread != before) {
        switch_thread(before);
    }
    if (oracle_on) {
        report_event(EVENT_BACK, 0);
    }
}

void system_asked(const struct request *request)
{
    struct flight *flight = input.flight;
    if (flight == NULL) {
        return;
    }
    flight->requests++;
    flight->request = request;
    if (flight->event != NULL) {
        flight->event->request = request;
        check_request(flight, request);
    }
    run_meanwhile();
    system_user(flight->user);
}

/* ---- allocating ---- */

static const struct request *grant_of(unsigned user, uintptr_t start, size_t size)
{
    for (unsigned i = system_requests; i-- > 0;) {
        const struct request *r = &system_request[i];
        if (r->user == user && r->good && r->base <= start && start - r->base <= r->granted &&
            size <= r->granted - (start - r->base)) {
            return r;
        }
    }
    return NULL;
}

static void compare(const struct persist_stats *is, const struct persist_stats *must)
{
    target.check_free("after the statistics");
    if (memcmp(is, must, sizeof *is) != 0) {
        broke(BROKE_STATISTICS,
              "requested %zu (must be %zu), padding %zu (%zu), tail %zu (%zu), free %zu (%zu), "
              "granted %zu (%zu), regions %zu (%zu), large %zu (%zu), "
              "failures %zu %zu %zu %zu (%zu %zu %zu %zu)",
              is->requested, must->requested, is->padding, must->padding, is->tail, must->tail,
              is->free, must->free, is->granted, must->granted, is->regions, must->regions,
              is->large, must->large, is->failures[1], is->failures[2], is->failures[3],
              is->failures[4], must->failures[1], must->failures[2], must->failures[3],
              must->failures[4]);
    }
}

static void check_statistics(unsigned user)
{
    struct persist_stats is;
    memset(&is, 0x5a, sizeof is);
    target.statistics(user, &is);
    compare(&is, model_statistics(user));
}

static void check_arena(unsigned user)
{
    const struct persist_arena *arena = target.arena == NULL ? NULL : target.arena(user);
    if (arena == NULL) {
        return;
    }
    const struct table *must = model_table(user);
    if (PERSIST_MOST - arena->withheld != model_most(user)) {
        broke(BROKE_LIMIT_KEPT, "the limit is %zu, must be %zu", PERSIST_MOST - arena->withheld,
              model_most(user));
    }
    if (arena->count != must->count || arena->current != must->current) {
        broke(BROKE_REGIONS, "%zu regions, current is %zu (must be %zu, %zu)", arena->count,
              arena->current, must->count, must->current);
    }
    for (size_t i = 0; i < must->count; i++) {
        uintptr_t base = (uintptr_t)arena->region[i].base, end = (uintptr_t)arena->region[i].end;
        if (base != must->region[i].base || end != must->region[i].end) {
            broke(BROKE_REGIONS, "region %zu is 0x%zx to 0x%zx (must be 0x%zx to 0x%zx)", i,
                  (size_t)base, (size_t)end, (size_t)must->region[i].base,
                  (size_t)must->region[i].end);
        }
    }
}

/* Is no byte of these 8, the grain of poison, in a block? */
static int is_unused(uintptr_t grain, unsigned user)
{
    for (unsigned i = 0; i < 8; i++) {
        if (blocks_find(grain + i, user) != NULL) {
            return 0;
        }
    }
    return 1;
}

/* A block that starts where its grant does may have all of it, and not need it. (The process keeps
 * records of its own there.) */
static void check_rest(const struct call *call, uintptr_t start, const struct request *grant)
{
    uintptr_t rest = (start + call->size + 7) / 8 * 8;
    if (call->user != PROCESS && start == grant->base && rest - start + 8 <= grant->granted &&
        system_is_real(start, grant->granted) && is_unused(rest, call->user) &&
        !asan_is_closed((const void *)rest)) {
        broke(BROKE_POISON, "unused space at 0x%zx is not poisoned", (size_t)rest);
    }
}

static void check_block(const struct call *call, void *out)
{
    uintptr_t start = (uintptr_t)out;
    if (out == NULL) {
        broke(BROKE_NOT_NULL, "a block of %zu is NULL", call->size);
    }
    if (start % call->align != 0) {
        broke(BROKE_ALIGNED, "a block at 0x%zx is not at a multiple of %zu", (size_t)start,
              call->align);
    }
    const struct request *grant = grant_of(call->user, start, call->size);
    if (grant == NULL) {
        broke(BROKE_IN_GRANT, "a block of %zu at 0x%zx is in no grant", call->size, (size_t)start);
    }
    blocks_add(start, call->size, call->user,
               system_is_real(start, call->size) ? ACCESS_ZERO : ACCESS_NONE);
    if (start != call->address) {
        broke(BROKE_PLACEMENT, "a block of %zu is at 0x%zx, must be at 0x%zx", call->size,
              (size_t)start, (size_t)call->address);
    }
    if (asan_watches(call->user) && grant->granted <= PERSIST_CHUNK) {
        check_rest(call, start, grant);
    }
    /* What lies below a new block is unused. Poison has a grain of 8, and large grants only some. */
    if (asan_watches(call->user) && start > grant->base && start % 8 == 0 &&
        grant->granted <= PERSIST_CHUNK && system_is_real(start, 1) &&
        !asan_is_closed((const void *)(start - 1))) {
        broke(BROKE_POISON, "unused space at 0x%zx is not poisoned", (size_t)start - 1);
    }
}

static void check_throw(const struct call *call, size_t size, size_t align)
{
    if (target_thrown.times != (call->status != PERSIST_OK)) {
        broke(BROKE_THROWN, "the handler is called %u times", target_thrown.times);
    }
    if (call->status != PERSIST_OK &&
        (target_thrown.size != size || target_thrown.align != align)) {
        broke(BROKE_THROWN, "the handler is given size %zu and align %zu, must be %zu and %zu",
              target_thrown.size, target_thrown.align, size, align);
    }
}

/* Is a tool told of each of this user's blocks (watch.h)? On the slow path, then. */
static int is_told(unsigned user)
{
#if defined(FUZZ_WATCHED)
    return user == PROCESS;
#elif defined(RUNNING_ON_VALGRIND)
    return user == PROCESS && RUNNING_ON_VALGRIND != 0;
#else
    (void)user;
    return 0;
#endif
}

/* Must what an arena has room for at once be served so? An alignment of 0 takes an arena's slow path,
 * but where the compiler knows it. */
static int is_direct(const struct call *call, size_t align)
{
    return call->direct && !is_told(call->user) &&
           (call->user == PROCESS || align != 0 || call->user == target.unsaid_known);
}

/* n blocks of this size, or SIZE_MAX where that is no number: what a throw names. */
static size_t product(size_t n, size_t size)
{
    size_t bytes = 0;
    return __builtin_mul_overflow(n, size, &bytes) ? SIZE_MAX : bytes;
}

static enum persist_status call_target(void **out)
{
    return input.is_array ? target.array(input.n, input.size, input.align, out)
                          : target.alloc(input.user, input.size, input.align, out);
}

static int allocate_unchecked(void)
{
    struct flight flight = {.outer = input.flight, .user = input.user, .thread = input.thread};
    void *out = NULL;
    input.flight = &flight;
    enum persist_status status = call_target(&out);
    control->throws += flight.user == PROCESS && status != PERSIST_OK;
    input.flight = flight.outer;
    return status == PERSIST_OK;
}

static int allocate_checked(void)
{
    static char kept;
    void *out = &kept;
    size_t n = input.n;
    size_t size = input.size;
    size_t align = input.align;
    struct event *event = report_event(input.is_array ? EVENT_ARRAY : EVENT_ALLOC, input.user);
    struct flight flight = {
        .outer = input.flight, .event = event, .user = input.user, .thread = input.thread};
    size_t bytes = input.is_array ? product(n, size) : size;
    event->n = n;
    event->size = size;
    event->align = align;
    struct call *call = &event->call;
    *call = model_begin(input.user, bytes, align);
    input.flight = &flight;
    enum persist_status status = call_target(&out);
    input.flight = flight.outer;
    target.check_free("after a call");
    if (status == TARGET_WAITS || call->waits) {
        if (status != TARGET_WAITS || !call->waits) {
            broke(BROKE_LOCK, "a call waits for another thread's arena %s it must",
                  call->waits ? "less than" : "more than");
        }
        return 0;
    }
    if (call->asks && flight.requests == 0) {
        broke(BROKE_SYSTEM_CALLS, "the system is not asked");
    }
    if (call->asks) {
        model_finish(call, flight.request);
    }
    control->throws += flight.user == PROCESS && status != PERSIST_OK;
    if (status != call->status) {
        broke(BROKE_OUTCOME, "the outcome of size %zu and align %zu is %u, must be %u", bytes,
              align, (unsigned)status, (unsigned)call->status);
    }
    if (is_direct(call, align) && target_detours != 0) {
        broke(BROKE_DETOUR, "size %zu and align %zu would be served at once, and were not", bytes,
              align);
    }
    if (flight.user == PROCESS) {
        check_throw(call, bytes, align);
    }
    if (status == PERSIST_OK) {
        check_block(call, out);
    } else {
        if (out != &kept) {
            broke(BROKE_OUT_KEPT, "a failed call stores %p", out);
        }
        check_statistics(flight.user);
    }
    return status == PERSIST_OK;
}

/* The allocation that `input` describes; was it served? */
static int allocate(void)
{
    if (input.calls == MOST_CALLS || flies(input.user, input.thread)) {
        return 0;
    }
    input.calls++;
    control->calls++;
    system_user(input.user);
    return oracle_on ? allocate_checked() : allocate_unchecked();
}

/* ---- operations ---- */

static struct view view_of(unsigned user)
{
    struct persist_stats stats;
    if (oracle_on) {
        return (struct view){model_free(user), model_granted(user), model_room(user)};
    }
    target.statistics(user, &stats);
    return (struct view){stats.free, stats.granted, PERSIST_MOST - stats.granted};
}

static struct view view_if_needed(unsigned user, int needed)
{
    return needed ? view_of(user) : (struct view){0, 0, 0};
}

static void op_alloc(struct op op)
{
    unsigned user = (unsigned)op.kind % USERS;
    struct view view = view_if_needed(user, decode_needs_view(op.variant));
    input.can_repeat = 1;
    input.is_array = 0;
    input.user = user;
    input.n = 1;
    input.size = decode_size(op.variant, op.number, &view);
    input.align =
        op.variant == SIZE_KINDS ? op.which | (op.number & 0xff00u) : decode_align(op.which);
    allocate();
}

static void op_array(struct op op)
{
    unsigned which = op.which >> 4;
    struct view view =
        view_if_needed(PROCESS, decode_needs_view(op.variant) || decode_count_needs_view(which));
    input.can_repeat = 1;
    input.is_array = 1;
    input.user = PROCESS;
    input.size = decode_size(op.variant, op.number, &view);
    input.n = decode_count(which, input.size, &view);
    input.align = decode_align(op.which & 15u);
    allocate();
}

/* Mostly a few times; as often as a region table has entries, sometimes. Until a call fails. */
static void op_repeat(struct op op)
{
    unsigned times = op.which < 192 ? 1 + op.which % 4 : (op.which - 191) * 4;
    while (input.can_repeat && times-- > 0 && allocate()) {
    }
}

static void op_limit(struct op op)
{
    unsigned user = op.which % USERS;
    struct view view = view_of(user);
    /* Relative to what is granted: the limit that leaves nothing, or what a refill takes. */
    if (op.variant == SIZE_FREE) {
        view.free = view.granted;
    }
    size_t bytes = decode_size(op.variant, op.number, &view);
    if (op.variant == SIZE_GROWTH) {
        bytes += view.granted;
    }
    if (user != PROCESS && flies(user, 0)) {
        return;
    }
    target.limit(user, bytes);
    if (oracle_on) {
        target.check_free("after a limit was set");
        report_event(EVENT_LIMIT, user)->size = bytes;
        model_limit(user, bytes);
    }
}

static uintptr_t pick_address(struct op op)
{
    const struct block *block = blocks_pick(op.number);
    const struct request *grant =
        system_requests == 0 ? NULL : &system_request[op.number % system_requests];
    uintptr_t start = block == NULL ? 0 : block->start;
    size_t size = block == NULL ? 0 : block->size;
    uintptr_t base = grant == NULL || !grant->good ? 0 : grant->base;
    size_t granted = base == 0 ? 0 : grant->granted;
    switch (op.variant) {
    case CONTAINS_FIRST:
        return start;
    case CONTAINS_LAST:
        return start + size - (size != 0);
    case CONTAINS_AFTER:
        return start + size;
    case CONTAINS_BEFORE:
        return start - 1;
    case CONTAINS_REGION_FIRST:
        return base;
    case CONTAINS_REGION_LAST:
        return base + granted - (granted != 0);
    case CONTAINS_REGION_AFTER:
        return base + granted;
    case CONTAINS_REGION_BEFORE:
        return base - 1;
    case CONTAINS_TOP:
        return UINTPTR_MAX;
    case CONTAINS_POOL:
        return system_pool() + (uintptr_t)op.number * 4096;
    default:
        return 0;
    }
}

static void op_contains(struct op op)
{
    unsigned user = op.which % USERS;
    uintptr_t address = pick_address(op);
    int is = target.contains(user, (const void *)address);
    if (!oracle_on) {
        return;
    }
    target.check_free("after persist_contains");
    int must = blocks_find(address, user) != NULL;
    if (!must && grant_of(user, address, 1) != NULL) {
        return; /* padding, unused space: either will do */
    }
    struct event *event = report_event(EVENT_CONTAINS, user);
    event->address = address;
    event->yes = must;
    if (is != must) {
        broke(BROKE_CONTAINS, "the answer for 0x%zx is %d, must be %d", (size_t)address, is, must);
    }
}

static void look_torn(size_t size)
{
    struct persist_stats is;
    target.torn(size, &is);
    if (oracle_on) {
        struct event *event = report_event(EVENT_TORN, PROCESS);
        event->size = size;
        event->stats = *model_torn(size);
        compare(&is, &event->stats);
    }
}

static void look_statistics(unsigned user)
{
    struct persist_stats stats;
    if (oracle_on) {
        report_event(EVENT_STATISTICS, user)->stats = *model_statistics(user);
        check_statistics(user);
    } else {
        target.statistics(user, &stats);
    }
}

static void op_look(struct op op)
{
    unsigned user = op.which % USERS;
    unsigned why = op.number % (PERSIST_STATUSES + 1);
    unsigned handler = op.number % HANDLERS;
    size_t failed = SIZE_MAX - op.number % 3;
    switch (op.variant % LOOKS) {
    case LOOK_STATISTICS:
        look_statistics(user);
        break;
    case LOOK_CONTENTS:
        if (oracle_on) {
            report_event(EVENT_CONTENTS, 0);
            blocks_check();
        }
        break;
    case LOOK_MESSAGE:
        if (oracle_on) {
            report_event(EVENT_MESSAGE, 0)->n = why;
        }
        target.message(why);
        break;
    case LOOK_HANDLER:
        if (oracle_on) {
            report_event(EVENT_HANDLER, 0)->n = handler;
        }
        target.handle((enum handler)handler);
        break;
    case LOOK_AGED:
        if (user != PROCESS && flies(user, 0)) {
            break; /* the arena of a call that is under way is nobody else's */
        }
        if (oracle_on) {
            report_event(EVENT_AGED, user)->size = failed;
            model_aged(user, failed);
        }
        target.aged(user, failed);
        break;
    default:
        look_torn(op.number);
        break;
    }
}

static void end_thread(void)
{
    if (flies(PROCESS, input.thread)) {
        return;
    }
    input.ended[input.thread] = 1;
    if (oracle_on) {
        report_event(EVENT_THREAD_END, PROCESS);
        model_thread_end();
    }
    target.thread_end();
    if (oracle_on) {
        target.check_free("after a thread's end");
    }
}

static void fork_child(void)
{
    if (input.flight != NULL) {
        return;
    }
    for (unsigned i = 0; i < THREADS; i++) {
        input.ended[i] |= i != input.thread;
    }
    if (oracle_on) {
        report_event(EVENT_FORK, PROCESS);
        model_fork();
    }
    target.fork_child();
}

static void op_thread(struct op op)
{
    unsigned thread = op.number % THREADS;
    switch (op.variant % THREAD_KINDS) {
    case THREAD_SWITCH:
        if (!flies(PROCESS, thread)) {
            switch_thread(thread);
        }
        break;
    case THREAD_END:
        end_thread();
        break;
    case THREAD_FORK:
        fork_child();
        break;
    case THREAD_HOOK:
        if (oracle_on) {
            report_event(EVENT_HOOK, PROCESS)->yes = op.number % 2;
            model_hook_fails(op.number % 2);
        }
        target.hook_fails(op.number % 2);
        break;
    default:
        input.meanwhile = 1 + op.which % 4;
        input.meanwhile_thread = thread;
        break;
    }
}

static void run_op(struct op op)
{
    if (op.kind == KIND_THREAD) {
        /* A second thread's arena is a record in its own first region. */
        system_real_only(PROCESS);
    }
    switch (op.kind) {
    case KIND_ARRAY:
        op_array(op);
        break;
    case KIND_REPEAT:
        op_repeat(op);
        break;
    case KIND_SYSTEM:
        system_plan(op);
        break;
    case KIND_LIMIT:
        op_limit(op);
        break;
    case KIND_CONTAINS:
        op_contains(op);
        break;
    case KIND_LOOK:
        op_look(op);
        break;
    case KIND_THREAD:
        op_thread(op);
        break;
    default:
        op_alloc(op);
        break;
    }
}

static void run(unsigned most)
{
    while (most-- > 0 && input.next < input.end) {
        struct op op = op_read(input.next);
        input.next += OP_BYTES;
        run_op(op);
    }
}

/* What holds at the end of every input. */
static void check_all(void)
{
    blocks_check();
    for (unsigned user = 0; user < USERS; user++) {
        check_statistics(user);
        check_arena(user);
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
    control_open();
    system_open();
    model_reset();
    target.reset();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int whole = 0;
    jmp_buf here;
    control->executions++;
    if (size == 0 || data[0] != FORMAT_VERSION) {
        target.reset(); /* an engine gives up if its first inputs reach no code that it watches */
        return 0;
    }
    if (size > MOST_INPUT) {
        size = MOST_INPUT;
    }
    memset(&input, 0, sizeof input);
    input.next = data + 1;
    input.end = data + 1 + (size - 1) / OP_BYTES * OP_BYTES;
    abandoned = &here;
    if (_setjmp(here) == 0) {
        run(MOST_OPS);
        if (oracle_on) {
            check_all();
        }
        if (report_end != NULL) {
            report_end();
        }
        whole = 1;
    }
    blocks_reset();
    target.reset();
    system_reset(!whole || every_byte);
    model_reset();
    report_reset();
    return 0;
}
