/*
 * counters.c - what threads that clap at once leave behind in a datastore: exhibits lose claps, all
 * others lose none; and what it says that this has cost.
 */
#include <sched.h>
#include <stdlib.h>

#include "bench/stores/parts/trouble.h"
#include "bench/stores/stores.h"
#include "locks/parts/platform.h"
#include "tests/support/support.h"

enum { THREADS = 3, CLAPS = 150 };

struct party {
    const struct counter_ops *ops;
    void *object;
    _Atomic unsigned waiting; /* threads that have attached */
    _Atomic uint64_t failed;
};

static void clap_together(struct team *team, unsigned number)
{
    struct party *p = team->shared;
    void *handle = support_alloc(p->ops->handle_size);

    (void)number;
    if (p->ops->attach(p->object, handle) != 0)
        abort();
    atomic_fetch_add(&p->waiting, 1);
    while (atomic_load(&p->waiting) < THREADS)
        sched_yield();
    for (unsigned i = 0; i < CLAPS; i++)
        atomic_fetch_add(&p->failed, p->ops->add(p->object, handle, 1) != 0);
    p->ops->detach(p->object, handle);
    free(handle);
}

/* How many claps are missing after a party. */
static int64_t missing_after(const struct counter_ops *ops)
{
    struct counter_rig r;

    counter_rig_up(&r, ops, NULL);
    struct party p = { .ops = ops, .object = r.object };
    struct team team = { .body = clap_together, .shared = &p };
    team_run(&team, THREADS, 0);
    int64_t sum = counter_rig_sum(&r, NULL);
    counter_rig_down(&r);
    if (p.failed) {
        char text[TROUBLE_TEXT] = "";
        trouble_take(text);
        fail_msg("%llu claps failed: %s", (unsigned long long)p.failed, text);
    }
    return THREADS * CLAPS - sum;
}

static void loses_claps_only_if_it_is_an_exhibit(void **state)
{
    enum { ROUNDS = 40, SECONDS = 2 }; /* an exhibit has as many rounds as it needs */
    const struct counter_ops *ops = *state;
    bool exhibit = ops->traits->id.flags & CONTEND_EXHIBIT;
    uint64_t end = contend_clock_ns() + SECONDS * UINT64_C(1000000000);
    int64_t missing = 0;

    for (unsigned i = 0; missing == 0 && (exhibit ? i < ROUNDS : contend_clock_ns() < end); i++)
        missing = missing_after(ops);
    if (exhibit ? missing <= 0 : missing != 0)
        fail_msg("%lld claps are missing", (long long)missing);
}

/* What it says that it has cost: a statement or a request at least for each clap. */
static void tells_its_traffic(void **state)
{
    const struct counter_ops *ops = *state;
    struct store_traffic before, after;
    struct counter_rig r;

    counter_rig_up(&r, ops, NULL);
    const struct store *s = stores_of(ops);
    s->traffic(r.object, &before);
    for (unsigned i = 0; i < 10; i++)
        assert_int_equal(ops->add(r.object, r.handle, 1), 0);
    s->traffic(r.object, &after);
    assert_true(after.round_trips >= before.round_trips + 10);
    assert_true(after.sent + after.written > before.sent + before.written);
    assert_true(!after.held_by || after.held > 0);
    counter_rig_down(&r);
}

int main(void)
{
    static const struct check checks[] = {
        { "loses claps only if it is an exhibit", loses_claps_only_if_it_is_an_exhibit },
        { "tells its traffic", tells_its_traffic },
    };
    int failed = support_run_counters("counters in stores", checks, sizeof checks / sizeof *checks, 0);

    stores_end();
    return failed;
}
