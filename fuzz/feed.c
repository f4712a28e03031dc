#include "feed.h"

#include "format.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MOST_REPLAYED = 4096, SEEN = 1 << 16 };

struct input {
    uint16_t size;
    uint8_t byte[MOST_INPUT];
};

static struct input *replayed;
static unsigned count;
static unsigned turn;

static const char *folder; /* to watch */
static uint64_t *seen;     /* hashes of the names that were given, open addressing; 0: free */
static unsigned seen_count;
static DIR *scan;
static time_t scanned;

static size_t read_input(const char *name, uint8_t *out, size_t most)
{
    char path[4096];
    ssize_t size = -1;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int file = open(path, O_RDONLY);
    if (file >= 0) {
        size = read(file, out, most);
        close(file);
    }
    return size > 0 ? (size_t)size : 0;
}

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static void load_all(void)
{
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, is_input, alphasort);
    replayed = calloc(MOST_REPLAYED, sizeof *replayed);
    for (int i = 0; i < n && replayed != NULL && count < MOST_REPLAYED; i++) {
        size_t size = read_input(entries[i]->d_name, replayed[count].byte, MOST_INPUT);
        replayed[count].size = (uint16_t)size;
        count += size != 0;
    }
    if (count == 0) {
        fprintf(stderr, "fuzz: no inputs to replay in %s\n", folder);
        exit(2);
    }
}

void feed_open(void)
{
    folder = getenv("PERSIST_FUZZ_REPLAY");
    if (folder != NULL) {
        load_all();
        return;
    }
    folder = getenv("PERSIST_FUZZ_FEED");
    if (folder != NULL) {
        seen = calloc(SEEN, sizeof *seen);
    }
}

/* Was the name new? */
static int remember(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name != 0; name++) {
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    }
    hash |= 1u;
    for (size_t i = (size_t)(hash >> 32) % SEEN;; i = (i + 1) % SEEN) {
        if (seen[i] == hash) {
            return 0;
        }
        if (seen[i] == 0) {
            if (seen_count < SEEN / 2) {
                seen[i] = hash;
                seen_count++;
            }
            return seen_count < SEEN / 2;
        }
    }
}

static size_t next_new(uint8_t *out, size_t most)
{
    const struct dirent *entry;
    if (scan == NULL) {
        time_t now = time(NULL);
        if (now == scanned) {
            return 0;
        }
        scanned = now;
        scan = opendir(folder);
    }
    while (scan != NULL && (entry = readdir(scan)) != NULL) {
        if (is_input(entry) && remember(entry->d_name)) {
            size_t size = read_input(entry->d_name, out, most);
            if (size != 0) {
                return size;
            }
        }
    }
    if (scan != NULL) {
        closedir(scan);
        scan = NULL;
    }
    return 0;
}

size_t feed_next(uint8_t *out, size_t most)
{
    if (count > 0) {
        const struct input *input = &replayed[turn++ % count];
        size_t size = input->size < most ? input->size : most;
        memcpy(out, input->byte, size);
        return size;
    }
    return seen != NULL ? next_new(out, most) : 0;
}
