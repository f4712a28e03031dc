#include "ghost.h"

#include "clauses.h"
#include "control.h"
#include "report.h"
#include "sys.h"
#include "system.h"

char *bystander;
size_t bystander_size;
size_t sys_calls, sys_minimum, sys_wanted;
char *sys_answer;
size_t sys_answer_size;
size_t chosen_region;
int checking = 1;
void (*clause_noted)(int clause);

static unsigned handed_out;
static unsigned inputs;
static unsigned calls;

void ghost_reset(void)
{
    bystander = NULL;
    bystander_size = 0;
    sys_calls = sys_minimum = sys_wanted = 0;
    sys_answer = NULL;
    sys_answer_size = 0;
    handed_out = 0;
    chosen_region = 0;
    inputs++;
    calls = 0;
    checking = 1;
}

void ghost_call(void)
{
    calls++;
    checking = calls <= CALLS_FIRST || calls % CALLS_EACH == 0 || every_byte;
}

/* The first, second, fourth, eighth block... stays for as many calls as there were before it. The
 * chosen region moves on with each block. */
void ghost_handed_out(void *block, size_t size)
{
    handed_out++;
    chosen_region = handed_out % PERSIST_REGIONS;
    if ((handed_out & (handed_out - 1)) == 0) {
        bystander = block;
        bystander_size = size == 0 ? 1 : size;
    }
}

/* ---- the system ---- */

/* What the harness plays: its sys_alloc has no ghost parameter. */
void *system_answers(size_t minimum, size_t wanted, size_t *granted) __asm__("sys_alloc");
void *plain_sys_alloc(size_t minimum, size_t wanted, size_t *granted, struct persist_arena *arena);

/* Other threads may ask in the meantime: that is nothing to this call. */
void *plain_sys_alloc(size_t minimum, size_t wanted, size_t *granted, struct persist_arena *arena)
{
    size_t calls = sys_calls;
    (void)arena;
    void *answer = system_answers(minimum, wanted, granted);
    sys_calls = calls + 1;
    sys_minimum = minimum;
    sys_wanted = wanted;
    sys_answer = answer;
    sys_answer_size = *granted;
    return answer;
}

/* ---- memory ---- */

void *__asan_region_is_poisoned(void *p, size_t n) __attribute__((weak));

static int is_within(const struct request *request, uintptr_t p, size_t n)
{
    return request->good && request->base <= p && p - request->base <= request->granted &&
           n <= request->granted - (p - request->base);
}

static int is_granted(uintptr_t p, size_t n)
{
    static unsigned last; /* that was found: likely again */
    if (last < system_requests && is_within(&system_request[last], p, n)) {
        return 1;
    }
    for (unsigned i = system_requests; i-- > 0;) {
        if (is_within(&system_request[i], p, n)) {
            last = i;
            return 1;
        }
    }
    return 0;
}

/* Is it an object of the program's? */
static int is_object(void *p, size_t n)
{
    if (p == NULL || (uintptr_t)p > UINTPTR_MAX - n || n > (size_t)1 << 20 ||
        system_is_real((uintptr_t)p, 1)) {
        return 0;
    }
    return __asan_region_is_poisoned == NULL || __asan_region_is_poisoned(p, n) == NULL;
}

/* What was found valid in this input. Grants and arenas stay; variables on the stack, which do not,
 * are smaller than an arena. */
enum { KNOWN = 256, LASTING = sizeof(struct persist_arena) };
static struct {
    uintptr_t p;
    size_t n;
    unsigned input;
} known[KNOWN];
int memory_valid(void *p, size_t n)
{
    uintptr_t x = (uintptr_t)p;
    size_t slot = (x / 16 + x / 4096 + n) % KNOWN;
    if (n == 0 || (known[slot].p == x && known[slot].n == n && known[slot].input == inputs)) {
        return 1;
    }
    int granted = is_granted(x, n);
    if (!granted && !is_object(p, n)) {
        return 0;
    }
    if (granted || n >= LASTING) {
        known[slot].p = x;
        known[slot].n = n;
        known[slot].input = inputs;
    }
    return 1;
}

static int are_zero(const char *p, size_t n)
{
    char any = 0;
    for (size_t i = 0; i < n; i++) {
        any = (char)(any | p[i]);
    }
    return any == 0;
}

enum { WHOLE = 128, PIECE = 32 };

int memory_zero(void *p, size_t n)
{
    const char *bytes = p;
    if (n == 0 || !system_is_real((uintptr_t)p, n)) {
        return 1;
    }
    if (n <= WHOLE || every_byte) {
        return are_zero(bytes, n);
    }
    size_t between = (size_t)handed_out * 4099 % (n - PIECE);
    return are_zero(bytes, PIECE) && are_zero(bytes + n - PIECE, PIECE) &&
           are_zero(bytes + between, PIECE);
}

/* ---- what is broken ---- */

void clause_broken(int clause)
{
    if (clause_noted != NULL) {
        clause_noted(clause);
        return;
    }
    if (clause < 0) {
        broke(BROKE_MEMORY, "a word of the contracts is not defined for these numbers");
    }
    broke_named((unsigned)clause, clauses[clause].text, "%s:%u: %s", clauses[clause].file,
                clauses[clause].line, clause_names[clause]);
}

const char *const clause_names[] = {CLAUSE_NAMES NULL};
const struct clause clauses[] = {CLAUSES};
