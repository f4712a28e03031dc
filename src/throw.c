/* The throw: one line on standard error and abort(), or the program's handler. */
#include "throw.h"

#ifdef __FRAMAC__
/* As the standard says it; the prover's own header is silent on termination. */
/*@ terminates \true; exits \true;
    assigns \exit_status \from \nothing;
    ensures never_returns: \false;
*/
void abort(void) __attribute__((noreturn));
#else
#include <stdlib.h>
#include <unistd.h>
#endif

static persist_handler installed;

/* Two threads may be here at once; to the prover, which reads one, a plain load and store. */
#ifdef __FRAMAC__
#define LOAD_HANDLER() (installed)
#define EXCHANGE_HANDLER(before, handler) ((before) = installed, installed = (handler))
#else
#define LOAD_HANDLER() __atomic_load_n(&installed, __ATOMIC_ACQUIRE)
#define EXCHANGE_HANDLER(before, handler)                                                          \
    ((before) = __atomic_exchange_n(&installed, (handler), __ATOMIC_ACQ_REL))
#endif

/*@ terminates \true; exits \false;
    assigns installed, \result \from installed, handler;
    ensures before: \result == \old(installed);
    ensures installed: installed == handler;
*/
persist_handler persist_on_throw(persist_handler handler)
{
    persist_handler before = NULL;
    EXCHANGE_HANDLER(before, handler);
    return before;
}

struct words {
    const char *text;
    size_t length;
};
#define WORDS(literal) (literal), sizeof(literal) - 1u

#define LONGEST 26u /* of the reasons */
/*@ predicate words{L}(char *text, integer length) = 0 <= length && \valid_read(text + (0 .. length - 1)); */

/*@ terminates \true; exits \false;
    assigns \result \from why;
    ensures words: words((char *)\result.text, \result.length);
    ensures text: \result.text != \null;
    ensures longest: \result.length <= LONGEST;
*/
static struct words message(enum persist_status why)
{
    switch (why) {
    case PERSIST_OK:
        return (struct words){WORDS("no error")};
    case PERSIST_NOT_POWER_OF_TWO:
        return (struct words){WORDS("align is not a power of 2")};
    case PERSIST_ALIGN_TOO_LARGE:
        return (struct words){WORDS("align is too large")};
    case PERSIST_NO_MEMORY:
        return (struct words){WORDS("cannot allocate memory")};
    case PERSIST_BAD_MEMORY:
        return (struct words){WORDS("bad memory from the system")};
    }
    return (struct words){WORDS("unknown error")};
}

/*@ terminates \true; exits \false;
    assigns \result \from why;
    ensures text: \result != \null;
*/
const char *persist_message(enum persist_status why)
{
    return message(why).text;
}

/* A line as it grows. */
#define ROOM 104u /* the longest has 100 characters */
struct line {
    size_t used;
    char text[ROOM];
};

/*@ requires line: \valid(line);
    requires room: line->used + length <= ROOM;
    requires words: words((char *)text, length);
    terminates \true; exits \false;
    assigns line->used, line->text[0 .. ROOM - 1] \from *line, length, text[0 .. length - 1];
    ensures used: line->used == \old(line->used) + length;
*/
static __attribute__((noinline)) void put_words(struct line *line, const char *text, size_t length)
{
    /*@ loop invariant range: 0 <= i <= length;
        loop invariant used: line->used == \at(line->used,Pre) + i;
        loop assigns i, line->used, line->text[0 .. ROOM - 1];
        loop variant length - i; */
    for (size_t i = 0; i < length; i++) {
        line->text[line->used] = text[i];
        line->used += 1u;
    }
}

#define DIGITS 20u /* of a number of 64 bits */

/*@ requires line: \valid(line);
    requires room: line->used + DIGITS <= ROOM;
    terminates \true; exits \false;
    assigns line->used, line->text[0 .. ROOM - 1] \from *line, number;
    ensures used: \old(line->used) < line->used <= \old(line->used) + DIGITS;
*/
static __attribute__((noinline)) void put_number(struct line *line, size_t number)
{
    char digits[DIGITS];
    size_t first = 0;
    /*@ loop invariant range: 0 <= at <= DIGITS;
        loop assigns number, at, digits[0 .. DIGITS - 1];
        loop variant at; */
    for (size_t at = DIGITS; at > 0; at--) {
        digits[at - 1u] = (char)('0' + number % 10u);
        number /= 10u;
    }
    /*@ loop invariant range: 0 <= first < DIGITS;
        loop assigns first;
        loop variant DIGITS - first; */
    while (first < DIGITS - 1u && digits[first] == '0') {
        first++;
    }
    put_words(line, digits + first, DIGITS - first);
}

/* No stdio, which may allocate, and a single write, which other threads' output cannot split. */
/*@ requires line: \valid_read(line) && line->used <= ROOM;
    terminates \true; exits \false;
    assigns \nothing;
*/
#ifdef __FRAMAC__
void print_line(const struct line *line);
#else
static void print_line(const struct line *line)
{
    if (write(STDERR_FILENO, line->text, line->used) < 0) {
        return; /* nobody is left to tell */
    }
}
#endif

/*@ terminates \true; exits \false;
    assigns \nothing;
*/
static void say(enum persist_status why, size_t size, size_t align)
{
    struct words words = message(why);
    struct line line;
    line.used = 0;
    put_words(&line, WORDS("persistentalloc: "));
    put_words(&line, words.text, words.length);
    put_words(&line, WORDS(" (size "));
    put_number(&line, size);
    put_words(&line, WORDS(", align "));
    put_number(&line, align);
    put_words(&line, WORDS(")\n"));
    print_line(&line);
}

/* Into the program, which may leave by longjmp: the layer's part ends here, so that nothing is said
 * of what the handler changes. */
/*@ requires handler: handler != \null;
    requires lock_free: lock_held == 0;
    terminates \true; exits left: lock_held == 0;
    assigns \exit_status \from \nothing;
*/
#ifdef __FRAMAC__
void run_handler(persist_handler handler, enum persist_status why, size_t size, size_t align);
#else
static void run_handler(persist_handler handler, enum persist_status why, size_t size, size_t align)
{
    handler(why, size, align);
}
#endif

void persist_throw(enum persist_status why, size_t size, size_t align)
{
    persist_handler handler = LOAD_HANDLER();
    if (handler != NULL) {
        run_handler(handler, why, size, align);
    } else {
        say(why, size, align);
    }
    abort();
}
