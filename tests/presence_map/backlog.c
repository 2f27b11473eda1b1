/*
 * backlog.c - what a reader that stalls holds up, held against the trait `backlog`.
 *
 * A thread stands still inside a walk, in the function that the walk calls.  Meanwhile another one
 * makes users come and go, by the thousand.  Where the traits say "bounded" the memory that is
 * retired must stay small; where they do not, it must not, or the test would see nothing.  Then
 * the reader goes on, and what it held up must be freed, unless the map keeps everything.
 * A walk that blocks others cannot be used like that: those maps are left out.
 */
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <time.h>

#include "bench/check/map_model.h"
#include "tests/support/support.h"

enum { PRESENT = 16, CHURNED = 20000, FEW = CHURNED / 16, PATIENCE = 2000 };

struct stalled {
    struct map_rig *rig;
    sem_t inside, go_on;
    unsigned met;
};

static int stand_still(void *ctx, uint64_t user, uint64_t last_seen)
{
    struct stalled *s = ctx;

    (void)user, (void)last_seen;
    if (s->met++ == 0) {
        sem_post(&s->inside);
        while (sem_wait(&s->go_on) != 0)
            ;
    }
    return 0;
}

static void *read_slowly(void *ctx)
{
    struct stalled *s = ctx;
    const struct presence_ops *ops = s->rig->ops;
    void *handle = support_alloc(ops->handle_size);

    if (ops->attach(s->rig->object, handle) != 0)
        abort();
    ops->for_each_online(s->rig->object, handle, EPOCH, stand_still, s);
    ops->detach(s->rig->object, handle);
    free(handle);
    return NULL;
}

/* Users who were never there before come and go. */
static void churn(struct map_rig *r, uint64_t first, unsigned count)
{
    for (uint64_t u = first; u < first + count; u++) {
        assert_int_equal(r->ops->heartbeat(r->object, r->handle, u, EPOCH), PRESENCE_CAME_ONLINE);
        assert_int_equal(r->ops->leave(r->object, r->handle, u, EPOCH), 1);
        r->ops->quiescent(r->object, r->handle);
    }
}

/* Retired entries, by the bytes that an entry takes at least. */
static size_t retired(const struct map_rig *r, size_t *peak)
{
    struct presence_stats s;

    r->ops->stats(r->object, &s);
    assert_true(s.bytes_retired <= s.bytes && s.bytes_retired_peak >= s.bytes_retired);
    if (peak)
        *peak = s.bytes_retired_peak / (2 * sizeof(uint64_t));
    return s.bytes_retired / (2 * sizeof(uint64_t));
}

/*
 * Whether the backlog goes down to a few; a scheme may need more removals to notice, and a
 * library's thread may be what frees.
 */
static bool goes_down(struct map_rig *r)
{
    const struct timespec moment = { 0, 1000000 };
    bool keeps = r->traits.backlog == PRESENCE_BACKLOG_KEPT;

    for (unsigned i = 0; i < (keeps ? 10 : PATIENCE) && retired(r, NULL) > FEW; i++) {
        churn(r, 10 * CHURNED + 100 * (uint64_t)i, 100);
        if (!keeps)
            nanosleep(&moment, NULL);
    }
    return retired(r, NULL) <= FEW;
}

static void holds_up_what_it_says(void **state)
{
    const struct presence_ops *ops = *state;
    struct presence_config config = small();
    struct stalled s = { .met = 0 };
    struct map_rig r;
    size_t peak;

    if (ops->traits->backlog == PRESENCE_BACKLOG_NONE ||
        (ops->traits->walk & CONTEND_PROGRESS_CLASS) == CONTEND_BLOCKING)
        return;
    map_rig_up(&r, ops, &config);
    for (uint64_t u = 0; u < PRESENT; u++)
        assert_int_equal(ops->heartbeat(r.object, r.handle, u, EPOCH), PRESENCE_CAME_ONLINE);
    s.rig = &r;
    pthread_t reader;
    assert_int_equal(sem_init(&s.inside, 0, 0) + sem_init(&s.go_on, 0, 0), 0);
    assert_int_equal(pthread_create(&reader, NULL, read_slowly, &s), 0);
    while (sem_wait(&s.inside) != 0)
        ;
    churn(&r, 1000, CHURNED);
    size_t held = retired(&r, &peak);
    sem_post(&s.go_on);
    pthread_join(reader, NULL);
    assert_int_equal(s.met, PRESENT);
    if (ops->traits->backlog == PRESENCE_BACKLOG_BOUNDED) {
        if (held > FEW || peak > FEW)
            fail_msg("bounded, but %zu entries were held up, %zu at most", held, peak);
    } else {
        if (held < CHURNED)
            fail_msg("only %zu of %d entries were held up", held, CHURNED);
    }
    bool freed = goes_down(&r);
    assert_int_equal(freed, ops->traits->backlog != PRESENCE_BACKLOG_KEPT);
    map_rig_assert_balance(&r);
    map_rig_down(&r);
    sem_destroy(&s.inside);
    sem_destroy(&s.go_on);
}

int main(void)
{
    static const struct check checks[] = {
        { "a stalled reader holds up what it says", holds_up_what_it_says },
    };

    return support_run_maps("backlog", checks, 1, CONTEND_EXHIBIT);
}
