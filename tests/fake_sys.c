#define _DEFAULT_SOURCE
#include "fake_sys.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "sys.h"

struct fake_sys fake;

enum { MAPS = 8192 };
static struct answer map[MAPS];
static size_t maps;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* guards all of the above */

void fake_reset(void)
{
    for (size_t i = 0; i < maps; i++) {
        munmap(map[i].address, map[i].size);
    }
    maps = 0;
    fake = (struct fake_sys){0};
}

static void *pages(size_t size, size_t past)
{
    size_t whole = size + past;
    void *p = mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                   -1, 0);
    if (p == MAP_FAILED || maps == MAPS) {
        abort();
    }
    map[maps++] = (struct answer){p, whole};
    return (char *)p + past;
}

void *fake_pages(size_t size, size_t past)
{
    pthread_mutex_lock(&lock);
    void *p = pages(size, past);
    pthread_mutex_unlock(&lock);
    return p;
}

char *fake_base(const void *p)
{
    uintptr_t x = (uintptr_t)p;
    for (size_t i = 0; i < maps; i++) {
        if ((uintptr_t)map[i].address <= x && x - (uintptr_t)map[i].address < map[i].size) {
            return map[i].address;
        }
    }
    abort();
}

static struct answer answer(size_t minimum, size_t wanted)
{
    struct answer it = {NULL, 0};
    fake.calls++;
    fake.minimum = minimum;
    fake.wanted = wanted;
    if (fake.calls == fake.refuse) {
        return it;
    }
    if (fake.answers_left > 0) {
        fake.answers_left--;
        return *fake.answers++;
    }
    it.size = wanted;
    if (fake.most != 0 && fake.most < wanted) {
        it.size = fake.most < minimum ? minimum : fake.most;
    }
    it.address = pages(it.size, 0);
    return it;
}

void *sys_alloc(size_t minimum, size_t wanted, size_t *granted)
{
    if (fake.step != NULL) {
        fake.step();
    }
    pthread_mutex_lock(&lock);
    struct answer it = answer(minimum, wanted);
    if (it.address != NULL) {
        *granted = it.size;
        fake.given += it.size;
    }
    pthread_mutex_unlock(&lock);
    return it.address;
}
