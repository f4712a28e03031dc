/* What functions.c is made of, for the benchmark that puts another scheme beside it. */
#ifndef WALKS_H
#define WALKS_H

#include "reader.h"

struct walk {
    struct reader *reader;
    const struct symbols *symbols;
    struct function *functions;
    uint32_t next;         /* the function that is next in this walk */
    bool symbol_seen;      /* other than a file's */
    bool file_after;       /* a file's symbol came after another: globals have no file then */
    const char *file;      /* the last file's symbol's name; or NULL */
    const char *file_kept; /* the same, once a function had need of it */
};

/* Called with each function's symbol, and with each file's symbol and no section. */
typedef void visit(struct walk *walk, const Elf64_Sym *symbol, const char *name,
                   const struct section *section);

bool walk_symbols(struct walk *walk, visit *visit);

visit count_function, fill_function, name_function;

/* Sorts the functions and leaves one for each address; returns how many. */
size_t sort_functions(struct function *functions, size_t count);

#endif
