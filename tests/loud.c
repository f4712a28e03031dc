/* One deed an invocation, for the tools that watch programs: those named bad- must be heard. */
#include "persist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct persist_arena arena;

static char *from_arena(size_t size)
{
    void *block = NULL;
    return persist_arena_alloc(&arena, size, 8, &block) == PERSIST_OK ? block : NULL;
}

/* All of its bytes, and those of a large one. */
static void write_blocks(char *small, char *large)
{
    memset(small, 1, 24);
    memset(large, 1, 100000);
    printf("%d\n", small[23] + large[99999]);
}

/* The byte below a block is not handed out yet. (The compiler, told of the block's size, would warn
 * if it saw where the pointer comes from.) */
static void write_below(char *block)
{
    char *volatile hidden = block;
    *(volatile char *)(hidden - 1) = 1;
}

static void lose(void)
{
    volatile char *volatile lost = malloc(1000);
    lost[0] = 1;
    lost = NULL;
}

int main(int argc, char **argv)
{
    const char *deed = argc > 1 ? argv[1] : "";
    if (strcmp(deed, "good-process") == 0) {
        write_blocks(persistentalloc(24, 8), persistentalloc(100000, 8));
    } else if (strcmp(deed, "good-arena") == 0) {
        write_blocks(from_arena(24), from_arena(100000));
    } else if (strcmp(deed, "good-heap") == 0) {
        void **root = persistentalloc(sizeof *root, 8);
        *root = malloc(1000);
    } else if (strcmp(deed, "bad-process") == 0) {
        write_below(persistentalloc(24, 8));
    } else if (strcmp(deed, "bad-process-large") == 0) {
        write_below(persistentalloc(100000, 8));
    } else if (strcmp(deed, "bad-arena") == 0) {
        write_below(from_arena(24));
    } else if (strcmp(deed, "bad-heap") == 0) {
        lose();
    } else {
        fprintf(stderr, "loud: no deed '%s'\n", deed);
        return 2;
    }
    return 0;
}
