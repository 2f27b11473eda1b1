/* two.c - a stranger's program of two tests, the second of which loses a message. */
#include <stdatomic.h>

#include "check/check.h"

static _Atomic int messages;

static void send(void *unused)
{
    (void)unused;
    atomic_fetch_add(&messages, 1);
}

static void send_badly(void *unused)
{
    (void)unused;
    atomic_store(&messages, atomic_load(&messages) + 1);
}

static void count(void *unused)
{
    (void)unused;
    check_that(atomic_load(&messages) == 2);
}

int main(int argc, char **argv)
{
    static const struct check_test right = { .name = "right", .threads = { send, send }, .finally = count };
    static const struct check_test wrong = { .name = "wrong", .threads = { send_badly, send_badly }, .finally = count };
    static const struct check_test *const tests[] = { &right, &wrong, NULL };

    return check_main(tests, argc, argv);
}
