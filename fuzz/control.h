/* What the harness and its driver tell each other while an engine runs: a small file that both map,
 * named by the environment (PERSIST_FUZZ_CONTROL); without one, memory of the process. */
#ifndef FUZZ_CONTROL_H
#define FUZZ_CONTROL_H

#include <stdint.h>

enum { CONTROL_KINDS = 1024 }; /* more than kind_name (report.h) names */

/* control.py knows the order. */
struct control {
    uint64_t executions; /* inputs begun */
    uint64_t calls;      /* allocator calls made, and checked unless the oracle is off */
    uint64_t throws;     /* of those, left by the throw handler */
    uint64_t ignored[CONTROL_KINDS / 64]; /* bit by kind: an input that breaks it ends quietly */
};

extern struct control *control;

/* Modes of the harness, from the environment, once. */
extern int oracle_on; /* PERSIST_FUZZ_ORACLE=off: call the allocator and check nothing */
extern int
    every_byte; /* PERSIST_FUZZ_EVERY_BYTE=1: every byte of every block is checked for zero */

void control_open(void);

#endif
