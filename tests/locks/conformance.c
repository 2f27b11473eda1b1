/*
 * conformance.c - the contract of lock.h, L1 to L10, for every lock.
 */
#include <stdlib.h>

#include "locks/parts/platform.h"
#include "tests/locks/rig.h"
#include "tests/support/options.h"

static void count_under_lock(struct team *team, unsigned number)
{
    struct lock_rig *r = team->shared;
    void *handle = attach(r->ops, r->lock);
    int64_t mine = 0;

    (void)number;
    while (!team_stopped(team)) {
        /* Some by try, where there is a try. */
        bool held = mine % 8 == 3 && r->ops->try_acquire(r->lock, handle) == 0;
        if (!held && !lock_is_held(r->ops->acquire(r->lock, handle)))
            continue;
        r->value++;
        r->ops->release(r->lock, handle);
        mine++;
    }
    atomic_fetch_add(&r->expected, mine);
    detach(r->ops, r->lock, handle);
}

static void exclude(struct lock_rig *r, unsigned ms)
{
    struct team team = { .body = count_under_lock, .shared = r };

    team_run(&team, 2, support_ms(ms));
    team_run(&team, 5, support_ms(ms)); /* more than this machine may have processors */
    assert_int_equal(r->value, atomic_load(&r->expected));
    assert_true(r->value > 0);
}

/* L1, L2: increments of a plain integer, none lost; with TSan also no race. */
static void excludes(void **state)
{
    struct lock_rig r;

    rig_up(&r, *state);
    exclude(&r, 60);
    rig_down(&r);
}

static void exclude_with(const void *ops, const struct contend_settings *settings)
{
    struct lock_config config = { .settings = *settings };
    struct lock_rig r;

    rig_up_with(&r, ops, &config);
    exclude(&r, 20);
    rig_down(&r);
}

/* The same with every option at its edges. */
static void excludes_under_every_option(void **state)
{
    const struct lock_ops *ops = *state;

    options_at_their_edges(ops->traits->id.options, ops, exclude_with);
}

/* Every byte comes from the given allocator and goes back, and the traits tell the truth. */
static void account(const void *table, const struct contend_settings *settings)
{
    enum { CROWD = 40 };
    const struct lock_ops *ops = table;
    struct counting_allocator counting;
    struct lock_config config = { .allocator = &counting.allocator, .settings = *settings };
    struct lock_traits own;
    struct lock_rig r;
    void *handles[CROWD];
    int crowd = 0;

    counting_allocator_init(&counting);
    rig_up_with(&r, ops, &config);
    ops->traits_of(r.lock, &own);
    assert_int_equal(own.bytes, ops->size + counting.bytes);
    for (; crowd < CROWD; crowd++) {
        handles[crowd] = support_alloc(ops->handle_size);
        int error = ops->attach(r.lock, handles[crowd]);
        if (error) { /* an option may limit the number of threads */
            assert_int_equal(error, -EAGAIN);
            assert_true(settings->count > 0 && crowd > 0);
            free(handles[crowd]);
            break;
        }
        assert_int_equal(ops->acquire(r.lock, handles[crowd]), 0);
        ops->release(r.lock, handles[crowd]);
        assert_int_equal(own.bytes + (size_t)(crowd + 1) * own.handle_heap,
                         ops->size + counting.bytes);
    }
    while (crowd > 0)
        detach(ops, r.lock, handles[--crowd]);
    assert_int_equal(own.bytes, ops->size + counting.bytes);
    rig_down(&r);
    assert_int_equal(counting.bytes, 0);
}

static void accounts_for_its_memory(void **state)
{
    static const struct contend_settings none;
    const struct lock_ops *ops = *state;

    account(ops, &none);
    options_at_their_edges(ops->traits->id.options, ops, account);
}

static int init_lock(const void *table, const struct contend_settings *settings)
{
    const struct lock_ops *ops = table;
    struct counting_allocator counting;
    struct lock_config config = { .allocator = &counting.allocator, .settings = *settings };
    void *lock = support_alloc(ops->size);

    counting_allocator_init(&counting);
    int error = ops->init(lock, &config);
    if (error == 0)
        assert_int_equal(ops->fini(lock), 0);
    assert_int_equal(counting.bytes, 0);
    free(lock);
    return error;
}

/* L10: settings that nobody declared. */
static void refuses_unknown_settings(void **state)
{
    const struct lock_ops *ops = *state;

    options_are_refused(ops->traits->id.options, ops, init_lock);
}

/* L6: try takes a free lock, fails on a held one, and says so where it does not exist. */
static void try_as_declared(void **state)
{
    struct lock_rig r;

    rig_up(&r, *state);
    void *mine = attach(r.ops, r.lock), *other = attach(r.ops, r.lock);
    int result = r.ops->try_acquire(r.lock, mine);
    if (r.ops->traits->features & LOCK_TRY) {
        assert_int_equal(result, 0);
        assert_int_equal(r.ops->try_acquire(r.lock, other), -EBUSY);
        r.ops->release(r.lock, mine);
        assert_int_equal(r.ops->try_acquire(r.lock, other), 0);
        r.ops->release(r.lock, other);
    } else {
        assert_int_equal(result, -ENOTSUP);
    }
    detach(r.ops, r.lock, mine);
    detach(r.ops, r.lock, other);
    rig_down(&r);
}

/* L9: a held lock is not taken apart, where the lock can tell. */
static void fini_as_declared(void **state)
{
    struct lock_rig r;

    rig_up(&r, *state);
    void *handle = attach(r.ops, r.lock);
    r.ops->acquire(r.lock, handle);
    if (r.ops->traits->features & LOCK_KNOWS_HOLDER)
        assert_int_equal(r.ops->fini(r.lock), -EBUSY);
    r.ops->release(r.lock, handle);
    detach(r.ops, r.lock, handle);
    rig_down(&r);
}

enum { LOCKS = 4 };

/* Handles for several locks: one for all where that is allowed, else one for each. */
struct keys {
    const struct lock_ops *ops;
    void *each[LOCKS];
};

static bool serves_all(const struct lock_ops *ops)
{
    return ops->traits->features & LOCK_ANY_HANDLE;
}

static struct keys keys_for(const struct lock_ops *ops, struct lock_rig r[LOCKS])
{
    struct keys k = { .ops = ops };

    for (int i = 0; i < LOCKS; i++)
        k.each[i] = i == 0 || !serves_all(ops) ? attach(ops, r[i].lock) : k.each[0];
    return k;
}

static void keys_back(struct keys *k, struct lock_rig r[LOCKS])
{
    for (int i = 0; i < LOCKS; i++)
        if (i == 0 || !serves_all(k->ops))
            detach(k->ops, r[i].lock, k->each[i]);
}

/* L3: one handle, many locks of the kind, one after the other; two handles nest. */
static void handle_serves_as_declared(void **state)
{
    struct lock_rig r[LOCKS];
    const struct lock_ops *ops = *state;

    for (int i = 0; i < LOCKS; i++)
        rig_up(&r[i], ops);
    struct keys outer = keys_for(ops, r), inner = keys_for(ops, r);
    for (int i = 0; i < 100; i++) {
        int a = i % 3, b = a + 1, c = i % LOCKS; /* always the lower one first */
        assert_int_equal(ops->acquire(r[a].lock, outer.each[a]), 0);
        assert_int_equal(ops->acquire(r[b].lock, inner.each[b]), 0);
        ops->release(r[b].lock, inner.each[b]);
        ops->release(r[a].lock, outer.each[a]);
        assert_int_equal(ops->acquire_shared(r[c].lock, outer.each[c]), 0);
        ops->release_shared(r[c].lock, outer.each[c]);
    }
    keys_back(&outer, r);
    keys_back(&inner, r);
    for (int i = 0; i < LOCKS; i++)
        rig_down(&r[i]);
}

/* L6, shared: readers beside readers as LOCK_SHARED says, never beside a writer. */
static void try_shared_as_declared(void **state)
{
    struct lock_rig r;

    rig_up(&r, *state);
    void *mine = attach(r.ops, r.lock), *other = attach(r.ops, r.lock);
    unsigned features = r.ops->traits->features;
    int result = r.ops->try_acquire_shared(r.lock, mine);
    if (features & LOCK_TRY_SHARED) {
        assert_int_equal(result, 0);
        result = r.ops->try_acquire_shared(r.lock, other);
        assert_int_equal(result, features & LOCK_SHARED ? 0 : -EBUSY);
        if (features & LOCK_TRY)
            assert_int_equal(r.ops->try_acquire(r.lock, other), -EBUSY);
        if (result == 0)
            r.ops->release_shared(r.lock, other);
        r.ops->release_shared(r.lock, mine);
        assert_int_equal(r.ops->acquire(r.lock, mine), 0);
        assert_int_equal(r.ops->try_acquire_shared(r.lock, other), -EBUSY);
        r.ops->release(r.lock, mine);
    } else {
        assert_int_equal(result, -ENOTSUP);
    }
    detach(r.ops, r.lock, mine);
    detach(r.ops, r.lock, other);
    rig_down(&r);
}

static void read_or_write(struct team *team, unsigned number)
{
    struct lock_rig *r = team->shared;
    void *handle = attach(r->ops, r->lock);

    while (!team_stopped(team)) {
        if (number == 0) { /* the writer */
            r->ops->acquire(r->lock, handle);
            if (atomic_load(&r->inside) != 0)
                atomic_store(&r->together, true);
            r->value++;
            r->ops->release(r->lock, handle);
            struct timespec rest = { 0, 50000 };
            nanosleep(&rest, NULL);
            continue;
        }
        r->ops->acquire_shared(r->lock, handle);
        int inside = atomic_fetch_add(&r->inside, 1) + 1;
        int most = atomic_load(&r->most);
        while (inside > most && !atomic_compare_exchange_weak(&r->most, &most, inside))
            ;
        int64_t before = r->value;
        struct timespec stay = { 0, 20000 };
        nanosleep(&stay, NULL); /* readers stay long enough to meet */
        if (r->value != before)
            atomic_store(&r->together, true);
        atomic_fetch_sub(&r->inside, 1);
        r->ops->release_shared(r->lock, handle);
    }
    detach(r->ops, r->lock, handle);
}

/* L1 in shared mode: readers meet if LOCK_SHARED says so and only then; no writer among them. */
static void shares_as_declared(void **state)
{
    struct lock_rig r;

    rig_up(&r, *state);
    struct team team = { .body = read_or_write, .shared = &r };
    for (int round = 0; round < 10 && atomic_load(&r.most) < 2; round++)
        team_run(&team, 3, support_ms(20));
    assert_false(atomic_load(&r.together));
    if (r.ops->traits->features & LOCK_SHARED)
        assert_true(atomic_load(&r.most) >= 2);
    else
        assert_int_equal(atomic_load(&r.most), 1);
    rig_down(&r);
}

static void pair_once(struct team *team, unsigned number)
{
    struct lock_rig *r = team->shared;
    void *handle = attach(r->ops, r->lock);

    if (number == 0) {
        /* The value may change only while the others are kept out. */
        for (int i = 0; i < 1000; i++) {
            r->ops->acquire(r->lock, handle);
            r->value++;
            r->ops->release(r->lock, handle);
        }
    } else {
        r->ops->loops.pair(r->lock, handle, 1000);
        r->ops->acquire(r->lock, handle); /* the loop has given it back */
        r->value++;
        r->ops->release(r->lock, handle);
    }
    detach(r->ops, r->lock, handle);
}

/* The loop that benchmarks call acquires, and releases what it acquired. */
static void loop_leaves_it_free(void **state)
{
    struct lock_rig r;

    rig_up(&r, *state);
    struct team team = { .body = pair_once, .shared = &r };
    team_run(&team, 3, 0);
    assert_int_equal(r.value, 1002);
    rig_down(&r);
}

static void traits_are_true(void **state)
{
    const struct lock_ops *ops = *state;

    struct lock_rig r;
    struct lock_traits own;

    rig_up(&r, ops);
    ops->traits_of(r.lock, &own);
    assert_ptr_equal(own.id.name, ops->traits->id.name);
    rig_down(&r);
    assert_true(ops->traits->bytes >= ops->size);
    assert_true(ops->traits->id.name && ops->traits->id.title && ops->traits->id.reference);
    /* A lock either sleeps or spins, and says which. */
    assert_int_equal(!!(ops->traits->features & LOCK_SLEEPS),
                     !(ops->traits->id.flags & CONTEND_SPINS));
}

int main(void)
{
    static const struct check checks[] = {
        { "excludes", excludes },
        { "excludes under every option", excludes_under_every_option },
        { "accounts for its memory", accounts_for_its_memory },
        { "refuses unknown settings", refuses_unknown_settings },
        { "try as declared", try_as_declared },
        { "fini as declared", fini_as_declared },
        { "try shared as declared", try_shared_as_declared },
        { "handle serves as declared", handle_serves_as_declared },
        { "shares as declared", shares_as_declared },
        { "loop leaves it free", loop_leaves_it_free },
        { "traits are true", traits_are_true },
    };

    return support_run_locks("locks", checks, sizeof checks / sizeof *checks, 0);
}
