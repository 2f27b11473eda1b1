/*
 * orphans.c - threads that end without detaching.
 *
 * The storage of their handles ends with them, as a thread's stack does: the page is
 * emptied and closed, so that a look into it is caught.  The next thread's handle lies at the
 * same address, which a list through the handles would take for the same thread.  What the
 * dead did must count, the living go on, and fini is -EBUSY for ever.
 */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/support/child.h"
#include "tests/support/support.h"

enum { DEAD = 3, EPOCH = 1000000, PLACE = 1 << 16 };

struct scene {
    const void *ops;
    void *object, *place;
    bool keeps; /* the handles' storage must stay: CONTEND_LOOKS_INTO_HANDLES */
    unsigned turn;
    int error;
};

/* Storage for a handle: at the same address each time if the last one is gone. */
static void *take_place(struct scene *s, size_t size)
{
    bool again = s->place && !s->keeps;
    void *p = again ? s->place : MAP_FAILED;

    if (!again && size <= PLACE)
        p = mmap(NULL, PLACE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED || (again && mprotect(p, PLACE, PROT_READ | PROT_WRITE) != 0))
        abort();
    s->place = p;
    return p;
}

/*
 * The address stays ours: another thread, of a library's, may map memory meanwhile.  What was
 * there is gone, as with the stack of a thread.
 */
static void leave_place(const struct scene *s)
{
    if (!s->keeps && (madvise(s->place, PLACE, MADV_DONTNEED) != 0 ||
                      mprotect(s->place, PLACE, PROT_NONE) != 0))
        abort();
}

/* Runs three threads, one after the other, that live and end like that; whether all could. */
static bool bury(struct scene *s, void *(*life)(void *scene))
{
    pthread_t thread;

    for (s->turn = 0; s->turn < DEAD && s->error == 0; s->turn++) {
        if (pthread_create(&thread, NULL, life, s) != 0)
            return false;
        pthread_join(thread, NULL);
        leave_place(s);
    }
    return s->error == 0;
}

/* ---- locks ---- */

static void *lock_life(void *arg)
{
    struct scene *s = arg;
    const struct lock_ops *ops = s->ops;
    void *me = take_place(s, ops->handle_size);

    s->error = ops->attach(s->object, me);
    if (s->error == 0) {
        s->error = ops->acquire(s->object, me);
        ops->release(s->object, me);
    }
    return NULL;
}

static int lock_goes_on(void *arg)
{
    const struct lock_ops *ops = arg;
    struct scene s = { .ops = ops, .object = support_alloc(ops->size) };
    void *me = support_alloc(ops->handle_size);

    s.keeps = ops->traits->id.flags & CONTEND_LOOKS_INTO_HANDLES;
    CHILD_EXPECT(1, ops->init(s.object, NULL) == 0);
    CHILD_EXPECT(2, bury(&s, lock_life));
    CHILD_EXPECT(3, ops->attach(s.object, me) == 0);
    for (int i = 0; i < 3; i++) {
        CHILD_EXPECT(4, ops->acquire(s.object, me) == 0);
        ops->release(s.object, me);
    }
    CHILD_EXPECT(5, bury(&s, lock_life));
    ops->detach(s.object, me);
    return 0;
}

/* ---- counters ---- */

static void *counter_life(void *arg)
{
    struct scene *s = arg;
    const struct counter_ops *ops = s->ops;
    void *me = take_place(s, ops->handle_size);

    s->error = ops->attach(s->object, me);
    if (s->error == 0)
        s->error = ops->add(s->object, me, 5);
    if (s->error == 0) {
        ops->quiescent(s->object, me); /* what lags until then need not count */
        ops->offline(s->object, me);
    }
    return NULL;
}

static int counter_goes_on(void *arg)
{
    const struct counter_ops *ops = arg;
    struct scene s = { .ops = ops, .object = support_alloc(ops->size) };
    struct counter_stats stats;
    void *me = support_alloc(ops->handle_size), *late = support_alloc(ops->handle_size);

    s.keeps = ops->traits->id.flags & CONTEND_LOOKS_INTO_HANDLES;
    CHILD_EXPECT(1, ops->init(s.object, NULL) == 0);
    CHILD_EXPECT(2, ops->attach(s.object, me) == 0);
    CHILD_EXPECT(3, bury(&s, counter_life));
    CHILD_EXPECT(4, ops->add(s.object, me, 1) == 0);
    ops->quiescent(s.object, me);
    CHILD_EXPECT(5, ops->read(s.object, me) == 5 * DEAD + 1);
    CHILD_EXPECT(6, ops->attach(s.object, late) == 0);
    CHILD_EXPECT(7, ops->add(s.object, late, 1) == 0);
    ops->detach(s.object, me);
    CHILD_EXPECT(8, ops->read(s.object, late) == 5 * DEAD + 2);
    ops->stats(s.object, &stats);
    CHILD_EXPECT(9, stats.attached == DEAD + 1);
    ops->detach(s.object, late);
    CHILD_EXPECT(10, ops->fini(s.object) == -EBUSY);
    return 0;
}

/* ---- bounded claps ---- */

static void *claps_life(void *arg)
{
    struct scene *s = arg;
    const struct claps_ops *ops = s->ops;
    void *me = take_place(s, ops->handle_size);

    s->error = ops->attach(s->object, me);
    if (s->error == 0 && ops->clap(s->object, me, 0, s->turn, 5) != 5)
        s->error = 1;
    return NULL;
}

static int claps_go_on(void *arg)
{
    const struct claps_ops *ops = arg;
    struct scene s = { .ops = ops, .object = support_alloc(ops->size) };
    struct claps_config config = { .posts = 2, .readers = 2 * DEAD };
    void *me = support_alloc(ops->handle_size);

    s.keeps = ops->traits->id.flags & CONTEND_LOOKS_INTO_HANDLES;
    CHILD_EXPECT(1, ops->init(s.object, &config) == 0);
    CHILD_EXPECT(2, bury(&s, claps_life));
    CHILD_EXPECT(3, ops->attach(s.object, me) == 0);
    CHILD_EXPECT(4, ops->clap(s.object, me, 0, DEAD, 1) == 1);
    CHILD_EXPECT(5, ops->total(s.object, me, 0) == 5 * DEAD + 1);
    CHILD_EXPECT(6, ops->given(s.object, me, 0, 1) == 5);
    ops->detach(s.object, me);
    CHILD_EXPECT(7, ops->fini(s.object) == -EBUSY);
    return 0;
}

/* ---- distinct clappers ---- */

static void *distinct_life(void *arg)
{
    struct scene *s = arg;
    const struct distinct_ops *ops = s->ops;
    void *me = take_place(s, ops->handle_size);

    s->error = ops->attach(s->object, me);
    if (s->error == 0)
        s->error = ops->insert(s->object, me, (uint64_t)s->turn);
    return NULL;
}

static int distinct_goes_on(void *arg)
{
    const struct distinct_ops *ops = arg;
    struct scene s = { .ops = ops, .object = support_alloc(ops->size) };
    void *me = support_alloc(ops->handle_size);

    s.keeps = ops->traits->id.flags & CONTEND_LOOKS_INTO_HANDLES;
    CHILD_EXPECT(1, ops->init(s.object, NULL) == 0);
    CHILD_EXPECT(2, bury(&s, distinct_life));
    CHILD_EXPECT(3, ops->attach(s.object, me) == 0);
    CHILD_EXPECT(4, ops->insert(s.object, me, DEAD) == 0);
    CHILD_EXPECT(5, distinct_size_fits(ops->traits, DEAD + 1, ops->count(s.object, me)));
    ops->detach(s.object, me);
    CHILD_EXPECT(6, ops->fini(s.object) == -EBUSY);
    return 0;
}

/* ---- maps ---- */

static void *map_life(void *arg)
{
    struct scene *s = arg;
    const struct presence_ops *ops = s->ops;
    void *me = take_place(s, ops->handle_size);

    s->error = ops->attach(s->object, me);
    if (s->error == 0 && ops->heartbeat(s->object, me, s->turn, EPOCH) != PRESENCE_CAME_ONLINE)
        s->error = 1;
    if (s->error == 0)
        ops->offline(s->object, me);
    return NULL;
}

static int map_goes_on(void *arg)
{
    const struct presence_ops *ops = arg;
    struct scene s = { .ops = ops, .object = support_alloc(ops->size) };
    void *me = support_alloc(ops->handle_size), *late = support_alloc(ops->handle_size);
    uint64_t g = ops->traits->granularity_ms < 1000 ? 1000 : ops->traits->granularity_ms;
    struct presence_stats stats;
    bool complete;

    s.keeps = ops->traits->id.flags & CONTEND_LOOKS_INTO_HANDLES;
    CHILD_EXPECT(1, ops->init(s.object, NULL) == 0);
    CHILD_EXPECT(2, ops->attach(s.object, me) == 0);
    CHILD_EXPECT(3, bury(&s, map_life));
    CHILD_EXPECT(4, ops->is_online(s.object, me, DEAD - 1, EPOCH) == 1);
    CHILD_EXPECT(5, ops->heartbeat(s.object, me, DEAD, EPOCH + g) == PRESENCE_CAME_ONLINE);
    CHILD_EXPECT(6, ops->attach(s.object, late) == 0);
    CHILD_EXPECT(7, ops->count_online(s.object, late, EPOCH) == DEAD + 1);
    ops->detach(s.object, me);
    /* Those that stay, of all users, are the last one. */
    CHILD_EXPECT(8, ops->sweep(s.object, late, EPOCH + 30000 + g, UINT64_MAX, &complete) == DEAD ||
                        ops->traits->features & PRESENCE_SWEEP_MAY_MISS);
    ops->stats(s.object, &stats);
    CHILD_EXPECT(9, stats.inserts == DEAD + 1);
    CHILD_EXPECT(10, stats.entries == stats.inserts - stats.swept - stats.left);
    ops->detach(s.object, late);
    CHILD_EXPECT(11, ops->fini(s.object) == -EBUSY);
    return 0;
}

static void locks_go_on(void **state)
{
    assert_int_equal(child_run(lock_goes_on, *state), 0);
}

static void counters_go_on(void **state)
{
    assert_int_equal(child_run(counter_goes_on, *state), 0);
}

static void bounded_claps_go_on(void **state)
{
    assert_int_equal(child_run(claps_go_on, *state), 0);
}

static void distinct_clappers_go_on(void **state)
{
    assert_int_equal(child_run(distinct_goes_on, *state), 0);
}

static void maps_go_on(void **state)
{
    assert_int_equal(child_run(map_goes_on, *state), 0);
}

int main(void)
{
    static const struct check locks[] = { { "goes on without the dead", locks_go_on } };
    static const struct check counters[] = { { "goes on without the dead", counters_go_on } };
    static const struct check claps[] = { { "goes on without the dead", bounded_claps_go_on } };
    static const struct check distinct[] = { { "goes on without the dead",
                                               distinct_clappers_go_on } };
    static const struct check maps[] = { { "goes on without the dead", maps_go_on } };
    const struct family_checks all = { .locks = CHECKS(locks), .counters = CHECKS(counters),
                                       .claps = CHECKS(claps), .distinct = CHECKS(distinct),
                                       .maps = CHECKS(maps) };

    return support_run("orphans", &all, CONTEND_EXHIBIT);
}
