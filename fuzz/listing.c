/* What was done in an input, as a C program over listing.h. */
#include "report.h"
#include "target.h"

#include <inttypes.h>
#include <stdio.h>

enum { MOST_EVENTS = MOST_CALLS + 4 * MOST_OPS };

static struct event event[MOST_EVENTS + 1];
static unsigned events;

void report_reset(void)
{
    events = 0;
}

struct event *report_event(enum event_kind kind, unsigned user)
{
    struct event *new = &event[events];
    if (events < MOST_EVENTS) {
        events++;
    }
    new->kind = kind;
    new->user = user;
    new->request = NULL;
    new->call.asks = 0;
    return new;
}

static const char *const status_name[] = {"PERSIST_OK", "PERSIST_NOT_POWER_OF_TWO",
                                          "PERSIST_ALIGN_TOO_LARGE", "PERSIST_NO_MEMORY",
                                          "PERSIST_BAD_MEMORY"};

static const char *const user_name[] = {"ARENA_A", "ARENA_B", "PROCESS"};

static void print_size(size_t n)
{
    if (n >= SIZE_MAX - 65536) {
        fprintf(stderr, "SIZE_MAX - %zu", SIZE_MAX - n);
    } else if (n >= 1u << 20) {
        fprintf(stderr, "0x%zx", n);
    } else {
        fprintf(stderr, "%zu", n);
    }
}

static void print_address(uintptr_t address)
{
    if (system_is_real(address, 0)) {
        fprintf(stderr, "pool + 0x%zx", (size_t)(address - system_pool()));
    } else if (address == 0) {
        fputs("NULL", stderr);
    } else {
        fprintf(stderr, "(char *)0x%" PRIxPTR, address);
    }
}

static void print_answer(const struct event *e)
{
    const struct request *r = e->request;
    fputs("    answer(", stderr);
    print_size(e->call.minimum);
    fputs(", ", stderr);
    print_size(e->call.wanted);
    fputs(", ", stderr);
    print_address(r == NULL ? 0 : r->base);
    fputs(", ", stderr);
    print_size(r == NULL ? 0 : r->granted);
    fputs(");\n", stderr);
}

static int same_call(const struct event *e, const struct event *f)
{
    return e->kind == f->kind && e->user == f->user && e->n == f->n && e->size == f->size &&
           e->align == f->align && e->call.status == f->call.status && !e->call.asks &&
           !f->call.asks && !e->call.waits && !f->call.waits;
}

/* One call, or so many of the same; returns how many. */
static unsigned print_call(unsigned i, unsigned end)
{
    const struct event *e = &event[i];
    unsigned times = 1;
    if (e->call.asks) {
        print_answer(e);
    }
    while (i + times < end && same_call(e, &event[i + times])) {
        times++;
    }
    fputs("    ", stderr);
    if (times > 1) {
        fprintf(stderr, "for (int i = 0; i < %u; i++) ", times);
    }
    if (e->kind == EVENT_ARRAY) {
        fputs("array(", stderr);
        print_size(e->n);
        fputs(", ", stderr);
    } else if (e->user == PROCESS) {
        fputs("process(", stderr);
    } else {
        fprintf(stderr, "arena(%s, ", user_name[e->user]);
    }
    print_size(e->size);
    fputs(", ", stderr);
    print_size(e->align);
    fprintf(stderr, ", %s);\n", e->call.waits ? "WAITS" : status_name[e->call.status]);
    return times;
}

static void print_statistics(const struct event *e)
{
    if (e->kind == EVENT_TORN) {
        fprintf(stderr, "    torn(%zu, (struct persist_stats){", e->size);
    } else {
        fprintf(stderr, "    statistics(%s, (struct persist_stats){", user_name[e->user]);
    }
    const struct persist_stats *s = &e->stats;
    const size_t figure[] = {s->requested, s->padding, s->tail, s->free,
                             s->granted,   s->regions, s->large};
    for (size_t i = 0; i < sizeof figure / sizeof figure[0]; i++) {
        print_size(figure[i]);
        fputs(", ", stderr);
    }
    fputs("{0", stderr);
    for (unsigned i = 1; i < PERSIST_STATUSES; i++) {
        fputs(", ", stderr);
        print_size(s->failures[i]);
    }
    fputs("}});\n", stderr);
}

static void print_event(const struct event *e)
{
    static const char *const handler[] = {"LEAVES", "RETURNS", "NONE"};
    switch (e->kind) {
    case EVENT_LIMIT:
        fprintf(stderr, "    limit(%s, ", user_name[e->user]);
        print_size(e->size);
        fputs(");\n", stderr);
        break;
    case EVENT_CONTAINS:
        fprintf(stderr, "    contains(%s, ", user_name[e->user]);
        print_address(e->address);
        fprintf(stderr, ", %d);\n", e->yes);
        break;
    case EVENT_STATISTICS:
    case EVENT_TORN:
        print_statistics(e);
        break;
    case EVENT_CONTENTS:
        fputs("    contents();\n", stderr);
        break;
    case EVENT_MESSAGE:
        fprintf(stderr, "    message(%zu);\n", e->n);
        break;
    case EVENT_HANDLER:
        fprintf(stderr, "    handler(%s);\n", handler[e->n]);
        break;
    case EVENT_AGED:
        fprintf(stderr, "    aged(%s, ", user_name[e->user]);
        print_size(e->size);
        fputs(");\n", stderr);
        break;
    case EVENT_THREAD:
        fprintf(stderr, "    thread(%zu);\n", e->n);
        break;
    case EVENT_THREAD_END:
        fputs("    thread_end();\n", stderr);
        break;
    case EVENT_FORK:
        fputs("    fork_child();\n", stderr);
        break;
    case EVENT_HOOK:
        fprintf(stderr, "    hook_fails(%d);\n", e->yes);
        break;
    default:
        break;
    }
}

/* The event after the EVENT_BACK that belongs to this EVENT_MEANWHILE. */
static unsigned skip_meanwhile(unsigned i)
{
    unsigned depth = 0;
    do {
        depth += event[i].kind == EVENT_MEANWHILE;
        depth -= event[i].kind == EVENT_BACK;
        i++;
    } while (i < events && depth > 0);
    return i;
}

static void print_steps(unsigned i, unsigned end)
{
    while (i < end) {
        /* What ran meanwhile was recorded after the call in which it ran. */
        unsigned next = i + 1;
        if (event[i].kind == EVENT_MEANWHILE) {
            i = skip_meanwhile(i);
            continue;
        }
        if (next < end && event[next].kind == EVENT_MEANWHILE) {
            fprintf(stderr, "    meanwhile(steps_%u);\n", next);
        }
        if (event[i].kind == EVENT_ALLOC || event[i].kind == EVENT_ARRAY) {
            i += print_call(i, end);
        } else {
            print_event(&event[i]);
            i++;
        }
    }
}

void report_listing(void)
{
    fprintf(stderr, "/* %s */\n#include \"listing.h\"\n\n", target.name);
    for (unsigned i = events; i-- > 0;) {
        if (event[i].kind == EVENT_MEANWHILE) {
            unsigned end = skip_meanwhile(i);
            fprintf(stderr, "static void steps_%u(void)\n{\n", i);
            print_steps(i + 1, end);
            fputs("}\n\n", stderr);
        }
    }
    fputs("int main(void)\n{\n", stderr);
    print_steps(0, events);
    fputs("    return 0;\n}\n", stderr);
}
