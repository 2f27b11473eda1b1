/* treiber.c - R. Treiber's stack, 1986, as a free list of indices with a tag against ABA. */
#include "bench/check/textbook/textbook.h"

enum { NODES = 3, NONE = 0 };

static _Atomic uint64_t head;         /* tag in the high half, index of the top in the low one */
static _Atomic uint32_t next[NODES + 1];
static int uses[NODES + 1];           /* counted by the thread that has popped the node */

static void push(uint32_t node)
{
    uint64_t old = LD(head, rlx), wanted;

    do {
        ST(next[node], (uint32_t)old, rlx);
        wanted = ((old >> 32) + 1) << 32 | node;
    } while (!CAS(head, &old, wanted, rel, rlx));
}

static uint32_t pop(void)
{
    uint64_t old = LD(head, acq), wanted;

    do {
        if ((uint32_t)old == NONE)
            return NONE;
        wanted = ((old >> 32) + 1) << 32 | LD(next[(uint32_t)old], rlx);
    } while (!CAS(head, &old, wanted, acq, acq));
    return (uint32_t)old;
}

static void setup(void *unused)
{
    (void)unused;
    atomic_init(&head, 0);
    for (uint32_t i = 0; i <= NODES; i++)
        uses[i] = 0;
    for (uint32_t i = NODES; i > 0; i--)
        push(i);
}

static void use(uint32_t node)
{
    if (node == NONE)
        return;
    uses[node]++;
}

static void one(void *unused)
{
    (void)unused;
    uint32_t a = pop();
    use(a);
    uint32_t b = pop();
    use(b);
}

static void other(void *unused)
{
    (void)unused;
    uint32_t a = pop(), b = pop();
    use(b);
    use(a);
    push(a ? a : b);
    use(a ? b : NONE);
}

static void finally(void *unused)
{
    (void)unused;
    for (uint32_t i = 1; i <= NODES; i++)
        check_that(uses[i] <= 3);
}

const struct check_test textbook = { .name = "treiber", .setup = setup, .threads = { one, other },
                                     .finally = finally };
