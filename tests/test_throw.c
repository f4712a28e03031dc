/* Each way out of a call that cannot be served, by the exact signal and the exact text: a child
 * process throws, the test reads what it leaves. */
#define _DEFAULT_SOURCE
#include "check.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_sys.h"
#include "testing.h"

static int start(void **state)
{
    (void)state;
    fake_reset();
    persist_reset();
    persist_on_throw(NULL);
    return 0;
}

/* Runs `work` in a child and expects it to end by SIGABRT with exactly `text` on standard error. */
static void aborts(void (*work)(void), const char *text)
{
    char said[512];
    int ends[2], status = 0;
    /* Of this kind of socket a read returns what one write wrote. */
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const struct rlimit no_core = {0, 0};
        setrlimit(RLIMIT_CORE, &no_core);
        dup2(ends[1], STDERR_FILENO);
        work();
        _exit(0);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], said, sizeof said - 1);
    assert_in_range(n, 1, sizeof said - 1);
    said[n] = '\0';
    assert_int_equal(read(ends[0], said + n, 1), 0);
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_string_equal(said, text);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void use(void *block)
{
    fprintf(stderr, "served at %p\n", block);
}

static void align_3(void)
{
    use(persistentalloc(8, 3));
}
static void align_8192(void)
{
    use(persistentalloc(8, 8192));
}
static void align_most(void)
{
    use(persistentalloc(0, SIZE_MAX));
}
static void array_align_24(void)
{
    use(persist_array(3, 5, 24));
}
static void system_refuses(void)
{
    fake.refuse = 1;
    use(persistentalloc(0, 0));
}
static void system_refuses_a_large_one(void)
{
    fake.refuse = 1;
    use(persistentalloc(65536, 4096));
}
static void array_wraps(void)
{
    volatile size_t most = SIZE_MAX; /* the compiler would refuse the constant */
    use(persist_array(most, 3, 1));
}
static void bad_grant(void)
{
    static const struct answer bad = {(void *)8, 262144};
    fake.answers = &bad;
    fake.answers_left = 1;
    use(persistentalloc(100, 1));
}

static void align_not_a_power_of_2(void **state)
{
    (void)state;
    aborts(align_3, "persistentalloc: align is not a power of 2 (size 8, align 3)\n");
    aborts(array_align_24, "persistentalloc: align is not a power of 2 (size 15, align 24)\n");
}

static void align_too_large(void **state)
{
    (void)state;
    aborts(align_8192, "persistentalloc: align is too large (size 8, align 8192)\n");
}

static void longest_line(void **state)
{
    (void)state;
    char line[128];
    snprintf(line, sizeof line, "persistentalloc: align is not a power of 2 (size 0, align %zu)\n",
             SIZE_MAX);
    aborts(align_most, line);
}

static void no_memory(void **state)
{
    (void)state;
    aborts(system_refuses, "persistentalloc: cannot allocate memory (size 0, align 0)\n");
    aborts(system_refuses_a_large_one,
           "persistentalloc: cannot allocate memory (size 65536, align 4096)\n");
}

static void array_product_too_large(void **state)
{
    (void)state;
    char line[128];
    snprintf(line, sizeof line, "persistentalloc: cannot allocate memory (size %zu, align 1)\n",
             SIZE_MAX);
    aborts(array_wraps, line);
}

static void bad_memory(void **state)
{
    (void)state;
    aborts(bad_grant, "persistentalloc: bad memory from the system (size 100, align 1)\n");
}

static void say(enum persist_status why, size_t size, size_t align)
{
    fprintf(stderr, "handler: %s, %zu, %zu\n", persist_message(why), size, align);
}

static void handler_that_returns_is_followed_by_abort(void **state)
{
    (void)state;
    persist_on_throw(say);
    aborts(align_3, "handler: align is not a power of 2, 8, 3\n");
    aborts(align_8192, "handler: align is too large, 8, 8192\n");
    aborts(system_refuses, "handler: cannot allocate memory, 0, 0\n");
    aborts(bad_grant, "handler: bad memory from the system, 100, 1\n");
}

static void null_handler_is_the_default_again(void **state)
{
    (void)state;
    persist_on_throw(say);
    persist_on_throw(NULL);
    aborts(align_3, "persistentalloc: align is not a power of 2 (size 8, align 3)\n");
}

static void every_status_has_a_message(void **state)
{
    (void)state;
    for (unsigned i = 0; i < PERSIST_STATUSES; i++) {
        assert_string_not_equal(persist_message((enum persist_status)i), "unknown error");
    }
    assert_string_equal(persist_message((enum persist_status)PERSIST_STATUSES), "unknown error");
}

#define TEST(name) cmocka_unit_test_setup(name, start)

static const struct CMUnitTest tests[] = {
    TEST(align_not_a_power_of_2),
    TEST(align_too_large),
    TEST(longest_line),
    TEST(no_memory),
    TEST(array_product_too_large),
    TEST(bad_memory),
    TEST(handler_that_returns_is_followed_by_abort),
    TEST(null_handler_is_the_default_again),
    TEST(every_status_has_a_message),
};

MAIN(tests)
