/* What the oracle says when a property is broken: its name, the reason, and what was done up to
 * there as a C program. */
#ifndef FUZZ_REPORT_H
#define FUZZ_REPORT_H

#include "model.h"
#include "persist.h"

#include <stddef.h>

/* The properties, by the names that a report shows. Their order is the bit in control->ignored;
 * properties.py reads it here. */
#define PROPERTIES(P)                                                                              \
    P(OUTCOME, "outcome", "a call is served or fails, for the reason that the rules give")         \
    P(OUT_KEPT, "out-kept", "a failed call leaves *out as it was")                                 \
    P(NOT_NULL, "not-null", "a block that was served has an address")                              \
    P(ALIGNED, "aligned", "a block is at a multiple of its alignment")                             \
    P(IN_GRANT, "in-grant", "a block lies within one good grant to its own allocator")             \
    P(DISJOINT, "disjoint", "a block overlaps no block handed out before")                         \
    P(PLACEMENT, "placement", "a block is where the rule puts it: least padding, last freed")      \
    P(ZEROED, "zeroed", "a block is zero")                                                         \
    P(CONTENT, "content", "what the program writes to a block stays")                              \
    P(POISON, "poison", "under AddressSanitizer blocks are open and unused space is not")          \
    P(DETOUR, "detour",                                                                            \
      "what fits takes an arena's fast path, or the thread's own arena and no lock")               \
    P(SYSTEM_CALLS, "system-calls", "the system is asked if and only if needed, and once")         \
    P(SYSTEM_REQUEST, "system-request", "the system is asked for what the rule says")              \
    P(LIMIT_KEPT, "limit", "the limit is as it was set, and what is granted stays within")         \
    P(STATISTICS, "statistics", "the statistics are exact")                                        \
    P(REGIONS, "regions", "an arena's table lists what it was granted, and which is current")      \
    P(CONTAINS, "contains", "yes for every byte of every block, no outside the regions")           \
    P(THROWN, "throw", "the handler is called once for a failed call, with what it was given")     \
    P(MESSAGE, "message", "the text of a reason, and of an uncaught throw")                        \
    P(LOCK, "lock",                                                                                \
      "the lock is free in the system, in a throw and between calls; nobody "                      \
      "waits who need not")                                                                        \
    P(HOOK, "thread-hook", "a thread's end is hooked once, before its first block")                \
    P(MISUSE, "misuse", "a double free and a foreign pointer are told, and change nothing")        \
    P(MEMORY, "memory", "no sanitizer report, signal or endless loop")

enum property {
#define P(id, name, text) BROKE_##id,
    PROPERTIES(P)
#undef P
        PROPERTY_COUNT
};

enum event_kind {
    EVENT_ALLOC,
    EVENT_ARRAY,
    EVENT_LIMIT,
    EVENT_CONTAINS,
    EVENT_STATISTICS,
    EVENT_CONTENTS,
    EVENT_MESSAGE,
    EVENT_HANDLER,
    EVENT_AGED,
    EVENT_TORN,
    EVENT_THREAD,
    EVENT_THREAD_END,
    EVENT_FORK,
    EVENT_HOOK,
    EVENT_MEANWHILE, /* up to the EVENT_BACK that belongs to it: while the system is asked */
    EVENT_BACK
};

enum handler { HANDLER_LEAVES, HANDLER_RETURNS, HANDLER_NONE, HANDLERS };

/* One step of an input, with its numbers worked out. */
struct event {
    enum event_kind kind;
    unsigned user;
    size_t n, size, align;
    uintptr_t address;
    int yes;                       /* EVENT_CONTAINS: the answer; EVENT_HOOK: it fails */
    struct call call;              /* of an allocation: what was predicted */
    const struct request *request; /* and what the system was asked, or NULL */
    struct persist_stats stats;    /* EVENT_STATISTICS: as predicted */
};

void report_reset(void);

/* The record of a new step; of one too many, a place that is not printed. */
struct event *report_event(enum event_kind kind, unsigned user);

/* Says what is broken and aborts; or, if that property is ignored, ends the input quietly. */
void broke(enum property property, const char *format, ...)
    __attribute__((noreturn, format(printf, 2, 3)));

/* The same of a property that is the target's own: an index of report_defects. */
void broke_named(unsigned index, const char *text, const char *format, ...)
    __attribute__((noreturn, format(printf, 3, 4)));

/* How `broke` leaves when it does not abort: set by who runs the input. */
extern void (*report_abandon)(void);

/* The steps so far as a C program. */
void report_listing(void);

/* What findings are told apart by: the properties; and, numbered on from PROPERTY_COUNT, the defects
 * that a target names. NULL: there are no more. */
const char *kind_name(unsigned kind);

/* Which of the target's defects this is, or the property again; NULL: the target names none. */
extern unsigned (*report_classify)(enum property property);

/* Their names, up to a NULL. */
extern const char *const *report_defects;

/* The words of who made the target, where they are what is judged, or NULL. */
extern const char *(*report_promise)(enum property property);

/* For replay: shown with a broken property; called at the end of an input that broke none. */
extern const char *report_input;
extern void (*report_end)(void);

/* Called by `broke` first, for who wants to know which kind it was without a word said. */
extern void (*report_broke)(unsigned kind);

#endif
