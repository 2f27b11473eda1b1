/*
 * sections.c - the contract of lock.h beyond acquire and release: L5, L11 and L12, for every
 * lock.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "locks/parts/platform.h"
#include "tests/locks/rig.h"

/* Two words that a writer changes together; atomic, as optimistic readers need them. */
struct pair {
    struct lock_rig rig;
    _Atomic int64_t first, second;
    _Atomic int64_t reads, again;
    _Atomic bool torn;
};

static void read_or_write_a_pair(struct team *team, unsigned number)
{
    struct pair *p = team->shared;
    const struct lock_ops *ops = p->rig.ops;
    void *handle = attach(ops, p->rig.lock);

    while (!team_stopped(team)) {
        if (number == 0) {
            if (!lock_is_held(ops->acquire(p->rig.lock, handle)))
                continue;
            /* relaxed: the lock orders them. */
            int64_t n = atomic_load_explicit(&p->first, memory_order_relaxed) + 1;
            atomic_store_explicit(&p->first, n, memory_order_relaxed);
            atomic_store_explicit(&p->second, n, memory_order_relaxed);
            ops->release(p->rig.lock, handle);
            continue;
        }
        int64_t first, second;
        uint64_t version;
        if (!lock_is_held(ops->read_begin(p->rig.lock, handle, &version)))
            continue;
        first = atomic_load_explicit(&p->first, memory_order_relaxed);
        second = atomic_load_explicit(&p->second, memory_order_relaxed);
        if (ops->read_retry(p->rig.lock, handle, version)) {
            atomic_fetch_add(&p->again, 1);
            continue;
        }
        atomic_fetch_add(&p->reads, 1);
        if (first != second)
            atomic_store(&p->torn, true);
    }
    detach(ops, p->rig.lock, handle);
}

/* L11: what a reader keeps belongs together; a lock that readers hold never sends them back. */
static void reads_belong_together(void **state)
{
    struct pair p = { .first = 0 };

    rig_up(&p.rig, *state);
    struct team team = { .body = read_or_write_a_pair, .shared = &p };
    for (int round = 0; round < 10 && (round == 0 || atomic_load(&p.reads) == 0); round++)
        team_run(&team, 3, support_ms(30));
    assert_false(atomic_load(&p.torn));
    assert_true(atomic_load(&p.reads) > 0);
    if (!(p.rig.ops->traits->features & LOCK_OPTIMISTIC))
        assert_int_equal(atomic_load(&p.again), 0);
    rig_down(&p.rig);
}

/* L11: a reader between read_begin and read_retry keeps a writer out, or is sent back. */
static void reader_meets_a_writer(void **state)
{
    struct lock_rig r;
    uint64_t version;

    rig_up(&r, *state);
    void *mine = attach(r.ops, r.lock), *other = attach(r.ops, r.lock);
    assert_int_equal(r.ops->read_begin(r.lock, mine, &version), 0);
    if (r.ops->traits->features & LOCK_OPTIMISTIC) {
        assert_int_equal(r.ops->acquire(r.lock, other), 0);
        r.ops->release(r.lock, other);
        assert_int_equal(r.ops->read_retry(r.lock, mine, version), 1);
        assert_int_equal(r.ops->read_begin(r.lock, mine, &version), 0);
    } else if (r.ops->traits->features & LOCK_TRY) {
        assert_int_equal(r.ops->try_acquire(r.lock, other), -EBUSY);
    }
    assert_int_equal(r.ops->read_retry(r.lock, mine, version), 0);
    assert_int_equal(r.ops->acquire(r.lock, other), 0); /* no thread is inside any more */
    r.ops->release(r.lock, other);
    detach(r.ops, r.lock, mine);
    detach(r.ops, r.lock, other);
    rig_down(&r);
}

/* L11: a version is worth one section; where there are none, nothing changes. */
static void upgrades_as_declared(void **state)
{
    struct lock_rig r;
    uint64_t version;

    rig_up(&r, *state);
    void *mine = attach(r.ops, r.lock), *other = attach(r.ops, r.lock);
    assert_int_equal(r.ops->read_begin(r.lock, mine, &version), 0);
    if (r.ops->traits->features & LOCK_OPTIMISTIC) {
        assert_int_equal(r.ops->try_upgrade(r.lock, mine, version), 0);
        assert_int_equal(r.ops->try_acquire(r.lock, other), -EBUSY);
        r.ops->release(r.lock, mine);
        assert_int_equal(r.ops->try_upgrade(r.lock, mine, version), -EBUSY);
        assert_int_equal(r.ops->read_begin(r.lock, mine, &version), 0);
        assert_int_equal(r.ops->acquire(r.lock, other), 0);
        assert_int_equal(r.ops->try_upgrade(r.lock, mine, version), -EBUSY);
        r.ops->release(r.lock, other);
        assert_int_equal(r.ops->try_upgrade(r.lock, mine, version), -EBUSY);
    } else {
        assert_int_equal(r.ops->try_upgrade(r.lock, mine, version), -ENOTSUP);
        assert_int_equal(r.ops->read_retry(r.lock, mine, version), 0);
    }
    assert_int_equal(r.ops->acquire(r.lock, other), 0); /* no thread is inside any more */
    r.ops->release(r.lock, other);
    detach(r.ops, r.lock, mine);
    detach(r.ops, r.lock, other);
    rig_down(&r);
}

static void count_by_upgrading(struct team *team, unsigned number)
{
    struct pair *p = team->shared;
    const struct lock_ops *ops = p->rig.ops;
    void *handle = attach(ops, p->rig.lock);
    int64_t mine = 0;
    uint64_t version;

    (void)number;
    while (!team_stopped(team)) {
        if (!lock_is_held(ops->read_begin(p->rig.lock, handle, &version)))
            continue;
        /* relaxed: try_upgrade refuses if it has changed. */
        int64_t seen = atomic_load_explicit(&p->first, memory_order_relaxed);
        if (mine % 4 == 0)
            contend_yield(); /* others change it meanwhile, on one processor as well */
        if (ops->try_upgrade(p->rig.lock, handle, version) != 0)
            continue;
        atomic_store_explicit(&p->first, seen + 1, memory_order_relaxed);
        ops->release(p->rig.lock, handle);
        mine++;
    }
    atomic_fetch_add(&p->reads, mine);
    detach(ops, p->rig.lock, handle);
}

/* L11: what was read before try_upgrade still holds behind it. */
static void upgrades_lose_nothing(void **state)
{
    struct pair p = { .first = 0 };

    rig_up(&p.rig, *state);
    struct team team = { .body = count_by_upgrading, .shared = &p };
    if (p.rig.ops->traits->features & LOCK_OPTIMISTIC) {
        for (int round = 0; round < 10 && (round == 0 || atomic_load(&p.reads) == 0); round++)
            team_run(&team, 3, support_ms(30));
        assert_true(atomic_load(&p.reads) > 0);
        assert_int_equal(atomic_load(&p.first), atomic_load(&p.reads));
    }
    rig_down(&p.rig);
}

/* What execute has done: the value that it left, how often it was called, and on which thread. */
struct errand {
    struct lock_rig *rig;
    pthread_t asker;
    _Atomic int64_t *elsewhere;
    int64_t calls, left; /* plain: the answer orders them */
};

static void run_errand(void *ctx)
{
    struct errand *e = ctx;

    e->left = ++e->rig->value;
    e->calls++;
    if (!pthread_equal(pthread_self(), e->asker))
        atomic_fetch_add(e->elsewhere, 1);
}

static void send_errands(struct team *team, unsigned number)
{
    struct lock_rig *r = team->shared;
    void *handle = attach(r->ops, r->lock);
    struct errand e = { r, pthread_self(), &r->elsewhere, 0, 0 };
    int64_t mine = 0, called = 0, before = 0;

    while (!team_stopped(team)) {
        if (number % 2) { /* sections and errands exclude each other */
            if (lock_is_held(r->ops->acquire(r->lock, handle))) {
                r->value++;
                r->ops->release(r->lock, handle);
                mine++;
            }
        } else {
            called += lock_is_held(r->ops->execute(r->lock, handle, run_errand, &e));
            if (e.calls != called || e.left < before)
                atomic_store(&r->together, true);
            before = e.left;
        }
    }
    atomic_fetch_add(&r->expected, mine + called);
    detach(r->ops, r->lock, handle);
}

/*
 * Errands and sections by turns through one handle, others beside it, while threads attach and
 * detach: what a lock keeps of one use must not disturb the next.
 */
static void change_about(struct team *team, unsigned number)
{
    struct lock_rig *r = team->shared;
    int64_t mine = 0;

    do {
        void *handle = attach(r->ops, r->lock);
        struct errand e = { r, pthread_self(), &r->elsewhere, 0, 0 };
        for (unsigned i = 0; i < 4; i++) {
            if ((i + number) % 3 == 0) {
                mine += lock_is_held(r->ops->execute(r->lock, handle, run_errand, &e));
            } else if (lock_is_held(i % 2 ? r->ops->acquire(r->lock, handle)
                                          : r->ops->try_acquire(r->lock, handle))) {
                r->value++;
                r->ops->release(r->lock, handle);
                mine++;
            }
        }
        detach(r->ops, r->lock, handle);
    } while (!team_stopped(team));
    atomic_fetch_add(&r->expected, mine);
}

static void sections_and_errands_alternate(void **state)
{
    struct lock_rig r;

    rig_up(&r, *state);
    struct team team = { .body = change_about, .shared = &r };
    team_run(&team, 5, support_ms(60));
    assert_int_equal(r.value, atomic_load(&r.expected));
    assert_true(r.value > 0);
    rig_down(&r);
}

/* L12: each call is made once and alone; by another thread only where LOCK_DELEGATES says so. */
static void executes_as_declared(void **state)
{
    struct lock_rig r;

    rig_up(&r, *state);
    struct team team = { .body = send_errands, .shared = &r };
    team_run(&team, 4, support_ms(60));
    if (r.ops->traits->features & LOCK_DELEGATES)
        for (int round = 0; round < 500 && atomic_load(&r.elsewhere) == 0; round++)
            team_run(&team, 4, support_ms(20));
    assert_int_equal(r.value, atomic_load(&r.expected));
    assert_false(atomic_load(&r.together)); /* each result was there when its call returned */
    assert_int_equal(atomic_load(&r.elsewhere) != 0,
                     !!(r.ops->traits->features & LOCK_DELEGATES));
    rig_down(&r);
}

static void die_inside(struct team *team, unsigned number)
{
    struct lock_rig *r = team->shared;

    (void)number;
    assert_int_equal(r->ops->acquire(r->lock, r->dead), 0);
}

/* L5: a lock that recovers tells the next holder once that the previous one has died. */
static void recovers_as_declared(void **state)
{
    struct lock_rig r;

    rig_up(&r, *state);
    if (r.ops->traits->features & LOCK_RECOVERS) {
        struct team team = { .body = die_inside, .shared = &r };
        void *handle = attach(r.ops, r.lock);
        r.dead = attach(r.ops, r.lock);
        team_run(&team, 1, 0);
        assert_int_equal(r.ops->acquire(r.lock, handle), -EOWNERDEAD);
        r.ops->release(r.lock, handle);
        assert_int_equal(r.ops->acquire(r.lock, handle), 0);
        r.ops->release(r.lock, handle);
        detach(r.ops, r.lock, handle);
        free(r.dead); /* its owner is gone, and cannot detach it */
    }
    rig_down(&r);
}

/* What processes share: the lock and what it guards. */
struct shared {
    int64_t value; /* plain: only the lock protects it */
    CONTEND_ALIGNED char lock[];
};

enum { PROCESSES = 3, TURNS = 5000 };

static int take_turns(const struct lock_ops *ops, struct shared *s)
{
    void *handle = attach(ops, s->lock);

    for (int i = 0; i < TURNS; i++) {
        if (ops->acquire(s->lock, handle) != 0)
            return 1;
        s->value++;
        ops->release(s->lock, handle);
    }
    detach(ops, s->lock, handle);
    return 0;
}

/* CONTEND_PROCESS_SHARED: one lock in memory that several processes map. */
static void process_shared_as_declared(void **state)
{
    const struct lock_ops *ops = *state;
    size_t size = sizeof(struct shared) + ops->size;
    pid_t children[PROCESSES];

    if (!(ops->traits->id.flags & CONTEND_PROCESS_SHARED))
        return;
    struct shared *s = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(s, MAP_FAILED);
    s->value = 0;
    assert_int_equal(ops->init(s->lock, NULL), 0);
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0)
            _exit(take_turns(ops, s));
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status = -1;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    assert_int_equal(s->value, PROCESSES * TURNS);
    assert_int_equal(ops->fini(s->lock), 0);
    munmap(s, size);
}

/* The child's part: it takes the lock, says so, and waits to be killed. */
static void die_in_a_process(const struct lock_ops *ops, struct shared *s)
{
    if (ops->acquire(s->lock, attach(ops, s->lock)) == 0)
        __atomic_store_n(&s->value, 1, __ATOMIC_RELEASE);
    for (;;)
        pause();
}

/* L5, between processes: a holder that was killed is recovered from like a thread that ended. */
static void recovers_from_a_killed_process(void **state)
{
    const struct lock_ops *ops = *state;
    size_t size = sizeof(struct shared) + ops->size;

    if (!(ops->traits->id.flags & CONTEND_PROCESS_SHARED) ||
        !(ops->traits->features & LOCK_RECOVERS))
        return;
    struct shared *s = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(s, MAP_FAILED);
    assert_int_equal(ops->init(s->lock, NULL), 0);
    void *handle = attach(ops, s->lock);
    for (int by_try = 0; by_try < 2; by_try++) {
        s->value = 0;
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            die_in_a_process(ops, s);
        while (__atomic_load_n(&s->value, __ATOMIC_ACQUIRE) == 0)
            sched_yield();
        assert_int_equal(ops->try_acquire(s->lock, handle), -EBUSY); /* it still lives */
        assert_int_equal(kill(child, SIGKILL), 0);
        assert_int_equal(waitpid(child, NULL, 0), child);
        assert_int_equal((by_try ? ops->try_acquire : ops->acquire)(s->lock, handle), -EOWNERDEAD);
        ops->release(s->lock, handle);
        assert_int_equal(ops->acquire(s->lock, handle), 0);
        ops->release(s->lock, handle);
    }
    detach(ops, s->lock, handle);
    assert_int_equal(ops->fini(s->lock), 0);
    munmap(s, size);
}

int main(void)
{
    static const struct check checks[] = {
        { "reads belong together", reads_belong_together },
        { "reader meets a writer", reader_meets_a_writer },
        { "upgrades as declared", upgrades_as_declared },
        { "upgrades lose nothing", upgrades_lose_nothing },
        { "executes as declared", executes_as_declared },
        { "sections and errands alternate", sections_and_errands_alternate },
        { "recovers as declared", recovers_as_declared },
        { "process shared as declared", process_shared_as_declared },
        { "recovers from a killed process", recovers_from_a_killed_process },
    };

    return support_run_locks("lock sections", checks, sizeof checks / sizeof *checks, 0);
}
