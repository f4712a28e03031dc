#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <elf.h>

#include "symtab.h"

/* The file that is read is this program, as it lies on the disk. */
#define SELF "/proc/self/exe"

static struct intern names;

/* ---- what is looked for ---- */

static volatile int sink;

enum { FIRST_LINE = __LINE__ + 2 };
static __attribute__((noinline)) void first(void)
{
    sink = 1;
}

enum { SECOND_LINE = __LINE__ + 2 };
__attribute__((noinline)) void second(void)
{
    sink = 2;
    first();
}

/* ---- helpers ---- */

static int first_module(struct dl_phdr_info *info, size_t size, void *bias)
{
    (void)size;
    *(uint64_t *)bias = info->dlpi_addr;
    return 1;
}

/* The address that a function of this program has in its file. */
static uint64_t in_file(void (*function)(void))
{
    uint64_t bias = 0;
    dl_iterate_phdr(first_module, &bias);
    return (uint64_t)(uintptr_t)function - bias;
}

static const char *last_part(const char *path)
{
    const char *slash = path == NULL ? NULL : strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

static char *image;
static size_t image_size;

static int load_image(void **state)
{
    FILE *file = fopen(SELF, "rb");
    (void)state;
    if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
        return -1;
    }
    image_size = (size_t)ftell(file);
    rewind(file);
    image = malloc(image_size);
    size_t got = image == NULL ? 0 : fread(image, 1, image_size, file);
    fclose(file);
    return got == image_size ? 0 : -1;
}

static int free_image(void **state)
{
    (void)state;
    free(image);
    return 0;
}

/* Reads a changed copy of the image, of `size` bytes; returns whether it could be read. */
static bool read_copy(const char *copy, size_t size, char why[SYMTAB_WHY])
{
    struct symtab table = {0};
    char *own = malloc(size + 1); /* exactly what may be read, so that the sanitizer sees more */
    assert_non_null(own);
    memcpy(own, copy, size);
    why[0] = '\0';
    bool fine = symtab_read_image(&table, &names, own, size, why);
    free(own);
    assert_true(fine == (why[0] == '\0'));
    assert_null(strchr(why, '\n'));
    return fine;
}

static void refused(const char *copy, size_t size, const char *expected)
{
    char why[SYMTAB_WHY];
    bool fine = read_copy(copy, size, why);
    if (fine || strstr(why, expected) == NULL) {
        print_error("expected '%s', got '%s'\n", expected, why);
    }
    assert_false(fine);
    assert_non_null(strstr(why, expected));
}

static char *changed(void)
{
    char *copy = malloc(image_size);
    assert_non_null(copy);
    return memcpy(copy, image, image_size);
}

static ElfW(Ehdr) * header_of(char *copy)
{
    return (ElfW(Ehdr) *)(void *)copy;
}

static ElfW(Shdr) * section_of_type(char *copy, uint32_t type)
{
    ElfW(Ehdr) *header = header_of(copy);
    ElfW(Shdr) *sections = (ElfW(Shdr) *)(void *)(copy + header->e_shoff);
    for (size_t i = 0; i < header->e_shnum; i++) {
        if (sections[i].sh_type == type) {
            return &sections[i];
        }
    }
    fail_msg("this program has no section of type %u", type);
    return NULL;
}

/* ---- answers ---- */

static void test_functions_have_their_names_and_lines(void **state)
{
    struct symtab table = {0};
    struct answer one, other;
    char why[SYMTAB_WHY] = "";
    (void)state;
    assert_true(symtab_read(&table, &names, SELF, why));
    assert_true(symtab_find(&table, in_file(first), &one));
    assert_string_equal(one.function, "first");
    assert_string_equal(last_part(one.file), "test_symtab.c");
    assert_in_range(one.line, FIRST_LINE, FIRST_LINE + 2); /* the compiler may move its one store */
    assert_true(symtab_find(&table, in_file(second), &other));
    assert_string_equal(other.function, "second");
    assert_in_range(other.line, SECOND_LINE, SECOND_LINE + 2);
    assert_ptr_equal(one.file, other.file);
}

/* A copy of the image whose debugging information cannot be seen. */
static char *without_dwarf(void)
{
    char *copy = changed();
    ElfW(Ehdr) *header = header_of(copy);
    ElfW(Shdr) *sections = (ElfW(Shdr) *)(void *)(copy + header->e_shoff);
    for (size_t i = 0; i < header->e_shnum; i++) {
        const char *name = copy + sections[header->e_shstrndx].sh_offset + sections[i].sh_name;
        if (strncmp(name, ".debug_", 7) == 0) {
            sections[i].sh_type = SHT_NOBITS;
        }
    }
    return copy;
}

static void look_up(char *copy, uint64_t address, struct answer *answer)
{
    struct symtab table = {0};
    char why[SYMTAB_WHY] = "";
    assert_true(symtab_read_image(&table, &names, copy, image_size, why));
    assert_int_equal(table.span_count + table.line_count, 0);
    assert_true(symtab_find(&table, address, answer));
}

static void test_the_symbol_table_is_enough(void **state)
{
    struct answer answer;
    char *copy = without_dwarf();
    (void)state;
    look_up(copy, in_file(first) + 1, &answer);
    assert_string_equal(answer.function, "first");
    assert_string_equal(answer.file, "test_symtab.c");
    assert_int_equal(answer.line, 0);
    look_up(copy, in_file(second) + 1, &answer);
    assert_string_equal(answer.function, "second");
    assert_null(answer.file); /* global: of one of several files */
    free(copy);
}

static void test_of_symbols_at_one_address_the_largest_counts(void **state)
{
    struct answer answer;
    char *copy = without_dwarf();
    ElfW(Shdr) *symbols = section_of_type(copy, SHT_SYMTAB);
    ElfW(Sym) *symbol = (ElfW(Sym) *)(void *)(copy + symbols->sh_offset);
    size_t count = symbols->sh_size / sizeof *symbol, one = 0, other = 0;
    (void)state;
    for (size_t i = 0; i < count; i++) {
        if (ELF64_ST_TYPE(symbol[i].st_info) == STT_FUNC) {
            one = symbol[i].st_value == in_file(first) ? i : one;
            other = symbol[i].st_value == in_file(second) ? i : other;
        }
    }
    assert_true(one != 0 && other != 0);
    symbol[other].st_value = symbol[one].st_value;
    symbol[other].st_size = symbol[one].st_size + 1;
    look_up(copy, in_file(first), &answer);
    assert_string_equal(answer.function, "second");
    symbol[other].st_size = symbol[one].st_size - 1;
    look_up(copy, in_file(first), &answer);
    assert_string_equal(answer.function, "first");
    symbol[other].st_size = symbol[one].st_size;
    look_up(copy, in_file(first), &answer);
    assert_string_equal(answer.function, one < other ? "first" : "second");
    free(copy);
}

static void test_what_no_section_holds_is_unknown(void **state)
{
    struct symtab table = {0};
    struct answer answer;
    char why[SYMTAB_WHY] = "";
    char *copy = changed();
    ElfW(Ehdr) *header = header_of(copy);
    ElfW(Shdr) *sections = (ElfW(Shdr) *)(void *)(copy + header->e_shoff);
    uint64_t cut = in_file(second) + 1;
    (void)state;
    for (size_t i = 0; i < header->e_shnum; i++) {
        if ((sections[i].sh_flags & SHF_EXECINSTR) != 0 && sections[i].sh_addr < cut &&
            cut < sections[i].sh_addr + sections[i].sh_size) {
            sections[i].sh_size = cut - sections[i].sh_addr;
        }
    }
    assert_true(symtab_read_image(&table, &names, copy, image_size, why));
    assert_true(symtab_find(&table, cut - 1, &answer));
    assert_false(symtab_find(&table, cut, &answer));
    free(copy);
}

static void test_addresses_outside_are_unknown(void **state)
{
    struct symtab table = {0};
    struct answer answer;
    char why[SYMTAB_WHY] = "";
    (void)state;
    assert_true(symtab_read(&table, &names, SELF, why));
    assert_false(symtab_find(&table, UINT64_MAX, &answer));
    assert_null(answer.function);
    assert_null(answer.file);
    assert_false(symtab_find(&table, table.sections[table.section_count - 1].high, &answer));
    assert_false(symtab_find(&table, table.sections[0].low, &answer)); /* the loader's name: data */
    assert_false(symtab_find(&(struct symtab){0}, in_file(first), &answer));
}

static void test_tables_go_up(void **state)
{
    struct symtab table = {0};
    char why[SYMTAB_WHY] = "";
    (void)state;
    assert_true(symtab_read(&table, &names, SELF, why));
    assert_true(table.function_count > 10 && table.span_count > 10 && table.line_count > 10);
    for (size_t i = 1; i < table.function_count; i++) {
        assert_true(table.functions[i - 1].low < table.functions[i].low);
    }
    for (size_t i = 1; i < table.span_count; i++) {
        assert_true(table.spans[i - 1].low < table.spans[i].low);
    }
    for (size_t i = 1; i < table.line_count; i++) {
        assert_true(table.lines[i - 1].low < table.lines[i].low);
    }
}

/* ---- memory ---- */

/* The linker puts these between the reader and the C heap: the request number `failing`, from 1 on,
 * is refused. */
static size_t requests, failing;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
    return ++requests == failing ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
    return ++requests == failing ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return ++requests == failing ? NULL : __real_realloc(old, size);
}

static void test_each_refusal_of_the_heap_is_reported(void **state)
{
    bool fine = false;
    size_t at;
    (void)state;
    for (at = 1; !fine; at++) {
        struct symtab table = {0};
        char why[SYMTAB_WHY] = "";
        requests = 0;
        failing = at;
        fine = symtab_read(&table, &names, SELF, why);
        failing = 0;
        if (!fine) {
            assert_string_equal(why, "out of memory");
        }
    }
    assert_true(at > 10);
    assert_true(requests < at);
}

/* ---- damage ---- */

static void test_truncated_files_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < 64; i++) {
        char why[SYMTAB_WHY];
        size_t size = image_size * i / 64;
        assert_false(read_copy(image, size, why));
    }
    refused(image, image_size - 1, "truncated");
    refused(image, 0, "");
}

static void test_random_headers_end_well(void **state)
{
    uint64_t random = 1;
    (void)state;
    for (int round = 0; round < 200; round++) {
        char why[SYMTAB_WHY];
        char *copy = changed();
        ElfW(Ehdr) *header = header_of(copy);
        size_t headers = header->e_shnum * sizeof(ElfW(Shdr)), start = header->e_shoff;
        for (int i = 0; i < 4; i++) {
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            size_t at = (size_t)(random >> 33);
            size_t place = round % 2 == 0 ? at % sizeof *header : start + at % headers;
            copy[place] = (char)(random >> 24);
        }
        read_copy(copy, image_size, why);
        free(copy);
    }
}

static void test_absurd_counts_are_refused(void **state)
{
    (void)state;
    char *copy = changed();
    header_of(copy)->e_shnum = 0xfff0;
    refused(copy, image_size, "");
    memcpy(copy, image, image_size);
    header_of(copy)->e_shoff = (ElfW(Off)) - 64;
    refused(copy, image_size, "");
    memcpy(copy, image, image_size);
    section_of_type(copy, SHT_SYMTAB)->sh_size = (ElfW(Xword)) - 1 / 2;
    refused(copy, image_size, "ends past the end of the file");
    memcpy(copy, image, image_size);
    section_of_type(copy, SHT_SYMTAB)->sh_offset = 2 * image_size;
    refused(copy, image_size, "ends past the end of the file");
    memcpy(copy, image, image_size);
    section_of_type(copy, SHT_SYMTAB)->sh_entsize = 0;
    refused(copy, image_size, "is no symbol table");
    memcpy(copy, image, image_size);
    section_of_type(copy, SHT_SYMTAB)->sh_link = 0;
    refused(copy, image_size, "is no table of the symbols' names");
    memcpy(copy, image, image_size);
    section_of_type(copy, SHT_NOBITS)->sh_size = (ElfW(Xword)) - 1;
    refused(copy, image_size, "ends past the end of memory");
    free(copy);
}

static void test_names_outside_their_table_are_refused(void **state)
{
    (void)state;
    char *copy = changed();
    ElfW(Shdr) *symbols = section_of_type(copy, SHT_SYMTAB);
    ElfW(Sym) *symbol = (ElfW(Sym) *)(void *)(copy + symbols->sh_offset);
    symbol[symbols->sh_size / sizeof *symbol - 1].st_name = UINT32_MAX;
    refused(copy, image_size, "lies outside their table");
    memcpy(copy, image, image_size);
    ElfW(Shdr) *strings =
        (ElfW(Shdr) *)(void *)(copy + header_of(copy)->e_shoff) + symbols->sh_link;
    copy[strings->sh_offset + strings->sh_size - 1] = 'x';
    refused(copy, image_size, "is no table of the symbols' names");
    free(copy);
}

static void test_other_kinds_of_file_are_refused(void **state)
{
    (void)state;
    char *copy = changed();
    header_of(copy)->e_type = ET_REL;
    refused(copy, image_size, "a relocatable object");
    header_of(copy)->e_type = ET_CORE;
    refused(copy, image_size, "a core dump");
    header_of(copy)->e_type = 77;
    refused(copy, image_size, "unknown type 77");
    copy[0] = 'x';
    refused(copy, image_size, "not an ELF file");
    free(copy);
    refused("!<arch>\n", 8, "an archive");
    refused("hello, world\n", 13, "not an ELF file");
}

static void test_files_that_cannot_be_opened_are_refused(void **state)
{
    struct symtab table = {0};
    char why[SYMTAB_WHY] = "";
    (void)state;
    assert_false(symtab_read(&table, &names, "/nonexistent", why));
    assert_string_equal(why, "No such file or directory");
    assert_false(symtab_read(&table, &names, "/", why));
    assert_string_equal(why, "not a regular file");
    assert_false(symtab_read(&table, &names, "/dev/null", why));
    assert_string_equal(why, "not a regular file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_functions_have_their_names_and_lines),
        cmocka_unit_test(test_the_symbol_table_is_enough),
        cmocka_unit_test(test_of_symbols_at_one_address_the_largest_counts),
        cmocka_unit_test(test_what_no_section_holds_is_unknown),
        cmocka_unit_test(test_addresses_outside_are_unknown),
        cmocka_unit_test(test_tables_go_up),
        cmocka_unit_test(test_each_refusal_of_the_heap_is_reported),
        cmocka_unit_test(test_truncated_files_are_refused),
        cmocka_unit_test(test_random_headers_end_well),
        cmocka_unit_test(test_absurd_counts_are_refused),
        cmocka_unit_test(test_names_outside_their_table_are_refused),
        cmocka_unit_test(test_other_kinds_of_file_are_refused),
        cmocka_unit_test(test_files_that_cannot_be_opened_are_refused),
    };
    second();
    return cmocka_run_group_tests(tests, load_image, free_image);
}
