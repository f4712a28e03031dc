/* The throw: one line on standard error and abort(), or the program's handler. */
#include "throw.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static persist_handler installed;

persist_handler persist_on_throw(persist_handler handler)
{
    return __atomic_exchange_n(&installed, handler, __ATOMIC_ACQ_REL);
}

const char *persist_message(enum persist_status why)
{
    switch (why) {
    case PERSIST_OK:
        return "no error";
    case PERSIST_NOT_POWER_OF_TWO:
        return "align is not a power of 2";
    case PERSIST_ALIGN_TOO_LARGE:
        return "align is too large";
    case PERSIST_NO_MEMORY:
        return "cannot allocate memory";
    case PERSIST_BAD_MEMORY:
        return "bad memory from the system";
    }
    return "unknown error";
}

static __attribute__((noinline)) char *put_text(char *end, const char *text)
{
    size_t n = strlen(text);
    memcpy(end, text, n);
    return end + n;
}

static __attribute__((noinline)) char *put_number(char *end, size_t number)
{
    char digits[3 * sizeof number];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    memcpy(end, digits + at, sizeof digits - at);
    return end + sizeof digits - at;
}

/* No stdio, which may allocate, and a single write, which other threads' output cannot split. */
static void print_line(enum persist_status why, size_t size, size_t align)
{
    char line[128];
    char *end = put_text(line, "persistentalloc: ");
    end = put_text(end, persist_message(why));
    end = put_text(end, " (size ");
    end = put_number(end, size);
    end = put_text(end, ", align ");
    end = put_number(end, align);
    end = put_text(end, ")\n");
    if (write(STDERR_FILENO, line, (size_t)(end - line)) < 0) {
        return; /* nobody is left to tell */
    }
}

void persist_throw(enum persist_status why, size_t size, size_t align)
{
    persist_handler handler = __atomic_load_n(&installed, __ATOMIC_ACQUIRE);
    if (handler != NULL) {
        handler(why, size, align);
    } else {
        print_line(why, size, align);
    }
    abort();
}
