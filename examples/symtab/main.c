/* The command: addresses in, functions and lines out, in addr2line's form. */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "persist.h"
#include "persist_posix.h"
#include "symtab.h"

#define INPUT 65536u

enum { FINE, FAILED, MISUSE };

/* A file, and where it is loaded: what is added to its own addresses. */
struct module {
    const char *path;
    uint64_t base;
    struct symtab table;
};

struct program {
    struct module *modules;
    size_t count;
    bool stats;
};

static const char usage[] =
    "Usage: symtab [--stats] FILE [ADDRESS...]\n"
    "       symtab [--stats] -e FILE[@BASE] [-e FILE[@BASE]]... [ADDRESS...]\n"
    "\n"
    "Prints the function and the source line of each address, as addr2line -f does.\n"
    "Without ADDRESS, addresses are read from standard input, one on each line.\n"
    "With several files, those which overlap need the addresses they are loaded at: BASE.\n"
    "ADDRESS and BASE are hexadecimal.\n"
    "--stats: what was read, how long it took and the memory it takes, on standard error\n"
    "Exit: 0 fine, 1 a file that cannot be read, 2 misuse.\n";

static int misuse(const char *what, const char *value)
{
    fprintf(stderr, "symtab: %s%s%s%s; see symtab --help\n", what, value == NULL ? "" : " '",
            value == NULL ? "" : value, value == NULL ? "" : "'");
    return MISUSE;
}

/* A hexadecimal number, with 0x or without. */
static bool parse(const char *text, uint64_t *number)
{
    char *end;
    if (!isxdigit((unsigned char)text[0])) {
        return false;
    }
    errno = 0;
    *number = strtoull(text, &end, 16);
    return *end == '\0' && errno == 0;
}

/* ---- answers ---- */

static const struct module *module_at(const struct program *program, uint64_t address)
{
    for (size_t i = 0; i < program->count; i++) {
        const struct module *module = &program->modules[i];
        const struct section *sections = module->table.sections;
        size_t count = module->table.section_count;
        if (count > 0 && address - module->base >= sections[0].low &&
            address - module->base < sections[count - 1].high) {
            return module;
        }
    }
    return NULL;
}

/* The program has one thread: standard output needs no lock. */
static void put(const char *text)
{
    fputs_unlocked(text, stdout);
}

static void put_number(uint32_t number)
{
    char digits[] = "4294967295", *at = digits + sizeof digits - 1;
    do {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put(at);
}

static void answer(const struct program *program, uint64_t address)
{
    struct answer found = {0};
    const struct module *module = module_at(program, address);
    bool known = module != NULL && symtab_find(&module->table, address - module->base, &found);
    put(found.function == NULL ? "??" : found.function);
    put("\n");
    put(found.file == NULL ? "??" : found.file);
    if (found.line == 0) {
        put(known ? ":?" : ":0");
    } else {
        put(":");
        put_number(found.line);
    }
    if (found.line != 0 && found.discriminator != 0) {
        put(" (discriminator ");
        put_number(found.discriminator);
        put(")");
    }
    put("\n");
}

static int answer_text(const struct program *program, const char *text)
{
    uint64_t address;
    if (!parse(text, &address)) {
        return misuse("addresses are hexadecimal, as in 0x4011d6, not", text);
    }
    answer(program, address);
    return FINE;
}

/* Answers the whole lines in the buffer and returns how many bytes they took. */
static size_t answer_lines(const struct program *program, char *buffer, size_t size, int *status)
{
    size_t done = 0;
    char *end;
    while (*status == FINE && (end = memchr(buffer + done, '\n', size - done)) != NULL) {
        *end = '\0';
        *status = answer_text(program, buffer + done);
        done = (size_t)(end - buffer) + 1;
    }
    return done;
}

/* What has been asked is answered before more is waited for: so a program can ask through pipes. */
static int answer_input(const struct program *program)
{
    static char buffer[INPUT + 1];
    size_t size = 0;
    int status = FINE;
    ssize_t got;
    while (status == FINE && (got = read(STDIN_FILENO, buffer + size, INPUT - size)) > 0) {
        size += (size_t)got;
        size_t done = answer_lines(program, buffer, size, &status);
        size -= done;
        memmove(buffer, buffer + done, size);
        if (size == INPUT) {
            status = misuse("a line of standard input is too long to be an address", NULL);
        }
        fflush(stdout);
    }
    if (status == FINE && size > 0) {
        buffer[size] = '\0';
        status = answer_text(program, buffer);
    }
    return status;
}

/* ---- files ---- */

/* FILE or FILE@BASE, where what follows the last @ is a number. */
static void parse_module(struct module *module, char *text, bool based)
{
    char *at = based ? strrchr(text, '@') : NULL;
    module->path = text;
    if (at != NULL && parse(at + 1, &module->base)) {
        *at = '\0';
    }
}

static uint64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void print_stats(const struct program *program, uint64_t started)
{
    struct persist_stats stats;
    struct mallinfo2 heap = mallinfo2();
    size_t functions = 0, spans = 0, lines = 0;
    for (size_t i = 0; i < program->count; i++) {
        functions += program->modules[i].table.function_count;
        spans += program->modules[i].table.span_count;
        lines += program->modules[i].table.line_count;
    }
    persist_statistics(&stats);
    fprintf(stderr,
            "files %zu functions %zu spans %zu lines %zu ms %" PRIu64
            " persistent %zu granted %zu heap %zu\n",
            program->count, functions, spans, lines, milliseconds() - started, stats.requested,
            stats.granted, heap.uordblks + heap.hblkhd);
}

static const struct module *overlapping(const struct program *program, size_t i)
{
    const struct module *module = &program->modules[i];
    const struct symtab *table = &module->table;
    for (size_t j = 0; j < i; j++) {
        const struct module *other = &program->modules[j];
        const struct symtab *others = &other->table;
        if (table->section_count > 0 && others->section_count > 0 &&
            table->sections[0].low + module->base <
                others->sections[others->section_count - 1].high + other->base &&
            others->sections[0].low + other->base <
                table->sections[table->section_count - 1].high + module->base) {
            return other;
        }
    }
    return NULL;
}

static int read_modules(struct program *program)
{
    static struct intern names;
    uint64_t started = milliseconds();
    for (size_t i = 0; i < program->count; i++) {
        struct module *module = &program->modules[i];
        char why[SYMTAB_WHY] = "";
        if (!symtab_read(&module->table, &names, module->path, why)) {
            fprintf(stderr, "symtab: %s: %s\n", module->path, why);
            return FAILED;
        }
        const struct module *other = overlapping(program, i);
        if (other != NULL) {
            fprintf(stderr, "symtab: %s and %s overlap; say where they are loaded: -e FILE@BASE\n",
                    other->path, module->path);
            return MISUSE;
        }
    }
    malloc_trim(0);
    if (program->stats) {
        print_stats(program, started);
    }
    return FINE;
}

/* Takes options and files from the command line; returns the index of the first address, or 0
 * where `status` says how it ended. */
static int parse_arguments(struct program *program, int argc, char **argv, int *status)
{
    int i = 1;
    *status = FINE;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(usage, stdout);
            return 0;
        }
        if (strcmp(argv[i], "--stats") == 0) {
            program->stats = true;
        } else if (strcmp(argv[i], "-e") == 0) {
            if (++i == argc) {
                *status = misuse("-e needs a file", NULL);
                return 0;
            }
            parse_module(&program->modules[program->count++], argv[i], true);
        } else {
            *status = misuse("no option", argv[i]);
            return 0;
        }
    }
    if (program->count == 0) {
        if (i == argc) {
            *status = misuse("no file given", NULL);
            return 0;
        }
        parse_module(&program->modules[program->count++], argv[i++], false);
    }
    return i;
}

int main(int argc, char **argv)
{
    struct program program = {.modules = calloc((size_t)argc + 1, sizeof *program.modules)};
    static char output[INPUT];
    int status;
    setvbuf(stdout, output, _IOFBF, sizeof output);
    /* The tables fill what they take, and page faults are a third of the time of the walks. */
    persist_posix_options(PERSIST_COMMIT_AHEAD);
    if (program.modules == NULL) {
        fputs("symtab: out of memory\n", stderr);
        return FAILED;
    }
    int next = parse_arguments(&program, argc, argv, &status);
    if (next > 0) {
        uint64_t ignored;
        for (int i = next; i < argc && status == FINE; i++) {
            status = parse(argv[i], &ignored)
                         ? FINE
                         : misuse("addresses are hexadecimal, as in 0x4011d6, not", argv[i]);
        }
        if (status == FINE) {
            status = read_modules(&program);
        }
        for (int i = next; i < argc && status == FINE; i++) {
            status = answer_text(&program, argv[i]);
        }
        if (next == argc && status == FINE) {
            status = answer_input(&program);
        }
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("symtab: standard output cannot be written\n", stderr);
        status = status == FINE ? FAILED : status;
    }
    free(program.modules);
    return status;
}
