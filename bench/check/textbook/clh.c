/* clh.c - T. Craig, 1993; A. Landin and E. Hagersten, 1994: a queue of implicit links. */
#include "bench/check/textbook/textbook.h"

struct node {
    _Atomic int waiting;
};

static struct node nodes[4];
static struct node *_Atomic tail;
static int value;

static void setup(void *unused)
{
    (void)unused;
    for (int i = 0; i < 4; i++)
        atomic_init(&nodes[i].waiting, 0);
    atomic_init(&tail, &nodes[0]);
    value = 0;
}

/* Returns the node to use next time: the predecessor's, which no thread reads any more. */
static struct node *section(struct node *mine)
{
    ST(mine->waiting, 1, rlx);
    struct node *before = XCHG(tail, mine, ar);
    while (LD(before->waiting, acq))
        check_cpu_relax();
    value++;
    ST(mine->waiting, 0, rel);
    return before;
}

static void body(void *unused, unsigned thread)
{
    struct node *mine = &nodes[thread];

    (void)unused;
    for (int i = 0; i < (thread < 3 ? 2 : 1); i++)
        mine = section(mine);
}

static void finally(void *unused)
{
    (void)unused;
    check_that(value == 5);
}

const struct check_test textbook = { .name = "clh", .setup = setup, .body = body,
                                     .thread_count = 3, .finally = finally };
