/* For Frama-C's Eva, a second opinion beside the proof: every path of the core, with requests and
 * answers of the system that are left open. It is analysed, never compiled. */
#include "../../src/persist.c"

#define GRANTS 3u

static volatile size_t any;

/* Each part is granted but once. Eva knows no addresses: whether one is aligned stays open. */
#define PART (2 * PERSIST_CHUNK)
static char memory[GRANTS * PART];
static size_t grants;

/* The system's answer to the next question, decided before it is asked: that is what its contract
 * says, and Eva believes contracts. */
static char *next;
static size_t next_size;

static size_t at_most(size_t most)
{
    size_t n = any;
    return n < most ? n : most;
}

static void foretell(void)
{
    next = any != 0 && grants < GRANTS ? memory + grants * PART : NULL;
    next_size = at_most(PART);
    //@ ghost sys_next = next;
    //@ ghost sys_next_size = next_size;
}

void *sys_alloc(size_t minimum, size_t wanted, size_t *granted)
/*@ ghost (struct persist_arena *arena) */
{
    //@ ghost sys_calls = sys_calls + 1;
    //@ ghost sys_minimum = minimum;
    //@ ghost sys_wanted = wanted;
    *granted = next_size;
    grants = next == NULL ? grants : grants + 1;
    return next;
}

static void request_any(struct persist_arena *arena, size_t size, size_t align)
{
    void *out = NULL;
    foretell();
    (void)persist_arena_alloc(arena, size, align, &out);
}

/* Entries that are not in use may hold anything: here addresses, since Eva
 * forgets which entry is the current one. */
static void fill(struct persist_arena *arena, size_t count)
{
    for (unsigned i = 0; i < PERSIST_REGIONS; i++) {
        arena->region[i].base = memory;
        arena->region[i].end = memory + PART;
    }
    arena->count = count;
}

int main(void)
{
    static struct persist_arena arena;
    static struct persist_arena full;
    static struct persist_stats stats;
    fill(&arena, 0);
    for (int i = 0; i < 3; i++) {
        request_any(&arena, any, any);
        request_any(&arena, at_most(1000), 16);
    }
    persist_arena_limit(&arena, any);
    request_any(&arena, any, any);
    arena.failures[PERSIST_NO_MEMORY] = any;
    request_any(&arena, SIZE_MAX, 0);
    fill(&full, PERSIST_REGIONS);
    request_any(&full, any, any);
    persist_arena_stats(&arena, &stats);
    return persist_arena_contains(&arena, memory) && persist_product(any, any) != 0;
}
