/* Interns the names of one ELF file's symbols by one of three tables, and prints what that took:
 * intern (examples/intern), chunk (GLib's GStringChunk), quark (GLib's quarks).
 */
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <glib.h>

#include "persist.h"
#include "reader.h"

static struct intern table;
static GStringChunk *chunk;

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static size_t heap(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* Each of these gives the address of the copy: the same for equal strings. */
static const void *by_intern(const char *name)
{
    return intern_bytes(&table, intern_string(&table, name));
}

static const void *by_chunk(const char *name)
{
    return g_string_chunk_insert_const(chunk, name);
}

static const void *by_quark(const char *name)
{
    return g_quark_to_string(g_quark_from_string(name));
}

/* All the names, in the symbols' order: many come more than once. */
static const char **names_of(const char *path, size_t *count)
{
    struct symtab unused = {0};
    struct symbols symbols = {0};
    char why[SYMTAB_WHY] = "";
    struct reader reader = {.table = &unused, .names = &table, .why = why};
    if (!open_elf(&reader, open(path, O_RDONLY)) || !read_sections(&reader) ||
        !load_symbols(&reader, &symbols)) {
        fprintf(stderr, "names: %s: %s\n", path, why);
        exit(1);
    }
    const char **names = calloc(symbols.count + 1, sizeof *names);
    char *strings = malloc(symbols.strings_size + 1);
    if (names == NULL || strings == NULL) {
        fputs("names: out of memory\n", stderr);
        exit(1);
    }
    memcpy(strings, symbols.strings, symbols.strings_size);
    for (size_t i = 1; i < symbols.count; i++) {
        Elf64_Sym symbol;
        memcpy(&symbol, symbols.entries + i * sizeof symbol, sizeof symbol);
        if (symbol.st_name < symbols.strings_size && strings[symbol.st_name] != '\0') {
            names[(*count)++] = strings + symbol.st_name;
        }
    }
    return names;
}

static uint64_t pass(const void *(*keep)(const char *), const char **names, const void **at,
                     size_t count)
{
    uint64_t start = now();
    for (size_t i = 0; i < count; i++) {
        at[i] = keep(names[i]);
    }
    return now() - start;
}

int main(int argc, char **argv)
{
    const void *(*keep)(const char *) = NULL;
    size_t count = 0;
    if (argc == 3) {
        keep = strcmp(argv[1], "intern") == 0  ? by_intern
               : strcmp(argv[1], "chunk") == 0 ? by_chunk
               : strcmp(argv[1], "quark") == 0 ? by_quark
                                               : NULL;
    }
    if (keep == NULL) {
        fputs("usage: names intern|chunk|quark FILE\n", stderr);
        return 2;
    }
    const char **names = names_of(argv[2], &count);
    const void **first = calloc(count + 1, sizeof *first);
    const void **second = calloc(count + 1, sizeof *second);
    struct persist_stats before, after;
    if (first == NULL || second == NULL) {
        fputs("names: out of memory\n", stderr);
        return 1;
    }
    persist_statistics(&before);
    size_t heap_before = heap();
    chunk = g_string_chunk_new(65536);
    uint64_t insert = pass(keep, names, first, count);
    size_t taken = heap() - heap_before;
    uint64_t find = pass(keep, names, second, count);
    persist_statistics(&after);
    for (size_t i = 0; i < count; i++) {
        if (first[i] != second[i] || strcmp(first[i], names[i]) != 0) {
            fprintf(stderr, "names: %s is not kept\n", names[i]);
            return 1;
        }
    }
    printf("{\"names\": %zu, \"insert\": %" PRIu64 ", \"find\": %" PRIu64
           ", \"heap\": %zu, \"persistent\": %zu, \"granted\": %zu}\n",
           count, insert, find, taken, after.requested - before.requested,
           after.granted - before.granted);
    return 0;
}
