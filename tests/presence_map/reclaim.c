/*
 * reclaim.c - one scheme of reclamation by itself, on a structure of one link.
 *
 * A thread protects the block that the link leads to and stands still.  Another one replaces the
 * block, thousands of times.  What the first one stands on must stay as it was; what is retired
 * must stay within bound(), or pass any bound where there is none; and when the reader has gone,
 * everything can be freed.  The allocator counts every block.  Compiled once for each scheme.
 */
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "presence_map/reclaim/parts/chosen.h"

enum { REPLACED = 5000, ENOUGH = 2000, FRESH = 0x11, FREED = 0xdd };

struct block {
    struct chosen_reclaim_block base;
    unsigned char content[32];
};

static struct chosen_reclaim domain;
static _Atomic uintptr_t shared;
static atomic_long held; /* blocks and records that the allocator has given */

static void *take(void *ctx, size_t align, size_t size)
{
    (void)ctx;
    atomic_fetch_add(&held, 1);
    return contend_alloc(align, size);
}

/* What is freed is spoiled first, so that a look at it shows. */
static void release(void *ctx, void *ptr, size_t size)
{
    (void)ctx;
    atomic_fetch_sub(&held, 1);
    memset(ptr, FREED, size);
    free(ptr);
}

static const struct contend_allocator counting = { take, release, NULL };

static struct block *make(struct chosen_reclaim_handle *h)
{
    struct block *b = chosen_reclaim_allocate(&domain, h);

    assert_non_null(b);
    memset(b->content, FRESH, sizeof b->content);
    return b;
}

static bool is_whole(const struct block *b)
{
    for (size_t i = 0; i < sizeof b->content; i++)
        if (b->content[i] != FRESH)
            return false;
    return true;
}

static uint64_t retired(void)
{
    struct reclaim_stats s;

    chosen_reclaim_stats(&domain, &s);
    assert_true(s.retired_peak >= s.retired);
    return s.retired;
}

/* Replaces the block that the link leads to; no other thread writes. */
static void replace(struct chosen_reclaim_handle *h)
{
    struct block *next = make(h);

    chosen_reclaim_enter(&domain, h);
    chosen_reclaim_retire(&domain, h, (void *)atomic_exchange(&shared, (uintptr_t)next));
    chosen_reclaim_leave(&domain, h);
    chosen_reclaim_quiescent(&domain, h);
}

struct reader {
    sem_t inside, go_on;
    bool whole;
    unsigned long address;
};

static void *stand_still(void *arg)
{
    struct reader *r = arg;
    struct chosen_reclaim_handle h;

    if (chosen_reclaim_attach(&domain, &h) != 0)
        abort();
    chosen_reclaim_enter(&domain, &h);
    struct block *b = (struct block *)chosen_reclaim_protect(&domain, &h, 0, &shared);
    sem_post(&r->inside);
    while (sem_wait(&r->go_on) != 0)
        ;
    r->whole = is_whole(b);
    r->address = (uintptr_t)b;
    chosen_reclaim_leave(&domain, &h);
    chosen_reclaim_quiescent(&domain, &h);
    chosen_reclaim_detach(&domain, &h);
    return NULL;
}

static void holds_up_no_more_than_its_bound(void **state)
{
    const struct reclaim_config config = {
        .align = _Alignof(struct block), .size = sizeof(struct block), .allocator = &counting,
    };
    struct reader r = { .whole = false };
    struct chosen_reclaim_handle h;
    pthread_t reader;

    (void)state;
    assert_int_equal(chosen_reclaim_init(&domain, &config), 0);
    assert_int_equal(chosen_reclaim_attach(&domain, &h), 0);
    atomic_store(&shared, (uintptr_t)make(&h));
    assert_int_equal(sem_init(&r.inside, 0, 0) + sem_init(&r.go_on, 0, 0), 0);
    assert_int_equal(pthread_create(&reader, NULL, stand_still, &r), 0);
    while (sem_wait(&r.inside) != 0)
        ;
    uint64_t most = 0;
    uintptr_t stood_on = atomic_load(&shared);
    for (unsigned i = 0; i < REPLACED; i++) {
        replace(&h);
        most = retired() > most ? retired() : most;
        assert_true(atomic_load(&shared) != stood_on); /* it was not used again */
    }
    uint64_t bound = chosen_reclaim_bound(&domain, 1);
    sem_post(&r.go_on);
    pthread_join(reader, NULL);
    assert_true(r.whole && r.address == stood_on);
    assert_int_equal(bound < UINT64_MAX, (chosen_reclaim_features & RECLAIM_BOUNDED) != 0);
    assert_true(most <= bound && most >= 1);
    if (bound == UINT64_MAX)
        assert_true(most >= REPLACED - 1);
    else
        assert_true(bound < REPLACED); /* or the test would not see */
    /* The reader has gone: what was held up can be freed. */
    for (unsigned i = 0; i < ENOUGH && !(chosen_reclaim_features & RECLAIM_KEEPS); i++) {
        replace(&h);
        chosen_reclaim_drain(&domain, &h);
        if (retired() <= 2)
            break;
        const struct timespec moment = { 0, 1000000 };
        nanosleep(&moment, NULL); /* a library's thread may be what frees */
    }
    assert_int_equal(retired() <= 2, !(chosen_reclaim_features & RECLAIM_KEEPS));
    chosen_reclaim_detach(&domain, &h);
    contend_release(&counting, (void *)atomic_load(&shared), sizeof(struct block));
    assert_true(chosen_reclaim_may_end(&domain));
    chosen_reclaim_fini(&domain);
    assert_int_equal(atomic_load(&held), 0);
    sem_destroy(&r.inside);
    sem_destroy(&r.go_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(holds_up_no_more_than_its_bound),
    };

    return cmocka_run_group_tests_name(CHOSEN_RECLAIM_NAME, tests, NULL, NULL);
}
