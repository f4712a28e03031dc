/* The steps of reading a file: elf.c opens it and lists its sections, functions.c reads the symbol
 * table, dwarf.c the functions that the DWARF tells of, lines.c its lines. Each step returns false once `why` has been said. */
#ifndef READER_H
#define READER_H

#include <gelf.h>
#include <string.h>

#include "symtab.h"

struct reader {
    Elf *elf;
    uint64_t size; /* of the file */
    struct symtab *table;
    struct intern *names;
    char *why;
};

/* The symbols as libelf gives them, translated to 64 bits. */
struct symbols {
    const char *entries; /* Elf64_Sym, maybe at odd addresses */
    size_t count;        /* with the null entry at 0 */
    const char *strings; /* ends in a zero byte */
    size_t strings_size;
    const uint32_t *sections; /* where st_shndx has no room; or NULL */
    void *own;                /* what free_symbols frees */
};

/* Says what is wrong; always false. */
bool fail(struct reader *reader, const char *format, ...) __attribute__((format(printf, 2, 3)));

bool no_memory(struct reader *reader);

/* `string` as the table keeps it. */
const char *keep(struct reader *reader, const char *string);

/* The section that the address is in, or NULL. */
const struct section *section_of(const struct symtab *table, uint64_t address);

/* Code that the linker dropped leaves ranges and lines at addresses where no code is. */
bool is_code(const struct symtab *table, uint64_t address);

/* The index after the last item that starts at or before the address; every item of the sorted array
 * starts with its uint64_t `low`. */
static inline size_t upper(const void *items, size_t count, size_t size, uint64_t address)
{
    size_t from = 0;
    while (count > 0) { /* without a branch on the comparison, which nobody can predict */
        size_t half = count / 2;
        uint64_t low;
        memcpy(&low, (const char *)items + (from + half) * size, sizeof low);
        bool after = low <= address;
        from = after ? from + half + 1 : from;
        count = after ? count - half - 1 : half;
    }
    return from;
}

Elf_Scn *debug_section(Elf *elf, const char *name);

/* elf.c: opens an ELF file that symtab can read, which stays open with `fd`. */
bool open_elf(struct reader *reader, int fd);

/* The sections come first, and a file without symbols is fine: it has a count of 0. */
bool read_sections(struct reader *reader);
bool load_symbols(struct reader *reader, struct symbols *symbols);
void free_symbols(struct symbols *symbols);

/* functions.c */
bool read_functions(struct reader *reader, const struct symbols *symbols);

/* The last function that starts at or before the address, in the same section; or NULL. */
const struct function *function_at(const struct symtab *table, uint64_t address);

/* dwarf.c: fine without DWARF. */
bool read_dwarf(struct reader *reader);

/* A growing array in the C heap, for what is counted only by reading it. */
struct pile {
    void *items;
    size_t count, room;
};

/* A place for one more of `size` bytes, or NULL. */
void *pile_add(struct pile *pile, size_t size);

#endif
