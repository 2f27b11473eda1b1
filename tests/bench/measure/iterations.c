/*
 * iterations.c - equal numbers of operations on an object that serves one thread ten times as fast
 * as the other: what is reported, and what was done.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "bench/engine/subject.h"
#include "bench/measure/iterations.h"

enum { FAST_NS = 2000000, SLOW_NS = 20000000 }; /* of a call of `run` */

enum { UNEQUAL, EVEN, LOST, REFUSED, STUCK, CASES };

static _Atomic unsigned created, destroyed, attached, detached;

static struct contestant contestants[CASES];

/* Which case it is: the contestants differ in nothing else. */
static unsigned case_of(const struct subject *s)
{
    return (unsigned)(s->who - contestants);
}

static int create(struct subject *s)
{
    created++;
    return case_of(s) == REFUSED ? -ENOSPC : 0;
}

static void destroy(struct subject *s)
{
    (void)s;
    destroyed++;
}

static int attach(struct subject *s, struct subject_worker *w, uint64_t seed, unsigned number)
{
    (void)s, (void)seed;
    w->claps = number;
    attached++;
    return 0;
}

static void detach(struct subject *s, struct subject_worker *w)
{
    (void)s, (void)w;
    detached++;
}

static void run(struct subject *s, struct subject_worker *w, size_t n, uint64_t now)
{
    long ns = case_of(s) == UNEQUAL && w->claps == 0 ? FAST_NS : SLOW_NS;

    (void)n, (void)now;
    if (case_of(s) == STUCK && w->steps++ == 0)
        return; /* so fast that many more are asked for */
    ns *= case_of(s) == STUCK ? 20 : 1;
    nanosleep(&(struct timespec){ .tv_nsec = ns }, NULL);
}

static void verify(struct subject *s, const struct subject_worker *workers, unsigned count,
                   struct window_result *out)
{
    (void)workers, (void)count;
    out->error = case_of(s) == LOST ? -EILSEQ : 0;
    snprintf(out->why, sizeof out->why, "lost some");
}

static const struct subject_kind kind = {
    .create = create, .destroy = destroy, .attach = attach, .detach = detach, .run = run,
    .verify = verify,
};

/* google-benchmark runs once in a process; so there is one case for all of it. */
static void what_equal_numbers_hide(void **state)
{
    static const struct contestant *who[CASES];
    static struct iterations_result out[CASES];
    struct workload workload = { .name = "test", .subject = &kind, .write_percent = 100 };
    struct cell cell = { .workload = &workload, .users = 1, .posts = 1, .threads = 2 };

    (void)state;
    for (unsigned i = 0; i < CASES; i++) {
        contestants[i] = contestant_at(&family_counter, 0);
        who[i] = &contestants[i];
    }
    assert_int_equal(iterations_run(&cell, who, CASES, 1, 2000000000, out), 0);
    assert_int_equal(out[UNEQUAL].error, 0);
    /* All over the mean of 1 and 10 is 1.8 times all over 10. */
    assert_true(out[UNEQUAL].says_per_s > 1.4 * out[UNEQUAL].real_per_s);
    assert_true(out[UNEQUAL].first_done > 0 && out[UNEQUAL].first_done < 0.5);
    assert_int_equal(out[EVEN].error, 0);
    assert_true(out[EVEN].says_per_s < 1.3 * out[EVEN].real_per_s && out[EVEN].first_done > 0.6);
    assert_int_equal(out[LOST].error, -EILSEQ);
    assert_string_equal(out[LOST].why, "lost some");
    assert_int_equal(out[REFUSED].error, -ENOSPC);
    assert_int_equal(out[STUCK].error, -ETIME);
    assert_int_equal(attached, detached);
    assert_true(created > CASES && destroyed > 0 && destroyed < created);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(what_equal_numbers_hide) };

    return cmocka_run_group_tests_name("iterations", tests, NULL, NULL);
}
