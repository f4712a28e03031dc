#include "control.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static struct control own;
struct control *control = &own;
int oracle_on = 1;
int every_byte;

static int is(const char *variable, const char *value)
{
    const char *found = getenv(variable);
    return found != NULL && strcmp(found, value) == 0;
}

void control_open(void)
{
    const char *path = getenv("PERSIST_FUZZ_CONTROL");
    oracle_on = !is("PERSIST_FUZZ_ORACLE", "off");
    every_byte = is("PERSIST_FUZZ_EVERY_BYTE", "1");
    if (path == NULL) {
        return;
    }
    int file = open(path, O_RDWR);
    void *map = MAP_FAILED;
    if (file >= 0) {
        map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        close(file);
    }
    if (map == MAP_FAILED) {
        fprintf(stderr, "fuzz: cannot map the control file %s\n", path);
        exit(2);
    }
    control = map;
}
