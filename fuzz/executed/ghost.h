/* The ghost variables of the contracts, as they are executed, and what clauses ask of the memory. */
#ifndef CONTRACTS_GHOST_H
#define CONTRACTS_GHOST_H

#include <stddef.h>

/* Some memory that was there before: a block that was handed out, chosen by the input. */
extern char *bystander;
extern size_t bystander_size;

/* The last question to the system, and its answer. */
extern size_t sys_calls, sys_minimum, sys_wanted;
extern char *sys_answer;
extern size_t sys_answer_size;

/* Of an arena with many regions, one that is looked at besides the first and the last. */
extern size_t chosen_region;

/* Are these bytes an object, or in a grant? */
int memory_valid(void *p, size_t n);

/* Are these bytes zero? Of many, those at both ends and some between (all of them, with
 * PERSIST_FUZZ_EVERY_BYTE). Of a grant with no memory behind it: yes. */
int memory_zero(void *p, size_t n);

/* 0: functions go straight to their bodies. */
extern int checking;

/* Says which clause is broken, and where; does not return, except to who asks which ones break. */
void clause_broken(int clause);

/* Instead, for who asks. */
extern void (*clause_noted)(int clause);

/* A new input: nothing was asked or handed out. */
void ghost_reset(void);

/* Before a call of an allocator: whether this one is checked. The first ones of an input are, and of
 * those that follow one in CALLS_EACH (all, with PERSIST_FUZZ_EVERY_BYTE). */
enum { CALLS_FIRST = 4, CALLS_EACH = 8 };
void ghost_call(void);

/* A block that was handed out, in case it is chosen as the bystander. */
void ghost_handed_out(void *block, size_t size);

/* All clauses, by index; the names up to a NULL. */
extern const char *const clause_names[];
struct clause {
    const char *file;
    unsigned line;
    const char *text;
};
extern const struct clause clauses[];

#endif
