#include "system.h"

#include "asan.h"
#include "persist.h"
#include "sys.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { PAGE = 4096, PLANS = ANSWER_WHEN + 1 };

#define POOL_BYTES ((size_t)64 << 20)
#define BOTTOM ((uintptr_t)PAGE)
#define BOTTOM_END ((uintptr_t)1 << 28)

/* Address space for grants that the pool has no room for: nobody touches it. With 64 bits, what no
 * program can map; with 32, whatever lies below the pool. */
#if UINTPTR_MAX > 0xffffffffu
#define SPACE ((uintptr_t)1 << 47)
#else
#define SPACE BOTTOM_END
#endif

struct plan {
    enum answer answer;
    enum placement place;
    unsigned number;
};

struct request system_request[MOST_CALLS * 2];
unsigned system_requests;

static uintptr_t pool;
static uintptr_t low, high;        /* grants from the pool lie in [low, high) */
static uintptr_t space, space_end; /* untouched and still free */
static uintptr_t bottom;           /* BOTTOM, until it is taken */
static int top_taken;
static unsigned user;
static unsigned real_only; /* bit by user */
static struct plan always; /* for calls without a plan of their own */
static struct plan planned[PLANS];
static unsigned planned_set; /* bit by index: the number of the call modulo PLANS */
static unsigned answered;    /* calls */

static uintptr_t pages_up(uintptr_t x)
{
    return (x + PAGE - 1) / PAGE * PAGE;
}

static uintptr_t pages_down(uintptr_t x)
{
    return x / PAGE * PAGE;
}

void system_open(void)
{
    void *map = mmap(NULL, POOL_BYTES + PAGE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED) {
        perror("fuzz: cannot reserve the pool");
        exit(2);
    }
    madvise(map, POOL_BYTES + PAGE, MADV_NOHUGEPAGE);
    /* An even number of pages: PLACE_ODD counts on it. */
    pool = ((uintptr_t)map + PAGE) / (2 * PAGE) * (2 * PAGE);
    system_reset(0);
}

uintptr_t system_pool(void)
{
    return pool;
}

int system_is_real(uintptr_t base, size_t size)
{
    return pool <= base && base - pool < POOL_BYTES && size <= POOL_BYTES - (base - pool);
}

void system_reset(int wipe)
{
    if (wipe && low < high) {
        madvise((void *)low, high - low, MADV_DONTNEED);
    }
    asan_reset((const void *)low, high - low);
    low = high = pool + POOL_BYTES / 2;
    space = SPACE;
    space_end = sizeof(void *) > 4 ? pages_down(UINTPTR_MAX) : pool;
    bottom = BOTTOM;
    top_taken = 0;
    always = (struct plan){ANSWER_WANTED, PLACE_ABOVE, 0};
    planned_set = 0;
    answered = 0;
    system_requests = 0;
    real_only = 0;
}

void system_user(unsigned who)
{
    user = who;
}

void system_real_only(unsigned who)
{
    real_only |= 1u << who;
}

void system_plan(struct op op)
{
    struct plan plan = {
        op.variant < ANSWERS ? (enum answer)op.variant : ANSWER_WANTED,
        op.which >> 4 < PLACEMENTS ? (enum placement)(op.which >> 4) : PLACE_ABOVE,
        op.number,
    };
    if (op.which & ANSWER_STICKY) {
        always = plan;
    } else {
        unsigned n = answered + (op.which & ANSWER_WHEN);
        planned[n % PLANS] = plan;
        planned_set |= 1u << n % PLANS;
    }
}

static struct plan next_plan(void)
{
    unsigned n = answered++;
    struct plan plan = always;
    if (planned_set >> n % PLANS & 1u) {
        planned_set &= ~(1u << n % PLANS);
        plan = planned[n % PLANS];
    }
    return plan;
}

static size_t size_of(struct plan plan, size_t minimum, size_t wanted)
{
    size_t spare = wanted - minimum;
    switch (plan.answer) {
    case ANSWER_MINIMUM:
        return minimum;
    case ANSWER_BETWEEN:
        return minimum + plan.number * (spare / 65536 + 1) % (spare + 1);
    case ANSWER_PAGES:
        return pages_up(minimum) < wanted ? pages_up(minimum) : wanted;
    case ANSWER_TOO_SMALL:
        return minimum - (minimum < 1 + plan.number % 16 ? minimum : 1 + plan.number % 16);
    case ANSWER_TOO_BIG:
        return wanted + 1 + plan.number;
    case ANSWER_ENORMOUS:
        return SIZE_MAX;
    case ANSWER_EMPTY:
        return 0;
    default:
        return wanted;
    }
}

/* Address space that nothing stands behind, or 0. */
static uintptr_t place_untouched(size_t size)
{
    uintptr_t base = space;
    if (size > space_end - space || pages_up(size) > space_end - space) {
        return 0;
    }
    space += pages_up(size);
    return base;
}

static uintptr_t place_in_pool(enum placement place, size_t size)
{
    uintptr_t base = pages_up(high);
    if (place == PLACE_BELOW && low < high) {
        if (size > low - pool) {
            return 0;
        }
        low = pages_down(low - size);
        return low;
    }
    if (place == PLACE_ODD) {
        base += base % (2 * (uintptr_t)PAGE) == 0 ? PAGE : 0;
    } else if (place != PLACE_ADJACENT && low < high) {
        base += PAGE;
    }
    if (base > pool + POOL_BYTES || size > pool + POOL_BYTES - base) {
        return 0;
    }
    if (low == high) {
        low = base;
    }
    high = base + size;
    return base;
}

/* Takes room for a grant: its address, or 0 if there is none. */
static uintptr_t take(enum placement place, size_t size)
{
    uintptr_t base = 0;
    if (real_only >> user & 1u) {
        return place_in_pool(place, size);
    }
    if (place == PLACE_BOTTOM && bottom != 0 && size <= BOTTOM_END - BOTTOM) {
        base = bottom;
        bottom = 0;
    } else if (place != PLACE_UNTOUCHED) {
        base = place_in_pool(place, size);
    }
    return base != 0 ? base : place_untouched(size);
}

/* The highest good grant there is: its last byte is the last but one of the address space; or, for
 * who must have it whole, that of the last page but one. */
static int grant_top(struct request *request)
{
    size_t size = request->wanted - (request->wanted + 1) % PAGE;
    if (size < request->minimum) {
        size = request->wanted;
    }
    uintptr_t base = pages_down(UINTPTR_MAX - size);
    uintptr_t from = sizeof(void *) > 4 ? space : pool + POOL_BYTES;
    if (top_taken || request->wanted < PAGE || base < from) {
        return 0;
    }
    top_taken = 1;
    if (sizeof(void *) > 4) {
        space_end = base;
    }
    request->base = base;
    request->granted = size;
    request->good = 1;
    return 1;
}

/* A grant that would go on past the last address; from the last page, or with its end at 0. */
static void grant_wrapping(struct request *request, int far)
{
    size_t size = request->wanted;
    if (!far && pages_up(request->minimum) <= size) {
        size = pages_down(size);
    }
    if (size < PAGE) {
        return;
    }
    request->base = far ? pages_down(UINTPTR_MAX) : (uintptr_t)0 - pages_down(size);
    request->granted = size;
}

static void grant(struct request *request, struct plan plan)
{
    size_t size = size_of(plan, request->minimum, request->wanted);
    switch (plan.answer) {
    case ANSWER_REFUSE:
        return;
    case ANSWER_NOTHING:
        request->granted = request->wanted;
        return;
    case ANSWER_WRAPS:
    case ANSWER_WRAPS_FAR:
        grant_wrapping(request, plan.answer == ANSWER_WRAPS_FAR);
        return;
    case ANSWER_TOO_SMALL:
    case ANSWER_TOO_BIG:
    case ANSWER_ENORMOUS:
    case ANSWER_EMPTY:
        request->base = pages_up(high) + PAGE;
        request->granted = size;
        return;
    case ANSWER_SKEWED:
        request->base = place_in_pool(PLACE_ABOVE, PAGE + size);
        request->base += request->base != 0 ? 1 + plan.number % (PAGE - 1) : 0;
        request->granted = size;
        return;
    case ANSWER_TOP:
        if (!(real_only >> user & 1u) && grant_top(request)) {
            return;
        }
        break;
    default:
        break;
    }
    request->base = take(plan.place, size);
    request->granted = request->base != 0 ? size : 0;
    request->good = request->base != 0;
}

void *sys_alloc(size_t minimum, size_t wanted, size_t *granted)
{
    struct request *request = &system_request[system_requests];
    struct plan plan = next_plan();
    if (system_requests < sizeof system_request / sizeof system_request[0] - 1) {
        system_requests++;
    }
    *request = (struct request){.minimum = minimum, .wanted = wanted, .user = user};
    system_asked(request);
    if (minimum == 0 || minimum > wanted || wanted > PERSIST_MOST) {
        return NULL;
    }
    grant(request, plan);
    if (request->base != 0 || request->granted != 0) {
        *granted = request->granted;
    }
    return (void *)request->base;
}
