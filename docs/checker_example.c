/*
 * checker_example.c - checking an algorithm of your own: a one-place mailbox.
 *
 * Compile the code under test with two flags, and link without them:
 *
 *   cc -std=c11 -D_GNU_SOURCE -g -Ibench -fsanitize=thread -include machine/redirect.h \
 *      -c docs/checker_example.c -o example.o
 *   cc example.o build/bench/check/libcontend_check.a -ldw -o example
 *   ./example
 *
 * With -DBROKEN the sender marks the mailbox as full with the wrong memory order.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "check/check.h"

#ifdef BROKEN
#define FULL_ORDER memory_order_relaxed
#else
#define FULL_ORDER memory_order_release
#endif

struct mailbox {
    _Atomic int full;
    int letter;
};

static struct mailbox *box;

static void send(int letter)
{
    box->letter = letter;
    /* release: pairs with the acquire in receive. */
    atomic_store_explicit(&box->full, 1, FULL_ORDER);
}

/* The letter, or -1. */
static int receive(void)
{
    /* acquire: pairs with the release in send. */
    if (!atomic_load_explicit(&box->full, memory_order_acquire))
        return -1;
    return box->letter;
}

/* Each execution: setup, the threads at once, then finally. */
static void setup(void *context)
{
    (void)context;
    box = calloc(1, sizeof *box);
}

static void sender(void *context)
{
    (void)context;
    send(42);
}

static void receiver(void *context)
{
    (void)context;
    int letter = receive();
    check_that(letter == -1 || letter == 42);
}

static void finally(void *context)
{
    (void)context;
    check_that(receive() == 42);
    free(box);
}

int main(int argc, char **argv)
{
    static const struct check_test mailbox = { .name = "mailbox", .setup = setup,
                                               .threads = { sender, receiver },
                                               .finally = finally };
    static const struct check_test *const tests[] = { &mailbox, NULL };

    return check_main(tests, argc, argv);
}
