/* Runs inputs without an engine.
 *
 *   replay PATH...             every input of these files and folders; dies of the first that breaks
 *                              a property
 *   replay --show FILE         what one input does, as C, and which property it breaks
 *   replay --outcomes PATH...  a line for each: the property it breaks or `clean`, and its path
 *   replay --properties PATH...  the properties that they break, a line each
 *   replay --kinds             the names of all that can be found, a line each
 *   replay --minimize IN OUT   writes the shortest input found that breaks the same property
 *
 * Exit: 0 fine, 1 --show or --minimize found a broken property, 2 cannot read or write.
 */
#include "control.h"
#include "format.h"
#include "report.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
const char *__asan_default_options(void);
void __sanitizer_set_death_callback(void (*callback)(void)) __attribute__((weak));

enum { BROKE = 100, PATIENCE = 10 };

struct input {
    uint8_t byte[1 << 16];
    size_t size;
};

/* Nothing is allocated here, and the leak checker needs rights that not everybody has. */
const char *__asan_default_options(void)
{
    return "detect_leaks=0";
}

static void fatal(const char *what, const char *path)
{
    fprintf(stderr, "replay: cannot %s %s\n", what, path);
    exit(2);
}

static void read_file(const char *path, struct input *input)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fatal("read", path);
    }
    input->size = fread(input->byte, 1, sizeof input->byte, file);
    if (ferror(file)) {
        fatal("read", path);
    }
    fclose(file);
}

static void run(const struct input *input)
{
    /* As engines do: an access past the end is seen. */
    uint8_t *copy = malloc(input->size == 0 ? 1 : input->size);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, input->byte, input->size);
    LLVMFuzzerTestOneInput(copy, input->size);
    free(copy);
}

/* ---- in a process of its own ---- */

/* Where the kind goes; there are more than an exit status can tell. */
static int told[2];

static void tell(unsigned kind)
{
    if (write(told[1], &kind, sizeof kind) != sizeof kind) {
        _exit(1);
    }
    _exit(BROKE);
}

static int outcome(const struct input *input)
{
    int status = 0;
    unsigned kind = 0;
    fflush(NULL);
    if (pipe(told) != 0) {
        fatal("open", "a pipe");
    }
    pid_t child = fork();
    if (child < 0) {
        fatal("start", "a process");
    }
    if (child == 0) {
        report_broke = tell;
        alarm(PATIENCE);
        if (freopen("/dev/null", "w", stderr) == NULL) {
            _exit(1);
        }
        run(input);
        _exit(0);
    }
    if (waitpid(child, &status, 0) != child) {
        fatal("wait for", "a process");
    }
    close(told[1]);
    int is_told = WIFEXITED(status) && WEXITSTATUS(status) == BROKE &&
                  read(told[0], &kind, sizeof kind) == sizeof kind;
    close(told[0]);
    if (is_told) {
        return (int)kind;
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? -1 : BROKE_MEMORY;
}

static const char *outcome_name(int kind)
{
    return kind < 0 ? "clean" : kind_name((unsigned)kind);
}

/* ---- the shortest input ---- */

/* Takes the smaller candidate if it breaks the same. */
static int try(struct input *best, const struct input *candidate, int property)
{
    if (outcome(candidate) != property) {
        return 0;
    }
    *best = *candidate;
    return 1;
}

static int without(struct input *best, size_t from, size_t n, int property)
{
    static struct input candidate;
    candidate = *best;
    if (from + n > best->size) {
        n = best->size - from;
    }
    memmove(candidate.byte + from, candidate.byte + from + n, best->size - from - n);
    candidate.size -= n;
    return try(best, &candidate, property);
}

static int fewer_operations(struct input *best, int property)
{
    int better = 0;
    for (size_t n = (best->size / OP_BYTES + 1) / 2; n > 0; n /= 2) {
        size_t from = 1;
        while (from < best->size) {
            if (without(best, from, n * OP_BYTES, property)) {
                better = 1;
            } else {
                from += n * OP_BYTES;
            }
        }
    }
    return better;
}

/* Each byte 0 if that will do, else with as few bits as will do. */
static void simpler_bytes(struct input *best, int property)
{
    static struct input candidate;
    for (size_t i = 1; i < best->size; i++) {
        candidate = *best;
        candidate.byte[i] = 0;
        if (best->byte[i] == 0 || try(best, &candidate, property)) {
            continue;
        }
        for (unsigned bit = 128; bit > 0; bit /= 2) {
            candidate = *best;
            candidate.byte[i] &= (uint8_t)~bit;
            if (best->byte[i] & bit) {
                try(best, &candidate, property);
            }
        }
    }
}

static int minimize(const char *in, const char *out)
{
    static struct input best;
    read_file(in, &best);
    int property = outcome(&best);
    if (property < 0) {
        printf("clean\n");
        return 0;
    }
    if (best.size > MOST_INPUT) {
        best.size = MOST_INPUT;
    }
    while (fewer_operations(&best, property)) {
    }
    simpler_bytes(&best, property);
    fewer_operations(&best, property);
    FILE *file = fopen(out, "wb");
    if (file == NULL || fwrite(best.byte, 1, best.size, file) != best.size || fclose(file) != 0) {
        fatal("write", out);
    }
    printf("%s\n", outcome_name(property));
    return 1;
}

/* ---- one input, shown ---- */

static void show_death(void)
{
    const char *promise = report_promise == NULL ? NULL : report_promise(BROKE_MEMORY);
    fprintf(stderr, "\nproperty: %s\n", kind_name(BROKE_MEMORY));
    if (promise != NULL) {
        fprintf(stderr, "promised: %s\n", promise);
    }
    fputs("\n", stderr);
    report_listing();
}

static void on_signal(int number)
{
    fprintf(stderr, "signal %d: %s\n", number, strsignal(number));
    show_death();
    _exit(1);
}

/* The last thing that is left of a clean input before the harness forgets it. */
static void show_end(void)
{
    report_listing();
}

static int show(const char *path)
{
    static struct input input;
    static const int numbers[] = {SIGALRM, SIGSEGV, SIGBUS, SIGILL, SIGFPE};
    read_file(path, &input);
    if (__sanitizer_set_death_callback != NULL) {
        __sanitizer_set_death_callback(show_death);
        signal(SIGALRM, on_signal);
    } else {
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
            signal(numbers[i], on_signal);
        }
    }
    alarm(PATIENCE);
    report_end = show_end;
    run(&input);
    fprintf(stderr, "\nno property is broken\n");
    return 0;
}

/* ---- many ---- */

static unsigned ran;

static void run_path(const char *path, int outcomes)
{
    static struct input input;
    struct stat about = {0}; /* clang 14 does not know that stat writes it */
    struct dirent **entries = NULL;
    if (stat(path, &about) != 0) {
        fatal("read", path);
    }
    if (S_ISDIR(about.st_mode)) {
        int n = scandir(path, &entries, NULL, alphasort);
        if (n < 0) {
            fatal("read", path);
        }
        for (int i = 0; i < n; i++) {
            char inner[4096];
            snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
            if (entries[i]->d_name[0] != '.' && strcmp(entries[i]->d_name, "README.md") != 0) {
                run_path(inner, outcomes);
            }
            free(entries[i]);
        }
        free(entries);
        return;
    }
    read_file(path, &input);
    ran++;
    if (outcomes) {
        printf("%s\t%s\n", outcome_name(outcome(&input)), path);
        return;
    }
    report_input = path;
    run(&input);
}

/* Says it, the first time, and goes on with the next input. */
static void collect(unsigned kind)
{
    static unsigned char broken[CONTROL_KINDS];
    if (!broken[kind]) {
        puts(kind_name(kind));
        fflush(stdout);
    }
    broken[kind] = 1;
    report_abandon();
}

static int list_kinds(void)
{
    for (unsigned kind = 0; kind_name(kind) != NULL; kind++) {
        puts(kind_name(kind));
    }
    return 0;
}

enum mode { DIE, OUTCOMES, COLLECT };

static int usage(void)
{
    fputs("usage: replay [--kinds | --show FILE | --minimize IN OUT |"
          " [--outcomes | --properties] PATH...]\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    LLVMFuzzerInitialize(&argc, &argv);
    if (argc == 2 && strcmp(argv[1], "--kinds") == 0) {
        return list_kinds();
    }
    if (argc == 3 && strcmp(argv[1], "--show") == 0) {
        return show(argv[2]);
    }
    if (argc == 4 && strcmp(argv[1], "--minimize") == 0) {
        return minimize(argv[2], argv[3]);
    }
    enum mode mode = argc < 2                               ? DIE
                     : strcmp(argv[1], "--outcomes") == 0   ? OUTCOMES
                     : strcmp(argv[1], "--properties") == 0 ? COLLECT
                                                            : DIE;
    int first = mode == DIE ? 1 : 2;
    if (argc <= first || argv[first][0] == '-') {
        return usage();
    }
    report_broke = mode == COLLECT ? collect : NULL;
    for (int i = first; i < argc; i++) {
        run_path(argv[i], mode == OUTCOMES);
    }
    if (mode == DIE) {
        printf("%u inputs, no property broken\n", ran);
    }
    return 0;
}
