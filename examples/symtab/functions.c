/* The walks of the symbol table, one after another as their results need each other: count the
 * functions, fill in their addresses, then keep their names and files. */
#include <stdlib.h>
#include <string.h>

#include "persist.h"
#include "reader.h"
#include "walks.h"

/* Whether a symbol may name code: what addr2line takes for one, so that labels of assembly count
 * and the markers which compilers' plug-ins leave (hidden, local, of no type and no size) do not. */
static bool may_be_function(const Elf64_Sym *symbol)
{
    switch (ELF64_ST_TYPE(symbol->st_info)) {
    case STT_NOTYPE:
        return !(symbol->st_size == 0 && ELF64_ST_BIND(symbol->st_info) == STB_LOCAL &&
                 ELF64_ST_VISIBILITY(symbol->st_other) == STV_HIDDEN);
    case STT_FUNC:
    case STT_GNU_IFUNC:
        return true;
    default:
        return false;
    }
}

static size_t section_index(const struct symbols *symbols, size_t i, const Elf64_Sym *symbol)
{
    uint32_t index = symbol->st_shndx;
    if (index == SHN_XINDEX && symbols->sections != NULL) {
        memcpy(&index, &symbols->sections[i], sizeof index);
    }
    return index;
}

bool walk_symbols(struct walk *walk, visit *visit)
{
    const struct symbols *symbols = walk->symbols;
    const struct symtab *table = walk->reader->table;
    walk->next = 0;
    walk->symbol_seen = walk->file_after = false;
    walk->file = walk->file_kept = NULL;
    for (size_t i = 1; i < symbols->count; i++) {
        Elf64_Sym symbol;
        memcpy(&symbol, symbols->entries + i * sizeof symbol, sizeof symbol);
        if (symbol.st_name >= symbols->strings_size) {
            return fail(walk->reader, "damaged: the name of symbol %zu lies outside their table",
                        i);
        }
        const char *name = symbols->strings + symbol.st_name;
        if (ELF64_ST_TYPE(symbol.st_info) == STT_FILE) {
            walk->file_after |= walk->symbol_seen;
            visit(walk, &symbol, name, NULL);
            continue;
        }
        walk->symbol_seen = true;
        if (may_be_function(&symbol)) {
            const struct section *section = section_of(table, symbol.st_value);
            if (section != NULL && section->index == section_index(symbols, i, &symbol)) {
                visit(walk, &symbol, name, section);
            }
        }
    }
    return true;
}

void count_function(struct walk *walk, const Elf64_Sym *symbol, const char *name,
                    const struct section *section)
{
    (void)symbol;
    (void)name;
    walk->next += section != NULL;
}

void fill_function(struct walk *walk, const Elf64_Sym *symbol, const char *name,
                   const struct section *section)
{
    (void)name;
    if (section != NULL) {
        uint64_t size = symbol->st_size == 0 ? 1 : symbol->st_size;
        walk->functions[walk->next] =
            (struct function){.low = symbol->st_value,
                              .size = size > UINT32_MAX ? UINT32_MAX : (uint32_t)size,
                              .order = walk->next};
        walk->next++;
    }
}

static const char *copy_name(const char *name)
{
    size_t size = strlen(name) + 1;
    return size == 1 ? NULL : memcpy(persistentalloc(size, 1), name, size);
}

/* A file's name stands before its local functions; which file a global one is of, the table tells
 * only where there is one file. */
void name_function(struct walk *walk, const Elf64_Sym *symbol, const char *name,
                   const struct section *section)
{
    if (section == NULL) {
        walk->file = name;
        walk->file_kept = NULL;
        return;
    }
    struct function *function = &walk->functions[walk->next++];
    function->name = copy_name(name);
    if (walk->file != NULL && (ELF64_ST_BIND(symbol->st_info) == STB_LOCAL || !walk->file_after)) {
        if (walk->file_kept == NULL) {
            walk->file_kept = keep(walk->reader, walk->file);
        }
        function->file = walk->file_kept;
    }
}

static int by_address(const void *a, const void *b)
{
    const struct function *one = a, *other = b;
    if (one->low != other->low) {
        return one->low < other->low ? -1 : 1;
    }
    if (one->size != other->size) {
        return one->size > other->size ? -1 : 1;
    }
    return (one->order > other->order) - (one->order < other->order);
}

size_t sort_functions(struct function *functions, size_t count)
{
    size_t left = 0;
    qsort(functions, count, sizeof *functions, by_address);
    for (size_t i = 0; i < count; i++) {
        if (left == 0 || functions[left - 1].low != functions[i].low) {
            functions[left++] = functions[i];
        }
    }
    return left;
}

bool read_functions(struct reader *reader, const struct symbols *symbols)
{
    struct walk walk = {.reader = reader, .symbols = symbols};
    if (symbols->count > UINT32_MAX) {
        return fail(reader, "damaged: %zu symbols", symbols->count);
    }
    if (!walk_symbols(&walk, count_function)) {
        return false;
    }
    walk.functions = persist_array(walk.next, sizeof *walk.functions, 0);
    walk_symbols(&walk, fill_function);
    walk_symbols(&walk, name_function);
    reader->table->functions = walk.functions;
    reader->table->function_count = sort_functions(walk.functions, walk.next);
    return true;
}

const struct function *function_at(const struct symtab *table, uint64_t address)
{
    const struct section *section = section_of(table, address);
    size_t i = upper(table->functions, table->function_count, sizeof *table->functions, address);
    const struct function *function = i == 0 ? NULL : &table->functions[i - 1];
    return section != NULL && function != NULL && function->low >= section->low ? function : NULL;
}
