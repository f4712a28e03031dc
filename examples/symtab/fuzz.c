/* Reads an input as an ELF file. Whatever it is, either the tables are in order, or one line says
 * what is wrong with it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "persist.h"
#include "symtab.h"

#define BLOCKS 65536u

/* In place of the library's: blocks of the C heap, so that the sanitizer guards both ends of each,
 * and none outlives its input. */
static void *blocks[BLOCKS];
static size_t count;

void *persistentalloc(size_t size, size_t align)
{
    void *block;
    size_t room = size == 0 ? 1 : size;
    if (count == BLOCKS || posix_memalign(&block, align < 8 ? 8 : align, room) != 0) {
        fprintf(stderr, "fuzz: no memory for block %zu, of %zu bytes\n", count, size);
        abort();
    }
    blocks[count++] = block;
    return memset(block, 0, room);
}

void *persist_array(size_t n, size_t size, size_t align)
{
    return persistentalloc(persist_product(n, size), align);
}

static void require(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "fuzz: %s\n", what);
        abort();
    }
}

static size_t length(const char *string)
{
    return string == NULL ? 0 : strlen(string);
}

static void look_up(const struct symtab *table, uint64_t address)
{
    struct answer answer;
    if (symtab_find(table, address, &answer)) {
        require(answer.function != NULL || answer.file != NULL, "an answer that says nothing");
        length(answer.function);
        length(answer.file);
    }
}

/* Each table goes up without repeating an address, and its every address can be looked up. */
static void check_tables(const struct symtab *table)
{
    for (size_t i = 0; i < table->section_count; i++) {
        require(table->sections[i].low < table->sections[i].high, "an empty section");
        look_up(table, table->sections[i].low);
        look_up(table, table->sections[i].high - 1);
    }
    for (size_t i = 0; i < table->function_count; i++) {
        require(i == 0 || table->functions[i - 1].low < table->functions[i].low, "functions");
        look_up(table, table->functions[i].low);
        length(table->functions[i].name);
        length(table->functions[i].file);
    }
    for (size_t i = 0; i < table->span_count; i++) {
        require(i == 0 || table->spans[i - 1].low < table->spans[i].low, "spans");
        look_up(table, table->spans[i].low);
    }
    for (size_t i = 0; i < table->line_count; i++) {
        require(i == 0 || table->lines[i - 1].low < table->lines[i].low, "lines");
        look_up(table, table->lines[i].low);
    }
    look_up(table, 0);
    look_up(table, UINT64_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct symtab table = {0};
    struct intern names = {0};
    char why[SYMTAB_WHY] = "";
    char *image = malloc(size + 1);
    require(image != NULL, "no memory for the input");
    memcpy(image, data, size);
    if (symtab_read_image(&table, &names, image, size, why)) {
        check_tables(&table);
        require(why[0] == '\0', "a reason without a failure");
    } else {
        require(why[0] != '\0' && strchr(why, '\n') == NULL, "a failure without a line of reason");
    }
    free(image);
    while (count > 0) {
        free(blocks[--count]);
    }
    return 0;
}
