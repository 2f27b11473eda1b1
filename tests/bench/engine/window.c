/*
 * window.c - one window of a subject that the test makes: its phases, its roles, what is
 * left after an error, and whose processor time counts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

#include "bench/engine/subject.h"
#include "tests/support/failing_threads.h"

enum { READINGS = 1 << 16, MOST = 16 };

/* What the subject should do, and what it saw.  A worker asserts nothing itself: it counts. */
static struct {
    int attaches_left; /* the next one fails when none is left; negative: all succeed */
    bool owns_thread;
    unsigned parts;    /* of the prefill */

    _Atomic unsigned attached, detached, filled, swept, created, destroyed, verified;
    _Atomic unsigned early; /* calls before the phase that they need was over */
    _Atomic unsigned odd;   /* calls with arguments that are not as expected */
    uint64_t runs_of[MOST];

    pthread_t own;
    _Atomic bool leave;
    clockid_t own_clock;
    uint64_t at_ns[READINGS], own_cpu_ns[READINGS]; /* of worker 0, at each of its runs */
    uint64_t readings;
} seen;

static uint64_t read_clock(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* The thread of the object's own: always busy. */
static void *burn(void *arg)
{
    while (!atomic_load(&seen.leave))
        ;
    return arg;
}

static int create(struct subject *s)
{
    (void)s;
    seen.created++;
    if (!seen.owns_thread)
        return 0;
    assert_int_equal(pthread_create(&seen.own, NULL, burn, NULL), 0);
    return -pthread_getcpuclockid(seen.own, &seen.own_clock);
}

static void destroy(struct subject *s)
{
    (void)s;
    seen.destroyed++;
    if (!seen.owns_thread)
        return;
    atomic_store(&seen.leave, true);
    pthread_join(seen.own, NULL);
}

static pthread_mutex_t attaching = PTHREAD_MUTEX_INITIALIZER;

static int attach(struct subject *s, struct subject_worker *w, uint64_t seed, unsigned number)
{
    (void)s, (void)seed;
    w->at = number;
    pthread_mutex_lock(&attaching);
    bool fails = seen.attaches_left == 0;
    seen.attaches_left -= seen.attaches_left > 0;
    pthread_mutex_unlock(&attaching);
    if (fails)
        return -EAGAIN;
    seen.attached++;
    return 0;
}

static void detach(struct subject *s, struct subject_worker *w)
{
    (void)s, (void)w;
    seen.detached++;
}

static void prefill(struct subject *s, struct subject_worker *w, unsigned part, unsigned parts)
{
    seen.early += seen.attached < s->cell->threads + s->cell->workload->sweeper;
    seen.odd += parts != seen.parts || part != w->at;
    seen.filled++;
}

static void run(struct subject *s, struct subject_worker *w, size_t n, uint64_t now)
{
    seen.early += seen.filled < seen.parts;
    seen.odd += w->at >= s->cell->threads || now < SUBJECT_EPOCH_MS;
    seen.runs_of[w->at] += n;
    if (!seen.owns_thread)
        return;
    nanosleep(&(struct timespec){ .tv_nsec = 200000 }, NULL);
    if (w->at == 0 && seen.readings < READINGS) {
        seen.at_ns[seen.readings] = contend_clock_ns();
        seen.own_cpu_ns[seen.readings++] = read_clock(seen.own_clock);
    }
}

static void sweep(struct subject *s, struct subject_worker *w, uint64_t now)
{
    (void)s, (void)now;
    w->swept++;
    seen.swept++;
}

static void verify(struct subject *s, const struct subject_worker *workers, unsigned count,
                   struct window_result *out)
{
    (void)s, (void)workers, (void)out;
    assert_int_equal(seen.detached, count);
    seen.verified++;
}

static const struct subject_kind kind = {
    .create = create, .destroy = destroy, .attach = attach, .detach = detach, .prefill = prefill,
    .run = run, .sweep = sweep, .verify = verify,
};

/* One window of half reads and half writes, on this subject. */
static int run_window(unsigned threads, unsigned readers, bool sweeper, struct window_result *out)
{
    struct workload workload = {
        .name = "fake", .title = "a subject of the test", .subject = &kind,
        .write_percent = 50, .read_percent = 50, .sweeper = sweeper,
    };
    struct cell cell = {
        .workload = &workload, .users = 1, .posts = 1, .threads = threads, .readers = readers,
    };
    struct contestant nobody = { .again = false };
    struct window_settings settings = { .length_ns = 20000000, .warmup_ns = 2000000 };

    assert_int_equal(sched_getaffinity(0, sizeof settings.allowed, &settings.allowed), 0);
    unsigned cpus = (unsigned)CPU_COUNT(&settings.allowed);
    seen.parts = threads < cpus ? threads : cpus;
    settings.length_ns *= seen.owns_thread ? 15 : 1;
    return window_run(NULL, &cell, &nobody, &settings, out);
}

static int forget(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof seen);
    seen.attaches_left = -1;
    return 0;
}

/* Crowded: with more workers than processors one fills the part of each processor. */
static void phases_follow_each_other(void **state)
{
    unsigned threads = contend_cpu_count() + 1 < MOST ? contend_cpu_count() + 1 : MOST;
    struct window_result out;
    uint64_t runs = 0;

    (void)state;
    assert_int_equal(run_window(threads, 0, true, &out), 0);
    assert_int_equal(seen.attached, threads + 1);
    assert_int_equal(seen.detached, threads + 1);
    assert_int_equal(seen.filled, seen.parts);
    assert_int_equal(seen.early, 0);
    assert_int_equal(seen.odd, 0);
    assert_int_equal(seen.verified, 1);
    assert_int_equal(seen.created, 1);
    assert_int_equal(seen.destroyed, 1);
    assert_true(out.swept == seen.swept);
    for (unsigned i = 0; i < threads; i++)
        runs += seen.runs_of[i];
    assert_in_range(out.ops, 1, runs - 1); /* without the warm-up */
    assert_true(isnan(out.readers_per_s) && isnan(out.writers_per_s));
    assert_true(out.jain > 0 && out.jain <= 1 + 1e-9);
}

static void roles_have_rates_of_their_own(void **state)
{
    struct window_result out;

    (void)state;
    assert_int_equal(run_window(3, 1, false, &out), 0);
    assert_int_equal(seen.early, 0);
    assert_int_equal(seen.odd, 0);
    assert_true(out.readers_per_s >= 0 && out.writers_per_s >= 0);
    assert_true(fabs(out.readers_per_s + out.writers_per_s - out.ops_per_s) <=
                1e-6 * out.ops_per_s);
}

/* Those that did attach detach, the object is destroyed, and there is no rate. */
static void a_worker_that_cannot_attach_ends_all(void **state)
{
    for (int k = 0; k < 4; k++) {
        struct window_result out;
        forget(state);
        seen.attaches_left = k;
        assert_int_equal(run_window(3, 0, true, &out), -EAGAIN);
        assert_non_null(strstr(out.why, "could not attach"));
        assert_int_equal(seen.attached, seen.detached);
        assert_int_equal(seen.filled, 0);
        assert_int_equal(seen.verified, 0);
        assert_int_equal(seen.destroyed, 1);
        assert_int_equal(out.ops, 0);
    }
}

static void a_thread_that_cannot_be_made_ends_all(void **state)
{
    unsigned before = threads_counted();

    /* One goes to the measurement of the line between the processors, where there are two. */
    for (int k = 0; k < 4; k++) {
        struct window_result out;
        forget(state);
        threads_fail_after(k);
        assert_int_equal(run_window(3, 0, true, &out), -EAGAIN);
        threads_fail_after(-1);
        assert_non_null(strstr(out.why, "no thread could be made"));
        assert_int_equal(seen.attached, 0);
        assert_int_equal(seen.destroyed, 1);
        threads_come_to(before);
    }
}

static void what_cannot_be_measured_is_refused(void **state)
{
    struct window_result out;

    (void)state;
    assert_int_equal(run_window(0, 0, false, &out), -EINVAL);
    assert_int_equal(run_window(WINDOW_MAX_THREADS + 1, 0, false, &out), -EINVAL);
    assert_int_equal(run_window(2, 3, false, &out), -EINVAL);
    assert_int_equal(seen.created, 0);
}

/*
 * Worker 0 saw what the object's thread burnt from early in the window to its end; the cost of
 * the operations has all of it, up to the tick by which the kernel may be late.
 */
static void a_thread_of_the_object_is_part_of_the_cost(void **state)
{
    const double late_ns = 20e6;
    struct window_result out;
    uint64_t i;

    (void)state;
    seen.owns_thread = true;
    assert_int_equal(run_window(1, 0, false, &out), 0);
    assert_true(seen.readings > 1);
    uint64_t last = seen.readings - 1, begin = seen.at_ns[last] - (uint64_t)(out.seconds * 0.95e9);
    for (i = last; i > 0 && seen.at_ns[i - 1] >= begin; i--)
        ;
    double burnt = (double)(seen.own_cpu_ns[last] - seen.own_cpu_ns[i]);
    double cost = out.cpu_ns_per_op * (double)out.ops;
    print_message("# %.1f ms burnt, %.1f ms counted\n", burnt / 1e6, cost / 1e6);
    assert_true(cost + late_ns >= burnt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(phases_follow_each_other, forget),
        cmocka_unit_test_setup(roles_have_rates_of_their_own, forget),
        cmocka_unit_test_setup(a_worker_that_cannot_attach_ends_all, forget),
        cmocka_unit_test_setup(a_thread_that_cannot_be_made_ends_all, forget),
        cmocka_unit_test_setup(what_cannot_be_measured_is_refused, forget),
        cmocka_unit_test_setup(a_thread_of_the_object_is_part_of_the_cost, forget),
    };

    return cmocka_run_group_tests_name("window", tests, NULL, NULL);
}
