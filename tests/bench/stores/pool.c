/*
 * pool.c - the pool of connections: an item has one borrower at a time, the last one back is lent
 * first, and a thread that gets none is refused, at once or when its time is up.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/stores/pool.h"
#include "locks/parts/platform.h"
#include "tests/support/support.h"

enum { SIZE = 3, THREADS = 6, TURNS = 1500, LONG_MS = 60000, SHORT_MS = 50 };

/* An item; `used` is plain, so that ThreadSanitizer sees two borrowers at once. */
struct item {
    uint64_t used;
};

static enum pool_admission way(void **state)
{
    return (enum pool_admission)(size_t)*state;
}

static void up(struct pool *p, struct item *items, unsigned count, enum pool_admission admission,
               uint32_t wait_ms)
{
    assert_int_equal(pool_init(p, admission, wait_ms), 0);
    for (unsigned i = 0; i < count; i++) {
        items[i].used = 0;
        pool_give(p, &items[i]);
    }
}

static void lends_the_last_one_first(void **state)
{
    struct item items[SIZE];
    void *a, *b, *c;
    struct pool p;

    up(&p, items, SIZE, way(state), SHORT_MS);
    assert_int_equal(pool_take(&p, &a), 0);
    assert_ptr_equal(a, &items[2]);
    assert_int_equal(pool_take(&p, &b), 0);
    assert_ptr_equal(b, &items[1]);
    pool_give(&p, a);
    assert_int_equal(pool_take(&p, &c), 0);
    assert_ptr_equal(c, a);
    pool_give(&p, c);
    pool_give(&p, b);
    pool_fini(&p);
}

/* Never early: the clock says that the time was up; fail-fast needs none. */
static void refuses_when_all_are_lent(void **state)
{
    struct item items[1];
    void *a, *b = NULL;
    struct pool p;

    up(&p, items, 1, way(state), SHORT_MS);
    assert_int_equal(pool_take(&p, &a), 0);
    uint64_t begun = contend_clock_ns();
    assert_int_equal(pool_take(&p, &b), -EAGAIN);
    uint64_t waited_ms = (contend_clock_ns() - begun) / 1000000;
    assert_null(b);
    assert_true(way(state) == POOL_FAIL_FAST || waited_ms >= SHORT_MS);
    assert_int_equal(atomic_load(&p.refusals), 1);
    assert_int_equal(atomic_load(&p.waits), 1);
    pool_give(&p, a);
    assert_int_equal(pool_take(&p, &b), 0); /* a refusal has taken nothing */
    assert_int_equal(pool_take(&p, &a), -EAGAIN);
    pool_give(&p, b);
    pool_fini(&p);
}

struct crowd_of_borrowers {
    struct pool pool;
    struct item items[SIZE];
    _Atomic unsigned lent, most;
    _Atomic uint64_t taken, refused;
};

static void borrow(struct team *team, unsigned number)
{
    struct crowd_of_borrowers *c = team->shared;

    (void)number;
    for (unsigned i = 0; i < TURNS; i++) {
        void *item;
        if (pool_take(&c->pool, &item) != 0) {
            atomic_fetch_add(&c->refused, 1);
            continue;
        }
        unsigned now = atomic_fetch_add(&c->lent, 1) + 1, most = atomic_load(&c->most);
        while (now > most && !atomic_compare_exchange_weak(&c->most, &most, now))
            ;
        ((struct item *)item)->used++;
        if (i % 16 == 0)
            sched_yield();
        atomic_fetch_sub(&c->lent, 1);
        atomic_fetch_add(&c->taken, 1);
        pool_give(&c->pool, item);
    }
}

static void serves_more_threads_than_items(void **state)
{
    static struct crowd_of_borrowers c;
    struct team team = { .body = borrow, .shared = &c };
    uint64_t used = 0;
    void *item;

    atomic_init(&c.lent, 0);
    atomic_init(&c.most, 0);
    atomic_init(&c.taken, 0);
    atomic_init(&c.refused, 0);
    up(&c.pool, c.items, SIZE, way(state), LONG_MS);
    team_run(&team, THREADS, 0);
    for (unsigned i = 0; i < SIZE; i++)
        used += c.items[i].used;
    assert_int_equal(used, c.taken); /* no item was with two at once */
    assert_true(c.most <= SIZE);
    assert_int_equal(c.taken + c.refused, THREADS * TURNS);
    assert_true(way(state) == POOL_FAIL_FAST || c.refused == 0);
    for (unsigned i = 0; i < SIZE; i++) /* and all are back */
        assert_int_equal(pool_take(&c.pool, &item), 0);
    pool_fini(&c.pool);
}

static void follows_little(void **state)
{
    (void)state;
    /* 1 Mu at 0.5 ms a round trip. */
    assert_true(pool_in_use(100000, 0.0005) > 49.99 && pool_in_use(100000, 0.0005) < 50.01);
}

#define WAYS(TEST)                                                                            \
    { #TEST ": sem_t", TEST, NULL, NULL, (void *)POOL_SEMAPHORE },                            \
    { #TEST ": futex", TEST, NULL, NULL, (void *)POOL_FUTEX },                                \
    { #TEST ": condition", TEST, NULL, NULL, (void *)POOL_CONDITION },                        \
    { #TEST ": fail-fast", TEST, NULL, NULL, (void *)POOL_FAIL_FAST }

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WAYS(lends_the_last_one_first),
        WAYS(refuses_when_all_are_lent),
        WAYS(serves_more_threads_than_items),
        cmocka_unit_test(follows_little),
    };

    return cmocka_run_group_tests_name("pool", tests, NULL, NULL) ? 1 : 0;
}
