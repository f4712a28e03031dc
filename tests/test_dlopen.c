/* The library comes with a plug-in that is loaded late and unloaded early. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "blocks.h"

static void *function(void *library, const char *name)
{
    void *found = dlsym(library, name);
    if (found == NULL) {
        fail_msg("%s", dlerror());
    }
    return found;
}

static struct blocks blocks = {.mark = 9};
static void *(*allocate)(size_t);
static pthread_barrier_t barrier;

/* Allocates, and ends when the plug-in is gone. */
static void *outlive(void *unused)
{
    (void)unused;
    void *block = allocate(500);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    return block;
}

static void plugin_that_is_unloaded_early(void **state)
{
    (void)state;
    pthread_t thread;
    void *block = NULL;
    void *plugin = dlopen(PLUGIN, RTLD_NOW);
    if (plugin == NULL) {
        fail_msg("%s", dlerror());
    }
    void *(*plugin_block)(void);
    *(void **)&plugin_block = function(plugin, "plugin_block");
    *(void **)&allocate = function(plugin, "plugin_allocate");
    assert_null(blocks_add(&blocks, plugin_block(), 100, 8));
    assert_null(blocks_add(&blocks, allocate(300000), 300000, 8));
    assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
    assert_int_equal(pthread_create(&thread, NULL, outlive, NULL), 0);
    pthread_barrier_wait(&barrier);
    assert_int_equal(dlclose(plugin), 0);
    assert_null(dlopen(PLUGIN, RTLD_NOW | RTLD_NOLOAD)); /* the plug-in is gone */
    pthread_barrier_wait(&barrier);
    assert_int_equal(pthread_join(thread, &block), 0);
    assert_null(blocks_add(&blocks, block, 500, 8));
    assert_null(blocks_verify(&blocks, 1)); /* its memory is not */
}

static void library_stays_and_is_found_again(void **state)
{
    (void)state;
    void *(*alloc)(size_t, size_t);
    int (*contains)(const void *);
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_NOLOAD);
    assert_non_null(library);
    *(void **)&alloc = function(library, "persistentalloc");
    *(void **)&contains = function(library, "persist_contains");
    assert_int_equal(dlclose(library), 0);
    assert_int_equal(dlclose(library), 0); /* once more than it was opened */
    assert_null(blocks_add(&blocks, alloc(10, 8), 10, 8));
    for (size_t i = 0; i < blocks.count; i++) {
        assert_true(contains(blocks.block[i].start));
    }
    assert_null(blocks_verify(&blocks, 1));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(plugin_that_is_unloaded_early),
    cmocka_unit_test(library_stays_and_is_found_again),
};

MAIN(tests)
