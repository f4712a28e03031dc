#include "report.h"

#include "control.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void (*report_abandon)(void);
void (*report_broke)(unsigned kind);
void (*report_end)(void);
unsigned (*report_classify)(enum property property);
const char *const *report_defects;
const char *(*report_promise)(enum property property);
const char *report_input;

static const char *const names[] = {
#define P(id, name, text) name,
    PROPERTIES(P)
#undef P
};

static const char *const texts[] = {
#define P(id, name, text) text,
    PROPERTIES(P)
#undef P
};

/* AFL++ keeps one crash of a path: this makes each kind a path of its own. */
extern unsigned char *__afl_area_ptr __attribute__((weak));

static void mark_path(unsigned kind)
{
    if (&__afl_area_ptr != NULL) {
        __afl_area_ptr[1 + kind]++;
    }
}

const char *kind_name(unsigned kind)
{
    if (kind < PROPERTY_COUNT) {
        return names[kind];
    }
    for (unsigned i = PROPERTY_COUNT; report_defects != NULL; i++) {
        const char *name = report_defects[i - PROPERTY_COUNT];
        if (i == kind || name == NULL) {
            return name;
        }
    }
    return NULL;
}

/* Whoever is to know of it is told; returns if it is to be said. */
static void tell(unsigned kind)
{
    if (control->ignored[kind / 64] >> kind % 64 & 1u) {
        report_abandon();
    }
    if (report_broke != NULL) {
        report_broke(kind);
    }
    mark_path(kind);
    if (report_input != NULL) {
        fprintf(stderr, "input: %s\n", report_input);
    }
}

static void say_here(const char *format, va_list arguments) __attribute__((format(printf, 1, 0)));
static void say_here(const char *format, va_list arguments)
{
    fputs("here: ", stderr);
    vfprintf(stderr, format, arguments);
    fputs("\n\n", stderr);
    report_listing();
    fflush(stderr);
}

void broke(enum property property, const char *format, ...)
{
    va_list arguments;
    unsigned kind = report_classify == NULL ? property : report_classify(property);
    tell(kind);
    if (kind >= PROPERTY_COUNT) {
        fprintf(stderr, "defect: %s\n", kind_name(kind));
    }
    fprintf(stderr, "property: %s\nthat is: %s\n", names[property], texts[property]);
    const char *promise = report_promise == NULL ? NULL : report_promise(property);
    if (promise != NULL) {
        fprintf(stderr, "promised: %s\n", promise);
    }
    va_start(arguments, format);
    say_here(format, arguments);
    va_end(arguments);
    abort();
}

void broke_named(unsigned index, const char *text, const char *format, ...)
{
    va_list arguments;
    tell(PROPERTY_COUNT + index);
    fprintf(stderr, "property: %s\nthat is: %s\n", kind_name(PROPERTY_COUNT + index), text);
    va_start(arguments, format);
    say_here(format, arguments);
    va_end(arguments);
    abort();
}
