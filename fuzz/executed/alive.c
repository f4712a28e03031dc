/* Does each clause notice a broken core? Every value that a function of the core sees or gives is
 * changed, one at a time, while inputs run; the clauses that then break are told.
 *
 *   alive PATH...        tries every change over these inputs: a line for each clause, with the change
 *                        and the input that break it, `first` if no other clause broke before
 *   alive --again FILE   tries the lines that the former wrote once more
 *
 * Exit: 0 every clause breaks, 1 not every one does, 2 misuse.
 */
#include "alive.h"

#include "control.h"
#include "format.h"
#include "ghost.h"
#include "report.h"
#include "system.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

/* What a broken core does besides is of no interest: it is to die quickly. */
const char *__asan_default_options(void)
{
    return "detect_leaks=0:symbolize=0:handle_segv=0:handle_sigbus=0:handle_sigfpe=0";
}

const char *__ubsan_default_options(void)
{
    return "symbolize=0";
}

enum {
    CLAUSES_MOST = 1000,
    INPUTS_MOST = 4000,
    PATIENCE = 1,
    NOTED_MOST = 1000,
    IN_VAIN = 10,
    STRIDE = 37
};

struct change {
    int function, moment, place, how, after;
};

struct seen {
    struct change change;
    int input;
    int known, first;
};

static struct {
    struct seen seen[CLAUSES_MOST];
    int places[2]; /* of the function at hand, at each moment; 0: never called */
    int found;     /* in this child */
    int step;      /* of the changes of one place: the one that is tried */
} * shared;

static struct {
    uint8_t byte[MOST_INPUT];
    size_t size;
    char path[256];
} input[INPUTS_MOST];
static int inputs;

static struct change now;
static int at_input, calls, noted;

/* ---- changes ---- */

static const char *const functions[] = {CHECKED_FUNCTIONS};
enum { FUNCTIONS = sizeof functions / sizeof functions[0], HOWS = 14 };

static size_t changed(size_t is, int how)
{
    switch (how) {
    case 0:
        return is + 1;
    case 1:
        return is - 1;
    case 2:
        return 0;
    case 3:
        return SIZE_MAX;
    case 4:
        return is * 2;
    case 5:
        return is + 4096;
    case 6:
        return is ^ 8u;
    case 7:
        return 1;
    case 8:
        return is + 64;
    case 9:
        return 4097;
    case 10:
        return is + ((size_t)1 << 24);
    case 11:
        return SIZE_MAX / 2;
    case 12:
        return (size_t)bystander;
    default:
        return is - 4096;
    }
}

/* Unused memory is poisoned, and is changed all the same. */
__attribute__((no_sanitize("address", "undefined"))) static void change(const struct place *place)
{
    size_t is = 0;
    volatile unsigned char *from = place->at;
    unsigned char *to = (unsigned char *)&is;
    for (size_t i = 0; i < place->size; i++) {
        to[i] = from[i];
    }
    is = changed(is, now.how);
    for (size_t i = 0; i < place->size; i++) {
        from[i] = to[i];
    }
}

static int is_named(const struct place *place, const char *name)
{
    return strcmp(place->name, name) == 0 && place->size == sizeof(void *);
}

/* The first byte of a block, where there is memory. */
static int block_of(const struct place *place, size_t *word, struct place *byte)
{
    char *block = (char *)word;
    if (is_named(place, "out") && word != NULL && memory_valid(word, sizeof *word)) {
        memcpy(&block, word, sizeof block);
    } else if (!is_named(place, "__retres") && !is_named(place, "base")) {
        return 0;
    }
    *byte = (struct place){block, 1, "byte"};
    return system_is_real((uintptr_t)block, 1);
}

/* A function's parameters and result; of a reply its parts. */
static int parts(const struct place *values, size_t n, struct place *part)
{
    int count = 0;
    for (size_t i = 0; i < n; i++) {
        struct persist_reply *reply = values[i].at;
        if (strcmp(values[i].name, "__retres") == 0 && values[i].size == sizeof *reply) {
            part[count++] = (struct place){&reply->status, sizeof reply->status, "status"};
            part[count++] = (struct place){&reply->block, sizeof reply->block, "__retres"};
        } else {
            part[count++] = values[i];
        }
    }
    return count;
}

/* What a function has: its parameters and result, and what they point to. */
static int more(const struct place *values, size_t places, struct place *all)
{
    struct place given[20];
    int n = parts(values, places, given);
    int count = 0;
    for (int i = 0; i < n; i++) {
        all[count++] = given[i];
    }
    for (int i = 0; i < n; i++) {
        size_t *word = NULL;
        memcpy(&word, given[i].at, given[i].size == sizeof word ? sizeof word : 0);
        size_t words = 0;
        if (strcmp(given[i].name, "arena") == 0) {
            words = offsetof(struct persist_arena, region) / sizeof *word + 8;
        } else if (strcmp(given[i].name, "stats") == 0) {
            words = sizeof(struct persist_stats) / sizeof *word;
        } else if (strcmp(given[i].name, "out") == 0 || strcmp(given[i].name, "granted") == 0) {
            words = given[i].size == sizeof word && memory_valid(word, sizeof *word);
        }
        count += block_of(&given[i], word, &all[count]);
        for (size_t w = 0; word != NULL && w < words; w++) {
            all[count++] = (struct place){word + w, sizeof *word, "field"};
        }
        if (strcmp(given[i].name, "shift") == 0 && given[i].size == sizeof word && word != NULL) {
            all[count++] = (struct place){word, sizeof(unsigned), "*shift"};
        }
        if (strcmp(given[i].name, "arena") == 0 && word != NULL) {
            struct persist_arena *arena = (struct persist_arena *)(void *)word;
            size_t last =
                arena->count != 0 && arena->count < PERSIST_REGIONS ? arena->count - 1 : 0;
            all[count++] = (struct place){&arena->region[last].base, sizeof(char *), "last.base"};
            all[count++] = (struct place){&arena->region[last].end, sizeof(char *), "last.end"};
            if (arena->off != 0 && memory_valid(arena->base, arena->off)) {
                all[count++] = (struct place){arena->base, 1, "unused[0]"};
                all[count++] = (struct place){arena->base + arena->off - 1, 1, "unused[last]"};
            }
        }
    }
    static size_t *const ghosts[] = {&sys_calls, &sys_minimum, &sys_wanted, &sys_answer_size};
    for (size_t i = 0; i < sizeof ghosts / sizeof ghosts[0]; i++) {
        all[count++] = (struct place){ghosts[i], sizeof(size_t), "sys"};
    }
    all[count++] = (struct place){&sys_answer, sizeof sys_answer, "sys_answer"};
    all[count++] = (struct place){&bystander_size, sizeof bystander_size, "bystander_size"};
    return count;
}

void spoil(const char *function, enum moment moment, const struct place *place, size_t places)
{
    static struct place all[400];
    if (strcmp(function, functions[now.function]) != 0) {
        return;
    }
    int n = more(place, places, all);
    if (n > shared->places[moment]) {
        shared->places[moment] = n;
    }
    if ((int)moment == now.moment && now.place < n && calls++ >= now.after) {
        change(&all[now.place]);
    }
}

/* ---- what breaks ---- */

static void note(int clause)
{
    if (clause >= 0 && clause < CLAUSES_MOST) {
        struct seen *seen = &shared->seen[clause];
        if (!seen->known || (!seen->first && !noted)) {
            *seen = (struct seen){now, at_input, 1, !noted};
            shared->found++;
        }
    }
    if (++noted > NOTED_MOST) {
        report_abandon();
    }
}

void settle(void)
{
    if (noted) {
        report_abandon();
    }
}

static void leave(unsigned kind)
{
    (void)kind;
    report_abandon();
}

static void run(int number)
{
    at_input = number;
    noted = 0;
    calls = 0;
    LLVMFuzzerTestOneInput(input[number].byte, input[number].size);
}

static const int afters[] = {0, 2};
enum { AFTERS = sizeof afters / sizeof afters[0] };

/* These changes of one place, in a process of its own: a broken core may do anything. Returns at the
 * first one that kills it. */
static void attempt(int to_step, int to)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (freopen("/dev/null", "w", stderr) == NULL) {
            _exit(1);
        }
        for (; shared->step < to_step; shared->step++) {
            int vain = 0;
            if (to_step > 1) {
                now.how = shared->step / AFTERS;
                now.after = afters[shared->step % AFTERS];
            }
            alarm(PATIENCE);
            for (int i = 0; i < to && vain < IN_VAIN; i++) {
                int before = shared->found;
                run(i * STRIDE % to); /* neighbours in the folder are alike */
                vain = shared->found == before ? vain + 1 : 0;
            }
        }
        _exit(0);
    }
    if (child < 0 || waitpid(child, &status, 0) != child) {
        perror("alive: cannot start a process");
        exit(2);
    }
}

static int count_clauses(void)
{
    int n = 0;
    while (clause_names[n] != NULL) {
        n++;
    }
    return n;
}

static int told(void)
{
    int clauses_ = count_clauses();
    int dead = 0;
    for (int i = 0; i < clauses_; i++) {
        const struct seen *seen = &shared->seen[i];
        dead += !seen->known;
        if (!seen->known) {
            printf("never\t%s\n", clause_names[i]);
            continue;
        }
        printf("%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s\n", seen->first ? "first" : "after", clause_names[i],
               functions[seen->change.function], seen->change.moment, seen->change.place,
               seen->change.how, seen->change.after, input[seen->input].path);
    }
    return dead == 0 ? 0 : 1;
}

/* Are all clauses of the function at hand seen breaking first? */
static int is_done(void)
{
    size_t length = strlen(functions[now.function]);
    for (int i = 0; clause_names[i] != NULL; i++) {
        if (strncmp(clause_names[i], functions[now.function], length) == 0 &&
            clause_names[i][length] == '.' && !(shared->seen[i].known && shared->seen[i].first)) {
            return 0;
        }
    }
    return 1;
}

static int every_change(void)
{
    for (now.function = 0; now.function < FUNCTIONS; now.function++) {
        shared->places[BEGIN] = shared->places[END] = 1;
        for (now.moment = BEGIN; now.moment <= END; now.moment++) {
            for (now.place = 0; now.place < shared->places[now.moment] && !is_done(); now.place++) {
                for (shared->step = 0; shared->step < HOWS * AFTERS; shared->step++) {
                    attempt(HOWS * AFTERS, inputs);
                }
            }
        }
        fprintf(stderr, "%s: %d and %d places\n", functions[now.function], shared->places[BEGIN],
                shared->places[END]);
    }
    return told();
}

/* ---- inputs, and lines of before ---- */

static int add_input(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL || inputs == INPUTS_MOST) {
        fprintf(stderr, "alive: cannot read %s\n", path);
        exit(2);
    }
    input[inputs].size = fread(input[inputs].byte, 1, MOST_INPUT, file);
    snprintf(input[inputs].path, sizeof input[inputs].path, "%s", path);
    fclose(file);
    return inputs++;
}

static void add(const char *path)
{
    struct dirent **entries = NULL;
    int n = scandir(path, &entries, NULL, alphasort);
    if (n < 0) {
        add_input(path);
        return;
    }
    for (int i = 0; i < n; i++) {
        char inner[512];
        snprintf(inner, sizeof inner, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && strcmp(entries[i]->d_name, "README.md") != 0) {
            add_input(inner);
        }
        free(entries[i]);
    }
    free(entries);
}

static int index_of(const char *name, const char *const *names, int n)
{
    for (int i = 0; i < n; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

static int again(const char *path)
{
    char how[16];
    char clause[128];
    char function[64];
    char at[256];
    int clauses_ = count_clauses();
    int tried = 0;
    int dead = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "alive: cannot read %s\n", path);
        return 2;
    }
    while (fscanf(file, "%15s %127s %63s %d %d %d %d %255s\n", how, clause, function, &now.moment,
                  &now.place, &now.how, &now.after, at) == 8) {
        int which = index_of(clause, clause_names, clauses_);
        now.function = index_of(function, functions, FUNCTIONS);
        tried++;
        if (which < 0 || now.function < 0) { /* it or the function is gone */
            printf("%s breaks no more as it did\n", clause);
            dead++;
            continue;
        }
        inputs = 0;
        add_input(at);
        shared->seen[which] = (struct seen){0};
        shared->step = 0;
        attempt(1, 1);
        if (!shared->seen[which].known ||
            shared->seen[which].first != (strcmp(how, "first") == 0)) {
            printf("%s breaks no more as it did\n", clause);
            dead++;
        }
    }
    fclose(file);
    printf("%d of %d clauses seen breaking\n", tried - dead, clauses_);
    return dead == 0 && tried != 0 ? 0 : 1;
}

int main(int argc, char **argv)
{
    shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED || argc < 2) {
        fputs("usage: alive PATH... | --again FILE\n", stderr);
        return 2;
    }
    LLVMFuzzerInitialize(&argc, &argv);
    oracle_on = 0;
    clause_noted = note;
    report_broke = leave;
    if (argc == 3 && strcmp(argv[1], "--again") == 0) {
        return again(argv[2]);
    }
    for (int i = 1; i < argc; i++) {
        add(argv[i]);
    }
    return every_change();
}
