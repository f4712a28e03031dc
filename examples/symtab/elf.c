#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "persist.h"
#include "reader.h"

#define DEBUG_DIRECTORY "/usr/lib/debug/.build-id"

bool fail(struct reader *reader, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reader->why, SYMTAB_WHY, format, arguments);
    va_end(arguments);
    return false;
}

bool no_memory(struct reader *reader)
{
    return fail(reader, "out of memory");
}

const char *keep(struct reader *reader, const char *string)
{
    return intern_bytes(reader->names, intern_string(reader->names, string));
}

void *pile_add(struct pile *pile, size_t size)
{
    if (pile->count == pile->room) {
        size_t room = pile->room == 0 ? 1024 : 2 * pile->room;
        void *items = room > SIZE_MAX / size ? NULL : realloc(pile->items, room * size);
        if (items == NULL) {
            return NULL;
        }
        pile->items = items;
        pile->room = room;
    }
    return (char *)pile->items + pile->count++ * size;
}

/* ---- sections ---- */

static int by_address(const void *a, const void *b)
{
    const struct section *one = a, *other = b;
    return (one->low > other->low) - (one->low < other->low);
}

/* Refuses a section that the file does not hold whole: what a truncated file shows first. */
static bool check_extent(struct reader *reader, size_t index, const GElf_Shdr *header)
{
    if (header->sh_type != SHT_NOBITS && header->sh_type != SHT_NULL &&
        (header->sh_offset > reader->size || header->sh_size > reader->size - header->sh_offset)) {
        return fail(reader, "truncated or damaged: section %zu ends past the end of the file",
                    index);
    }
    if (header->sh_addr + header->sh_size < header->sh_addr) {
        return fail(reader, "damaged: section %zu ends past the end of memory", index);
    }
    return true;
}

/* Thread-local sections that take no room in the file share their addresses with others. */
static bool is_loaded(const GElf_Shdr *header)
{
    return (header->sh_flags & SHF_ALLOC) != 0 && header->sh_size > 0 &&
           !((header->sh_flags & SHF_TLS) != 0 && header->sh_type == SHT_NOBITS);
}

bool read_sections(struct reader *reader)
{
    struct symtab *table = reader->table;
    size_t count;
    if (elf_getshdrnum(reader->elf, &count) != 0 || count == 0) {
        return fail(reader, "truncated, or stripped of its section headers");
    }
    table->sections = persist_array(count, sizeof *table->sections, 0);
    for (Elf_Scn *scn = NULL; (scn = elf_nextscn(reader->elf, scn)) != NULL;) {
        GElf_Shdr header;
        size_t index = elf_ndxscn(scn);
        if (gelf_getshdr(scn, &header) == NULL) {
            return fail(reader, "damaged: section %zu: %s", index, elf_errmsg(-1));
        }
        if (!check_extent(reader, index, &header)) {
            return false;
        }
        if (is_loaded(&header)) {
            table->sections[table->section_count++] =
                (struct section){.low = header.sh_addr,
                                 .high = header.sh_addr + header.sh_size,
                                 .index = index,
                                 .code = (header.sh_flags & SHF_EXECINSTR) != 0};
        }
    }
    qsort(table->sections, table->section_count, sizeof *table->sections, by_address);
    return true;
}

const struct section *section_of(const struct symtab *table, uint64_t address)
{
    size_t i = upper(table->sections, table->section_count, sizeof *table->sections, address);
    return i > 0 && address < table->sections[i - 1].high ? &table->sections[i - 1] : NULL;
}

bool is_code(const struct symtab *table, uint64_t address)
{
    const struct section *section = section_of(table, address);
    return section != NULL && section->code;
}

/* ---- symbols ---- */

/* The first section of this type, or NULL. */
static Elf_Scn *find_section(struct reader *reader, GElf_Word type, GElf_Shdr *header)
{
    for (Elf_Scn *scn = NULL; (scn = elf_nextscn(reader->elf, scn)) != NULL;) {
        if (gelf_getshdr(scn, header) != NULL && header->sh_type == type && header->sh_size > 0) {
            return scn;
        }
    }
    return NULL;
}

static bool load_strings(struct reader *reader, struct symbols *symbols, size_t section)
{
    Elf_Scn *scn = elf_getscn(reader->elf, section);
    GElf_Shdr header;
    Elf_Data *data = NULL;
    if (scn != NULL && gelf_getshdr(scn, &header) != NULL && header.sh_type == SHT_STRTAB) {
        data = elf_getdata(scn, NULL);
    }
    if (data == NULL || data->d_buf == NULL || data->d_size == 0 ||
        ((const char *)data->d_buf)[data->d_size - 1] != '\0') {
        return fail(reader, "damaged: section %zu is no table of the symbols' names", section);
    }
    symbols->strings = data->d_buf;
    symbols->strings_size = data->d_size;
    return true;
}

/* The indices of the sections that need more than 16 bits. */
static void load_section_indices(struct reader *reader, struct symbols *symbols)
{
    GElf_Shdr header;
    Elf_Scn *scn = find_section(reader, SHT_SYMTAB_SHNDX, &header);
    Elf_Data *data = scn == NULL ? NULL : elf_getdata(scn, NULL);
    if (data != NULL && data->d_size / sizeof *symbols->sections >= symbols->count) {
        symbols->sections = data->d_buf;
    }
}

static bool widen(struct reader *reader, struct symbols *symbols, Elf_Data *data)
{
    if (symbols->count > INT32_MAX) {
        return fail(reader, "damaged: %zu symbols", symbols->count);
    }
    Elf64_Sym *wide = calloc(symbols->count, sizeof *wide);
    if (wide == NULL) {
        return no_memory(reader);
    }
    symbols->entries = symbols->own = wide;
    for (size_t i = 0; i < symbols->count; i++) {
        if (gelf_getsym(data, (int)i, &wide[i]) == NULL) {
            return fail(reader, "damaged: symbol %zu: %s", i, elf_errmsg(-1));
        }
    }
    return true;
}

bool load_symbols(struct reader *reader, struct symbols *symbols)
{
    GElf_Shdr header;
    Elf_Scn *scn = find_section(reader, SHT_SYMTAB, &header);
    if (scn == NULL) {
        scn = find_section(reader, SHT_DYNSYM, &header);
    }
    if (scn == NULL) {
        return true;
    }
    size_t entry = gelf_fsize(reader->elf, ELF_T_SYM, 1, EV_CURRENT);
    Elf_Data *data = elf_getdata(scn, NULL);
    if (header.sh_entsize != entry || data == NULL || data->d_buf == NULL) {
        return fail(reader, "damaged: section %zu is no symbol table", elf_ndxscn(scn));
    }
    symbols->count = header.sh_size / entry;
    if (data->d_size < symbols->count * entry) {
        return fail(reader, "damaged: section %zu holds less than its header says",
                    elf_ndxscn(scn));
    }
    load_section_indices(reader, symbols);
    symbols->entries = data->d_buf;
    return load_strings(reader, symbols, header.sh_link) &&
           (gelf_getclass(reader->elf) == ELFCLASS64 || widen(reader, symbols, data));
}

void free_symbols(struct symbols *symbols)
{
    free(symbols->own);
}

/* ---- the whole file ---- */

static bool check_kind(struct reader *reader)
{
    GElf_Ehdr header;
    if (reader->elf == NULL) {
        return fail(reader, "truncated or damaged: %s", elf_errmsg(-1));
    }
    if (elf_kind(reader->elf) == ELF_K_AR) {
        return fail(reader, "an archive: give an executable or a shared library");
    }
    if (elf_kind(reader->elf) != ELF_K_ELF || gelf_getehdr(reader->elf, &header) == NULL) {
        return fail(reader, "not an ELF file");
    }
    switch (header.e_type) {
    case ET_EXEC:
    case ET_DYN:
        return true;
    case ET_REL:
        return fail(reader, "a relocatable object: its addresses are not final, link it");
    case ET_CORE:
        return fail(reader, "a core dump: give the executable it is of");
    default:
        return fail(reader, "damaged: an ELF file of unknown type %d", header.e_type);
    }
}

/* The section .debug_NAME, or .zdebug_NAME as compressed ones were once called; or NULL. */
Elf_Scn *debug_section(Elf *elf, const char *name)
{
    size_t names;
    GElf_Shdr header;
    if (elf_getshdrstrndx(elf, &names) != 0) {
        return NULL;
    }
    for (Elf_Scn *scn = NULL; (scn = elf_nextscn(elf, scn)) != NULL;) {
        const char *full =
            gelf_getshdr(scn, &header) == NULL ? NULL : elf_strptr(elf, names, header.sh_name);
        if (full != NULL && header.sh_type != SHT_NOBITS &&
            ((strncmp(full, ".debug_", 7) == 0 && strcmp(full + 7, name) == 0) ||
             (strncmp(full, ".zdebug_", 8) == 0 && strcmp(full + 8, name) == 0))) {
            return scn;
        }
    }
    return NULL;
}

static bool has_dwarf(Elf *elf)
{
    return debug_section(elf, "info") != NULL;
}

static bool read_elf(struct reader *reader)
{
    struct symbols symbols = {0};
    bool fine = read_sections(reader) && load_symbols(reader, &symbols) &&
                read_functions(reader, &symbols) && (!has_dwarf(reader->elf) || read_dwarf(reader));
    free_symbols(&symbols);
    return fine;
}

/* The debug file that the system has under this file's build id, or -1. */
static int open_debug_file(Elf *elf)
{
    const void *id;
    ssize_t size = dwelf_elf_gnu_build_id(elf, &id);
    char path[sizeof DEBUG_DIRECTORY + 2 * 64 + sizeof "//.debug"];
    if (size < 2 || size > 64) {
        return -1;
    }
    const unsigned char *byte = id;
    int at = snprintf(path, sizeof path, "%s/%02x/", DEBUG_DIRECTORY, byte[0]);
    for (ssize_t i = 1; i < size; i++) {
        at += snprintf(path + at, sizeof path - (size_t)at, "%02x", byte[i]);
    }
    snprintf(path + at, sizeof path - (size_t)at, ".debug");
    return open(path, O_RDONLY | O_CLOEXEC);
}

bool open_elf(struct reader *reader, int fd)
{
    struct stat status;
    if (fd < 0 || fstat(fd, &status) != 0) {
        return fail(reader, "%s", strerror(errno));
    }
    if (!S_ISREG(status.st_mode)) {
        return fail(reader, "not a regular file");
    }
    elf_version(EV_CURRENT);
    reader->size = (uint64_t)status.st_size;
    reader->elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
    return check_kind(reader);
}

/* Goes over to the separate debug file, where there is need of one and the system has it. */
static bool open_debug(struct reader *reader, int *debug)
{
    *debug = has_dwarf(reader->elf) ? -1 : open_debug_file(reader->elf);
    if (*debug < 0) {
        return true;
    }
    elf_end(reader->elf);
    return open_elf(reader, *debug);
}

bool symtab_read(struct symtab *table, struct intern *names, const char *path, char why[SYMTAB_WHY])
{
    struct reader reader = {.table = table, .names = names, .why = why};
    int debug = -1, fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* never waits for a pipe */
    bool fine = open_elf(&reader, fd) && open_debug(&reader, &debug) && read_elf(&reader);
    elf_end(reader.elf);
    if (debug >= 0) {
        close(debug);
    }
    if (fd >= 0) {
        close(fd);
    }
    return fine;
}

bool symtab_read_image(struct symtab *table, struct intern *names, char *image, size_t size,
                       char why[SYMTAB_WHY])
{
    struct reader reader = {.table = table, .names = names, .why = why};
    elf_version(EV_CURRENT);
    reader.elf = elf_memory(image, size);
    reader.size = size;
    bool fine = check_kind(&reader) && read_elf(&reader);
    elf_end(reader.elf);
    return fine;
}
