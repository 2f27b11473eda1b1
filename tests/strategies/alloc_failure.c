/*
 * alloc_failure.c - every allocation of ours fails once.
 */
#include <errno.h>
#include <stdlib.h>

#include "bench/check/map_model.h"
#include "tests/support/failing_heap.h"
#include "tests/support/support.h"
#ifdef TESTS_LIBURCU
#include "locks/parts/urcu_thread.h"
#endif

enum { ENOUGH = 400, HANDLES = 40, USERS = 3000 };

/* How often this thread has asked for liburcu: a failed call must not leave one behind. */
static unsigned registrations(void)
{
#ifdef TESTS_LIBURCU
    return contend_urcu_memb_registrations;
#else
    return 0;
#endif
}

/* All that a counter allocates: init, and attaching many. */
static bool use_counter(const struct counter_ops *ops, int fail_at)
{
    struct counter_config config = { 0 };
    void *object = support_alloc(ops->size), *handles[HANDLES];
    unsigned attached = 0;
    int64_t claps = 0;

    for (int i = 0; i < HANDLES; i++)
        handles[i] = support_alloc(ops->handle_size);
    heap_fails_after(fail_at);
    int error = ops->init(object, &config);
    bool made = error == 0;
    for (; error == 0 && attached < HANDLES; attached++) {
        error = ops->attach(object, handles[attached]);
        if (error)
            break;
        ops->add(object, handles[attached], 1);
        claps++;
    }
    bool failed = heap_failed();
    assert_true(error == 0 || (failed && error == -ENOMEM));
    if (made && error) /* a refused attach left everything as it was: the next one works */
        assert_int_equal(ops->attach(object, handles[attached++]), 0);
    for (unsigned i = 0; i < attached; i++)
        ops->quiescent(object, handles[i]);
    if (made)
        assert_int_equal(ops->read(object, handles[0]), claps);
    for (unsigned i = 0; i < attached; i++)
        ops->detach(object, handles[i]);
    if (made)
        assert_int_equal(ops->fini(object), 0);
    free(object);
    for (int i = 0; i < HANDLES; i++)
        free(handles[i]);
    return failed;
}

static void counter_survives(void **state)
{
    unsigned before = registrations();
    int k = 0;

    while (use_counter(*state, k)) {
        assert_int_equal(registrations(), before);
        assert_true(++k < ENOUGH);
    }
}

/* All that a lock allocates. */
static bool use_lock(const struct lock_ops *ops, int fail_at)
{
    void *lock = support_alloc(ops->size), *handle = support_alloc(ops->handle_size);

    heap_fails_after(fail_at);
    int error = ops->init(lock, NULL);
    bool made = error == 0;
    if (made)
        error = ops->attach(lock, handle);
    bool failed = heap_failed();
    assert_true(error == 0 || (failed && error == -ENOMEM));
    if (made && error) /* the refused attach left everything as it was */
        assert_int_equal(ops->attach(lock, handle), 0);
    if (made) {
        assert_int_equal(ops->acquire(lock, handle), 0);
        ops->release(lock, handle);
        ops->detach(lock, handle);
        assert_int_equal(ops->fini(lock), 0);
    }
    free(lock);
    free(handle);
    return failed;
}

static void lock_survives(void **state)
{
    int k = 0;

    while (use_lock(*state, k))
        assert_true(++k < ENOUGH);
}

enum { READERS = 3, CLAPS = 60 };

/* The same of bounded claps: init, attach, and claps where they allocate. */
static bool use_claps(const struct claps_ops *ops, int fail_at)
{
    const struct claps_config config = { .posts = 2, .readers = READERS };
    void *object = support_alloc(ops->size), *handle = support_alloc(ops->handle_size);
    int64_t granted = 0, last = 0;
    unsigned errors = 0;

    heap_fails_after(fail_at);
    int error = ops->init(object, &config);
    bool made = error == 0;
    if (made && (error = ops->attach(object, handle)) != 0)
        assert_int_equal(ops->attach(object, handle), 0);
    assert_true(error == 0 || error == -ENOMEM);
    errors += error != 0;
    for (uint64_t i = 0; made && i < CLAPS; i++) {
        bool undo = i % 4 == 3; /* by the reader of the clap before */
        int one = undo ? ops->unclap(object, handle, 1, (i - 1) % READERS, 1)
                       : ops->clap(object, handle, 1, i % READERS, 1);
        assert_true(one == 1 || one == -ENOMEM || (undo && errors && one == 0));
        errors += one < 0;
        granted += one < 0 ? 0 : undo ? -one : one;
        assert_int_equal(ops->total(object, handle, 1), granted);
    }
    if (made) {
        last = ops->remove(object, handle, 1);
        assert_true(last == granted || last == -ENOMEM);
        errors += last < 0;
        assert_int_equal(ops->total(object, handle, 1), last < 0 ? granted : -ENOENT);
        ops->detach(object, handle);
        assert_int_equal(ops->fini(object), 0);
    }
    bool failed = heap_failed();
    assert_true(errors <= failed); /* one failure shows as one -ENOMEM */
    free(object);
    free(handle);
    return failed;
}

static void claps_survive(void **state)
{
    unsigned before = registrations();
    int k = 0;

    while (use_claps(*state, k)) {
        assert_int_equal(registrations(), before);
        assert_true(++k < ENOUGH);
    }
    assert_true(k > 0);
}

/*
 * All that a map allocates: init, attach, inserts, growth, by itself and ahead, and a
 * second life after a sweep.  One failure must show as one -ENOMEM and change nothing else.
 */
static bool use_map(const struct presence_ops *ops, int fail_at, unsigned *errors)
{
    struct presence_config config = { .expected = 16, .origin = EPOCH - 1000 };
    void *object = support_alloc(ops->size), *handle = support_alloc(ops->handle_size);
    struct presence_stats s;
    uint64_t present = 0, users = USERS;

    if (!(ops->traits->features & PRESENCE_GROWS))
        config.expected = USERS;
    *errors = 0;
    heap_fails_after(fail_at);
    int error = ops->init(object, &config);
    if (error) {
        assert_true(heap_failed());
        assert_int_equal(error, -ENOMEM);
        ++*errors;
        free(object);
        free(handle);
        return true;
    }
    error = ops->attach(object, handle);
    if (error) {
        assert_int_equal(error, -ENOMEM);
        ++*errors;
        assert_int_equal(ops->attach(object, handle), 0);
    }
    for (uint64_t u = 0; u < users; u++) {
        int r = ops->heartbeat(object, handle, u, EPOCH);
        if (r == -ENOMEM) {
            ++*errors;
            assert_int_equal(seen(ops, object, handle, u, EPOCH), -ENOENT);
            r = ops->heartbeat(object, handle, u, EPOCH);
        }
        assert_int_equal(r, PRESENCE_CAME_ONLINE);
        present++;
        if (u == USERS / 3) {
            r = ops->reserve(object, handle, USERS);
            assert_true(r == 0 || r == -ENOTSUP || (r == -ENOMEM && heap_failed()));
            *errors += r == -ENOMEM;
        }
        if (u % 100 == 0)
            assert_int_equal(ops->count_online(object, handle, EPOCH), present);
    }
    bool failed = heap_failed();
    ops->stats(object, &s);
    assert_int_equal(s.entries, present);
    assert_int_equal(s.entries, s.inserts - s.swept - s.left);
    for (uint64_t u = 0; u < users; u++)
        assert_int_equal(seen(ops, object, handle, u, EPOCH), EPOCH);
    assert_true(map_swept(ops, ops->sweep(object, handle, EPOCH + 60000, UINT64_MAX, NULL), present));
    ops->detach(object, handle);
    assert_int_equal(ops->fini(object), 0);
    free(object);
    free(handle);
    return failed;
}

static void map_survives(void **state)
{
    unsigned errors, before = registrations();
    int k = 0, stride = 1;

    /* The first allocations one by one; of thousands of equal nodes a sample. */
    for (; use_map(*state, k, &errors); k += stride) {
        assert_int_equal(registrations(), before);
        assert_true(errors <= 1); /* it may be absorbed (growth put off), not multiplied */
        stride = k < 100 ? 1 : k / 4;
        assert_true(k < 1000000);
    }
    assert_true(k > 0);
}

/* The same of distinct clappers, who need memory for init alone: the set is whole, or there is none. */
static bool use_distinct(const struct distinct_ops *ops, int fail_at)
{
    const struct distinct_config config = { .readers = READERS };
    void *object = support_alloc(ops->size), *handle = support_alloc(ops->handle_size);

    heap_fails_after(fail_at);
    int error = ops->init(object, &config);
    assert_true(error == 0 || error == -ENOMEM);
    bool made = error == 0;
    if (made) {
        error = ops->attach(object, handle);
        if (error)
            assert_int_equal(ops->attach(object, handle), 0);
        for (uint64_t reader = 0; reader < READERS; reader++)
            assert_int_equal(ops->insert(object, handle, reader), 0);
        assert_int_equal(ops->count(object, handle), READERS);
        ops->detach(object, handle);
        assert_int_equal(ops->fini(object), 0);
    }
    bool failed = heap_failed();
    assert_int_equal(error, failed ? -ENOMEM : 0); /* it shows, and nothing else does */
    free(object);
    free(handle);
    return failed;
}

static void distinct_survives(void **state)
{
    int k = 0;

    while (use_distinct(*state, k))
        assert_true(++k < ENOUGH);
    assert_true(k > 0);
}

int main(void)
{
    static const struct check for_locks[] = { { "survives failed allocations", lock_survives } };
    static const struct check for_counters[] = { { "survives failed allocations",
                                                   counter_survives } };
    static const struct check for_maps[] = { { "survives failed allocations", map_survives } };

    static const struct check for_claps[] = { { "survives failed allocations", claps_survive } };
    static const struct check for_distinct[] = { { "survives failed allocations",
                                                   distinct_survives } };
    const struct family_checks all = { .locks = CHECKS(for_locks), .counters = CHECKS(for_counters),
                                       .claps = CHECKS(for_claps), .distinct = CHECKS(for_distinct),
                                       .maps = CHECKS(for_maps) };

    return support_run("failed allocations", &all, 0);
}
