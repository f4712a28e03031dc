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
/* A line as it grows. */
#define ROOM 104u /* the longest has 100 characters */
struct line {
    size_t used;
    char text[ROOM];
};

/*@ predicate words{L}(char *text, integer length) = 0 <= length && \valid_read(text + (0 .. length - 1));
    predicate kept{A,B}(struct line *line, integer length) =
      \forall integer i; 0 <= i < length ==> \at(line->text[i],A) == \at(line->text[i],B);
    predicate copied{A,B}(struct line *line, char *text, integer from, integer to) =
      \forall integer i; from <= i < to ==> \at(line->text[i],B) == \at(text[i - from],A);
    predicate two_objects(struct line *line, char *text) = \base_addr(line) != \base_addr(text);
*/

/*@ terminates \true; exits \false;
    assigns \result \from why;
    ensures words: words((char *)\result.text, \result.length);
    ensures text: \result.text != \null;
    ensures longest: \result.length <= LONGEST;
    ensures constant: \forall struct line *line; \valid(line) ==> two_objects(line, (char *)\result.text);
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

/*@ requires line: \valid(line);
    requires room: line->used + length <= ROOM;
    requires words: words((char *)text, length);
    requires apart: two_objects(line, (char *)text);
    terminates \true; exits \false;
    assigns line->used, line->text[0 .. ROOM - 1] \from *line, length, text[0 .. length - 1];
    ensures used: line->used == \old(line->used) + length;
    ensures kept: kept{Pre,Post}(line, \old(line->used));
    ensures copied: copied{Pre,Post}(line, (char *)text, \old(line->used), line->used);
*/
static __attribute__((noinline)) void put_words(struct line *line, const char *text, size_t length)
{
    /*@ loop invariant range: 0 <= i <= length;
        loop invariant used: line->used == \at(line->used,Pre) + i;
        loop invariant kept: kept{Pre,Here}(line, \at(line->used,Pre));
        loop invariant copied: copied{Pre,Here}(line, (char *)text, \at(line->used,Pre), line->used);
        loop assigns i, line->used, line->text[0 .. ROOM - 1];
        loop variant length - i; */
    for (size_t i = 0; i < length; i++) {
        line->text[line->used] = text[i];
        line->used += 1u;
    }
}

#define DIGITS 20u /* of a number of 64 bits */

/*@ // Of a number of DIGITS digits, less than this is left without its last k. A table, which the
    // prover only looks up: that a power of ten is more than any number it cannot find by itself.
    logic integer bound(integer k) =
      k == 0 ? 100000000000000000000 : k == 1 ? 10000000000000000000 :
      k == 2 ? 1000000000000000000 : k == 3 ? 100000000000000000 : k == 4 ? 10000000000000000 :
      k == 5 ? 1000000000000000 : k == 6 ? 100000000000000 : k == 7 ? 10000000000000 :
      k == 8 ? 1000000000000 : k == 9 ? 100000000000 : k == 10 ? 10000000000 :
      k == 11 ? 1000000000 : k == 12 ? 100000000 : k == 13 ? 10000000 : k == 14 ? 1000000 :
      k == 15 ? 100000 : k == 16 ? 10000 : k == 17 ? 1000 : k == 18 ? 100 : k == 19 ? 10 : 1;
    predicate bounded(integer n, integer k) = 0 <= n < bound(k);
    lemma one_less: \forall integer n, k; 0 < k <= DIGITS && bounded(n, k - 1) ==> bounded(n / 10, k);

    // What is left of a number without its last k digits.
    logic integer without(integer n, integer k) = k <= 0 ? n : without(n, k - 1) / 10;
    lemma one_more: \forall integer n, k; 0 < k ==> without(n, k) == without(n, k - 1) / 10;
    logic integer digit(integer n, integer k) = '0' + without(n, k) % 10;
    lemma leading: \forall integer n, k; 0 < k && without(n, k) == 0 ==>
      (digit(n, k - 1) == '0' <==> without(n, k - 1) == 0);
    predicate digits{L}(char *text, integer from, integer to, integer n) =
      \forall integer i; from <= i < to ==> text[i] == digit(n, to - 1 - i);
    predicate spelled{L}(struct line *line, integer from, integer to, integer n) =
      \forall integer i; from <= i < to ==> line->text[i] == digit(n, to - 1 - i);
    predicate decimal{L}(struct line *line, integer from, integer to, integer n) =
      spelled(line, from, to, n) && without(n, to - from) == 0 &&
      (1 < to - from ==> without(n, to - from - 1) != 0);
*/

/*@ requires digits: \valid(digits + (0 .. DIGITS - 1));
    terminates \true; exits \false;
    assigns digits[0 .. DIGITS - 1] \from number;
    ensures digits: digits(digits, 0, DIGITS, number);
    ensures all: without(number, DIGITS) == 0;
*/
static void put_digits(char *digits, size_t number)
{
    //@ assert bound: bounded(number, 0);
    /*@ loop invariant range: 1 <= k <= DIGITS + 1;
        loop invariant rest: number == without(\at(number,Pre), k - 1);
        loop invariant bound: bounded(number, k - 1);
        loop invariant digits: digits(digits, DIGITS + 1 - k, DIGITS, \at(number,Pre));
        loop assigns number, k, digits[0 .. DIGITS - 1];
        loop variant DIGITS + 1 - k; */
    for (size_t k = 1; k <= DIGITS; k++) {
        //@ assert less: bounded(number / 10, k);
        //@ assert no_wrap: (size_t)(k + 1) - 1 == k;
        digits[DIGITS - k] = (char)('0' + number % 10u);
        //@ assert digit: digits[DIGITS - k] == digit(\at(number,Pre), k - 1);
        //@ assert before: digits(digits, DIGITS + 1 - k, DIGITS, \at(number,Pre));
        number /= 10u;
    }
}

/*@ requires digits: \valid_read(digits + (0 .. DIGITS - 1));
    requires number: digits(digits, 0, DIGITS, number) && without(number, DIGITS) == 0;
    terminates \true; exits \false;
    assigns \result \from digits[0 .. DIGITS - 1];
    ensures range: 0 < \result <= DIGITS;
    ensures all: without(number, \result) == 0;
    ensures least: 1 < \result ==> without(number, \result - 1) != 0;
*/
static size_t count_digits(const char *digits) /*@ ghost (size_t number) */
{
    size_t length = DIGITS;
    /*@ loop invariant range: 1 <= length <= DIGITS;
        loop invariant all: without(number, length) == 0;
        loop assigns length;
        loop variant length; */
    while (length > 1u && digits[DIGITS - length] == '0') {
        //@ assert zero: digit(number, length - 1) == '0';
        length--;
    }
    //@ assert digit: digits[DIGITS - length] == digit(number, length - 1);
    return length;
}

/*@ requires line: \valid(line);
    requires room: line->used + DIGITS <= ROOM;
    terminates \true; exits \false;
    assigns line->used, line->text[0 .. ROOM - 1] \from *line, number;
    ensures used: \old(line->used) < line->used <= \old(line->used) + DIGITS;
    ensures kept: kept{Pre,Post}(line, \old(line->used));
    ensures decimal: decimal(line, \old(line->used), line->used, number);
*/
static __attribute__((noinline)) void put_number(struct line *line, size_t number)
{
    char digits[DIGITS];
    put_digits(digits, number);
    size_t length = count_digits(digits) /*@ ghost (number) */;
    put_words(line, digits + (DIGITS - length), length);
    //@ assert same: \forall integer i; 0 <= i < DIGITS ==> digits[i] == digit(number, DIGITS - 1 - i);
    /*@ assert copied: \forall integer i; \at(line->used,Pre) <= i < line->used ==>
          line->text[i] == digits[i - (line->used - DIGITS)]; */
    //@ assert digits: spelled(line, \at(line->used,Pre), line->used, number);
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
