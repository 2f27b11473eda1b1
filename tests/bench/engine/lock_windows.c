/*
 * lock_windows.c - a window of a lock sees two threads inside at once, and ends with any
 * number of threads that spin.
 */
#include <math.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/engine/window.h"
#include "locks/lock.h"
#include "locks/parts/platform.h"
#include "tests/support/support.h"

static const struct window_settings *settings(uint64_t ms)
{
    static struct window_settings s;

    s = (struct window_settings){ .length_ns = ms * 1000000, .warmup_ns = ms * 100000,
                                  .seed = support_seed() };
    assert_int_equal(sched_getaffinity(0, sizeof s.allowed, &s.allowed), 0);
    return &s;
}

static struct cell cell_of(const char *workload, unsigned threads, unsigned readers)
{
    const struct workload *w = workload_find(workload);

    assert_non_null(w);
    return (struct cell){ .workload = w, .users = 1, .posts = 1, .threads = threads,
                          .readers = readers };
}

/* A busy machine may give no thread a turn in so short a window. */
static int run_until_started(const struct cell *cell, const struct lock_ops *ops, uint64_t ms,
                             struct window_result *result)
{
    const struct contestant who = { .family = &family_lock, .ops = ops };
    int error;

    do
        error = window_run(NULL, cell, &who, settings(ms), result);
    while (result->starved);
    return error;
}

static void sections_are_counted(void **state)
{
    static const char *const names[] = { "sections", "sections_100", "sections_outside_100",
                                         "execute", "execute_100", "shared_90",
                                         "shared_99_100" };
    const struct lock_ops *ops = *state;
    struct window_result r;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct cell cell = cell_of(names[i], 2, 0);
        assert_int_equal(run_until_started(&cell, ops, 5, &r), 0);
        assert_true(r.ops > 0 && r.cpu_ns_per_op > 0);
        assert_int_equal(r.bytes, ops->traits->bytes +
                                      2 * (ops->handle_size + ops->traits->handle_heap));
    }
}

static void readers_share(void **state)
{
    struct cell cell = cell_of("sections_100", 3, 2);
    struct window_result r;

    assert_int_equal(run_until_started(&cell, *state, 20, &r), 0);
    assert_true(r.readers_per_s + r.writers_per_s > 0);
}

/* Waiters that spin take the processor from the holder: slow, and yet every window ends. */
static void a_crowd_comes_to_an_end(void **state)
{
    struct cell cell = cell_of("sections", 4 * (unsigned)sysconf(_SC_NPROCESSORS_ONLN), 0);
    struct window_result r;

    cell.threads = cell.threads < WINDOW_MAX_THREADS ? cell.threads : WINDOW_MAX_THREADS;
    assert_int_equal(run_until_started(&cell, *state, 10, &r), 0);
}

/* ---- wrong on purpose ---- */

static const struct lock_ops *good;

/* As if another thread had stored over one addition. */
static uint64_t lose_one(void *lock, void *handle, size_t n, const struct lock_sections *s)
{
    uint64_t work = good->loops.sections(lock, handle, n, s);

    --*s->guarded;
    return work;
}

static uint64_t see_a_writer(void *lock, void *handle, const int8_t *step, size_t n,
                             const struct lock_sections *s, size_t *torn)
{
    ++*torn;
    return good->loops.mixed(lock, handle, step, n, s, torn);
}

/* ---- who follows whom ---- */

static _Atomic(void *) last_handle;

/* Waits, at most for a while, until another thread has had the lock. */
static int be_polite(void *lock, void *handle)
{
    uint64_t patience_ns = contend_clock_ns() + 20000000;
    int error;

    while (atomic_load(&last_handle) == handle && contend_clock_ns() < patience_ns)
        sched_yield();
    error = good->acquire(lock, handle);
    atomic_store(&last_handle, handle);
    return error;
}

/* The first thread that comes has it for ever, and is slow. */
static int be_greedy(void *lock, void *handle)
{
    void *none = NULL;

    atomic_compare_exchange_strong(&last_handle, &none, handle);
    if (atomic_load(&last_handle) != handle)
        return -EBUSY;
    nanosleep(&(struct timespec){ .tv_nsec = 100000 }, NULL);
    return good->acquire(lock, handle);
}

static void hand_overs_and_waits_are_seen(void **state)
{
    struct lock_ops ops = *(const struct lock_ops *)*state;
    struct cell cell = cell_of("sections", 2, 0), alone = cell_of("sections", 1, 0);
    struct window_result r;

    good = *state;
    if (strcmp(good->traits->id.name, family_reference(&family_lock)) != 0)
        skip(); /* what is tried is the window, so one lock is enough */
    assert_int_equal(run_until_started(&alone, good, 5, &r), 0);
    assert_true(isnan(r.hand_overs) && isnan(r.longest_wait_ns));
    atomic_store(&last_handle, NULL);
    ops.acquire = be_polite;
    assert_int_equal(run_until_started(&cell, &ops, 50, &r), 0);
    assert_true(r.hand_overs > 0.4 && r.hand_overs <= 1);
    atomic_store(&last_handle, NULL);
    ops.acquire = be_greedy;
    assert_int_equal(run_until_started(&cell, &ops, 50, &r), 0);
    /* None at all where it had the lock before the window began. */
    assert_true(r.hand_overs >= 0 && r.hand_overs < 0.4 && r.longest_wait_ns >= 100000);
}

static void must_be_wrong(const struct lock_ops *broken, unsigned readers, const char *sentence)
{
    struct cell cell = cell_of("sections", readers + 1, readers);
    struct window_result r;

    assert_int_equal(run_until_started(&cell, broken, 5, &r), -EILSEQ);
    assert_non_null(strstr(r.why, sentence));
}

static void sees_two_holders(void **state)
{
    struct lock_ops broken = *(const struct lock_ops *)*state;

    good = *state;
    broken.loops.sections = lose_one;
    must_be_wrong(&broken, 0, "two threads held the lock at once");
    broken = *good;
    broken.loops.mixed = see_a_writer;
    must_be_wrong(&broken, 1, "saw a writer at work");
}

int main(void)
{
    static const struct check checks[] = {
        { "sections are counted", sections_are_counted },
        { "readers share", readers_share },
        { "a crowd comes to an end", a_crowd_comes_to_an_end },
        { "hand-overs and waits are seen", hand_overs_and_waits_are_seen },
        { "sees two holders", sees_two_holders },
    };

    return support_run_locks("lock_windows", checks, sizeof checks / sizeof *checks, 0);
}
