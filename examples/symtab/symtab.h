/* symtab: which function, file and line an address of an ELF file belongs to.
 *
 * A file is read once, by libelf and libdw, into tables in persistent memory: the functions of its
 * symbol table, the functions and inlined calls of its DWARF, its lines. Nothing of the file is
 * kept open. A lookup is a binary search in each table; any number of threads may look up at once. */
#ifndef SYMTAB_H
#define SYMTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "intern.h"

/* A function of the symbol table; it reaches to the next one, or to the end of its section. */
struct function {
    uint64_t low;
    const char *name;
    const char *file; /* of the STT_FILE symbol it stands under, else NULL */
    uint32_t size,
        order; /* which of several symbols at one address it is: the largest, the first */
};

/* A section that is loaded. */
struct section {
    uint64_t low, high;
    size_t index; /* in the ELF file */
    bool code;
};

/* From `low` up to the next span's low the DWARF names this function; NULL: it names none. */
struct span {
    uint64_t low;
    const char *name;
};

/* From `low` up to the next line's low; a gap where file is NULL and number is 0. */
struct line {
    uint64_t low;
    const char *file;
    uint32_t number, discriminator;
};

struct symtab {
    struct section *sections; /* sorted by address, as everything here */
    struct function *functions;
    struct span *spans;
    struct line *lines;
    size_t section_count, function_count, span_count, line_count;
};

/* NULL and 0 stand for what is not known. */
struct answer {
    const char *function;
    const char *file;
    uint32_t line, discriminator;
};

#define SYMTAB_WHY 256u

/* Fills the zeroed `table` from the ELF file at `path`, or from its separate debug file where the
 * system has one under the same build id. The strings are kept in `names`. False: `why` says, in
 * one line without the path, what is wrong with the file, and the table is not for use. Memory that
 * cannot be had is thrown. */
bool symtab_read(struct symtab *table, struct intern *names, const char *path,
                 char why[SYMTAB_WHY]);

/* The same from an image of a file, which must be writable; no separate debug file is looked for. */
bool symtab_read_image(struct symtab *table, struct intern *names, char *image, size_t size,
                       char why[SYMTAB_WHY]);

/* False where the table knows nothing of the address. */
bool symtab_find(const struct symtab *table, uint64_t address, struct answer *answer);

#endif
