/* Builds the table of functions of one ELF file by one of two schemes, and prints what each step
 * took.
 *
 * old: the tables are from the C heap and the strings in one big block of it. How big it has to be
 *      takes a walk of its own: four walks.
 * new: each string is persistentalloc's, as the table is: three walks, those of examples/symtab.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "persist.h"
#include "sys.h"
#include "walks.h"

#define WALKS 4

/* What is measured: nanoseconds, page faults, bytes. */
struct measure {
    uint64_t parse, walks[WALKS], allocate, sort;
    long faults;
    size_t heap, persistent, granted, functions;
    int count;
};

/* Of the processor: what other programs take of it does not count. */
static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static long faults(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_minflt;
}

static size_t heap(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* ---- memory ---- */

static void stop(const char *what, const char *why)
{
    fprintf(stderr, "walks: %s: %s\n", what, why);
    exit(1);
}

#define POOL (32u << 20) /* the largest block that can be kept from being mapped on its own */

/* The seam of the benchmark. cold: as the library's. ahead: as the library's with
 * PERSIST_COMMIT_AHEAD, which symtab asks for. warm: memory that has been touched before. */
static char *pool;
static size_t pool_used;
static bool ahead;

static char *map(size_t size)
{
    char *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) {
        return NULL;
    }
    if (ahead) {
        (void)madvise(memory, size, MADV_POPULATE_WRITE);
    }
    return memory;
}

void *sys_alloc(size_t minimum, size_t wanted, size_t *granted)
{
    (void)minimum;
    *granted = wanted;
    if (pool == NULL || wanted > POOL - pool_used) {
        return map(wanted);
    }
    pool_used += wanted;
    return pool + pool_used - wanted;
}

/* From here on memory costs neither scheme a page fault, nor does zeroing what is zero. */
static void warm_up(void)
{
    pool = map(POOL);
    char *top = NULL;
    if (mallopt(M_MMAP_THRESHOLD, POOL) == 1 && mallopt(M_TRIM_THRESHOLD, 2 * POOL) == 1) {
        top = malloc(POOL - 4096);
    }
    if (pool == NULL || top == NULL) {
        stop("memory", "none");
    }
    memset(pool, 0, POOL);
    memset(top, 1, POOL - 4096);
    __asm__ volatile("" : : "r"(top) : "memory"); /* or else the compiler drops the three lines */
    free(top);
}

/* So that no walk is the one that waits for the file. */
static void read_through(const struct symbols *symbols)
{
    volatile unsigned sum = 0;
    (void)sum;
    for (size_t i = 0; i < symbols->count * sizeof(Elf64_Sym); i += 64) {
        sum += (unsigned char)symbols->entries[i];
    }
    for (size_t i = 0; i < symbols->strings_size; i += 64) {
        sum += (unsigned char)symbols->strings[i];
    }
}

/* ---- the old scheme's strings ---- */

static char *huge;
static size_t huge_length;

/* In the first pass over the strings there is no block yet: their lengths are added up. */
static const char *append(const char *string)
{
    size_t size = strlen(string) + 1;
    char *copy = huge == NULL ? NULL : huge + huge_length;
    huge_length += size;
    return copy == NULL ? "" : memcpy(copy, string, size);
}

static void append_function(struct walk *walk, const Elf64_Sym *symbol, const char *name,
                            const struct section *section)
{
    if (section == NULL) {
        walk->file = name;
        walk->file_kept = NULL;
        return;
    }
    struct function *function = &walk->functions[walk->next++];
    function->name = append(name);
    if (walk->file != NULL && (ELF64_ST_BIND(symbol->st_info) == STB_LOCAL || !walk->file_after)) {
        if (walk->file_kept == NULL) {
            walk->file_kept = append(walk->file);
        }
        function->file = walk->file_kept;
    }
}

/* ---- the two schemes ---- */

static void timed(struct measure *measure, struct walk *walk, visit *visit)
{
    uint64_t start = now();
    if (!walk_symbols(walk, visit)) {
        stop("symbols", walk->reader->why);
    }
    measure->walks[measure->count++] = now() - start;
}

static void *from_heap(size_t size, bool zeroed)
{
    void *memory = zeroed ? calloc(1, size) : malloc(size);
    if (memory == NULL) {
        stop("memory", "none");
    }
    return memory;
}

static void build_old(struct measure *measure, struct walk *walk)
{
    timed(measure, walk, count_function);
    uint64_t start = now();
    walk->functions = from_heap(walk->next * sizeof *walk->functions, true);
    measure->allocate += now() - start;
    timed(measure, walk, fill_function);
    timed(measure, walk, append_function);
    start = now();
    huge = from_heap(huge_length, false);
    measure->allocate += now() - start;
    huge_length = 0;
    timed(measure, walk, append_function);
}

static void build_new(struct measure *measure, struct walk *walk)
{
    timed(measure, walk, count_function);
    uint64_t start = now();
    walk->functions = persist_array(walk->next, sizeof *walk->functions, 0);
    measure->allocate += now() - start;
    timed(measure, walk, fill_function);
    timed(measure, walk, name_function);
}

/* What both schemes have to agree on. */
static uint64_t digest(const struct function *functions, size_t count)
{
    uint64_t digest = 0;
    for (size_t i = 0; i < count; i++) {
        const char *strings[] = {functions[i].name, functions[i].file};
        digest = (digest ^ functions[i].low) * UINT64_C(0x100000001b3);
        for (int j = 0; j < 2; j++) {
            for (const char *at = strings[j] == NULL ? "" : strings[j]; *at != '\0'; at++) {
                digest = (digest ^ (unsigned char)*at) * UINT64_C(0x100000001b3);
            }
        }
    }
    return digest;
}

static void print(const struct measure *measure, uint64_t digest)
{
    printf("{\"functions\": %zu, \"digest\": %" PRIu64 ", \"walks\": [", measure->functions,
           digest);
    for (int i = 0; i < measure->count; i++) {
        printf("%s%" PRIu64, i == 0 ? "" : ", ", measure->walks[i]);
    }
    printf("], \"parse\": %" PRIu64 ", \"allocate\": %" PRIu64 ", \"sort\": %" PRIu64
           ", \"faults\": %ld, \"heap\": %zu, \"persistent\": %zu, \"granted\": %zu}\n",
           measure->parse, measure->allocate, measure->sort, measure->faults, measure->heap,
           measure->persistent, measure->granted);
}

int main(int argc, char **argv)
{
    struct symtab table = {0};
    struct intern names = {0};
    struct symbols symbols = {0};
    struct measure measure = {0};
    struct persist_stats before, after;
    char why[SYMTAB_WHY] = "";
    struct reader reader = {.table = &table, .names = &names, .why = why};
    struct walk walk = {.reader = &reader, .symbols = &symbols};
    bool old = argc == 4 && strcmp(argv[1], "old") == 0;
    bool warm = argc == 4 && strcmp(argv[2], "warm") == 0;
    ahead = argc == 4 && strcmp(argv[2], "ahead") == 0;
    if (argc != 4 || (!old && strcmp(argv[1], "new") != 0) ||
        (!warm && !ahead && strcmp(argv[2], "cold") != 0)) {
        fputs("usage: walks old|new cold|ahead|warm FILE\n", stderr);
        return 2;
    }
    if (warm) {
        warm_up();
    }
    uint64_t start = now();
    int fd = open(argv[3], O_RDONLY);
    if (!open_elf(&reader, fd)) {
        stop(argv[3], why);
    }
    if (!read_sections(&reader) || !load_symbols(&reader, &symbols)) {
        stop(argv[3], why);
    }
    measure.parse = now() - start;
    read_through(&symbols);
    persist_statistics(&before);
    size_t heap_before = heap();
    long faults_before = faults();
    (old ? build_old : build_new)(&measure, &walk);
    measure.faults = faults() - faults_before;
    persist_statistics(&after);
    measure.heap = heap() - heap_before;
    measure.persistent = after.requested - before.requested;
    measure.granted = after.granted - before.granted;
    start = now();
    measure.functions = sort_functions(walk.functions, walk.next);
    measure.sort = now() - start;
    print(&measure, digest(walk.functions, measure.functions));
    elf_end(reader.elf);
    close(fd);
    return 0;
}
