/*
 * fork.c - what a fork leaves usable in the child, where only the forking thread exists.
 *
 * If the other threads were outside of operations, everything.  If one was inside, at whatever
 * instruction, it has vanished there: what is declared wait-free or lock-free goes on, as it
 * does beside a thread that stalls, and a blocking operation may wait for ever, which some
 * fork must show.  What a strategy's own thread does is not done in the child.
 */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/base/settings.h"
#include "locks/parts/platform.h"
#include "tests/support/child.h"
#include "tests/support/support.h"

enum { FORKS = 30, MORE_FORKS = 1500, PATIENT_S = 20, EPOCH = 1000000, USERS = 16 };

/* One operation of one object, done over and over by the thread that will vanish. */
struct scene {
    void (*operate)(struct scene *s, void *handle, uint64_t turn);
    const void *ops;
    void *object, *mine, *theirs; /* the handles */
    _Atomic uint64_t turns;
    _Atomic bool stop;
};

static void *vanish(void *arg)
{
    struct scene *s = arg;

    while (!atomic_load(&s->stop)) {
        uint64_t turn = atomic_fetch_add(&s->turns, 1);
        s->operate(s, s->theirs, turn);
    }
    return NULL;
}

/* Whether a child that is forked now gets ten operations done. */
static bool child_gets_on(struct scene *s, unsigned ms)
{
    const struct timespec nap = { 0, 200000 };
    uint64_t turn = atomic_load(&s->turns), start = contend_clock_ns();
    int status;
    pid_t child = fork();

    if (child == 0) {
        for (uint64_t i = 0; i < 10; i++)
            s->operate(s, s->mine, turn + i);
        _exit(0);
    }
    assert_true(child > 0);
    while (waitpid(child, &status, WNOHANG) == 0) {
        if (contend_clock_ns() - start > ms * UINT64_C(1000000)) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return false;
        }
        nanosleep(&nap, NULL);
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool blocks(unsigned progress)
{
    return (progress & CONTEND_PROGRESS_CLASS) == CONTEND_BLOCKING;
}

/* `seldom`: what blocks does so only beside something that is hardly ever done here, or never. */
static void judge(struct scene *s, const char *name, unsigned progress, bool seldom)
{
    bool blocking = blocks(progress);
    unsigned forks = blocking && !seldom ? MORE_FORKS : FORKS, stuck = 0, tried = 0;
    struct support_random random = { support_seed() };
    pthread_t other;

    atomic_init(&s->turns, 0);
    atomic_init(&s->stop, false);
    assert_int_equal(pthread_create(&other, NULL, vanish, s), 0);
    while (atomic_load(&s->turns) == 0)
        sched_yield();
    for (; tried < forks && !stuck; tried++) {
        struct timespec nap = { 0, (long)support_below(&random, 200) * 1000 };
        nanosleep(&nap, NULL);
        stuck += !child_gets_on(s, blocking ? 50 : PATIENT_S * 1000);
    }
    atomic_store(&s->stop, true);
    pthread_join(other, NULL);
    print_message("# %s: %u forks, %u children got stuck\n", name, tried, stuck);
    assert_true(blocking ? stuck > 0 || seldom : stuck == 0);
}

/* ---- the vanished thread was inside ---- */

static void clap(struct scene *s, void *handle, uint64_t turn)
{
    const struct counter_ops *ops = s->ops;

    (void)turn;
    ops->loops.add(s->object, handle, 100);
}

/* Adds that block may wait for readers alone. */
static void clap_and_look(struct scene *s, void *handle, uint64_t turn)
{
    clap(s, handle, turn);
    ((const struct counter_ops *)s->ops)->read(s->object, handle);
}

static void look(struct scene *s, void *handle, uint64_t turn)
{
    const struct counter_ops *ops = s->ops;

    (void)turn;
    for (int i = 0; i < 100; i++)
        ops->read(s->object, handle);
}

/*
 * Readers of a shared lock do not stop each other, nor do those that only look at a version,
 * though a writer stops them.
 */
static bool reads_share(const char *lock)
{
    return lock &&
           contend_lock_find(lock)->traits->features & (LOCK_SHARED | LOCK_OPTIMISTIC);
}

static void counter_without_the_vanished(void **state)
{
    const struct counter_ops *ops = *state;
    void *other = support_alloc(ops->handle_size);
    struct counter_rig r;

    counter_rig_up(&r, ops, NULL);
    assert_int_equal(ops->attach(r.object, other), 0);
    struct scene s = { .ops = ops, .object = r.object, .mine = r.handle, .theirs = other };
    s.operate = ops->traits->add == CONTEND_BLOCKING ? clap_and_look : clap;
    judge(&s, "adds", ops->traits->add, false);
    s.operate = reads_share(ops->traits->id.lock) ? clap : look;
    judge(&s, "reads", ops->traits->read, false);
    ops->detach(r.object, other);
    counter_rig_down(&r);
    free(other);
}

static void refresh(struct scene *s, void *handle, uint64_t turn)
{
    const struct presence_ops *ops = s->ops;

    for (uint64_t i = 0; i < 100; i++) /* one user, a new second each time */
        ops->heartbeat(s->object, handle, 3, EPOCH + (turn * 100 + i) * 1000);
}

static void ask(struct scene *s, void *handle, uint64_t turn)
{
    const struct presence_ops *ops = s->ops;

    (void)turn;
    for (int i = 0; i < 100; i++)
        ops->is_online(s->object, handle, 3, EPOCH);
}

/* Users come and go, and who is in is swept and met on a walk. */
static void come_and_go(struct scene *s, void *handle, uint64_t turn)
{
    const struct presence_ops *ops = s->ops;

    for (uint64_t i = 0; i < USERS; i++)
        ops->heartbeat(s->object, handle, i, EPOCH + turn);
    for (uint64_t i = 0; i < USERS; i++)
        ops->leave(s->object, handle, i, EPOCH + turn);
}

static void sweep(struct scene *s, void *handle, uint64_t turn)
{
    const struct presence_ops *ops = s->ops;

    for (uint64_t i = 0; i < USERS; i++)
        ops->heartbeat(s->object, handle, i, EPOCH + turn * 100000);
    ops->sweep(s->object, handle, EPOCH + turn * 100000 + 50000, UINT64_MAX, NULL);
}

static void count(struct scene *s, void *handle, uint64_t turn)
{
    const struct presence_ops *ops = s->ops;

    for (uint64_t i = 0; i < USERS; i++)
        ops->heartbeat(s->object, handle, i, EPOCH + turn);
    ops->count_online(s->object, handle, EPOCH + turn);
}

/* The weaker of two classes. */
static unsigned weaker(unsigned a, unsigned b)
{
    return (a & CONTEND_PROGRESS_CLASS) > (b & CONTEND_PROGRESS_CLASS) ? a : b;
}

static void map_without_the_vanished(void **state)
{
    const struct presence_ops *ops = *state;
    const struct presence_traits *t = ops->traits;
    void *other = support_alloc(ops->handle_size);
    /* A vanished holder stops its own part only: let there be one. */
    const struct contend_setting alone[] = { { "stripes", 1 }, { "admission", 1 } };
    const struct settings settings = settings_that_fit(t->id.options, alone, 2);
    struct presence_config config = { .expected = 64, .settings = settings_as_given(&settings) };
    struct map_rig r;

    map_rig_up(&r, ops, &config);
    assert_int_equal(ops->attach(r.object, other), 0);
    assert_int_equal(ops->heartbeat(r.object, r.handle, 3, EPOCH), PRESENCE_CAME_ONLINE);
    struct scene s = { .ops = ops, .object = r.object, .mine = r.handle, .theirs = other };
    s.operate = refresh;
    /* Where reads wait for nobody, a heartbeat may wait only for a row that is being moved. */
    judge(&s, "heartbeats", t->heartbeat, !blocks(t->is_online));
    s.operate = reads_share(t->id.lock) ? refresh : ask;
    judge(&s, "is_online", weaker(t->is_online, s.operate == refresh ? t->heartbeat : 0),
          false);
    s.operate = come_and_go;
    judge(&s, "inserts and leaves", weaker(t->insert, t->leave), false);
    s.operate = sweep;
    judge(&s, "sweeps", weaker(t->insert, weaker(t->heartbeat, t->sweep)), !blocks(t->sweep));
    s.operate = count;
    judge(&s, "walks", weaker(t->insert, weaker(t->heartbeat, t->walk)), !blocks(t->walk));
    ops->detach(r.object, other);
    map_rig_down(&r);
    free(other);
}

/* ---- the others were outside ---- */

struct resting {
    const void *ops;
    void *object, *handle;
    _Atomic int stage; /* 1: attached and used; 2: may detach */
};

static void *rest(void *arg)
{
    struct resting *o = arg;
    const struct counter_ops *ops = o->ops;

    if (ops->attach(o->object, o->handle) != 0 || ops->add(o->object, o->handle, 2) != 0)
        abort();
    ops->quiescent(o->object, o->handle);
    atomic_store(&o->stage, 1);
    while (atomic_load(&o->stage) == 1)
        sched_yield();
    ops->detach(o->object, o->handle);
    return NULL;
}

static int counter_in_child(void *arg)
{
    struct counter_rig *r = arg;
    const struct counter_ops *ops = r->ops;
    void *late = support_alloc(ops->handle_size);

    CHILD_EXPECT(1, ops->add(r->object, r->handle, 1) == 0);
    CHILD_EXPECT(2, ops->read(r->object, r->handle) == 3);
    CHILD_EXPECT(3, ops->attach(r->object, late) == 0);
    CHILD_EXPECT(4, ops->add(r->object, late, 1) == 0);
    ops->detach(r->object, late);
    CHILD_EXPECT(5, ops->read(r->object, r->handle) == 4);
    ops->detach(r->object, r->handle);
    CHILD_EXPECT(6, ops->fini(r->object) == -EBUSY); /* the thread that is not there */
    return 0;
}

static void counter_beside_the_resting(void **state)
{
    const struct counter_ops *ops = *state;
    struct counter_rig r;
    pthread_t other;

    counter_rig_up(&r, ops, NULL);
    struct resting o = { .ops = ops, .object = r.object, .handle = support_alloc(ops->handle_size) };
    assert_int_equal(pthread_create(&other, NULL, rest, &o), 0);
    while (atomic_load(&o.stage) == 0)
        sched_yield();
    assert_int_equal(child_run(counter_in_child, &r), 0);
    atomic_store(&o.stage, 2);
    pthread_join(other, NULL);
    assert_int_equal(ops->read(r.object, r.handle), 2); /* nothing of the child is here */
    counter_rig_down(&r);
    free(o.handle);
}

static int map_in_child(void *arg)
{
    struct map_rig *r = arg;
    const struct presence_ops *ops = r->ops;
    void *late = support_alloc(ops->handle_size);
    bool kept = ops->traits->features & PRESENCE_SWEEP_MAY_MISS;

    CHILD_EXPECT(1, ops->is_online(r->object, r->handle, 1, EPOCH) == 1);
    CHILD_EXPECT(2, ops->heartbeat(r->object, r->handle, 2, EPOCH) == PRESENCE_CAME_ONLINE);
    CHILD_EXPECT(3, ops->attach(r->object, late) == 0);
    CHILD_EXPECT(4, ops->count_online(r->object, late, EPOCH) == 2);
    CHILD_EXPECT(5, ops->leave(r->object, late, 1, EPOCH) == 1);
    CHILD_EXPECT(6, ops->sweep(r->object, late, EPOCH + 31000 + ops->traits->granularity_ms,
                               UINT64_MAX, NULL) == 1 || kept);
    ops->detach(r->object, late);
    ops->detach(r->object, r->handle);
    return 0;
}

static void map_goes_on_in_the_child(void **state)
{
    struct map_rig r;

    map_rig_up(&r, *state, NULL);
    assert_int_equal(r.ops->heartbeat(r.object, r.handle, 1, EPOCH), PRESENCE_CAME_ONLINE);
    assert_int_equal(child_run(map_in_child, &r), 0);
    assert_int_equal(r.ops->count_online(r.object, r.handle, EPOCH), 1);
    map_rig_down(&r);
}

int main(void)
{
    static const struct check for_counters[] = {
        { "goes on beside the resting", counter_beside_the_resting },
        { "goes on without the vanished", counter_without_the_vanished },
    };
    static const struct check for_maps[] = {
        { "goes on in the child", map_goes_on_in_the_child },
        { "goes on without the vanished", map_without_the_vanished },
    };

    const struct family_checks all = { .counters = CHECKS(for_counters), .maps = CHECKS(for_maps) };

    return support_run("fork", &all, CONTEND_EXHIBIT | CONTEND_RUNS_THREAD);
}
