/* Breaking the core on purpose, for the check that each clause notices: at a function's begin (as a
 * caller would that breaks its requirements) or after its end (as a wrong body would), one thing that
 * it sees gets another value. alive.c chooses. */
#ifndef EXECUTED_ALIVE_H
#define EXECUTED_ALIVE_H

#include <stddef.h>

struct place {
    void *at;
    size_t size;
    const char *name;
};

enum moment { BEGIN, END };

void spoil(const char *function, enum moment moment, const struct place *place, size_t places);
void settle(void);

#define PLACE(name)                                                                                \
    {                                                                                              \
        (void *)&(name), sizeof(name), #name                                                       \
    }
#define BEGINS(function)                                                                           \
    spoil(#function, BEGIN, (struct place[]){PLACES_##function}, COUNT_##function);
#define ENTERS(function) settle();
#define LEFT(function)                                                                             \
    spoil(#function, END, (struct place[]){PLACES_##function RESULT_##function},                   \
          COUNT_##function + GIVES_##function);
#define ENDS(function) settle()

#include "places.h"

#endif
