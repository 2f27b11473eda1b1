/*
 * progress.c - the declared progress, observed.
 *
 * A signal parks one thread at a random instruction inside an operation, and
 * another thread goes on.  Where progress is declared wait-free or lock-free it
 * must get through every time; where it is declared blocking, at least one park
 * must stop it, which shows that the test can see.
 *
 * Only operations that need neither memory nor the kernel are tried (adds, claps where
 * they do not allocate, and heartbeats of users who are there), so that a park inside the
 * allocator proves nothing against a strategy.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "locks/parts/platform.h"
#include "bench/check/map_model.h"
#include "tests/support/support.h"

enum { PARKS = 60, MORE_PARKS = 3000, PATIENCE_MS = 3000, BLOCKED_MS = 15, USERS = 16 };

struct scene {
    void (*operate)(struct scene *s, void *handle, uint64_t turn);
    void *(*attach)(struct scene *s);
    void (*detach)(struct scene *s, void *handle);
    const void *ops;
    void *object;
    bool served; /* by a thread of the object's own */
    _Atomic uint64_t victim_turns, other_turns;
    _Atomic bool stop;
};

/* What the signal handler needs: lock-free atomics only. */
static _Atomic bool parked, park_over;

static void on_park(int signal)
{
    const struct timespec nap = { 0, 100000 };

    (void)signal;
    atomic_store(&parked, true);
    while (!atomic_load(&park_over))
        nanosleep(&nap, NULL);
    atomic_store(&parked, false);
}

static void work(struct scene *s, _Atomic uint64_t *turns)
{
    void *handle = s->attach(s);

    for (uint64_t turn = 0; !atomic_load(&s->stop); turn++) {
        s->operate(s, handle, turn);
        atomic_fetch_add(turns, 1);
    }
    s->detach(s, handle);
}

static void *victim(void *arg)
{
    struct scene *s = arg;

    work(s, &s->victim_turns);
    return NULL;
}

static void *other(void *arg)
{
    struct scene *s = arg;

    work(s, &s->other_turns);
    return NULL;
}

static void nap_us(long us)
{
    struct timespec t = { 0, us * 1000 };

    nanosleep(&t, NULL);
}

/* Whether the other thread gets ten operations done within `ms` milliseconds. */
static bool gets_on(struct scene *s, unsigned ms)
{
    uint64_t before = atomic_load(&s->other_turns), start = contend_clock_ns();

    while (atomic_load(&s->other_turns) < before + 10) {
        if (contend_clock_ns() - start > ms * UINT64_C(1000000))
            return false;
        nap_us(50);
    }
    return true;
}

/* Parks the victim once at wherever it is; whether the other got on meanwhile. */
static bool park_once(struct scene *s, pthread_t thread, struct support_random *random, unsigned ms)
{
    nap_us((long)support_below(random, 200));
    atomic_store(&park_over, false);
    pthread_kill(thread, SIGUSR1);
    while (!atomic_load(&parked))
        nap_us(20);
    bool on = gets_on(s, ms);
    atomic_store(&park_over, true);
    while (atomic_load(&parked))
        nap_us(20);
    return on;
}

/* Counts the parks that stopped the other; ends early once a blocking strategy has been caught. */
static unsigned count_stops(struct scene *s, bool blocking, unsigned *tried)
{
    struct sigaction park = { .sa_handler = on_park, .sa_flags = SA_RESTART }, before;
    struct support_random random = { support_seed() };
    pthread_t a, b;
    unsigned stops = 0;

    sigaction(SIGUSR1, &park, &before);
    assert_int_equal(pthread_create(&a, NULL, victim, s), 0);
    assert_int_equal(pthread_create(&b, NULL, other, s), 0);
    while (!atomic_load(&s->victim_turns) || !atomic_load(&s->other_turns))
        nap_us(100);
    unsigned parks = blocking ? MORE_PARKS : PARKS;
    for (*tried = 0; *tried < parks && !(blocking && stops); ++*tried)
        stops += !park_once(s, a, &random, blocking ? BLOCKED_MS : PATIENCE_MS);
    atomic_store(&s->stop, true);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    sigaction(SIGUSR1, &before, NULL);
    return stops;
}

static void judge(struct scene *s, const char *name, unsigned progress)
{
    bool blocking = (progress & CONTEND_PROGRESS_CLASS) == CONTEND_BLOCKING;
    unsigned tried, stops = count_stops(s, blocking, &tried);

    print_message("# %s: %u parks, %u stopped the other thread\n", name, tried, stops);
    if (!blocking)
        assert_int_equal(stops, 0);
    else if (!s->served) /* else the object's own thread would have to stop, and is not ours */
        assert_true(stops > 0);
}

/* ---- counters ---- */

static void *counter_attach(struct scene *s)
{
    const struct counter_ops *ops = s->ops;
    void *handle = support_alloc(ops->handle_size);

    if (ops->attach(s->object, handle) != 0)
        abort();
    return handle;
}

static void counter_detach(struct scene *s, void *handle)
{
    ((const struct counter_ops *)s->ops)->detach(s->object, handle);
    free(handle);
}

static void clap(struct scene *s, void *handle, uint64_t turn)
{
    const struct counter_ops *ops = s->ops;

    (void)turn;
    /* A hundred at once: the longer inside, the likelier a park in the middle. */
    ops->loops.add(s->object, handle, 100);
}

/* Adds that block may wait for readers alone. */
static void clap_and_look(struct scene *s, void *handle, uint64_t turn)
{
    clap(s, handle, turn);
    ((const struct counter_ops *)s->ops)->read(s->object, handle);
}

static void adds_progress_as_declared(void **state)
{
    const struct counter_ops *ops = *state;
    struct counter_rig r;

    counter_rig_up(&r, ops, NULL);
    struct scene s = { .operate = ops->traits->add == CONTEND_BLOCKING ? clap_and_look : clap,
                       .attach = counter_attach, .detach = counter_detach, .ops = ops,
                       .object = r.object,
                       .served = ops->traits->id.flags & CONTEND_RUNS_THREAD };
    judge(&s, ops->traits->id.name, ops->traits->add);
    counter_rig_down(&r);
}

static void look(struct scene *s, void *handle, uint64_t turn)
{
    const struct counter_ops *ops = s->ops;

    (void)turn;
    for (int i = 0; i < 100; i++)
        ops->read(s->object, handle);
}

static void reads_progress_as_declared(void **state)
{
    const struct counter_ops *ops = *state;
    struct counter_rig r;

    counter_rig_up(&r, ops, NULL);
    struct scene s = { .operate = look, .attach = counter_attach, .detach = counter_detach,
                       .ops = ops, .object = r.object,
                       .served = ops->traits->id.flags & CONTEND_RUNS_THREAD };
    /* Readers of a shared lock do not stop each other, though a writer stops them. */
    if (ops->traits->id.lock && contend_lock_find(ops->traits->id.lock)->traits->features & LOCK_SHARED)
        s.operate = clap;
    judge(&s, ops->traits->id.name, ops->traits->read);
    counter_rig_down(&r);
}

/* ---- bounded claps ---- */

static void *claps_attach(struct scene *s)
{
    const struct claps_ops *ops = s->ops;
    void *handle = support_alloc(ops->handle_size);

    if (ops->attach(s->object, handle) != 0)
        abort();
    return handle;
}

static void claps_detach(struct scene *s, void *handle)
{
    ((const struct claps_ops *)s->ops)->detach(s->object, handle);
    free(handle);
}

static void clap_and_undo(struct scene *s, void *handle, uint64_t turn)
{
    const struct claps_ops *ops = s->ops;

    for (uint64_t i = 0; i < 50; i++) {
        ops->clap(s->object, handle, 0, (turn + i) % 3, 1);
        ops->unclap(s->object, handle, 0, (turn + i) % 3, 1);
    }
}

static void look_at_total(struct scene *s, void *handle, uint64_t turn)
{
    const struct claps_ops *ops = s->ops;

    (void)turn;
    for (int i = 0; i < 100; i++)
        ops->total(s->object, handle, 0);
}

static void claps_progress(const struct claps_ops *ops, unsigned progress,
                           void (*operate)(struct scene *s, void *handle, uint64_t turn))
{
    struct claps_rig r;

    if (progress & CONTEND_MODULO_MALLOC)
        return;
    claps_rig_up(&r, ops, NULL);
    struct scene s = { .operate = operate, .attach = claps_attach, .detach = claps_detach,
                       .ops = ops, .object = r.object,
                       .served = ops->traits->id.flags & CONTEND_RUNS_THREAD };
    judge(&s, ops->traits->id.name, progress);
    claps_rig_down(&r);
}

static void claps_progress_as_declared(void **state)
{
    const struct claps_ops *ops = *state;

    claps_progress(ops, ops->traits->clap, clap_and_undo);
}

/* Readers of a shared lock do not stop each other, though a writer stops them. */
static void totals_progress_as_declared(void **state)
{
    const struct claps_ops *ops = *state;
    const char *lock = ops->traits->id.lock;
    bool shared = lock && contend_lock_find(lock)->traits->features & LOCK_SHARED;

    claps_progress(ops, ops->traits->total, shared ? clap_and_undo : look_at_total);
}

/* ---- distinct clappers ---- */

static void *distinct_attach(struct scene *s)
{
    const struct distinct_ops *ops = s->ops;
    void *handle = support_alloc(ops->handle_size);

    if (ops->attach(s->object, handle) != 0)
        abort();
    return handle;
}

static void distinct_detach(struct scene *s, void *handle)
{
    ((const struct distinct_ops *)s->ops)->detach(s->object, handle);
    free(handle);
}

/* New readers each time, since one who has been there changes nothing. */
static void insert_and_count(struct scene *s, void *handle, uint64_t turn)
{
    const struct distinct_ops *ops = s->ops;

    for (uint64_t i = 0; i < 50; i++)
        ops->insert(s->object, handle, (turn * 50 + i) % DISTINCT_DEFAULT_READERS);
    ops->count(s->object, handle);
}

static void inserts_progress_as_declared(void **state)
{
    const struct distinct_ops *ops = *state;
    struct distinct_rig r;

    distinct_rig_up(&r, ops, NULL);
    struct scene s = { .operate = insert_and_count, .attach = distinct_attach,
                       .detach = distinct_detach, .ops = ops, .object = r.object };
    judge(&s, ops->traits->id.name, ops->traits->insert);
    distinct_rig_down(&r);
}

/* ---- maps ---- */

static void *map_attach(struct scene *s)
{
    const struct presence_ops *ops = s->ops;
    void *handle = support_alloc(ops->handle_size);

    if (ops->attach(s->object, handle) != 0)
        abort();
    return handle;
}

static void map_detach(struct scene *s, void *handle)
{
    ((const struct presence_ops *)s->ops)->detach(s->object, handle);
    free(handle);
}

static void refresh(struct scene *s, void *handle, uint64_t turn)
{
    const struct presence_ops *ops = s->ops;

    for (uint64_t i = 0; i < 100; i++) /* one user, a new second each time */
        ops->heartbeat(s->object, handle, 3, EPOCH + (turn * 100 + i) * 1000);
}

/* Where a refresh blocks it may be for insertions alone, which move its row. */
static void refresh_and_come_and_go(struct scene *s, void *handle, uint64_t turn)
{
    const struct presence_ops *ops = s->ops;

    refresh(s, handle, turn);
    for (uint64_t i = 0; i < 100; i++) {
        ops->leave(s->object, handle, 4 + i % 4, EPOCH + turn * 100000);
        ops->heartbeat(s->object, handle, 4 + i % 4, EPOCH + turn * 100000);
    }
}

static void heartbeats_progress_as_declared(void **state)
{
    const struct presence_ops *ops = *state;
    struct presence_config config = small();
    struct map_rig r;

    /* A stalled stripe stops its own users only: let there be one, and one admitted thread. */
    const struct contend_setting alone[] = { { "stripes", 1 }, { "admission", 1 } };
    const struct settings settings = settings_that_fit(ops->traits->id.options, alone, 2);
    config.settings = settings_as_given(&settings);
    map_rig_up(&r, ops, &config);
    ops->heartbeat(r.object, r.handle, 3, EPOCH);
    bool blocks = (ops->traits->heartbeat & CONTEND_PROGRESS_CLASS) == CONTEND_BLOCKING;
    struct scene s = { .operate = blocks ? refresh_and_come_and_go : refresh, .attach = map_attach, .detach = map_detach, .ops = ops,
                       .object = r.object };
    judge(&s, ops->traits->id.name, ops->traits->heartbeat);
    map_rig_down(&r);
}

int main(void)
{
    static const struct check for_counters[] = {
        { "adds progress as declared", adds_progress_as_declared },
        { "reads progress as declared", reads_progress_as_declared },
    };
    static const struct check for_maps[] = {
        { "heartbeats progress as declared", heartbeats_progress_as_declared },
    };

    static const struct check for_claps[] = {
        { "claps progress as declared", claps_progress_as_declared },
        { "totals progress as declared", totals_progress_as_declared },
    };
    static const struct check for_distinct[] = {
        { "inserts and counts progress as declared", inserts_progress_as_declared },
    };
    const struct family_checks all = { .counters = CHECKS(for_counters),
                                       .claps = CHECKS(for_claps), .distinct = CHECKS(for_distinct),
                                       .maps = CHECKS(for_maps) };

    return support_run("progress", &all, CONTEND_EXHIBIT);
}
