/*
 * reclaimed.h - a reader beside an updater, over one of the schemes of presence_map/reclaim/.
 *
 * What is tried is the scheme's header itself: the block that a link leads to is replaced, retired
 * and freed while another thread may stand on it.  A program defines CONTEND_RECLAIM, includes the
 * headers that its mutants change, and then this one.
 */
#ifndef CONTEND_BENCH_CHECK_TEXTBOOK_RECLAIMED_H
#define CONTEND_BENCH_CHECK_TEXTBOOK_RECLAIMED_H

#include "presence_map/reclaim/parts/chosen.h"

#include "bench/check/textbook/textbook.h"

struct node {
    struct chosen_reclaim_block block;
    int value; /* plain: the checker reports a read of it that nothing orders before its end */
};

enum { UPDATER, READER, VISITORS };

static struct chosen_reclaim domain;
static struct chosen_reclaim_handle handles[VISITORS];
static _Atomic uintptr_t shared;

static uintptr_t make_node(struct chosen_reclaim_handle *h, int value)
{
    struct node *n = chosen_reclaim_allocate(&domain, h);

    n->value = value;
    return (uintptr_t)n;
}

static void set_up_domain(void *unused)
{
    /* Each block that is retired is tried at once, and none is kept for a later one. */
    static const struct contend_setting soon[] = { { "batch", 1 }, { "spare", 0 } };
    const struct reclaim_config config = {
        .align = _Alignof(struct node), .size = sizeof(struct node),
        .settings = { .list = soon, .count = sizeof soon / sizeof *soon },
    };

    (void)unused;
    check_that(chosen_reclaim_init(&domain, &config) == 0);
    for (int i = 0; i < VISITORS; i++)
        check_that(chosen_reclaim_attach(&domain, &handles[i]) == 0);
    atomic_init(&shared, make_node(&handles[UPDATER], 1));
}

static void look(void *unused)
{
    struct chosen_reclaim_handle *h = &handles[READER];

    (void)unused;
    chosen_reclaim_enter(&domain, h);
    const struct node *n = (void *)chosen_reclaim_protect(&domain, h, 0, &shared);
    check_that(n->value == 1 || n->value == 2);
    chosen_reclaim_leave(&domain, h);
}

/* Twice, so that a block whose memory comes back is met again. */
static void replace(void *unused)
{
    struct chosen_reclaim_handle *h = &handles[UPDATER];

    (void)unused;
    for (int i = 0; i < 2; i++) {
        chosen_reclaim_enter(&domain, h);
        uintptr_t old = XCHG(shared, make_node(h, 2), ar);
        chosen_reclaim_retire(&domain, h, (void *)old);
        chosen_reclaim_leave(&domain, h);
        chosen_reclaim_drain(&domain, h);
    }
}

static void tear_down_domain(void *unused)
{
    struct chosen_reclaim_handle *h = &handles[UPDATER];

    (void)unused;
    chosen_reclaim_discard(&domain, h, (void *)LD(shared, rlx));
    for (int i = 0; i < VISITORS; i++)
        chosen_reclaim_detach(&domain, &handles[i]);
    chosen_reclaim_fini(&domain);
}

#define RECLAIMED_TEST(NAME)                                                                  \
    const struct check_test textbook = { .name = NAME, .setup = set_up_domain,                \
                                         .threads = { look, replace },                        \
                                         .finally = tear_down_domain };

#endif
